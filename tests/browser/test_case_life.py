"""The whole life of an anonymous complaint: two people at work, a customer on two devices, and the mail server."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Running, sign_in
from tests.browser.test_journey import send
from tests.ground import hostile
from tests.ground.axe import violations

Visit = Callable[..., BrowserContext]
WORDS = "The parcel stood in the rain for two days, and the roses are brown."


def reply(page: Page, text: str, says: str) -> None:
    page.fill("#reply-text", text)
    page.check(f"[name=says][value={says}]")
    page.get_by_role("button", name="Send to the customer").click()
    expect(page.locator("[role=status]")).to_contain_text("Sent.")


def begun_with_a_template(page: Page) -> str:
    """What the reply says once a template was put in without leaving the page; what was typed stays above it."""
    page.fill("#reply-text", "Thank you.")
    page.select_option("#reply-template", label="Please tell us more")
    page.get_by_role("button", name="Put it in").click()
    assert page.input_value("#reply-text").startswith("Thank you.\n\nDear customer,")
    page.fill("#reply-text", "")
    page.select_option("#reply-template", label="Please tell us more")
    page.get_by_role("button", name="Put it in").click()
    assert page.is_checked("[name=says][value=asked]") and not page.url.endswith("/draft")
    return page.input_value("#reply-text")


def close(page: Page) -> None:
    page.locator("details.leaving summary").click()
    for field, value in (("outcome", "upheld"), ("cause", "process"), ("remedy", "apology")):
        page.select_option(f"[name={field}]", value)
    page.locator("form[action$='/closure'] button").click()
    expect(page.locator("[role=status]")).to_contain_text("Closed.")


def looks_well(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
    assert violations(page) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = false })")


def test_an_anonymous_complaint_from_the_scan_to_a_second_reviewer(
    visit: Visit, house: Running, tmp_path: Path
) -> None:
    department = next(link["name"] for link in house.demo["links"] if link["points_at"] == "department")
    managers = [p for p in house.demo["people"] if p["role"] == "manager"]
    manager = next(p for p in managers if p["department"] == department)
    head = next(p for p in managers if p["name"] == "Helen Marsh")
    assert manager["email"] != head["email"]
    photo = tmp_path / "roses.jpg"
    photo.write_bytes(hostile.jpeg())
    receipt = send(visit().new_page(), house.link("department"), "complaint", WORDS, photo)

    office = visit(viewport=DESKTOP)
    sign_in(office, next(p for p in house.demo["people"] if p["role"] == "admin"))
    templates = office.new_page()
    templates.goto("/admin/replies")
    templates.get_by_role("button", name="Start with ours").click()
    expect(templates.locator("[role=status]")).to_contain_text("5 templates are yours now.")

    desk = visit(viewport=DESKTOP)
    sign_in(desk, manager)
    page = desk.new_page()
    page.goto("/cases")
    page.get_by_role("link", name=WORDS).click()
    case = page.url
    expect(page.locator(".photos img")).to_have_count(1)
    expect(page.locator("main")).to_contain_text("It was sent to")
    expect(page.locator("main")).to_contain_text("Acknowledge by")
    looks_well(page)
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.locator("main")).to_contain_text("Answer due")
    reply(page, begun_with_a_template(page) + "\nWhen did it come?", "asked")
    expect(page.locator("main")).to_contain_text("Waiting for the customer")

    other = visit(viewport=PHONE, javascript=False).new_page()  # another device, by the typed receipt
    other.goto("/r")
    other.fill("[name=receipt]", receipt.lower().replace("-", " "))
    other.click("main form button")
    expect(other.locator("main")).to_contain_text("When did it come?")
    expect(other.locator("main")).to_contain_text("Dear customer,")
    expect(other.locator("main")).to_contain_text(f"{department} ·")
    other.fill("[name=message]", "On Tuesday, by the red van.")
    other.click("[name=act][value=write]")
    expect(other.locator("main")).to_contain_text("On Tuesday, by the red van.")
    told = house.mail.wait_for(manager["email"], count=2, timeout=10)
    assert any("On Tuesday" in mail.get_body(("plain",)).get_content() for mail in told)

    page.goto(case)
    expect(page.locator("main")).to_contain_text("On Tuesday, by the red van.")
    reply(page, "New roses are on their way.", "answered")
    close(page)
    looks_well(page)

    phone = visit(viewport=PHONE).new_page()
    phone.goto(f"/r#{receipt}")
    expect(phone.locator("main")).to_contain_text("New roses are on their way.")
    looks_well(phone)
    phone.check("[name=settled][value=no]")
    phone.locator("[name=rating][value='2'] + .face").click()
    phone.click("[name=act][value=judge]")
    expect(phone.locator("main")).to_contain_text("You told us what you think of it")
    phone.locator("details summary").click()
    phone.fill("[name=reason]", "They were brown too.")
    phone.click("[name=act][value=reopen]")
    expect(phone.locator("main")).to_contain_text("it is looked at once more")

    assert page.goto(case).status == 404  # whoever decided first sees it no more
    second = visit(viewport=DESKTOP)
    sign_in(second, head)
    again = second.new_page()
    again.goto(case)
    expect(again.locator("main")).to_contain_text("Opened again")
    expect(again.locator("main")).to_contain_text("They were brown too.")
    assert any("opened the case again" in m.get_body(("plain",)).get_content() for m in _mails(house, head["email"]))
    reply(again, "You are right. Your money is on its way back.", "answered")
    close(again)
    told_so = again.locator(".timeline").inner_text()
    steps = (
        "Received",
        "read",
        "asked",
        "The customer wrote",
        "answered",
        "closed",
        "not settled",
        "opened this again",
    )
    assert all(step in told_so for step in steps), told_so
    phone.goto("/r")
    expect(phone.locator("main")).to_contain_text("Your money is on its way back.")
    assert phone.locator("[name=act][value=reopen]").count() == 0


def _mails(house: Running, address: str):
    return house.mail.wait_for(address, timeout=10)
