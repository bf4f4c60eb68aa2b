"""`tell_once`: an address left for one mail, on the form or behind the receipt; nobody at work sees it."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from feedback.core import thanks
from feedback.core.cases import Case, Cause, Ending, Outcome, Remedy, close
from feedback.core.praise import Praise
from feedback.core.told_once import ToldOnce
from feedback.db import Store
from tests.factories import BEGINNING, Cast, send
from tests.ground.pages import field_values, visible_text, well_formed
from tests.story import viewer
from tests.web.customer.conftest import Standing, opened
from tests.web.customer.hand import receipt_on, say

IDA = "ida@home.example"
OFFER, THANKS = "Tell me once when there is an answer", "Tell me once when somebody thanks me"


@pytest.fixture
def client(house: Standing, store: Store) -> FlaskClient:
    """A customer's browser at an organisation that sends mail."""
    with opened(replace(house.settings, smtp_url="smtp://127.0.0.1:9")) as app:
        yield app.test_client()


def addresses(store: Store) -> list[str]:
    with store.read() as session:
        return list(session.scalars(select(ToldOnce.address)))


def come_back(browser: FlaskClient, receipt: str) -> str:
    assert browser.post("/r", data={"receipt": receipt}).status_code == 303
    page = browser.get("/r").text
    assert well_formed(page) == []
    return visible_text(page)


def test_an_address_left_on_the_form_is_kept_for_one_mail(client: FlaskClient, store: Store, cast: Cast) -> None:
    assert OFFER in visible_text(client.get(f"/q/{cast.kitchen_link}").text)
    receipt = say(client, cast.kitchen_link, kind="complaint", message="Cold", tell_once=f" {IDA} ")
    assert addresses(store) == [IDA]
    text = come_back(client, receipt)
    assert "You are told once by e-mail" in text and OFFER not in text and IDA not in text
    assert client.post("/r", data={"act": "forget_address"}).status_code == 303
    assert addresses(store) == [] and OFFER in visible_text(client.get("/r").text)


def test_it_can_be_asked_for_behind_the_receipt(client: FlaskClient, store: Store, cast: Cast) -> None:
    receipt = say(client, cast.kitchen_link, kind="complaint", message="Cold")
    assert OFFER in come_back(client, receipt)
    wrong = client.post("/r", data={"act": "tell", "tell_once": "ida@"})
    assert wrong.status_code == 422 and "not a complete e-mail address" in visible_text(wrong.text)
    assert 'value="ida@"' in wrong.text and addresses(store) == []
    assert client.post("/r", data={"act": "tell", "tell_once": IDA}).status_code == 303
    assert addresses(store) == [IDA]


def test_it_is_not_asked_of_who_is_told_anyway_nor_once_it_is_closed(
    client: FlaskClient, store: Store, cast: Cast
) -> None:
    contact = {"contact_email": IDA, "may_contact": "1"}
    told = say(client, cast.kitchen_link, kind="complaint", message="Cold", **contact)
    assert OFFER not in come_back(client, told)
    receipt = say(client, cast.kitchen_link, kind="complaint", message="Cold")
    berta = viewer(store, cast.berta)
    with store.write() as session:
        case = session.scalars(select(Case).order_by(Case.id.desc())).first()
        close(session, berta, case, Ending(Outcome.UPHELD, Cause.OTHER, Remedy.NONE), version=1, at=BEGINNING)
    assert OFFER not in come_back(client, receipt)
    assert client.post("/r", data={"act": "tell", "tell_once": IDA}).status_code == 409
    assert addresses(store) == []


def test_who_praised_is_told_of_thanks(client: FlaskClient, store: Store, cast: Cast) -> None:
    receipt = say(client, cast.maria_link, tell_once=IDA)
    assert addresses(store) == []  # the form asks for it only where there is an answer to come
    assert THANKS in come_back(client, receipt)
    assert client.post("/r", data={"act": "tell", "tell_once": "ida@"}).status_code == 422
    assert client.post("/r", data={"act": "tell", "tell_once": IDA}).status_code == 303
    assert addresses(store) == [IDA] and "when somebody thanks you" in visible_text(client.get("/r").text)
    assert client.post("/r", data={"act": "forget_address"}).status_code == 303
    assert addresses(store) == [] and THANKS in visible_text(client.get("/r").text)
    with store.write() as session:
        number = session.scalars(select(Praise.id)).one()
        assert thanks.give(session, viewer(store, cast.maria), number, "With pleasure", BEGINNING)
    text = come_back(client, receipt)
    assert "Thank you for your kind words" in text and "With pleasure" in text and THANKS not in text
    assert client.post("/r", data={"act": "tell", "tell_once": IDA}).status_code == 409


def test_without_the_receipt_nobody_leaves_one(client: FlaskClient, store: Store, cast: Cast) -> None:
    say(client, cast.kitchen_link, kind="complaint", message="Cold", tell_once=IDA)
    stranger = client.application.test_client()
    for act in ("tell", "forget_address"):
        assert stranger.post("/r", data={"act": act, "tell_once": "eve@home.example"}).status_code == 200
    assert addresses(store) == [IDA]


def test_what_is_no_address_is_said_and_the_words_stay(
    client: FlaskClient, store: Store, cast: Cast, nothing_kept: None
) -> None:
    for address in ("ida", "x" * 321, "a@b.example, c@d.example"):
        answer = send(client, cast.kitchen_link, kind="complaint", message="Cold", tell_once=address)
        shown = field_values(answer.text)
        assert (answer.status_code, shown["message"], shown["tell_once"]) == (422, "Cold", address)
        assert 'href="#tell_once"' in answer.text and well_formed(answer.text) == []


def test_where_no_mail_is_sent_it_is_not_offered(house: Standing, store: Store, cast: Cast) -> None:
    browser = house.browser()
    assert "tell_once" not in browser.get(f"/q/{cast.kitchen_link}").text
    say(browser, cast.kitchen_link, kind="complaint", message="Cold", tell_once=IDA)
    assert OFFER not in come_back(browser, receipt_on(browser.get("/thanks"))) and addresses(store) == []
    assert browser.post("/r", data={"act": "tell", "tell_once": IDA}).status_code == 409
