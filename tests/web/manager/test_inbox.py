"""The inbox as a mail client: the list beside the case, ways to other lists, numbers beside what narrows it."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from feedback import clock
from feedback.core.absences import Absence
from feedback.core.cases import Case
from feedback.core.routing import RouteRow
from feedback.db import Store, new_id
from tests.factories import Cast
from tests.ground.pages import field_values, links, visible_text, well_formed
from tests.ground.tree import PageText
from tests.story import arrives, at_work, concern, fill_in, statements

# What is shown is worked out after the store was asked; the lists themselves are asked of both in tests/core.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def change(store: Store, case: int, **values: object) -> None:
    with store.write() as session:
        found = session.get_one(Case, case)
        for name, value in values.items():
            setattr(found, name, value)


def calm(store: Store, *cases: int) -> None:
    """Let no deadline run."""
    for case in cases:
        change(store, case, due_at=None)


def ways(page: str) -> dict[str, str]:
    """The lists that are pointed at, and how many cases each is said to have."""
    found = [e for e in PageText(page).elements if e.attributes.get("class") == "way"]
    return dict(" ".join(e.text.split()).rsplit(" ", 1) for e in found)


def values(page: str) -> dict[str, str]:
    """What the list can be narrowed to, and the number beside it."""
    found = [e for e in PageText(page).elements if (e.attributes.get("class") or "").split()[:1] == ["value"]]
    texts = [" ".join(e.text.replace("Remove this filter", "").split()) for e in found]
    return dict(re.fullmatch(r"(.*) ([\d,]+\+?)", text).groups() for text in texts)  # type: ignore[union-attr]


def got(browser: FlaskClient, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, address
    assert well_formed(answer.text) == []
    return answer.text


def test_beside_a_case_stands_the_list_it_was_opened_from(app: Flask, store: Store, cast: Cast) -> None:
    idea = arrives(store, cast.kitchen_link, kind="suggestion", message="An idea")
    soup = arrives(store, cast.kitchen_link, message="Cold soup")
    tea = arrives(store, cast.kitchen_link, message="Cold tea")
    berta = at_work(app, cast, "berta")
    page = got(berta, f"/cases/{soup}?kind=complaint&q=cold")
    shown = [link for link in links(page) if re.match(r"/cases/\d+\?", link.href)]
    assert [link.href for link in shown] == [
        f"/cases/{tea}?kind=complaint&q=cold",
        f"/cases/{soup}?kind=complaint&q=cold",
    ]
    current = [e.attributes["href"] for e in PageText(page).elements if e.attributes.get("aria-current") == "true"]
    assert current == [f"/cases/{soup}?kind=complaint&q=cold"]
    assert "/cases?kind=complaint&q=cold" in [link.href for link in links(page) if link.text == "All cases"]
    assert str(idea) not in page
    assert berta.get(f"/cases/{soup}?kind=praise").status_code == 404


def test_what_is_done_to_a_case_leaves_the_list_as_it_was(app: Flask, store: Store, cast: Cast) -> None:
    case = arrives(store, cast.kitchen_link)
    berta, kept = at_work(app, cast, "berta"), "status=open"
    answer = fill_in(berta, f"/cases/{case}?{kept}", f"/cases/{case}/notes?{kept}", text="Asked the cook")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/cases/{case}?{kept}")
    again = fill_in(berta, f"/cases/{case}?{kept}", f"/cases/{case}/notes?{kept}", text=" ")
    assert again.status_code == 422
    assert f'action="/cases/{case}/notes?{kept}"' in again.text
    assert not [link for link in links(got(berta, f"/links?{kept}")) if kept in link.href and "lang=" not in link.href]


def test_one_takes_a_case_oneself_with_one_press(app: Flask, store: Store, cast: Cast) -> None:
    case = arrives(store, cast.kitchen_link)
    berta, way = at_work(app, cast, "berta"), f"/cases/{case}/assignment"
    page = got(berta, f"/cases/{case}")
    assert "Assign to me" in page
    assert berta.post(way, data=field_values(page, way) | {"mine": "yes"}).status_code == 303
    page = got(berta, f"/cases/{case}")
    assert "You handle this case now." in visible_text(page)
    assert "Assign to me" not in page
    assert "Assign to me" in got(at_work(app, cast, "dora"), f"/cases/{case}")  # who directs is above the kitchen


def test_what_is_overdue_is_said_in_words_and_first(app: Flask, store: Store, cast: Cast) -> None:
    late, calmer = (arrives(store, cast.kitchen_link, message=words) for words in ("Late soup", "Soup in time"))
    now = clock.now()
    change(store, late, due_at=now - timedelta(days=2))
    change(store, calmer, due_at=now + timedelta(days=9))
    said = visible_text(got(at_work(app, cast, "berta"), "/cases"))
    order = [said.rindex(word) for word in ("\nOverdue\n", "\nLate soup\n", "\nEverything else\n", "\nSoup in time\n")]
    assert order == sorted(order)
    calm(store, late)
    assert "Everything else" not in got(at_work(app, cast, "berta"), "/cases")


def test_ways_lead_to_lists_with_their_numbers(app: Flask, store: Store, cast: Cast) -> None:
    mine, hers, closed, free = (arrives(store, cast.kitchen_link) for _ in range(4))
    calm(store, mine, hers, free)
    change(store, mine, handler_id=cast.berta, status="in_progress", due_at=clock.now() - timedelta(hours=1))
    change(store, hers, handler_id=cast.karim, status="in_progress")
    change(store, closed, status="closed", due_at=None)
    berta = at_work(app, cast, "berta")
    expected = {"Open": "3", "Mine": "1", "Unassigned": "1", "Overdue": "1", "All": "4"}
    assert ways(got(berta, "/cases")) == expected
    assert ways(got(berta, f"/cases/{mine}?kind=suggestion")) == expected
    for name, found in (("Unassigned", [free]), ("Overdue", [mine])):
        way = next(link.href for link in links(got(berta, "/cases")) if link.text.startswith(name))
        page = got(berta, way)
        assert not found or [int(n) for n in re.findall(r'href="/cases/(\d+)', page)] == found, name
        (current,) = [
            e.text.split()[0]
            for e in PageText(page).elements
            if e.attributes.get("class") == "way" and "aria-current" in e.attributes
        ]
        assert current == name


def test_every_value_has_its_number(app: Flask, store: Store, cast: Cast) -> None:
    table, kitchen, idea = (
        arrives(store, cast.table_link),
        arrives(store, cast.kitchen_link),
        arrives(store, cast.kitchen_link, kind="suggestion"),
    )
    calm(store, table, kitchen, idea)
    change(store, table, handler_id=cast.berta, status="in_progress", severity=3)
    berta = at_work(app, cast, "berta")
    numbers = values(got(berta, "/cases"))
    for name, n in {
        "Open": "3", "Overdue": "0", "Received": "2", "In progress": "1", "Closed": "0", "Me": "1", "Nobody yet": "2",
        "Karim Haddad": "0", "Complaint": "2", "Suggestion": "1", "Serious": "1", "Kitchen": "3", "Table 4": "1",
    }.items():  # fmt: skip
        assert numbers[name] == n, name
    assert "Berta Stein" not in numbers  # she is "Me"
    numbers = values(got(berta, "/cases?handler=me&kind=complaint"))
    assert (numbers["Me"], numbers["Nobody yet"], numbers["Complaint"], numbers["Suggestion"]) == ("1", "1", "1", "0")


def test_oneself_and_nobody_are_filters(app: Flask, store: Store, cast: Cast) -> None:
    mine, free = arrives(store, cast.kitchen_link, message="mine"), arrives(store, cast.kitchen_link, message="free")
    change(store, mine, handler_id=cast.berta)
    berta = at_work(app, cast, "berta")
    for way, found in (("me", mine), ("none", free), (str(cast.berta), mine)):
        page = got(berta, f"/cases?handler={way}")
        assert re.findall(r'href="/cases/(\d+)', page) == [str(found)], way
        assert len([link for link in links(page) if "Remove this filter" in link.text]) == 2, (
            way
        )  # its chip and its line
    assert "free" in got(berta, "/cases?handler=none&q=free")
    assert berta.get("/cases?handler=nobody").status_code == 404


def test_what_is_no_longer_to_choose_can_be_taken_away(app: Flask, store: Store, cast: Cast) -> None:
    arrives(store, cast.kitchen_link)
    page = got(at_work(app, cast, "berta"), f"/cases?department={cast.packing}&kind=complaint")
    assert "Nothing matches" in page
    assert "/cases?kind=complaint" in [link.href for link in links(page) if link.text.startswith("No longer to choose")]


def test_whom_it_concerns_meets_it_in_no_number(app: Flask, store: Store, cast: Cast) -> None:
    case = arrives(store, cast.table_link, message="About them")
    change(store, case, handler_id=cast.berta, due_at=clock.now() - timedelta(hours=1))
    concern(store, case, cast.berta)
    page = got(at_work(app, cast, "berta"), "/cases")
    assert set(ways(page).values()) == {"0"}
    assert set(values(page).values()) <= {"0"}
    assert "About them" not in page
    other = arrives(store, cast.kitchen_link)
    change(store, other, handler_id=cast.berta)
    assert "About them" not in got(at_work(app, cast, "berta"), f"/cases/{other}")


def test_a_stand_in_is_told_for_whom(app: Flask, store: Store, cast: Cast) -> None:
    case = arrives(store, cast.kitchen_link)
    today = clock.now().date()
    with store.write() as session:
        session.get_one(Case, case).handler_id = cast.karim
        route = session.query(RouteRow).filter_by(submission_id=case).first()
        assert route is not None
        route.reasons = [*route.reasons, ["covered", {"person": "Berta Stein", "cover": "Karim Haddad"}]]
        days = {"from_on": today - timedelta(days=2), "until_on": today + timedelta(days=2)}
        session.add(Absence(id=new_id(clock.now()), person_id=cast.berta, cover_id=cast.karim, **days))
    assert "for Berta Stein, away until" in visible_text(got(at_work(app, cast, "karim"), "/cases"))
    change(store, case, handler_id=cast.anna)
    assert "away until" not in visible_text(got(at_work(app, cast, "berta"), "/cases"))


def test_a_page_costs_the_same_however_long_the_list(app: Flask, store: Store, cast: Cast) -> None:
    costs, case = [], 0
    for many in (1, 8):
        for _ in range(many):
            case = arrives(store, cast.table_link, topic_ids=(cast.cold_food,))
        for key in ("berta", "anna"):
            browser = at_work(app, cast, key)
            for address in ("/cases", "/cases?ticked=all", f"/cases/{case}?status=open"):
                browser.get(address)
                with statements(app) as seen:
                    browser.get(address)
                costs.append(len(seen))
    assert costs[:6] == costs[6:]
    assert max(costs) < 46, costs
