"""/account: one's password, PINs, second factor and sessions, each changed by oneself alone and with proof."""

import re
from base64 import b32decode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from feedback import clock, totp
from feedback.core import accounts, devices
from feedback.core.accounts import Account
from feedback.core.audit import Entry
from feedback.db import Store
from tests.factories import PASSWORD, Cast, address_of
from tests.ground.pages import field_values, visible_text, well_formed
from tests.story import at_work, fill_in, token_for
from tests.web.employee.conftest import Codes

PIN, NEW = "384756", "another long one"
pytestmark = pytest.mark.usefixtures("swift")


def acts(store: Store) -> list[str]:
    with store.read() as session:
        return list(session.scalars(select(Entry.act).order_by(Entry.id)))


def sign_in(app: Flask, key: str, password: str, name: str = "") -> int:
    return app.test_client().post("/sign-in", data={"email": name or address_of(key), "password": password}).status_code


def choose_pin(browser: FlaskClient, pin: str = PIN, proof: str = PASSWORD) -> int:
    return fill_in(browser, "/account", "/account/devices", pin=pin, proof=proof).status_code


def test_the_page_is_led_to_from_everywhere(app: Flask, cast: Cast) -> None:
    browser = at_work(app, cast, "maria")
    assert 'href="/account"' in browser.get("/praise").text
    page = browser.get("/account")
    assert well_formed(page.text) == []
    assert f"You are Maria Lopez, and sign in as {address_of('maria')}." in visible_text(page.text)


def test_another_password_ends_all_other_sessions(app: Flask, store: Store, cast: Cast) -> None:
    browser, elsewhere = at_work(app, cast, "maria"), at_work(app, cast, "maria")
    answer = fill_in(browser, "/account", "/account/password", name=" Marie ", known=PASSWORD, password=NEW)
    assert answer.headers["Location"] == "/account"
    assert "everywhere else you were signed out" in visible_text(browser.get("/account").text)
    assert elsewhere.get("/praise").status_code == 303
    assert (sign_in(app, "maria", NEW, "marie"), sign_in(app, "maria", PASSWORD)) == (303, 422)
    assert acts(store) == ["password_changed"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"known": "wrong"}, "neither your password nor your PIN"),
        ({"known": ""}, "neither your password nor your PIN"),
        ({"password": "short"}, "ten characters"),
        ({"name": "x y"}, "without spaces"),
        ({"name": address_of("karim")}, "Someone else signs in by this name"),
    ],
)
def test_what_cannot_be_changed_says_why(
    app: Flask, store: Store, cast: Cast, changes: dict[str, str], said: str
) -> None:
    browser = at_work(app, cast, "maria")
    fields = {"name": "marie", "known": PASSWORD, "password": NEW} | changes
    answer = fill_in(browser, "/account", "/account/password", **fields)
    assert answer.status_code == 422 and said in visible_text(answer.text) and well_formed(answer.text) == []
    assert NEW not in answer.text and "Not done yet" in visible_text(answer.text)
    assert sign_in(app, "maria", PASSWORD) == 303 and acts(store) == []


def test_of_two_who_choose_one_name_at_once_one_is_told(
    app: Flask, store: Store, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, settle = at_work(app, cast, "maria"), accounts.settle

    def meanwhile(session: Session, *given: object) -> None:
        taken = update(Account).where(Account.person_id == cast.karim).values(sign_in_name="marie")
        session.connection().execute(taken)  # as if he had it since the page was shown
        settle(session, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(accounts, "settle", meanwhile)
    answer = fill_in(browser, "/account", "/account/password", name="marie", known=PASSWORD, password=NEW)
    assert answer.status_code == 422 and "Someone else signs in by this name" in visible_text(answer.text)
    assert sign_in(app, "maria", PASSWORD) == 303 and acts(store) == []


def test_a_pin_is_added_replaced_and_removed(app: Flask, store: Store, cast: Cast) -> None:
    browser = at_work(app, cast, "maria")
    assert choose_pin(browser) == 303
    assert choose_pin(browser, "920461", proof=PIN) == 303
    page = browser.get("/account").text
    assert visible_text(page).count("This device") == 2 and "not used yet" in visible_text(page)
    (way,) = re.findall(r'action="(/account/devices/\w+/removal)"', page)
    assert at_work(app, cast, "karim").post(way, data={}).status_code == 400
    karim = at_work(app, cast, "karim")
    assert karim.post(way, data={"csrf_token": token_for(karim)}).status_code == 404
    assert fill_in(browser, "/account", way).headers["Location"] == "/account"
    assert "This device" not in visible_text(browser.get("/account").text)
    assert browser.post(way, data={"csrf_token": token_for(browser)}).status_code == 404
    assert acts(store) == ["device_added", "device_added", "device_removed"]


@pytest.mark.parametrize(
    ("pin", "proof", "said"),
    [
        ("123456", PASSWORD, "Anyone would try"),
        (PIN, "wrong", "neither your password nor your PIN"),
        (PIN, PIN, "neither your password nor your PIN"),
        ("", "", "six to twelve digits"),
    ],
)
def test_no_pin_without_proof_and_sense(app: Flask, store: Store, cast: Cast, pin: str, proof: str, said: str) -> None:
    browser = at_work(app, cast, "maria")
    answer = fill_in(browser, "/account", "/account/devices", pin=pin, proof=proof)
    assert answer.status_code == 422 and said in visible_text(answer.text) and well_formed(answer.text) == []
    with store.read() as session:
        assert devices.of(session, cast.maria) == []


def test_who_has_only_a_pin_proves_themselves_by_it(app: Flask, store: Store, cast: Cast) -> None:
    browser = at_work(app, cast, "maria")
    choose_pin(browser)
    with store.write() as session:
        session.get_one(Account, cast.maria).password_hash = "unknown"
    assert fill_in(browser, "/account", "/account/password", known=PIN, password=NEW).status_code == 303
    assert sign_in(app, "maria", NEW) == 303


def test_trying_here_closes_the_device_as_at_the_door(app: Flask, store: Store, cast: Cast) -> None:
    browser = at_work(app, cast, "maria")
    choose_pin(browser)
    for _ in range(5):
        assert fill_in(browser, "/account", "/account/password", known="920461", password=NEW).status_code == 422
    assert "closed after five wrong tries" in visible_text(browser.get("/account").text)
    assert fill_in(browser, "/account", "/account/password", known=PIN, password=NEW).status_code == 422


def test_ten_tries_to_prove_oneself_are_enough(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = clock.now().replace(minute=3)
    monkeypatch.setattr(clock, "now", lambda: moment)
    browser = at_work(app, cast, "maria")
    codes = [choose_pin(browser, proof="wrong") for _ in range(11)]
    assert codes == [422] * 10 + [429]


def test_signing_out_elsewhere_leaves_this_browser_in(app: Flask, store: Store, cast: Cast) -> None:
    browser, elsewhere, karim = (at_work(app, cast, key) for key in ("maria", "maria", "karim"))
    assert fill_in(browser, "/account", "/account/sign-outs").headers["Location"] == "/account"
    assert [b.get("/praise").status_code for b in (browser, elsewhere, karim)] == [200, 303, 200]
    assert acts(store) == ["signed_out_elsewhere"]


def secret_on(page: str) -> bytes:
    return b32decode(re.findall(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}", visible_text(page))[0].replace(" ", ""))


def test_a_second_factor_is_set_up_by_its_first_code(app: Flask, store: Store, cast: Cast) -> None:
    browser = at_work(app, cast, "maria")
    assert browser.get("/account/second-factor").headers["Location"] == "/account"
    refused = fill_in(browser, "/account", "/account/second-factor", proof="not mine")
    assert refused.status_code == 422 and browser.get("/account/second-factor").headers["Location"] == "/account"
    begun = fill_in(browser, "/account", "/account/second-factor", proof=PASSWORD)
    assert begun.headers["Location"] == "/account/second-factor"
    page = browser.get("/account/second-factor")
    assert well_formed(page.text) == [] and "otpauth://totp/Garden%20House:" in page.text and "<svg" in page.text
    known = secret_on(page.text)
    wrong = fill_in(browser, "/account/second-factor", "/account/second-factor/confirmation", first="000000")
    assert wrong.status_code == 422 and "This code does not fit" in visible_text(wrong.text)
    assert secret_on(wrong.text) == known and acts(store) == []
    code = totp.code(known, totp.step_at(clock.now()))
    done = fill_in(browser, "/account/second-factor", "/account/second-factor/confirmation", first=code)
    codes = re.findall(r"^\w{4}-\w{4}-\w{4}$", visible_text(done.text), re.M)
    assert done.status_code == 200 and len(codes) == 10 and well_formed(done.text) == []
    assert done.headers["Cache-Control"] == "no-store"
    assert "10 recovery codes are left" in visible_text(browser.get("/account").text)
    twice = {"csrf_token": token_for(browser), "first": code}  # a second press, of which the browser shows the answer
    assert browser.post("/account/second-factor/confirmation", data=twice).headers["Location"] == "/account"
    assert "If you did not see your recovery codes" in visible_text(browser.get("/account").text)
    assert browser.get("/account/second-factor").headers["Location"] == "/account"
    assert acts(store) == ["second_factor_on"]
    assert sign_in(app, "maria", PASSWORD) == 303


@pytest.mark.parametrize("by", ["code", "recovery code", "password"])
def test_it_is_switched_off_by_any_of_the_two(
    app: Flask, store: Store, cast: Cast, telephone: tuple[Codes, list[str]], by: str
) -> None:
    browser, (code, codes) = at_work(app, cast, "maria"), telephone
    typed = {"code": code(), "recovery code": codes[0], "password": PASSWORD}[by]
    answer = fill_in(browser, "/account", "/account/second-factor/removal", code=typed)
    assert answer.headers["Location"] == "/account" and acts(store)[-1] == "second_factor_off"
    assert "/sign-in/code" not in app.test_client().post(
        "/sign-in", data={"email": address_of("maria"), "password": PASSWORD}
    ).headers.get("Location", "")


@pytest.mark.parametrize("typed", ["", "000000", "wrong", "\0"])
def test_it_is_not_switched_off_by_anything_else(
    app: Flask, store: Store, cast: Cast, telephone: tuple[Codes, list[str]], typed: str
) -> None:
    browser = at_work(app, cast, "maria")
    answer = fill_in(browser, "/account", "/account/second-factor/removal", code=typed)
    assert answer.status_code == 422 and "neither a fresh code nor your password" in visible_text(answer.text)
    assert well_formed(answer.text) == [] and acts(store) == ["second_factor_on"]


def test_an_admin_takes_it_away_and_nobody_else(
    app: Flask, store: Store, cast: Cast, telephone: tuple[Codes, list[str]]
) -> None:
    page = f"/admin/people/{cast.maria}"
    for by in ("berta", "karim", "maria"):
        browser = at_work(app, cast, by)
        token = token_for(browser)
        assert browser.post(f"{page}/second-factor-removal", data={"csrf_token": token}).status_code == 404
    assert "second-factor-removal" not in at_work(app, cast, "berta").get(page).text
    anna = at_work(app, cast, "anna")
    assert fill_in(anna, page, f"{page}/second-factor-removal").headers["Location"] == page
    shown = visible_text(anna.get(page).text)
    assert "The password alone signs Maria Lopez in." in shown and "Took the second factor of Maria Lopez away" in shown
    token = token_for(anna)
    assert anna.post(f"{page}/second-factor-removal", data={"csrf_token": token}).status_code == 404
    assert anna.post("/admin/people/x/second-factor-removal", data={"csrf_token": token}).status_code == 404


def test_an_admin_takes_ones_own_away_only_with_proof(app: Flask, store: Store, cast: Cast) -> None:
    with store.write() as session:
        account = session.get_one(Account, cast.anna)
        account.totp_secret, account.totp_since = b"x" * 20, clock.now()
    anna, page = at_work(app, cast, "anna"), f"/admin/people/{cast.anna}"
    assert "second-factor-removal" not in anna.get(page).text
    assert anna.post(f"{page}/second-factor-removal", data={"csrf_token": token_for(anna)}).status_code == 404


def test_nobody_signed_in_has_an_account(app: Flask, cast: Cast) -> None:
    assert app.test_client().get("/account").headers["Location"] == "/sign-in?next=/account"
    assert field_values(app.test_client().get("/sign-in").text)["next"] == ""
