"""Signing in: who comes in, who does not, and that nobody learns which of the two words was wrong."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from feedback import create_app
from feedback.config import Settings
from feedback.core import accounts, limits
from feedback.core.people import Person
from feedback.db import Store
from feedback.web import NAME
from tests.factories import BEGINNING, PASSWORD, Cast, address_of, signed_in
from tests.ground.pages import field_values, visible_text, well_formed
from tests.story import at_work

WRONG = "Name and password do not fit together. Please try again."


def enter(
    browser: FlaskClient, email: str = address_of("maria"), password: str = PASSWORD, **more: str
) -> TestResponse:
    return browser.post("/sign-in", data={"email": email, "password": password, **more})


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/praise").status_code == 200


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Passwords compared without their hashing; the list is of what they were compared with."""
    compared: list[str] = []

    def compare(kept: str, typed: str) -> bool:
        compared.append(kept)
        return typed == PASSWORD and kept != accounts.NOBODY

    monkeypatch.setattr(accounts, "check_password_hash", compare)
    return compared


@pytest.fixture
def at_noon() -> Iterator[None]:
    with time_machine.travel(BEGINNING.replace(hour=12), tick=False):
        yield


def test_the_right_words_lead_to_ones_own_start_page(app: Flask, cast: Cast) -> None:
    browser = app.test_client()
    page = browser.get("/sign-in")
    assert well_formed(page.text) == []
    assert field_values(page.text) == {"email": "", "password": "", "next": ""}
    answer = enter(browser, "  MARIA@garden-house.example ")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert is_in(browser)


def test_the_sign_in_is_kept_where_only_this_site_reaches_it(app: Flask, cast: Cast, quick: list[str]) -> None:
    cookie = enter(app.test_client()).headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert "Domain" not in cookie


def test_over_https_it_is_never_sent_in_the_clear(
    settings: Settings, store: Store, cast: Cast, quick: list[str]
) -> None:
    app = create_app(replace(settings, base_url="https://garden-house.example"))
    cookie = enter(app.test_client()).headers["Set-Cookie"]
    assert "Secure" in cookie.split("; ")
    app.extensions[NAME].store.close()


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (address_of("maria"), PASSWORD.upper()),
        (address_of("maria"), ""),
        ("nobody@garden-house.example", PASSWORD),
        ("", ""),
    ],
)
def test_wrong_words_are_not_told_apart(app: Flask, cast: Cast, quick: list[str], email: str, password: str) -> None:
    browser = app.test_client()
    answer = enter(browser, email, password, next="/cases")
    assert answer.status_code == 422
    assert WRONG in visible_text(answer.text)
    assert field_values(answer.text) == {"email": email, "password": "", "next": "/cases"}
    assert len(quick) == 1
    assert not is_in(browser)


def test_a_wrong_name_and_a_wrong_password_give_the_same_page(app: Flask, cast: Cast, quick: list[str]) -> None:
    pages = [enter(app.test_client(), address_of(key), "wrong").text for key in ("maria", "melissa")]
    assert pages[0].replace("maria@", "melissa@") == pages[1]
    assert quick[1] == accounts.NOBODY != quick[0]


def test_whoever_left_does_not_come_in(app: Flask, store: Store, cast: Cast, quick: list[str]) -> None:
    with store.write() as session:
        session.get_one(Person, cast.maria).retired_at = BEGINNING
    answer = enter(app.test_client())
    assert (answer.status_code, quick) == (422, [accounts.NOBODY])


BAD = {
    "nothing": b"",
    "no password": b"email=maria%40garden-house.example",
    "NUL": b"email=%00&password=%00",
    "NUL in a right name": b"email=maria%40garden-house.example%00&password=correct+horse+42",
    "bytes that are no text": b"email=%ff%fe&password=%ed%a0%80",
    "two names": b"email=a&email=b&password=x&password[]=y",
    "a name of 100,000": b"email=" + b"a" * 100_000 + b"&password=x",
    "a password of a million": b"email=maria%40garden-house.example&password=" + b"x" * 1_000_000,
    "letters that grow": b"email=" + "ΐ".encode() * 320 + b"&password=x",
    "a percent sign": b"email=%&password=%",
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_bad_input_is_a_wrong_name(app: Flask, cast: Cast, quick: list[str], body: bytes) -> None:
    answer = app.test_client().post("/sign-in", data=body, content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, WRONG in answer.text) == (422, True)


def test_a_body_beyond_all_bounds_is_too_large(app: Flask, cast: Cast) -> None:
    assert enter(app.test_client(), "a" * 3_000_000).status_code == 413


def test_json_is_no_form(app: Flask, cast: Cast, quick: list[str]) -> None:
    answer = app.test_client().post("/sign-in", json={"email": address_of("maria"), "password": PASSWORD})
    assert answer.status_code == 422


INSIDE = ["/praise", "/cases?q=soup&status=received", "/cases?q=http://soup.example", "/links/5#top", "/ü?q=汤"]
OUTSIDE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    "/\n/evil.example",
    "/a\r\nSet-Cookie: stolen=1",
    "/a\nb",
    "/a\x00b",
    " //evil.example",
    "http://evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "evil.example",
    "//[",
    "/\u2028/evil.example",
    "",
]


@pytest.mark.parametrize("way", INSIDE)
def test_afterwards_one_is_where_one_wanted_to_go(app: Flask, cast: Cast, quick: list[str], way: str) -> None:
    browser = app.test_client()
    kept = field_values(browser.get("/sign-in", query_string={"next": way}).text)["next"]
    answer = enter(browser, next=kept)
    assert answer.status_code == 303
    assert re.sub("[^ -~].*", "", answer.headers["Location"]).startswith(re.sub("[^ -~].*", "", way))


def test_no_way_leads_out_of_the_house(app: Flask, cast: Cast, quick: list[str]) -> None:
    for way in OUTSIDE:
        answer = enter(app.test_client(), next=way)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/"), way
        assert "stolen" not in str(answer.headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    ],
)
def test_no_other_site_signs_anyone_in(app: Flask, cast: Cast, quick: list[str], headers: dict[str, str]) -> None:
    browser = app.test_client()
    answer = browser.post("/sign-in", data={"email": address_of("maria"), "password": PASSWORD}, headers=headers)
    assert (answer.status_code, quick) == (400, [])
    assert not is_in(browser)


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}]
)
def test_ones_own_browser_says_where_it_comes_from(
    app: Flask, cast: Cast, quick: list[str], headers: dict[str, str]
) -> None:
    data = {"email": address_of("maria"), "password": PASSWORD}
    assert app.test_client().post("/sign-in", data=data, headers=headers).status_code == 303


def take(app: Flask, times: int, address: str = "127.0.0.1") -> None:
    """Let so many tries of an address go before."""
    house, at = app.extensions[NAME], BEGINNING.replace(hour=12)
    mark = limits.mark("sign in", address, at=at, secret=house.settings.secret_key, salt=house.salts.of(at.date()))
    for _ in range(times):
        with house.store.write_rows() as connection:
            limits.take(connection, mark, limits.SIGN_INS, at)


def test_the_61st_try_of_an_address_is_one_too_many(app: Flask, cast: Cast, quick: list[str], at_noon: None) -> None:
    take(app, 59)
    assert enter(app.test_client(), password="wrong").status_code == 422
    answer = enter(app.test_client(), headers="unused")
    assert (answer.status_code, answer.headers["Retry-After"], len(quick)) == (429, "600", 1)
    assert "Slow down, please" in visible_text(answer.text)
    elsewhere = app.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert enter(elsewhere).status_code == 303


def test_nobody_hides_behind_a_header_that_no_proxy_wrote(
    app: Flask, cast: Cast, quick: list[str], at_noon: None
) -> None:
    take(app, 60)
    data = {"email": address_of("maria"), "password": PASSWORD}
    for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded"):
        assert app.test_client().post("/sign-in", data=data, headers={name: "192.0.2.7"}).status_code == 429


def test_ten_minutes_later_one_may_try_again(app: Flask, cast: Cast, quick: list[str]) -> None:
    with time_machine.travel(BEGINNING.replace(hour=12), tick=False) as traveller:
        take(app, 60)
        assert enter(app.test_client()).status_code == 429
        traveller.shift(600)
        assert enter(app.test_client()).status_code == 303


def test_a_new_sign_in_takes_the_place_of_the_one_before(app: Flask, cast: Cast, quick: list[str]) -> None:
    browser = signed_in(app, "maria")
    enter(browser, address_of("karim"))
    assert "Karim Haddad" in browser.get("/praise").text
    assert "Maria Lopez" not in browser.get("/praise").text


def test_signing_in_again_ends_what_the_browser_held_before(app: Flask, cast: Cast, quick: list[str]) -> None:
    browser = at_work(app, cast, "karim")
    old = browser.get_cookie("firsthand")
    assert old
    browser.post("/sign-in", data={"email": address_of("maria"), "password": PASSWORD})
    other = app.test_client()
    other.set_cookie("firsthand", old.value)
    assert other.get("/praise").status_code == 303
    assert browser.get("/praise").status_code == 200
