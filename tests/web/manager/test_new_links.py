"""Making links: for everyone who has none at once, or for those ticked; never a second one, within one's reach only."""

from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import select

from feedback import clock
from feedback.core import audit
from feedback.core.links import Link
from feedback.core.people import Person
from feedback.db import Store, new_id
from tests.factories import BEGINNING, Cast
from tests.ground.pages import field_values, visible_text, well_formed
from tests.story import at_once, at_work, statements, token_for


def pointed_at(store: Store) -> Counter[tuple[str, int | None]]:
    """What live links point at, and how many at each."""
    with store.read() as session:
        live = session.scalars(select(Link).where(Link.retired_at.is_(None)))
        return Counter((link.points_at, link.target_id) for link in live)


def more_people(store: Store, cast: Cast, n: int) -> None:
    with store.write() as session:
        for number in range(n):
            name = f"Person {number}"
            session.add(Person(id=new_id(clock.now()), name=name, public_name=name, department_id=cast.kitchen))


def for_all(browser, **fields: str):
    return browser.post("/links", data={"csrf_token": token_for(browser), "everyone": "1", "kind": "person"} | fields)


def test_everyone_without_a_link_gets_one_and_nobody_a_second(app: Flask, store: Store, cast: Cast) -> None:
    anna = at_work(app, cast, "anna")
    page = anna.get("/links/new")
    assert well_formed(page.text) == []
    assert "Make 6 links" in visible_text(page.text) and "Maria Lopez" not in visible_text(page.text)
    for said in ("6 links made.", "There was no link to make"):
        assert anna.post("/links", data=field_values(page.text, "all")).status_code == 303
        assert said in visible_text(anna.get("/links").text)
    found = pointed_at(store)
    assert {found["person", getattr(cast, key)] for key in ("maria", "karim", "berta", "paula", "hans")} == {1}
    for kind in ("department", "place"):
        for_all(anna, kind=kind)
    assert set(pointed_at(store).values()) == {1}
    assert "All of them have a link" in visible_text(anna.get("/links/new").text)


def test_only_those_ticked(app: Flask, store: Store, cast: Cast) -> None:
    berta = at_work(app, cast, "berta")
    data = field_values(berta.get("/links/new?kind=person").text, "ticked")
    chosen = [f"person-{id}" for id in (cast.karim, cast.maria, cast.hans)]  # one has a link, one is another's
    assert berta.post("/links", data=data | {"target": chosen}).status_code == 303
    assert "1 link made." in visible_text(berta.get("/links").text)
    assert pointed_at(store)["person", cast.karim] == pointed_at(store)["person", cast.maria] == 1
    assert pointed_at(store)["person", cast.hans] == 0
    with store.read() as session:
        (entry,) = audit.page(session, noun="link")
        assert (entry.act, entry.by_id, entry.details["name"]) == ("made", cast.berta, "Karim Haddad")


def test_a_retired_link_does_not_count_as_one(app: Flask, store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.get_one(Link, cast.link_ids["maria"]).retired_at = BEGINNING
    assert "Maria Lopez" in visible_text(at_work(app, cast, "berta").get("/links/new").text)


def test_a_manager_makes_those_of_own_departments(app: Flask, store: Store, cast: Cast) -> None:
    berta = at_work(app, cast, "berta")
    for kind in ("person", "department", "place"):
        for_all(berta, kind=kind)
    ours = {("person", cast.maria), ("person", cast.karim), ("person", cast.berta), ("department", cast.kitchen)}
    assert set(pointed_at(store)) == ours | {("place", cast.terrace), ("place", cast.table)}


def test_what_was_searched_for_is_what_is_made(app: Flask, store: Store, cast: Cast) -> None:
    anna = at_work(app, cast, "anna")
    page = anna.get("/links/new?q=HANS").text
    assert "Make 1 link" in visible_text(page)
    anna.post("/links", data=field_values(page, "all"))
    assert len(pointed_at(store)) == 4 and pointed_at(store)["person", cast.hans] == 1


def test_two_who_press_at_once_make_each_link_once(app: Flask, store: Store, cast: Cast) -> None:
    more_people(store, cast, 40)
    anna, dora = at_work(app, cast, "anna"), at_work(app, cast, "dora")
    tokens = {browser: token_for(browser) for browser in (anna, dora)}

    def press(browser) -> None:
        assert for_all(browser, csrf_token=tokens[browser]).status_code == 303

    at_once(lambda: press(anna), lambda: press(dora))
    found = pointed_at(store)
    assert len(found) == 3 + 46 and set(found.values()) == {1}


@pytest.mark.parametrize("key", ["maria", "karim", "hans"])
def test_nobody_else_makes_any(app: Flask, store: Store, cast: Cast, key: str) -> None:
    assert for_all(at_work(app, cast, key)).status_code == 404
    assert len(pointed_at(store)) == 3


def test_what_is_not_in_order_makes_none(app: Flask, store: Store, cast: Cast) -> None:
    berta = at_work(app, cast, "berta")
    token = {"csrf_token": token_for(berta)}
    for wrong in (
        {},
        {"kind": "house", "everyone": "1"},
        {"kind": "person"},
        {"kind": "person", "target": "person-x"},
        {"kind": "person", "target": f"place-{cast.terrace}"},
        {"kind": "person", "target": f"person-{2**63}"},
        {"kind": "\0", "target": "\0"},
    ):
        answer = berta.post("/links", data=token | wrong)
        assert answer.status_code == 422, wrong
        assert well_formed(answer.text) == []
    assert berta.post("/links", data={"kind": "person", "everyone": "1"}).status_code == 400
    assert berta.get("/links/new?kind=house").status_code == 404
    assert berta.get("/links/new?after=x").status_code == 404


def test_ten_times_as_many_cost_as_many_statements(app: Flask, store: Store, cast: Cast) -> None:
    anna = at_work(app, cast, "anna")
    costs = []
    for _ in range(2):
        token = token_for(anna)
        with statements(app) as shown:
            anna.get("/links/new")
        with statements(app) as made:
            for_all(anna, csrf_token=token)
        anna.get("/links")
        costs.append((len(shown), len([one for one in made if not one.startswith("PRAGMA")])))
        more_people(store, cast, 150)
    assert costs[0][0] == costs[1][0] and costs[1][1] <= costs[0][1] + 12  # PostgreSQL takes rows by the thousand
