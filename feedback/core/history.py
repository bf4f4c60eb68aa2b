"""What happened to a submission, step by step: an append-only list, numbered per submission."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, SmallInteger, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback.core.submissions import Submission
from feedback.db import Base, id_key, id_ref, moment, new_id, words

RECEIVED = "received"


class Event(Base):
    """One step: what (a name), when, by whom, with what words; worded when it is shown."""

    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("submission_id", "number"),)

    id: Mapped[id_key]
    submission_id: Mapped[id_ref] = mapped_column(ForeignKey("submission.id"))
    number: Mapped[int] = mapped_column(SmallInteger)
    name: Mapped[str] = mapped_column(String(40))
    at: Mapped[moment]
    by_id: Mapped[id_ref | None] = mapped_column(ForeignKey("person.id"))
    details: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    text: Mapped[words] = mapped_column(default="")


def add(
    session: Session,
    submission: Submission,
    name: str,
    at: datetime,
    *,
    by_id: int | None = None,
    text: str = "",
    details: dict[str, str] | None = None,
) -> Event:
    """The next event of `submission`; whoever writes at the same time waits for their number."""
    session.execute(select(Submission.id).where(Submission.id == submission.id).with_for_update(key_share=True))
    last = session.scalar(select(func.max(Event.number)).where(Event.submission_id == submission.id))
    event = Event(
        id=new_id(at),
        submission_id=submission.id,
        number=(last or 0) + 1,
        name=name,
        at=at,
        by_id=by_id,
        details=details or {},
        text=text,
    )
    session.add(event)
    return event


def add_to_all(
    session: Session, ids: Sequence[int], name: str, at: datetime, *, by_id: int, details: dict[str, str]
) -> list[Event]:
    """As add(), the same event for each of those submissions."""
    session.execute(
        select(Submission.id).where(Submission.id.in_(ids)).order_by(Submission.id).with_for_update(key_share=True)
    )
    last = select(Event.submission_id, func.max(Event.number)).where(Event.submission_id.in_(ids))
    numbers = {id: number for id, number in session.execute(last.group_by(Event.submission_id))}
    events = [
        Event(
            id=new_id(at),
            submission_id=id,
            number=numbers.get(id, 0) + 1,
            name=name,
            at=at,
            by_id=by_id,
            details=details,
        )
        for id in ids
    ]
    session.add_all(events)
    return events


def events_of(session: Session, submission_id: int) -> Sequence[Event]:
    """All events of a submission, oldest first."""
    return session.scalars(select(Event).where(Event.submission_id == submission_id).order_by(Event.number)).all()


def first_row(event_id: int, submission_id: int, at: datetime, details: dict[str, str]) -> dict[str, Any]:
    """The row of the event with which every submission begins."""
    return {
        "id": event_id,
        "submission_id": submission_id,
        "number": 1,
        "name": RECEIVED,
        "at": at,
        "by_id": None,
        "details": details,
        "text": "",
    }
