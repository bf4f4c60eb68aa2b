"""Opening letters: noted once for each person, and the first of all is told to the customer."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from feedback.core.access import Viewer
from feedback.core.praise.model import Praise, Reading
from feedback.db import table_of, upsert


def mark_read(session: Session, viewer: Viewer, ids: Sequence[int], at: datetime) -> None:
    """Note that the viewer opened those letters of theirs; the first of all who do is told to the customer."""
    fresh = upsert(session.get_bind().dialect.name, table_of(Reading)).on_conflict_do_nothing()
    session.execute(fresh, [{"praise_id": id, "person_id": viewer.person_id, "read_at": at} for id in ids])
    session.execute(
        update(Praise).where(Praise.id.in_(ids), Praise.read_at.is_(None)).values(read_at=at),
        execution_options={"synchronize_session": False},
    )
