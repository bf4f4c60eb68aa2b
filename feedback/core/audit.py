"""Who changed what of the organisation, and when: an append-only log that every noun writes to."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Select, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback.db import Base, Id, id_key, id_ref, moment, new_id


class Entry(Base):
    """One change: what was done (`act`) to which thing, by whom; `details` are names and values, worded when shown."""

    __tablename__ = "audit"
    __table_args__ = (
        Index(None, "noun", "noun_id", "id", info={"serves": "the history of one thing, newest first"}),
        Index(None, "by_id", "id", info={"serves": "what one person changed, newest first"}),
    )

    id: Mapped[id_key]
    at: Mapped[moment]
    by_id: Mapped[id_ref | None] = mapped_column(ForeignKey("person.id"))
    noun: Mapped[str] = mapped_column(String(20))
    noun_id: Mapped[int | None] = mapped_column(Id)
    act: Mapped[str] = mapped_column(String(40))
    details: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)


def note(
    session: Session,
    noun: str,
    noun_id: int | None,
    act: str,
    at: datetime,
    *,
    by_id: int | None,
    details: Mapping[str, str] | None = None,
) -> Entry:
    """Note one change in the transaction that makes it; `by_id` is None where a command did it."""
    entry = Entry(**row(noun, noun_id, act, at, by_id=by_id, details=details))
    session.add(entry)
    return entry


def row(
    noun: str,
    noun_id: int | None,
    act: str,
    at: datetime,
    *,
    by_id: int | None,
    details: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The row of one change, as note() would write it, for those that make thousands at once."""
    return {
        "id": new_id(at),
        "at": at,
        "by_id": by_id,
        "noun": noun,
        "noun_id": noun_id,
        "act": act,
        "details": dict(details or {}),
    }


def of_one(session: Session, noun: str, noun_id: int, *, after: int | None = None, size: int = 50) -> Sequence[Entry]:
    """Up to `size` changes of one thing, newest first, older than the entry `after`."""
    statement = select(Entry).where(Entry.noun == noun, Entry.noun_id == noun_id)
    return session.scalars(_newest(statement, after, size)).all()


def page(
    session: Session, *, noun: str | None = None, by_id: int | None = None, after: int | None = None, size: int = 50
) -> Sequence[Entry]:
    """Up to `size` changes of anything, newest first; for admins, who may see all."""
    statement = select(Entry)
    if noun is not None:
        statement = statement.where(Entry.noun == noun)
    if by_id is not None:
        statement = statement.where(Entry.by_id == by_id)
    return session.scalars(_newest(statement, after, size)).all()


def _newest(statement: Select[Entry], after: int | None, size: int) -> Select[Entry]:
    statement = statement.order_by(Entry.id.desc()).limit(size)
    return statement.where(Entry.id < after) if after else statement
