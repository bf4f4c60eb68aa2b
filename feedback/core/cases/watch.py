"""Watching the deadlines: a reminder before each, and word to those above once one has passed."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from feedback.core import history
from feedback.core.cases import timing
from feedback.core.cases.model import Case
from feedback.core.cases.telling import above, answering, tell
from feedback.core.history import Event
from feedback.core.notices import About
from feedback.core.submissions import Submission

MOST = 100  # cases a transaction; the next look takes the others


def watch(session: Session, at: datetime, *, mails: bool) -> int:
    """Remind of what is due soon, and pass on what is overdue, inside and with `mails` by mail; how many cases."""
    late = timing.due_to_breach(session, at, most=MOST)
    for case in late:
        case.breached_at, case.warn_at = at, None
        people = answering(session, case) | above(session, case)
        _note(session, case, "breached", About.BREACHED, people, at, mails)
    soon = [case for case in timing.due_to_warn(session, at, most=MOST) if case.breached_at is None]
    for case in soon:
        case.warn_at = None
        _note(session, case, "warned", About.DUE_SOON, answering(session, case), at, mails)
    return len(late) + len(soon)


def _note(
    session: Session, case: Case, name: str, about: About, people: Collection[int], at: datetime, mails: bool
) -> Event:
    which = "answer" if case.acknowledged_at else "acknowledge"
    event = history.add(session, session.get_one(Submission, case.id), name, at, details={"which": which})
    tell(session, event, about, people, at, mails=mails)
    return event
