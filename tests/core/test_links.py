"""QR links: their codes, what their forms offer, who may see them."""

import secrets

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from feedback import clock
from feedback.core import links
from feedback.core.access import Viewer, viewer_of
from feedback.core.accounts import Account
from feedback.core.links import Link, link_with_code, new_link, normal_code, offer, shelf
from feedback.core.organisation import the_organisation
from feedback.core.people import Department, Person, PersonPlace, Place, Topic
from feedback.crockford import ALPHABET
from feedback.db import Store, new_id, table_of
from tests.factories import BEGINNING, Cast, make_link


def viewer(store: Store, person_id: int) -> Viewer:
    with store.read() as session:
        return viewer_of(session, session.get_one(Person, person_id), session.get_one(Account, person_id))


def test_a_code_is_eight_letters_and_digits_that_nobody_mistakes() -> None:
    codes = {new_link(BEGINNING).code for _ in range(200)}
    assert len(codes) == 200
    assert all(len(code) == 8 and set(code) <= set(ALPHABET) for code in codes)


def test_a_code_holds_forty_bits_of_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "token_bytes", lambda size: {5: b"\xff" * 5}[size])
    assert new_link(BEGINNING).code == "ZZZZZZZZ"


@pytest.mark.parametrize(
    ("typed", "code"),
    [("7K3M9PXA", "7K3M9PXA"), ("7k3m9pxa", "7K3M9PXA"), ("7K3M-9PXA", "7K3M9PXA"), (" 7k3m 9pxa ", "7K3M9PXA"),
     ("oOiIlLaA", "001111AA"), ("7K3M9PX", None), ("7K3M9PXAA", None), ("UUUUUUUU", None), ("", None), ("7" * 99, None)],
)  # fmt: skip
def test_a_code_is_read_as_typed(typed: str, code: str | None) -> None:
    assert normal_code(typed) == code


@pytest.mark.parametrize(
    "targets", [{}, {"person_id": 1, "place_id": 1}, {"person_id": 1, "department_id": 1, "place_id": 1}]
)
def test_the_store_holds_a_link_to_one_thing(store: Store, cast: Cast, targets: dict[str, int]) -> None:
    known = {"person_id": cast.maria, "department_id": cast.kitchen, "place_id": cast.table}
    row = {"id": 1, "code": "00000000", "made_at": BEGINNING} | {name: known[name] for name in targets}
    with pytest.raises(IntegrityError), store.write_rows() as connection:
        connection.execute(insert(table_of(Link)), row)


def test_the_store_gives_a_code_once(store: Store, cast: Cast) -> None:
    row = {"id": 1, "code": cast.maria_link, "made_at": BEGINNING, "person_id": cast.maria}
    with pytest.raises(IntegrityError), store.write_rows() as connection:
        connection.execute(insert(table_of(Link)), row)


def test_a_link_to_a_person_offers_no_other_person(store: Store, cast: Cast) -> None:
    with store.read() as session:
        made = offer(session, _link(session, cast.maria_link))
    assert (made.points_at, made.heading, made.under, made.department_id) == (
        "person",
        "Maria",
        "Kitchen",
        cast.kitchen,
    )
    assert made.person and made.person.id == cast.maria and made.people == ()
    assert made.person_with(cast.maria) and not made.person_with(cast.karim)


def test_a_link_to_a_department_offers_its_people_and_those_below(store: Store, cast: Cast) -> None:
    with store.read() as session:
        kitchen = offer(session, _link(session, cast.kitchen_link))
        root = session.get_one(Department, cast.root)
    assert [tile.name for tile in kitchen.people] == ["Karim", "Maria"]
    link = make_link(store, department=root)
    with store.read() as session:
        whole = offer(session, _link(session, link.code))
    assert [tile.name for tile in whole.people] == ["Hans", "Karim", "Maria"]


def test_a_link_to_a_place_finds_the_nearest_department_around_it(store: Store, cast: Cast) -> None:
    with store.read() as session:
        made = offer(session, _link(session, cast.table_link))
    assert (made.points_at, made.heading, made.under) == ("place", "Table 4", "Terrace")
    assert (made.department_id, made.place_id) == (cast.kitchen, cast.table)


def test_a_place_that_no_department_runs_offers_nobody(store: Store, cast: Cast) -> None:
    with store.write() as session:
        garden = Place(id=new_id(BEGINNING), name="Garden")
        session.add(garden)
    link = make_link(store, place=garden)
    with store.read() as session:
        made = offer(session, _link(session, link.code))
    assert (made.department_id, made.people, made.under) == (None, (), "")
    assert {chip.name for chip in made.topics} == {"Missing parts", "Cold food"}


def test_people_met_at_a_place_stand_first_on_its_forms(store: Store, cast: Cast) -> None:
    """Whatever department they are of, on the forms of the spots within it too."""
    with store.write() as session:
        session.add(PersonPlace(person_id=cast.hans, place_id=cast.terrace))
        session.add(PersonPlace(person_id=cast.maria, place_id=cast.table))
        session.add(PersonPlace(person_id=cast.paula, place_id=cast.table))  # not shown on forms
    with store.read() as session:
        tiles = offer(session, session.get_one(Link, cast.link_ids["table"])).people
        assert [tile.id for tile in tiles] == [cast.hans, cast.maria, cast.karim]
        assert [tile.id for tile in offer(session, session.get_one(Link, cast.link_ids["kitchen"])).people] == [
            cast.karim,
            cast.maria,
        ]


def test_places_that_run_in_a_circle_end_somewhere(store: Store, cast: Cast) -> None:
    """Made by hand in the store; the form still opens."""
    with store.write() as session:
        terrace = session.get_one(Place, cast.terrace)
        terrace.parent_id, terrace.department_id = cast.table, None
        session.get_one(Department, cast.root).parent_id = cast.kitchen
    with store.read() as session:
        assert offer(session, _link(session, cast.table_link)).department_id is None
        assert offer(session, _link(session, cast.kitchen_link)).department_id == cast.kitchen


def test_own_topics_stand_first_and_retired_ones_nowhere(store: Store, cast: Cast) -> None:
    with store.write() as session:
        for name in ("A", "B", "C"):
            session.add(Topic(id=new_id(BEGINNING), name=name, department_id=cast.packing))
        session.get_one(Topic, cast.missing_parts).retired_at = BEGINNING
    with store.read() as session:
        made = offer(session, _link(session, cast.kitchen_link))
    assert [chip.name for chip in made.topics] == ["Cold food", "A", "B", "C"]


def test_a_form_offers_so_many_and_no_more(store: Store, cast: Cast) -> None:
    with store.write() as session:
        for number in range(40):
            at = clock.now()
            session.add(Topic(id=new_id(at), name=f"T{number:02}", department_id=cast.kitchen))
            session.add(
                Person(
                    id=new_id(at),
                    name="P",
                    public_name=f"A{number:02}",
                    department_id=cast.kitchen,
                    is_shown_on_forms=True,
                )
            )
    with store.read() as session:
        made = offer(session, _link(session, cast.kitchen_link))
    assert [tile.name for tile in made.people] == [f"A{number:02}" for number in range(12)]
    assert len(made.topics) == 24
    assert len({tile.id for tile in made.people}) == 12


@pytest.mark.parametrize(
    ("who", "seen"),
    [("anna", {"maria", "kitchen", "table"}), ("dora", {"maria", "kitchen", "table"}),
     ("berta", {"maria", "kitchen", "table"}), ("paula", set()), ("maria", set()), ("hans", set())],
)  # fmt: skip
def test_a_manager_sees_the_links_of_own_departments(store: Store, cast: Cast, who: str, seen: set[str]) -> None:
    someone = viewer(store, getattr(cast, who))
    with store.read() as session:
        page = shelf.page(session, someone, after=None, size=50)
        assert {link.id for link in page} == {cast.link_ids[name] for name in seen}
        for name, link_id in cast.link_ids.items():
            assert (links.one(session, someone, link_id) is not None) is (name in seen)


def test_a_list_of_links_goes_on_where_it_ended(store: Store, cast: Cast) -> None:
    someone = viewer(store, cast.anna)
    with store.read() as session:
        first = shelf.page(session, someone, after=None, size=2)
        rest = shelf.page(session, someone, after=first[-1].id, size=2)
        assert [link.id for link in (*first, *rest)] == sorted(cast.link_ids.values(), reverse=True)


def test_all_links_are_named_at_once(store: Store, cast: Cast) -> None:
    with store.read() as session:
        every = session.scalars(select(Link)).all()
        assert links.names(session, every) == {
            cast.link_ids["maria"]: ("Maria", "Kitchen"),
            cast.link_ids["kitchen"]: ("Kitchen", ""),
            cast.link_ids["table"]: ("Table 4", "Terrace"),
        }
        assert links.names(session, []) == {}


@pytest.mark.parametrize("what", ["link", "person", "department", "place", "topic"])
def test_whatever_a_form_shows_raises_the_version_when_it_changes(store: Store, cast: Cast, what: str) -> None:
    before = store.version()
    with store.write() as session:
        if what == "link":
            _link(session, cast.maria_link).retired_at = BEGINNING
        elif what == "person":
            session.get_one(Person, cast.maria).public_name = "Mary"
        elif what == "department":
            session.get_one(Department, cast.kitchen).name = "Cuisine"
        elif what == "place":
            session.get_one(Place, cast.table).name = "Table 5"
        else:
            session.add(Topic(id=new_id(BEGINNING), name="New", department_id=cast.kitchen))
    assert before is not None and store.version() is not None
    assert store.version() > before  # type: ignore[operator]


def test_reading_raises_no_version(store: Store, cast: Cast) -> None:
    before = store.version()
    with store.write() as session:
        assert the_organisation(session)
        offer(session, _link(session, cast.table_link))
    assert store.version() == before


def _link(session: Session, code: str) -> Link:
    found = link_with_code(session, code)
    assert found is not None
    return found
