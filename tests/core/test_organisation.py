"""The organisation: one row, and a version that rises with everything a scan page is made of."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from feedback.core import organisation
from feedback.core.accounts import Account, sign_in
from feedback.core.links import Link, new_link
from feedback.core.organisation import Organisation, the_organisation
from feedback.core.people import Department, Management, Person, Place, Topic
from feedback.core.submissions import Submission
from feedback.db import Store, new_id
from tests.factories import BEGINNING, Cast
from tests.story import arrives

Change = Callable[[Session, Cast], object]
SEEN_BY_SCANS: dict[str, Change] = {
    "another name": lambda s, c: setattr(s.get_one(Organisation, 1), "name", "Garden Hall"),
    "another reader outside": lambda s, c: setattr(s.get_one(Organisation, 1), "outside_reader", "ombud@example.org"),
    "a new department": lambda s, c: s.add(Department(id=new_id(BEGINNING), name="Laundry", parent_id=c.root)),
    "a department renamed": lambda s, c: setattr(s.get_one(Department, c.kitchen), "name", "Cooks"),
    "someone leaves the tiles": lambda s, c: setattr(s.get_one(Person, c.maria), "is_shown_on_forms", False),
    "a new manager": lambda s, c: s.add(Management(department_id=c.kitchen, person_id=c.karim)),
    "a manager less": lambda s, c: s.delete(s.get_one(Management, (c.kitchen, c.berta))),
    "a place moved": lambda s, c: setattr(s.get_one(Place, c.table), "department_id", c.packing),
    "a topic retired": lambda s, c: setattr(s.get_one(Topic, c.cold_food), "retired_at", BEGINNING),
    "a new link": lambda s, c: s.add(new_link(BEGINNING, person=s.get_one(Person, c.karim))),
    "a link retired": lambda s, c: setattr(s.scalars(select(Link)).first(), "retired_at", BEGINNING),
    "a new administrator": lambda s, c: setattr(s.get_one(Account, c.dora), "is_admin", True),
}
NOT_SEEN: dict[str, Change] = {
    "a sign-in": lambda s, c: sign_in(s, c.maria, BEGINNING),
    "only reading": lambda s, c: s.scalars(select(Person)).all(),
    "the same again": lambda s, c: setattr(s.scalars(select(Submission)).first(), "person_note", ""),
}


def version(store: Store) -> int:
    found = store.version()
    assert found is not None
    return found


@pytest.mark.parametrize("change", SEEN_BY_SCANS.values(), ids=SEEN_BY_SCANS)
def test_the_version_rises_with_what_scans_show(store: Store, cast: Cast, change: Change) -> None:
    before = version(store)
    with store.write() as session:
        change(session, cast)
    assert version(store) > before


@pytest.mark.parametrize("change", NOT_SEEN.values(), ids=NOT_SEEN)
def test_the_version_stays_with_everything_else(store: Store, cast: Cast, change: Change) -> None:
    arrives(store, cast.kitchen_link)
    before = version(store)
    with store.write() as session:
        change(session, cast)
    assert version(store) == before


def test_a_change_taken_back_leaves_the_version(store: Store, cast: Cast) -> None:
    before = version(store)
    with pytest.raises(KeyError), store.write() as session:
        session.get_one(Person, cast.maria).public_name = "Mary"
        session.flush()
        raise KeyError
    assert version(store) == before


def test_there_is_none_before_the_set_up(store: Store) -> None:
    with store.read() as session:
        assert the_organisation(session) is None
    assert store.version() is None


def test_there_is_never_a_second_one(store: Store, cast: Cast) -> None:
    with pytest.raises(IntegrityError), store.write() as session:
        session.add(Organisation(id=2, name="Another", made_at=BEGINNING))


@pytest.mark.parametrize("days", [0, 61])
def test_a_promise_is_one_to_sixty_days(store: Store, cast: Cast, days: int) -> None:
    with pytest.raises(IntegrityError), store.write() as session:
        session.get_one(Organisation, 1).answer_days = days


def test_touching_changes_nothing(store: Store, cast: Cast) -> None:
    before = version(store)
    with store.write_rows() as connection:
        organisation.touch(connection)
    assert version(store) == before
