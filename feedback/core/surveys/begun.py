"""Answers that were given step by step and not sent: kept where the organisation says so, and counted as such.

They are kept under the key of their form. Sending it forgets them; what lies a day becomes a response that is partial.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.orm import Session

from feedback.core.submissions import Submission
from feedback.core.surveys.answering import Answers
from feedback.core.surveys.model import Begun
from feedback.db import table_of, upsert

LIES = timedelta(days=1)
AT_ONCE = 50  # that become responses in one transaction


def keep(
    connection: Connection, key: bytes, *, link_id: int, edition_id: int, language: str, answers: Answers, at: datetime
) -> None:
    """Keep what was answered so far; the same form again adds to it."""
    table = table_of(Begun)
    row: dict[str, Any] = {
        "key": key,
        "at": at,
        "link_id": link_id,
        "edition_id": edition_id,
        "language": language,
        "answers": answers,
    }
    fresh = upsert(connection.dialect.name, table)
    again = {name: fresh.excluded[name] for name in ("at", "language", "answers")}
    connection.execute(fresh.on_conflict_do_update(index_elements=["key"], set_=again), row)


def lying(session: Session, at: datetime) -> Sequence[Begun]:
    """Some that were left lying for a day."""
    return session.scalars(select(Begun).where(Begun.at < at - LIES).order_by(Begun.at).limit(AT_ONCE)).all()


def forget_sent(session: Session) -> None:
    """Forget those whose form was sent after all."""
    sent = select(Submission.id).where(Submission.key == Begun.key)
    session.execute(delete(Begun).where(sent.exists()), execution_options={"synchronize_session": False})


def forget(session: Session, keys: Sequence[bytes]) -> None:
    """Forget those, as they are responses now."""
    session.execute(delete(Begun).where(Begun.key.in_(keys)), execution_options={"synchronize_session": False})
