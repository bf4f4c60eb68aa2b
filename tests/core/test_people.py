"""People, departments and places: trees read in one statement, whatever their shape."""

import sys

import pytest
from sqlalchemy import select

from feedback.core import people
from feedback.core.people import DEEPEST, Department, Place, departments_above, departments_below, places_above
from feedback.db import Store, new_id
from tests.factories import BEGINNING, Cast


def below(store: Store, *ids: int) -> set[int]:
    tree = departments_below(ids)
    with store.read() as session:
        return set(session.scalars(select(tree.c.id)))


def above(store: Store, *ids: int) -> set[int]:
    with store.read() as session:
        return set(departments_above(session, ids))


def chain(store: Store, top: int, length: int) -> list[int]:
    """So many departments, each below the one before."""
    ids = [new_id(BEGINNING) for _ in range(length)]
    with store.write() as session:
        for id, parent in zip(ids, [top, *ids], strict=False):
            session.add(Department(id=id, name=f"Level {id}", parent_id=parent))
            session.flush()
    return ids


def test_above_a_department_stand_all_up_to_the_root(store: Store, cast: Cast) -> None:
    (team,) = chain(store, cast.kitchen, 1)
    assert above(store, team) == {team, cast.kitchen, cast.root}
    assert above(store, team, cast.packing) == {team, cast.kitchen, cast.packing, cast.root}
    assert above(store) == set()


def test_below_a_department_stand_all_its_teams(store: Store, cast: Cast) -> None:
    (team,) = chain(store, cast.kitchen, 1)
    assert below(store, cast.kitchen) == {cast.kitchen, team}
    assert below(store, cast.root) == {cast.root, cast.kitchen, cast.packing, team}
    assert below(store) == set()


def test_a_tree_is_followed_as_deep_as_any_is(store: Store, cast: Cast) -> None:
    levels = chain(store, cast.kitchen, DEEPEST + 5)
    assert below(store, cast.kitchen) == {cast.kitchen, *levels[:DEEPEST]}
    assert len(above(store, levels[-1])) == DEEPEST + 1


@pytest.mark.parametrize("length", [1, 2])
def test_a_loop_has_an_end(store: Store, cast: Cast, length: int) -> None:
    ring = [cast.kitchen, *chain(store, cast.kitchen, length - 1)]
    with store.write() as session:
        session.get_one(Department, cast.kitchen).parent_id = ring[-1]
    assert above(store, cast.kitchen) == below(store, cast.kitchen) == set(ring)


def test_around_a_place_stand_all_it_lies_in(store: Store, cast: Cast) -> None:
    with store.read() as session:
        assert set(places_above(session, [cast.table])) == {cast.table, cast.terrace}


def test_places_in_a_loop_have_an_end(store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.get_one(Place, cast.terrace).parent_id = cast.table
    with store.read() as session:
        assert set(places_above(session, [cast.table])) == {cast.table, cast.terrace}


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Maria", "M"),
        ("maria lopez", "ML"),
        ("Ana Maria de la Cruz", "AC"),
        ("ليلى", "ل"),
        ("ليلى حداد", "ل\u200cح"),
        ("李 小龙", "李小"),
        ("  Łukasz\tNowak ", "ŁN"),
        ("", ""),
    ],
)
def test_initials_are_the_first_letters_of_first_and_last_name(name: str, letters: str) -> None:
    assert people.initials(name) == letters


def test_every_letter_there_is_can_begin_a_name() -> None:
    signs = (chr(n) for n in range(sys.maxunicode + 1) if not 0xD800 <= n <= 0xDFFF)
    assert all(len(people.initials(f"{sign}a {sign}b")) <= 3 for sign in signs)


def test_names_are_looked_up_by_id_and_missing_where_nobody_is(store: Store, cast: Cast) -> None:
    with store.read() as session:
        found = people.person_names(session, [cast.maria, None, 12345, cast.maria])
        assert found == {cast.maria: "Maria Lopez"}
        assert people.person_names(session, [None]) == {}
        assert people.names(session, department_id=cast.kitchen, place_id=None) == {
            "department": "Kitchen",
            "place": "",
        }
        assert people.names(session, department_id=None, place_id=cast.table)["place"] == "Table 4"
