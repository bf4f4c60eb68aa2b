"""Where a case goes once more people are out of the question: it stays while anybody there is free, else it climbs."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from feedback import clock
from feedback.core import notices, routing
from feedback.core.cases.model import Case, Reviewer, Status
from feedback.core.cases.telling import free_admins, free_managers, taken, tell
from feedback.core.history import Event
from feedback.core.notices import About, Notice
from feedback.core.organisation import Organisation
from feedback.core.routing import Purpose, Route, RouteRow
from feedback.core.submissions import Concern


class To(StrEnum):
    """Who decides."""

    MANAGERS = "managers"
    ADMINS = "admins"
    OUTSIDE = "outside"  # the organisation's reader
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Way:
    """Who decides a case, and of which department the first of them are; none where it is the admins' or nobody's."""

    to: To
    department_id: int | None = None


def way(session: Session, case: Case, start: int | None) -> Way:
    """Who may decide the case, beginning at the department `start`; nobody it concerns, or who decided before."""
    department_id, managers = free_managers(session, case, start)
    if managers:
        return Way(To.MANAGERS, department_id)
    if free_admins(session, case):
        return Way(To.ADMINS)
    return Way(To.OUTSIDE if _outside_reader(session) else To.NOBODY)


def climb(session: Session, case: Case, before: Way) -> Way | None:
    """Where the case goes now that others may decide it than `before`; None where it stays.

    Only where there is nobody else at all do those decide a second stage who decided the first, as in handling.
    """
    now = way(session, case, case.department_id)
    if now.to in (To.OUTSIDE, To.NOBODY) and _let_reviewers_decide(session, case):
        first = routing.routes_of(session, case.id)[:1]
        now = way(session, case, first[0].department_id if first else case.department_id)
    return None if now == before else now


def tell_new(
    session: Session, event: Event, case: Case, to: Way, known: set[int], at: datetime, *, mails: bool
) -> int | None:
    """Tell those of the case who decide it now and do not know it yet: inside, and with `mails` by mail.

    Where nobody handles it and all of them are away, the result is who handles it in their place.
    """
    if to.to == To.OUTSIDE:
        session.flush()
        if mails:
            session.add(Notice(**notices.row(event.id, _outside_reader(session), About.COMPLAINT, at)))
        return None
    _, people = free_managers(session, case, to.department_id)
    people, handler_id = people or free_admins(session, case), None
    if to.to == To.MANAGERS and case.handler_id is None and to.department_id is not None:
        day = clock.day(at, session.scalars(select(Organisation.timezone)).one())
        people, handler_id = routing.staffed_on(session, to.department_id, people, taken(session, case), day)
    tell(session, event, About.COMPLAINT, people - known, at, mails=mails)
    return handler_id


def say_who_reads(session: Session, case: Case, to: Way) -> None:
    """Let the customer be told that nobody reads it where nobody does, and no longer where somebody does."""
    stuck = (RouteRow.submission_id == case.id, RouteRow.purpose == Purpose.KEEPS, RouteRow.position > 0)
    if to.to != To.NOBODY:
        session.execute(delete(RouteRow).where(*stuck))
    elif session.scalar(select(RouteRow.position).where(*stuck)) is None:
        position = len(routing.routes_of(session, case.id))
        session.add(routing.row(case.id, position, Route(Purpose.KEEPS, (("nobody_free", {}),))))


def _let_reviewers_decide(session: Session, case: Case) -> bool:
    """Forget who decided the first stage of a case that is open again; whether that frees anybody."""
    if case.stage == 1 or case.status == Status.CLOSED:
        return False
    concerned = select(Concern.person_id).where(Concern.submission_id == case.id)
    free = (Reviewer.case_id == case.id, Reviewer.person_id.not_in(concerned))
    if session.scalar(select(Reviewer.person_id).where(*free).limit(1)) is None:
        return False
    session.execute(delete(Reviewer).where(*free))
    return True


def _outside_reader(session: Session) -> str:
    return session.scalar(select(Organisation.outside_reader)) or ""
