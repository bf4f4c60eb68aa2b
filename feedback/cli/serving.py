"""`serve`, which `make run` calls: everything is made ready here, then server.py takes the place of this process."""

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import click
from flask.cli import with_appcontext

from feedback import clock
from feedback.cli import addresses
from feedback.cli.errand import RUN, Errand, address_file, house
from feedback.cli.telling import links_of, place_address, sign_ins_of
from feedback.config import Settings
from feedback.core import demo as demos
from feedback.core.organisation import Organisation, the_organisation
from feedback.db import Store
from feedback.outbound import qr

SERVER = Path(__file__).with_name("server.py")
ENDING = {signal.SIGTERM, signal.SIGINT}


@click.command(cls=Errand)
@click.option("--host", envvar="HOST", default="127.0.0.1", show_default=True, help="Where to listen; 0.0.0.0 for all.")
@click.option("--port", envvar="PORT", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes that answer.")
@click.option("--demo/--no-demo", "with_demo", envvar="DEMO", default=True, help="A demo in a store that is empty.")
@with_appcontext
def serve(host: str, port: int, workers: int, with_demo: bool) -> None:
    """Serve the pages, and deliver notices, until told to stop."""
    for number in ENDING:
        signal.signal(number, lambda *_: sys.exit(0))
    listening = addresses.free(host, port)
    here = house(set_up=True)
    settings = _addressed(here.settings, host, port)
    text = _welcome(here.store, settings, with_demo=with_demo)
    here.store.close()
    environ = os.environ | {"FIRSTHAND_BASE_URL": settings.base_url, "PYTHONPATH": _path()}
    # The masked signals wait until server.py listens for them, so that none is lost in between.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    arguments = [listening, str(port), str(workers), str(_handed_over(text))]
    os.execve(sys.executable, [sys.executable, str(SERVER), *arguments], environ)  # noqa: S606 - ourselves


def _addressed(settings: Settings, host: str, port: int) -> Settings:
    """The settings with the address that customers will use; it is also kept for commands that run meanwhile."""
    if os.environ.get("FIRSTHAND_BASE_URL"):
        return settings
    found = replace(settings, base_url=addresses.base_url(host, port))
    address_file(settings.data_dir).write_text(found.base_url + "\n")
    return found


def _welcome(store: Store, settings: Settings, *, with_demo: bool) -> str:
    """What to print once the pages answer; makes the demo where the store is empty and one is wanted."""
    organisation = _organisation(store)
    lines = ["", f"Firsthand is at {settings.base_url}"]
    if with_demo and (organisation is None or organisation.demo_at):
        lines += _demo(demos.demo(store, settings, clock.now()))
    elif organisation is None:
        lines += ["", f"Nobody can sign in yet. Make the first admin with: {RUN} create-admin EMAIL"]
    else:
        lines += [f"The people of {organisation.name} sign in at {settings.base_url}/sign-in"]
    lines += ["", _reach(settings)]
    if not settings.smtp_url:
        lines += ["No mails are sent: people read in the application. FIRSTHAND_SMTP_URL names a mail server."]
    return "\n".join([*lines, "Ctrl-C ends it.", ""])


def _organisation(store: Store) -> Organisation | None:
    with store.read() as session:
        return the_organisation(session)


def _demo(made: demos.Description) -> list[str]:
    """Its sign-ins, its links, and one of them to scan."""
    address = place_address(made)
    code = qr.terminal(address, coloured=sys.stdout.isatty())
    return ["", *sign_ins_of(made), "", *links_of(made), "", code, address]


def _reach(settings: Settings) -> str:
    if addresses.is_loopback(urlsplit(settings.base_url).hostname or ""):
        return "QR codes open on this machine only. For phones in the same network: make run HOST=0.0.0.0"
    return "QR codes open on every device that reaches this address."


def _handed_over(text: str) -> int:
    """A pipe that already holds `text`: unlike a file or an argument, nobody else can read the passwords in it."""
    reading, writing = os.pipe()
    os.write(writing, text.encode())
    os.close(writing)
    os.set_inheritable(reading, True)
    return reading


def _path() -> str:
    root = str(SERVER.parent.parent.parent)
    known = os.environ.get("PYTHONPATH")
    return f"{root}{os.pathsep}{known}" if known else root
