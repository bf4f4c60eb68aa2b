"""Making QR links from the command line, for whom or what an import or an admin has named; and printing them."""

from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback import clock
from feedback.cli.errand import Errand, Trouble, house
from feedback.core import files, links, posters
from feedback.core.imports import NotReady
from feedback.core.links import Link, making, new_link
from feedback.core.organisation import the_organisation
from feedback.core.people import Department, Person, Place
from feedback.outbound import qr
from feedback.outbound.posters import FORMATS, Sign, Wish, pdf

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
        making.note_made(session, made, found[0].name, made.made_at, by_id=None)
    click.echo(f"{here.settings.base_url}/q/{made.code}")
    click.echo(qr.terminal(qr.address(here.settings.base_url, made.code)))


@click.command("posters", cls=Errand)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--format", "kind", type=click.Choice(list(FORMATS)), default="a4", help="What to print.", show_default=True
)
@click.option("--language", "languages", multiple=True, help="Of the words on it; up to three.")
@click.option("--code", "codes", multiple=True, help="The code of one link; all that are in use, if not said.")
@click.option("--distance", type=click.FloatRange(0, 20), default=0, help="Metres from which it is to be scanned.")
@click.option("--marks", is_flag=True, help="With marks to cut along.")
@click.option("--bleed", is_flag=True, help="With colour that runs over the edge; not on sheets of cards and stickers.")
@with_appcontext
def print_posters(
    file: Path, kind: str, languages: tuple[str, ...], codes: tuple[str, ...], distance: float, marks: bool, bleed: bool
) -> None:
    """Write FILE, a PDF with the codes of links on posters, tents, badges, cards or stickers."""
    here = house()
    with here.store.read() as session:
        known = the_organisation(session)
        if known is None:
            raise NotReady
        words = posters.words(session, list(languages or (known.language,)))
        if len(words) != len(languages or (1,)) or len(words) > posters.MOST_LANGUAGES:
            raise Trouble(f"print has words in {', '.join(posters.shipped())}, up to three at a time")
        logo = files.logo_bytes(session, here.settings.data_dir)
        signs = [Sign(*names, code) for code, names in _to_print(session, codes)]
    wish = Wish(kind, words, known.name, known.accent, here.settings.base_url, distance, marks, bleed, logo)
    file.write_bytes(pdf(signs, wish))
    click.echo(f"{file}: {len(signs)} code{'s' if len(signs) != 1 else ''}")


def _to_print(session: Session, codes: tuple[str, ...]) -> list[tuple[str, tuple[str, str]]]:
    """Each code with what stands above and below it on print. Raises Trouble."""
    wanted = [links.normal_code(code) or code for code in codes]
    statement = select(Link).where(Link.retired_at.is_(None)).order_by(Link.id)
    found = session.scalars(statement.where(Link.code.in_(wanted)) if codes else statement).all()
    if missing := set(wanted) - {link.code for link in found}:
        raise Trouble(f"there is no link in use with the code {', '.join(sorted(missing))}")
    if not found:
        raise Trouble("there is no link to print yet")
    names = links.names(session, found)
    return [(link.code, names[link.id]) for link in found]
