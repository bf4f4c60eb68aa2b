"""Web servers under measurement: started, watched for the memory they hold, stopped or killed; each by its own pid."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.ground import free_port

ROOT = Path(__file__).parent.parent
START = 60.0  # seconds; usually one or two
STOP = 12.0
THREADS = 16
WORKERS = 2


@dataclass(slots=True)
class Server:
    """A running server: its main process leads a group of its own, to which all its workers belong."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def kill(self) -> None:
        """What a power cut leaves: every process of the server is gone at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(STOP)

    def stop(self) -> None:
        """The polite end; killed where that takes too long."""
        if self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP)
        except subprocess.TimeoutExpired:
            self.kill()

    def megabytes(self) -> float | None:
        """Memory held by all its processes, what they share counted once; None where the system does not tell."""
        kilobytes = [_kilobytes(pid) for pid in tree(self.process.pid)]
        known = [size for size in kilobytes if size is not None]
        return sum(known) / 1024 if known else None

    def processor_seconds(self) -> float:
        """Time that all its processes have spent on the processors so far; 0 where the system does not tell."""
        return sum(_processor_seconds(pid) for pid in tree(self.process.pid))


def start(
    app: str,
    *,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    port: int | None = None,
    threads: int = THREADS,
) -> Server:
    """granian as in production with `app`, ready to answer; its log goes to `folder`. Raises RuntimeError."""
    port = port or free_port()
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", str(WORKERS), "--blocking-threads", str(threads),
        "--respawn-failed-workers", "--workers-kill-timeout", "8", app,
    ]  # fmt: skip
    log = folder / f"{app.replace(':', '.')}.log"
    with log.open("ab") as out:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=dict(os.environ) | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Server(process, port, log)
    try:
        _wait_until_ready(server)
    except BaseException:
        server.stop()
        raise
    return server


@contextmanager
def running(
    app: str, *, folder: Path, environment: Mapping[str, str] | None = None, threads: int = THREADS
) -> Iterator[Server]:
    """A server for the length of the block."""
    server = start(app, folder=folder, environment=environment, threads=threads)
    try:
        yield server
    finally:
        server.stop()


def answers(port: int, path: str = "/healthz", headers: str = "") -> tuple[int, bytes]:
    """Status and whole text of one answer; 0 where nobody answers."""
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n".encode()
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=START) as line:
            line.sendall(request)
            text = b"".join(iter(lambda: line.recv(65536), b""))
    except OSError:
        return 0, b""
    return (int(text[9:12]), text) if text.startswith(b"HTTP/1.1 ") else (0, text)


def tree(pid: int) -> list[int]:
    """The process of that id and all that came from it, as far as the system tells."""
    found = [pid]
    for parent in found:
        for listed in Path(f"/proc/{parent}/task").glob("*/children"):
            with suppress(OSError):  # it may end meanwhile
                found += [int(child) for child in listed.read_text().split()]
    return found


def _kilobytes(pid: int) -> int | None:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), None)


def _processor_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _wait_until_ready(server: Server) -> None:
    deadline = time.monotonic() + START
    while server.process.poll() is None and time.monotonic() < deadline:
        if answers(server.port)[0] in {200, 404}:  # the ceilings know no such page
            return
        time.sleep(0.02)
    said = server.log.read_text(errors="replace")[-2000:]
    raise RuntimeError(f"the server did not start:\n{said}")
