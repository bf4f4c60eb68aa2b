"""Photos that belong to a step of a submission's history: what a customer sent, later wrote, or was answered."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback.core.files import File
from feedback.core.history import Event
from feedback.db import Base, id_ref

MOST = 3  # photos with one step


class Attachment(Base):
    """One photo, the step it came with, and its place among those that came with it."""

    __tablename__ = "attachment"
    __table_args__ = (
        CheckConstraint("position between 1 and 3", name="position"),
        Index(None, "submission_id", info={"serves": "the photos of one submission"}),
    )

    file_id: Mapped[id_ref] = mapped_column(ForeignKey("file.id"), primary_key=True)
    submission_id: Mapped[id_ref] = mapped_column(ForeignKey("submission.id"))
    event_id: Mapped[id_ref] = mapped_column(ForeignKey("event.id"))
    position: Mapped[int] = mapped_column(SmallInteger)


def rows(photos: Sequence[File], submission_id: int, event_id: int) -> list[dict[str, Any]]:
    """The rows that let `photos` belong to that step, in their order."""
    return [
        {"file_id": photo.id, "submission_id": submission_id, "event_id": event_id, "position": position}
        for position, photo in enumerate(photos, 1)
    ]


def attach(session: Session, event: Event, photos: Sequence[File]) -> None:
    """Let `photos`, which lie on disk already, belong to the step `event`."""
    if not photos:
        return
    session.add_all(photos)
    session.flush()
    session.add_all(Attachment(**row) for row in rows(photos, event.submission_id, event.id))


def of(session: Session, submission_id: int) -> Mapping[int, list[File]]:
    """The photos of every step of a submission by the step's id, each in its order."""
    statement = (
        select(Attachment.event_id, File)
        .join(File, File.id == Attachment.file_id)
        .where(Attachment.submission_id == submission_id)
        .order_by(Attachment.event_id, Attachment.position)
    )
    found: dict[int, list[File]] = {}
    for event_id, photo in session.execute(statement):
        found.setdefault(event_id, []).append(photo)
    return found


def one(session: Session, submission_id: int, file_id: int, *, among: Collection[str] | None = None) -> File | None:
    """The photo of that id, if it belongs to the submission; with `among` to a step of one of these names."""
    statement = (
        select(File)
        .join(Attachment, Attachment.file_id == File.id)
        .where(File.id == file_id, Attachment.submission_id == submission_id)
    )
    if among is not None:
        statement = statement.join(Event, Event.id == Attachment.event_id).where(Event.name.in_(among))
    return session.scalar(statement)


def counted(session: Session, submission_ids: Collection[int]) -> dict[tuple[int, int], int]:
    """How many photos came with the steps of those submissions, by submission and step's number; 1 is the sending."""
    if not submission_ids:
        return {}
    statement = (
        select(Attachment.submission_id, Event.number, func.count())
        .join(Event, Event.id == Attachment.event_id)
        .where(Attachment.submission_id.in_(submission_ids))
        .group_by(Attachment.submission_id, Event.number)
    )
    return {(submission_id, number): n for submission_id, number, n in session.execute(statement)}


def are_the_same(session: Session, event: Event, photos: Sequence[File]) -> bool:
    """Whether exactly these photos came with that step: drawing the same one anew gives the same bytes."""
    kept = of(session, event.submission_id).get(event.id, [])
    return [photo.sha256 for photo in kept] == [photo.sha256 for photo in photos]
