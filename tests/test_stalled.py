"""Senders who begin a form and fall silent: a bounded number of threads waits for them, and pages go on."""

import socket
from contextlib import ExitStack
from pathlib import Path

from bench.installation import installed
from bench.servers import THREADS, WORKERS, answers

SILENT = 40  # more than all threads of both processes
HEAD = "POST /q/{code} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"


def test_pages_are_shown_while_forty_senders_are_silent(tmp_path: Path) -> None:
    assert SILENT > WORKERS * THREADS
    here = installed(tmp_path)
    code = here.codes["place"]
    with here.running() as server, ExitStack() as lines:
        for _ in range(SILENT):
            line = lines.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=5))
            line.sendall(f"{HEAD.format(code=code)}Content-Length: 1000000\r\n\r\na=".encode())
        assert [answers(server.port)[0] for _ in range(4)] == [200] * 4
        assert [answers(server.port, f"/q/{code}")[0] for _ in range(4)] == [200] * 4
