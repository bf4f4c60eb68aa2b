"""Connections to PostgreSQL that serve one engine after the other, as through a pooler before the server.

The server makes a process for each connection, which reads the catalogue anew: for most tests that is longer than all
they ask. A connection is used again once it has forgotten everything (DISCARD ALL), and only for the same address.
"""

import select
import threading
from collections import defaultdict
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, event

MOST = 2  # that wait for one address
# DISCARD ALL but for prepared statements, of which the driver keeps a list.
FORGET = (
    "close all; set session authorization default; reset all; unlisten *;"
    " select pg_advisory_unlock_all(); discard sequences; discard temp"
)

_waiting: dict[tuple[object, ...], list["Line"]] = defaultdict(list)
_one_at_a_time = threading.Lock()


class Line(psycopg.Connection[Any]):
    """A connection that waits for the next instead of being closed, where it is in order."""

    address: tuple[object, ...] = ()

    def close(self) -> None:
        if self.closed or not self._has_forgotten():
            super().close()
            return
        with _one_at_a_time:
            waiting = _waiting[self.address]
            is_kept = self in waiting or len(waiting) < MOST
            if is_kept and self not in waiting:
                waiting.append(self)
        if not is_kept:
            super().close()

    def let_go(self) -> None:
        super().close()

    @property
    def is_alive(self) -> bool:
        """Whether the server is still there: one that hung up left its last words to be read."""
        if self.closed:
            return False
        ears = select.poll()  # rather than select(), which knows no descriptor above 1,023
        ears.register(self.fileno(), select.POLLIN)
        return not ears.poll(0)

    def _has_forgotten(self) -> bool:
        try:
            if self.info.transaction_status is TransactionStatus.ACTIVE:
                return False
            self.rollback()
            self.autocommit = True
            self.execute(FORGET)
            self.autocommit = False
        except psycopg.Error:
            return False
        return True


def share() -> None:
    """From now on in this process, for every engine."""
    event.listen(Engine, "do_connect", _connected)


def waiting_at(database: str) -> set[int]:
    """The server's processes behind the connections to a database that nobody uses now."""
    return {line.info.backend_pid for line in _all_to(database)}


def let_go(database: str | None = None) -> None:
    """Close the connections that wait, to one database or to all."""
    for line in _all_to(database):
        with _one_at_a_time:
            _waiting[line.address].remove(line)
        line.let_go()


def _connected(dialect: Any, record: object, arguments: list[Any], named: dict[str, Any]) -> Line | None:
    if dialect.driver != "psycopg":
        return None
    # The context is how the engine's kind reads and writes types, which is the same in all of them.
    address = (*arguments, *sorted((name, value) for name, value in named.items() if name != "context"))
    while line := _next(address):
        if line.is_alive:
            return line
        line.let_go()
    line = Line.connect(*arguments, **named)
    line.address = address
    return line


def _next(address: tuple[object, ...]) -> Line | None:
    with _one_at_a_time:
        return _waiting[address].pop() if _waiting[address] else None


def _all_to(database: str | None) -> list[Line]:
    with _one_at_a_time:
        lines = [line for waiting in _waiting.values() for line in waiting]
    return [line for line in lines if database is None or ("dbname", database) in line.address]
