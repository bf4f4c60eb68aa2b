"""An invitation on a manager's screen: the code is scanned from it as it is drawn, and leads in."""

import io
import re

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.browser.conftest import PHONE, Running, sign_in
from tests.ground.axe import violations


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_code_on_the_screen_leads_in(browser: Browser, house: Running, scheme: str) -> None:
    context = browser.new_context(base_url=house.url, viewport=PHONE, locale="en", color_scheme=scheme)  # type: ignore[arg-type]
    sign_in(context, next(person for person in house.demo["people"] if person["role"] == "admin"))
    page = context.new_page()
    page.goto("/admin/people?q=Pete")
    page.click(".first a >> nth=0")
    page.wait_for_url(re.compile(r"/people/\d+"))
    page.click("form[action$='/invitation'] button")
    expect(page.locator("h1")).to_contain_text("Pete Novak")
    assert violations(page) == []
    drawn = Image.open(io.BytesIO(page.locator(".sign").screenshot()))
    (code,) = zxingcpp.read_barcodes(drawn)
    assert code.text == page.inner_text(".address")
    guest = browser.new_page(viewport=PHONE, locale="en")
    guest.goto(code.text)
    expect(guest.locator("h1")).to_contain_text("Welcome, Pete Novak")
    assert violations(guest) == []
    guest.check("[value=pin]")
    guest.fill("[name=pin]", "384756")
    assert violations(guest) == []
    guest.locator("[name=pin]").press("Enter")
    guest.wait_for_url("**/praise")  # Pete has no e-mail address, and needs none
    expect(guest.locator("h1")).to_contain_text("Praise")
    expect(guest.locator(".letter").first).to_be_visible()
    guest.goto(f"{house.url}/account")
    expect(guest.locator("main")).to_contain_text("you read everything inside")
    context.close()
