"""The cast: one small organisation with everyone a story needs, and the things customers send it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from flask import Flask
from flask.testing import FlaskClient

from feedback import clock
from feedback.core.accounts import Account, hashed
from feedback.core.links import Link, new_link
from feedback.core.organisation import Organisation
from feedback.core.people import Department, Management, Person, Place, Topic
from feedback.db import Store, new_id
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
    with store.write() as session:
        session.add(Organisation(name="Garden House", made_at=at))
        departments = {"root": Department(id=new_id(at), name="Garden House")}
        for name in ("kitchen", "packing"):
            departments[name] = Department(id=new_id(at), name=name.title(), parent_id=departments["root"].id)
        session.add_all(departments.values())
        session.flush()
        people = {key: _person(key, departments, at) for key in PEOPLE}
        session.add_all(people.values())
        session.flush()
        for key, person in people.items():
            session.add(
                Account(person_id=person.id, sign_in_name=person.email, password_hash=_hash(), is_admin=key == "anna")
            )
        for key, department in MANAGERS.items():
            session.add(Management(department_id=departments[department].id, person_id=people[key].id))
        terrace = Place(id=new_id(at), name="Terrace", department_id=departments["kitchen"].id)
        session.add(terrace)
        session.flush()
        table = Place(id=new_id(at), name="Table 4", parent_id=terrace.id)
        missing = Topic(id=new_id(at), name="Missing parts", department_id=departments["packing"].id)
        cold = Topic(id=new_id(at), name="Cold food", department_id=departments["kitchen"].id)
        session.add_all([table, missing, cold])
        session.flush()
        links = {
            "maria": new_link(at, person=people["maria"]),
            "kitchen": new_link(at, department=departments["kitchen"]),
            "table": new_link(at, place=table),
        }
        session.add_all(links.values())
        session.flush()
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
    return hashed(PASSWORD)
