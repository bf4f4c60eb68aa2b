"""/account/mails: each chooses for themselves how often they are mailed, and when not."""

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from feedback import create_app
from feedback.config import Settings
from feedback.core.people import Person
from feedback.core.rhythms import Rhythm
from feedback.db import Store
from feedback.web import NAME
from tests.factories import Cast
from tests.ground.pages import field_values, visible_text, well_formed
from tests.story import at_work, fill_in

CHOSEN = {
    "cases": "daily",
    "praise": "weekly",
    "hour": "17",
    "weekday": "4",
    "quiet_from": "22",
    "quiet_until": "6",
    "timezone": "asia/tokyo",
}


def choose(browser: FlaskClient, **chosen: str) -> TestResponse:
    return fill_in(browser, "/account", "/account/mails", **chosen)


def kept(store: Store) -> list[tuple[object, ...]]:
    with store.read() as session:
        rows = session.scalars(select(Rhythm)).all()
        return [
            (r.person_id, r.cases, r.praise, r.hour, r.weekday, r.quiet_from, r.quiet_until, r.timezone) for r in rows
        ]


def test_one_chooses_for_oneself_and_finds_it_again(app: Flask, store: Store, cast: Cast) -> None:
    browser = at_work(app, cast, "berta")
    assert choose(browser, **CHOSEN).headers["Location"] == "/account"
    assert kept(store) == [(cast.berta, "daily", "weekly", 17, 4, 22, 6, "Asia/Tokyo")]
    page = browser.get("/account").text
    assert "Kept. From now on you are mailed like this." in visible_text(page) and well_formed(page) == []
    now = field_values(page, "/account/mails")
    assert {name: now[name] for name in CHOSEN} == CHOSEN | {"timezone": "Asia/Tokyo"}
    others = field_values(at_work(app, cast, "paula").get("/account").text, "/account/mails")
    assert (others["cases"], others["hour"], others["quiet_from"]) == ("at_once", "8", "")


def test_back_to_the_usual_leaves_nothing_behind(app: Flask, store: Store, cast: Cast) -> None:
    browser = at_work(app, cast, "berta")
    choose(browser, **CHOSEN)
    choose(browser, cases="at_once", praise="at_once", quiet_from="", quiet_until="")
    assert kept(store) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"cases": "hourly"}, "choose one of these"),
        ({"praise": ""}, "choose one of these"),
        ({"hour": "24"}, "choose one of these"),
        ({"weekday": "²"}, "choose one of these"),
        ({"quiet_until": ""}, "when quiet hours begin"),
        ({"quiet_until": "22"}, "another hour"),
        ({"timezone": "Mars"}, "no time zone of this name"),
        ({"timezone": "\0"}, "no time zone of this name"),
    ],
)
def test_what_cannot_be_chosen_says_why(app: Flask, store: Store, cast: Cast, wrong: dict[str, str], said: str) -> None:
    answer = choose(at_work(app, cast, "berta"), **CHOSEN | wrong)
    assert answer.status_code == 422 and said in visible_text(answer.text) and well_formed(answer.text) == []
    assert kept(store) == [] and field_values(answer.text, "/account/mails")["quiet_from"] == "22"


def test_without_a_token_nothing_is_chosen(app: Flask, store: Store, cast: Cast) -> None:
    assert at_work(app, cast, "berta").post("/account/mails", data=CHOSEN).status_code == 400
    assert kept(store) == []


def test_who_is_not_mailed_is_told_so(settings: Settings, store: Store, cast: Cast, app: Flask) -> None:
    assert "No mail server is set up here" in visible_text(at_work(app, cast, "berta").get("/account").text)
    mailing = create_app(replace(settings, smtp_url="smtp://127.0.0.1:1", worker="off"))
    try:
        browser = at_work(mailing, cast, "berta")
        assert "Mails go to berta@garden-house.example" in visible_text(browser.get("/account").text)
        with store.write() as session:
            session.get_one(Person, cast.berta).email = None
        assert "No e-mail address of yours is known here" in visible_text(browser.get("/account").text)
    finally:
        mailing.extensions[NAME].store.close()
