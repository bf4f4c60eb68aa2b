"""The first run in a real browser: from the address in the log to the page of the first code, by keyboard."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from playwright.sync_api import Browser, Page, expect

from feedback.web import accent
from tests.browser.conftest import DESKTOP, PHONE, Empty, starting
from tests.ground.axe import violations

ENOUGH = 20.0  # seconds for the pages and the machine, of the two minutes that a person has


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Empty]:
    """A server without an organisation."""
    with starting(tmp_path, demo=False) as server:
        yield server


def press_through(page: Page, fields: dict[str, str]) -> None:
    """Type into each field as the tabulator reaches it."""
    for _ in range(80):
        name = page.evaluate("document.activeElement.name || ''")
        if name in fields:
            page.keyboard.type(fields.pop(name))
        if not fields:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {sorted(fields)}")


def test_from_the_log_to_the_first_code_by_keyboard(browser: Browser, empty: Empty) -> None:
    context = browser.new_context(base_url=empty.url, viewport=DESKTOP, locale="en", timezone_id="Asia/Tokyo")  # type: ignore[arg-type]
    page, begun = context.new_page(), time.monotonic()
    page.goto(empty.set_up)
    assert page.input_value("[name=timezone]") == "Asia/Tokyo"
    said = {"name": "Corner Bakery", "admin_name": "Ada Byron", "email": "ada@bakery.example", "password": "x" * 12}
    press_through(page, said)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/links/\d+$"))
    taken = time.monotonic() - begun
    expect(page.locator("[role=status]")).to_contain_text("print this one")
    expect(page.locator("h1")).to_have_text("Corner Bakery")
    assert taken < ENOUGH
    assert violations(page) == []
    assert page.goto(empty.set_up).status == 404  # type: ignore[union-attr]
    code = page.goto("/links") and page.inner_text(".shelf .mono >> nth=0").rpartition("/")[2]
    customer = browser.new_context(base_url=empty.url, viewport=PHONE, java_script_enabled=False).new_page()  # type: ignore[arg-type]
    customer.goto(f"/q/{code}")
    expect(customer.locator("h1")).to_have_text("Corner Bakery")


def test_from_the_set_up_page_to_a_printed_poster_that_opens_the_form(browser: Browser, empty: Empty) -> None:
    page, begun = browser.new_page(base_url=empty.url, viewport=DESKTOP, locale="en"), time.monotonic()
    page.goto(empty.set_up)
    page.fill("[name=name]", "Corner Bakery")
    page.fill("[name=admin_name]", "Ada Byron")
    page.fill("[name=email]", "ada@bakery.example")
    page.fill("[name=password]", "x" * 12)
    page.click("main button.main")
    page.click("text=Print this code")
    poster = page.locator(".proof img")
    expect(poster).to_be_visible()
    address = page.evaluate("'/links/print?' + new URLSearchParams(new FormData(document.querySelector('.press')))")
    made = page.request.get(address)  # what the button opens; a headless browser would only save it
    taken = time.monotonic() - begun
    assert made.headers["content-type"] == "application/pdf" and taken < ENOUGH
    paper = pypdfium2.PdfDocument(made.body())[0].render(scale=2).to_pil()
    (code,) = zxingcpp.read_barcodes(paper)
    customer = browser.new_page(viewport=PHONE)
    customer.goto(code.text)
    expect(customer.locator("h1")).to_have_text("Corner Bakery")


@pytest.mark.parametrize(
    ("language", "viewport", "scheme"),
    [("en", PHONE, "light"), ("en", DESKTOP, "dark"), ("de", DESKTOP, "light"), ("ar", PHONE, "dark")],
)
def test_its_pages_are_for_everyone(
    browser: Browser, bare: Empty, language: str, viewport: dict[str, int], scheme: str
) -> None:
    context = browser.new_context(
        base_url=bare.url,
        viewport=viewport,
        locale=language,
        color_scheme=scheme,
        reduced_motion="reduce",  # type: ignore[arg-type]
    )
    page = context.new_page()
    for address in ("/cases", f"{bare.url}/set-up?token=wrong", bare.set_up):
        page.goto(address)
        assert page.get_attribute("html", "lang") == language
        assert violations(page, contrast=language == "en") == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address
    page.click("main button")
    expect(page.locator("[aria-invalid=true]")).to_have_count(4)
    assert violations(page, contrast=language == "en") == []
    context.close()


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Empty]:
    """As `empty`, for those who leave it so."""
    with starting(tmp_path_factory.mktemp("bare"), demo=False) as server:
        yield server


def test_the_colour_is_shown_as_the_server_would_adjust_it(browser: Browser, bare: Empty) -> None:
    page = browser.new_context(base_url=bare.url, locale="en").new_page()
    page.goto(bare.set_up)
    for colour in ("#ffee00", "#0a0a0a", "#8c3030"):
        page.fill("[name=accent]", colour)
        drawn = page.eval_on_selector_all(
            "[data-sample] rect:nth-child(2)", "all => all.map(e => e.getAttribute('fill'))"
        )
        assert drawn == [pair[0] for pair in accent.pairs(colour)]
