"""Rows of several tables that are kept together, or not at all, in as few words as each store needs.

Every submission comes this way, so its statements are worded once: SQLAlchemy would take longer over each than the
store does. SQLite gets one for each table; PostgreSQL gets one for all of them, as every statement is a journey there.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Column, Connection, Dialect, Table

Row = Mapping[str, Any]
Rows = Mapping[Table, Sequence[Row]]


class Bundle(ABC):
    """A row of the table `first`, and the rows of `others` that belong to it."""

    def __init__(self, dialect: Dialect, first: Table, others: Sequence[Table], clauses: Mapping[Table, str]) -> None:
        self._quoted = dialect.identifier_preparer
        self._first, self._others, self._clauses = first, others, clauses

    @abstractmethod
    def keep(self, connection: Connection, rows: Rows) -> bool:
        """Write all `rows`, of which one is of the first table; False, and nothing written, if that one was there.

        Each row has a value for every column. Raises what the store says against any other of them.
        """

    def _columns(self, table: Table, prefix: str = "") -> str:
        return ", ".join(prefix + self._quoted.format_column(column) for column in table.columns)

    def _into(self, table: Table) -> str:
        return f"insert into {self._quoted.format_table(table)} ({self._columns(table)})"

    def _clause(self, table: Table) -> str:
        return f" {self._clauses[table]}" if table in self._clauses else ""


def bundle(
    dialect: Dialect, first: Table, others: Sequence[Table], *, unless: Column[Any], clauses: Mapping[Table, str]
) -> Bundle:
    """A bundle for stores of `dialect`: nothing is written where a row with the same `unless` is there already.

    `clauses` are the ON CONFLICT of those others whose rows may be there.
    """
    quoted, key = dialect.identifier_preparer, first.primary_key.columns[0]
    once = f"on conflict ({quoted.format_column(unless)}) do nothing returning {quoted.format_column(key)}"
    kind = AtOnce if dialect.name == "postgresql" else TableByTable
    return kind(dialect, first, others, {first: once, **clauses})


class TableByTable(Bundle):
    """One INSERT for each table."""

    def __init__(self, dialect: Dialect, *parts: Any) -> None:
        super().__init__(dialect, *parts)
        self._words = {table: self._worded(table) for table in (self._first, *self._others)}
        self._types = {
            table: [
                (column.name, column.type.dialect_impl(dialect).bind_processor(dialect)) for column in table.columns
            ]
            for table in self._words
        }

    def keep(self, connection: Connection, rows: Rows) -> bool:
        if self._write(connection, self._first, rows[self._first]).first() is None:
            return False
        for table in self._others:
            if rows[table]:
                self._write(connection, table, rows[table])
        return True

    def _worded(self, table: Table) -> str:
        places = ", ".join("?" for _ in table.columns)
        return f"{self._into(table)} values ({places}){self._clause(table)}"

    def _write(self, connection: Connection, table: Table, rows: Sequence[Row]) -> Any:
        types = self._types[table]
        values = [tuple(process(row[name]) if process else row[name] for name, process in types) for row in rows]
        return connection.exec_driver_sql(self._words[table], values)


class AtOnce(Bundle):
    """One statement whose parts are the INSERTs, each fed with its rows as JSON and only where the first was new."""

    def __init__(self, dialect: Dialect, *parts: Any) -> None:
        super().__init__(dialect, *parts)
        others = (f"{self._name(table)} as ({self._worded(table, ', kept')})" for table in self._others)
        parts_of_it = ", ".join((f"kept as ({self._worded(self._first)})", *others))
        self._words = f"with {parts_of_it} select * from kept"  # noqa: S608 - made of our own tables' names

    def keep(self, connection: Connection, rows: Rows) -> bool:
        texts = {self._name(table): json.dumps(rows[table], default=_plain) for table in (self._first, *self._others)}
        return connection.exec_driver_sql(self._words, texts).first() is not None

    def _worded(self, table: Table, condition: str = "") -> str:
        record = f"json_populate_recordset(null::{self._quoted.format_table(table)}, %({self._name(table)})s::json)"
        chosen = f"select {self._columns(table, 'r.')} from {record} as r{condition}"  # noqa: S608
        return f"{self._into(table)} {chosen}{self._clause(table)}"

    def _name(self, table: Table) -> str:
        return f"rows_of_{table.name}"


def _plain(value: object) -> str:
    """A value that JSON does not know, as PostgreSQL reads it from text."""
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a row")
