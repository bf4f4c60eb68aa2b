"""Lists of cases: what one may see, narrowed, counted and paged."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from feedback.core.access import Viewer
from feedback.core.accounts import OPEN, Account
from feedback.core.cases.model import Case, Closure, Status
from feedback.core.people import Department, Person, Place, places_run_by
from feedback.core.routing import Purpose, RouteRow
from feedback.core.submissions import Submission, concerns

AT_ONCE = 500  # ids in one statement: stores bound how many values one may have


@dataclass(frozen=True, slots=True)
class Filters:
    """How a list of cases is narrowed; None leaves a filter out."""

    status: str | None = None
    department_id: int | None = None
    place_id: int | None = None
    kind: str | None = None
    handler_id: int | None = None
    severity: int | None = None
    overdue_at: datetime | None = None  # those whose deadline has passed by then
    q: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A case as a list shows it."""

    case: Case
    submission: Submission
    department: str | None
    place: str | None
    handler: str | None


def visible_to(viewer: Viewer) -> Select[Case]:
    """The cases a viewer may see: own departments' and those they handle, never one that concerns them."""
    statement = select(Case).where(~concerns(Case.id, viewer.person_id))
    if viewer.sees_everything:
        return statement
    handled = Case.handler_id == viewer.person_id
    if not viewer.managed:
        return statement.where(handled)
    reading = select(RouteRow.submission_id).where(
        RouteRow.department_id.in_(viewer.managed), RouteRow.purpose == Purpose.INFORMS
    )
    return statement.where(or_(Case.department_id.in_(viewer.managed), Case.id.in_(reading), handled))


def handles_any(session: Session, viewer: Viewer) -> bool:
    """Whether any case is the viewer's to see, so that their menu shows the list."""
    return session.scalar(visible_to(viewer).with_only_columns(Case.id).limit(1)) is not None


def page(session: Session, viewer: Viewer, filters: Filters, *, after: int | None, size: int) -> list[Row]:
    """Up to `size` visible cases, newest first, older than the case `after`."""
    handler = aliased(Person)
    statement = (
        _narrowed(visible_to(viewer), filters)
        .join(Submission, Submission.id == Case.id)
        .outerjoin(Department, Department.id == Case.department_id)
        .outerjoin(Place, Place.id == Submission.place_id)
        .outerjoin(handler, handler.id == Case.handler_id)
        .add_columns(Submission, Department.name, Place.name, handler.name)
        .order_by(Case.id.desc())
        .limit(size)
    )
    if after is not None:
        statement = statement.where(Case.id < after)
    return [Row(*row) for row in session.execute(statement)]


def count(session: Session, viewer: Viewer, filters: Filters, *, most: int = 1001) -> int:
    """How many visible cases there are, counted up to `most`: beyond it, "1,000+" is all anyone needs."""
    some = _narrowed(visible_to(viewer), filters).join(Submission, Submission.id == Case.id)
    return session.scalar(select(func.count()).select_from(some.with_only_columns(Case.id).limit(most).subquery())) or 0


def one(session: Session, viewer: Viewer, case_id: int) -> Case | None:
    """The case of that id if the viewer may see it."""
    return session.scalar(visible_to(viewer).where(Case.id == case_id))


def seen_among(session: Session, viewer: Viewer, case_ids: Sequence[int]) -> frozenset[int]:
    """Those of `case_ids` that the viewer may see."""
    mine, found = visible_to(viewer).with_only_columns(Case.id), set[int]()
    for start in range(0, len(case_ids), AT_ONCE):
        found.update(session.scalars(mine.where(Case.id.in_(case_ids[start : start + AT_ONCE]))))
    return frozenset(found)


def open_with(session: Session, viewer: Viewer, handler_id: int, *, most: int = 1001) -> int:
    """How many open cases that person handles, of those the viewer may see, counted up to `most`."""
    some = visible_to(viewer).where(Case.handler_id == handler_id, Case.status != Status.CLOSED)
    return session.scalar(select(func.count()).select_from(some.with_only_columns(Case.id).limit(most).subquery())) or 0


def _narrowed(statement: Select[Case], filters: Filters) -> Select[Case]:
    if filters.status is not None:
        statement = statement.where(Case.status == filters.status)
    if filters.department_id is not None:
        statement = statement.where(Case.department_id == filters.department_id)
    if filters.handler_id is not None:
        statement = statement.where(Case.handler_id == filters.handler_id)
    if filters.severity is not None:
        statement = statement.where(Case.severity == filters.severity)
    if filters.overdue_at is not None:
        statement = statement.where(Case.due_at <= filters.overdue_at)
    if filters.kind is not None:
        statement = statement.where(Submission.kind == filters.kind)
    if filters.place_id is not None:
        statement = statement.where(Submission.place_id == filters.place_id)
    if filters.q:
        statement = statement.where(Submission.message.icontains(filters.q, autoescape=True))
    return statement


def closures_of(session: Session, case: Case) -> Sequence[Closure]:
    """How each stage of the case ended, the first before the second."""
    return session.scalars(select(Closure).where(Closure.case_id == case.id).order_by(Closure.stage)).all()


def outcomes_of(session: Session, found: Collection[Case]) -> dict[int, str]:
    """How the present stage of each of those cases ended, of those that have."""
    if not found:
        return {}
    stages = {case.id: case.stage for case in found}
    rows = session.execute(select(Closure.case_id, Closure.stage, Closure.outcome).where(Closure.case_id.in_(stages)))
    return {case_id: outcome for case_id, stage, outcome in rows if stage == stages[case_id]}


def places_seen(session: Session, viewer: Viewer, *, most: int = 100) -> Sequence[Place]:
    """Places to narrow a list by: those of departments in the viewer's reach, by name."""
    statement = select(Place).where(Place.retired_at.is_(None)).order_by(Place.name, Place.id).limit(most)
    if viewer.sees_everything:
        return session.scalars(statement).all()
    return session.scalars(statement.where(Place.id.in_(select(places_run_by(viewer.managed).c.id)))).all()


def handlers_seen(session: Session, viewer: Viewer, *, most: int = 100) -> Sequence[Person]:
    """People to narrow a list by: those with a sign-in in the viewer's reach, by name."""
    statement = select(Person).join(Account, Account.person_id == Person.id).where(*OPEN)
    if not viewer.sees_everything:
        statement = statement.where(Person.department_id.in_(viewer.managed))
    return session.scalars(statement.order_by(Person.name, Person.id).limit(most)).all()
