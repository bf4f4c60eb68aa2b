"""How a body comes in: only so many threads wait for bodies, so that others are left for those who want to read.

The web server hands over a request with its headers, whether its body is there or not. A read that has begun cannot be
broken off (granian 2.8 knows no deadline for it): its thread is free again when the sender goes on or hangs up.
A proxy that hands bodies on when they are whole, as those in deploy/ do, keeps such senders away altogether.
"""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from werkzeug.exceptions import ServiceUnavailable

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

READERS = 8  # of a process's threads that may wait for bodies
LARGE = 4  # of them those that may wait for a large one: photos on a bad connection take minutes, a form a moment
PATIENCE = 0.5  # seconds for one of them to become free
RETRY_AFTER = 5  # seconds, told to those for whom none did
READING = threading.BoundedSemaphore(READERS)
READING_LARGE = threading.BoundedSemaphore(LARGE)


class Arrivals:
    """WSGI middleware: whatever form reads its body within it takes its turn."""

    def __init__(self, rooms: "WSGIApplication") -> None:
        self._rooms = rooms

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ.get("CONTENT_LENGTH") or environ.get("HTTP_TRANSFER_ENCODING"):
            environ["wsgi.input"] = Arriving(environ["wsgi.input"])
        return self._rooms(environ, start_response)


class Arriving:
    """A body as a stream."""

    def __init__(self, source: Any) -> None:
        self.source = source

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, fewer only at the end. Raises ServiceUnavailable."""
        with _one_of(READING):
            return bytes(self.source.read(size))


@contextmanager
def turn(stream: Any, *, is_large: bool) -> Iterator[IO[bytes]]:
    """The body to be read piece by piece within one turn, so that it is read to its end. Raises ServiceUnavailable."""
    if not isinstance(stream, Arriving):
        yield stream
    elif is_large:
        with _one_of(READING_LARGE), _one_of(READING):
            yield stream.source
    else:
        with _one_of(READING):
            yield stream.source


@contextmanager
def _one_of(turns: threading.BoundedSemaphore) -> Iterator[None]:
    if not turns.acquire(timeout=PATIENCE):
        raise ServiceUnavailable(retry_after=RETRY_AFTER)
    try:
        yield
    finally:
        turns.release()
