"""Signing out: it ends in the store, so that a cookie kept elsewhere is worth nothing."""

from flask import Flask
from sqlalchemy import func, select

from feedback.core.accounts import SignIn
from feedback.db import Store
from tests.factories import Cast
from tests.ground.pages import field_values
from tests.story import at_work, fill_in


def sign_ins(store: Store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(SignIn)) or 0


def test_a_stolen_cookie_is_worth_nothing_afterwards(app: Flask, store: Store, cast: Cast) -> None:
    browser, thief, phone = at_work(app, cast, "maria"), app.test_client(), at_work(app, cast, "maria")
    stolen = browser.get_cookie("firsthand")
    assert stolen is not None
    thief.set_cookie("firsthand", stolen.value)
    assert thief.get("/praise").status_code == 200
    answer = fill_in(browser, "/praise", "/sign-out")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert browser.get("/praise").status_code == 303
    assert thief.get("/praise").status_code == 303
    assert phone.get("/praise").status_code == 200
    assert sign_ins(store) == 1


def test_no_other_site_signs_anyone_out(app: Flask, store: Store, cast: Cast) -> None:
    browser, other = at_work(app, cast, "maria"), at_work(app, cast, "karim")
    tokens = field_values(other.get("/praise").text, "/sign-out")
    for data in ({}, {"csrf_token": ""}, {"csrf_token": "forged"}, tokens):
        assert browser.post("/sign-out", data=data).status_code == 400
    assert browser.get("/sign-out").status_code == 405
    assert browser.get("/praise").status_code == 200
    assert sign_ins(store) == 2


def test_whoever_is_out_already_stays_at_the_door(app: Flask, cast: Cast) -> None:
    browser = at_work(app, cast, "maria")
    token = field_values(browser.get("/praise").text, "/sign-out")
    first = browser.post("/sign-out", data=token)
    token = field_values(browser.get("/sign-in/x").text, "/sign-in/x")
    second = browser.post("/sign-out", data=token)
    assert (first.status_code, second.status_code, second.headers["Location"]) == (303, 303, "/sign-in")
