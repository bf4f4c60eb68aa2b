"""Commands that take over what other systems kept, with progress on a terminal and plain lines elsewhere."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

import click
from flask.cli import with_appcontext

from feedback import clock
from feedback.cli.errand import Errand, Errands, Trouble, house
from feedback.core import imports
from feedback.core.directory import NOUNS, NotTaken, Noun
from feedback.core.imports import Progress, lists
from feedback.core.surveys import Asked, asking, counting, keeping
from feedback.outbound import problems
from feedback.web import House

OFTEN = 500  # rows between two plain lines
BRISKLY = 50  # rows between two steps of the bar
MOST_ROWS = 500_000
LARGEST_FILE = 64 * 1024 * 1024


@click.group("import", cls=Errands, no_args_is_help=False)
def take_in() -> None:
    """Take over what another system kept."""


@take_in.command(cls=Errand)
@click.argument("file")
@click.option("--map", "pairs", multiple=True, metavar="THEIRS=OURS", help="Name a column; A+B=OURS joins two.")
@click.option("--create-missing", is_flag=True, help="Make departments, teams, topics and places not there yet.")
@click.option("--survey", type=int, metavar="NUMBER", help="Take the rows as answers to that survey.")
@with_appcontext
def feedback(file: str, pairs: tuple[str, ...], create_missing: bool, survey: int | None) -> None:
    """Import feedback from the CSV FILE as history; doing it again skips what is there.

    Our columns: date, place, department, team (below the department), person, topics (joined by "; "),
    kind, rating (1 to 5, or Very good to Very poor), message, language, reference. The header may name
    them so itself. A reference belongs to one row of one source for good.

    With --survey, columns are mapped to the codes of its questions (--map rating=q1); an answer is written as
    its code or in its words. The number of a survey stands in its address.
    """
    here = house()
    asked = _asked(here, survey) if survey else None
    columns = imports.column_map(pairs, [one.code for one in asked.design.questions] if asked else ())
    with open(file, "rb") as source:
        size = os.fstat(source.fileno()).st_size
        taking = imports.take_feedback(
            here.store,
            here.settings.secret_key,
            source,
            columns,
            create_missing=create_missing,
            now=clock.now(),
            asked=asked,
        )
        try:
            done = _followed(taking, size)
        except imports.Unreadable as error:
            raise Trouble(f"{file}: {error}") from error
    if asked:
        counting.count_all(here.store, clock.now())
    for line, reason in done.refused:
        click.echo(f"line {line}: {reason}")
    click.echo(f"read {done.read}, taken {done.taken}, skipped {done.skipped}, refused {len(done.refused)}")


def _asked(here: House, survey: int) -> Asked:
    """The newest edition of the survey of that number."""
    with here.store.read() as session:
        edition = keeping.published(session, survey)
        asked = asking.gone(session, edition.id) if edition else None
    if asked is None:
        raise Trouble(f"there is no published survey of the number {survey}")
    return asked


def _list_command(name: str, noun: str) -> click.Command:
    """The command that imports one kind of entry of the directory."""

    @take_in.command(name, cls=Errand, help=f"Import {name} from the CSV FILE, all of it or nothing.")
    @click.argument("file")
    @with_appcontext
    def command(file: str) -> None:
        here, at = house(), clock.now()
        with open(file, "rb") as source:
            data = source.read(LARGEST_FILE + 1)
        if len(data) > LARGEST_FILE:
            raise Trouble(f"{file} is larger than {LARGEST_FILE // 1024 // 1024} MB; divide it")
        try:
            _take_list(here, NOUNS[noun], file, data, at)
        except NotTaken as error:
            raise Trouble(f"{file}: {' '.join(problems.sentence(problem) for problem in error.problems)}") from error

    return command


def _take_list(here: House, noun: Noun, file: str, data: bytes, at: datetime) -> None:
    sheet = lists.read(data, noun.name, most=MOST_ROWS)
    if sheet.is_guess:
        click.echo("The file does not say how its letters are encoded; it was read as Windows-1252.")
    for column in sheet.ignored:
        click.echo(f"The column {column!r} is none of ours and was left out.")
    with _told(len(sheet.rows)) as tell:
        plan = lists.take(here.store, noun, sheet, by_id=None, at=at, tell=tell)
    for line, problem in plan.problems:
        click.echo(f"line {line}: {problems.sentence(problem)}")
    taken, refused = len(plan.new) + len(plan.changed), len({line for line, _ in plan.problems})
    if refused:
        click.echo(f"read {plan.read}, taken 0, skipped {plan.read - refused}, refused {refused}")
        raise Trouble(f"nothing of {file} was taken; put these lines right and run it again")
    click.echo(f"read {plan.read}, taken {taken}, skipped {plan.read - taken}, refused 0")


for _name, _noun in (("people", "person"), ("departments", "department"), ("places", "place"), ("topics", "topic")):
    _list_command(_name, _noun)


@contextmanager
def _told(rows: int) -> Iterator[Callable[[int], None]]:
    """Where to tell how many of `rows` are understood: a bar on a terminal, a line now and then elsewhere."""
    if not sys.stdout.isatty():
        yield lambda n: click.echo(f"{n} rows read") if n % OFTEN == 0 else None
        return
    with click.progressbar(length=rows, label="Importing") as bar:
        yield lambda n: bar.update(n - bar.pos) if n % BRISKLY == 0 or n == rows else None


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
