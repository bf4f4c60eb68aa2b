"""What an admin settles about the organisation, changed with an entry in the log for each thing that differs."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import available_timezones

from sqlalchemy.orm import Session

from feedback.core import audit, calendar, files
from feedback.core.files import Picture
from feedback.core.organisation import ONLY, Organisation, touch

SETTLED = (
    "name",
    "accent",
    "timezone",
    "languages",
    "language",
    "working_days",
    "answer_days",
    "outside_reader",
    "staff_names",
)
UNSAID = {"languages", "working_days", "staff_names"}  # of which the log says only that they changed


@cache
def zones() -> Sequence[str]:
    """The names of all time zones by which people know theirs, in order."""
    areas = {name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/", "US/"))}
    return ["UTC", *sorted(areas)]


@cache
def _by_small_letters() -> Mapping[str, str]:
    return {name.casefold(): name for name in available_timezones()}


def zone_called(text: str) -> str | None:
    """The time zone that `text` means, typed in any case and with spaces; None where there is none."""
    return _by_small_letters().get("_".join(text.split()).casefold())


def change(session: Session, organisation: Organisation, said: Mapping[str, object], at: datetime, by_id: int) -> int:
    """Let the organisation be as `said` (some of SETTLED, checked by the form); how many things differ now."""
    said = {key: said[key] for key in SETTLED if key in said}
    differing = [key for key, value in said.items() if _plain(getattr(organisation, key)) != _plain(value)]
    for key in differing:
        details = {} if key in UNSAID else {"before": _shown(organisation, key), "after": str(said[key] or "–")}
        setattr(organisation, key, said[key])
        _note(session, key, at, by_id, details)
    return len(differing)


def show_logo(
    session: Session, organisation: Organisation, folder: Path, picture: Picture, at: datetime, by_id: int
) -> None:
    """Show `picture`, kept in the data folder `folder`, as the organisation's logo from now on."""
    organisation.logo_id = files.keep(session, folder, picture, at).id
    _note(session, "logo", at, by_id)


def remove_logo(session: Session, organisation: Organisation, at: datetime, by_id: int) -> bool:
    """Show no logo from now on; False where there was none."""
    if organisation.logo_id is None:
        return False
    organisation.logo_id = None
    _note(session, "no_logo", at, by_id)
    return True


def add_holiday(session: Session, day: date, called: str, at: datetime, by_id: int) -> None:
    """Let nobody have to answer on `day`."""
    touch(session.connection())  # of two at once the second waits here, and sees the first
    calendar.add_holiday(session, day, called)
    _note(session, "holiday", at, by_id, {"day": day.isoformat(), "name": called})


def remove_holiday(session: Session, day: date, at: datetime, by_id: int) -> bool:
    """Make `day` a day like any other; False where it was one already."""
    touch(session.connection())
    holiday = calendar.remove_holiday(session, day)
    if holiday is None:
        return False
    _note(session, "no_holiday", at, by_id, {"day": day.isoformat(), "name": holiday.name})
    return True


def _plain(value: object) -> object:
    """A list as a set: which languages and days, not in which order."""
    return frozenset(value) if isinstance(value, list) else value


def _shown(organisation: Organisation, key: str) -> str:
    return str(getattr(organisation, key) or "–")


def _note(session: Session, act: str, at: datetime, by_id: int, details: Mapping[str, str] | None = None) -> None:
    audit.note(session, "organisation", ONLY, act, at, by_id=by_id, details=details)
