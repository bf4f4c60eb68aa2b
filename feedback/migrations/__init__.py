"""Bringing a store to the newest version of the tables, and telling whether it is there."""

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from feedback.core import ORDER
from feedback.db import Base, Store

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent
TURN = 4_617_023  # number of PostgreSQL's advisory lock: two processes migrate one after the other

for noun in ORDER:  # every table has to be known before the schema is compared or made
    import_module(f"feedback.core.{noun}")

metadata = Base.metadata


def config(connection: Connection | None = None) -> "Config":
    """Alembic's configuration, on `connection` where one is given."""
    from alembic.config import Config  # here, because serving pages needs none of Alembic, which is slow to import

    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def migrate(store: Store) -> None:
    """Bring the store to the newest version, in one transaction; doing it again changes nothing."""
    if is_newest(store):
        return
    from alembic import command

    with store.write_rows() as connection:
        if not store.is_sqlite:
            connection.execute(text("select pg_advisory_xact_lock(:turn)"), {"turn": TURN})
        command.upgrade(config(connection), "head")


def is_newest(store: Store) -> bool:
    """Whether the store has the newest version of the tables."""
    try:
        with store.read() as session:
            return bool(session.scalar(text("select version_num from alembic_version")) == versions()[-1])
    except DBAPIError:
        return False  # no table of versions yet


@cache
def versions() -> tuple[str, ...]:
    """The numbers of all versions, oldest first; the name of a version's file begins with its number."""
    return tuple(sorted(file.name.partition("_")[0] for file in (FOLDER / "versions").glob("[0-9]*.py")))
