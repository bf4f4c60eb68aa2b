"""The cast: one small organisation with everyone a story needs, and the things customers send it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, insert
from werkzeug.security import generate_password_hash

from feedback import clock
from feedback.core.accounts import Account
from feedback.core.links import Link, new_link
from feedback.core.organisation import Organisation
from feedback.core.people import Department, Management, Person, Place, Topic
from feedback.db import Base, Store, new_id
from tests.ground.pages import field_values

PASSWORD = "correct horse 42"
BEGINNING = datetime(2026, 1, 5, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cast:
    """Ids, names and codes of the cast.

    Garden House is the root, with Kitchen and Packing below it. Maria (employee) and Karim (colleague)
    cook in the Kitchen, which Berta manages; Paula manages Packing, where Hans (handler) packs;
    Dora directs the root; Anna is the admin and works in the root.
    """

    root: int
    kitchen: int
    packing: int
    maria: int
    karim: int
    berta: int
    paula: int
    hans: int
    dora: int
    anna: int
    missing_parts: int
    cold_food: int
    terrace: int
    table: int
    maria_link: str
    kitchen_link: str
    table_link: str
    link_ids: dict[str, int]


PEOPLE = {
    "maria": ("Maria Lopez", "kitchen"),
    "karim": ("Karim Haddad", "kitchen"),
    "berta": ("Berta Stein", "kitchen"),
    "paula": ("Paula Novak", "packing"),
    "hans": ("Hans Weber", "packing"),
    "dora": ("Dora Lang", "root"),
    "anna": ("Anna Berg", "root"),
}
MANAGERS = {"berta": "kitchen", "paula": "packing", "dora": "root"}


def cast_of(store: Store) -> Cast:
    """Write the cast into an empty store."""
    at = clock.now()
    departments = {"root": Department(id=new_id(at), name="Garden House")}
    for name in ("kitchen", "packing"):
        departments[name] = Department(id=new_id(at), name=name.title(), parent_id=departments["root"].id)
    people = {key: _person(key, departments, at) for key in PEOPLE}
    accounts = [
        Account(person_id=person.id, sign_in_name=person.email, password_hash=_hash(), is_admin=key == "anna")
        for key, person in people.items()
    ]
    managements = [
        Management(department_id=departments[department].id, person_id=people[key].id)
        for key, department in MANAGERS.items()
    ]
    terrace = Place(id=new_id(at), name="Terrace", department_id=departments["kitchen"].id)
    table = Place(id=new_id(at), name="Table 4", parent_id=terrace.id)
    missing = Topic(id=new_id(at), name="Missing parts", department_id=departments["packing"].id)
    cold = Topic(id=new_id(at), name="Cold food", department_id=departments["kitchen"].id)
    links = {
        "maria": new_link(at, person=people["maria"]),
        "kitchen": new_link(at, department=departments["kitchen"]),
        "table": new_link(at, place=table),
    }
    with store.write_rows() as connection:
        _keep(connection, Organisation(name="Garden House", made_at=at))
        for kind in (departments.values(), people.values(), accounts, managements, [terrace, table], [missing, cold]):
            _keep(connection, *kind)
        _keep(connection, *links.values())
    return Cast(
        **{key: department.id for key, department in departments.items()},
        **{key: person.id for key, person in people.items()},
        missing_parts=missing.id,
        cold_food=cold.id,
        terrace=terrace.id,
        table=table.id,
        maria_link=links["maria"].code,
        kitchen_link=links["kitchen"].code,
        table_link=links["table"].code,
        link_ids={key: link.id for key, link in links.items()},
    )


def _keep(connection: Connection, *rows: Base) -> None:
    """Insert rows of one kind with one statement."""
    given = [vars(row) for row in rows]
    names = {name for row in given for name in row if not name.startswith("_")}
    connection.execute(insert(type(rows[0])), [{name: row.get(name) for name in names} for row in given])


def address_of(key: str) -> str:
    """The e-mail address of one of the cast."""
    return f"{key}@garden-house.example"


def signed_in(app: Flask, key: str) -> FlaskClient:
    """The browser of one of the cast, signed in."""
    browser = app.test_client()
    answer = browser.post("/sign-in", data={"email": address_of(key), "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return browser


def token_of(browser: FlaskClient, code: str) -> str:
    """A fresh token from the form of a link."""
    return field_values(browser.get(f"/q/{code}").text)["token"]


def send(browser: FlaskClient, code: str, **fields: object):
    """Send the form of a link with a fresh token (or the one given)."""
    if "token" not in fields:
        fields["token"] = token_of(browser, code)
    return browser.post(f"/q/{code}", data=fields)


def make_link(store: Store, **target: object) -> Link:
    """One more link."""
    link = new_link(clock.now(), **target)  # type: ignore[arg-type]
    with store.write() as session:
        session.add(link)
    return link


def _person(key: str, departments: dict[str, Department], at: datetime) -> Person:
    name, department = PEOPLE[key]
    return Person(
        id=new_id(at),
        name=name,
        public_name=name.split()[0],
        email=address_of(key),
        department_id=departments[department].id,
        is_shown_on_forms=key in {"maria", "karim", "hans"},
    )


@lru_cache
def _hash() -> str:
    """As the house's own, but for the time it takes: the house reads what it costs from the hash."""
    return generate_password_hash(PASSWORD, "scrypt:256:1:1")
