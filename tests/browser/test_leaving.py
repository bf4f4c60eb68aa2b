"""Someone comes with a photo and goes with their letters: what customers see of them, and what stays open to them."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PHONE, Running, sign_in
from tests.ground.axe import violations

SHIFT = """() => new Promise(done => new PerformanceObserver(list => done(
    list.getEntries().reduce((sum, entry) => sum + entry.value, 0))).observe({type: 'layout-shift', buffered: true})
    || setTimeout(() => done(0), 300))"""


def drawn(page: Page, selector: str) -> bool:
    """Whether the first picture of that selector is there and not only its frame."""
    page.locator(selector).first.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    return bool(page.locator(selector).first.evaluate("image => image.complete && image.naturalWidth === 320"))


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path / "me.jpg"
    Image.new("RGB", (900, 600), "#b06040").save(file)
    return file


def test_a_person_comes_with_a_photo_and_goes_with_their_letters(browser: Browser, house: Running, photo: Path) -> None:
    admin = browser.new_context(base_url=house.url, viewport=PHONE, locale="en")
    sign_in(admin, next(person for person in house.demo["people"] if person["role"] == "admin"))
    page = admin.new_page()
    page.goto("/admin/people/new")
    page.fill("[name=name]", "Aaron Abel")
    page.select_option("[name=department]", index=1)
    page.check("[name=is_shown_on_forms]")
    page.set_input_files("[name=photo]", photo)
    page.click("main .main")
    expect(page.locator("h1")).to_contain_text("Aaron Abel")
    assert drawn(page, ".with-portrait img") and violations(page) == []
    person = page.url
    page.click("form[action$=invitation] button")
    guest = browser.new_page(base_url=house.url, viewport=PHONE, locale="en")
    guest.goto(page.inner_text(".address"))
    guest.fill("[name=name]", "aaron")
    guest.fill("[name=password]", "a long way home")
    guest.click("main button")
    expect(guest.locator("h1")).to_contain_text("Praise")

    page.goto(person)
    page.click(".leaving summary")
    page.click(".leaving .button")
    expect(page.locator(".notice").first).to_contain_text("has left")
    guest.goto("/")
    expect(guest.locator("h1")).to_contain_text("Take your letters with you")
    expect(guest.locator("main")).to_contain_text("nothing to take along")
    assert violations(guest) == []
    guest.goto("/praise")
    expect(guest.locator("h1")).to_contain_text("There is nothing here")
    admin.close()
    guest.close()


def test_a_form_shows_the_photo_and_nothing_moves(browser: Browser, house: Running, photo: Path) -> None:
    admin = browser.new_context(base_url=house.url, locale="en")
    sign_in(admin, next(person for person in house.demo["people"] if person["role"] == "admin"))
    page = admin.new_page()
    page.goto(f"/admin/people/{house.praised()['person_id']}")
    page.check("[name=is_shown_on_forms]")
    page.set_input_files("[name=photo]", photo)
    page.click("main .sheet .main")
    expect(page.locator(".notice").first).to_contain_text("Saved")
    customer = browser.new_page(viewport=PHONE, locale="en", java_script_enabled=True)
    customer.goto(house.link("person"))
    assert drawn(customer, ".who img") and customer.evaluate(SHIFT) < 0.01
    assert violations(customer) == []
    page.goto(f"/admin/people/{house.praised()['person_id']}")
    page.check("[name=no_photo]")
    page.click("main .sheet .main")
    customer.goto(house.link("person"))
    assert customer.locator(".who img").count() == 0
    admin.close()
    customer.close()
