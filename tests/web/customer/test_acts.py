"""What a customer does behind the receipt: answers, judges, opens the case again; and nobody without it."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from feedback import clock
from feedback.core import cases, history
from feedback.core.access import viewer_of
from feedback.core.accounts import Account
from feedback.core.cases import Case, Cause, Closure, Ending, Outcome, Remedy, Says
from feedback.core.people import Person
from feedback.core.submissions import MOST_CHARACTERS
from feedback.db import Store
from tests.factories import Cast, send
from tests.ground.pages import visible_text, well_formed
from tests.web.customer.hand import receipt_on

UPHELD = Ending(Outcome.UPHELD, Cause.PROCESS, Remedy.APOLOGY)


@pytest.fixture
def receipt(client: FlaskClient, cast: Cast) -> str:
    send(client, cast.kitchen_link, kind="complaint", message="It was cold")
    return receipt_on(client.get("/thanks"))


@pytest.fixture
def customer(client: FlaskClient, receipt: str) -> FlaskClient:
    assert client.post("/r", data={"receipt": receipt}).status_code == 303
    return client


def berta(store: Store, cast: Cast, act, *what: object) -> None:
    with store.write() as session:
        who = viewer_of(session, session.get_one(Person, cast.berta), session.get_one(Account, cast.berta))
        case = session.scalars(select(Case)).one()
        act(session, who, case, *what, version=case.version, at=clock.now())


def steps(store: Store) -> list[str]:
    with store.read() as session:
        return [event.name for event in history.events_of(session, session.scalars(select(Case.id)).one())]


def test_a_conversation_goes_both_ways(customer: FlaskClient, store: Store, cast: Cast) -> None:
    berta(store, cast, cases.reply, "At which <b>table</b>?", Says.ASKED)
    page = customer.get("/r")
    assert well_formed(page.text) == [] and "At which &lt;b&gt;table&lt;/b&gt;?" in page.text
    assert "We have a question" in visible_text(page.text) and "Berta" not in page.text
    assert customer.post("/r", data={"act": "write", "message": "  Table 4\n"}).status_code == 303
    assert customer.post("/r", data={"act": "write", "message": "Table 4"}).status_code == 303  # pressed twice
    assert steps(store) == ["received", "asked", "wrote"]
    assert "Table 4" in visible_text(customer.get("/r").text)


def test_it_can_be_written_to_from_the_first_moment(customer: FlaskClient, store: Store, cast: Cast) -> None:
    assert customer.post("/r", data={"act": "write", "message": "And loud"}).status_code == 303
    assert steps(store) == ["received", "wrote"]


def test_what_came_of_it_is_judged_once_and_opened_again_once(customer: FlaskClient, store: Store, cast: Cast) -> None:
    berta(store, cast, cases.close, UPHELD)
    assert "Is it settled for you?" in visible_text(customer.get("/r").text)
    assert customer.post("/r", data={"act": "judge", "settled": "no", "rating": "2"}).status_code == 303
    assert "Is it settled for you?" not in visible_text(customer.get("/r").text)
    assert customer.post("/r", data={"act": "judge", "settled": "yes"}).status_code == 409
    assert customer.post("/r", data={"act": "reopen", "reason": "Cold again"}).status_code == 303
    assert customer.post("/r", data={"act": "reopen", "reason": "And again"}).status_code == 409
    assert steps(store) == ["received", "closed", "judged", "reopened"]
    with store.read() as session:
        closure = session.scalars(select(Closure)).one()
        assert (closure.is_settled, closure.rating) == (False, 2)
        assert session.scalars(select(Case)).one().department_id == cast.root


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"act": "write", "message": " "}, 422, "Please write something first"),
        ({"act": "write", "message": "x" * (MOST_CHARACTERS + 1)}, 422, "longer than we can keep"),
        ({"act": "reopen", "reason": ""}, 422, "Please write something first"),
        ({"act": "reopen", "reason": "No"}, 409, "cannot be done any more"),
        ({"act": "judge"}, 422, "say whether it is settled"),
        ({"act": "judge", "settled": "yes", "rating": "9"}, 422, "not on offer"),
        ({"act": "judge", "settled": "yes"}, 409, "cannot be done any more"),
        ({"act": "shout"}, 200, "receipt"),
    ],
)
def test_what_cannot_be_done_is_said_and_the_words_stay(
    customer: FlaskClient, store: Store, fields: dict[str, str], status: int, said: str
) -> None:
    answer = customer.post("/r", data=fields)
    assert answer.status_code == status and said in visible_text(answer.text) and well_formed(answer.text) == []
    if fields.get("message", "").strip():
        assert fields["message"] in answer.text
    assert steps(store) == ["received"]


def test_bad_bytes_are_told_of(customer: FlaskClient, store: Store) -> None:
    body = b"act=write&message=caf%E9"
    answer = customer.post("/r", data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 422 and steps(store) == ["received"]


def test_without_the_receipt_there_is_nothing_to_do(client: FlaskClient, receipt: str, store: Store) -> None:
    stranger = client.application.test_client()
    for fields in (
        {"act": "write", "message": "x"},
        {"act": "judge", "settled": "yes"},
        {"act": "reopen", "reason": "x"},
    ):
        answer = stranger.post("/r", data=fields)
        assert answer.status_code == 200 and "It was cold" not in answer.text
    stranger.set_cookie("receipt", "0000-0000-0000-0000-0000-0000", path="/r")
    assert "It was cold" not in stranger.post("/r", data={"act": "write", "message": "x"}).text
    assert steps(store) == ["received"]


def test_praise_has_no_conversation(client: FlaskClient, cast: Cast, store: Store) -> None:
    send(client, cast.maria_link, kind="compliment", message="Lovely")
    client.post("/r", data={"receipt": receipt_on(client.get("/thanks"))})
    assert "Add something" not in visible_text(client.get("/r").text)
    assert client.post("/r", data={"act": "write", "message": "x"}).status_code == 409
