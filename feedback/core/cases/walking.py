"""Going through the cases one may see in order, as far as is asked for and no further, however many there are.

An OR over departments would be sorted as a whole, all of a manager's cases for each page. So each way in which somebody
sees cases is walked on its own along its index, each only to the limit, and what they find is merged: one branch for
each department, one for each that reads along, one for what they handle. All branches are one statement whose length
does not depend on how many departments there are. Who sees everything walks along one index.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, literal, not_, or_, select, union_all
from sqlalchemy.orm import Session

from feedback.core.access import Viewer
from feedback.core.cases.filters import OPEN, By, Condition, Filters
from feedback.core.cases.model import Case, Status
from feedback.core.cases.reach import is_theirs, visible_to
from feedback.core.people import Department
from feedback.core.routing import Purpose, RouteRow
from feedback.core.submissions import concerns

OPEN_ONES = tuple(status for status in Status if status != Status.CLOSED)
AT_ONCE = 500  # cases looked up in one statement
PASSED = 10_000  # cases that a look at all of them goes through at most
_PASSED = select(Case.id).order_by(Case.id.desc()).limit(1).offset(PASSED)
Place = tuple[datetime, int]  # of an overdue case in its list: deadline and id


def newest(
    session: Session,
    viewer: Viewer,
    filters: Filters,
    *,
    before: int | None = None,
    most: int,
    but_overdue_at: datetime | None = None,
) -> list[int]:
    """Up to `most` visible cases that fit, newest first, older than `before`; without those that `overdue` lists."""
    walk = _Walk(session, viewer, filters)
    found: set[int] = set()
    branches = [_list_of(walk, branch, most) for branch in walk.by_date(before, but_overdue_at)]
    for text in session.scalars(union_all(*branches)):
        found |= {int(id) for (id,) in _parsed(text)}
    return sorted(found, reverse=True)[:most]


def overdue(
    session: Session, viewer: Viewer, filters: Filters, at: datetime, *, beyond: Place | None, most: int
) -> list[Place]:
    """Up to `most` cases overdue at `at` that are the viewer's to see to, the earliest deadline first.

    Where the list is narrowed to what is overdue, those the viewer only reads along are among them.
    """
    if filters.status == Status.CLOSED:
        return []
    walk = _Walk(session, viewer, filters)
    found: set[Place] = set()
    branches = [_list_of(walk, branch, most) for branch in walk.by_deadline(at, beyond)]
    for text in session.scalars(union_all(*branches)):
        found |= {(_moment(due), int(id)) for due, id in _parsed(text)}
    return sorted(found)[:most]


def some(
    session: Session, viewer: Viewer, filters: Filters, columns: Sequence[ColumnElement[Any]], *, most: int
) -> tuple[Sequence[Row[Any]], bool]:
    """Up to `most` visible cases that fit, in no particular order, and whether all cases were looked at for them.

    Where nothing but kind or severity narrows all there are, only the newest PASSED are looked at.
    """
    walk = _Walk(session, viewer, filters)
    oldest = session.scalar(_PASSED) if walk.could_go_on_for_long else None
    branches = [one.limit(most).subquery() for one in walk.in_any_order(columns, oldest)]
    rows = session.execute(union_all(*(select(*branch.c) for branch in branches)).limit(most)).all()
    return rows, oldest is None


def those(session: Session, ids: Sequence[int], columns: Sequence[ColumnElement[Any]]) -> Sequence[Row[Any]]:
    """Those columns of the cases `ids`, which the caller may see."""
    found: list[Row[Any]] = []
    for start in range(0, len(ids), AT_ONCE):
        found += session.execute(select(*columns).where(Case.id.in_(ids[start : start + AT_ONCE])))
    return found


def counts(session: Session, viewer: Viewer, lists: Sequence[Filters], *, most: int) -> list[tuple[int, bool]]:
    """How many visible cases each of the lists has, up to `most`, and whether there may be more, in one statement.

    Words are not looked at; of what `some` would not look at all of, neither is everything here.
    """
    walks = [_Walk(session, viewer, filters) for filters in lists]
    oldest = session.scalar(_PASSED) if any(walk.could_go_on_for_long for walk in walks) else None
    branches = [
        select(literal(number), func.count()).select_from(one.limit(most + 1).subquery())
        for number, walk in enumerate(walks)
        for one in walk.in_some_order(oldest)
    ]
    found = [0] * len(walks)
    for number, n in session.execute(union_all(*branches)) if branches else ():
        found[number] += n
    is_cut = [oldest is not None and walk.could_go_on_for_long for walk in walks]
    return [(min(n, most), n > most or cut) for n, cut in zip(found, is_cut, strict=True)]


@dataclass(frozen=True, slots=True)
class _Branch:
    """One walk: its statement in order; for each of `departments` its own, where there are any."""

    statement: Select[*tuple[Any, ...]]
    departments: frozenset[int] | None = None


class _Walk:
    """The branches by which a viewer reaches what fits the filters."""

    def __init__(self, session: Session, viewer: Viewer, filters: Filters) -> None:
        self.dialect = session.get_bind().dialect
        self._viewer, self._filters = viewer, filters
        self._not_about_them = ~concerns(Case.id, viewer.person_id)

    @property
    def could_go_on_for_long(self) -> bool:
        """Whether the walk is along all cases, and may pass many that do not fit."""
        filters = self._filters
        is_sparse = filters.kind is not None or filters.severity is not None
        return self._viewer.sees_everything and filters.walked_by() == By.DATE and is_sparse

    def by_date(self, before: int | None, but_overdue_at: datetime | None) -> Iterator[_Branch]:
        older = [] if before is None else [Case.id < before]
        rest = [] if but_overdue_at is None else [or_(Case.due_at.is_(None), Case.due_at > but_overdue_at)]
        by = self._filters.walked_by()
        if self._reads_along() and by in (By.HANDLER, By.PLACE):  # a short list, read along or not
            others = [or_(*rest, self._is_not_theirs())] if rest else []
            reached = visible_to(self._viewer).with_only_columns(Case.id).where(*self._fitting(by), *older, *others)
            yield _Branch(reached.order_by(Case.id.desc()))
            return
        for conditions, departments in self._own():
            yield _Branch(select(Case.id).where(*conditions, *older, *rest).order_by(Case.id.desc()), departments)
        if self._reads_along():
            id = RouteRow.submission_id
            along = self._along().where(*([] if before is None else [id < before]))
            yield _Branch(along.order_by(id.desc()).distinct(), self._viewer.managed)

    def by_deadline(self, at: datetime, beyond: Place | None) -> Iterator[_Branch]:
        late: list[Condition] = [Case.due_at <= at, Case.due_at.is_not(None)]
        if beyond is not None:
            due_at, id = beyond
            late += [Case.due_at >= due_at, or_(Case.due_at > due_at, Case.id > id)]
        places = select(Case.due_at, Case.id).where(*late).order_by(Case.due_at, Case.id)
        if self._filters.overdue_at is not None and self._reads_along():
            reached = visible_to(self._viewer).with_only_columns(Case.due_at, Case.id).where(*late)
            conditions = self._fitting(self._filters.walked_by())
            yield _Branch(reached.where(*conditions).order_by(Case.due_at, Case.id))
            return
        for conditions, departments in self._own(by_deadline=True):
            yield _Branch(places.where(*conditions), departments)

    def in_some_order(self, oldest: int | None) -> Iterator[Select[Any]]:
        """The ids of what fits, for counting: what is overdue along its deadlines, as little of everything is."""
        filters = self._filters
        if filters.overdue_at is None:
            yield from self.in_any_order([Case.id.label("id")], oldest if self.could_go_on_for_long else None)
        else:
            reached = visible_to(self._viewer).with_only_columns(Case.id).where(Case.due_at.is_not(None))
            yield reached.where(*filters.conditions(self.dialect, By.DATE))

    def in_any_order(self, columns: Sequence[ColumnElement[Any]], oldest: int | None) -> Iterator[Select[Any]]:
        viewer, filters = self._viewer, self._filters
        by = filters.walked_by(in_departments=not viewer.sees_everything)
        if viewer.sees_everything or by in (By.HANDLER, By.PLACE):
            since = [] if oldest is None else [Case.id >= oldest]
            for status in self._each_status(by, by_deadline=False):
                fitting = visible_to(viewer).where(*self._filters.conditions(self.dialect, by), *status, *since)
                in_order = fitting.order_by(Case.id.desc()) if viewer.sees_everything else fitting
                yield in_order.with_only_columns(*columns)
            return
        asked = filters.department_id
        departments = viewer.managed if asked is None else viewer.managed & {asked}
        if departments:
            in_them = Case.department_id.in_(sorted(departments))
            yield select(*columns).where(*self._fitting(By.DEPARTMENT), in_them)
        if asked is None or not departments:
            yield select(*columns).where(*self._fitting(By.HANDLER), *self._handled_elsewhere())
        if self._reads_along():
            along = select(RouteRow.submission_id).where(
                RouteRow.department_id.in_(sorted(viewer.managed)), RouteRow.purpose == Purpose.INFORMS
            )
            yield select(*columns).where(*self._fitting(By.DATE), Case.id.in_(along), self._is_not_theirs())

    def _own(self, *, by_deadline: bool = False) -> Iterator[tuple[list[Condition], frozenset[int] | None]]:
        """What makes a case theirs to see to, in branches that share none."""
        viewer, filters = self._viewer, self._filters
        by = filters.walked_by(in_departments=not viewer.sees_everything)
        if by in (By.HANDLER, By.PLACE) or viewer.sees_everything:
            for status in self._each_status(by, by_deadline=by_deadline):
                yield [*self._fitting(by), is_theirs(viewer), *status], None
            return
        asked = filters.department_id
        departments = viewer.managed if asked is None else viewer.managed & {asked}
        if departments:
            yield [*self._fitting(By.DEPARTMENT), Case.department_id == Department.id], departments
        if asked is None or not departments:
            yield [*self._fitting(By.HANDLER), *self._handled_elsewhere()], None

    def _each_status(self, by: By, *, by_deadline: bool) -> Iterator[list[ColumnElement[bool]]]:
        """What is open among all cases: a walk for each status, as the index has it."""
        filters = self._filters
        is_any_open = filters.status == OPEN or (filters.status is None and filters.is_unassigned)
        if is_any_open and by == By.DATE and not by_deadline:
            yield from ([Case.status == status] for status in OPEN_ONES)
        else:
            yield []

    def _along(self) -> Select[Any]:
        return (
            select(RouteRow.submission_id)
            .select_from(RouteRow)
            .join(Case, Case.id == RouteRow.submission_id)
            .where(RouteRow.department_id == Department.id, RouteRow.purpose == Purpose.INFORMS)
            .where(*self._fitting(By.DATE), self._is_not_theirs())
        )

    def _is_not_theirs(self) -> ColumnElement[bool]:
        return not_(func.coalesce(is_theirs(self._viewer), False))

    def _reads_along(self) -> bool:
        viewer, asked = self._viewer, self._filters.department_id
        return bool(viewer.managed) and not viewer.sees_everything and asked not in viewer.managed

    def _handled_elsewhere(self) -> list[Condition]:
        mine = Case.handler_id == self._viewer.person_id
        if not self._viewer.managed:
            return [mine]
        return [mine, or_(Case.department_id.is_(None), Case.department_id.not_in(sorted(self._viewer.managed)))]

    def _fitting(self, by: By) -> list[Condition]:
        return [self._not_about_them, *self._filters.conditions(self.dialect, by)]


def _list_of(walk: _Walk, branch: _Branch, most: int) -> Select[Any]:
    """A statement with one list, or one for each department, of what the branch finds up to the limit, as JSON."""
    limited = branch.statement.limit(most)
    rows = (limited if branch.departments is None else limited.correlate(Department)).subquery()
    on_sqlite = walk.dialect.name == "sqlite"
    row = (func.json_array if on_sqlite else func.json_build_array)(*rows.c)
    gathered = select((func.json_group_array if on_sqlite else func.json_agg)(row).label("found")).select_from(rows)
    if branch.departments is None:
        return gathered
    one = gathered.correlate(Department).scalar_subquery()
    return select(one).select_from(Department).where(Department.id.in_(sorted(branch.departments)))


def _parsed(text: Any) -> list[list[Any]]:
    """Rows of a list as the store gives it: text, already read, or nothing."""
    rows = json.loads(text) if isinstance(text, str) else text or []
    return [json.loads(row) if isinstance(row, str) else row for row in rows]


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
