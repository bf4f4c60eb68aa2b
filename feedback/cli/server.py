"""The parent of the web processes: it listens, starts them, and takes them along when it ends.

Run as a script, and free of everything else here: what it imported would cost its time before the first worker
starts, and its memory for good. What the workers do before they answer is said in starting.py.
"""

import argparse
import errno
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NoReturn

from dotenv import load_dotenv
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

ROOT = Path(__file__).parent.parent.parent
ENDING = {signal.SIGTERM, signal.SIGINT}
GRACE = 6  # seconds for answers under way once the end was asked for
ORPHANED = 1.0  # seconds between two looks of a worker at whether its parent still lives
FAILED = "failed"  # the file by which a worker says that there is no use in starting
# TEST-NET-1 (RFC 5737): a datagram socket "connected" there sends nothing, but learns which of our addresses it has.
ELSEWHERE = ("192.0.2.1", 9)


def main(words: list[str]) -> int:
    """Serve until SIGTERM or SIGINT; the exit status."""
    for number in ENDING:
        signal.signal(number, lambda *_: os._exit(0))  # nothing runs yet that would need an ending
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    load_dotenv(ROOT / ".env")
    asked = _asked(words)
    host, port = free(asked.host, asked.port), asked.port
    is_found = not os.environ.get("FIRSTHAND_BASE_URL")
    if is_found:
        os.environ["FIRSTHAND_BASE_URL"] = base_url(asked.host, port)
    with tempfile.TemporaryDirectory(prefix="firsthand-") as folder:
        start = partial(load, folder, host, port, asked.demo, is_found)
        status = _serve(host, port, asked.workers, start)
        return 1 if (Path(folder) / FAILED).exists() else status


def load(folder: str, host: str, port: int, with_demo: bool, is_found: bool, target: str) -> Callable[..., Any]:
    """In a worker: the application once all is ready, with threads that end the worker when it is time."""
    for number in ENDING:
        signal.signal(number, lambda *_: os._exit(0))  # until granian sets its own
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    threading.Thread(target=_end_once, name="end", daemon=True).start()
    threading.Thread(target=_end_with, args=(os.getppid(),), name="orphan", daemon=True).start()
    from feedback.cli.starting import started  # here, where it is paid for by workers only, all at the same time

    return started(target, Path(folder), host, port, with_demo=with_demo, is_found=is_found)


def free(host: str, port: int) -> str:
    """The numeric address of `host`, where `port` is free to listen on; ends with one line where it is not."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as a server does; a listener still refuses
            probe.bind(address)
    except OSError as error:
        _trouble(_why(error, host, port))
    return str(address[0])


def base_url(host: str, port: int) -> str:
    """The address to print: as `host` says, or this machine's in its network where that means all of them."""
    numeric = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0]
    shown = in_network() if ip_address(numeric).is_unspecified else host
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def in_network() -> str:
    """This machine's address in its network, or loopback where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(ELSEWHERE)
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


class _Words(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line, like all our commands."""
        _trouble(message)


def _asked(words: list[str]) -> argparse.Namespace:
    """What the command line says, else the environment; an empty variable says nothing."""
    environ = os.environ
    parser = _Words(
        prog="flask --app wsgi serve", description="Serve the pages, and deliver notices, until told to stop."
    )
    parser.add_argument("--host", default=environ.get("HOST") or "127.0.0.1", help="where to listen; 0.0.0.0 for all")
    parser.add_argument("--port", type=_port, default=environ.get("PORT") or "8000")
    parser.add_argument(
        "--workers", type=int, choices=range(1, 65), metavar="N", default=2, help="processes that answer"
    )
    demo = (environ.get("DEMO") or "1").casefold() not in {"0", "no", "off", "false"}
    parser.add_argument(
        "--demo", action=argparse.BooleanOptionalAction, default=demo, help="make a demo in a store that is empty"
    )
    return parser.parse_args(words)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; write a number from 1 to 65535")
    return int(text)


def _serve(host: str, port: int, workers: int, start: Callable[[str], Callable[..., Any]]) -> int:
    server = Server(
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
    try:
        server.serve(target_loader=start)
    except SystemExit as end:
        if not server.interrupt_signal:  # a Ctrl-C also reaches the workers, whose end then looks unexpected
            return int(end.code or 0)
    return 0


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


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use; choose another one: make run PORT={port + 1 if port < 65535 else 8001}"
    if error.errno == errno.EACCES:
        return f"port {port} needs more rights than you have; choose one above 1023: make run PORT=8000"
    return f"cannot listen on {host}: {error.strerror}; HOST is an address of this machine, 127.0.0.1 or 0.0.0.0"


def _trouble(line: str) -> NoReturn:
    print(f"Firsthand: {line}", file=sys.stderr, flush=True)
    sys.exit(1)


if __name__ == "__main__":
    sys.path[0] = str(ROOT)
    sys.exit(main(sys.argv[1:]))
