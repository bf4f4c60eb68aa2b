"""INSERT … ON CONFLICT, which both stores speak with the same words from two dialects."""

from typing import cast

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(dialect: str, table: Table) -> sqlite.Insert:
    """An insert into `table`, in that dialect, with on_conflict_do_nothing() and on_conflict_do_update()."""
    if dialect == "sqlite":
        return sqlite.insert(table)
    return cast(sqlite.Insert, postgresql.insert(table))


def table_of(model: type) -> Table:
    """The table of a mapped class, for statements that need no objects."""
    return cast(Table, model.__table__)  # type: ignore[attr-defined]
