"""Sharing a closed case with the person it is about: an act of whoever answered it, with a word of their own.

What is shared is what the customer wrote and what the customer was told, with the photos of both; no note, no contact,
no name of anybody else. Where a reply calls the customer or its author by name, the name is left out of what is shared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback.core import attachments, history
from feedback.core.access import Viewer
from feedback.core.accounts import at_work
from feedback.core.cases.handling import NotOpen
from feedback.core.cases.hands import may_work_on
from feedback.core.cases.model import Case, ChangedMeanwhile, NotAllowed, Status, hold
from feedback.core.cases.naming import without
from feedback.core.cases.telling import tell
from feedback.core.files import File
from feedback.core.history import Event
from feedback.core.notices import About
from feedback.core.people import Person
from feedback.core.submissions import Contact, Submission
from feedback.db import Base, id_ref, moment, words

TOLD = frozenset({"replied", "asked", "answered", "wrote", "reopened"})  # events whose words both sides know


class Share(Base):
    """One case that its person may read, from whom, and with what word."""

    __tablename__ = "share"
    __table_args__ = (Index(None, "person_id", "at", info={"serves": "what was shared with someone, newest first"}),)

    case_id: Mapped[id_ref] = mapped_column(ForeignKey("case.id"), primary_key=True)
    person_id: Mapped[id_ref] = mapped_column(ForeignKey("person.id"), primary_key=True)
    at: Mapped[moment]
    by_id: Mapped[id_ref] = mapped_column(ForeignKey("person.id"))
    note: Mapped[words] = mapped_column(default="")


@dataclass(frozen=True, slots=True)
class Said:
    """Words that both sides know, without names."""

    name: str  # of the event
    at: datetime
    text: str
    photos: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Shared:
    """A shared case as its person reads it."""

    share: Share
    submission: Submission
    said: tuple[Said, ...]
    photos: tuple[File, ...]  # that came with the words


def could_share_with(session: Session, viewer: Viewer, case: Case) -> Person | None:
    """The person the case is about, where it is closed, the viewer answers it, and they do not have it yet."""
    if case.status != Status.CLOSED or not may_work_on(session, viewer, case):
        return None
    about = select(Submission.person_id).where(Submission.id == case.id)
    person = session.scalar(select(Person).where(Person.id.in_(about), Person.id.in_(at_work())))
    is_shared = person is not None and session.get(Share, (case.id, person.id)) is not None
    return None if is_shared else person


def share(session: Session, viewer: Viewer, case: Case, note: str, *, at: datetime) -> Event:
    """Let the person the case is about read it. Raises NotAllowed, NotOpen (not closed), ChangedMeanwhile (shared)."""
    if not may_work_on(session, viewer, case):
        raise NotAllowed
    hold(session, case)  # of two who share it at once the second sees what the first did
    if case.status != Status.CLOSED:
        raise NotOpen
    person = could_share_with(session, viewer, case)
    if person is None:
        raise ChangedMeanwhile
    session.add(Share(case_id=case.id, person_id=person.id, at=at, by_id=viewer.person_id, note=note))
    submission = session.get_one(Submission, case.id)
    details = {"person": person.name}
    event = history.add(session, submission, "shared", at, by_id=viewer.person_id, details=details, text=note)
    tell(session, event, About.SHARED, {person.id}, at, mails=False)
    return event


def shared_with(session: Session, viewer: Viewer, *, most: int) -> Sequence[Share]:
    """Up to `most` cases shared with the viewer, newest first."""
    mine = select(Share).where(Share.person_id == viewer.person_id)
    return session.scalars(mine.order_by(Share.at.desc()).limit(most)).all()


def shared(session: Session, viewer: Viewer, case_id: int) -> Shared | None:
    """The case of that id as it was shared with the viewer."""
    found = session.get(Share, (case_id, viewer.person_id))
    if found is None:
        return None
    events = [event for event in history.events_of(session, case_id) if event.at <= found.at]
    told = [event for event in events if event.name in TOLD]
    names, photos = _names(session, case_id, told), attachments.of(session, case_id)
    said = [
        Said(
            event.name,
            event.at,
            without(names, event.text) if event.by_id else event.text,
            tuple(photos.get(event.id, ())),
        )
        for event in told
    ]
    first = next((photos.get(event.id, []) for event in events if event.name == history.RECEIVED), [])
    return Shared(found, session.get_one(Submission, case_id), tuple(said), tuple(first))


def _names(session: Session, case_id: int, events: Sequence[Event]) -> set[str]:
    """The customer's name where it is known, and those of whoever wrote to them."""
    contact = session.get(Contact, case_id)
    authors = select(Person).where(Person.id.in_({event.by_id for event in events}))
    names = {name for person in session.scalars(authors) for name in (person.name, person.public_name)}
    return {*names, contact.name if contact else ""}
