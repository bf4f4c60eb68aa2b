"""Polls: a vote counts once, the result is there at once, and nobody needs an account or a wall of cookies."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from feedback import clock
from feedback.core.surveys import PollCount, Survey, keeping
from feedback.db import Store
from tests.factories import Cast
from tests.ground.pages import field_values, visible_text, well_formed
from tests.story import at_once, viewer
from tests.surveys import POLL, attach, published, text


@pytest.fixture
def poll(store: Store, cast: Cast) -> Survey:
    return published(store, cast, POLL, is_poll=True)


def votes(store: Store) -> dict[str, int]:
    with store.read() as session:
        return {row.value: row.n for row in session.scalars(select(PollCount))}


def vote(browser: FlaskClient, code: str, value: str, token: str = ""):
    held = token or field_values(browser.get(f"/poll/{code}").text).get("token", "")
    return browser.post(f"/poll/{code}", data={"token": held, "a_q1": value})


def test_a_vote_and_the_result_at_once(app: Flask, store: Store, poll: Survey) -> None:
    browser = app.test_client()
    page = browser.get(f"/poll/{poll.code}")
    assert page.status_code == 200 and well_formed(page.text) == [] and "Set-Cookie" not in page.headers
    assert vote(browser, poll.code, "o2").status_code == 303
    shown = browser.get(f"/poll/{poll.code}").text
    assert "Thank you, your vote is counted." in shown and "1 vote" in visible_text(shown)
    assert "100%" in visible_text(shown) and 'name="a_q1"' not in shown
    vote(app.test_client(), poll.code, "o1")
    assert votes(store) == {"o1": 1, "o2": 1}
    assert "2 votes" in visible_text(browser.get(f"/poll/{poll.code}").text)


@pytest.mark.parametrize("lang", ["de", "ar"])
def test_in_another_language(app: Flask, poll: Survey, lang: str) -> None:
    assert f"What shall we cook? ({lang})" in app.test_client().get(f"/poll/{poll.code}?lang={lang}").text


def test_a_device_votes_once_and_a_page_too(app: Flask, store: Store, poll: Survey) -> None:
    browser = app.test_client()
    token = field_values(browser.get(f"/poll/{poll.code}").text)["token"]
    vote(browser, poll.code, "o1", token)
    again = field_values(app.test_client().get(f"/poll/{poll.code}").text)["token"]
    refused = vote(browser, poll.code, "o2", again)  # the note in the browser
    assert refused.status_code == 409 and "has voted in this poll before" in refused.text
    for device in (browser, app.test_client()):
        assert vote(device, poll.code, "o1", token).status_code == 303  # the same vote again
    assert vote(app.test_client(), poll.code, "o2", token).status_code == 409
    assert votes(store) == {"o1": 1}


def test_many_at_once_are_all_counted(app: Flask, store: Store, poll: Survey) -> None:
    def one() -> None:
        assert vote(app.test_client(), poll.code or "", "o3").status_code == 303

    at_once(*[one] * 8)
    assert votes(store) == {"o3": 8}


@pytest.mark.parametrize(("value", "token"), [("", ""), ("o9", ""), ("o1", "forged")])
def test_what_is_no_vote_is_said(app: Flask, store: Store, poll: Survey, value: str, token: str) -> None:
    answer = vote(app.test_client(), poll.code or "", value, token)
    assert answer.status_code == 422 and 'role="alert"' in answer.text and well_formed(answer.text) == []
    assert votes(store) == {}


def test_behind_a_link_the_same_page_sent_twice_is_one_vote(app: Flask, store: Store, cast: Cast, poll: Survey) -> None:
    attach(store, cast, poll, "kitchen")
    browser = app.test_client()
    held = field_values(browser.get(f"/q/{cast.kitchen_link}").text)
    told = {name: held[name] for name in ("token", "kind", "edition")} | {"a_q1": "o1"}
    for _ in range(2):
        assert browser.post(f"/q/{cast.kitchen_link}", data=told).status_code == 303
    assert votes(store) == {"o1": 1}


def test_behind_a_link_it_counts_for_the_same_poll(app: Flask, store: Store, cast: Cast, poll: Survey) -> None:
    attach(store, cast, poll, "kitchen")
    browser = app.test_client()
    held = field_values(browser.get(f"/q/{cast.kitchen_link}").text)
    told = {name: held[name] for name in ("token", "kind", "edition")} | {"a_q1": "o1"}
    assert browser.post(f"/q/{cast.kitchen_link}", data=told).status_code == 303
    assert f"/poll/{poll.code}" in browser.get("/thanks").text
    assert votes(store) == {"o1": 1}
    again = field_values(browser.get(f"/q/{cast.kitchen_link}").text)
    second = browser.post(f"/q/{cast.kitchen_link}", data=told | {"token": again["token"]})
    assert second.status_code == 409 and votes(store) == {"o1": 1}


def test_over_it_shows_how_it_ended_and_stands_among_the_earlier_ones(
    app: Flask, store: Store, cast: Cast, poll: Survey
) -> None:
    token = field_values(app.test_client().get(f"/poll/{poll.code}").text)["token"]
    with store.write() as session:
        found = keeping.one(session, viewer(store, cast.anna), poll.id)
        assert found is not None
        found.closed_at = clock.now() - timedelta(hours=1)
    page = app.test_client().get(f"/poll/{poll.code}").text
    assert "This poll is over." in page and "Thanks" in page and 'name="a_q1"' not in page
    assert vote(app.test_client(), poll.code or "", "o1", token).status_code == 409 and votes(store) == {}
    newer = published(store, cast, replace(POLL, title=text("And now?")), is_poll=True)
    shown = app.test_client().get(f"/poll/{newer.code}").text
    assert "Earlier polls" in shown and "What shall we cook?" in shown


def test_an_earlier_poll_of_many_editions_hides_no_other(app: Flask, store: Store, cast: Cast) -> None:
    first, often = (published(store, cast, replace(POLL, title=text(title)), is_poll=True) for title in ("A", "B"))
    anna = viewer(store, cast.anna)
    with store.write() as session:
        mine = keeping.to_change(session, anna, often.id)
        assert mine is not None
        for n in range(2, 24):
            seen, changed = (
                keeping.newest(session, mine.id).revision,
                replace(POLL, title=text(f"B, asked for time {n}")),
            )
            keeping.change(session, mine, changed, clock.now(), seen=seen)
            keeping.publish(session, anna, mine, clock.now(), seen=keeping.newest(session, mine.id).revision)
        for poll in (first, often):
            session.get_one(Survey, poll.id).closed_at = clock.now()
    newer = published(store, cast, POLL, is_poll=True)
    shown = app.test_client().get(f"/poll/{newer.code}").text
    assert f"/poll/{first.code}" in shown and "B, asked for time 23" in shown and "time 22" not in shown


def test_a_screen_says_when_the_poll_is_over(app: Flask, store: Store, poll: Survey) -> None:
    browser = app.test_client()
    assert json.loads(browser.get(f"/poll/{poll.code}/feed").data)["is_open"] is True
    with store.write() as session:
        session.get_one(Survey, poll.id).closed_at = clock.now()
    assert json.loads(browser.get(f"/poll/{poll.code}/feed").data)["is_open"] is False
    shown = browser.get(f"/poll/{poll.code}/screen").text
    assert "This poll is over." in shown and 'class="code"' not in shown


def test_until_when_it_is_open_is_said(app: Flask, store: Store, cast: Cast) -> None:
    last = clock.now().date() + timedelta(days=30)
    poll = published(store, cast, replace(POLL, closes_on=last), is_poll=True)
    assert "Open until" in app.test_client().get(f"/poll/{poll.code}").text
    past = published(store, cast, replace(POLL, closes_on=date(2020, 1, 1)), is_poll=True)
    assert "This poll is over." in app.test_client().get(f"/poll/{past.code}").text


def test_the_screen_of_a_room_follows(app: Flask, poll: Survey) -> None:
    browser = app.test_client()
    screen = browser.get(f"/poll/{poll.code}/screen")
    assert screen.status_code == 200 and well_formed(screen.text) == [] and "Question q1 of one" in screen.text
    first = browser.get(f"/poll/{poll.code}/feed")
    etag = first.headers["ETag"]
    assert browser.get(f"/poll/{poll.code}/feed", headers={"If-None-Match": etag}).status_code == 304
    vote(browser, poll.code or "", "o1")
    told = json.loads(browser.get(f"/poll/{poll.code}/feed", headers={"If-None-Match": etag}).data)
    assert told["n"] == 1 and told["bars"][0]["width"] == 100


@pytest.mark.parametrize("code", ["ABCDEFGH", "x", "%00", "1" * 300])
def test_a_poll_that_is_not_there(app: Flask, code: str) -> None:
    for path in (f"/poll/{code}", f"/poll/{code}/screen", f"/poll/{code}/feed"):
        assert app.test_client().get(path).status_code == 404
    assert app.test_client().post(f"/poll/{code}", data={"a_q1": "o1"}).status_code == 404


def test_a_draft_is_not_public(app: Flask, store: Store, cast: Cast) -> None:
    anna = viewer(store, cast.anna)
    with store.write() as session:
        draft = keeping.make(session, anna, POLL, clock.now(), name="Later", department_id=None, is_poll=True)
    assert app.test_client().get(f"/poll/{draft.code}").status_code == 404


def test_a_poll_whose_last_day_is_over_joins_the_earlier_ones(app: Flask, store: Store, cast: Cast) -> None:
    over = published(store, cast, replace(POLL, closes_on=date(2026, 1, 31)), is_poll=True)
    newer = published(store, cast, replace(POLL, title=text("And now?")), is_poll=True)
    with store.write() as session:
        assert keeping.close_past(session, clock.now()) == 1 and keeping.close_past(session, clock.now()) == 0
        found = session.get_one(Survey, over.id)
        assert found.closed_at is not None and found.closed_at.date() == date(2026, 2, 1)
    assert f"/poll/{over.code}" in app.test_client().get(f"/poll/{newer.code}").text
