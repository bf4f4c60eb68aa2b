"""Taking a closed case up again from inside the house: a mistake found, a promise not kept. The customer's own way of
opening it again is left to `handling`, and stays theirs once."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback.core import history
from feedback.core.access import Viewer
from feedback.core.accounts import at_work
from feedback.core.cases import timing
from feedback.core.cases.handling import NotOpen
from feedback.core.cases.hands import hold_person, may_work_on
from feedback.core.cases.model import Case, Closure, NotAllowed, Status, change
from feedback.core.cases.telling import tell
from feedback.core.history import Event
from feedback.core.notices import About
from feedback.core.people import Person
from feedback.core.submissions import Submission


def take_up_again(
    session: Session, viewer: Viewer, case: Case, reason: str, *, version: int, at: datetime, mails: bool = True
) -> Event:
    """Open a closed case again at the stage it was, for an internal `reason`. Raises ChangedMeanwhile, NotAllowed,
    NotOpen (it is not closed).

    It is in progress, with whoever handled it if they still work here, and its answer is due as if it had come now.
    How it had ended moves from its closure into the event, where nothing changes it; the next end is judged anew.
    """
    if not may_work_on(session, viewer, case):
        raise NotAllowed
    if case.status != Status.CLOSED:
        raise NotOpen
    handled_by = case.handler_id
    hold_person(session, handled_by)
    change(
        session,
        case,
        version,
        status=Status.IN_PROGRESS,
        handler_id=session.scalar(select(Person.id).where(Person.id == handled_by, Person.id.in_(at_work()))),
        acknowledged_at=case.acknowledged_at or at,
        answered_at=None,
        closed_at=None,
        paused_at=None,
    )
    details = _ending(session, case) | ({"handled_by": str(handled_by)} if handled_by else {})
    submission = session.get_one(Submission, case.id)
    event = history.add(session, submission, "taken_up_again", at, by_id=viewer.person_id, details=details, text=reason)
    session.flush()
    timing.settle(session, case)
    if case.handler_id is not None and case.handler_id != viewer.person_id:
        tell(session, event, About.ASSIGNED, {case.handler_id}, at, mails=mails)
    return event


def _ending(session: Session, case: Case) -> dict[str, str]:
    """How the present stage had ended, taken out of its closure; nothing of what was imported closed."""
    closure = session.get(Closure, (case.id, case.stage))
    if closure is None:
        return {}
    told = {name: getattr(closure, name) for name in ("stage", "outcome", "cause", "remedy", "note", "rating")}
    told["settled"] = None if closure.is_settled is None else "yes" if closure.is_settled else "no"
    session.delete(closure)
    return {name: str(value) for name, value in told.items() if value}
