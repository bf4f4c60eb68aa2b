"""People whom a case concerns, added by whoever works on it: from then on it does not exist for them (rule 2).

What the customer chose or wrote is never taken back; what was added by mistake is, by a manager above or an admin.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, aliased

from feedback.core import history
from feedback.core.access import Viewer
from feedback.core.accounts import Account
from feedback.core.cases.climbing import To, Way, climb, say_who_reads, tell_new, way
from feedback.core.cases.hands import may_work_on
from feedback.core.cases.model import Case, ChangedMeanwhile, NotAllowed, Status, change, hold
from feedback.core.cases.telling import answering, free_admins, free_managers
from feedback.core.directory import staff
from feedback.core.history import Event
from feedback.core.people import Department, Management, Person, departments_above, departments_below
from feedback.core.submissions import Concern, Submission


class NotOffered(Exception):
    """There is no such person to choose, or it concerns them already."""


class NobodyLeft(NotOffered):
    """Nobody inside could decide the case then, and whoever says so only handles it: they could not be looked at."""


@dataclass(frozen=True, slots=True)
class Concerned:
    """One person whom the case concerns; `added_by` and `added_at` where it is not from the customer's words."""

    person_id: int
    name: str
    added_by: str
    added_at: datetime | None
    may_clear: bool


def people_for(session: Session, viewer: Viewer, case: Case) -> list[tuple[int, str, str]]:
    """Id, name and department of those the viewer can say it is about, by name."""
    return staff.told_apart(session, nameable(session, viewer, case))


def nameable(session: Session, viewer: Viewer, case: Case) -> Select[int]:
    """The ids of the people in the viewer's reach and of all who decide the case, but for those it concerns."""
    concerned = select(Concern.person_id).where(Concern.submission_id == case.id)
    here = select(Person.id).where(Person.retired_at.is_(None), Person.id.not_in(concerned))
    if viewer.sees_everything:
        return here
    below = departments_below([case.department_id] if case.department_id else [])
    above = departments_above(session, [case.department_id] if case.department_id else [])
    return here.where(
        or_(
            Person.department_id.in_(viewer.managed | viewer.own_departments),
            Person.department_id.in_(select(below.c.id)),
            Person.id.in_(select(Management.person_id).where(Management.department_id.in_(above))),
            Person.id.in_(select(Account.person_id).where(Account.is_admin)),
            Person.id == case.handler_id,
        )
    )


def concerned(session: Session, viewer: Viewer, case: Case) -> list[Concerned]:
    """Whom the case concerns, by name."""
    adder = aliased(Person)
    rows = session.execute(
        select(Concern, Person.name, adder.name)
        .join(Person, Person.id == Concern.person_id)
        .outerjoin(adder, adder.id == Concern.added_by_id)
        .where(Concern.submission_id == case.id)
        .order_by(Person.name, Person.id)
    )
    return [
        Concerned(found.person_id, name, by or "", found.added_at, _may_clear(session, viewer, case, found))
        for found, name, by in rows
    ]


def concern(
    session: Session, viewer: Viewer, case: Case, person_id: int, *, version: int, at: datetime, mails: bool = True
) -> Event:
    """Say that the case is about that person, and take it out of their hands, out of their sight, past them.

    Whoever is left to decide it and does not know it yet is owed a mail. Where it climbs it also leaves the hands of
    those who work below whom it is about. Raises ChangedMeanwhile, NotAllowed, NotOffered, NobodyLeft.
    """
    if not may_work_on(session, viewer, case):
        raise NotAllowed
    hold(session, case)  # of two who say it at once, the second finds it said
    offered = nameable(session, viewer, case).where(Person.id == person_id)
    person = session.scalar(select(Person).where(Person.id.in_(offered)))
    if person is None:
        raise NotOffered
    before, known = way(session, case, case.department_id), answering(session, case) | {viewer.person_id}
    was = case.department_id
    found = Concern(submission_id=case.id, person_id=person_id, added_at=at, added_by_id=viewer.person_id)
    session.add(found)
    session.flush()
    to = climb(session, case, before)
    if to and to.to in (To.OUTSIDE, To.NOBODY) and person_id != viewer.person_id and not _decides(viewer, was):
        raise NobodyLeft
    is_handler = case.handler_id == person_id or (to is not None and not _stays_in_hand(session, case, to))
    if to:
        found.taken_from_id = was
    _take(session, case, to, is_handler=is_handler, version=version)
    submission = session.get_one(Submission, case.id)
    details = {"person": person.name}
    event = history.add(session, submission, "concerned", at, by_id=viewer.person_id, details=details)
    if is_handler:
        event = _next(session, case, "handed_back", at, viewer, {})
    if to:
        event = _rerouted(session, case, to, at, viewer)
    if (to or is_handler) and case.status != Status.CLOSED:
        _tell(session, event, case, to or before, known, at, mails=mails)
    return event


def _decides(viewer: Viewer, department_id: int | None) -> bool:
    """Whether the viewer answers for the case, rather than only handling it."""
    return viewer.is_admin or department_id in viewer.managed


def _stays_in_hand(session: Session, case: Case, to: Way) -> bool:
    """Whether nobody handles the case, or one of those who decide it now."""
    _, managers = free_managers(session, case, to.department_id)
    return case.handler_id is None or case.handler_id in managers | free_admins(session, case)


def clear(
    session: Session, viewer: Viewer, case: Case, person_id: int, *, version: int, at: datetime, mails: bool = True
) -> Event:
    """Take back that the case is about that person; where it climbed past them, it goes back to whom it was with.

    Raises ChangedMeanwhile, NotAllowed (not the viewer's to take back).
    """
    hold(session, case)
    found = session.get(Concern, (case.id, person_id))
    if found is None:
        raise ChangedMeanwhile
    if not _may_clear(session, viewer, case, found):
        raise NotAllowed
    known = answering(session, case) | {viewer.person_id}
    taken_from, person = found.taken_from_id, session.get_one(Person, person_id)
    session.delete(found)
    session.flush()
    to = way(session, case, taken_from) if taken_from else None
    to = to if to and to.department_id not in (None, case.department_id) else None
    _take(session, case, to, is_handler=False, version=version)
    event = _next(session, case, "cleared", at, viewer, {"person": person.name})
    if to:
        event = _rerouted(session, case, to, at, viewer, is_back=True)
        if case.status != Status.CLOSED:
            _tell(session, event, case, to, known, at, mails=mails)
    return event


def _may_clear(session: Session, viewer: Viewer, case: Case, found: Concern) -> bool:
    """Whether it was added, and the viewer, free of it, is an admin or stands above whom it is about."""
    if found.added_at is None or found.person_id == viewer.person_id or not may_work_on(session, viewer, case):
        return False
    return viewer.is_admin or (
        case.department_id in viewer.managed and not _is_beyond(session, viewer, found.person_id)
    )


def _is_beyond(session: Session, viewer: Viewer, person_id: int) -> bool:
    """Whether that person works or decides elsewhere than below what the viewer manages."""
    own = select(Management.department_id).where(Management.person_id == viewer.person_id)
    works = Person.department_id.not_in(viewer.managed)
    decides = select(Management.person_id).where(
        or_(Management.department_id.not_in(viewer.managed), Management.department_id.in_(own))
    )
    admins = select(Account.person_id).where(Account.is_admin)
    beyond = or_(works, Person.id.in_(decides), Person.id.in_(admins))
    return session.scalar(select(Person.id).where(Person.id == person_id, beyond)) is not None


def _take(session: Session, case: Case, to: Way | None, *, is_handler: bool, version: int) -> None:
    values: dict[str, object] = {}
    if is_handler:
        values["handler_id"] = None
        values["status"] = Status.RECEIVED if case.status == Status.IN_PROGRESS else case.status
    if to:
        values["department_id"] = to.department_id
    change(session, case, version, **values)
    session.flush()


def _rerouted(session: Session, case: Case, to: Way, at: datetime, viewer: Viewer, *, is_back: bool = False) -> Event:
    department = session.get(Department, to.department_id) if to.department_id else None
    say_who_reads(session, case, to)
    details = {"to": str(to.to)} | ({"department": department.name} if department else {})
    details |= {"back": "yes"} if is_back else {}
    return _next(session, case, "rerouted", at, viewer, details)


def _next(session: Session, case: Case, name: str, at: datetime, viewer: Viewer, details: dict[str, str]) -> Event:
    session.flush()
    submission = session.get_one(Submission, case.id)
    return history.add(session, submission, name, at, by_id=viewer.person_id, details=details)


def _tell(session: Session, event: Event, case: Case, to: Way, known: set[int], at: datetime, *, mails: bool) -> None:
    """Owe the mails, and give it to who stands in where all who decide are away."""
    handler_id = tell_new(session, event, case, to, known, at, mails=mails)
    if handler_id is not None:
        case.handler_id = handler_id
        stands_in = session.get_one(Person, handler_id)
        session.flush()
        submission = session.get_one(Submission, case.id)
        history.add(session, submission, "assigned", at, details={"handler": stands_in.name})
