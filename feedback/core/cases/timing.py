"""The deadlines of a case: worked out anew from its history whenever something moves them, passed on when they pass."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback.core import history
from feedback.core.cases.model import Case, Status
from feedback.core.deadlines import Times, the_pace
from feedback.core.history import Event
from feedback.core.submissions import Submission


def settle(session: Session, case: Case) -> None:
    """Let the deadlines of `case` be what its history, severity and calendar make them; it is held by the caller.

    What was imported has none: it happened before anything was promised.
    """
    submission = session.get_one(Submission, case.id)
    if submission.is_history:
        return
    events = history.events_of(session, case.id)
    times = _times(case, submission.submitted_at, events)
    found = the_pace(session).of(case.severity, times)
    case.answer_at = found.answer_at
    if _stage_begun_at(events, submission.submitted_at) == times.begun_at:  # else it was acknowledged long before
        case.acknowledge_at = found.acknowledge_at
    if case.acknowledged_at is None:
        case.due_at, case.warn_at = found.acknowledge_at, found.acknowledge_warning_at
    else:
        case.due_at, case.warn_at = found.answer_at, found.answer_warning_at
    if case.status in (Status.ANSWERED, Status.CLOSED) or case.paused_at is not None or case.answered_at is not None:
        case.due_at = case.warn_at = None
    case.breached_at = case.due_at if case.breached_at and case.due_at and case.breached_at >= case.due_at else None
    warned = max((event.at for event in events if event.name == "warned"), default=None)
    if case.breached_at or (warned and case.warn_at and warned >= case.warn_at):
        case.warn_at = None


def is_anything_due(session: Session, at: datetime) -> bool:
    """Whether anybody has to be reminded, or a deadline to be passed on."""
    late = select(Case.id).where(Case.due_at <= at, Case.breached_at.is_(None)).limit(1)
    soon = select(Case.id).where(Case.warn_at <= at).limit(1)
    return session.scalar(late) is not None or session.scalar(soon) is not None


def due_to_warn(session: Session, at: datetime, *, most: int) -> Sequence[Case]:
    """Cases of whose deadline somebody is to be reminded now."""
    return session.scalars(
        select(Case).where(Case.warn_at <= at).order_by(Case.warn_at).limit(most).with_for_update(skip_locked=True)
    ).all()


def due_to_breach(session: Session, at: datetime, *, most: int) -> Sequence[Case]:
    """Cases whose deadline has passed and was not yet passed on."""
    passed = select(Case).where(Case.due_at <= at, Case.breached_at.is_(None))
    return session.scalars(passed.order_by(Case.due_at).limit(most).with_for_update(skip_locked=True)).all()


def _times(case: Case, submitted_at: datetime, events: Sequence[Event]) -> Times:
    """From the stage's beginning, or from when those at work took it up again: nothing of it counts from before."""
    again = [event.at for event in events if event.name == "taken_up_again"]
    begun_at = max(_stage_begun_at(events, submitted_at), *again) if again else _stage_begun_at(events, submitted_at)
    return Times(
        begun_at=begun_at,
        stage=case.stage,
        acknowledged_at=case.acknowledged_at and max(case.acknowledged_at, begun_at),
        pauses=tuple(_pauses(events, begun_at)),
    )


def _stage_begun_at(events: Sequence[Event], submitted_at: datetime) -> datetime:
    """When it arrived, or the customer opened it again."""
    return max((event.at for event in events if event.name == "reopened"), default=submitted_at)


def _pauses(events: Sequence[Event], begun_at: datetime) -> list[tuple[datetime, datetime]]:
    """From each question to what ended the waiting for its answer."""
    found: list[tuple[datetime, datetime]] = []
    asked: datetime | None = None
    for event in events:
        if event.at < begun_at - timedelta(microseconds=1):
            continue
        if event.name == "asked" and asked is None:
            asked = event.at
        elif event.name in ("wrote", "resumed", "replied", "answered") and asked is not None:
            found.append((asked, event.at))
            asked = None
    return found
