"""How many, per day: kept in the submission's own transaction, so that numbers cost the same at any size."""

from datetime import date
from functools import cache

from sqlalchemy import Connection, Date, Index, SmallInteger, String
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.orm import Mapped, mapped_column

from feedback.db import Base, Id, table_of, upsert

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


def add(
    connection: Connection, *, day: date, link_id: int | None, department_id: int | None, kind: str, rating: int | None
) -> None:
    """Count one submission."""
    one = {
        "day": day,
        "link_id": link_id or NONE,
        "department_id": department_id or NONE,
        "kind": kind,
        "rating": rating or NONE,
        "n": 1,
    }
    connection.execute(_one_more(connection.dialect.name), one)


@cache
def _one_more(dialect: str) -> Insert:
    """The statement of every submission, built once."""
    table = table_of(DayCount)
    return upsert(dialect, table).on_conflict_do_update(
        index_elements=list(table.primary_key), set_={"n": table.c.n + 1}
    )
