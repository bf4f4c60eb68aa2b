"""The second step of signing in: no session without a code, each code once, tries counted."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from feedback import clock
from feedback.core import accounts, invitations
from feedback.core.accounts import Account
from feedback.core.people import Person
from feedback.db import Store
from tests.factories import PASSWORD, Cast, address_of
from tests.ground.pages import field_values, visible_text, well_formed
from tests.story import SECRET, fill_in, viewer
from tests.web.employee.conftest import Codes

Telephone = tuple[Codes, list[str]]
WRONG = "This code does not fit, or was used before."


def first_step(browser: FlaskClient, password: str = PASSWORD, **more: str) -> TestResponse:
    return browser.post("/sign-in", data={"email": address_of("maria"), "password": password, **more})


def second_step(browser: FlaskClient, code: str) -> TestResponse:
    return fill_in(browser, "/sign-in/code", "/sign-in/code", code=code)


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/praise").status_code == 200


@pytest.fixture
def halfway(app: Flask, telephone: Telephone) -> FlaskClient:
    browser = app.test_client()
    answer = first_step(browser, next="/cases")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in/code")
    return browser


def test_the_password_alone_signs_nobody_in(halfway: FlaskClient, telephone: Telephone) -> None:
    assert not is_in(halfway)
    page = halfway.get("/sign-in/code")
    assert well_formed(page.text) == [] and "Maria" not in page.text
    answer = second_step(halfway, telephone[0]())
    assert (answer.status_code, answer.headers["Location"]) == (303, "/cases")
    assert is_in(halfway)


def test_a_wrong_password_is_not_asked_for_a_code(app: Flask, telephone: Telephone) -> None:
    assert first_step(app.test_client(), "wrong").status_code == 422


def test_others_are_not_asked(app: Flask, cast: Cast, telephone: Telephone) -> None:
    browser = app.test_client()
    browser.post("/sign-in", data={"email": address_of("karim"), "password": PASSWORD})
    assert is_in(browser)


@pytest.mark.parametrize("code", ["", "000000", "x", "0000-0000-0000", "١٢٣٤٥٦", "\0", "9" * 5000])
def test_a_wrong_code_is_told_and_can_be_typed_again(halfway: FlaskClient, telephone: Telephone, code: str) -> None:
    answer = second_step(halfway, code)
    assert answer.status_code == 422 and WRONG in visible_text(answer.text) and well_formed(answer.text) == []
    assert not is_in(halfway)
    assert second_step(halfway, telephone[0]()).status_code == 303


def test_a_code_signs_in_once(app: Flask, halfway: FlaskClient, telephone: Telephone) -> None:
    code = telephone[0]()
    assert second_step(halfway, code).status_code == 303
    other = app.test_client()
    first_step(other)
    assert second_step(other, code).status_code == 422


def test_a_recovery_code_does_too_and_tells_how_many_are_left(halfway: FlaskClient, telephone: Telephone) -> None:
    assert second_step(halfway, telephone[1][3].lower()).status_code == 303
    assert "9 recovery codes are left." in visible_text(halfway.get("/praise").text)
    assert "9 recovery codes are left." in visible_text(halfway.get("/account").text)


def test_nobody_else_s_code_does(halfway: FlaskClient, telephone: Telephone, store: Store, cast: Cast) -> None:
    with store.write() as session:
        maria, karim = session.get_one(Account, cast.maria), session.get_one(Account, cast.karim)
        karim.totp_secret, karim.totp_since = maria.totp_secret, maria.totp_since
    browser = halfway.application.test_client()
    browser.post("/sign-in", data={"email": address_of("karim"), "password": PASSWORD})
    assert second_step(browser, telephone[0]()).status_code == 422


def test_it_has_to_be_soon(halfway: FlaskClient, telephone: Telephone) -> None:
    page = halfway.get("/sign-in/code").text
    with time_machine.travel(clock.now() + timedelta(minutes=11), tick=False):
        answer = halfway.post("/sign-in/code", data=field_values(page) | {"code": telephone[0]()})
        assert answer.headers["Location"] == "/sign-in"
        assert halfway.get("/sign-in/code").headers["Location"] == "/sign-in"
    assert not is_in(halfway)


@pytest.mark.parametrize("meanwhile", ["another password", "left"])
def test_what_was_right_may_not_be_any_more(
    halfway: FlaskClient, telephone: Telephone, store: Store, cast: Cast, meanwhile: str
) -> None:
    with store.write() as session:
        if meanwhile == "left":
            session.get_one(Person, cast.maria).retired_at = clock.now() - timedelta(days=31)
        else:
            session.get_one(Account, cast.maria).password_hash = "plain another"
    assert second_step(halfway, telephone[0]()).status_code == 422
    assert not is_in(halfway)


def test_ten_tries_of_one_person_are_enough_from_wherever(app: Flask, telephone: Telephone) -> None:
    with time_machine.travel(clock.now().replace(minute=3), tick=False):
        for _ in range(10):
            browser = app.test_client()
            first_step(browser)
            assert second_step(browser, "000000").status_code == 422
        last = app.test_client()
        first_step(last)
        answer = second_step(last, telephone[0]())
        assert answer.status_code == 429 and answer.headers["Retry-After"]
        assert not is_in(last)


def test_without_the_first_step_there_is_no_second(app: Flask, cast: Cast) -> None:
    assert app.test_client().get("/sign-in/code").headers["Location"] == "/sign-in"


@pytest.mark.parametrize("half", [None, 5, [], ["1", "x", "/", 9e9], ["x", "y", "/", 99999999999], {"a": 1}, ["1"] * 9])
def test_a_half_with_odd_things_in_it_is_none(app: Flask, cast: Cast, half: object) -> None:
    browser = app.test_client()
    with browser.session_transaction() as cookie:
        cookie["half"] = half
    assert browser.get("/sign-in/code").headers["Location"] == "/sign-in"


def test_an_invitation_leads_through_it_too(app: Flask, store: Store, cast: Cast, telephone: Telephone) -> None:
    with store.write() as session:
        person = session.get_one(Person, cast.maria)
        token = invitations.invite(session, viewer(store, cast.anna), person, clock.now(), SECRET)
    browser, way = app.test_client(), f"/join/{token}"
    assert fill_in(browser, way, way, password="another long one").headers["Location"] == "/sign-in/code"
    assert not is_in(browser)
    assert second_step(browser, telephone[0]()).status_code == 303
    assert is_in(browser)


def test_no_invitation_leads_past_it_by_a_pin(app: Flask, store: Store, cast: Cast, telephone: Telephone) -> None:
    with store.write() as session:
        person = session.get_one(Person, cast.maria)
        token = invitations.invite(session, viewer(store, cast.anna), person, clock.now(), SECRET)
    browser, way = app.test_client(), f"/join/{token}"
    answer = fill_in(browser, way, way, way="pin", pin="384756")
    assert answer.status_code == 422 and "Please choose a password" in visible_text(answer.text)
    assert "Welcome back" not in browser.get("/sign-in").text and browser.get(way).status_code == 200


def test_a_link_of_the_operator_is_the_last_resort(app: Flask, store: Store, cast: Cast, telephone: Telephone) -> None:
    with store.write() as session:
        token = accounts.make_sign_in_link(session, cast.maria, clock.now())
    browser = app.test_client()
    fill_in(browser, f"/sign-in/{token}", f"/sign-in/{token}")
    assert is_in(browser)
