"""POST /q/<code> with one token more than once: kept once, the same receipt; other words get a token of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from feedback import clock
from feedback.core.counts import DayCount
from feedback.core.limits import LimitCount
from feedback.db import Store
from feedback.web.customer import token as tokens
from tests.factories import Cast, send, token_of
from tests.ground.pages import field_values, visible_text
from tests.story import SECRET
from tests.web.customer.hand import WORDS, kept_words, receipt_on, rows, say, submissions

OTHERWISE = (
    {"message": "Other"}, {"kind": "suggestion"}, {"rating": "4"}, {"about_management": "1"}, {"website": "x"},
    {"contact_phone": "1"}, {"contact_phone": "1", "may_contact": "1"}, {"happened_at": "2026-01-02T10:00"},
    {"person_note": "tall"},
)  # fmt: skip


def test_twenty_parallel_posts_of_one_token_are_one_submission(app: Flask, cast: Cast, store: Store) -> None:
    token = token_of(app.test_client(), cast.maria_link)

    def send_and_look(_: int) -> tuple[int, str]:
        browser = app.test_client()
        answer = send(browser, cast.maria_link, kind="compliment", message=WORDS, token=token)
        return answer.status_code, receipt_on(browser.get("/thanks"))

    with ThreadPoolExecutor(20) as pool:
        answers = set(pool.map(send_and_look, range(20)))
    assert len(answers) == 1 and answers.pop()[0] == 303
    assert len(submissions(store)) == 1
    with store.read() as session:
        assert session.scalars(select(DayCount.n)).all() == [1]
        assert session.scalars(select(LimitCount.n)).all() == [1]


def test_twenty_parallel_posts_of_one_token_with_twenty_texts_keep_one(app: Flask, cast: Cast, store: Store) -> None:
    token = token_of(app.test_client(), cast.maria_link)

    def send_one(number: int) -> tuple[int, str]:
        answer = send(app.test_client(), cast.maria_link, kind="compliment", message=f"text {number}", token=token)
        return answer.status_code, f"text {number}"

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(send_one, range(20)))
    assert sorted(status for status, _ in answers) == [303] + [409] * 19
    assert [kept.message for kept in submissions(store)] == [text for status, text in answers if status == 303]


def test_twenty_parallel_customers_are_twenty_submissions(app: Flask, cast: Cast, store: Store) -> None:
    def send_one(number: int) -> str:
        return say(app.test_client(), cast.table_link, message=f"text {number}")

    with ThreadPoolExecutor(20) as pool:
        receipts = set(pool.map(send_one, range(20)))
    assert len(receipts) == 20
    assert {kept.message for kept in submissions(store)} == {f"text {number}" for number in range(20)}
    with store.read() as session:
        assert session.scalars(select(DayCount.n)).all() == [20]


def test_sending_again_gives_the_same_receipt(client: FlaskClient, cast: Cast, store: Store) -> None:
    token = token_of(client, cast.table_link)
    fields = {"kind": "complaint", "message": WORDS, "topic": str(cast.cold_food), "contact_name": "Ida"}
    receipts = {say(client, cast.table_link, token=token, **fields) for _ in range(3)}
    assert len(receipts) == 1
    assert rows(store)["submission"] == rows(store)["contact"] == rows(store)["submission_topic"] == 1


@pytest.mark.parametrize("change", [{"show": "here"}, {"message": "Soup\r\n"}, {"utm": "1"}, {"kind": " complaint "}])
def test_what_is_not_said_makes_no_other_submission(client: FlaskClient, cast: Cast, change: dict[str, str]) -> None:
    fields = {"kind": "complaint", "message": "Soup\n", "token": token_of(client, cast.table_link)}
    first = say(client, cast.table_link, **fields)
    answer = send(client, cast.table_link, **{**fields, **change})
    assert first in (answer.text if answer.status_code == 200 else client.get("/thanks").text)


def test_the_same_form_sent_in_another_language_is_the_same_submission(client: FlaskClient, cast: Cast) -> None:
    fields = {"kind": "compliment", "token": token_of(client, cast.maria_link)}
    first = say(client, cast.maria_link, **fields)
    assert client.post(f"/Q/{cast.maria_link}?lang=ar", data=fields).status_code == 303
    assert receipt_on(client.get("/thanks")) == first


def test_the_same_token_with_other_content_is_a_conflict(client: FlaskClient, cast: Cast, store: Store) -> None:
    fields = {"kind": "complaint", "message": "Soup", "token": token_of(client, cast.table_link)}
    say(client, cast.table_link, **fields)
    for change in OTHERWISE:
        answer = send(client, cast.table_link, **(fields | change))
        assert answer.status_code == 409, change
        assert "Set-Cookie" not in answer.headers
    assert len(submissions(store)) == 1


def test_after_a_conflict_the_words_are_kept_and_can_be_sent_as_a_second_submission(
    client: FlaskClient, cast: Cast, store: Store
) -> None:
    token = token_of(client, cast.table_link)
    first = say(client, cast.table_link, kind="complaint", message="First", token=token)
    answer = send(client, cast.table_link, kind="complaint", message=WORDS, contact_name="Ida", token=token)
    assert answer.status_code == 409
    assert "those arrived" in visible_text(answer.text)
    again = kept_words(answer)
    assert (again["message"], again["contact_name"], again["kind"]) == (WORDS, "Ida", "complaint")
    assert again["token"] != token
    assert client.post(f"/q/{cast.table_link}", data=again).status_code == 303
    assert receipt_on(client.get("/thanks")) != first
    assert [kept.message for kept in submissions(store)] == ["First", WORDS]


def test_the_first_receipt_still_opens_after_a_conflict(client: FlaskClient, cast: Cast) -> None:
    token = token_of(client, cast.maria_link)
    first = say(client, cast.maria_link, message="First", token=token)
    assert send(client, cast.maria_link, kind="compliment", message="Other", token=token).status_code == 409
    assert receipt_on(client.get("/thanks")) == first


def test_a_form_with_an_error_keeps_its_token(client: FlaskClient, cast: Cast, store: Store) -> None:
    token = token_of(client, cast.table_link)
    answer = send(client, cast.table_link, kind="complaint", rating="6", message=WORDS, token=token)
    again = kept_words(answer)
    assert (answer.status_code, again["token"], again["message"]) == (422, token, WORDS)
    assert client.post(f"/q/{cast.table_link}", data=again).status_code == 303
    assert len(submissions(store)) == 1


def _expired(cast: Cast) -> str:
    return tokens.mint(cast.maria_link, clock.now() - tokens.LIVES - timedelta(seconds=1), SECRET)


def _flipped(cast: Cast) -> str:
    good = tokens.mint(cast.maria_link, clock.now(), SECRET)
    return ("A" if good[0] != "A" else "B") + good[1:]


BAD_TOKENS: dict[str, Callable[[Cast], str]] = {
    "missing": lambda cast: "",
    "a word": lambda cast: "token",
    "zeros": lambda cast: "A" * 48,
    "not base64": lambda cast: "é" * 48,
    "not whole": lambda cast: tokens.mint(cast.maria_link, clock.now(), SECRET)[:-4],
    "too long": lambda cast: tokens.mint(cast.maria_link, clock.now(), SECRET) + "AAAA",
    "one letter changed": _flipped,
    "of another secret": lambda cast: tokens.mint(cast.maria_link, clock.now(), "another secret"),
    "of another link": lambda cast: tokens.mint(cast.table_link, clock.now(), SECRET),
    "expired": _expired,
    "a megabyte": lambda cast: "A" * 2**20,
}


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)  # what is refused comes to no store
@pytest.mark.parametrize("bad", BAD_TOKENS)
def test_a_bad_token_is_refused_with_the_words_kept_and_a_fresh_one(
    client: FlaskClient, cast: Cast, store: Store, bad: str
) -> None:
    before = rows(store)
    answer = send(client, cast.maria_link, kind="compliment", message=WORDS, token=BAD_TOKENS[bad](cast))
    assert answer.status_code == 422
    assert rows(store) == before
    again = kept_words(answer)
    assert again["message"] == WORDS
    said = visible_text(answer.text)
    assert ("more than a week" if bad == "expired" else "not quite complete") in said
    assert client.post(f"/q/{cast.maria_link}", data=again).status_code == 303
    assert len(submissions(store)) == 1


def test_a_missing_token_field_is_refused_the_same(client: FlaskClient, cast: Cast, store: Store) -> None:
    answer = client.post(f"/q/{cast.maria_link}", data={"kind": "compliment", "message": WORDS})
    assert answer.status_code == 422
    assert kept_words(answer)["message"] == WORDS
    assert submissions(store) == []


def test_a_token_lives_for_seven_days(client: FlaskClient, cast: Cast) -> None:
    old = tokens.mint(cast.maria_link, clock.now() - tokens.LIVES + timedelta(minutes=1), SECRET)
    say(client, cast.maria_link, token=old)


def test_each_look_at_the_form_has_a_token_of_its_own(client: FlaskClient, cast: Cast) -> None:
    seen = {field_values(client.get(f"/q/{cast.maria_link}").text)["token"] for _ in range(20)}
    assert len(seen) == 20


def test_a_token_that_was_used_through_another_code_in_the_same_form_is_one_submission(
    client: FlaskClient, cast: Cast, store: Store
) -> None:
    token = token_of(client, cast.maria_link)
    first = say(client, cast.maria_link, token=token)
    assert say(client, cast.maria_link.lower(), token=token) == first
    assert len(submissions(store)) == 1
