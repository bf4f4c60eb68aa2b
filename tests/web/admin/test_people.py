"""/admin/people: managers keep the people of their departments, admins everyone."""

import pytest
from flask import Flask

from feedback.core import audit
from feedback.core.accounts import Account
from feedback.core.links import Link
from feedback.core.people import Department, Management, Person, PersonPlace
from feedback.db import Store, new_id
from feedback.web.forms.choosing import told_apart
from tests.factories import BEGINNING, Cast, make_link
from tests.ground.pages import field_names, field_pairs, field_values, visible_text, well_formed
from tests.story import NO_IDS, at_work, fill_in, form_of, statements, token_for

NEW = "/admin/people/new"


def person(store: Store, id: int) -> Person:
    with store.read() as session:
        return session.get_one(Person, id)


def acts(store: Store, id: int) -> list[str]:
    with store.read() as session:
        return [entry.act for entry in audit.of_one(session, "person", id)]


@pytest.mark.parametrize(
    ("key", "seen"),
    [("anna", {"Anna", "Berta", "Dora", "Hans", "Karim", "Maria", "Paula"}), ("berta", {"Berta", "Karim", "Maria"}),
     ("paula", {"Hans", "Paula"}), ("dora", {"Anna", "Berta", "Dora", "Hans", "Karim", "Maria", "Paula"})],
)  # fmt: skip
def test_the_list_holds_those_one_keeps(app: Flask, cast: Cast, key: str, seen: set[str]) -> None:
    page = at_work(app, cast, key).get("/admin/people").text
    names = ("Anna Berg", "Berta Stein", "Dora Lang", "Hans Weber", "Karim Haddad", "Maria Lopez", "Paula Novak")
    assert {name.split()[0] for name in names if name in visible_text(page.partition("<main")[2])} == seen
    assert well_formed(page) == []


@pytest.mark.parametrize(
    ("query", "seen"),
    [("q=LOPEZ", {"Maria"}), ("q=%25", set()), ("q=garden-house", {"Maria", "Karim", "Hans"}),
     ("department={packing}", {"Hans"}), ("q=a_a", set()), ("retired=yes", set())],
)  # fmt: skip
def test_the_list_is_narrowed(app: Flask, cast: Cast, query: str, seen: set[str]) -> None:
    page = at_work(app, cast, "anna").get(f"/admin/people?{query.format(packing=cast.packing)}").text
    shown = visible_text(page.partition("<main")[2])
    assert {n.split()[0] for n in ("Maria Lopez", "Karim Haddad", "Hans Weber") if n in shown} == seen


def test_departments_to_choose_from_leave_out_the_step_that_all_share() -> None:
    one_root = [(1, "Harbour"), (2, "Harbour / Kitchen"), (3, "Harbour / Kitchen / Pastry")]
    assert told_apart(one_root) == [(1, "Harbour"), (2, "Kitchen"), (3, "Kitchen / Pastry")]
    two_roots = [*one_root, (4, "Mill"), (5, "Mill / Kitchen")]
    assert told_apart(two_roots) == two_roots


def test_a_long_list_is_paged_in_as_many_statements(app: Flask, store: Store, cast: Cast) -> None:
    anna = at_work(app, cast, "anna")
    with statements(app) as few:
        anna.get("/admin/people")
    with store.write() as session:
        for n in range(60):
            session.add(Person(id=n + 1, name=f"Zoe {n:02}", public_name="Zoe", department_id=cast.kitchen))
    with statements(app) as many:
        first = anna.get("/admin/people").text
    assert len(many) == len(few) and "Zoe 42" in first and "Zoe 43" not in first
    more = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert "Zoe 43" in anna.get(more).text and "Zoe 42" not in anna.get(more).text


def test_someone_new_is_added(app: Flask, store: Store, cast: Cast) -> None:
    browser = at_work(app, cast, "berta")
    fields = {"name": " Nora   Frei ", "email": "nora@garden-house.example", "department": str(cast.kitchen)}
    answer = fill_in(
        browser,
        NEW,
        NEW,
        **fields,
        place_more=str(cast.table),
        is_shown_on_forms="y",
        reference="P-7",
        also_called="Nori",
    )
    assert answer.status_code == 303
    made = person(store, int(answer.headers["Location"].rpartition("/")[2]))
    assert (made.name, made.public_name, made.reference, made.is_shown_on_forms) == ("Nora Frei", "Nora", "P-7", True)
    assert made.also_called == "Nori"
    assert acts(store, made.id) == ["made"]
    with store.read() as session:
        assert session.get(PersonPlace, (made.id, cast.table))
    assert "Nora Frei" in visible_text(browser.get(answer.headers["Location"]).text)


BAD = {
    "nameless": {"name": " "},
    "long": {"name": "x" * 201},
    "no address": {"email": "nobody"},
    "a department of others": {"department": "{packing}"},
    "no department": {"department": "99"},
    "a reference twice": {"reference": "TAKEN"},
    "NUL": {"name": "a\0b"},
    "no language": {"language": "xx"},
    "a place that is none": {"place_more": "Moon"},
}


@pytest.mark.parametrize("fields", BAD.values(), ids=BAD)
def test_bad_input_is_refused_with_everything_kept(
    app: Flask, store: Store, cast: Cast, fields: dict[str, str]
) -> None:
    with store.write() as session:
        session.get_one(Person, cast.hans).reference = "TAKEN"
    berta = at_work(app, cast, "berta")
    given = {"name": "Nora", "department": str(cast.kitchen)} | {
        name: value.format(packing=cast.packing) for name, value in fields.items()
    }
    for page, action in ((NEW, NEW), (f"/admin/people/{cast.maria}", f"/admin/people/{cast.maria}/details")):
        answer = fill_in(berta, page, action, **given)
        assert answer.status_code == 422, action
        assert 'aria-invalid="true"' in answer.text and well_formed(answer.text) == []
        if "\0" not in given["name"]:
            assert field_values(answer.text, action)["name"] == given["name"]
    assert person(store, cast.maria).name == "Maria Lopez"


@pytest.mark.parametrize("field", ["places", "place_more", "manages", "manages_more", "department"])
def test_what_is_no_number_names_nobody_and_breaks_nothing(app: Flask, cast: Cast, field: str) -> None:
    page, anna = f"/admin/people/{cast.maria}", at_work(app, cast, "anna")
    form = form_of(anna, page, f"{page}/details")
    for text in (*NO_IDS, "9" * 5000, "9" * 19):
        form[field] = text
        assert anna.post(f"{page}/details", data=form).status_code in (303, 422), text[:20]


def test_a_person_is_changed_and_each_change_noted(app: Flask, store: Store, cast: Cast) -> None:
    page = f"/admin/people/{cast.karim}"
    anna = at_work(app, cast, "anna")
    fields = {"name": "Karim Nasr", "department": str(cast.packing), "manages_more": str(cast.packing), "email": ""}
    assert fill_in(anna, page, f"{page}/details", **fields).status_code == 303
    changed = person(store, cast.karim)
    assert (changed.name, changed.department_id, changed.email) == ("Karim Nasr", cast.packing, None)
    assert set(acts(store, cast.karim)) == {"renamed", "assigned", "addressed", "put_in_charge"}
    with store.read() as session:
        assert session.get(Management, (cast.packing, cast.karim))
    assert "Renamed Karim Haddad to Karim Nasr" in visible_text(anna.get(page).text)
    fields = field_pairs(anna.get(page).text, f"{page}/details")
    anna.post(f"{page}/details", data=dict(pair for pair in fields if pair[0] != "manages"))
    with store.read() as session:
        assert session.get(Management, (cast.packing, cast.karim)) is None


@pytest.mark.parametrize("field", ["name", "public_name", "department"])
def test_nobody_changes_by_what_complaints_about_them_are_known(
    app: Flask, store: Store, cast: Cast, field: str
) -> None:
    with store.write() as session:
        pastry = Department(id=new_id(BEGINNING), name="Pastry", parent_id=cast.kitchen)
        session.add(pastry)
    berta, page = at_work(app, cast, "berta"), f"/admin/people/{cast.berta}"
    answer = fill_in(berta, page, f"{page}/details", **{field: str(pastry.id) if field == "department" else "B."})
    assert answer.status_code == 422 and "you cannot change it yourself" in visible_text(answer.text)
    assert acts(store, cast.berta) == [] and person(store, cast.berta).name == "Berta Stein"
    assert fill_in(berta, page, f"{page}/details", email="b@garden-house.example").status_code == 303
    assert acts(store, cast.berta) == ["addressed"]


def test_saving_nothing_changes_nothing(app: Flask, store: Store, cast: Cast) -> None:
    page = f"/admin/people/{cast.maria}"
    version = store.version()
    assert fill_in(at_work(app, cast, "berta"), page, f"{page}/details").status_code == 303
    assert acts(store, cast.maria) == [] and store.version() == version


def test_of_two_at_once_the_second_sees_what_the_first_did(app: Flask, store: Store, cast: Cast) -> None:
    page = f"/admin/people/{cast.maria}"
    late = at_work(app, cast, "berta")
    old = field_values(late.get(page).text, f"{page}/details")
    fill_in(at_work(app, cast, "anna"), page, f"{page}/details", name="Maria Gomez")
    answer = late.post(f"{page}/details", data=old | {"public_name": "Mari"})
    assert answer.status_code == 409 and "Renamed Maria Lopez to Maria Gomez" in visible_text(answer.text)
    again = field_values(answer.text, f"{page}/details")
    assert again["public_name"] == "Mari" and person(store, cast.maria).public_name == "Maria"
    assert late.post(f"{page}/details", data=again | {"name": "Maria Gomez"}).status_code == 303
    assert person(store, cast.maria).public_name == "Mari"


def test_who_manages_what_is_for_admins_to_say(app: Flask, store: Store, cast: Cast) -> None:
    page = f"/admin/people/{cast.karim}"
    for key in ("berta", "dora"):
        browser = at_work(app, cast, key)
        assert "manages" not in field_names(browser.get(page).text, f"{page}/details")
        fill_in(browser, page, f"{page}/details", manages_more=str(cast.kitchen), manages=str(cast.kitchen))
    with store.read() as session:
        assert session.get(Management, (cast.kitchen, cast.karim)) is None


def test_an_admin_is_changed_by_admins_alone(app: Flask, store: Store, cast: Cast) -> None:
    dora, page = at_work(app, cast, "dora"), f"/admin/people/{cast.anna}"
    assert "Only admins can change" in visible_text(dora.get(page).text)
    for noun in ("details", "retirement", "return"):
        fields = {"csrf_token": token_for(dora), "email": "dora@elsewhere.example", "name": "x"}
        assert dora.post(f"{page}/{noun}", data=fields).status_code == 404
    assert person(store, cast.anna).email == "anna@garden-house.example"


@pytest.mark.parametrize(
    ("manages", "is_theirs"), [("root", False), ("packing", False), ("kitchen", False), ("pastry", True)]
)
def test_who_judges_a_manager_or_decides_elsewhere_is_not_theirs_to_change(
    app: Flask, store: Store, cast: Cast, manages: str, is_theirs: bool
) -> None:
    with store.write() as session:
        pastry = Department(id=new_id(BEGINNING), name="Pastry", parent_id=cast.kitchen)
        session.add(pastry)
        session.flush()
        managed = pastry.id if manages == "pastry" else getattr(cast, manages)
        session.add(Management(department_id=managed, person_id=cast.karim))
        session.delete(session.get_one(Account, cast.karim))
    berta, page = at_work(app, cast, "berta"), f"/admin/people/{cast.karim}"
    assert ("Only admins can change" not in visible_text(berta.get(page).text)) == is_theirs
    for noun, done in (("invitation", 200), ("retirement", 303), ("return", 303)):
        fields = {"csrf_token": token_for(berta), "codes": "retire"}
        assert berta.post(f"{page}/{noun}", data=fields).status_code == (done if is_theirs else 404), noun
    if not is_theirs:
        fields = {"csrf_token": token_for(berta), "email": "berta@elsewhere.example", "name": "x"}
        assert berta.post(f"{page}/details", data=fields).status_code == 404
        assert person(store, cast.karim).email == "karim@garden-house.example"


@pytest.mark.parametrize("key", ["maria", "hans", "paula"])
def test_nobody_else_changes_anyone(app: Flask, store: Store, cast: Cast, key: str) -> None:
    browser = at_work(app, cast, key)
    for noun in ("details", "retirement", "return"):
        fields = {"csrf_token": token_for(browser), "name": "x", "codes": "retire"}
        assert browser.post(f"/admin/people/{cast.karim}/{noun}", data=fields).status_code == 404
    assert person(store, cast.karim).retired_at is None


def test_who_leaves_is_asked_about_their_codes_and_can_come_back(app: Flask, store: Store, cast: Cast) -> None:
    berta, page = at_work(app, cast, "berta"), f"/admin/people/{cast.maria}"
    assert "1 QR code leads here." in visible_text(berta.get(page).text)
    assert fill_in(berta, page, f"{page}/retirement").status_code == 422
    assert person(store, cast.maria).retired_at is None
    assert fill_in(berta, page, f"{page}/retirement", codes="lead_on").status_code == 303
    assert person(store, cast.maria).retired_at and acts(store, cast.maria) == ["retired_codes_lead_on"]
    assert "Kitchen" in visible_text(app.test_client().get(f"/q/{cast.maria_link}").text)
    berta.get(page)
    assert "Maria Lopez" not in berta.get("/admin/people").text.partition("<main")[2]
    assert "Maria Lopez" in berta.get("/admin/people?retired=yes").text
    assert fill_in(berta, page, f"{page}/return").status_code == 303
    assert person(store, cast.maria).retired_at is None


def test_codes_are_retired_with_one_in_their_place(app: Flask, store: Store, cast: Cast) -> None:
    berta, page = at_work(app, cast, "berta"), f"/admin/people/{cast.maria}"
    with store.read() as session:
        karim = session.get_one(Person, cast.karim)
    stand_in = make_link(store, person=karim)
    far = make_link(store, person=person(store, cast.hans))
    wrong = fill_in(berta, page, f"{page}/retirement", codes="retire", successor=str(far.id))
    assert wrong.status_code == 422 and person(store, cast.maria).retired_at is None
    assert fill_in(berta, page, f"{page}/retirement", codes="retire", successor=str(stand_in.id)).status_code == 303
    with store.read() as session:
        link = session.get_one(Link, cast.link_ids["maria"])
        assert link.retired_at and link.successor_id == stand_in.id
    assert app.test_client().get(f"/q/{cast.maria_link}").status_code == 410


def test_nobody_retires_themselves(app: Flask, store: Store, cast: Cast) -> None:
    anna = at_work(app, cast, "anna")
    fields = {"csrf_token": token_for(anna), "codes": "retire"}
    assert anna.post(f"/admin/people/{cast.anna}/retirement", data=fields).status_code == 422
    assert person(store, cast.anna).retired_at is None


@pytest.mark.parametrize("text", NO_IDS)
def test_what_is_no_person_is_not_there(app: Flask, cast: Cast, text: str) -> None:
    assert at_work(app, cast, "anna").get(f"/admin/people/{text}").status_code == 404


def test_no_other_site_changes_anyone(app: Flask, store: Store, cast: Cast) -> None:
    for address in (NEW, *(f"/admin/people/{cast.maria}/{noun}" for noun in ("details", "retirement", "return"))):
        assert at_work(app, cast, "anna").post(address, data={"name": "x"}).status_code == 400
