"""The organisation's working calendar: its week, its holidays, and days counted by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Date, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback import clock
from feedback.core.organisation import Pictured, the_organisation
from feedback.db import Base, name

DAY = timedelta(days=1)
WEEK = frozenset(range(7))  # Monday is 0


class Holiday(Pictured, Base):
    """A day on which nobody answers, whatever day of the week it is."""

    __tablename__ = "holiday"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    name: Mapped[name]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working calendar at one moment; loaded once and asked as often as needed."""

    zone: str = "UTC"
    working_days: frozenset[int] = frozenset(range(5))
    holidays: frozenset[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        """Whether someone answers on that day."""
        return day.weekday() in self.working_days and day not in self.holidays

    def working_day_after(self, at: datetime, n: int) -> date:
        """The `n`th working day (1 or more) after the day on which `at` falls in the organisation's zone."""
        day, left = clock.day(at, self.zone), n
        while left > 0:
            day += DAY
            left -= self.is_working_day(day)
        return day

    def due(self, at: datetime, n: int) -> datetime:
        """The moment at which the `n`th working day after `at` is over, in UTC."""
        return self.end_of(self.working_day_after(at, n))

    def end_of(self, day: date) -> datetime:
        """The first moment after that day: where clocks skip or repeat midnight, the one at which the date changes."""
        return datetime.combine(day + DAY, time(), ZoneInfo(self.zone)).astimezone(UTC)


def the_calendar(session: Session) -> Calendar:
    """The organisation's calendar; a week without working days would never end, and counts as seven."""
    known = the_organisation(session)
    if known is None:
        return Calendar()
    return Calendar(
        zone=known.timezone,
        working_days=frozenset(known.working_days) & WEEK or WEEK,
        holidays=frozenset(session.scalars(select(Holiday.day))),
    )


def holidays(session: Session, *, since: date | None = None) -> Sequence[Holiday]:
    """All holidays in their order, from the day `since` on."""
    statement = select(Holiday).order_by(Holiday.day)
    return session.scalars(statement.where(Holiday.day >= since) if since else statement).all()


def add_holiday(session: Session, day: date, called: str) -> Holiday:
    """Make `day` a holiday, or call the one it is differently."""
    holiday = session.get(Holiday, day)
    if holiday is None:
        holiday = Holiday(day=day, name=called)
        session.add(holiday)
    holiday.name = called
    session.flush()
    return holiday


def remove_holiday(session: Session, day: date) -> Holiday | None:
    """Make `day` a day like any other; the holiday it was, None where it was none."""
    holiday = session.get(Holiday, day)
    if holiday is not None:
        session.delete(holiday)
        session.flush()
    return holiday
