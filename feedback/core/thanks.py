"""Thanking the giver: whoever was praised answers by one tap or one line, and the customer sees it behind the receipt.

It is an event of the submission, one for each person whom it reached. Nothing of the customer's contact is read for it
but the address they left to be told once, which the mail takes and forgets.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from feedback.core import history, notices, praise, told_once
from feedback.core.access import Viewer
from feedback.core.history import Event
from feedback.core.notices import About, Notice
from feedback.core.praise import Letter, Praise
from feedback.core.submissions import Kind, Submission

THANKED = "thanked"
LONGEST = 200  # characters: a line, not a letter


def give(session: Session, viewer: Viewer, praise_id: int, words: str, at: datetime, *, mails: bool = True) -> bool:
    """Thank whoever wrote a letter of the viewer's own, in `words` or without any; who did so before changes nothing.

    With `mails` a customer who asked to be told once is owed a mail. False where the letter is not the viewer's own.
    """
    submission = _submission(session, viewer, praise_id)
    if submission is None:
        return False
    session.refresh(submission, with_for_update={"key_share": True})  # the second of two taps waits, and sees the first
    if session.scalar(_given(viewer, [submission.id])) is None:
        event = history.add(session, submission, THANKED, at, by_id=viewer.person_id, text=words)
        if mails and submission.kind == Kind.COMPLIMENT:
            _tell(session, event, submission, at)
    return True


def open_letter(session: Session, viewer: Viewer, praise_id: int) -> Letter | None:
    """A letter of the viewer's own for which they can still thank; None where there is none."""
    wanted = select(Praise.id).where(Praise.id == praise_id, praise.is_own(viewer))
    letter = next(iter(praise.letters(session, wanted)), None)
    if letter is None or not is_offered(letter) or session.scalar(_given(viewer, [letter.submission.id])):
        return None
    return letter


def is_offered(letter: Letter) -> bool:
    """Whether somebody may come back with a receipt to read it: not for what was imported."""
    return not letter.submission.is_history


def among(session: Session, viewer: Viewer, submissions: Sequence[int]) -> dict[int, Event]:
    """With what the viewer thanked for each of those submissions, where they did, in one statement."""
    return {event.submission_id: event for event in session.scalars(_given(viewer, submissions))}


def _submission(session: Session, viewer: Viewer, praise_id: int) -> Submission | None:
    own = select(Praise.submission_id).where(Praise.id == praise_id, praise.is_own(viewer))
    return session.scalar(select(Submission).where(Submission.id.in_(own), ~Submission.is_history))


def _given(viewer: Viewer, submissions: Sequence[int]) -> Select[Event]:
    return select(Event).where(
        Event.submission_id.in_(submissions), Event.name == THANKED, Event.by_id == viewer.person_id
    )


def _tell(session: Session, event: Event, submission: Submission, at: datetime) -> None:
    address = told_once.take(session, submission.id)
    if address:
        session.flush()
        session.add(Notice(**notices.row(event.id, address, About.THANKED, at, submission.language)))
