"""The single-use link: it asks first, lets in once, and says kindly when it does not."""

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from feedback import clock
from feedback.core import accounts
from feedback.core.accounts import Account
from feedback.db import Store
from tests.factories import BEGINNING, Cast
from tests.ground.pages import field_values, visible_text, well_formed
from tests.story import at_work, fill_in

USED = "This link was used before or is too old. Ask for a new one."


@pytest.fixture
def way(store: Store, cast: Cast) -> str:
    with store.write() as session:
        return f"/sign-in/{accounts.make_sign_in_link(session, cast.maria, clock.now())}"


def refused(browser: FlaskClient, way: str) -> bool:
    answer = fill_in(browser, way, way)
    shown = browser.get(answer.headers["Location"])
    return answer.headers["Location"] == "/sign-in" and USED in visible_text(shown.text)


def test_it_lets_in_once(app: Flask, way: str) -> None:
    browser, other = app.test_client(), app.test_client()
    answer = fill_in(browser, way, way)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "Maria Lopez" in browser.get("/praise").text
    assert refused(other, way)
    assert other.get("/praise").status_code == 303


def test_it_ends_what_the_browser_held_before(app: Flask, cast: Cast, way: str) -> None:
    browser, other = at_work(app, cast, "karim"), app.test_client()
    old = browser.get_cookie("firsthand")
    assert old
    other.set_cookie("firsthand", old.value)
    assert fill_in(browser, way, way).status_code == 303
    assert other.get("/praise").status_code == 303
    assert "Maria Lopez" in browser.get("/praise").text


def test_looking_at_it_does_not_use_it_up(app: Flask, way: str) -> None:
    for _ in range(2):
        shown = app.test_client().get(way)
        assert (shown.status_code, well_formed(shown.text)) == (200, [])
        assert shown.headers["Cache-Control"] == "no-store"
    assert app.test_client().head(way).status_code == 200
    assert fill_in(app.test_client(), way, way).status_code == 303


def test_no_other_site_uses_it_up(app: Flask, way: str) -> None:
    assert app.test_client().post(way).status_code == 400
    assert app.test_client().post(way, data={"csrf_token": "forged"}).status_code == 400
    browser = app.test_client()
    fill_in(browser, way, way)
    assert browser.get("/praise").status_code == 200


def test_after_a_day_it_is_too_old(app: Flask, store: Store, cast: Cast) -> None:
    with time_machine.travel(BEGINNING, tick=False) as traveller:
        with store.write() as session:
            way = f"/sign-in/{accounts.make_sign_in_link(session, cast.maria, clock.now())}"
        traveller.shift(accounts.LINK_LIVES)
        assert refused(app.test_client(), way)


def test_of_someone_without_an_account_it_opens_nothing(app: Flask, store: Store, cast: Cast, way: str) -> None:
    with store.write() as session:
        session.get_one(Account, cast.maria).closed_at = BEGINNING
    assert refused(app.test_client(), way)


@pytest.mark.parametrize("token", ["x", "%00", "%FF", "..", "a" * 5000, "%F0%9F%99%8F", "'--", "{{7*7}}", "<b>"])
def test_a_mistyped_one_opens_nothing(app: Flask, cast: Cast, token: str) -> None:
    browser = app.test_client()
    shown = browser.get(f"/sign-in/{token}")
    assert shown.status_code == 200
    assert "<b>" not in shown.text
    tokens = field_values(shown.text)
    answer = browser.post(f"/sign-in/{token}", data=tokens)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
