"""Lists of cases, page by page: what is overdue first, the longest first, then everything else, newest first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session, aliased

from feedback import clock
from feedback.core.access import Viewer
from feedback.core.cases import searching, walking
from feedback.core.cases.filters import Filters
from feedback.core.cases.model import Case
from feedback.core.cases.reach import visible_to
from feedback.core.people import Department, Person, Place
from feedback.core.submissions import Submission

FIRST = datetime(2000, 1, 1, tzinfo=UTC)
_CURSOR = re.compile(r"(?:o([0-9]{1,18})\.([0-9]{1,18})\.|n([0-9]{1,18})\.)?([0-9]{1,19})", re.ASCII)
_LARGEST = 2**63 - 1


class NoSuchPage(Exception):
    """The place from which a list was to go on was not written by a list."""


@dataclass(frozen=True, slots=True)
class Row:
    """A case as a list shows it; the next page goes on after its `cursor`."""

    case: Case
    submission: Submission
    department: str | None
    place: str | None
    handler: str | None
    cursor: str
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Where a list goes on: after which case, and what was overdue when its first page was shown.

    What is overdue is decided once, by the time of the first page: were it by the clock, a case that becomes overdue
    between two pages would leave the part that is still to come for the one that was read already. A case that is
    overdue no longer simply comes with the others, by its date. A plain id is "older than that case", all of them.
    """

    at: datetime | None = None
    due_at: datetime | None = None
    id: int | None = None

    @classmethod
    def read(cls, text: str, now: datetime) -> "_Cursor":
        """Raises NoSuchPage."""
        if not text:
            return cls(at=now)
        found = _CURSOR.fullmatch(text)
        if found is None or int(found[4]) > _LARGEST:
            raise NoSuchPage
        at, due_at, since, id = found.groups()
        try:
            return cls(_moment(at or since), _moment(due_at), int(id))
        except OverflowError:
            raise NoSuchPage from None

    @property
    def is_late(self) -> bool:
        """Whether the list is still among what is overdue."""
        return self.at is not None and (self.id is None or self.due_at is not None)

    def __str__(self) -> str:
        if self.at is None:
            return f"{self.id}"
        if self.due_at is not None:
            return f"o{_micros(self.at)}.{_micros(self.due_at)}.{self.id}"
        return f"n{_micros(self.at)}.{self.id}"


def page(
    session: Session, viewer: Viewer, filters: Filters, *, after: str = "", size: int, at: datetime | None = None
) -> list[Row]:
    """Up to `size` visible cases after the cursor `after`. Raises NoSuchPage.

    What one only reads along stands at its date, overdue or not: it is not theirs to hurry. Words searched for are
    found newest first throughout.
    """
    now = at or filters.overdue_at or clock.now()
    start = _Cursor.read(after, now)
    places = (
        _found(session, viewer, filters, start, size) if filters.q else _listed(session, viewer, filters, start, size)
    )
    rows = _rows(session, viewer, [place.id or 0 for place in places])
    return [_row(rows[place.id or 0], place, start.at or now) for place in places if place.id in rows]


def count(session: Session, viewer: Viewer, filters: Filters, *, most: int = 1001) -> int:
    """How many visible cases there are, counted up to `most`: beyond it, "1,000+" is all anyone needs."""
    if filters.q:
        return len(searching.newest(session, viewer, filters, before=None, most=most))
    return len(walking.newest(session, viewer, filters, most=most))


def count_each(session: Session, viewer: Viewer, lists: Sequence[Filters], *, most: int) -> list[tuple[int, bool]]:
    """As count(), of several lists, each with whether there are more: one statement for all that search no words."""
    wordless = iter(walking.counts(session, viewer, [one for one in lists if not one.q], most=most))
    return [_count(session, viewer, one, most) if one.q else next(wordless) for one in lists]


def _count(session: Session, viewer: Viewer, filters: Filters, most: int) -> tuple[int, bool]:
    n = count(session, viewer, filters, most=most + 1)
    return min(n, most), n > most


def handles_any(session: Session, viewer: Viewer) -> bool:
    """Whether any case is the viewer's to see, so that their menu shows the list."""
    return bool(walking.newest(session, viewer, Filters(), most=1))


def _found(session: Session, viewer: Viewer, filters: Filters, start: _Cursor, size: int) -> list[_Cursor]:
    return [_Cursor(id=id) for id in searching.newest(session, viewer, filters, before=start.id, most=size)]


def _listed(session: Session, viewer: Viewer, filters: Filters, start: _Cursor, size: int) -> list[_Cursor]:
    found: list[_Cursor] = []
    if start.at is not None and start.is_late:
        beyond = (start.due_at, start.id) if start.due_at and start.id is not None else None
        late = walking.overdue(
            session,
            viewer,
            replace(filters, overdue_at=filters.overdue_at and start.at),
            start.at,
            beyond=beyond,
            most=size,
        )
        found = [_Cursor(start.at, due_at, id) for due_at, id in late]
    if len(found) == size or (filters.overdue_at is not None and start.at is not None):
        return found
    before = None if start.is_late else start.id
    rest = walking.newest(session, viewer, filters, before=before, most=size - len(found), but_overdue_at=start.at)
    return [*found, *(_Cursor(start.at, None, id) for id in rest)]


def _rows(session: Session, viewer: Viewer, ids: list[int]) -> dict[int, tuple[Case, Submission, str, str, str]]:
    """What the list shows of each; asked once more through what the viewer may see."""
    handler = aliased(Person)
    statement = (
        visible_to(viewer)
        .where(Case.id.in_(ids))
        .join(Submission, Submission.id == Case.id)
        .outerjoin(Department, Department.id == Case.department_id)
        .outerjoin(Place, Place.id == Case.place_id)
        .outerjoin(handler, handler.id == Case.handler_id)
        .add_columns(Submission, Department.name, Place.name, handler.name)
    )
    return {row[0].id: tuple(row) for row in session.execute(statement)} if ids else {}


def _row(found: tuple[Case, Submission, str, str, str], place: _Cursor, at: datetime) -> Row:
    due_at = found[0].due_at
    return Row(*found, cursor=str(place), is_overdue=due_at is not None and due_at <= at)


def _moment(text: str | None) -> datetime | None:
    return FIRST + timedelta(microseconds=int(text)) if text else None


def _micros(at: datetime) -> int:
    return (at - FIRST) // timedelta(microseconds=1)
