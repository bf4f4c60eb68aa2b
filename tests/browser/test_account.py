"""Signing in with a PIN and with a second factor, as a person does it: by keyboard, without JavaScript, by the eye."""

import re
from base64 import b32decode
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from feedback import clock, totp
from tests.browser.conftest import DESKTOP, PHONE, Running, sign_in
from tests.ground.axe import violations

PIN = "384756"


def looks_well(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
    assert violations(page) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def choose_pin(page: Page, password: str) -> None:
    page.goto("/account")
    page.locator("details summary").first.click()
    page.fill("[name=pin]", PIN)
    page.fill("[name=proof]", password)
    page.click("form[action$='/account/devices'] button")
    page.wait_for_url("**/account")


@pytest.mark.parametrize(("language", "viewport", "scheme"), [("de", DESKTOP, "light"), ("ar", PHONE, "dark")])
def test_the_way_in_by_pin_and_by_code(
    visit: Callable[..., BrowserContext], house: Running, language: str, viewport: dict[str, int], scheme: str
) -> None:
    context = visit(viewport=viewport, locale=language, scheme=scheme)
    people = [p for p in house.demo["people"] if p["role"] == "employee" and p["email"]]
    person = people[["en", "de", "ar"].index(language) % len(people)]
    sign_in(context, person)
    page = context.new_page()
    choose_pin(page, person["password"])
    looks_well(page)
    page.fill("#factor-proof", person["password"])
    page.click("form[action$='/account/second-factor'] button")
    page.wait_for_url("**/account/second-factor")
    looks_well(page)
    known = b32decode(page.inner_text(".address").replace(" ", ""))
    page.fill("[name=first]", totp.code(known, totp.step_at(clock.now())))
    page.click("main form button")
    codes = page.locator(".codes li")
    expect(codes).to_have_count(10)
    looks_well(page)
    one, two = codes.all_inner_texts()[:2]
    page.click("form[action$='/sign-out'] button")
    expect(page.locator("[name=pin]")).to_be_visible()
    looks_well(page)
    page.fill("[name=pin]", "920461")
    page.keyboard.press("Enter")
    expect(page.locator("#pin-error")).to_be_visible()
    looks_well(page)
    page.click(".elsewise a")
    page.fill("[name=email]", person["email"])
    page.fill("[name=password]", person["password"])
    page.click("main form button")
    page.wait_for_url("**/sign-in/code")
    looks_well(page)
    page.fill("[name=code]", one)
    page.click("main form button")
    page.wait_for_url(re.compile("/praise"))
    page.goto("/account")
    looks_well(page)
    page.fill("[name=code]", two)
    page.click("form[action$='/second-factor/removal'] button")
    page.wait_for_url("**/account")
    page.locator("form[action*='/account/devices/'] button").first.click()


def test_it_goes_by_keyboard_and_without_javascript(visit: Callable[..., BrowserContext], house: Running) -> None:
    context = visit(viewport=PHONE, javascript=False)
    person = house.praised()
    sign_in(context, person)
    page = context.new_page()
    choose_pin(page, person["password"])
    page.click("form[action$='/sign-out'] button")
    page.focus("[name=pin]")
    page.keyboard.type(PIN)
    page.keyboard.press("Enter")
    page.wait_for_url("**/praise")
    page.goto("/account")
    page.locator("form[action*='/account/devices/'] button").first.click()
    expect(page.locator(".notices")).to_be_visible()
