"""A wall on a screen: it opens without anyone signed in, takes in new praise, and outlives the server."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.conftest import DESKTOP, Running, sign_in
from tests.browser.test_praise_arrives import newest, waiting
from tests.ground.axe import violations

Visit = Callable[..., BrowserContext]
SOON = 10_000  # milliseconds


def made(visit: Visit, house: Running) -> str:
    """The address of a new wall of the whole organisation."""
    desk = visit(viewport=DESKTOP)
    sign_in(desk, house.person("Helen Marsh"))
    page = desk.new_page()
    page.goto("/walls")
    page.get_by_label("Name").fill("Staff room")
    page.get_by_label("Department").select_option(label="Finch and Fern")
    page.get_by_role("button", name="Make the wall").click()
    return page.get_by_role("link", name="Open the wall").get_attribute("href") or ""


def screen(visit: Visit, address: str, scheme: str = "light") -> tuple[Page, list[str]]:
    """The screen at that address, and what goes wrong on it."""
    page, wrong = visit(viewport=DESKTOP, scheme=scheme).new_page(), list[str]()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(address)
    return page, wrong


def test_praise_reaches_the_wall_once_both_agreed(visit: Visit, house: Running) -> None:
    wall, wrong = screen(visit, made(visit, house))
    maria, customer = waiting(visit, house.praised()), visit().new_page()
    words = "You remembered the name of my dog."
    customer.goto(house.link("person"))
    customer.locator("label", has=customer.locator("[name=kind][value=compliment]")).click()
    customer.fill("[name=message]", words)
    customer.check("[name=may_share]")
    customer.click(".send button")
    expect(newest(maria)).to_contain_text(words, timeout=SOON)
    assert words not in wall.inner_text("body")
    newest(maria).get_by_role("button", name="Show it on the wall").click()
    expect(wall.locator("#words")).to_have_text(words, timeout=SOON)
    expect(wall.locator("#to")).to_contain_text("Maria")
    assert violations(wall) == []
    newest(maria).get_by_role("button", name="Take it off the wall").click()
    expect(wall.locator("body")).not_to_contain_text(words, timeout=SOON)
    assert wrong == [] and wall.context.cookies() == []


def test_without_a_script_it_shows_the_newest_and_draws_itself_anew(visit: Visit, house: Running) -> None:
    address = made(visit, house)
    page = visit(viewport=DESKTOP, javascript=False).new_page()
    page.goto(address)
    assert page.locator("noscript meta[http-equiv=refresh]").count() or "refresh" in page.content()
    expect(page.locator("#words:not(:empty), #said:not(:empty)").first).to_be_visible()


def test_what_a_router_says_in_place_of_the_house_does_not_end_it(visit: Visit, house: Running) -> None:
    address, wrong = made(visit, house), list[str]()
    page = visit(viewport=DESKTOP).new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.route(address, _asking_often)
    page.route("**/feed", lambda route: route.fulfill(content_type="text/html", body="<p>Sign in</p>"), times=1)
    with page.expect_response(lambda answer: "json" in answer.headers.get("content-type", ""), timeout=SOON):
        page.goto(address)
    assert wrong == []


def _asking_often(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace('data-poll="6000"', 'data-poll="100"'))
