"""The inbox on a desk: the list beside the case, by keys; several handed over at one press; and a view kept of it."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Running, sign_in
from tests.ground.axe import violations

Visit = Callable[..., BrowserContext]


def looks_well(page: Page) -> None:
    assert violations(page) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def test_a_manager_reads_hands_over_and_keeps_a_view(visit: Visit, house: Running) -> None:
    head = house.person("Helen Marsh")
    desk = visit(viewport=DESKTOP)
    sign_in(desk, head)
    page = desk.new_page()
    page.goto("/cases?status=open")
    rows = page.locator(".tray .first a")
    opened = rows.nth(1).inner_text()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("o")
    page.wait_for_url(lambda url: "/cases/" in url and "status=open" in url)
    expect(page.locator("[aria-current=true]")).to_have_text(opened)
    expect(page.locator(".pane .words")).to_be_visible()
    assert page.locator(".tray").bounding_box()["x"] < page.locator(".pane").bounding_box()["x"]  # type: ignore[index]
    looks_well(page)
    page.keyboard.press("a")
    expect(page.locator("#handler")).to_be_focused()
    page.locator("h1").first.focus()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("u")
    page.wait_for_url("**/cases?status=open")

    page.keyboard.press("/")
    expect(page.locator("#filter-q")).to_be_focused()
    page.keyboard.type("e?")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=e*")
    page.goto("/cases?status=open&kind=complaint")
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.wait_for_selector("#picking")
    expect(page.locator("#keys-open")).to_be_visible()  # the keys are at work
    expect(page.locator("#picking-handler")).to_be_focused()
    page.evaluate("document.activeElement.blur()")
    expect(page.locator("[name=case]:checked")).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("#ticked")).to_have_text("Ticked: 2")
    looks_well(page)
    able = page.locator("#picking-handler option:enabled").last
    page.select_option("#picking-handler", able.get_attribute("value"))
    page.get_by_role("button", name="Hand over").click()
    expect(page.locator("[role=status]")).to_contain_text("2 cases handed over to")

    page.locator("details.view summary").click()
    page.fill("#view-name", "Complaints to answer")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".way[aria-current]")).to_contain_text("Complaints to answer")
    looks_well(page)
    page.locator("details.view summary").click()
    page.get_by_role("button", name="Delete the view “Complaints to answer”").click()
    expect(page.locator("[role=status]")).to_contain_text("is deleted.")

    phone = visit(viewport=PHONE, javascript=False)
    phone.add_cookies(desk.cookies())
    small = phone.new_page()
    small.goto("/cases?status=open")
    expect(small.locator(".facets")).to_be_hidden()
    small.get_by_role("link", name="Narrow the list").click()
    small.locator(".facet a", has_text="Suggestion").click()
    small.wait_for_url("**kind=suggestion*")
    small.locator(".tray .first a").first.click()
    expect(small.locator(".pane .words")).to_be_visible()
    expect(small.locator(".tray")).to_be_hidden()
    small.get_by_role("link", name="All cases").click()
    small.wait_for_url("**/cases?status=open&kind=suggestion")
    small.get_by_role("link", name="Hand over several").click()
    small.get_by_role("link", name="All on this page").click()
    assert small.locator("[name=case]:checked").count() == small.locator("[name=case]").count()
