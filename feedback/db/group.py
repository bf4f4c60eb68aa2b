"""Group commit: what several threads want kept at the same moment becomes one transaction, and waits for the disk once.

The first to come leads: when its turn to write has come it does the work of all who gathered meanwhile, each in a
savepoint of its own, and nobody is answered before the commit (see docs/decisions.md).
"""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TypeVar, cast

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

T = TypeVar("T")


class _Wish:
    """One thread's work, and what became of it."""

    __slots__ = ("called", "error", "is_done", "result", "work")

    def __init__(self, work: Callable[[Connection], Any]) -> None:
        self.work = work
        self.called = threading.Event()
        self.result: Any = None
        self.error: BaseException | None = None
        self.is_done = False

    def granted(self, connection: Connection) -> None:
        """Do the work in a savepoint, so that what fails of it takes nobody else along."""
        connection.exec_driver_sql("SAVEPOINT wish")
        try:
            self.result = self.work(connection)
        except Exception as error:
            if isinstance(error, DBAPIError) and not isinstance(error, IntegrityError):
                raise  # the store itself is in trouble, and so is everybody's work
            self.error = error
            connection.exec_driver_sql("ROLLBACK TO wish")
        connection.exec_driver_sql("RELEASE wish")


class GroupCommit:
    """Who gathers while another group is being written; `transaction` opens one and commits it at its end."""

    def __init__(self, transaction: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._transaction = transaction
        self._lock = threading.Lock()
        self._gathered: list[_Wish] = []
        self._is_led = False

    def keep(self, work: Callable[[Connection], T]) -> T:
        """The result of `work` once it is on disk. Raises what the work raises, or what the transaction raises."""
        wish = _Wish(work)
        with self._lock:
            self._gathered.append(wish)
            leads, self._is_led = not self._is_led, True
        if not leads:
            wish.called.wait()
        if not wish.is_done:
            self._lead()
        if wish.error:
            raise wish.error
        return cast(T, wish.result)

    def _lead(self) -> None:
        group: list[_Wish] = []
        try:
            with self._transaction() as connection:
                group = self._take()
                for wish in group:
                    wish.granted(connection)
        except BaseException as error:
            group = group or self._take()
            for wish in group:
                wish.error = error
        finally:
            self._pass_on()
            for wish in group:
                wish.is_done = True
                wish.called.set()

    def _take(self) -> list[_Wish]:
        with self._lock:
            group, self._gathered = self._gathered, []
            return group

    def _pass_on(self) -> None:
        """Whoever came first meanwhile leads the next group."""
        with self._lock:
            self._is_led = bool(self._gathered)
            if self._gathered:
                self._gathered[0].called.set()
