"""PostgreSQL databases that serve one test after the other; what tables there are is left to the template.

To empty one costs a tenth of making the next. Only a database in which nothing but rows changed is used again: with
the catalogue of the moment it was made, the rows its template came with, and nobody connected any more.
"""

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import LiteralString

import psycopg
from psycopg import sql

from tests.ground import lines
from tests.ground.postgres import create_database, drop_database

USES = 40  # what was deleted stays in the files, and is walked past
LEAVING_SECONDS = 0.5  # a connection that is closed here ends a moment later there

TABLES = "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by relname"
OTHERS = "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
# Whatever was made since the server itself was, by the column that numbers it.
NUMBERED_BY = {
    "pg_attribute": "attrelid",
    "pg_class": "oid",
    "pg_constraint": "oid",
    "pg_proc": "oid",
    "pg_statistic": "starelid",
    "pg_trigger": "oid",
    "pg_type": "oid",
}
FIRST = 16384
CATALOGUE = "select (select count(*) from pg_db_role_setting), " + ", ".join(
    f"(select (count(*), max(xmin::text::bigint))::text from {name} where {number} >= {FIRST})"
    for name, number in NUMBERED_BY.items()
)


class Shelf:
    """The databases made from one template that wait for their next use."""

    def __init__(self, server_url: str, template: str) -> None:
        self._server_url, self._template = server_url, template
        self._waiting: list[_Database] = []
        self._names = (f"{template}-{number}" for number in itertools.count())

    @contextmanager
    def lent(self) -> Iterator[str]:
        """The address of a database as the template is, nobody else's meanwhile."""
        database = self._waiting.pop() if self._waiting else self._new()
        try:
            yield database.url
        finally:
            self._take_back(database)

    def close(self) -> None:
        """Let go of the connections to them; the databases go with their server."""
        for database in self._waiting:
            database.close()

    def _take_back(self, database: "_Database") -> None:
        if database.is_emptied():
            self._waiting.append(database)
        else:
            database.close()
            lines.let_go(database.name)
            drop_database(self._server_url, database.name)

    def _new(self) -> "_Database":
        name = next(self._names)
        return _Database(create_database(self._server_url, name, template=self._template), name)


class _Database:
    """One database with a connection of its own, by which it is emptied."""

    def __init__(self, url: str, name: str) -> None:
        self.url, self.name, self._uses = url, name, 0
        self._connection = psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True, prepare_threshold=1)
        tables = [str(table) for (table,) in self._rows(TABLES)]
        given = [
            table for table in tables if self._rows(sql.SQL("select 1 from {} limit 1").format(sql.Identifier(table)))
        ]
        self._given = [sql.SQL("select {0}::text from {0} order by 1").format(sql.Identifier(table)) for table in given]
        deletions = [sql.SQL("delete from {}").format(sql.Identifier(table)) for table in tables if table not in given]
        parts = [sql.SQL("{} as ({})").format(sql.Identifier(f"d{n}"), part) for n, part in enumerate(deletions)]
        self._emptying = sql.SQL("with {} select 1").format(sql.SQL(", ").join(parts))
        self._connection.execute("set session_replication_role = replica")  # whatever refers to what
        self._as_made = self._besides_rows()

    def is_emptied(self) -> bool:
        """Whether it is as its template again; otherwise it is of no further use."""
        self._uses += 1
        try:
            if self._uses >= USES or not self._is_left_alone() or self._besides_rows() != self._as_made:
                return False
            self._connection.execute(self._emptying)
        except psycopg.Error:
            return False
        return True

    def close(self) -> None:
        self._connection.close()

    def _besides_rows(self) -> list[object]:
        """What tells apart a database whose rows alone were changed from one in which more was."""
        return [self._rows(query) for query in (CATALOGUE, *self._given)]

    def _is_left_alone(self) -> bool:
        deadline = time.monotonic() + LEAVING_SECONDS
        while {pid for (pid,) in self._rows(OTHERS)} - lines.waiting_at(self.name):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.002)
        return True

    def _rows(self, query: sql.Composable | LiteralString) -> list[tuple[object, ...]]:
        return self._connection.execute(query).fetchall()
