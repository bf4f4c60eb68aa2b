"""Bringing a store to the newest version of the tables, and telling whether it is there."""

from importlib import import_module
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from feedback.core import ORDER
from feedback.db import Base, Store

FOLDER = Path(__file__).parent
TURN = 4_617_023  # number of PostgreSQL's advisory lock: two processes migrate one after the other

for noun in ORDER:  # every table has to be known before the schema is compared or made
    import_module(f"feedback.core.{noun}")

metadata = Base.metadata


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, on `connection` where one is given."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def migrate(store: Store) -> None:
    """Bring the store to the newest version, in one transaction; doing it again changes nothing."""
    with store.write_rows() as connection:
        if not store.is_sqlite:
            connection.execute(text("select pg_advisory_xact_lock(:turn)"), {"turn": TURN})
        if not _is_newest(connection):
            command.upgrade(config(connection), "head")


def is_newest(store: Store) -> bool:
    """Whether the store has the newest version of the tables."""
    with store.read() as session:
        return _is_newest(session.connection())


def _is_newest(connection: Connection) -> bool:
    newest = ScriptDirectory.from_config(config()).get_current_head()
    return MigrationContext.configure(connection).get_current_revision() == newest
