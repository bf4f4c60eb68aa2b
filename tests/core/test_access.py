"""Access: how far each of the cast sees, and what is asked of a role."""

import pytest

from feedback.core import access
from feedback.core.access import Permission
from feedback.core.accounts import TAKING_ALONG
from feedback.core.people import Department, Management, Person
from feedback.db import Store, new_id
from tests.factories import BEGINNING, Cast
from tests.story import viewer

STAFF = {
    Permission.SEE_RECORD,
    Permission.TAKE_PRAISE,
    Permission.KEEP_ACCOUNT,
    Permission.READ_PRAISE,
    Permission.WORK_ON_CASES,
}


@pytest.fixture
def team(store: Store, cast: Cast) -> int:
    """A team of the Kitchen, without a manager of its own; Karim works there."""
    with store.write() as session:
        made = Department(id=new_id(BEGINNING), name="Night team", parent_id=cast.kitchen)
        session.add(made)
        session.flush()
        session.get_one(Person, cast.karim).department_id = made.id
    return made.id


def test_an_employee_manages_nothing_and_belongs_to_all_above(store: Store, cast: Cast, team: int) -> None:
    karim = viewer(store, cast.karim)
    assert karim.own_departments == {team, cast.kitchen, cast.root}
    assert (karim.managed, karim.manages, karim.is_admin, karim.sees_everything) == (frozenset(), False, False, False)


def test_a_manager_manages_all_below(store: Store, cast: Cast, team: int) -> None:
    assert viewer(store, cast.berta).managed == {cast.kitchen, team}
    assert viewer(store, cast.paula).managed == {cast.packing}
    assert viewer(store, cast.dora).managed == {cast.root, cast.kitchen, cast.packing, team}


def test_an_admin_sees_everything_without_managing(store: Store, cast: Cast) -> None:
    anna = viewer(store, cast.anna)
    assert (anna.managed, anna.manages, anna.sees_everything) == (frozenset(), False, True)


def test_a_manager_of_a_loop_manages_what_is_in_it(store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.get_one(Department, cast.kitchen).parent_id = cast.packing
        session.get_one(Department, cast.packing).parent_id = cast.kitchen
    assert viewer(store, cast.berta).managed == {cast.kitchen, cast.packing}
    assert viewer(store, cast.maria).own_departments == {cast.kitchen, cast.packing}


def test_a_reach_follows_the_organisation_at_once(store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.delete(session.get_one(Management, (cast.kitchen, cast.berta)))
    assert not viewer(store, cast.berta).manages


@pytest.mark.parametrize("key", ["maria", "karim", "hans"])
def test_staff_keep_their_account_read_praise_and_work_on_cases(store: Store, cast: Cast, key: str) -> None:
    found = viewer(store, getattr(cast, key))
    assert {permission for permission in Permission if found.may(permission)} == STAFF


@pytest.mark.parametrize("key", ["berta", "paula", "dora"])
def test_managers_may_all_but_administer(store: Store, cast: Cast, key: str) -> None:
    found = viewer(store, getattr(cast, key))
    assert {permission for permission in Permission if not found.may(permission)} == {Permission.ADMINISTER}


def test_an_admin_may_all(store: Store, cast: Cast) -> None:
    assert all(viewer(store, cast.anna).may(permission) for permission in Permission)


def test_departments_and_people_are_found_in_reach_only(store: Store, cast: Cast, team: int) -> None:
    berta, anna, maria = (viewer(store, id) for id in (cast.berta, cast.anna, cast.maria))
    with store.read() as session:
        assert [d.name for d in access.departments_for(session, berta)] == ["Kitchen", "Night team"]
        assert len(access.departments_for(session, anna)) == 4
        assert access.departments_for(session, maria) == []
        assert access.department_for(session, berta, cast.kitchen)
        assert access.department_for(session, berta, cast.packing) is None
        assert access.department_for(session, maria, cast.kitchen) is None
        assert access.person_for(session, berta, cast.karim)
        assert access.person_for(session, berta, cast.hans) is None
        assert access.person_for(session, maria, cast.maria) is None
        assert [p.name for p in access.people_in(session, berta, cast.kitchen)] == ["Berta Stein", "Maria Lopez"]
        assert access.people_in(session, berta, cast.packing) == []
        assert [p.name for p in access.people_in(session, anna, cast.packing)] == ["Hans Weber", "Paula Novak"]


@pytest.mark.parametrize("key", ["maria", "berta", "dora", "anna"])
def test_who_has_left_reaches_nothing_but_their_letters_and_what_is_kept_of_them(
    store: Store, cast: Cast, key: str
) -> None:
    with store.write() as session:
        session.get_one(Person, getattr(cast, key)).retired_at = BEGINNING
    found = viewer(store, getattr(cast, key))
    assert {permission for permission in Permission if found.may(permission)} == {
        Permission.TAKE_PRAISE,
        Permission.SEE_RECORD,
    }
    assert (found.managed, found.own_departments, found.sees_everything) == (frozenset(), frozenset(), False)
    assert found.until == BEGINNING + TAKING_ALONG
