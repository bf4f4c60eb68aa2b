"""One's own letters on a phone: the lists, a search, a favourite by one tap, with and without a script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import DESKTOP, PHONE, Running, sign_in
from tests.ground.axe import violations

Visit = Callable[..., BrowserContext]
LISTS = ("own", "to-me", "team", "favourites", "own&q=rose", "own&q=404")


@pytest.mark.parametrize(
    ("language", "viewport", "scheme"), [("en", PHONE, "light"), ("de", DESKTOP, "dark"), ("ar", PHONE, "dark")]
)
def test_pages_of_ones_own_letters(
    visit: Visit, house: Running, language: str, viewport: dict[str, int], scheme: str
) -> None:
    context = visit(viewport=viewport, locale=language, scheme=scheme)
    sign_in(context, house.praised())
    page = context.new_page()
    for whose in LISTS:
        page.goto(f"/praise?whose={whose}&lang={language}")
        assert violations(page, contrast=language != "ar") == [], whose
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), whose


@pytest.mark.parametrize("javascript", [True, False])
def test_a_favourite_by_one_tap_leaves_one_where_one_was(visit: Visit, house: Running, javascript: bool) -> None:
    context = visit(javascript=javascript)
    sign_in(context, house.praised())
    page = context.new_page()
    page.goto("/praise?whose=to-me")
    letter = page.locator(".letter", has_text="wrote everything down for me")
    button = letter.get_by_role("button", name="Favourite")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(letter).to_be_in_viewport()
    assert "whose=to-me#letter-" in page.url
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(letter).to_be_in_viewport()
