"""How many cases each filter would leave: a number beside every choice, whatever the size of the store.

Exact numbers of a million cases cost a second. So a tally looks at no more than LOOKED_AT cases for each question, and
says "so many, and more" where there were more: what is usually worked with (open cases, one's own department) is
smaller, and so exact. What would come out too low to be of use, and has an index of its own, is counted along that
index up to a cap: for who sees everything each status, department, place and handler, for a manager each of
their departments. That makes one statement without filters in a small store, eight in a large one, and one more for
each filter in use, because beside a filter stands what the others leave.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from feedback import clock
from feedback.core import access
from feedback.core.access import Viewer
from feedback.core.cases import searching, walking
from feedback.core.cases.filters import FIELDS, NOBODY, OPEN, Filters
from feedback.core.cases.model import Case, Status
from feedback.core.cases.reach import handlers_seen, places_seen
from feedback.core.people import Department, Person, Place
from feedback.core.submissions import Concern

LOOKED_AT = 1_000  # cases, for each question
FOUND = 300  # cases that hold the words searched for
MOST = 1_000  # beyond it, "1,000+" is all anyone needs
MOST_EACH = 100  # of one department, place or handler among a hundred
LATE = "yes"  # the one value of the filter for what is overdue
UNASSIGNED = str(NOBODY)

Number = tuple[int, bool]
Numbers = dict[tuple[str, str], Number]


@dataclass(frozen=True, slots=True)
class Tally:
    """Numbers beside filters, each with whether there are more than it says."""

    total: Number
    numbers: Mapping[tuple[str, str], Number]
    open_ended: frozenset[str]  # filters with values that were perhaps not come across

    def of(self, name: str, value: str) -> Number:
        """How many cases there are with that value of the filter `name`, with the other filters as they are.

        0 and True where none was met among those looked at, though there may be some.
        """
        return self.numbers.get((name, value), (0, name in self.open_ended))


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look at some cases gave."""

    seen: Counter[tuple[str, str]]
    n: int
    is_whole: bool

    def numbers(self, names: Iterable[str]) -> Numbers:
        return {key: _capped(n, more=not self.is_whole) for key, n in self.seen.items() if key[0] in names}


def tally(session: Session, viewer: Viewer, filters: Filters, *, at: datetime | None = None) -> Tally:
    """The number of cases beside each value of each filter, of those the viewer may see."""
    now = at or filters.overdue_at or clock.now()
    used = filters.in_use()
    base = _look(session, viewer, filters, now)
    looks = {name: base for name in FIELDS if name not in used}
    looks |= {name: _look(session, viewer, filters.without(name), now) for name in used}
    numbers: Numbers = {}
    for name, look in looks.items():
        numbers |= look.numbers([name])
    open_ended = {name for name, look in looks.items() if not look.is_whole}
    if open_ended and not filters.q:
        _look_closer(session, viewer, filters, now, open_ended, numbers)
    return Tally(_capped(base.n, more=not base.is_whole), numbers, frozenset(open_ended))


def _look(session: Session, viewer: Viewer, filters: Filters, at: datetime) -> _Look:
    """The values of the first cases that come; all of them, where there are not many."""
    values: dict[str, Any] = {
        "status": Case.status,
        "kind": Case.kind,
        "department": Case.department_id,
        "place": Case.place_id,
        "handler": Case.handler_id,
        "severity": Case.severity,
        "overdue": Case.due_at <= at,
    }
    columns = [column.label(name) for name, column in values.items()]
    most = FOUND if filters.q else LOOKED_AT
    if filters.q:
        ids = searching.newest(session, viewer, filters, before=None, most=most + 1)
        rows, is_all = walking.those(session, ids, columns), True
    else:
        rows, is_all = walking.some(session, viewer, filters, columns, most=most + 1)
    seen: Counter[tuple[str, str]] = Counter()
    for name, found in zip(values, zip(*rows, strict=True), strict=False):
        seen.update({(name, str(value)): n for value, n in Counter(found).items() if value is not None})
    seen["handler", UNASSIGNED] = sum(row.handler is None and row.status != Status.CLOSED for row in rows)
    seen["status", OPEN] = len(rows) - seen["status", Status.CLOSED]
    seen["overdue", LATE] = sum(seen.pop(("overdue", said), 0) for said in ("True", "1"))
    return _Look(+seen, len(rows), is_all and len(rows) <= most)


def _look_closer(
    session: Session, viewer: Viewer, filters: Filters, at: datetime, open_ended: set[str], numbers: Numbers
) -> None:
    """Better numbers where the first look did not see everything."""
    if "status" in open_ended or ("overdue" in open_ended and filters.status is None):
        look = _look(session, viewer, replace(filters, status=OPEN), at)
        names = [
            name for name in ("status", "overdue") if name in open_ended and (name == "status" or not filters.status)
        ]
        _improve(numbers, look.numbers(names))
        if look.is_whole and "overdue" in names:
            open_ended.discard("overdue")
        if look.is_whole and "status" in names:
            for status in (OPEN, *walking.OPEN_ONES):
                numbers.setdefault(("status", status), (0, False))
    for name in open_ended:
        if set(filters.in_use()) <= {name}:
            _improve(numbers, _along_index(session, viewer, name))


def _along_index(session: Session, viewer: Viewer, name: str) -> Numbers:
    """Each value counted along the index that begins with it, up to a cap."""
    if name == "department":
        departments = [department.id for department in access.departments_for(session, viewer)]
        return _each(session, viewer, name, Department, Case.department_id, departments)
    if not viewer.sees_everything:
        return {}
    if name == "place":
        return _each(session, viewer, name, Place, Case.place_id, [place.id for place in places_seen(session, viewer)])
    if name == "handler":
        handlers = [person.id for person in handlers_seen(session, viewer)]
        return _each(session, viewer, name, Person, Case.handler_id, handlers)
    if name == "status":
        return _few(session, viewer, name, {status: Filters(status=status) for status in Status})
    return {}


def _each(
    session: Session,
    viewer: Viewer,
    name: str,
    of: type[Department] | type[Place] | type[Person],
    column: InstrumentedAttribute[int | None],
    ids: list[int],
) -> Numbers:
    some = select(Case.id).where(column == of.id, _is_not_about(viewer)).limit(MOST_EACH + 1).correlate(of).subquery()
    number = select(func.count()).select_from(some).correlate(of).scalar_subquery()
    found = session.execute(select(of.id, number).where(of.id.in_(ids)))
    return {(name, str(id)): (min(n, MOST_EACH), n > MOST_EACH) for id, n in found}


def _few(session: Session, viewer: Viewer, name: str, values: Mapping[Any, Filters]) -> Numbers:
    counts = []
    for value, filters in values.items():
        conditions = filters.conditions(session.get_bind().dialect, filters.walked_by())
        some = select(Case.id).where(*conditions, _is_not_about(viewer)).limit(MOST + 1).subquery()
        counts.append(select(literal(str(value)), func.count()).select_from(some))
    return {(name, value): _capped(n, more=False) for value, n in session.execute(union_all(*counts))}


def _is_not_about(viewer: Viewer) -> ColumnElement[bool]:
    """As `concerns` denied, read once for thousands of cases: few concern any one person."""
    return Case.id.not_in(select(Concern.submission_id).where(Concern.person_id == viewer.person_id))


def _improve(numbers: Numbers, better: Numbers) -> None:
    """Take exact numbers for open ones, and of two that say "and more" the larger."""
    for key, (n, more) in better.items():
        known, is_open_ended = numbers.get(key, (0, True))
        if is_open_ended and (not more or n > known):
            numbers[key] = n, more


def _capped(n: int, *, more: bool) -> Number:
    return min(n, MOST), more or n > MOST
