"""The main journey, by several people in browsers of their own: scan, write, read, and come back."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import DESKTOP, Running, sign_in

Visit = Callable[..., BrowserContext]


def send(page: Page, link: str, kind: str, words: str, *photos: Path) -> str:
    """Send words through a link, and photos where there are any; the receipt."""
    page.goto(link)
    page.check(f"[name=kind][value={kind}]", force=True)
    page.fill("[name=message]", words)
    if photos:
        page.set_input_files("[name=photo]", list(photos))
    page.click(".send button")
    page.wait_for_url("**/thanks")
    return page.inner_text("code").strip()


def test_praise_reaches_the_very_person_and_the_customer_sees_it_read(visit: Visit, house: Running) -> None:
    customer = visit().new_page()
    receipt = send(customer, house.link("person"), "compliment", "You carried the olive tree to my car. Thank you!")
    maria = visit()
    sign_in(maria, house.praised())
    page = maria.new_page()
    page.goto("/praise")
    expect(page.locator(".letter").first).to_contain_text("You carried the olive tree to my car.")
    customer.goto(f"/r#{receipt}")
    expect(customer.locator("main")).to_contain_text("read your words")
    assert "#" not in customer.url
    mail = house.mail.wait_for(house.praised()["email"], timeout=10)
    assert "olive tree" in mail[-1].get_body(("plain",)).get_content()


def test_a_complaint_about_a_person_reaches_their_manager_and_not_them(visit: Visit, house: Running) -> None:
    words = "My change was ten short, and nobody looked up."
    send(visit().new_page(), house.link("person"), "complaint", words)
    about = house.praised()
    manager = next(p for p in house.demo["people"] if p["role"] == "manager" and p["department"] == about["department"])
    desk = visit(viewport=DESKTOP)
    sign_in(desk, manager)
    page = desk.new_page()
    page.goto("/cases")
    page.get_by_role("link", name=words).click()
    expect(page.locator("main")).to_contain_text("It is about")
    case = page.url
    maria = visit()
    sign_in(maria, about)
    hidden = maria.new_page()
    assert hidden.goto(case).status == 404
    hidden.goto("/praise")
    assert words not in hidden.inner_text("body")


def test_a_case_is_handed_over_and_noted(visit: Visit, house: Running) -> None:
    words = "The door to the terrace sticks, my wheelchair could not get through."
    send(visit().new_page(), house.link("place"), "complaint", words)
    head = next(p for p in house.demo["people"] if p["role"] == "manager" and p["name"] == "Helen Marsh")
    desk = visit(viewport=DESKTOP)
    sign_in(desk, head)
    page = desk.new_page()
    page.goto("/cases?q=wheelchair")
    page.locator(".entry a").first.click()
    page.select_option("[name=handler]", index=1)
    page.get_by_role("button", name="Hand over").click()
    expect(page.locator("[role=status]")).to_contain_text("Handed over")
    page.fill("form[action*='/notes'] [name=text]", "The carpenter comes on Thursday.")
    page.get_by_role("button", name="Keep this note").click()
    expect(page.locator("main")).to_contain_text("The carpenter comes on Thursday.")


def test_a_receipt_typed_on_another_device_opens_the_words(visit: Visit, house: Running) -> None:
    receipt = send(visit().new_page(), house.link("department"), "suggestion", "Please deliver on Saturdays too.")
    other = visit(javascript=False, locale="de").new_page()
    other.goto("/r")
    other.fill("[name=receipt]", receipt.lower().replace("-", " "))
    other.click("main form button")
    expect(other.locator("main")).to_contain_text("Please deliver on Saturdays too.")
