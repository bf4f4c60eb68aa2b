"""Cases: the handling of a complaint or suggestion, from received to closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Select,
    SmallInteger,
    String,
    case,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from feedback.core import history
from feedback.core.access import Viewer
from feedback.core.accounts import OPEN, Account
from feedback.core.people import Department, Management, Person, Place, departments_below, places_run_by
from feedback.core.routing import Purpose, RouteRow, recognised
from feedback.core.submissions import Concern, Contact, Submission, concerns
from feedback.db import Base, id_key, id_ref, moment

LONGEST_NOTE = 10_000


class Status(StrEnum):
    """Where the handling stands."""

    RECEIVED = "received"
    IN_PROGRESS = "in_progress"
    CLOSED = "closed"


class Case(Base):
    """One complaint's handling; it has the id of its submission, so that there is never a second."""

    __tablename__ = "case"
    __table_args__ = (
        CheckConstraint("status in ('received', 'acknowledged', 'in_progress', 'answered', 'closed')", name="status"),
        Index(None, "department_id", "id", info={"serves": "a department's cases, newest first"}),
        Index(None, "handler_id", "id", info={"serves": "a handler's cases, newest first"}),
        Index(None, "status", "id", info={"serves": "the cases of one status, newest first"}),
    )

    id: Mapped[id_key] = mapped_column(ForeignKey("submission.id"))
    department_id: Mapped[id_ref | None] = mapped_column(ForeignKey("department.id"))
    handler_id: Mapped[id_ref | None] = mapped_column(ForeignKey("person.id"))
    status: Mapped[str] = mapped_column(String(12), default=Status.RECEIVED)
    severity: Mapped[int] = mapped_column(SmallInteger, default=2)
    version: Mapped[int] = mapped_column(default=1)
    closed_at: Mapped[moment | None]


@dataclass(frozen=True, slots=True)
class Filters:
    """How a list of cases is narrowed; None leaves a filter out."""

    status: str | None = None
    department_id: int | None = None
    place_id: int | None = None
    kind: str | None = None
    handler_id: int | None = None
    q: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A case as a list shows it."""

    case: Case
    submission: Submission
    department: str | None
    place: str | None
    handler: str | None


class ChangedMeanwhile(Exception):
    """Someone else changed the case since it was shown; what they did stands, nothing was overwritten."""


class NotAllowed(Exception):
    """The viewer only reads along, or the person chosen cannot take the case: it concerns them, or cannot sign in."""


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


def contact_of(session: Session, viewer: Viewer, case: Case) -> Contact | None:
    """How to reach the customer, if they allowed it (an admin sees it in any case); informed readers do not."""
    contact = session.get(Contact, case.id)
    if contact is None or viewer.is_admin:
        return contact
    answers = case.handler_id == viewer.person_id or case.department_id in viewer.managed
    return contact if contact.may_contact and answers else None


def may_work_on(viewer: Viewer, case: Case) -> bool:
    """Whether the viewer may assign the case and write notes, rather than only read along."""
    return viewer.is_admin or case.handler_id == viewer.person_id or case.department_id in viewer.managed


def possible_handlers(session: Session, case: Case) -> Sequence[Person]:
    """Who can take the case: people with a sign-in in the department that answers or below it, its managers, admins."""
    people = session.scalars(_possible_handlers(case).order_by(Person.name, Person.id).limit(200)).all()
    return _not_described(session, case, people)


def assign(
    session: Session, viewer: Viewer, case: Case, handler_id: int | None, *, version: int, at: datetime
) -> history.Event:
    """Give the case to a handler (None: to nobody). Raises ChangedMeanwhile or NotAllowed; keeps who and when."""
    # Held against someone who retires the handler meanwhile, and hands back only what they see.
    chosen = _possible_handlers(case).where(Person.id == handler_id).with_for_update(read=True, of=Person)
    found = session.scalars(chosen).all() if handler_id else []
    handler = next(iter(_not_described(session, case, found)), None)
    if not may_work_on(viewer, case) or (handler_id is not None and handler is None):
        raise NotAllowed
    status = case.status
    if status in (Status.RECEIVED, Status.IN_PROGRESS):
        status = Status.IN_PROGRESS if handler else Status.RECEIVED
    _change(session, case, version, handler_id=handler_id, status=status)
    submission = session.get_one(Submission, case.id)
    details = {"handler": handler.name} if handler else {}
    return history.add(session, submission, "assigned", at, by_id=viewer.person_id, details=details)


def open_with(session: Session, viewer: Viewer, handler_id: int, *, most: int = 1001) -> int:
    """How many open cases that person handles, of those the viewer may see, counted up to `most`."""
    some = visible_to(viewer).where(Case.handler_id == handler_id, Case.status != Status.CLOSED)
    return session.scalar(select(func.count()).select_from(some.with_only_columns(Case.id).limit(most).subquery())) or 0


def hand_back(session: Session, handler: Person, at: datetime, *, by_id: int) -> None:
    """Let nobody handle the open cases of someone who leaves: their departments' managers have them again.

    All of them, also those that whoever lets the person go may not see. The person's row is written before, so that
    nobody gives them another case meanwhile.
    """
    session.flush()
    given = select(Case.id).where(Case.handler_id == handler.id, Case.status != Status.CLOSED).order_by(Case.id)
    ids = session.scalars(given.with_for_update()).all()
    if not ids:
        return
    waiting = case({Status.IN_PROGRESS: Status.RECEIVED}, value=Case.status, else_=Case.status)
    session.execute(
        update(Case).where(Case.id.in_(ids)).values(handler_id=None, status=waiting, version=Case.version + 1),
        execution_options={"synchronize_session": "fetch"},
    )
    history.add_to_all(session, ids, "handed_back", at, by_id=by_id, details={"handler": handler.name})


def note(session: Session, viewer: Viewer, case: Case, text: str, at: datetime) -> history.Event:
    """Add an internal note; the customer never sees it. Raises NotAllowed."""
    if not may_work_on(viewer, case):
        raise NotAllowed
    return history.add(session, session.get_one(Submission, case.id), "noted", at, by_id=viewer.person_id, text=text)


def _possible_handlers(case: Case) -> Select[Person]:
    managers = select(Management.person_id).where(Management.department_id == case.department_id)
    below = departments_below([case.department_id] if case.department_id else [])
    return (
        select(Person)
        .join(Account, Account.person_id == Person.id)
        .where(*OPEN)
        .where(Person.id.not_in(select(Concern.person_id).where(Concern.submission_id == case.id)))
        .where(
            or_(
                Person.department_id.in_(select(below.c.id)),
                Person.id.in_(managers),
                Account.is_admin,
                Person.id == case.handler_id,  # by a rule, or standing in
            )
        )
    )


def _not_described(session: Session, case: Case, people: Sequence[Person]) -> list[Person]:
    """Those of `people` whom the customer did not name in words: they do not judge in their own case."""
    note = session.get_one(Submission, case.id).person_note
    named = recognised(note, {person.id: (person.name, person.public_name) for person in people})
    return [person for person in people if person.id not in named]


def _change(session: Session, case: Case, version: int, **values: object) -> None:
    changed = session.execute(
        update(Case).where(Case.id == case.id, Case.version == version).values(version=version + 1, **values),
        execution_options={"synchronize_session": "evaluate"},
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise ChangedMeanwhile


def _narrowed(statement: Select[Case], filters: Filters) -> Select[Case]:
    if filters.status is not None:
        statement = statement.where(Case.status == filters.status)
    if filters.department_id is not None:
        statement = statement.where(Case.department_id == filters.department_id)
    if filters.handler_id is not None:
        statement = statement.where(Case.handler_id == filters.handler_id)
    if filters.kind is not None:
        statement = statement.where(Submission.kind == filters.kind)
    if filters.place_id is not None:
        statement = statement.where(Submission.place_id == filters.place_id)
    if filters.q:
        statement = statement.where(Submission.message.icontains(filters.q, autoescape=True))
    return statement


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
