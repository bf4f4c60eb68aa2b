"""Commands that put an installation on SQLite away in one file, and bring it back; also on another machine."""

import os
import tempfile
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy import inspect

from feedback import migrations, web
from feedback.cli import archive
from feedback.cli.errand import Errand, Trouble
from feedback.config import Settings
from feedback.core.organisation import Organisation, the_organisation
from feedback.db import Store


@click.command(cls=Errand)
@click.argument("file")
@with_appcontext
def backup(file: str) -> None:
    """Put the database, the pictures and the secret key into FILE, beside the running service."""
    here = web.house()
    database = _database(here.store, here.settings)
    target = Path(file).absolute()
    if target.exists():
        raise Trouble(f"{file} is there already; choose another name")
    if not database.exists():
        raise Trouble(f"there is nothing to back up at {database}")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".firsthand-") as folder:
        archive.copy(database, Path(folder) / archive.DATABASE)
        archive.pack(Path(folder), here.settings.secret_key, target, here.settings.data_dir / archive.PICTURES)
    click.echo(f"{file}: {target.stat().st_size / 1024**2:.1f} MB, everything in it; keep it as safe as the service.")


@click.command(cls=Errand)
@click.argument("file")
@click.option("--replace", is_flag=True, help="Put the backup in the place of what is there.")
@with_appcontext
def restore(file: str, replace: bool) -> None:
    """Bring back what `backup` put into FILE."""
    here = web.house()
    database = _database(here.store, here.settings)
    served = _served(here.store) if database.exists() else ""
    if served and not replace:
        raise Trouble(f"this store serves {served}; with --replace the backup takes its place, for good")
    with tempfile.TemporaryDirectory(dir=database.parent, prefix=".firsthand-") as folder:
        secret = archive.unpack(Path(file), Path(folder))
        _fits(secret, here.settings)
        archive.outdate(Path(folder) / archive.DATABASE, (here.store.version() if served else None) or 0)
        here.store.close()
        archive.keep_pictures(Path(folder), here.settings.data_dir / archive.PICTURES)
        archive.copy(Path(folder) / archive.DATABASE, database)
    is_other_key = secret != here.settings.secret_key
    if is_other_key:
        archive.keep_secret(secret, here.settings.data_dir)
    migrations.migrate(here.store)
    click.echo(f"Restored {_served(here.store) or 'an empty store'}.")
    if is_other_key:
        click.echo("The secret key is the backup's now: restart the service if it runs.")


def _database(store: Store, settings: Settings) -> Path:
    if store.is_sqlite and store.url.database:
        return Path(store.url.database)
    key = settings.data_dir / "secret_key"
    raise Trouble(f"this store is PostgreSQL: use pg_dump and pg_restore, and keep the secret key (or {key}) with it")


def _served(store: Store) -> str:
    """The name of the organisation in the store, empty where there is none."""
    with store.read() as session:
        if not inspect(session.connection()).has_table(Organisation.__tablename__):
            return ""
        organisation = the_organisation(session)
        return organisation.name if organisation else ""


def _fits(secret: str, settings: Settings) -> None:
    """Receipts and passwords of a store work with its own secret key only."""
    if os.environ.get("FIRSTHAND_SECRET_KEY") not in {None, "", secret}:
        raise Trouble(
            "FIRSTHAND_SECRET_KEY is not the key of this backup, with which its receipts were made; "
            f"unset it, and the backup's own is kept in {settings.data_dir / 'secret_key'}"
        )
