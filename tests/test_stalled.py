"""Senders who begin a form and fall silent: a bounded number of threads waits for them, and pages go on."""

import select
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from bench.installation import Installation, installed
from bench.servers import THREADS, WORKERS, answers
from feedback.web.forms.arrival import READERS

SILENT = 40  # more than all threads of both processes
HEAD = "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
BEGUN = {"announced": "Content-Length: 1000000\r\n\r\na=", "in pieces": "Transfer-Encoding: chunked\r\n\r\n2\r\na=\r\n"}


@pytest.fixture
def here(tmp_path: Path) -> Installation:
    """An installation with a demo."""
    return installed(tmp_path)


@contextmanager
def silent(port: int, path: str, begun: str) -> Iterator[Sequence[socket.socket]]:
    """So many connections that sent the head of a request, the beginning of its body, and nothing more."""
    with ExitStack() as lines:
        yield [lines.enter_context(_begun(port, f"{HEAD.format(path=path)}{begun}")) for _ in range(SILENT)]


def _begun(port: int, text: str) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port), timeout=10)
    line.sendall(text.encode())
    return line


@pytest.mark.parametrize("begun", BEGUN.values(), ids=BEGUN)
@pytest.mark.parametrize("door", ["/q/{code}", "/r", "/sign-in"])
def test_pages_are_shown_while_forty_senders_are_silent(here: Installation, door: str, begun: str) -> None:
    assert SILENT > WORKERS * THREADS > WORKERS * READERS
    code = here.codes["place"]
    with here.running() as server, silent(server.port, door.format(code=code), begun) as lines:
        for _ in range(4):
            assert answers(server.port)[0] == answers(server.port, f"/q/{code}")[0] == 200
        (told, *_), *_ = select.select(lines, [], [], 10)
        text = told.recv(65536)
        assert text.startswith(b"HTTP/1.1 503") and b"retry-after: 5" in text.lower()
