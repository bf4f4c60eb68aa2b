"""Taking one's letters along: as long as one works here, for thirty days after, and nothing else then."""

import json
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from feedback.core.accounts import TAKING_ALONG, Account
from feedback.core.notices import Notice
from feedback.core.people import Person
from feedback.db import Store
from tests.factories import BEGINNING, Cast, signed_in
from tests.ground.pages import field_values, links, visible_text, well_formed
from tests.house.test_access import CLOSED, Town, rows, told
from tests.story import arrives, at_work

WORDS = "You carried my bag through the rain"
PAGE, BOOK, PLAIN = "/praise/letters", "/praise/letters.pdf", "/praise/letters.json"
OPEN = {PAGE, BOOK, PLAIN}
RECORD = "/account/record"  # what is kept about someone is theirs to see as long
A_MOMENT = timedelta(seconds=1)


def leave(store: Store, person_id: int, at: object) -> None:
    with store.write() as session:
        session.get_one(Person, person_id).retired_at = at  # type: ignore[assignment]


def statuses(browser: FlaskClient) -> list[int]:
    return [browser.get(address).status_code for address in (PAGE, BOOK, PLAIN)]


def test_ones_own_letters_come_as_a_book_and_as_json(app: Flask, store: Store, cast: Cast) -> None:
    contact = {"contact_name": "Ilse Winter", "contact_email": "ilse@customer.example"}
    arrives(store, cast.maria_link, kind="compliment", message=WORDS, **contact)
    arrives(store, cast.maria_link, kind="compliment", message="held", rating=1)
    arrives(store, cast.kitchen_link, kind="compliment", message="for all")
    maria = at_work(app, cast, "maria")
    book, plain = maria.get(BOOK), maria.get(PLAIN)
    assert (book.mimetype, book.data[:5], plain.mimetype) == ("application/pdf", b"%PDF-", "application/json")
    for answer, name in ((book, "letters.pdf"), (plain, "letters.json")):
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["Cache-Control"] == "no-store"
    found = json.loads(plain.data)["signed"]
    assert [letter["words"] for letter in found["letters"]] == [WORDS] and found["person"] == "Maria Lopez"
    assert "Ilse" not in plain.text and "ilse@" not in plain.text
    assert json.loads(at_work(app, cast, "berta").get(PLAIN).data)["signed"]["letters"] == []


def test_the_page_of_praise_has_a_quiet_way_there(app: Flask, store: Store, cast: Cast) -> None:
    maria = at_work(app, cast, "maria")
    assert "you can take them with you" in visible_text(maria.get("/praise").text)
    assert PAGE not in {link.href for link in links(maria.get("/praise").text)}
    arrives(store, cast.maria_link, kind="compliment", message=WORDS)
    assert {link.href for link in links(maria.get("/praise").text)} >= OPEN
    assert OPEN.isdisjoint(link.href for link in links(at_work(app, cast, "berta").get("/praise").text))
    shown = maria.get(PAGE)
    assert well_formed(shown.text) == [] and "1 letter is addressed to you." in visible_text(shown.text)


def test_who_left_finds_their_letters_and_a_way_out(app: Flask, store: Store, cast: Cast) -> None:
    arrives(store, cast.maria_link, kind="compliment", message=WORDS)
    leave(store, cast.maria, BEGINNING)
    with time_machine.travel(BEGINNING + timedelta(days=1), tick=False):
        maria = signed_in(app, "maria")
        assert maria.get("/").headers["Location"] == PAGE
        shown = maria.get(PAGE)
        assert well_formed(shown.text) == [] and "until Feb 4, 2026" in visible_text(shown.text)
        ways = {link.href for link in links(shown.text)} - {"#main"}
        assert {way for way in ways if "lang=" not in way} == OPEN | {RECORD}
        assert json.loads(maria.get(PLAIN).data)["signed"]["count"] == 1 and maria.get(BOOK).status_code == 200
        token = field_values(shown.text, "/sign-out")
        assert maria.post("/sign-out", data=token).status_code == 303
        assert statuses(maria) == [303, 303, 303]


@pytest.mark.parametrize("tag", ["en", "de", "ar"])
def test_who_left_without_a_letter_is_told_so(app: Flask, store: Store, cast: Cast, tag: str) -> None:
    leave(store, cast.maria, BEGINNING)
    with time_machine.travel(BEGINNING, tick=False):
        shown = at_work(app, cast, "maria").get(f"{PAGE}?lang={tag}")
        assert well_formed(shown.text) == [] and BOOK not in shown.text
        assert tag != "en" or "nothing to take along" in shown.text


def test_after_thirty_days_the_door_is_closed(app: Flask, store: Store, cast: Cast) -> None:
    with time_machine.travel(BEGINNING + TAKING_ALONG - A_MOMENT, tick=False) as clock:
        maria = at_work(app, cast, "maria")
        leave(store, cast.maria, BEGINNING)
        assert statuses(maria) == [200, 200, 200]
        clock.shift(A_MOMENT)
        assert statuses(maria) == [303, 303, 303]
        answer = app.test_client().post(
            "/sign-in", data={"email": "maria@garden-house.example", "password": "correct horse 42"}
        )
        assert answer.status_code == 422


def test_who_leaves_a_second_time_has_thirty_days_again(app: Flask, store: Store, cast: Cast) -> None:
    with time_machine.travel(BEGINNING + 2 * TAKING_ALONG, tick=False):
        maria = at_work(app, cast, "maria")
        leave(store, cast.maria, BEGINNING)
        assert statuses(maria) == [303, 303, 303]
        leave(store, cast.maria, None)
        assert maria.get("/praise").status_code == 200
        leave(store, cast.maria, BEGINNING + TAKING_ALONG + A_MOMENT)
        assert statuses(maria) == [200, 200, 200] and maria.get("/praise").status_code == 404


def test_a_closed_account_stays_closed(app: Flask, store: Store, cast: Cast) -> None:
    with time_machine.travel(BEGINNING, tick=False):
        maria = at_work(app, cast, "maria")
        leave(store, cast.maria, BEGINNING)
        with store.write() as session:
            session.get_one(Account, cast.maria).closed_at = BEGINNING
        assert statuses(maria) == [303, 303, 303]


@pytest.mark.parametrize("key", ["maria", "berta", "anna"])
def test_nothing_else_is_there_for_who_has_left_whatever_they_were(
    app: Flask, store: Store, cast: Cast, key: str
) -> None:
    """The rows of the access grid, asked by an employee, a manager and an admin who have left."""
    town = Town(app, cast)
    town.browser(key)
    with store.read() as session:
        (left_at,) = session.scalars(select(Person.retired_at).where(Person.id == getattr(cast, key)))
    assert left_at is None
    with time_machine.travel(BEGINNING + timedelta(days=1), tick=False):
        town.at_work[key] = at_work(app, cast, key)
        leave(store, getattr(cast, key), BEGINNING)
        wrong = [
            f"{row.method} {row.address} answers {found}"
            for row in rows()
            if row.address.startswith(CLOSED)
            and (found := told(town.ask(key, row))) != ("200" if row.address in OPEN else "404")
        ]
        assert not wrong, "\n".join(wrong)
        shown = town.browser(key).get("/cases")
        assert shown.status_code == 404 and "/cases" not in shown.text.partition("<body")[2].partition("lang=")[0]


def test_who_left_is_owed_no_mail(app: Flask, store: Store, cast: Cast) -> None:
    leave(store, cast.maria, BEGINNING)
    with store.read() as session:
        before = len(session.scalars(select(Notice)).all())
    arrives(store, cast.maria_link, kind="compliment", message=WORDS)
    with store.read() as session:
        owed = session.scalars(select(Notice)).all()[before:]
        assert cast.maria not in {notice.person_id for notice in owed}
