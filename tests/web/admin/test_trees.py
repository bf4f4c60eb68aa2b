"""/admin/departments, /admin/places, /admin/topics: nested lists, edited where an entry stands."""

import pytest
from flask import Flask

from feedback.core import audit
from feedback.core.links import Link
from feedback.core.people import Department, Management, Place, Topic
from feedback.db import Store, new_id
from tests.factories import BEGINNING, Cast
from tests.ground.pages import field_values, visible_text, well_formed
from tests.story import NO_IDS, arrives, at_work, fill_in, statements, token_for

TABLES = {"departments": Department, "places": Place, "topics": Topic}


def found(store: Store, kind: str, id: int) -> Department | Place | Topic:
    with store.read() as session:
        return session.get_one(TABLES[kind], id)


def acts(store: Store, noun: str, id: int) -> list[str]:
    with store.read() as session:
        return [entry.act for entry in audit.of_one(session, noun, id)]


def ids(cast: Cast) -> dict[str, int]:
    return {"departments": cast.kitchen, "places": cast.table, "topics": cast.cold_food}


@pytest.mark.parametrize(
    ("kind", "seen"),
    [("departments", ["Garden House", "Kitchen", "Berta Stein", "Packing"]), ("places", ["Terrace", "Kitchen", "Table 4"]),
     ("topics", ["Garden House / Kitchen", "Cold food", "Garden House / Packing", "Missing parts"])],
)  # fmt: skip
def test_all_are_nested_on_one_page(app: Flask, cast: Cast, kind: str, seen: list[str]) -> None:
    page = at_work(app, cast, "anna").get(f"/admin/{kind}").text
    said = visible_text(page.partition('<div class="tree')[2])
    assert [said.index(name) for name in seen] == sorted(said.index(name) for name in seen)
    assert well_formed(page) == []


@pytest.mark.parametrize("kind", TABLES)
def test_an_entry_is_edited_where_it_stands(app: Flask, store: Store, cast: Cast, kind: str) -> None:
    anna, page = at_work(app, cast, "anna"), f"/admin/{kind}/{ids(cast)[kind]}"
    assert well_formed(anna.get(page).text) == []
    assert fill_in(anna, page, f"{page}/details", name="Galley", reference="R1").status_code == 303
    changed = found(store, kind, ids(cast)[kind])
    assert (changed.name, changed.reference) == ("Galley", "R1")
    assert set(acts(store, kind[:-1], changed.id)) == {"renamed", "referenced"}


@pytest.mark.parametrize("kind", TABLES)
def test_a_new_entry_comes_below_another(app: Flask, store: Store, cast: Cast, kind: str) -> None:
    above = {"departments": cast.kitchen, "places": cast.terrace, "topics": cast.packing}[kind]
    page = f"/admin/{kind}/new"
    answer = fill_in(at_work(app, cast, "anna"), f"{page}?below={above}", page, name="Cold <b>corner</b>")
    assert answer.status_code == 303
    made = found(store, kind, int(answer.headers["Location"].partition("#")[0].rpartition("/")[2]))
    assert (made.department_id if isinstance(made, Topic) else made.parent_id) == above
    assert acts(store, kind[:-1], made.id) == ["made"]
    assert "<b>corner" not in at_work(app, cast, "anna").get(f"/admin/{kind}").text


BAD = [
    ("departments", {"name": ""}, "Write a name."),
    ("departments", {"name": "packing"}, "There is another packing"),
    ("departments", {"parent": "77"}, "nothing of this name"),
    ("places", {"name": "x" * 201}, "200 characters are the most"),
    ("topics", {"department": ""}, "Choose a department."),
]


@pytest.mark.parametrize(("kind", "fields", "said"), BAD)
def test_bad_input_is_refused_with_everything_kept(
    app: Flask, store: Store, cast: Cast, kind: str, fields: dict[str, str], said: str
) -> None:
    page = f"/admin/{kind}/{ids(cast)[kind]}"
    answer = fill_in(at_work(app, cast, "anna"), page, f"{page}/details", **fields)
    assert answer.status_code == 422 and said in visible_text(answer.text) and well_formed(answer.text) == []
    assert acts(store, kind[:-1], ids(cast)[kind]) == []


@pytest.mark.parametrize("field", ["managers", "managers_more", "parent"])
def test_what_is_no_number_names_nothing_and_breaks_nothing(app: Flask, cast: Cast, field: str) -> None:
    page, anna = f"/admin/departments/{cast.kitchen}", at_work(app, cast, "anna")
    for text in (*NO_IDS, "9" * 5000, "9" * 19):
        assert fill_in(anna, page, f"{page}/details", **{field: text}).status_code in (303, 422), text[:20]


def test_nothing_lies_below_itself(app: Flask, store: Store, cast: Cast) -> None:
    anna = at_work(app, cast, "anna")
    with store.write() as session:
        team = Department(id=new_id(BEGINNING), name="Pastry", parent_id=cast.kitchen)
        session.add(team)
    page = f"/admin/departments/{cast.kitchen}"
    answer = fill_in(anna, page, f"{page}/details", parent=str(team.id))
    assert answer.status_code == 422 and "cannot lie below itself" in visible_text(answer.text)
    answer = fill_in(anna, f"/admin/places/{cast.terrace}", f"/admin/places/{cast.terrace}/details", parent="Table 4")
    assert answer.status_code == 422 and found(store, "places", cast.terrace).parent_id is None


def test_one_department_stands_at_the_top(app: Flask, store: Store, cast: Cast) -> None:
    anna = at_work(app, cast, "anna")
    assert fill_in(anna, "/admin/departments/new", "/admin/departments/new", name="B", parent="").status_code == 422
    page = f"/admin/departments/{cast.root}"
    fields = {"csrf_token": token_for(anna), "codes": "retire"}
    assert anna.post(f"{page}/retirement", data=fields).status_code == 422
    assert found(store, "departments", cast.root).retired_at is None
    assert fill_in(anna, page, f"{page}/details", name="Garden Homes").status_code == 303


def test_managers_come_and_go(app: Flask, store: Store, cast: Cast) -> None:
    anna, page = at_work(app, cast, "anna"), f"/admin/departments/{cast.kitchen}"
    fields = field_values(anna.get(page).text, f"{page}/details")
    fields.pop("managers")
    assert anna.post(f"{page}/details", data=fields | {"managers_more": str(cast.karim)}).status_code == 303
    with store.read() as session:
        assert session.get(Management, (cast.kitchen, cast.karim)) and not session.get(
            Management, (cast.kitchen, cast.berta)
        )
    assert at_work(app, cast, "karim").get("/links").status_code == 200
    assert at_work(app, cast, "berta").get("/links").status_code == 404
    answer = anna.post(f"{page}/details", data=field_values(anna.get(page).text, f"{page}/details") | {"managers": "9"})
    assert answer.status_code == 422


def test_of_two_at_once_the_second_sees_what_the_first_did(app: Flask, store: Store, cast: Cast) -> None:
    anna, page = at_work(app, cast, "anna"), f"/admin/places/{cast.table}"
    old = field_values(anna.get(page).text, f"{page}/details")
    fill_in(anna, page, f"{page}/details", name="Table 5")
    answer = anna.post(f"{page}/details", data=old | {"name": "Table 6"})
    assert answer.status_code == 409 and "Renamed Table 4 to Table 5" in visible_text(answer.text)
    assert found(store, "places", cast.table).name == "Table 5"


def test_what_is_used_stays(app: Flask, store: Store, cast: Cast) -> None:
    anna, page = at_work(app, cast, "anna"), f"/admin/departments/{cast.kitchen}"
    answer = fill_in(anna, page, f"{page}/retirement", codes="retire")
    assert answer.status_code == 422
    assert all(said in visible_text(answer.text) for said in ("3 people", "1 topic", "1 place", "still in use"))
    assert found(store, "departments", cast.kitchen).retired_at is None
    with store.read() as session:
        assert session.get_one(Link, cast.link_ids["kitchen"]).retired_at is None


def test_a_retired_place_leads_on_to_what_is_around_it(app: Flask, store: Store, cast: Cast) -> None:
    anna, page = at_work(app, cast, "anna"), f"/admin/places/{cast.table}"
    assert fill_in(anna, page, f"{page}/retirement").status_code == 422
    assert fill_in(anna, page, f"{page}/retirement", codes="lead_on").status_code == 303
    with store.read() as session:
        assert session.get_one(Link, cast.link_ids["table"]).place_id == cast.terrace
    anna.get(page)
    assert "Table 4" not in visible_text(anna.get("/admin/places").text)
    assert fill_in(anna, f"{page}", f"{page}/return").status_code == 303
    assert found(store, "places", cast.table).retired_at is None


def test_what_never_was_used_is_deleted_and_what_has_a_history_is_not(app: Flask, store: Store, cast: Cast) -> None:
    anna = at_work(app, cast, "anna")
    arrives(store, cast.table_link, topic_ids=(cast.cold_food,))
    for kind, id in (("topics", cast.cold_food), ("places", cast.table), ("departments", cast.kitchen)):
        page = f"/admin/{kind}/{id}"
        answer = fill_in(anna, page, f"{page}/deletion")
        assert "has a history" in visible_text(anna.get(answer.headers["Location"]).text)
        assert found(store, kind, id)
    page = f"/admin/topics/{cast.missing_parts}"
    assert fill_in(anna, page, f"{page}/deletion").headers["Location"] == "/admin/topics"
    assert anna.get(page).status_code == 404 and acts(store, "topic", cast.missing_parts) == ["deleted"]


def test_a_great_tree_is_shown_in_pieces_in_few_statements(app: Flask, store: Store, cast: Cast) -> None:
    anna = at_work(app, cast, "anna")
    with store.write() as session:
        sites = [Place(id=n + 1, name=f"Site {n:04}") for n in range(250)]
        session.add_all(sites)
        session.flush()
        session.add_all(Place(id=1000 + n, name=f"Till {n}", parent_id=1) for n in range(250))
    with statements(app) as seen:
        first = anna.get("/admin/places").text
    assert "Site 0199" in first and "Site 0200" not in first and "Show what is below" in first and len(seen) < 20
    more = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    assert "Site 0200" in anna.get(more).text
    assert "Site 0249" in anna.get("/admin/places/250").text
    assert "Till 1<" in anna.get("/admin/places/1").text


@pytest.mark.parametrize("key", ["maria", "berta", "dora"])
@pytest.mark.parametrize("kind", TABLES)
def test_only_admins_keep_them(app: Flask, cast: Cast, kind: str, key: str) -> None:
    browser, page = at_work(app, cast, key), f"/admin/{kind}/{ids(cast)[kind]}"
    for address in (f"/admin/{kind}/new", *(f"{page}/{n}" for n in ("details", "retirement", "return", "deletion"))):
        assert browser.post(address, data={"csrf_token": token_for(browser), "name": "x"}).status_code == 404


@pytest.mark.parametrize("text", NO_IDS)
def test_what_is_no_entry_is_not_there(app: Flask, cast: Cast, text: str) -> None:
    assert at_work(app, cast, "anna").get(f"/admin/places/{text}").status_code == 404
