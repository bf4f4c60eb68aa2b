"""Files of people, departments, places and topics: planned against the directory, kept as a whole or not at all."""

import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from feedback.core import audit
from feedback.core.directory import NOUNS, NotTaken
from feedback.core.imports import lists
from feedback.core.imports.lists import Plan, Waiting
from feedback.core.people import Department, Management, Person, PersonPlace, Place, Topic
from feedback.db import Store
from tests.factories import BEGINNING, Cast

PEOPLE = "reference,name,department\n"


def planned(store: Store, noun: str, text: str | bytes) -> Plan:
    data = text.encode() if isinstance(text, str) else text
    with store.read() as session:
        return lists.plan(session, NOUNS[noun], lists.read(data, noun, most=1000), BEGINNING)


def taken(store: Store, noun: str, text: str | bytes) -> tuple[int, int]:
    data = text.encode() if isinstance(text, str) else text
    with store.write() as session:
        plan = lists.plan(session, NOUNS[noun], lists.read(data, noun, most=200_000), BEGINNING)
        lists.keep(session, plan, by_id=None, at=BEGINNING)
    return len(plan.new), len(plan.changed)


def wrong(store: Store, noun: str, text: str | bytes) -> list[tuple[int, str]]:
    return [(line, problem.name) for line, problem in planned(store, noun, text).problems]


def test_people_are_new_changed_or_as_they_were(store: Store, cast: Cast) -> None:
    text = (
        "Name;Department;Public name;Also called;E-mail;Places;Shown on forms;Manages;Reference\n"
        "Nora Frei;Garden House / Kitchen;;Nori, Nono;nora@x.example;Terrace / Table 4;yes;;P1\n"
        "Karim Haddad;Kitchen;Kim;;;Terrace;no;Packing;P2\n"
    ).replace("E-mail", "Email")
    assert taken(store, "person", text) == (1, 1)
    with store.read() as session:
        nora = session.scalars(select(Person).where(Person.reference == "P1")).one()
        karim = session.get_one(Person, cast.karim)
        assert (nora.public_name, nora.department_id, nora.is_shown_on_forms) == ("Nora", cast.kitchen, True)
        assert (karim.public_name, karim.email, karim.is_shown_on_forms) == ("Kim", None, False)
        assert nora.aliases == ("Nori", "Nono") and karim.also_called is None
        assert session.get(PersonPlace, (nora.id, cast.table)) and session.get(Management, (cast.packing, cast.karim))
        entries = audit.page(session, noun="person")
        assert {"imported", "called", "hidden", "placed", "put_in_charge"} <= {entry.act for entry in entries}
    assert taken(store, "person", text) == (0, 0)


@pytest.mark.parametrize("noun", NOUNS)
def test_what_was_exported_changes_nothing(store: Store, cast: Cast, noun: str) -> None:
    with store.write() as session:
        session.get_one(Person, cast.maria).name = "=cmd|' /C calc'!A0"
        session.get_one(Place, cast.table).name = "'-table"
        session.get_one(Topic, cast.cold_food).name = "-5"
        session.add(PersonPlace(person_id=cast.maria, place_id=cast.table))
        data = lists.export(session, NOUNS[noun])
    plan = planned(store, noun, data)
    assert (len(plan.rows), plan.new, plan.changed, plan.problems) == (plan.read, [], [], [])
    if noun == "person":
        assert b"'=cmd|" in data


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "windows-1252"])
@pytest.mark.parametrize("separator", ",;\t")
def test_a_file_is_read_however_it_was_saved(cast: Cast, encoding: str, separator: str) -> None:
    text = f"name{separator}department\r\n\r\nZoë Müller{separator}Küche\r\n"
    sheet = lists.read(text.encode(encoding), "person", most=10)
    assert [(row.line, row.cells) for row in sheet.rows] == [(3, {"name": "Zoë Müller", "department": "Küche"})]
    assert sheet.is_guess == (encoding == "windows-1252")


@pytest.mark.parametrize(
    ("data", "name"),
    [(b"", "empty_file"), (b"name\nx\n", "column_missing"), (b"name,department,NAME\n", "column_twice"),
     (b"\x81\x8d\x9d", "no_text_file"), (b"name,department\n" + b"a,b\n" * 11, "too_many_rows"),
     (b"name,department\n\"" + b"x" * 30_000, "no_csv")],
)  # fmt: skip
def test_a_file_that_cannot_be_used_says_why(data: bytes, name: str) -> None:
    with pytest.raises(NotTaken) as caught:
        lists.read(data, "person", most=10)
    assert [problem.name for problem in caught.value.problems] == [name]


def test_problems_name_their_lines_and_nothing_is_kept(store: Store, cast: Cast) -> None:
    text = PEOPLE + "P1,Nora,Kitchen\nP2,,Kitchen\nP1,Other,Kitchen\nP3,Zoe,Moon\nP4,Lu,\n,Eva,Kitchen\n,Eva,Kitchen\n"
    assert wrong(store, "person", text) == [
        (3, "name_missing"), (4, "same_as_line"), (5, "no_department_called"), (6, "department_missing"),
        (8, "same_as_line"),
    ]  # fmt: skip
    with pytest.raises(NotTaken):
        taken(store, "person", text)
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 7


def test_a_tree_is_read_in_any_order(store: Store, cast: Cast) -> None:
    text = "name,within,department\nTill 1,North / Hall,\nHall,North,Packing\nNorth,,\nBar,Terrace,\n"
    assert taken(store, "place", text) == (4, 0)
    assert taken(store, "place", text) == (0, 0)
    with store.read() as session:
        till = session.scalars(select(Place).where(Place.name == "Till 1")).one()
        hall = session.get_one(Place, till.parent_id)
        assert (hall.name, hall.department_id, session.get_one(Place, hall.parent_id).name) == (
            "Hall", cast.packing, "North",
        )  # fmt: skip


def test_a_circle_is_refused(store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.get_one(Place, cast.terrace).reference, session.get_one(Place, cast.table).reference = "T", "B"
    text = "reference,name,within\nT,Terrace,Terrace / Table 4\nB,Table 4,Terrace\n"
    assert wrong(store, "place", text) == [(2, "loop")]
    assert wrong(store, "department", "name,below\nA,B\nB,A\n") == [
        (2, "no_department_called"),
        (3, "no_department_called"),
    ]
    assert wrong(store, "department", "name,below\nSecond top,\n") == [(2, "one_top")]
    assert wrong(store, "person", "name,department,manages\nX,Kitchen,Nothing\n") == [(2, "no_department_called")]


def test_a_reference_finds_what_moved_and_was_renamed(store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.get_one(Department, cast.packing).reference = "D9"
    assert taken(store, "department", "reference,name,below\nD9,Parcels,Kitchen\n") == (0, 1)
    with store.read() as session:
        packing = session.get_one(Department, cast.packing)
        assert (packing.name, packing.parent_id) == ("Parcels", cast.kitchen)
        assert {entry.act for entry in audit.of_one(session, "department", cast.packing)} == {"renamed", "moved"}


def test_a_thousand_people_take_less_than_two_seconds(store: Store, cast: Cast) -> None:
    text = PEOPLE + "".join(f"P{n},Person {n},Garden House / Kitchen\n" for n in range(1000))
    begun = time.perf_counter()
    assert taken(store, "person", text) == (1000, 0)
    assert time.perf_counter() - begun < 2


def test_a_file_waits_for_its_uploader_for_an_hour(tmp_path: Path) -> None:
    waiting = Waiting(tmp_path)
    token = waiting.put(b"x", "person", 7, BEGINNING)
    assert waiting.get(token, "person", 7, BEGINNING) == b"x"
    later = BEGINNING + timedelta(hours=1)
    for noun, person, at in (("place", 7, BEGINNING), ("person", 8, BEGINNING), ("person", 7, later)):
        assert waiting.get(token, noun, person, at) is None
    assert waiting.get("../../secret_key", "person", 7, BEGINNING) is None
    waiting.forget(later)
    assert list((tmp_path / "uploads").iterdir()) == []
