"""`make shots`: a picture of every page, phone and desktop, light and dark, in three languages, into build/shots/."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import DESKTOP, PHONE, ROOT, Empty, Running, running, sign_in, starting
from tests.ground.browser import browser

SHOTS = ROOT / "build" / "shots"
LOOKS = [
    ("phone", PHONE, "en", "light"),
    ("phone-dark", PHONE, "en", "dark"),
    ("phone-de", PHONE, "de", "light"),
    ("phone-ar", PHONE, "ar", "light"),
    ("desktop", DESKTOP, "en", "light"),
    ("desktop-dark", DESKTOP, "en", "dark"),
    ("desktop-ar", DESKTOP, "ar", "light"),
]


def main() -> None:
    """Take all pictures."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as house, browser() as opened:
        for look, viewport, language, scheme in LOOKS:
            for name, page in _pages(opened, house, viewport, language, scheme):
                page.screenshot(path=SHOTS / f"{name}-{look}.png", full_page=True)
            print(look)
    with tempfile.TemporaryDirectory() as folder, starting(Path(folder), demo=False) as bare, browser() as opened:
        for look, viewport, language, scheme in LOOKS:
            for name, page in _before_set_up(opened, bare, viewport, language, scheme):
                page.screenshot(path=SHOTS / f"{name}-{look}.png", full_page=True)


def _pages(
    opened: Browser, house: Running, viewport: dict[str, int], language: str, scheme: str
) -> Iterator[tuple[str, Page]]:
    def visitor() -> BrowserContext:
        return opened.new_context(base_url=house.url, viewport=viewport, locale=language, color_scheme=scheme)  # type: ignore[arg-type]

    with visitor() as context:
        yield from _of_a_customer(context.new_page(), house)
    with visitor() as context:
        page = context.new_page()
        page.goto("/sign-in")
        yield "sign-in", page
        sign_in(context, house.praised())
        page.goto("/praise")
        yield "praise", page
        page.goto("/praise/letters")
        yield "letters", page
    with visitor() as context:
        yield from _of_an_account(context, house.praised())
    with visitor() as context:
        head = next(person for person in house.demo["people"] if person["role"] == "manager")
        sign_in(context, head)
        yield from _of_a_manager(context.new_page())
    with visitor() as context:
        sign_in(context, next(person for person in house.demo["people"] if person["role"] == "admin"))
        yield from _of_an_admin(context.new_page())
        yield from _of_surveys(context.new_page())


def _of_an_account(context: BrowserContext, person: dict[str, Any]) -> Iterator[tuple[str, Page]]:
    """Password, PIN and second factor of one's own; in the end both are gone again."""
    sign_in(context, person)
    page = context.new_page()
    page.goto("/account")
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
    yield "account", page
    page.fill("[name=pin]", "384756")
    page.fill("[name=proof]", person["password"])
    page.click("form[action$='/devices'] button")
    page.click("form[action$='/second-factor'] button")
    yield "second-factor", page
    page.click("form[action$='/sign-out'] button")
    yield "sign-in-pin", page
    page.click("main form button")
    yield "sign-in-pin-error", page
    sign_in(context, person)
    page.goto("/account")
    page.click("form[action$='/removal'] button")


def _before_set_up(
    opened: Browser, bare: Empty, viewport: dict[str, int], language: str, scheme: str
) -> Iterator[tuple[str, Page]]:
    with opened.new_context(base_url=bare.url, viewport=viewport, locale=language, color_scheme=scheme) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto("/")
        yield "set-up-locked", page
        page.goto(bare.set_up)
        yield "set-up", page
        page.click("main button")
        yield "set-up-error", page


def _of_a_customer(page: Page, house: Running) -> Iterator[tuple[str, Page]]:
    for points_at in ("person", "place"):
        page.goto(house.link(points_at))
        yield f"form-{points_at}", page
    for kind in ("compliment", "complaint", "suggestion"):
        page.check(f"[value={kind}]", force=True)
        yield f"form-{kind}", page
    page.check("[value=complaint]", force=True)
    page.click(".send button")
    yield "form-error", page
    page.fill("[name=message]", "The cake box was crushed, and one of the two spoons was missing.")
    page.click(".send button")
    page.wait_for_url("**/thanks")
    yield "thanks", page
    receipt = page.inner_text("code")
    page.goto("/r")
    yield "receipt", page
    page.fill("[name=receipt]", receipt)
    page.click("main button")
    yield "conversation", page
    page.goto(f"{house.link('place')}?survey=1")
    yield "survey-form", page
    page.goto("/q/00000000")
    yield "unknown", page


def _of_surveys(page: Page) -> Iterator[tuple[str, Page]]:
    """What an admin sees of surveys and polls; what customers see of them is opened from there."""
    page.goto("/surveys")
    yield "surveys", page
    ways = [one.get_attribute("href") or "" for one in page.locator(".entry .first a").all()]
    page.goto("/surveys/new?ready=hotel")
    yield "survey-new", page
    page.goto(f"{ways[-1]}?open=q2")
    yield "survey", page
    page.goto(f"{ways[-1]}/results")
    yield "survey-results", page
    page.goto(f"{ways[-1]}/results/words?question=q5")
    yield "survey-words", page
    page.goto(ways[0])
    poll = page.locator('a[href^="/poll/"]').first.get_attribute("href") or ""
    page.goto(poll)
    yield "poll", page
    page.goto(f"{poll}/screen")
    yield "poll-screen", page


def _of_a_manager(page: Page) -> Iterator[tuple[str, Page]]:
    page.goto("/cases")
    yield "cases", page
    page.goto("/cases?ticked=all")
    yield "cases-to-hand-over", page
    page.goto("/cases?status=open&kind=complaint#pane")
    yield "cases-narrowed", page
    page.goto("/cases")
    page.click(".entry a >> nth=0")
    page.wait_for_url(re.compile(r"/cases/\d+"))
    yield "case", page
    page.goto("/notices")
    yield "news", page
    page.goto("/praise?" + (page.goto("/praise") and _first_department(page)))
    yield "praise-of-department", page
    page.goto("/links")
    yield "links", page
    page.click("h2 a >> nth=0")
    page.wait_for_url(re.compile(r"/links/\d+"))
    yield "link", page
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
    yield "link-open", page
    page.goto("/links/new")
    yield "links-new", page
    page.goto("/links/print?all=1")
    page.wait_for_load_state("networkidle")
    yield "print", page


def _of_an_admin(page: Page) -> Iterator[tuple[str, Page]]:
    for name in ("settings", "wording", "audit"):
        page.goto(f"/admin/{name}")
        yield f"admin-{name}", page
    page.goto("/admin/people")
    yield "people", page
    page.click(".first a >> nth=1")
    page.wait_for_url(re.compile(r"/people/\d+"))
    yield "person", page
    for kind in ("departments", "places", "topics"):
        page.goto(f"/admin/{kind}")
        page.click(".tree li a >> nth=1")
        page.wait_for_url(re.compile(rf"/{kind}/\d+"))
        yield kind, page
    page.goto("/admin/import/people")
    yield "import", page
    page.goto("/admin/absences")
    yield "absences", page
    page.goto("/admin/deadlines?preset=housing")
    yield "deadlines", page
    page.goto("/admin/replies")
    yield "replies", page
    if page.locator("form[action$='/ours']").count():
        page.click("form[action$='/ours'] button")
    page.click(".first a >> nth=0")
    page.wait_for_url(re.compile(r"/replies/\d+"))
    yield "reply", page
    page.goto("/admin/routing")
    yield "routing", page
    page.goto("/admin/routing/new")
    page.fill("[name=words]", "wait\nslow")
    page.select_option("[name=grade]", "3")
    page.click("form.sheet .button.main")
    page.wait_for_selector("#trial-title")
    yield "rule-tried", page
    page.click("[name=on]")
    page.wait_for_selector(".rules")
    yield "routing-rules", page


def _first_department(page: Page) -> str:
    address = page.get_attribute("a[href*='department=']", "href") or ""
    return address.partition("?")[2]


if __name__ == "__main__":
    main()
