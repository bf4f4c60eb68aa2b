"""A survey of every type: built by keyboard alone, answered in three languages on a phone without scripts, and counted."""

import csv
import io
import time
from collections import Counter
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import DESKTOP, Running, sign_in
from tests.ground.axe import violations

Visit = Callable[..., BrowserContext]
TYPES = (
    "faces", "stars", "scale", "csat", "ces", "fft", "yes_no", "one", "several", "ranking", "matrix", "line", "words",
    "number", "date",
)  # fmt: skip
TONGUES = {"en": "", "de": " (de)", "ar": " (ar)"}
FEWEST = 5


def looks_well(page: Page) -> None:
    assert violations(page) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def tab_to(page: Page, selector: str) -> None:
    """Go there as whoever has no mouse does."""
    for _ in range(250):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way by keyboard to {selector} on {page.url}")


def write(page: Page, selector: str, words: str) -> None:
    tab_to(page, selector)
    page.keyboard.press("Control+a")
    page.keyboard.type(words)


def press(page: Page, selector: str) -> None:
    tab_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def choose(page: Page, selector: str, value: str) -> None:
    """Choose from a list with the arrow keys."""
    tab_to(page, selector)
    page.keyboard.press("Home")
    for _ in range(60):
        if page.evaluate("selector => document.querySelector(selector).value", selector) == value:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"no {value} in {selector}")


def build(page: Page) -> str:
    """A survey with one question of each type in three languages, by keyboard alone; its address."""
    page.goto("/surveys/new")
    write(page, "#name", "One of each")
    choose(page, "#department", "")
    press(page, "main form button.main")
    address = page.url
    for n, type in enumerate(TYPES, start=1):
        choose(page, "#add-type", type)
        press(page, "#part-add button")
        code = page.locator(".parts > li").last.get_attribute("data-code")
        for tag, mark in TONGUES.items():
            write(page, f"#{code}-text-{tag}", f"Question {n}{mark}")
        for kind in (
            ("row", "option") if type == "matrix" else ("option",) if type in ("one", "several", "ranking") else ()
        ):
            for k in (1, 2, 3):
                for tag, mark in TONGUES.items():
                    write(page, f"#{code}-{kind}-new{k}-{tag}", f"{kind} {k}{mark}")
        press(page, f"#part-{code} form.kept-as-typed button.main")
    tab_to(page, "#part-settings summary")
    page.keyboard.press("Enter")
    for tag, mark in TONGUES.items():
        write(page, f"#settings-title-{tag}", f"One of each{mark}")
    press(page, "#part-settings button.main")
    looks_well(page)
    press(page, "form[action$='/publication'] button")
    expect(page.locator("[role=status]").first).to_contain_text("Published as edition 1")
    return address


def answer(page: Page, address: str, n: int, tag: str) -> None:
    """Answer everything, another way each time."""
    page.goto(f"{address}?lang={tag}")
    codes = page.locator(".asked").evaluate_all(
        "all => all.map(one => (one.id || one.querySelector('[name]').name).replace(/-.*/, ''))"
    )
    assert len(codes) == len(TYPES)
    mark = TONGUES[tag]
    expect(page.locator("h1")).to_contain_text(f"One of each{mark}")
    for code, type in zip(codes, TYPES, strict=True):
        radios = page.locator(f"input[type=radio][name={code}]:not([value=''])")
        boxes = page.locator(f"input[type=checkbox][name^={code}_]")
        selects = page.locator(f"select[name^={code}_]")
        if type == "several":
            boxes.nth(n % boxes.count()).check()
            boxes.nth((n + 1) % boxes.count()).check()
        elif type == "ranking":
            for place in range(selects.count()):
                selects.nth(place).select_option(str((place + n) % selects.count() + 1))
        elif type == "matrix":
            for row in page.locator(f"#{code} .lined").all():
                cells = row.locator("input")
                cells.nth(n % cells.count()).check(force=True)
        elif type in ("line", "words"):
            page.fill(f"[name={code}]", f"{type} {n} {tag}")
        elif type == "number":
            page.fill(f"[name={code}]", str(n * 3))
        elif type == "date":
            page.fill(f"[name={code}]", f"2026-01-{n + 1:02}")
        else:
            radios.nth((3 * n + len(tag)) % radios.count()).check(force=True)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.locator(".send button").click()
    page.wait_for_url("**/thanks*")


def test_built_by_keyboard_answered_in_three_languages_and_counted(visit: Visit, house: Running) -> None:
    desk = visit(viewport=DESKTOP)
    sign_in(desk, next(one for one in house.demo["people"] if one["role"] == "admin"))
    page = desk.new_page()
    address = build(page)
    page.goto("/links?points_at=department")
    page.locator(".shelf a").first.click()
    page.wait_for_url("**/links/*")
    number = address.rpartition("/")[2].partition("?")[0]
    page.locator("summary", has_text="Ask a survey or a poll").click()
    page.select_option("#survey", number)
    page.check("[name=moment][value=instead]")
    page.locator("form[action$='/survey'] button").click()
    code = page.locator(".sign .mono").inner_text().rpartition("/")[2]
    for tag in TONGUES:
        seen = visit(locale=tag).new_page()
        seen.goto(f"/q/{code}?lang={tag}")
        looks_well(seen)
        guest = visit(javascript=False, locale=tag)
        for n in range(FEWEST):
            answer(guest.new_page(), f"/q/{code}", n, tag)
    page.goto(f"/links/{page.url.rpartition('/')[2].partition('?')[0]}")
    page.locator("summary", has_text="Ask a survey or a poll").click()
    page.select_option("#survey", "")
    page.locator("form[action$='/survey'] button").click()

    results = f"/surveys/{number}/results"
    for _ in range(60):
        page.goto(results)
        if page.locator(".head .soft").first.inner_text().startswith("15 responses"):
            break
        time.sleep(0.5)
    looks_well(page)
    told = desk.request.get(f"{house.url}{results}.csv").body().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(told)))
    assert len(rows) == 15 and Counter(row["language"] for row in rows) == dict.fromkeys(TONGUES, 5)
    names = [name for name in rows[0] if name.startswith("q")]
    scale = [int(row[names[2]]) for row in rows]
    nps = round(100 * (sum(n >= 9 for n in scale) - sum(n <= 6 for n in scale)) / len(scale))
    fft = round(100 * sum(row[names[5]] in ("very_good", "good") for row in rows) / 15)
    happy = round(100 * sum(row[names[0]] in ("4", "5") for row in rows) / 15)
    figures = page.locator(".figure-line b").all_inner_texts()
    assert {f"{nps:+d}", f"{fft}%", f"{happy}%"} <= set(figures), figures
    for place, name in ((0, names[0]), (6, names[6])):
        block = page.locator(".asked-result").nth(place)
        shown = [int(text) for text in block.locator("tbody td:nth-of-type(1)").all_inner_texts()]
        assert sorted(shown) == sorted(
            [*Counter(row[name] for row in rows).values(), *[0] * (len(shown) - len({row[name] for row in rows}))]
        )
