"""The one source of the present moment; tests set it, everything else asks it."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present moment in UTC, to the microsecond."""
    return datetime.now(UTC)


def day(moment: datetime, zone: str) -> date:
    """The calendar day of `moment` where the clocks show `zone` (an IANA name)."""
    return moment.astimezone(ZoneInfo(zone)).date()
