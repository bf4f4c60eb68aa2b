"""What all commands share: the house they work in, and trouble told in one line instead of a traceback."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, ProgrammingError

from feedback import migrations, web
from feedback.config import SettingError
from feedback.core.demo import OtherData
from feedback.core.imports import NotReady, Unreadable
from feedback.db import StoreBusy, StoreFull

# As it can be typed where the service stands: most people have not activated what `make run` made.
RUN = f"{'.venv/bin/' if Path('.venv/bin/flask').exists() else ''}flask --app wsgi"
FAULTS = (DataError, IntegrityError, ProgrammingError)  # of our statements, and no trouble of the operator


class Trouble(click.ClickException):
    """Something that the person at the terminal can put right; the text says how."""

    @property
    def line(self) -> str:
        """All of it, in one line."""
        return f"Firsthand: {' '.join(self.format_message().split())}"

    def show(self, file: Any = None) -> None:
        """One line on standard error."""
        click.echo(self.line, err=True, file=file)


class Errand(click.Command):
    """A command that ends with 0, or with 1 and one line."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """As click does it."""
        with plainly():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """As click does it."""
        with plainly():
            return super().invoke(ctx)


class Errands(Errand, click.Group):
    """A command made of several, with the same promise."""


def house(*, set_up: bool = False) -> web.House:
    """The house of this command, with the newest tables: made so with `set_up`, else required. Raises Trouble."""
    here = web.house()
    if set_up:
        migrations.migrate(here.store)
    elif not migrations.is_newest(here.store):
        raise Trouble(f"the database is not at the newest version; run: {RUN} init")
    return with_known_address(here)


def address_file(data_dir: Path) -> Path:
    """Where `serve` writes down the address it answers at, for commands that run beside it."""
    return data_dir / "base_url"


def with_known_address(here: web.House) -> web.House:
    """`here` with the address that `serve` found out, unless the operator has set one."""
    file = address_file(here.settings.data_dir)
    if os.environ.get("FIRSTHAND_BASE_URL") or not file.exists():
        return here
    return replace(here, settings=replace(here.settings, base_url=file.read_text().strip()))


@contextmanager
def plainly() -> Iterator[None]:
    """Every error that is nobody's bug becomes Trouble."""
    try:
        yield
    except click.UsageError as error:
        raise Trouble(error.format_message()) from error
    except StoreFull as error:
        raise Trouble("the disk of the database is full; make room and run it again") from error
    except StoreBusy as error:
        raise Trouble("the database is busy or out of reach; nothing was lost, run it again in a moment") from error
    except DatabaseError as error:
        if isinstance(error, FAULTS):
            raise
        raise Trouble(f"the database cannot be used: {error.orig}") from error
    except NotReady as error:
        raise Trouble(f"there is no organisation yet; run: {RUN} create-admin EMAIL") from error
    except OtherData as error:
        raise Trouble("this store serves an organisation already; a demo needs a store of its own") from error
    except UnicodeError as error:
        raise Trouble("what was typed is not text in UTF-8; please type it again") from error
    except (SettingError, Unreadable) as error:
        raise Trouble(str(error)) from error
    except OSError as error:
        raise Trouble(f"{error.filename}: {error.strerror}" if error.filename else str(error)) from error
