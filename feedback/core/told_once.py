"""The address of a customer who wants to be told once that there is an answer, or thanks; nobody at work ever sees it.

It is apart from the contact, which is for talking, and there is a row only where somebody asked for it. The first
reply, answer, closure, thanks or note of a director takes it: the notice is written and the address forgotten in one
transaction, and the notice's own copy goes when the mail has left.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback.core.submissions import Draft, Kind, Submission
from feedback.db import Base, first_id, id_key


class ToldOnce(Base):
    """One address for one mail about one submission."""

    __tablename__ = "told_once"

    submission_id: Mapped[id_key] = mapped_column(ForeignKey("submission.id"))
    address: Mapped[str] = mapped_column(String(320))


def rows(draft: Draft, submission_id: int) -> list[dict[str, Any]]:
    """The row of a draft that asks for it, else none."""
    return [{"submission_id": submission_id, "address": draft.tell_once}] if draft.tell_once else []


def is_asked(session: Session, submission_id: int) -> bool:
    """Whether somebody waits to be told."""
    return session.get(ToldOnce, submission_id) is not None


def ask(session: Session, submission_id: int, address: str) -> None:
    """Keep `address`, in place of one that was left before; the submission's case is held by the caller."""
    session.merge(ToldOnce(submission_id=submission_id, address=address))


def take(session: Session, submission_id: int) -> str | None:
    """The address, forgotten from now on; None where nobody asked, or it was taken before."""
    gone = delete(ToldOnce).where(ToldOnce.submission_id == submission_id).returning(ToldOnce.address)
    return session.scalar(gone, execution_options={"synchronize_session": False})


def forget_praise(session: Session, *, before: datetime) -> None:
    """Forget the addresses left with praise that was sent before that moment."""
    praise = select(Submission.id).where(Submission.id == ToldOnce.submission_id, Submission.kind == Kind.COMPLIMENT)
    session.execute(
        delete(ToldOnce).where(ToldOnce.submission_id < first_id(before), praise.exists()),
        execution_options={"synchronize_session": False},
    )
