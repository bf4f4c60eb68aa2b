"""Making QR links from the command line, for whom or what an import or an admin has named."""

from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from feedback import clock
from feedback.cli.errand import Errand, Trouble, house
from feedback.core.links import new_link
from feedback.core.people import Department, Person, Place
from feedback.outbound import qr

TABLES: dict[str, Any] = {"person": Person, "department": Department, "place": Place}


@click.command(cls=Errand)
@click.argument("points_at", type=click.Choice(list(TABLES)))
@click.argument("name")
@with_appcontext
def link(points_at: str, name: str) -> None:
    """Make a QR link for the person, department or place called NAME, and print its address."""
    here, table = house(), TABLES[points_at]
    with here.store.write() as session:
        found = session.scalars(select(table).where(table.name == name, table.retired_at.is_(None)).limit(2)).all()
        if len(found) != 1:
            raise Trouble(f"there is {'more than one' if found else 'no'} {points_at} called {name!r}")
        made = new_link(clock.now(), **{points_at: found[0]})
        session.add(made)
    click.echo(f"{here.settings.base_url}/q/{made.code}")
    click.echo(qr.terminal(qr.address(here.settings.base_url, made.code)))
