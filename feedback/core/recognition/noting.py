"""A director's personal note on a letter that was brought to them: to whom it is for, and to the customer."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback.core import notices, praise, told_once
from feedback.core.access import Viewer
from feedback.core.history import Event
from feedback.core.notices import About, Notice
from feedback.core.people import Person
from feedback.core.praise import Letter, Praise
from feedback.core.recognition.bringing import is_brought_to, tell, told_of
from feedback.core.recognition.model import COMMENDED, GIVER_COMMENDED
from feedback.core.submissions import Kind, Submission


def note(
    session: Session,
    viewer: Viewer,
    praise_id: int,
    words: str,
    at: datetime,
    *,
    to_giver: bool = False,
    mails: bool = True,
    is_past: bool = False,
) -> bool:
    """Write whom that letter is for, or the customer, in `words` or without any; who did so before changes nothing.

    They are told, where it is not the past. False where it was not brought to the viewer, or no customer could read it.
    """
    letter = _letter(session, viewer, praise_id)
    if letter is None or (to_giver and not can_reach_giver(letter)):
        return False
    submission, of = letter.submission, letter.praise
    session.refresh(submission, with_for_update={"key_share": True})  # the second of two taps waits, and sees the first
    name = GIVER_COMMENDED if to_giver else COMMENDED
    if not _was_written(session, viewer, of, name):
        event = told_of(session, submission, of, name, at, by_id=viewer.person_id, words=words)
        if is_past:
            return True
        if not to_giver:
            tell(session, event, _receivers(session, viewer, of), About.COMMENDED, mails=mails)
        elif mails:
            _tell_giver(session, event, submission)
    return True


def letter_to_note(session: Session, viewer: Viewer, praise_id: int, *, to_giver: bool) -> Letter | None:
    """A letter that was brought to the viewer and on which they can still write that note."""
    letter = _letter(session, viewer, praise_id)
    if letter is None or (to_giver and not can_reach_giver(letter)):
        return None
    name = GIVER_COMMENDED if to_giver else COMMENDED
    return None if _was_written(session, viewer, letter.praise, name) else letter


def can_reach_giver(letter: Letter) -> bool:
    """Whether somebody may come back with a receipt to read it: a customer who praised, and was not imported.

    Not one who complained, though part of it was praise: their case is answered by whoever handles it.
    """
    return letter.submission.kind == Kind.COMPLIMENT and not letter.submission.is_history


def _letter(session: Session, viewer: Viewer, praise_id: int) -> Letter | None:
    wanted = select(Praise.id).where(Praise.id == praise_id, is_brought_to(viewer))
    return next(iter(praise.letters(session, wanted)), None)


def _was_written(session: Session, viewer: Viewer, of: Praise, name: str) -> bool:
    """To a customer one writes once, to those whom their words reached once each."""
    written = select(Event).where(
        Event.submission_id == of.submission_id, Event.name == name, Event.by_id == viewer.person_id
    )
    events = session.scalars(written).all()
    return any(name == GIVER_COMMENDED or event.details["praise"] == str(of.id) for event in events)


def _receivers(session: Session, viewer: Viewer, of: Praise) -> list[int]:
    """Whom a letter is for: one person, or everyone who works in the department."""
    whom = Person.id == of.person_id if of.person_id else Person.department_id == of.department_id
    here = select(Person.id).where(whom, Person.retired_at.is_(None), Person.id != viewer.person_id)
    return list(session.scalars(here))


def _tell_giver(session: Session, event: Event, submission: Submission) -> None:
    address = told_once.take(session, submission.id)
    if address:
        session.flush()
        session.add(Notice(**notices.row(event.id, address, About.THANKED, event.at, submission.language)))
