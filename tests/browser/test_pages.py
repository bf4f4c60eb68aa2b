"""Every page in a real browser: no violation of WCAG, nothing out of the page, no error in the console."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.conftest import DESKTOP, PHONE, Running, sign_in
from tests.ground.axe import violations

COLOURS_IN = "en"  # they are the same in every language, and axe skips them in Arabic
FAULTS_IN = ("en", "de")  # what axe looks at is the same in every language; whether it has room is not
Visit = Callable[..., BrowserContext]


@pytest.mark.parametrize(
    ("language", "viewport", "scheme"),
    [("en", PHONE, "light"), ("en", DESKTOP, "dark"), ("de", DESKTOP, "light"), ("ar", PHONE, "dark")],
)
def test_pages_at_work(visit: Visit, house: Running, language: str, viewport: dict[str, int], scheme: str) -> None:
    context = visit(viewport=viewport, locale=language, scheme=scheme)
    sign_in(context, next(p for p in house.demo["people"] if p["role"] == "manager"))
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    for address in _addresses_at_work(page, language):
        assert page.get_attribute("html", "lang") == language
        assert language != COLOURS_IN or violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address
    assert complaints == []


@pytest.mark.parametrize(
    ("language", "viewport", "scheme"), [("en", PHONE, "light"), ("de", DESKTOP, "dark"), ("ar", PHONE, "dark")]
)
def test_pages_of_an_admin(visit: Visit, house: Running, language: str, viewport: dict[str, int], scheme: str) -> None:
    context = visit(viewport=viewport, locale=language, scheme=scheme)
    sign_in(context, next(p for p in house.demo["people"] if p["role"] == "admin"))
    page = context.new_page()
    for address in _addresses_of_an_admin(page, language):
        page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
        assert language not in FAULTS_IN or violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address


@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_pages_of_customers(visit: Visit, house: Running, language: str) -> None:
    page = visit(locale=language).new_page()
    page.goto(house.link("person"))
    page.check("[name=kind][value=compliment]", force=True)
    page.click(".send button")
    page.wait_for_url("**/thanks")
    assert violations(page, contrast=language == COLOURS_IN) == []
    page.goto("/r#" + page.inner_text("code"))
    page.wait_for_load_state()
    assert violations(page, contrast=language == COLOURS_IN) == []
    for address in ("/r", "/thanks", "/thanks/farewell", "/q/00000000", "/sign-in"):
        page.goto(address)
        assert violations(page, contrast=language == COLOURS_IN) == [], address


def _addresses_of_an_admin(page: Page, language: str) -> Iterator[str]:
    page.goto(f"/admin/people?lang={language}")
    yield page.url
    page.locator(".first a").first.click()
    page.wait_for_load_state()
    yield page.url
    for kind in ("departments", "places", "topics"):
        page.goto(f"/admin/{kind}")
        page.locator(".tree li a").nth(1).click()
        page.wait_for_load_state()
        yield page.url
    for address in (
        "people/new",
        "import/people",
        "wording",
        "settings",
        "audit",
        "absences",
        "routing",
        "deadlines",
        "replies",
        "replies/new",
    ):
        page.goto(f"/admin/{address}")
        yield page.url
    page.goto("/admin/routing/new")
    page.fill("[name=words]", "e")
    page.select_option("[name=grade]", "3")
    page.click("form.sheet .button.main")
    page.wait_for_selector("#trial-title")
    yield page.url
    for address in ("/links/new", "/links/print?all=1"):
        page.goto(address)
        yield page.url
    page.goto("/links")
    page.locator(".shelf a").first.click()
    page.wait_for_load_state()
    yield page.url


def _addresses_at_work(page: Page, language: str) -> Iterator[str]:
    for address in (
        f"/cases?lang={language}",
        "/cases?q=nothing-has-these-words",
        "/cases?ticked=all",
        "/praise",
        "/praise/letters",
        "/links",
        "/account",
        "/notices",
    ):
        page.goto(address)
        yield address
    for listing, entry in (("/cases", ".entry a"), ("/links", ".shelf a")):
        page.goto(listing)
        page.locator(entry).first.click()
        page.wait_for_load_state()
        yield page.url
    page.goto("/cases?status=received&kind=complaint#pane")
    page.locator("details summary").first.click()
    yield "/cases narrowed"
