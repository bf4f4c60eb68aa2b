"""Customers as a load: one process that keeps connections busy and notes how long each answer took.

Requests are bytes made before the clock starts, and of an answer only the status and the length are read, so
that the load takes little of the processors it shares with what it measures. What to send is left to others.
"""

import gc
import multiprocessing
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

PATIENCE = 10.0  # seconds without any answer after which the open ones count as errors
LARGEST = 262_144
LENGTH = b"\r\ncontent-length: "


@dataclass(frozen=True, slots=True)
class Load:
    """What to send, where, on how many connections, for how long; each request once, or again and again."""

    port: int
    requests: Sequence[bytes]
    status: int
    connections: int
    seconds: float
    again: bool = False


@dataclass(frozen=True, slots=True)
class Answers:
    """What came of a load: seconds of every right answer, and what went wrong."""

    seconds: float
    times: list[float] = field(repr=False)
    errors: int
    first_error: str
    own_seconds: float  # of processor time that the load itself took
    is_short: bool  # whether the requests ran out before the time did

    @property
    def rate(self) -> float:
        """Right answers per second."""
        return len(self.times) / self.seconds if self.seconds else 0.0

    def at(self, share: float) -> float:
        """The milliseconds within which that share of the answers came."""
        ordered = sorted(self.times)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def answers_to(load: Load) -> Answers:
    """The answers to `load`; to be run in a process that does nothing else."""
    gc.collect()
    gc.disable()
    try:
        return Crowd(load).run()
    finally:
        gc.enable()


@contextmanager
def loader() -> Iterator[Callable[[Load], Answers]]:
    """A function like `answers_to`, whose work is done by a process of its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        yield lambda load: pool.submit(answers_to, load).result()


class Line:
    """One connection with at most one request under way."""

    __slots__ = ("began", "parts", "socket", "wanted")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.began = 0.0
        self.parts = b""
        self.wanted = 0

    def send(self, request: bytes) -> None:
        """Send one request; it is small enough for the socket's buffer."""
        self.parts, self.wanted = b"", 0
        self.began = time.perf_counter()
        self.socket.sendall(request)

    def take(self, expected: bytes) -> bool:
        """Read on; whether the answer is whole now. Raises ValueError where it is not the expected one."""
        piece = self.socket.recv(LARGEST)
        if not piece:
            raise ValueError("the connection was closed")
        self.parts = self.parts + piece if self.parts else piece
        if not self.wanted and not self._measured(expected):
            return False
        return len(self.parts) >= self.wanted

    def _measured(self, expected: bytes) -> bool:
        head = self.parts.find(b"\r\n\r\n")
        if head < 0:
            return False
        if not self.parts.startswith(expected):
            raise ValueError(f"answered {self.parts[:60]!r}")
        at = self.parts.find(LENGTH, 0, head + 2)
        if at < 0:
            raise ValueError("the answer has no length")
        length = self.parts[at + len(LENGTH) : self.parts.index(b"\r\n", at + 2)]
        self.wanted = head + 4 + int(length)
        return True


class Crowd:
    """All lines of a load, and the notes taken."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.left = deque(load.requests)
        self.expected = b"HTTP/1.1 %d " % load.status
        self.selector = selectors.DefaultSelector()
        self.times: list[float] = []
        self.errors = 0
        self.first_error = ""
        self.busy = 0
        self.deadline = 0.0

    def run(self) -> Answers:
        """Keep every line busy until the time is over or nothing is left to send, then hear the last answers."""
        lines = [self._opened() for _ in range(self.load.connections)]
        began, own = time.perf_counter(), time.process_time()
        self.deadline = began + self.load.seconds
        for line in lines:
            self._next(line)
        while self.busy and self._turn():
            pass
        seconds, own = time.perf_counter() - began, time.process_time() - own
        for key in list(self.selector.get_map().values()):
            key.data.socket.close()
        short = seconds < 0.9 * self.load.seconds
        return Answers(seconds, self.times, self.errors, self.first_error, own, short)

    def _turn(self) -> bool:
        ready = self.selector.select(PATIENCE)
        if not ready:
            self._failed(f"no answer within {PATIENCE:.0f} s", self.busy)
        for key, _ in ready:
            self._hear(key.data)
        return bool(ready)

    def _hear(self, line: Line) -> None:
        try:
            if not line.take(self.expected):
                return
        except (OSError, ValueError) as error:
            self._failed(str(error))
            line = self._opened_for(line)
        else:
            self.times.append(time.perf_counter() - line.began)
        self.busy -= 1
        self._next(line)

    def _next(self, line: Line) -> None:
        if not self.left or time.perf_counter() >= self.deadline:
            return
        request = self.left.popleft()
        if self.load.again:
            self.left.append(request)
        self.busy += 1
        line.send(request)

    def _opened_for(self, broken: Line) -> Line:
        self.selector.unregister(broken.socket)
        broken.socket.close()
        return self._opened()

    def _opened(self) -> Line:
        line = Line(self.load.port)
        self.selector.register(line.socket, selectors.EVENT_READ, line)
        return line

    def _failed(self, why: str, times: int = 1) -> None:
        self.errors += times
        self.first_error = self.first_error or why
