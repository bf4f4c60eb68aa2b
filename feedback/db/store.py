"""Where rows live: one store, SQLite or PostgreSQL, read and written through two doors."""

import os
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from feedback.db.bundle import Bundle, Rows
from feedback.db.driver import sqlite
from feedback.db.group import GroupCommit
from feedback.db.queue import PATIENCE, Busy, WriterQueue

SQLITE_NEEDED = (3, 51, 3)  # older ones can lose commits when a write-ahead log is reset
PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: NORMAL loses acknowledged rows at power loss
    "busy_timeout": int(PATIENCE * 1000),
    "foreign_keys": 1,
    "trusted_schema": 0,
    "secure_delete": 1,
}


Taken = IntegrityError  # what a unique constraint says, and so of two processes that drew the same id at once


class StoreError(Exception):
    """The store could not take a write; nothing of it was kept."""


class StoreUnusable(Exception):
    """The database here cannot be trusted with what customers send; the text says what is needed."""


class StoreBusy(StoreError):
    """The store is locked or out of reach; the same write may succeed in a moment."""


class StoreFull(StoreError):
    """The store's disk is full; the operator has to make room."""


class Store:
    """One database: `read()` begins deferred and never waits for a writer, `write()` takes the writer's turn."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._queue: WriterQueue | None = None
        self._glances: deque[DBAPIConnection] = deque()
        if self.is_sqlite:
            file = Path(self.url.database or "")
            _make_private(file)
            self.engine = _sqlite(url)
            self._queue = WriterQueue(file.with_name(file.name + ".writer"))
            self._group = GroupCommit(self.write_rows)
        else:
            self.engine = _postgres(url)
        self._singly = self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self.dialect = self.engine.dialect
        self._driver = self.engine.dialect.loaded_dbapi

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one moment of the store and keeps nothing. Raises StoreBusy."""
        with _translated(), Session(self.engine, autoflush=False) as session:
            yield session

    @contextmanager
    def write(self, *, patience: float | None = None) -> Iterator[Session]:
        """A session whose rows are kept together when the block ends, or not at all. Raises StoreError.

        `patience` in seconds, PATIENCE unless given, is how long the turn to write may take to come.
        """
        with self.write_rows(patience=patience) as connection, Session(connection, expire_on_commit=False) as session:
            yield session
            session.flush()

    @contextmanager
    def write_rows(self, *, patience: float | None = None) -> Iterator[Connection]:
        """As write(), with a plain connection for statements that need no objects."""
        with _translated(), self.engine.connect() as connection, self._turn(patience or PATIENCE) as left:
            connection.execution_options(wait=left)
            with connection.begin():
                if self._queue:
                    self._queue.moved()
                if patience and not self.is_sqlite:
                    connection.exec_driver_sql(f"set local lock_timeout = {int(patience * 1000)}")
                yield connection

    def keep(self, bundle: Bundle, rows: Rows) -> bool:
        """As bundle.keep(), with the rows on disk on return. Raises StoreError.

        On SQLite in one transaction with what others want kept now; on PostgreSQL a bundle is one statement, which
        needs none around it.
        """
        if self._queue is None:
            with self.glance() as connection:
                return bundle.keep(connection, rows)
        try:
            with _translated(), self._queue.line():
                return self._group.keep(lambda connection: bundle.keep(connection, rows))
        except Busy as error:
            raise StoreBusy from error

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """A connection for single statements: on PostgreSQL each is on its own, and asks for no transaction."""
        with _translated(), self._singly.connect() as connection:
            yield connection

    def version(self) -> int | None:
        """The organisation's version, read past the ORM because every scan asks; None before the first set-up."""
        try:
            connection = self._glance()
            try:
                cursor = connection.cursor()
                cursor.execute("select version from organisation")
                row = cursor.fetchone()
                cursor.close()
            finally:
                self._glances.append(connection)
        except (self._driver.Error, PoolTimeout) as error:
            self._stop_glancing()
            raise StoreBusy from error
        return int(row[0]) if row else None

    def _glance(self) -> DBAPIConnection:
        """A connection for one-row reads outside any transaction, nobody else's until it is put back.

        Not one for each thread: the web server ends idle threads in a way that a connection in them does not survive.
        """
        try:
            return self._glances.pop()
        except IndexError:
            pooled = self.engine.raw_connection()
            connection: Any = pooled.dbapi_connection
            pooled.detach()
            if not self.is_sqlite:
                connection.autocommit = True
            return cast(DBAPIConnection, connection)

    def _stop_glancing(self) -> None:
        """Close the connections that lie ready: what one of them met, the others may meet too."""
        with suppress(IndexError):
            while True:
                self._glances.pop().close()

    def close(self) -> None:
        """Let go of every connection."""
        self._stop_glancing()
        self.engine.dispose()

    @contextmanager
    def _turn(self, patience: float) -> Iterator[float]:
        if self._queue is None:
            yield patience
            return
        try:
            with self._queue.turn(patience) as left:
                yield left
        except Busy as error:
            raise StoreBusy from error


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        kind = _what_failed(error)
        if kind is None:
            raise
        raise kind from error
    except PoolTimeout as error:
        raise StoreBusy from error


def _what_failed(error: DBAPIError) -> type[StoreError] | None:
    """StoreFull, StoreBusy, or None where the statement itself is at fault."""
    state = getattr(error.orig, "sqlstate", None)
    text = str(error.orig).lower()
    if state == "53100" or "disk is full" in text or "no space left" in text:
        return StoreFull
    if "is locked" in text or "is busy" in text or "disk i/o error" in text or "readonly" in text:
        return StoreBusy
    if (
        state in {"55P03", "57014", "57P01", "57P02", "57P03", "53300", "40001", "40P01"}
        or error.connection_invalidated
    ):
        return StoreBusy
    return StoreBusy if type(error.orig).__name__ == "OperationalError" and "connect" in text else None


def _sqlite(url: str) -> Engine:
    if sqlite.sqlite_version_info < SQLITE_NEEDED:
        needed = ".".join(map(str, SQLITE_NEEDED))
        raise StoreUnusable(
            f"SQLite {sqlite.sqlite_version} is too old: install SQLite {needed} or newer, or use PostgreSQL"
        )
    engine = create_engine(
        url,
        module=sqlite,
        hide_parameters=True,  # they are people's words
        connect_args={"isolation_level": None, "timeout": PATIENCE, "check_same_thread": False},
        pool_size=20,
        max_overflow=40,
        pool_timeout=PATIENCE,
    )
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _postgres(url: str) -> Engine:
    wait = int(PATIENCE * 1000)
    return create_engine(
        url,
        pool_size=20,
        max_overflow=20,
        pool_timeout=PATIENCE,
        pool_pre_ping=False,
        hide_parameters=True,
        connect_args={"connect_timeout": int(PATIENCE), "options": f"-c lock_timeout={wait} -c timezone=UTC"},
    )


def _make_private(file: Path) -> None:
    """Let only its owner and group read a new database; SQLite gives what it puts beside it the same mode."""
    with suppress(OSError):  # who opens it says what is wrong
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o640))


def _set_pragmas(connection: Any, record: ConnectionPoolEntry) -> None:
    connection.create_function("lower", 1, _lower, deterministic=True)  # SQLite's own knows ASCII only
    cursor = connection.cursor()
    for name, value in PRAGMAS.items():
        cursor.execute(f"PRAGMA {name}={value}")
    for name, value in PRAGMAS.items():
        cursor.execute(f"PRAGMA {name}")
        found = (cursor.fetchone() or [None])[0]
        if found != value:
            raise StoreUnusable(f"SQLite has {name}={found}; Firsthand needs {value}")


def _lower(text: Any) -> Any:
    return text.lower() if isinstance(text, str) else text


def _begin(connection: Connection) -> None:
    # The driver would begin deferred and late; a deferred transaction that reads and then writes fails.
    wait = connection.get_execution_options().get("wait")
    if wait is None:
        connection.exec_driver_sql("BEGIN")
    else:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={int(wait * 1000)}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
