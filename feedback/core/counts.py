"""How many, per day: kept in the submission's own transaction, so that numbers cost the same at any size."""

from datetime import date
from typing import Any

from sqlalchemy import Date, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

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
