"""Writers to one SQLite file stand in line here instead of polling the file (see docs/decisions.md)."""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 5.0  # seconds: one deadline for the line, the file lock and SQLite's own busy handler
LONG = 1.0  # seconds after which the store counts as stuck, and a full line is no longer joined
FULL = 8  # writers in line of one process; the web server's other threads stay free for readers


class Busy(Exception):
    """The turn to write did not come within PATIENCE; nothing was written."""


class WriterQueue:
    """One line per process, and a lock on `file` between processes; readers never stand in it."""

    def __init__(self, file: Path) -> None:
        self._turn = threading.Lock()
        self._file = file
        self._descriptor: int | None = None
        self._owner = 0
        self._counting = threading.Lock()
        self._waiting = 0
        self._moved = time.monotonic()

    @contextmanager
    def turn(self, patience: float) -> Iterator[float]:
        """Hold the only right to write; yields how many of the seconds of `patience` are left. Raises Busy."""
        deadline = time.monotonic() + patience
        with self.line():
            if not self._turn.acquire(timeout=patience):
                raise Busy
            try:
                self._lock_file(deadline)
                try:
                    yield max(0.05, deadline - time.monotonic())
                finally:
                    fcntl.flock(self._open(), fcntl.LOCK_UN)
            finally:
                self._turn.release()

    @contextmanager
    def line(self) -> Iterator[None]:
        """Stand in line. Raises Busy at once where it is full and does not move."""
        self._join()
        try:
            yield
        finally:
            self._leave()

    def moved(self) -> None:
        """Note that a turn became a transaction: the line moves, whatever becomes of what is written."""
        self._moved = time.monotonic()

    def _join(self) -> None:
        with self._counting:
            if not self._waiting:
                self._moved = time.monotonic()
            elif self._waiting >= FULL and time.monotonic() - self._moved > LONG:
                raise Busy
            self._waiting += 1

    def _leave(self) -> None:
        with self._counting:
            self._waiting -= 1

    def _lock_file(self, deadline: float) -> None:
        descriptor, pause = self._open(), 0.0002
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Busy from None
            time.sleep(pause)
            pause = min(pause * 1.5, 0.002)

    def _open(self) -> int:
        if self._descriptor is None or self._owner != os.getpid():  # a fork would share the lock
            try:
                self._descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
            except OSError as error:  # no room for even an empty file
                raise Busy from error
            self._owner = os.getpid()
        return self._descriptor
