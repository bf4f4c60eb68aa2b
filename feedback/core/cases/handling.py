"""Handling a case to its end: acknowledged, asked about, answered, closed, and opened again once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from feedback.core import attachments, history, told_once
from feedback.core.access import Viewer
from feedback.core.cases import timing
from feedback.core.cases.hands import may_work_on
from feedback.core.cases.model import (
    Case,
    Cause,
    ChangedMeanwhile,
    Closure,
    NotAllowed,
    Outcome,
    Remedy,
    Reviewer,
    Status,
    change,
    held,
    hold,
)
from feedback.core.cases.telling import answering, free_admins, free_managers, tell, tell_customer
from feedback.core.files import File
from feedback.core.history import Event
from feedback.core.notices import About
from feedback.core.submissions import Submission

REOPENED_WITHIN = timedelta(days=60)


class Says(StrEnum):
    """What a reply to the customer does."""

    REPLIED = "replied"  # a word in between
    ASKED = "asked"  # a question: the deadline waits for the answer
    ANSWERED = "answered"  # the answer


class NotOpen(Exception):
    """The case is closed, or not closed, and what was wanted goes with the other."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a stage ends."""

    outcome: Outcome
    cause: Cause
    remedy: Remedy
    note: str = ""


def note(
    session: Session, viewer: Viewer, case: Case, text: str, at: datetime, *, photos: Sequence[File] = ()
) -> Event:
    """Add an internal note; the customer never sees it. Raises NotAllowed."""
    if not may_work_on(session, viewer, case):
        raise NotAllowed
    hold(session, case)
    submission = session.get_one(Submission, case.id)
    event = history.add(session, submission, "noted", at, by_id=viewer.person_id, text=text)
    attachments.attach(session, event, photos)
    return event


def acknowledge(session: Session, viewer: Viewer, case: Case, *, version: int, at: datetime) -> Event:
    """Tell the customer that somebody has read it. Raises ChangedMeanwhile, NotAllowed, NotOpen."""
    _begin(session, viewer, case)
    if case.acknowledged_at is not None:
        raise ChangedMeanwhile
    status = Status.ACKNOWLEDGED if case.status == Status.RECEIVED else case.status
    change(session, case, version, acknowledged_at=at, status=status)
    return _done(session, case, "acknowledged", at, viewer)


def reply(
    session: Session,
    viewer: Viewer,
    case: Case,
    text: str,
    says: Says,
    *,
    version: int,
    at: datetime,
    mails: bool = True,
    photos: Sequence[File] = (),
) -> Event:
    """Write to the customer, who reads it behind the receipt. Raises ChangedMeanwhile, NotAllowed, NotOpen.

    Whatever is written acknowledges the case too; once it is answered, its deadline was kept, whatever follows.
    """
    _begin(session, viewer, case)
    answered_at = at if says == Says.ANSWERED else case.answered_at
    status = Status.ANSWERED if answered_at and says != Says.ASKED else Status.IN_PROGRESS
    change(
        session,
        case,
        version,
        status=status,
        acknowledged_at=case.acknowledged_at or at,
        answered_at=answered_at,
        paused_at=at if says == Says.ASKED else None,
    )
    event = _done(session, case, says, at, viewer, text=text)
    attachments.attach(session, event, photos)
    return _said(session, event, case, at, mails=mails)


def resume(session: Session, viewer: Viewer, case: Case, *, version: int, at: datetime) -> Event:
    """Wait for the customer no longer. Raises ChangedMeanwhile, NotAllowed, NotOpen."""
    _begin(session, viewer, case)
    if case.paused_at is None:
        raise ChangedMeanwhile
    change(session, case, version, paused_at=None)
    return _done(session, case, "resumed", at, viewer)


def grade(session: Session, viewer: Viewer, case: Case, severity: int, *, version: int, at: datetime) -> Event | None:
    """Say how severe it is; its deadlines follow. Raises ChangedMeanwhile, NotAllowed, NotOpen."""
    _begin(session, viewer, case)
    if case.severity == severity:
        return None
    before = case.severity
    change(session, case, version, severity=severity)
    details = {"before": str(before), "severity": str(severity)}
    return _done(session, case, "graded", at, viewer, details=details)


def close(
    session: Session, viewer: Viewer, case: Case, ending: Ending, *, version: int, at: datetime, mails: bool = True
) -> Event:
    """End the present stage. Raises ChangedMeanwhile, NotAllowed, NotOpen."""
    _begin(session, viewer, case)
    change(session, case, version, status=Status.CLOSED, closed_at=at, paused_at=None)
    session.add(
        Closure(
            case_id=case.id,
            stage=case.stage,
            at=at,
            by_id=viewer.person_id,
            outcome=ending.outcome,
            cause=ending.cause,
            remedy=ending.remedy,
            note=ending.note,
        )
    )
    details = {"outcome": str(ending.outcome), "remedy": str(ending.remedy)}
    event = _done(session, case, "closed", at, viewer, details=details)
    return _said(session, event, case, at, mails=mails)


def write(
    session: Session,
    submission: Submission,
    text: str,
    at: datetime,
    *,
    mails: bool = True,
    photos: Sequence[File] = (),
) -> Event:
    """What the customer adds, behind the receipt; it ends a waiting for it. Raises NotOpen.

    An answer that was given kept its deadline, and none runs again because somebody says thank you. The same words
    and photos twice in a row are one: somebody pressed twice.
    """
    case = held(session, submission.id)
    if case.status == Status.CLOSED:
        raise NotOpen
    last = history.events_of(session, submission.id)[-1]
    if last.name == "wrote" and last.text == text and attachments.are_the_same(session, last, photos):
        return last
    status = Status.IN_PROGRESS if case.status == Status.ANSWERED else case.status
    change(session, case, case.version, status=status, paused_at=None)
    event = history.add(session, submission, "wrote", at, text=text)
    attachments.attach(session, event, photos)
    _settle(session, case)
    tell(session, event, About.WROTE, answering(session, case), at, mails=mails)
    return event


def judge(session: Session, submission: Submission, *, is_settled: bool, rating: int | None, at: datetime) -> Event:
    """What the customer thinks of the end, said once for each stage. Raises NotOpen, ChangedMeanwhile."""
    case = held(session, submission.id)
    closure = session.get(Closure, (case.id, case.stage))
    if case.status != Status.CLOSED or closure is None:
        raise NotOpen
    if closure.rated_at is not None:
        raise ChangedMeanwhile
    closure.is_settled, closure.rating, closure.rated_at = is_settled, rating, at
    details = {"settled": "yes" if is_settled else "no"} | ({"rating": str(rating)} if rating else {})
    return history.add(session, submission, "judged", at, details=details)


def can_reopen(case: Case, at: datetime) -> bool:
    """Whether the customer may still open it again: once, and not long after."""
    is_recent = case.closed_at is not None and at - case.closed_at <= REOPENED_WITHIN
    return case.status == Status.CLOSED and case.stage == 1 and is_recent


def reopen(session: Session, submission: Submission, reason: str, at: datetime, *, mails: bool = True) -> Event:
    """Open the case again because the customer says why; others decide this time. Raises NotOpen.

    It stays with the department while anyone who manages it is free of the first stage, else it climbs, at the end to
    an admin. Only where there is nobody else at all do the same decide again: a shop of one would be deaf otherwise.
    """
    case = held(session, submission.id)
    if not can_reopen(case, at):
        raise NotOpen
    department_id = _others_department(session, case)
    change(
        session,
        case,
        case.version,
        status=Status.RECEIVED,
        stage=2,
        department_id=department_id,
        handler_id=None,
        closed_at=None,
        acknowledged_at=None,
        answered_at=None,
        paused_at=None,
    )
    event = history.add(session, submission, "reopened", at, text=reason)
    _settle(session, case)
    tell(session, event, About.REOPENED, answering(session, case), at, mails=mails)
    return event


def _begin(session: Session, viewer: Viewer, case: Case) -> None:
    if not may_work_on(session, viewer, case):
        raise NotAllowed
    if case.status == Status.CLOSED:
        raise NotOpen


def _done(
    session: Session,
    case: Case,
    name: str,
    at: datetime,
    viewer: Viewer,
    *,
    text: str = "",
    details: dict[str, str] | None = None,
) -> Event:
    submission = session.get_one(Submission, case.id)
    event = history.add(session, submission, name, at, by_id=viewer.person_id, text=text, details=details)
    _settle(session, case)
    return event


def _said(session: Session, event: Event, case: Case, at: datetime, *, mails: bool) -> Event:
    if mails:
        tell_customer(session, event, case.id, session.get_one(Submission, case.id).language, at)
    else:
        told_once.take(session, case.id)  # no mail leaves here, so there is nothing to keep an address for
    return event


def _settle(session: Session, case: Case) -> None:
    session.flush()
    timing.settle(session, case)


def _closers(events: Sequence[Event]) -> Iterator[int | None]:
    """Who closed the case, and who handled it each time that those at work took it up again."""
    for event in events:
        if event.name == "closed":
            yield event.by_id
        elif event.name == "taken_up_again" and event.details.get("handled_by"):
            yield int(event.details["handled_by"])


def _others_department(session: Session, case: Case) -> int | None:
    """Note who decided the first stage, and the department with others who can; None for the admins."""
    decided = {case.handler_id, *_closers(history.events_of(session, case.id))} - {None}
    noted = [Reviewer(case_id=case.id, person_id=person_id) for person_id in decided]
    session.add_all(noted)
    session.flush()
    department_id, others = free_managers(session, case, case.department_id)
    if others or free_admins(session, case):
        return department_id
    for reviewer in noted:
        session.delete(reviewer)
    session.flush()
    return case.department_id
