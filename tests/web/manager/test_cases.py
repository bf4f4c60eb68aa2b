"""The list of cases: what is in it, what narrows it, and what it costs."""

from importlib import import_module

import pytest
from flask import Flask
from flask.testing import FlaskClient

from feedback import clock
from feedback.core.cases import Case
from feedback.db import Store
from tests.factories import Cast, send
from tests.ground.pages import links, visible_text, well_formed
from tests.ground.tree import PageText
from tests.story import NO_IDS, arrives, at_work, statements

LONG = "The soup was cold, the spoon was missing and nobody came although I waved for a long, long time until"


def firsts(browser: FlaskClient, address: str = "/cases") -> list[str]:
    """The first words of each row on one page."""
    answer = browser.get(address)
    assert answer.status_code == 200, address
    rows = [e for e in PageText(answer.text).elements if e.tag in ("h2", "h3") and e.attributes.get("class") == "first"]
    return [" ".join(row.text.split()) for row in rows]


def older(browser: FlaskClient, address: str) -> str | None:
    return next((link.href for link in links(browser.get(address).text) if link.text == "Show older"), None)


def test_a_row_begins_with_the_words_and_says_what_matters(app: Flask, store: Store, cast: Cast) -> None:
    send(app.test_client(), cast.table_link, kind="complaint", message=LONG, topic=cast.cold_food)
    page = at_work(app, cast, "berta").get("/cases")
    assert well_formed(page.text) == []
    shown = visible_text(page.text)
    assert LONG[:80] in shown
    for said in ("1 case", "Complaint", "Cold food", "Table 4", "Kitchen", "Nobody handles it yet", "Received"):
        assert said in shown, said


@pytest.mark.parametrize("before", ["", " \n" * 300, "\u3000\t"])
def test_eighty_characters_of_the_words_are_shown_whatever_stands_before(
    app: Flask, store: Store, cast: Cast, before: str
) -> None:
    words = "汤是冷的，" * 100
    arrives(store, cast.kitchen_link, message=before + words)
    (first,) = firsts(at_work(app, cast, "berta"))
    assert first.startswith(words[:80])


def test_words_are_never_markup(app: Flask, store: Store, cast: Cast) -> None:
    arrives(store, cast.kitchen_link, message="<img src=x onerror=alert(1)></a><script>alert(2)</script>")
    shown = at_work(app, cast, "berta").get("/cases?q=<script>").text
    assert "<img src=x" not in shown
    assert "<script>alert" not in shown
    assert firsts(at_work(app, cast, "berta")) == ["<img src=x onerror=alert(1)></a><script>alert(2)</script>"]


def test_an_empty_list_says_what_will_appear(app: Flask, cast: Cast) -> None:
    assert "you read it here in their own words" in visible_text(at_work(app, cast, "berta").get("/cases").text)
    assert "Nothing matches" in visible_text(at_work(app, cast, "berta").get("/cases?q=soup").text)


def test_each_filter_stands_in_the_address_and_can_be_taken_away(app: Flask, store: Store, cast: Cast) -> None:
    now = clock.now()  # so that nothing is overdue
    table = arrives(store, cast.table_link, message="table", at=now)
    arrives(store, cast.table_link, topic_ids=(cast.missing_parts,), message="packing", at=now)
    arrives(store, cast.kitchen_link, kind="suggestion", message="idea", at=now)
    with store.write() as session:
        case = session.get_one(Case, table)
        case.handler_id, case.status = cast.karim, "in_progress"
    anna = at_work(app, cast, "anna")
    wanted = {
        "status=in_progress": ["table"],
        f"department={cast.packing}": ["packing"],
        f"place={cast.table}": ["packing", "table"],
        "kind=suggestion": ["idea"],
        f"handler={cast.karim}": ["table"],
        "q=TABLE": ["table"],
        f"place={cast.table}&status=received": ["packing"],
        "status=closed": [],
        "status=open": ["idea", "packing", "table"],
        "status=&department=&q=+&kind=&handler=&place=&after=": ["idea", "packing", "table"],
    }
    for way, expected in wanted.items():
        assert firsts(anna, f"/cases?{way}") == expected, way
    page = anna.get(f"/cases?kind=complaint&status=received&q=pack&lang=en&place={cast.table}").text
    chips = [e for e in PageText(page).elements if e.tag == "a" and e.attributes.get("class") == "chip"]
    assert [chip.attributes["href"] for chip in chips] == [
        f"/cases?kind=complaint&place={cast.table}&q=pack",
        f"/cases?status=received&place={cast.table}&q=pack",
        "/cases?status=received&kind=complaint&q=pack",
        f"/cases?status=received&kind=complaint&place={cast.table}",
    ]
    assert 'name="q" value="pack"' in page


def test_search_finds_any_script_and_no_wildcards(app: Flask, store: Store, cast: Cast) -> None:
    for words in ("50 % of the soup", "الحساء بارد", "汤是冷的", "a_b", "O'Neill; drop table"):
        arrives(store, cast.kitchen_link, message=words)
    berta = at_work(app, cast, "berta")
    found = {
        "%": [],
        "50 %": ["50 % of the soup"],
        "_": [],
        "a_b": ["a_b"],
        "بارد": ["الحساء بارد"],
        "冷": ["汤是冷的"],
        "o'neill;": ["O'Neill; drop table"],
        "so\0up": ["50 % of the soup"],
        "\\": [],
        "x" * 10_000: [],
        "\ud83d\ude4f".encode("utf-16", "surrogatepass").decode("utf-16"): [],
    }
    for q, expected in found.items():
        answer = berta.get("/cases", query_string={"q": q})
        assert answer.status_code == 200
        assert firsts(berta, answer.request.full_path) == expected, q
    assert berta.get("/cases?q=%ff%fe%ed%a0%80").status_code == 200


def test_what_no_filter_can_be_is_not_there(app: Flask, cast: Cast) -> None:
    berta = at_work(app, cast, "berta")
    for name in ("department", "place", "handler", "after"):
        for value in NO_IDS[:6]:
            assert berta.get(f"/cases?{name}={value}").status_code == 404, (name, value)
    for way in ("status=opened", "status=%00", "kind=praise", "kind=compliment", "kind=%00", "status='--"):
        assert berta.get(f"/cases?{way}").status_code == 404, way
    assert firsts(berta, "/cases?department=1&place=1&handler=1&after=1") == []
    for way in ("severity=abc", "severity=5", "overdue=x", "overdue=%00"):
        assert berta.get(f"/cases?{way}").status_code == 404, way
    assert firsts(berta, "/cases?status[]=open&unknown=y") == []


def test_no_word_in_the_address_leads_elsewhere(app: Flask, store: Store, cast: Cast) -> None:
    arrives(store, cast.kitchen_link)
    tricks = "_external=1&_scheme=javascript&_anchor=x&_method=POST&endpoint=y&values=z&self=1"
    page = at_work(app, cast, "berta").get(f"/cases?status=received&q=soup&{tricks}")
    assert page.status_code == 200
    assert all(link.href.startswith(("/", "?", "#")) for link in links(page.text))


def test_more_than_a_page_is_paged_without_gap_or_repeat(app: Flask, store: Store, cast: Cast) -> None:
    for number in range(123):
        arrives(store, cast.kitchen_link, message=f"Case {number}", at=clock.now())
    for key, start in (("berta", "/cases"), ("anna", f"/cases?department={cast.kitchen}&q=case")):
        browser, way, found = at_work(app, cast, key), start, []
        while way:
            found += firsts(browser, way)
            way = older(browser, way) or ""
        assert found == [f"Case {number}" for number in reversed(range(123))]
    assert "123 cases" in visible_text(at_work(app, cast, "dora").get("/cases").text)
    assert at_work(app, cast, "paula").get("/cases").text.count("Case 1") == 0


def test_beyond_a_thousand_nobody_counts(app: Flask, store: Store, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("feedback.core.cases.tally"), "MOST", 2)
    for _ in range(4):
        arrives(store, cast.kitchen_link)
    assert "2+ cases" in visible_text(at_work(app, cast, "berta").get("/cases").text)


def test_a_page_costs_the_same_however_many_cases_there_are(app: Flask, store: Store, cast: Cast) -> None:
    costs = []
    for many in (1, 40):
        for _ in range(many):
            arrives(store, cast.table_link, topic_ids=(cast.cold_food,))
        for key in ("berta", "anna"):
            browser = at_work(app, cast, key)
            browser.get("/cases")
            with statements(app) as seen:
                browser.get("/cases")
            costs.append(len(seen))
    assert costs[:2] == costs[2:]
    assert max(costs) < 30


def test_whoever_handles_nothing_sees_no_way_to_cases(app: Flask, store: Store, cast: Cast) -> None:
    case = arrives(store, cast.kitchen_link)
    ways = [link.href for link in links(at_work(app, cast, "karim").get("/praise").text)]
    assert "/cases" not in ways
    assert firsts(at_work(app, cast, "karim")) == []
    with store.write() as session:
        session.get_one(Case, case).handler_id = cast.karim
    ways = [link.href for link in links(at_work(app, cast, "karim").get("/praise").text)]
    assert "/cases" in ways
    assert firsts(at_work(app, cast, "karim")) == ["The soup was cold"]
