"""The outbox: one row for each message owed to one recipient; claimed, sent, retried, given up visibly."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback.db import Base, id_key, id_ref, moment, new_id
from feedback.db.ids import EPOCH

LEASE = timedelta(minutes=2)
PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440))
MAIL, NEWS = "mail", "app"  # channels: what is sent, and what is read in the application
IS_NEWS, IS_UNREAD = text("channel = 'app'"), text("channel = 'app' and read_at is null")
IS_SENT = text("sent_at is not null and digest_id is null")


class About(StrEnum):
    """What a notice tells; the folder of its texts in templates/email/ has the same name, where it is ever mailed."""

    PRAISE = "praise"
    COMPLAINT = "complaint"
    HELD = "held"
    SOUGHT = "sought"  # whom a customer described
    RECEIPT = "receipt"
    INVITATION = "invitation"
    ASSIGNED = "assigned"
    WROTE = "wrote"  # the customer, behind the receipt
    DUE_SOON = "due_soon"
    BREACHED = "breached"
    REOPENED = "reopened"
    ANSWER = "answer"  # to the customer
    THANKED = "thanked"  # the customer, by whom they praised
    BROUGHT = "brought"  # a letter, to those who direct
    COMMENDED = "commended"  # by a director, whom a letter is for
    DIGEST = "digest"  # of what was put off
    CHALLENGED = "challenged"  # someone says that what is kept about them is wrong
    CHALLENGE_ANSWERED = "challenge_answered"
    SHARED = "shared"  # told in the application alone


INSIDE = frozenset({About.SHARED})  # never mailed
# Once sent or given up, a customer's address is not kept.
FORGOTTEN = frozenset({About.RECEIPT, About.ANSWER, About.THANKED})


class Notice(Base):
    """One message owed to one recipient over one channel: a person, or an address outside.

    It tells of an event of a submission, or of an occasion of its own, which is named such that the same one is
    owed once: the hash of an invitation, the moment of a digest. What is read in the application is never due.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("event_id", "person_id", "channel"),
        UniqueConstraint("event_id", "address", "channel"),
        UniqueConstraint("about", "occasion", "person_id", "channel"),
        CheckConstraint("(event_id is null) <> (occasion is null)", name="one_cause"),
        CheckConstraint("(person_id is null) <> (address is null)", name="one_recipient"),
        Index(
            "ix_notice_due_at",
            "due_at",
            sqlite_where=text("due_at is not null"),
            postgresql_where=text("due_at is not null"),
            info={"serves": "what the worker has to send next"},
        ),
        Index(
            "ix_notice_digest_id",
            "digest_id",
            sqlite_where=text("digest_id is not null"),
            postgresql_where=text("digest_id is not null"),
            info={"serves": "what a digest tells of"},
        ),
        Index(
            "ix_notice_sent",
            "person_id",
            "sent_at",
            sqlite_where=IS_SENT,
            postgresql_where=IS_SENT,
            info={"serves": "how many mails someone got within the hour"},
        ),
        Index(
            "ix_notice_news",
            "person_id",
            "id",
            sqlite_where=IS_NEWS,
            postgresql_where=IS_NEWS,
            info={"serves": "someone's news, newest first"},
        ),
        Index(
            "ix_notice_unread",
            "person_id",
            "id",
            sqlite_where=IS_UNREAD,
            postgresql_where=IS_UNREAD,
            info={"serves": "how many news someone has not read"},
        ),
    )

    id: Mapped[id_key]
    event_id: Mapped[id_ref | None] = mapped_column(ForeignKey("event.id"))
    occasion: Mapped[str | None] = mapped_column(String(64))
    person_id: Mapped[id_ref | None] = mapped_column(ForeignKey("person.id"))
    address: Mapped[str | None] = mapped_column(String(320))
    channel: Mapped[str] = mapped_column(String(8), default=MAIL)
    about: Mapped[str] = mapped_column(String(20))
    language: Mapped[str | None] = mapped_column(String(35))
    due_at: Mapped[moment | None]  # null once sent or given up
    lease: Mapped[str | None] = mapped_column(String(22))
    tries: Mapped[int] = mapped_column(SmallInteger, default=0)
    sent_at: Mapped[moment | None]
    given_up_at: Mapped[moment | None]
    problem: Mapped[str] = mapped_column(String(200), default="")
    digest_id: Mapped[id_ref | None] = mapped_column(ForeignKey("notice.id"))  # in which it is told, put off until then
    read_at: Mapped[moment | None]  # in the application

    was_begun = False  # of a claimed one: somebody began with it before, and nobody knows what became of that


def row(cause: int | str, reader: int | str, about: About, at: datetime, language: str | None = None) -> dict[str, Any]:
    """The row of a mail owed to `reader`, a person's id or an address outside, from the moment `at`.

    Its cause is an event's id or the name of an occasion.
    """
    return {
        "id": new_id(at),
        "event_id": cause if isinstance(cause, int) else None,
        "occasion": cause if isinstance(cause, str) else None,
        "person_id": reader if isinstance(reader, int) else None,
        "address": reader if isinstance(reader, str) else None,
        "channel": MAIL,
        "about": about,
        "language": language,
        "due_at": at,
        "lease": None,
        "tries": 0,
        "sent_at": None,
        "given_up_at": None,
        "problem": "",
        "digest_id": None,
        "read_at": None,
    }


def news(cause: int, reader: int, about: About, at: datetime) -> dict[str, Any]:
    """The row of what `reader` is told in the application of an event."""
    return row(cause, reader, about, at) | {"channel": NEWS, "due_at": None}


def claim(session: Session, at: datetime, *, size: int = 20) -> Sequence[Notice]:
    """Up to `size` due notices, leased to the caller; nobody else gets them before the lease runs out."""
    lease = secrets.token_urlsafe(16)
    due = (
        select(Notice.id, Notice.lease)
        .where(Notice.due_at <= at)
        .order_by(Notice.due_at)
        .limit(size)
        .with_for_update(skip_locked=True)
    )
    leases = {number: old for number, old in session.execute(due)}
    if not leases:
        return []
    mine = Notice.id.in_(list(leases))
    session.execute(
        update(Notice).where(mine).values(lease=lease, due_at=at + LEASE, tries=Notice.tries + 1),
        execution_options={"synchronize_session": False},
    )
    claimed = session.scalars(select(Notice).where(mine).order_by(Notice.id)).all()
    for notice in claimed:
        notice.was_begun = leases[notice.id] is not None
    return claimed


def put_back(session: Session, notice: Notice, at: datetime) -> None:
    """Owe a claimed notice as if nobody had claimed it."""
    _finish(session, notice, due_at=at, tries=notice.tries - 1, lease=notice.lease if notice.was_begun else None)


def was_tried_enough(notice: Notice) -> bool:
    """Whether a claimed notice was sent as often as any may be, though what became of it was never kept."""
    return notice.tries > len(PAUSES) + 1


def sent(session: Session, notice: Notice, at: datetime) -> bool:
    """Mark as sent; False if the lease went to someone else meanwhile. A customer's address is forgotten."""
    if notice.about in FORGOTTEN:
        session.execute(delete(Notice).where(Notice.id == notice.id, Notice.lease == notice.lease))
        return True
    return _finish(session, notice, due_at=None, sent_at=at, problem="")


def failed(
    session: Session, notice: Notice, at: datetime, problem: str, *, for_good: bool, is_unsure: bool = False
) -> bool:
    """Try again after a growing pause, or give up, visibly, after the last or where trying is of no use.

    Whether it was given up. Of what `is_unsure` nobody knows whether it was taken: it keeps its lease as a sign.
    """
    if for_good or notice.tries > len(PAUSES):
        # What is given up stays on record, but a customer's address is forgotten with it.
        address = "" if notice.about in FORGOTTEN else notice.address
        return _finish(session, notice, due_at=None, given_up_at=at, problem=problem[:200], address=address)
    kept = notice.lease if is_unsure or notice.was_begun else None
    _finish(session, notice, due_at=at + PAUSES[notice.tries - 1], problem=problem[:200], lease=kept)
    return False


def next_due(session: Session) -> datetime | None:
    """When the next notice wants to be sent, or None where none is waiting."""
    return session.scalar(select(func.min(Notice.due_at)))


def state(session: Session, since: datetime = EPOCH) -> tuple[int, int]:
    """How many notices wait, and how many were given up since that moment."""
    waiting = select(func.count()).select_from(Notice).where(Notice.due_at.is_not(None))
    given_up = select(func.count()).select_from(Notice).where(Notice.given_up_at >= since)
    return session.scalar(waiting) or 0, session.scalar(given_up) or 0


def _finish(session: Session, notice: Notice, **values: Any) -> bool:
    """Whether it was still the caller's."""
    done = session.execute(
        update(Notice).where(Notice.id == notice.id, Notice.lease == notice.lease).values({"lease": None} | values),
        execution_options={"synchronize_session": False},
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]
