"""Commands that begin something: the database, a demo, an admin, a way back in for someone who lost theirs."""

import json
import sys
from datetime import datetime
from zoneinfo import available_timezones

import click
from flask.cli import with_appcontext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedback import clock, migrations, web
from feedback.cli.errand import RUN, Errand, Trouble, house
from feedback.cli.telling import links_of, sign_ins_of
from feedback.config import machine_zone
from feedback.core import audit
from feedback.core import demo as demos
from feedback.core.accounts import SHORTEST_PASSWORD, Account, account_named, hashed, make_sign_in_link, signing_name
from feedback.core.organisation import Organisation, changed, the_organisation
from feedback.core.people import Department, Person
from feedback.core.submissions import is_address
from feedback.db import Store, new_id

LONGEST_NAME = 200


@click.command(cls=Errand)
@with_appcontext
def init() -> None:
    """Bring the database to the newest version."""
    migrations.migrate(web.house().store)
    click.echo("The database is at the newest version.")


@click.command(cls=Errand)
@click.option("--json", "as_json", is_flag=True, help="Print what it made as JSON, and nothing else.")
@with_appcontext
def demo(as_json: bool) -> None:
    """Make a demo organisation in an empty store, or tell about the one that is there."""
    here = house(set_up=True)
    made = demos.demo(here.store, here.settings, clock.now())
    if as_json:
        click.echo(json.dumps(made, indent=2))
        return
    click.echo("\n".join([*links_of(made), "", *sign_ins_of(made)]))


@click.command("create-admin", cls=Errand)
@click.argument("email")
@click.option("--name", help="What the admin is called.")
@click.option("--organisation", help="What the organisation is called; needed for the first admin only.")
@click.option("--timezone", help="The organisation's time zone, like Europe/Berlin; the machine's, if not said.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
@with_appcontext
def create_admin(
    email: str, name: str | None, organisation: str | None, timezone: str | None, password_stdin: bool
) -> None:
    """Let EMAIL sign in as an admin; the first one comes with the organisation."""
    here = house(set_up=True)
    zone = timezone or machine_zone()
    if not is_address(email) or not is_address(signing_name(email)):
        raise Trouble(f"{email!r} is no e-mail address")
    email.encode()
    if zone not in available_timezones():
        raise Trouble(f"there is no time zone {zone!r}; write it like Europe/Berlin")
    if not _is_empty(here.store, email):
        if organisation:
            raise Trouble("this store holds an organisation already; for one of your own, use an empty data folder")
    else:
        organisation = organisation or _asked("Name of the organisation", "--organisation NAME", password_stdin)
    if name is None:
        name = email.partition("@")[0] if password_stdin else click.prompt("Name of the admin")
    name, organisation = _named("--name", name), organisation and _named("--organisation", organisation)
    password_hash = hashed(_password(password_stdin))
    with here.store.write() as session:
        _add_admin(session, email, name, organisation, zone, password_hash, clock.now())
    click.echo(f"{email} signs in as an admin at {here.settings.base_url}/sign-in")


@click.command("sign-in-link", cls=Errand)
@click.argument("email")
@with_appcontext
def sign_in_link(email: str) -> None:
    """Print a link that signs EMAIL (or a sign-in name) in, once and within a day."""
    here, at = house(), clock.now()
    email.encode()
    with here.store.write() as session:
        account = account_named(session, email, at)
        if account is None:
            raise Trouble(f"nobody signs in as {email!r}")
        token = make_sign_in_link(session, account.person_id, at)
    click.echo(f"{here.settings.base_url}/sign-in/{token}")


def _is_empty(store: Store, email: str) -> bool:
    """Whether there is no organisation yet. Raises Trouble where that name signs in already."""
    with store.read() as session:
        if session.scalar(select(Account.person_id).where(Account.sign_in_name == signing_name(email))):
            raise Trouble(f"{email} has an account already; for a way back in: {RUN} sign-in-link {email}")
        return the_organisation(session) is None


def _asked(question: str, option: str, is_scripted: bool) -> str:
    if is_scripted:
        raise Trouble(f"say it with {option}")
    answer: str = click.prompt(question)
    return answer


def _named(option: str, text: str) -> str:
    """`text` as a name: something to read, no longer than its column. Raises Trouble, or UnicodeError."""
    text.encode()  # what the terminal could not decode comes as lone surrogates
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME:
        raise Trouble(f"{option} needs 1 to {LONGEST_NAME} characters")
    return name


def _password(from_stdin: bool) -> str:
    password: str
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt="The same password again")
    if len(password) < SHORTEST_PASSWORD:
        raise Trouble(f"the password needs {SHORTEST_PASSWORD} characters or more")
    return password


def _add_admin(
    session: Session, email: str, name: str, organisation: str | None, zone: str, password_hash: str, at: datetime
) -> None:
    if the_organisation(session) is None and organisation:
        session.add(Organisation(name=organisation, timezone=zone, made_at=at))
        session.add(Department(id=new_id(at), name=organisation))
        session.flush()
    person = session.scalar(
        select(Person).where(func.lower(Person.email) == email.lower(), Person.retired_at.is_(None)).limit(1)
    )
    if person is None:
        root = session.scalars(select(Department.id).where(Department.parent_id.is_(None)).order_by(Department.id))
        person = Person(id=new_id(at), name=name, public_name=name[:80], email=email, department_id=root.first())
        session.add(person)
        session.flush()
    session.add(
        Account(person_id=person.id, sign_in_name=signing_name(email), password_hash=password_hash, is_admin=True)
    )
    audit.note(session, "person", person.id, "made_admin", at, by_id=None, details={"name": person.name})
    changed(session)  # an admin takes what nobody else may judge
