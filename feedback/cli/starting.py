"""What a web process does before it answers: the first of them makes everything ready and says how to see it."""

import fcntl
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from flask import Flask

from feedback import clock, web
from feedback.cli.errand import RUN, Trouble, address_file, house, plainly
from feedback.cli.server import FAILED
from feedback.cli.telling import links_of, place_address, sign_ins_of
from feedback.config import Settings
from feedback.core import demo as demos
from feedback.core.organisation import Organisation, the_organisation
from feedback.db import Store
from feedback.outbound import qr
from feedback.web import first_run

READY = "ready"
PATIENCE = 60.0  # seconds until a server that does not answer is told of


def started(target: str, folder: Path, host: str, port: int, *, with_demo: bool, is_found: bool) -> Callable[..., Any]:
    """The application of `target`, over a store with the newest tables and, where wanted, a demo.

    Processes that start at the same time agree by files in `folder`; `is_found` says that the address
    customers use was found out rather than set. What cannot be is told in one line, and ends the parent.
    """
    try:
        with plainly():
            return _ready(target, folder, host, port, with_demo=with_demo, is_found=is_found)
    except Trouble as trouble:
        _give_up(folder, trouble.line)
    except SystemExit as end:  # what wsgi.py says of a setting that cannot be used
        _give_up(folder, str(end))
    except Exception:  # nobody foresaw it; each worker started in its place would meet the same
        _give_up(folder, traceback.format_exc())


def _ready(target: str, folder: Path, host: str, port: int, *, with_demo: bool, is_found: bool) -> Callable[..., Any]:
    module, _, name = target.partition(":")
    app: Flask = getattr(import_module(module), name)
    app.extensions[first_run.TOLD] = True  # the welcome says it
    with _alone(folder), app.app_context():
        if not (folder / READY).exists():
            welcome = _made_ready(with_demo=with_demo, is_found=is_found)
            (folder / READY).touch()
            threading.Thread(target=_tell_when_ready, args=(host, port, welcome), daemon=True).start()
    return app


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Within the block no other process of the same start is in it."""
    with (folder / "turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def _give_up(folder: Path, why: str) -> NoReturn:
    """Say why, once for all processes of this start, and end the parent, which ends them."""
    with _alone(folder):
        if not (folder / FAILED).exists():
            print(why, file=sys.stderr, flush=True)
            (folder / FAILED).touch()
    os.kill(os.getppid(), signal.SIGTERM)
    while True:
        time.sleep(1)


def _made_ready(*, with_demo: bool, is_found: bool) -> str:
    """Bring the store to where pages can be served; what to print once they are."""
    here = house(set_up=True)
    if is_found:  # kept, so that commands which run beside the server say the same address
        address_file(here.settings.data_dir).write_text(here.settings.base_url + "\n")
    return "\n".join(_welcome(here, with_demo=with_demo))


def _welcome(here: web.House, *, with_demo: bool) -> list[str]:
    settings, organisation = here.settings, _organisation(here.store)
    lines = ["", f"Firsthand is at {settings.base_url}"]
    if with_demo and (organisation is None or organisation.demo_at):
        lines += _demo(demos.demo(here.store, settings, clock.now()))
    elif organisation is None:
        lines += [
            "",
            "Set it up in a browser, at the address that only this terminal shows:",
            first_run.address(settings),
        ]
        lines += [f"or make the first admin here, with: {RUN} create-admin EMAIL"]
    else:
        lines += [f"The people of {organisation.name} sign in at {settings.base_url}/sign-in"]
    lines += ["", _reach(settings)]
    if not settings.smtp_url:
        lines += ["No mails are sent: people read in the application. FIRSTHAND_SMTP_URL names a mail server."]
    return [*lines, "Ctrl-C ends it.", ""]


def _organisation(store: Store) -> Organisation | None:
    with store.read() as session:
        return the_organisation(session)


def _demo(made: demos.Description) -> list[str]:
    """Its sign-ins, its links, and one of them to scan."""
    address = place_address(made)
    code = qr.terminal(address, coloured=sys.stdout.isatty())
    return ["", *sign_ins_of(made), "", *links_of(made), "", code, address]


def _reach(settings: Settings) -> str:
    if settings.opens_here_only:
        return "QR codes open on this machine only. For phones in the same network: make run HOST=0.0.0.0"
    return "QR codes open on every device that reaches this address."


def _tell_when_ready(host: str, port: int, welcome: str) -> None:
    """Print the welcome with the first good answer; asking also wakes what starts with the first request."""
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not listened on
    deadline = time.monotonic() + PATIENCE
    while (answer := _health(here, port)) != "ok":
        if time.monotonic() > deadline:
            _say(f"Firsthand does not answer yet ({answer}); {RUN} doctor may know why.")
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
    except UnicodeEncodeError:  # a terminal of old, which cannot draw the code either
        print(text.encode("ascii", "replace").decode(), flush=True)
