"""`serve`: the same as `make run` starts, for those who begin at the command line; server.py takes over from here."""

import os
import sys
from pathlib import Path

import click
from flask.cli import with_appcontext

from feedback.cli.errand import Errand

SERVER = Path(__file__).with_name("server.py")  # not imported, as every other command would pay for it


@click.command(cls=Errand, context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@with_appcontext
def serve(words: tuple[str, ...]) -> None:
    """Serve the pages, and deliver notices, until told to stop."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, str(SERVER), *words])  # noqa: S606 - ourselves
