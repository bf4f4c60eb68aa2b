"""Commands that take over what other systems kept, with progress on a terminal and plain lines elsewhere."""

import os
import sys
from collections.abc import Iterable

import click
from flask.cli import with_appcontext

from feedback import clock
from feedback.cli.errand import Errand, Errands, Trouble, house
from feedback.core import imports
from feedback.core.imports import Progress

OFTEN = 500  # rows between two plain lines


@click.group("import", cls=Errands, no_args_is_help=False)
def take_in() -> None:
    """Take over what another system kept."""


@take_in.command(cls=Errand)
@click.argument("file")
@click.option("--map", "pairs", multiple=True, metavar="THEIRS=OURS", help="Name a column; A+B=OURS joins two.")
@click.option("--create-missing", is_flag=True, help="Make departments, teams, topics and places not there yet.")
@with_appcontext
def feedback(file: str, pairs: tuple[str, ...], create_missing: bool) -> None:
    """Import feedback from the CSV FILE as history; doing it again skips what is there.

    Our columns: date, place, department, team (below the department), person, topics (joined by "; "),
    kind, rating (1 to 5, or Very good to Very poor), message, language, reference. The header may name
    them so itself. A reference belongs to one row of one source for good.
    """
    here = house()
    columns = imports.column_map(pairs)
    with open(file, "rb") as source:
        size = os.fstat(source.fileno()).st_size
        taking = imports.take_feedback(
            here.store, here.settings.secret_key, source, columns, create_missing=create_missing, now=clock.now()
        )
        try:
            done = _followed(taking, size)
        except imports.Unreadable as error:
            raise Trouble(f"{file}: {error}") from error
    for line, reason in done.refused:
        click.echo(f"line {line}: {reason}")
    click.echo(f"read {done.read}, taken {done.taken}, skipped {done.skipped}, refused {len(done.refused)}")


def _followed(taking: Iterable[Progress], size: int) -> Progress:
    """The last step of an import, with its progress shown on the way."""
    progress = Progress()
    if not sys.stdout.isatty():
        told = 0
        for progress in taking:
            if progress.read - told >= OFTEN:
                told = progress.read
                click.echo(f"{told} rows read")
        return progress
    with click.progressbar(length=size, label="Importing") as bar:
        for progress in taking:
            bar.update(progress.position - bar.pos)
    return progress
