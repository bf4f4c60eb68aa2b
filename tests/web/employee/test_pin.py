"""A PIN: chosen when one joins, good in one browser, closed after five wrong tries."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from feedback import clock, create_app
from feedback.config import Settings
from feedback.core import devices, invitations
from feedback.core.accounts import Account, Device
from feedback.core.audit import Entry
from feedback.core.people import Person
from feedback.db import Store
from feedback.web import NAME
from feedback.web.employee.pins import COOKIE
from tests.factories import PASSWORD, Cast, address_of
from tests.ground.pages import field_names, field_values, links, visible_text, well_formed
from tests.story import SECRET, fill_in, token_for, viewer

PIN, WRONG = "384756", "920461"
pytestmark = pytest.mark.usefixtures("swift")


def invited(store: Store, cast: Cast, key: str = "karim") -> str:
    with store.write() as session:
        person = session.get_one(Person, getattr(cast, key))
        return invitations.invite(session, viewer(store, cast.anna), person, clock.now(), SECRET)


def join(browser: FlaskClient, store: Store, cast: Cast, key: str = "karim", pin: str = PIN) -> TestResponse:
    way = f"/join/{invited(store, cast, key)}"
    return fill_in(browser, way, way, way="pin", name="", password="", pin=pin)


def enter(browser: FlaskClient, pin: str = PIN, **more: str) -> TestResponse:
    return fill_in(browser, "/sign-in", "/sign-in/pin", pin=pin, **more)


def leave(browser: FlaskClient) -> None:
    browser.post("/sign-out", data={"csrf_token": token_for(browser)})


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/praise").status_code == 200


@pytest.fixture
def tablet(app: Flask, store: Store, cast: Cast) -> FlaskClient:
    """A browser in which Karim has a PIN and nobody is signed in."""
    browser = app.test_client()
    assert join(browser, store, cast).status_code == 303 and is_in(browser)
    leave(browser)
    assert not is_in(browser)
    return browser


def test_who_joined_with_a_pin_is_welcomed_back_on_the_same_device(
    store: Store, cast: Cast, tablet: FlaskClient
) -> None:
    page = tablet.get("/sign-in")
    assert well_formed(page.text) == [] and "Welcome back, Karim" in visible_text(page.text)
    assert field_names(page.text, "/sign-in/pin") == ["next", "device", "pin"]
    answer = enter(tablet)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert is_in(tablet)
    with store.read() as session:
        acts = sorted(session.scalars(select(Entry.act)))
        assert acts == ["device_added", "invited", "joined"]
        assert session.scalars(select(Device)).one().used_at is not None


def test_the_pin_is_worth_nothing_elsewhere(app: Flask, cast: Cast, tablet: FlaskClient) -> None:
    other = app.test_client()
    assert field_names(other.get("/sign-in").text) == ["next", "email", "password"]
    mark = field_values(tablet.get("/sign-in").text, "/sign-in/pin")["device"]
    assert other.post("/sign-in/pin", data={"pin": PIN, "device": mark}).status_code == 422
    assert other.post("/sign-in", data={"email": address_of("karim"), "password": PIN}).status_code == 422
    assert not is_in(other)


def test_the_cookie_is_kept_long_and_where_only_this_site_reaches_it(
    app: Flask, settings: Settings, store: Store, cast: Cast
) -> None:
    def cookie(made: Flask) -> set[str]:
        answer = join(made.test_client(), store, cast)
        (found,) = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith(f"{COOKIE}=")]
        return {part for part in found.split("; ") if not part.startswith("Expires")} - {found.split("; ")[0]}

    assert cookie(app) == {"HttpOnly", "SameSite=Lax", "Path=/", f"Max-Age={400 * 86400}"}
    secure = create_app(replace(settings, base_url="https://garden-house.example"))
    secure.testing = True
    with secure.test_client() as browser:
        way = f"/join/{invited(store, cast)}"
        page = browser.get(way, base_url="https://localhost")
        fields = field_values(page.text, way) | {"way": "pin", "pin": PIN}
        answer = browser.post(way, data=fields, base_url="https://localhost", headers={"Referer": "https://localhost/"})
        assert any("Secure" in line for line in answer.headers.getlist("Set-Cookie") if line.startswith(COOKIE))
    secure.extensions[NAME].store.close()


def test_its_wrong_tries_are_told_and_the_fifth_closes_it(app: Flask, store: Store, tablet: FlaskClient) -> None:
    for left in ("4 tries are", "3 tries are", "2 tries are", "1 try is"):
        answer = enter(tablet, WRONG)
        assert answer.status_code == 422 and f"This PIN does not fit. {left} left" in visible_text(answer.text)
        assert well_formed(answer.text) == [] and WRONG not in answer.text
    mark = field_values(tablet.get("/sign-in").text, "/sign-in/pin")["device"]
    answer = enter(tablet, WRONG)
    assert answer.status_code == 422 and "is closed for: Karim" in visible_text(answer.text)
    assert "ask an admin for a new invitation" in visible_text(answer.text)
    assert tablet.post("/sign-in/pin", data={"pin": PIN, "device": mark}).status_code == 422
    assert "is closed for: Karim" in visible_text(tablet.get("/sign-in").text)
    assert not is_in(tablet)
    with store.read() as session:
        assert "device_closed" in session.scalars(select(Entry.act)).all()


def test_the_right_pin_on_the_fifth_try_is_in(tablet: FlaskClient) -> None:
    for _ in range(4):
        enter(tablet, WRONG)
    assert enter(tablet, f" {PIN[:3]} {PIN[3:]}").status_code == 303
    assert is_in(tablet)


def test_a_shared_tablet_asks_who_one_is(app: Flask, store: Store, cast: Cast, tablet: FlaskClient) -> None:
    assert join(tablet, store, cast, "maria", pin=WRONG).status_code == 303
    leave(tablet)
    page = tablet.get("/sign-in")
    assert {"Karim", "Maria"} <= set(visible_text(page.text).split("\n")) and well_formed(page.text) == []
    marks = re.findall(r'name="device"[^>]*value="(\w+)"', page.text)
    assert len(marks) == 2 and "device" not in field_values(page.text, "/sign-in/pin")
    answer = enter(tablet)
    assert answer.status_code == 422 and "Please choose who you are" in visible_text(answer.text)
    maria, karim = marks
    assert enter(tablet, PIN, device=maria).status_code == 422
    assert enter(tablet, PIN, device=karim).status_code == 303
    assert "Karim Haddad" in tablet.get("/praise").text
    leave(tablet)
    assert re.findall(r'name="device"[^>]*value="(\w+)"', tablet.get("/sign-in").text) == [karim, maria]


def test_someone_else_comes_in_by_a_password_beside_it(tablet: FlaskClient) -> None:
    page = tablet.get("/sign-in?next=/cases")
    (other,) = [link.href for link in links(page.text) if "way=password" in link.href]
    assert "next=/cases" in other
    page = tablet.get(other)
    assert field_values(page.text, "/sign-in") == {"email": "", "password": "", "next": "/cases"}
    assert any(link.text == "Sign in with a PIN" for link in links(page.text))
    answer = tablet.post("/sign-in", data={"email": address_of("maria"), "password": PASSWORD, "next": "/cases"})
    assert answer.headers["Location"] == "/cases"


def test_where_one_wanted_to_go_is_kept_and_nowhere_else(tablet: FlaskClient) -> None:
    assert fill_in(tablet, "/sign-in?next=/cases", "/sign-in/pin", pin=PIN).headers["Location"] == "/cases"
    leave(tablet)
    assert enter(tablet, next="//evil.example").headers["Location"] == "/"


@pytest.mark.parametrize("gone", ["left", "closed"])
def test_who_has_no_way_in_any_more_has_no_pin_either(store: Store, cast: Cast, tablet: FlaskClient, gone: str) -> None:
    mark = field_values(tablet.get("/sign-in").text, "/sign-in/pin")["device"]
    with store.write() as session:
        if gone == "left":
            session.get_one(Person, cast.karim).retired_at = clock.now() - timedelta(days=31)
        else:
            session.get_one(Account, cast.karim).closed_at = clock.now()
    assert tablet.post("/sign-in/pin", data={"pin": PIN, "device": mark}).status_code == 422
    assert "Karim" not in tablet.get("/sign-in").text


def test_a_new_invitation_ends_the_pins_of_before(app: Flask, store: Store, cast: Cast, tablet: FlaskClient) -> None:
    way = f"/join/{invited(store, cast)}"
    fill_in(app.test_client(), way, way, name="karim", password=PASSWORD)
    assert "Karim" not in tablet.get("/sign-in").text


def test_it_is_not_sent_from_another_site(tablet: FlaskClient) -> None:
    mark = field_values(tablet.get("/sign-in").text, "/sign-in/pin")["device"]
    answer = tablet.post("/sign-in/pin", data={"pin": PIN, "device": mark}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 400 and not is_in(tablet)


@pytest.mark.parametrize(
    ("pin", "said"),
    [
        ("", "six to twelve digits"),
        ("38475", "six to twelve digits"),
        ("3" * 13, "six to twelve digits"),
        ("38475a", "six to twelve digits"),
        ("٣٨٤٧٥٦", "six to twelve digits"),
        ("123456", "Anyone would try"),
        ("311290", "Anyone would try"),
    ],
)
def test_what_is_no_good_pin_uses_nothing_up(app: Flask, store: Store, cast: Cast, pin: str, said: str) -> None:
    way, browser = f"/join/{invited(store, cast)}", app.test_client()
    answer = fill_in(browser, way, way, way="pin", pin=pin)
    assert answer.status_code == 422 and said in visible_text(answer.text) and well_formed(answer.text) == []
    assert COOKIE not in str(answer.headers) and field_values(answer.text, way)["pin"] == ""
    assert fill_in(browser, way, way, way="pin", pin=PIN).status_code == 303


@pytest.mark.parametrize("held", ["x", ".", "a" * 4000, "é", "x" * 43, ".".join(["y" * 43] * 90), "\"'"])
def test_a_cookie_with_anything_else_in_it_is_none(app: Flask, cast: Cast, held: str) -> None:
    browser = app.test_client()
    browser.set_cookie(COOKIE, held)
    assert browser.get("/sign-in").status_code == 200
    assert browser.post("/sign-in/pin", data={"pin": PIN, "device": "x"}).status_code == 422


def test_who_has_no_address_gets_a_name_to_sign_in_by(app: Flask, store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.delete(session.get_one(Account, cast.karim))
        session.get_one(Person, cast.karim).email = None
        session.get_one(Person, cast.karim).public_name = "Karim H"
    browser = app.test_client()
    assert join(browser, store, cast).status_code == 303
    with store.read() as session:
        name = session.get_one(Account, cast.karim).sign_in_name
    assert re.fullmatch(r"karim-h-[0-9a-z]{6}", name)
    assert name in browser.get("/account").text


def test_a_full_device_says_so(
    app: Flask, store: Store, cast: Cast, tablet: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "MOST_HELD", 1)
    answer = join(tablet, store, cast, "maria")
    assert answer.status_code == 422 and "Eight people have a PIN" in visible_text(answer.text)
