"""A complaint with photos, on a phone without JavaScript; at work they open large, and an answer brings one back."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import DESKTOP, Running, sign_in
from tests.ground import hostile
from tests.ground.axe import violations

Visit = Callable[..., BrowserContext]


@pytest.fixture
def shots(tmp_path: Path) -> list[Path]:
    """Two photos on the phone, and a file that is none."""
    kept = [tmp_path / name for name in ("one.jpg", "two.jpg", "three.jpg")]
    for path, data in zip(kept, (hostile.jpeg(), hostile.jpeg(quality=40), hostile.OTHERS["heic"]), strict=True):
        path.write_bytes(data)
    return kept


def loaded(page: Page) -> list[int]:
    """How wide each photo is by nature, once it is there."""
    for photo in page.locator(".photos img").all():
        photo.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    widths: list[int] = page.eval_on_selector_all(".photos img", "all => all.map(img => img.naturalWidth)")
    return widths


def test_photos_go_both_ways_without_javascript(visit: Visit, house: Running, shots: list[Path]) -> None:
    phone = visit(javascript=False).new_page()
    phone.goto(house.link("department"))
    assert not phone.locator("[name=photo]").is_visible()
    phone.check("[value=compliment]", force=True)
    assert not phone.locator("[name=photo]").is_visible()
    phone.check("[value=complaint]", force=True)
    phone.set_input_files("[name=photo]", [shots[0], shots[2]])
    phone.click(".send button")
    expect(phone.locator("[role=alert]")).to_contain_text("no photo that can be read here")
    phone.set_input_files("[name=photo]", shots[:2])
    phone.click(".send button")
    phone.wait_for_url("**/thanks")
    receipt = phone.inner_text("code")

    department = next(link["name"] for link in house.demo["links"] if link["points_at"] == "department")
    manager = next(p for p in house.demo["people"] if (p["role"], p["department"]) == ("manager", department))
    desk = visit(viewport=DESKTOP)
    sign_in(desk, manager)
    page = desk.new_page()
    page.goto("/cases")
    page.get_by_role("link", name="2 photos, without words").first.click()
    assert loaded(page) == [240, 240] and violations(page) == []
    with desk.expect_page() as opened:
        page.locator(".photos a").first.click()
    large = opened.value
    large.wait_for_load_state()
    assert large.eval_on_selector("img", "img => [img.naturalWidth, img.naturalHeight]") == [240, 160]
    page.fill("#reply-text", "Does it look like this now?")
    page.set_input_files("#reply-photos", shots[0])
    page.check("[name=says][value=asked]")
    page.get_by_role("button", name="Send to the customer").click()
    expect(page.locator("[role=status]")).to_contain_text("Sent.")
    assert len(loaded(page)) == 3

    phone.goto("/r")
    phone.fill("[name=receipt]", receipt)
    phone.click("main form button")
    assert loaded(phone) == [240, 240, 240]
    phone.set_input_files("[name=photo]", shots[1])
    phone.click("[name=act][value=write]")
    expect(phone.locator(".mine .photos img")).to_have_count(1)
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.goto(phone.locator(".mine .photos a").get_attribute("href") or "").status == 404  # theirs alone
