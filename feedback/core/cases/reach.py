"""What one may see of the cases: where every list, count, search and look-up of them begins."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Exists, Select, func, or_, select, true
from sqlalchemy.orm import Session

from feedback.core.access import Viewer
from feedback.core.accounts import OPEN, Account
from feedback.core.cases.model import Case, Closure, Status
from feedback.core.people import Person, Place, places_run_by
from feedback.core.routing import Purpose, RouteRow
from feedback.core.submissions import concerns

AT_ONCE = 500  # ids in one statement: stores bound how many values one may have


def visible_to(viewer: Viewer) -> Select[Case]:
    """The cases a viewer may see: own departments' and those they handle, never one that concerns them.

    For look-ups and a handful of rows; walking.py goes through many of them in order.
    """
    statement = select(Case).where(~concerns(Case.id, viewer.person_id))
    if viewer.sees_everything:
        return statement
    if not viewer.managed:
        return statement.where(Case.handler_id == viewer.person_id)
    return statement.where(or_(is_theirs(viewer), _reads_along(viewer)))


def is_theirs(viewer: Viewer) -> ColumnElement[bool]:
    """Whether a case is the viewer's to see to, rather than only to read along."""
    if viewer.sees_everything:
        return true()
    handled = Case.handler_id == viewer.person_id
    return or_(Case.department_id.in_(sorted(viewer.managed)), handled) if viewer.managed else handled


def _reads_along(viewer: Viewer) -> Exists:
    return (
        select(RouteRow.submission_id)
        .where(
            RouteRow.submission_id == Case.id,
            RouteRow.purpose == Purpose.INFORMS,
            RouteRow.department_id.in_(sorted(viewer.managed)),
        )
        .exists()
    )


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
