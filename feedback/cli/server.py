"""The parent of the web processes: starts them, tells when they answer, and takes them along when it ends.

Run as a script in the place of `serve`, and free of everything else here: each import would cost its memory
once more. Arguments: address, port, number of workers, and the descriptor of a pipe that holds what to print.
"""

import encodings.idna  # noqa: F401 - else a connection imports it, and a worker forked just then would hang
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from importlib import import_module
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

ENDING = {signal.SIGTERM, signal.SIGINT}
PATIENCE = 60.0  # seconds until a server that does not answer is told of
GRACE = 6  # seconds for answers under way once the end was asked for
ORPHANED = 1.0  # seconds between two looks of a worker at whether its parent still lives


class Parent(Server):
    """granian's, which says when it answers."""

    welcome = ""

    def startup(self, *args: Any) -> None:
        """As granian does it. Only now may a thread run here: a lock it holds would stay locked in a forked worker."""
        super().startup(*args)
        arguments = (self.bind_addr, self.bind_port, self.welcome)
        threading.Thread(target=_tell_when_ready, args=arguments, name="welcome", daemon=True).start()


def main(host: str, port: int, workers: int, pipe: int) -> int:
    """Serve until SIGTERM or SIGINT; the exit status."""
    for number in ENDING:
        signal.signal(number, lambda *_: os._exit(0))  # nothing runs yet that would need an ending
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    server = Parent(
        "wsgi:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=16,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE,
    )
    with open(pipe, encoding="utf-8") as handed_over:
        server.welcome = handed_over.read()
    try:
        server.serve(target_loader=load)
    except SystemExit as end:
        if not server.interrupt_signal:  # a Ctrl-C also reaches the workers, whose end then looks unexpected
            return int(end.code or 0)
    return 0


def load(target: str) -> Callable[..., Any]:
    """In a worker: the application, with threads that end the worker when told so, or when its parent is gone."""
    for number in ENDING:
        signal.signal(number, lambda *_: os._exit(0))  # until granian sets its own
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    threading.Thread(target=_end_once, name="end", daemon=True).start()
    threading.Thread(target=_end_with, args=(os.getppid(),), name="orphan", daemon=True).start()
    module, _, name = target.partition(":")
    application: Callable[..., Any] = getattr(import_module(module), name)
    return application


def _end_once() -> None:
    """Hand granian the first signal only: a Ctrl-C reaches parent and worker, and its second word would hang it."""
    number = signal.sigwait(ENDING)
    handler = signal.getsignal(number)
    if callable(handler):
        handler(number, None)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(ORPHANED)
    os.kill(os.getpid(), signal.SIGTERM)


def _tell_when_ready(host: str, port: int, welcome: str) -> None:
    """Print the welcome with the first good answer; asking also wakes what starts with the first request."""
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not listened on
    deadline = time.monotonic() + PATIENCE
    while (answer := _health(here, port)) != "ok":
        if time.monotonic() > deadline:
            _say(f"Firsthand does not answer yet ({answer}); flask --app wsgi doctor may know why.")
            deadline = float("inf")
        time.sleep(0.05)
    _say(welcome)


def _health(host: str, port: int) -> str:
    """What /healthz says, in one word; or why it says nothing."""
    connection = HTTPConnection(host, port, timeout=6)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().read(200).decode(errors="replace").strip()
    except (OSError, HTTPException) as error:
        return str(error)
    finally:
        connection.close()


def _say(text: str) -> None:
    try:
        print(text, flush=True)
    except (UnicodeEncodeError, BrokenPipeError):
        print(text.encode("ascii", "replace").decode(), file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
