"""Photos behind the receipt: added to a conversation, shown in it, and to nobody who does not hold it."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from feedback import clock
from feedback.core import cases, history
from feedback.core.access import viewer_of
from feedback.core.accounts import Account
from feedback.core.cases import Case, Cause, Ending, Outcome, Remedy
from feedback.core.files import File, drawing
from feedback.core.people import Person
from feedback.db import Store
from tests.factories import Cast, send
from tests.ground import hostile
from tests.ground.pages import visible_text, well_formed
from tests.story import NO_IDS, photographed
from tests.web.customer.conftest import Standing
from tests.web.customer.hand import photos_on, receipt_on, rows


@pytest.fixture
def customer(client: FlaskClient, cast: Cast) -> FlaskClient:
    """A customer with a complaint and its receipt at hand."""
    send(client, cast.kitchen_link, kind="complaint", message="It was cold")
    client.post("/r", data={"receipt": receipt_on(client.get("/thanks"))})
    return client


def writes(browser: FlaskClient, *data: bytes, message: str = "") -> TestResponse:
    return browser.post("/r", data=hostile.form({"act": "write", "message": message}, data), content_type=hostile.FORM)


def the_case(store: Store) -> int:
    with store.read() as session:
        return session.scalars(select(Case.id)).one()


def steps(store: Store) -> list[str]:
    with store.read() as session:
        return [event.name for event in history.events_of(session, the_case(store))]


def on_disk(house: Standing, store: Store) -> bool:
    """Whether exactly what has a row lies on disk."""
    with store.read() as session:
        named = {str(number) for number in session.scalars(select(File.id))}
    return {path.name for path in (house.settings.data_dir / "files").glob("*")} == named


@pytest.fixture(autouse=True)
def emptied(house: Standing) -> None:
    for old in (house.settings.data_dir / "files").glob("*"):
        old.unlink()


def test_a_photo_says_enough_and_twice_the_same_is_once(customer: FlaskClient, house: Standing, store: Store) -> None:
    shot = hostile.saved(hostile.scene(), "PNG")
    for _ in range(2):
        assert writes(customer, shot, shot).status_code == 303
    assert steps(store) == ["received", "wrote"] and rows(store)["file"] == 2 and on_disk(house, store)
    page = customer.get("/r")
    addresses = photos_on(page.text)
    assert len(addresses) == 2 and well_formed(page.text) == [] and 'class="mine"' in page.text
    answer = customer.get(addresses[1])
    assert answer.mimetype == "image/jpeg" and hostile.faults(shot, answer.data) == []
    assert writes(customer, shot, message="And this").status_code == 303
    assert steps(store) == ["received", "wrote", "wrote"] and rows(store)["file"] == 3


def test_what_the_house_shows_is_seen_and_what_it_notes_is_not(
    customer: FlaskClient, app: Flask, house: Standing, store: Store, cast: Cast
) -> None:
    folder, number = house.settings.data_dir, the_case(store)
    with store.write() as session:
        who = viewer_of(session, session.get_one(Person, cast.berta), session.get_one(Account, cast.berta))
        case = session.get_one(Case, number)
        cases.reply(session, who, case, "Like this?", cases.Says.ASKED, version=1, at=clock.now())
        cases.note(session, who, case, "Odd", clock.now())
    shown, noted = photographed(store, folder, number, step=-2), photographed(store, folder, number, step=-1)
    page = customer.get("/r").text
    assert photos_on(page) == [f"/r/photos/{shown}"] and 'alt="Photo 1 of 1 from us"' in page
    assert customer.get(f"/r/photos/{shown}").status_code == 200
    for other in (noted, *NO_IDS, 12345):
        assert customer.get(f"/r/photos/{other}").status_code == 404
    stranger = app.test_client()
    send(stranger, cast.kitchen_link, kind="complaint", message="Mine too")
    stranger.post("/r", data={"receipt": receipt_on(stranger.get("/thanks"))})
    assert stranger.get(f"/r/photos/{shown}").status_code == 404


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([hostile.OTHERS["heic"]], "no photo that can be read here"),
        ([hostile.jpeg()] * 4, "Three photos can be sent at once"),
        ([hostile.jpeg()[:99]], "may be damaged"),
    ],
    ids=["heic", "four", "torn"],
)
def test_what_cannot_be_taken_is_said_and_the_words_stay(
    customer: FlaskClient, house: Standing, store: Store, data: list[bytes], said: str
) -> None:
    answer = writes(customer, *data, message="See here")
    assert answer.status_code == 422 and said in visible_text(answer.text) and "See here" in answer.text
    assert steps(store) == ["received"] and on_disk(house, store)


def test_with_a_closed_case_nothing_is_drawn(
    customer: FlaskClient, house: Standing, store: Store, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "PATIENCE", 0.0)
    with store.write() as session:
        who = viewer_of(session, session.get_one(Person, cast.berta), session.get_one(Account, cast.berta))
        ending = Ending(Outcome.UPHELD, Cause.PROCESS, Remedy.APOLOGY)
        cases.close(session, who, session.get_one(Case, the_case(store)), ending, version=1, at=clock.now())
    answer = writes(customer, hostile.jpeg())
    assert answer.status_code == 409 and "choose your photos once more" in visible_text(answer.text)
    assert writes(house.browser(), hostile.jpeg()).status_code == 200  # without a receipt: the page that asks for one


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_room_the_words_stay(alone: Standing, tmp_path: Path) -> None:
    browser = alone.browser()
    send(browser, alone.cast.kitchen_link, kind="complaint", message="It was cold")
    browser.post("/r", data={"receipt": receipt_on(browser.get("/thanks"))})
    (alone.settings.data_dir / "files").write_bytes(b"in the way")
    answer = writes(browser, hostile.jpeg(), message="See here")
    assert answer.status_code == 507 and "See here" in answer.text and steps(alone.store) == ["received"]
