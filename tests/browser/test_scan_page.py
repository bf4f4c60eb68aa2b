"""The scan page in a real browser: one response, usable at once, by everyone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.conftest import DESKTOP, PHONE, Running
from tests.ground.axe import violations

LANGUAGES = ("en", "de", "ar")
COLOURS_IN = "en"  # they are the same in every language, and axe skips them in Arabic
Visit = Callable[..., BrowserContext]


@pytest.mark.parametrize("javascript", [True, False])
def test_it_is_one_response_without_a_cookie(visit: Visit, house: Running, javascript: bool) -> None:
    """The pictures of one pixel come after it, and nothing waits for them."""
    context = visit(javascript=javascript)
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(house.link("place"))
    page.wait_for_load_state("networkidle")
    assert [url for url in requests if "favicon" not in url and not url.endswith(".gif")] == [house.link("place")]
    assert context.cookies() == []


@pytest.mark.parametrize(
    ("points_at", "language", "scheme"),
    [
        ("place", "en", "light"),
        ("place", "en", "dark"),
        ("place", "de", "light"),
        ("place", "ar", "dark"),
        ("person", "en", "dark"),
        ("department", "ar", "light"),
    ],
)
def test_axe_finds_nothing(visit: Visit, house: Running, points_at: str, language: str, scheme: str) -> None:
    page = visit(locale=language, scheme=scheme).new_page()
    page.goto(house.link(points_at))
    assert page.get_attribute("html", "lang") == language
    assert violations(page, contrast=language == COLOURS_IN) == []
    for kind in ("compliment", "complaint", "suggestion"):
        page.check(f"[name=kind][value={kind}]", force=True)
        assert violations(page, contrast=language == COLOURS_IN) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP, {"width": 320, "height": 640}])
def test_nothing_runs_out_of_the_page(visit: Visit, house: Running, language: str, viewport: dict[str, int]) -> None:
    page = visit(locale=language, viewport=viewport).new_page()
    page.goto(house.link("place"))
    for kind in ("compliment", "complaint", "suggestion"):
        page.check(f"[name=kind][value={kind}]", force=True)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_two_taps_from_scan_to_sent(visit: Visit, house: Running) -> None:
    page = visit(javascript=False).new_page()
    page.goto(house.link("person"))
    page.get_by_text("Say thanks").tap() if page.evaluate("'ontouchstart' in window") else page.get_by_text(
        "Say thanks"
    ).click()
    send = page.locator(".send button")
    box = send.bounding_box()
    assert box
    assert box["y"] + box["height"] <= PHONE["height"], "Send can be seen without scrolling"
    send.click()
    page.wait_for_url("**/thanks")
    assert "will read this" in page.inner_text("main")


def test_the_keyboard_alone_sends_a_complaint(visit: Visit, house: Running) -> None:
    page = visit(javascript=False, viewport=DESKTOP).new_page()
    page.goto(house.link("place"))
    _tab_to(page, "[name=kind]")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    assert page.is_checked("[name=kind][value=complaint]")
    _tab_to(page, "[name=message]")
    page.keyboard.type("The soup was cold.")
    _tab_to(page, ".send button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/thanks")


def test_without_has_everything_shows(visit: Visit, house: Running) -> None:
    context = visit(javascript=False)

    def forget_has(route: object) -> None:
        answer = route.fetch()  # type: ignore[attr-defined]
        headers = {name: value for name, value in answer.headers.items() if name != "content-security-policy"}
        route.fulfill(  # type: ignore[attr-defined]
            response=answer,
            headers=headers,
            body=answer.text().replace("@supports selector(:has(*))", "@supports (x:y)"),
        )

    context.route("**/q/*", forget_has)
    page = context.new_page()
    page.goto(house.link("place"))
    for name in ("message", "person_note", "happened_at", "contact_email", "may_share"):
        assert page.locator(f"[name={name}]").is_visible(), name
    for hint in ("Not needed for thanks.", "Only for a complaint."):
        assert page.get_by_text(hint).first.is_visible(), hint


def test_a_topic_that_went_out_of_sight_does_not_go_along(visit: Visit, house: Running) -> None:
    page = visit(javascript=False).new_page()
    page.goto(house.link("place"))
    page.check("[name=kind][value=complaint]", force=True)
    page.locator("[name=topic]:not([value=''])").first.check(force=True)
    page.check("[name=kind][value=compliment]", force=True)
    assert not page.locator("#topic").is_visible()
    assert not page.get_by_text("Not needed for thanks.").first.is_visible()
    page.click(".send button")
    page.wait_for_url("**/thanks")
    assert page.inner_text("main").count("will read this") == 1


def test_after_an_error_everything_typed_is_still_there(visit: Visit, house: Running) -> None:
    page = visit(javascript=False).new_page()
    page.goto(house.link("place"))
    page.check("[name=kind][value=complaint]", force=True)
    page.check("[name=may_contact]", force=True)
    page.fill("[name=contact_name]", "Noor")
    page.click(".send button")
    assert page.locator("[role=alert]").count() == 1
    assert page.is_checked("[name=kind][value=complaint]")
    assert page.input_value("[name=contact_name]") == "Noor"
    assert violations_without_script(page) == []


def violations_without_script(page: Page) -> list[str]:
    """What can be seen without axe: every error is tied to its field."""
    told = page.locator("[aria-invalid=true]")
    return [
        name for name in told.evaluate_all("all => all.filter(e => !e.getAttribute('aria-describedby')).map(e => e.id)")
    ]


@pytest.mark.parametrize("points_at", ["person", "place"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP])
def test_a_scan_counts_when_shown_and_a_start_when_a_kind_is_chosen(
    visit: Visit, house: Running, points_at: str, viewport: dict[str, int]
) -> None:
    page = visit(viewport=viewport).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page.goto(house.link(points_at))
    page.wait_for_load_state("networkidle")
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    page.wait_for_timeout(300)
    assert [name for name in asked if name.endswith(".gif")] == ["scan.gif"]
    with page.expect_request("**/start.gif") as begun:
        page.check("[name=kind][value=complaint]", force=True)
    answer = begun.value.response()
    assert answer and answer.status == 200 and "set-cookie" not in answer.headers
    page.check("[name=kind][value=compliment]", force=True)
    page.wait_for_timeout(300)
    assert [name for name in asked if name.endswith(".gif")] == ["scan.gif", "start.gif"]


def _tab_to(page: Page, selector: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(f"document.activeElement.matches({selector!r})"):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")
