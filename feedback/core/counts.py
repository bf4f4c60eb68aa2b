"""How many, per day: kept in the submission's own transaction, so that numbers cost the same at any size."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Date, Index, SmallInteger, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback import clock
from feedback.core.access import Viewer
from feedback.core.submissions import Concern, Submission
from feedback.db import Base, Id

NONE = 0  # stands for "no link", "no department", "no rating" in the key, where null would not be unique


class DayCount(Base):
    """How many submissions of one kind and rating came through one link for one department on one day."""

    __tablename__ = "day_count"
    __table_args__ = (
        Index(None, "department_id", "day", info={"serves": "a department's numbers over a span of days"}),
    )

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    link_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    department_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    rating: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    n: Mapped[int]


ONE_MORE = "on conflict (day, link_id, department_id, kind, rating) do update set n = day_count.n + excluded.n"


def row(day: date, link_id: int | None, department_id: int | None, kind: str, rating: int | None) -> dict[str, Any]:
    """The row that counts one submission; where its day has one already, ONE_MORE adds to it."""
    return {
        "day": day,
        "link_id": link_id or NONE,
        "department_id": department_id or NONE,
        "kind": kind,
        "rating": rating or NONE,
        "n": 1,
    }


def sent_through(session: Session, viewer: Viewer, link_id: int, days: Sequence[date], zone: str) -> Counter[date]:
    """How many were sent through a link on each of `days`, as far as they are the viewer's to count.

    What concerns the viewer is taken out again (rule 2): few rows, found by their own name.
    """
    counted = select(DayCount.day, func.sum(DayCount.n)).where(DayCount.link_id == link_id, DayCount.day.in_(days))
    about_them = (
        select(Submission.submitted_at)
        .join(Concern, Concern.submission_id == Submission.id)
        .where(Concern.person_id == viewer.person_id, Submission.link_id == link_id)
    )
    if not viewer.sees_everything:
        counted = counted.where(DayCount.department_id.in_(viewer.managed))
        about_them = about_them.where(Submission.department_id.in_(viewer.managed))
    sums = Counter({day: int(n) for day, n in session.execute(counted.group_by(DayCount.day))})
    return sums - Counter(clock.day(moment, zone) for moment in session.scalars(about_them))
