"""Sharing a closed case with the person it is about: an act of whoever answered it, with a word of their own.

What is shared is what the customer wrote and what the customer was told, with the photos of both; no note, no contact,
no name of anybody else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback.core import attachments, history
from feedback.core.access import Viewer
from feedback.core.accounts import at_work
from feedback.core.cases.handling import NotOpen
from feedback.core.cases.hands import may_work_on
from feedback.core.cases.model import Case, ChangedMeanwhile, NotAllowed, Status
from feedback.core.files import File
from feedback.core.history import Event
from feedback.core.people import Person
from feedback.core.submissions import Submission
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
class Shared:
    """A shared case as its person reads it."""

    share: Share
    submission: Submission
    said: tuple[Event, ...]
    photos: Mapping[int, list[File]]  # by the step they came with; those of the words themselves under 0


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
    if case.status != Status.CLOSED:
        raise NotOpen
    person = could_share_with(session, viewer, case)
    if person is None:
        raise ChangedMeanwhile
    session.add(Share(case_id=case.id, person_id=person.id, at=at, by_id=viewer.person_id, note=note))
    submission = session.get_one(Submission, case.id)
    return history.add(
        session, submission, "shared", at, by_id=viewer.person_id, details={"person": person.name}, text=note
    )


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
    said = tuple(event for event in events if event.name in TOLD)
    first = {event.id: 0 for event in events if event.name == history.RECEIVED}
    known = first | {event.id: event.id for event in said}
    photos = {known[step]: some for step, some in attachments.of(session, case_id).items() if step in known}
    return Shared(found, session.get_one(Submission, case_id), said, photos)
