"""Senders who begin a form and fall silent: a bounded number of threads waits for them, and pages go on."""

import select
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest

from bench.installation import installed
from bench.servers import THREADS, WORKERS, answers
from feedback.web.forms.arrival import READERS

SILENT = 40  # more than all threads of both processes
ENOUGH = 8  # forms in a row, of which each process gets some
HEAD = "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
BEGUN = {"announced": "Content-Length: 1000000\r\n\r\na=", "in pieces": "Transfer-Encoding: chunked\r\n\r\n2\r\na=\r\n"}


@dataclass(frozen=True, slots=True)
class Running:
    """A server with a demo, and the code of one of its links."""

    port: int
    code: str


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server for all cases; each begins when nobody is silent any more."""
    here = installed(tmp_path_factory.mktemp("stalled"))
    with here.running() as server:
        yield Running(server.port, here.codes["place"])


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
def test_pages_are_shown_while_forty_senders_are_silent(house: Running, door: str, begun: str) -> None:
    assert SILENT > WORKERS * THREADS > WORKERS * READERS
    with silent(house.port, door.format(code=house.code), begun) as lines:
        for _ in range(4):
            assert answers(house.port)[0] == answers(house.port, f"/q/{house.code}")[0] == 200
        (told, *_), *_ = select.select(lines, [], [], 10)
        text = told.recv(65536)
        assert text.startswith(b"HTTP/1.1 503") and b"retry-after: 5" in text.lower()
    assert forms_are_taken_again(house.port)


def forms_are_taken_again(port: int) -> bool:
    """Whether both processes take what whole forms say, soon after those who were silent hung up."""
    deadline, taken = time.monotonic() + 20, 0
    while taken < ENOUGH and time.monotonic() < deadline:
        with _begun(port, f"{HEAD.format(path='/sign-in')}Content-Length: 2\r\nConnection: close\r\n\r\na=") as line:
            taken = 0 if line.recv(65536).startswith(b"HTTP/1.1 503") else taken + 1
    return taken >= ENOUGH
