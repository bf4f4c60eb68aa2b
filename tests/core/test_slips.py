"""Slips: each person's own letters and no other's, as far as whoever prints them may read them."""

from datetime import timedelta

import pytest

from feedback.core import praise, slips
from feedback.core.people import Person
from feedback.core.praise import Praise
from feedback.db import Store
from tests.core.test_praise import thanks
from tests.core.test_praising import KIND, MONDAY, Matter
from tests.factories import BEGINNING, Cast
from tests.story import arrives, concern, viewer

BEFORE = BEGINNING - timedelta(days=1)


def printed(
    store: Store, cast: Cast, key: str = "berta", *, of: int | None = None, **more: bool
) -> dict[str, list[str]]:
    """By name what is on the slips."""
    with store.read() as session:
        found = slips.of_department(session, viewer(store, getattr(cast, key)), of or cast.kitchen, BEFORE, **more)
    return {slip.name: [letter.words for letter in slip.letters] for slip in found.slips}


def test_ones_own_letters_first_and_then_those_of_the_team(store: Store, cast: Cast) -> None:
    thanks(store, cast.maria_link, message="Maria!")
    thanks(store, cast.kitchen_link, message="All of you!")
    found = printed(store, cast)
    assert found == {
        "Berta Stein": ["All of you!"],
        "Karim Haddad": ["All of you!"],
        "Maria Lopez": ["Maria!", "All of you!"],
    }
    assert list(found) == sorted(found)  # by name, and by nothing else


def test_nothing_that_stood_in_a_complaint_about_them(store: Store, cast: Cast) -> None:
    matter = Matter(store, cast)
    concern(store, matter.number, cast.karim)
    matter.pass_on(KIND, to="kitchen")
    with store.read() as session:
        found = slips.of_department(session, viewer(store, cast.berta), cast.kitchen, MONDAY)
    assert {slip.name for slip in found.slips} == {"Berta Stein", "Maria Lopez"}


def test_what_was_read_takes_no_room(store: Store, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slips, "MOST_LETTERS", 1)
    thanks(store, cast.maria_link, message="The older")
    newer = thanks(store, cast.maria_link, message="The newer")
    with store.write() as session:
        praise.mark_read(session, viewer(store, cast.maria), [newer], BEGINNING)
    assert printed(store, cast) == {"Maria Lopez": ["The older"]}


@pytest.mark.parametrize("bound", ["MOST_PEOPLE", "MOST_LETTERS"])
def test_more_than_one_printing_looks_at_is_said(
    store: Store, cast: Cast, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    for words in ("One", "Two", "Three"):
        thanks(store, cast.kitchen_link, message=words)
    for most, is_cut in ((2, True), (50, False)):
        monkeypatch.setattr(slips, bound, most)
        with store.read() as session:
            assert slips.of_department(session, viewer(store, cast.berta), cast.kitchen, BEFORE).is_cut is is_cut


def test_what_was_read_is_left_out_unless_it_is_asked_for(store: Store, cast: Cast) -> None:
    letter = thanks(store, cast.kitchen_link, message="All of you!")
    with store.write() as session:
        praise.mark_read(session, viewer(store, cast.maria), [letter], BEGINNING)
    assert set(printed(store, cast)) == {"Berta Stein", "Karim Haddad"}
    assert set(printed(store, cast, unread_only=False)) == {"Berta Stein", "Karim Haddad", "Maria Lopez"}


def test_printing_is_not_reading(store: Store, cast: Cast) -> None:
    thanks(store, cast.maria_link, message="Maria!")
    assert printed(store, cast) == printed(store, cast)


def test_what_waits_or_is_older_is_on_none(store: Store, cast: Cast) -> None:
    thanks(store, cast.maria_link, message="So so", rating=1)
    arrives(store, cast.maria_link, kind="compliment", message="Long ago", at=BEFORE - timedelta(days=1))
    assert printed(store, cast) == {}


@pytest.mark.parametrize(("key", "of", "sees"), [("paula", "kitchen", 0), ("paula", "root", 0), ("dora", "root", 1)])
def test_nobody_prints_what_they_may_not_read(store: Store, cast: Cast, key: str, of: str, sees: int) -> None:
    thanks(store, cast.maria_link, message="Maria!")
    assert len(printed(store, cast, key, of=getattr(cast, of))) == sees


def test_who_left_gets_none_and_who_moved_takes_theirs_along(store: Store, cast: Cast) -> None:
    thanks(store, cast.maria_link, message="Maria!")
    with store.write() as session:
        session.get_one(Person, cast.maria).department_id = cast.packing
    assert printed(store, cast) == {} and printed(store, cast, "dora", of=cast.packing) == {"Maria Lopez": ["Maria!"]}
    with store.write() as session:
        session.get_one(Person, cast.maria).retired_at = BEGINNING
    assert printed(store, cast, "dora", of=cast.packing) == {}


def test_more_than_a_slip_holds_is_counted(store: Store, cast: Cast) -> None:
    for _ in range(slips.MOST_EACH + 2):
        thanks(store, cast.maria_link, message="Maria!")
    with store.read() as session:
        (slip,) = slips.of_department(session, viewer(store, cast.berta), cast.kitchen, BEFORE).slips
        assert (len(slip.letters), slip.more, slip.person_id) == (slips.MOST_EACH, 2, cast.maria)
        assert session.get(Praise, slip.letters[0].praise.id) is not None
