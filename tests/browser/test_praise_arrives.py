"""Praise on the phones of those it is for, the moment it is sent, and their thanks behind the customer's receipt."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import Running, sign_in

Visit = Callable[..., BrowserContext]
SOON = 2000  # milliseconds


def waiting(visit: Visit, person: dict[str, Any]) -> Page:
    """The page of letters of one who has it open on their phone."""
    phone = visit()
    sign_in(phone, person)
    page = phone.new_page()
    page.goto("/praise")
    page.evaluate("window.isTheSame = true")
    return page


def tap(page: Page, link: str, **fields: str) -> str:
    """Say thanks by two taps, and fill in what else is asked for; the receipt."""
    page.goto(link)
    page.locator("label", has=page.locator("[name=kind][value=compliment]")).click()
    if "person_note" in fields:
        page.locator("label", has=page.locator("#person-else")).click()
    for name, text in fields.items():
        page.fill(f"[name={name}]", text)
    page.click(".send button")
    page.wait_for_url("**/thanks")
    return page.inner_text("code").strip()


def newest(page: Page) -> Locator:
    return page.locator(".book .letter").first


def arrives(page: Page, words: str) -> None:
    """The letter is at the head within two seconds, on the page that was open all the time."""
    expect(newest(page)).to_contain_text(words, timeout=SOON)
    assert page.evaluate("window.isTheSame") is True


def come_back(page: Page, receipt: str) -> Locator:
    page.goto(f"/r#{receipt}")
    return page.locator("main")


def test_for_one_person_and_thanked_by_one_tap(visit: Visit, house: Running) -> None:
    maria, tablet = (waiting(visit, house.praised()) for _ in range(2))
    customer = visit().new_page()
    receipt = tap(customer, house.link("person"))
    for page in (maria, tablet):
        arrives(page, "No words, just thanks")
        expect(newest(page)).to_contain_text("New")
    expect(maria.locator("#arrived")).to_have_text("1 new letter")
    newest(maria).get_by_role("button", name="Say thank you").click()
    expect(newest(maria)).to_contain_text("You said thank you")
    expect(come_back(customer, receipt)).to_contain_text("Thank you for your kind words")


def test_for_the_whole_team_and_thanked_with_a_line(visit: Visit, house: Running) -> None:
    sam, kofi = (waiting(visit, house.person(name)) for name in ("Sam Ortega", "Kofi Mensah"))
    customer, words = visit().new_page(), "Six boxes, not one dent, and a smile at the door. Thank you all!"
    receipt = tap(customer, house.link("department"), message=words)
    for page in (sam, kofi):
        arrives(page, words)
    newest(sam).get_by_role("link", name="With a line").click()
    sam.get_by_label("Your line").fill("It was a good day for boxes.")
    sam.get_by_role("button", name="Say thank you").click()
    expect(newest(sam)).to_contain_text("It was a good day for boxes.")
    expect(come_back(customer, receipt)).to_contain_text("It was a good day for boxes.")
    expect(newest(kofi).get_by_role("button", name="Say thank you")).to_be_visible()


def test_for_someone_described_whom_the_manager_knows(visit: Visit, house: Running) -> None:
    boss, customer = visit(), visit().new_page()
    words = "She warmed the bottle for my baby before I had even sat down."
    receipt = tap(
        customer, house.link("place"), person_note="the tall one with the green apron, about three", message=words
    )
    leila = waiting(visit, house.person("Leila Aziz"))
    sign_in(boss, house.person("Amira Haddad"))
    desk = boss.new_page()
    desk.goto("/praise?whose=waiting")
    letter = desk.locator(".letter", has_text=words)
    expect(letter).to_contain_text("the tall one with the green apron, about three")
    assert words not in leila.inner_text("main")
    letter.get_by_role("button", name="Leila Aziz").click()
    arrives(leila, words)
    expect(desk.locator("main")).to_contain_text("It reached Leila.")
    newest(leila).get_by_role("button", name="Say thank you").click()
    expect(newest(leila)).to_contain_text("You said thank you")
    expect(come_back(customer, receipt)).to_contain_text("Thank you for your kind words")
