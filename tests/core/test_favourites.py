"""Favourites: one's own letters alone, each once, the newest mark first, and nobody else's to see."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from feedback.core import favourites
from feedback.core.favourites import Favourite
from feedback.core.people import Person
from feedback.core.praise import Praise, to_oneself
from feedback.core.praise.listing import _together
from feedback.db import Store
from tests.core.test_praise import thanks
from tests.factories import BEGINNING, Cast
from tests.story import at_once, concern, viewer

LATER = BEGINNING + timedelta(days=1)


def mark(store: Store, who: int, letter: int, minute: int = 0) -> bool:
    with store.write() as session:
        return favourites.add(session, viewer(store, who), letter, LATER + timedelta(minutes=minute))


def unmark(store: Store, who: int, letter: int) -> bool:
    with store.write() as session:
        return favourites.remove(session, viewer(store, who), letter)


def marked(store: Store, who: int, after: int | None = None, size: int = 30) -> list[tuple[int, int]]:
    with store.read() as session:
        found = favourites.page(session, viewer(store, who), after=after, size=size)
        return [(place, letter.praise.id) for place, letter in found]


def ids(store: Store, who: int) -> list[int]:
    return [letter for _, letter in marked(store, who)]


def move(store: Store, who: int, department: int) -> None:
    with store.write() as session:
        session.get_one(Person, who).department_id = department


def test_the_newest_mark_comes_first_whatever_the_letters_age(store: Store, cast: Cast) -> None:
    first, second, third = (thanks(store, cast.maria_link) for _ in range(3))
    for minute, letter in enumerate((second, third, first)):
        assert mark(store, cast.maria, letter, minute)
    assert ids(store, cast.maria) == [first, third, second]
    assert ids(store, cast.karim) == ids(store, cast.berta) == []


def test_marking_twice_is_marking_once(store: Store, cast: Cast) -> None:
    first, second = thanks(store, cast.maria_link), thanks(store, cast.kitchen_link)
    for minute, letter in enumerate((first, second, first)):
        assert mark(store, cast.maria, letter, minute)
    assert ids(store, cast.maria) == [second, first]


def test_two_screens_of_one_person_may_mark_at_once(store: Store, cast: Cast) -> None:
    letter = thanks(store, cast.maria_link)
    at_once(*[lambda: mark(store, cast.maria, letter)] * 3)  # type: ignore[list-item]
    assert ids(store, cast.maria) == [letter]


def test_the_mark_is_taken_off_and_put_back(store: Store, cast: Cast) -> None:
    letter = thanks(store, cast.kitchen_link)
    assert mark(store, cast.maria, letter) and mark(store, cast.karim, letter)
    assert unmark(store, cast.maria, letter) and unmark(store, cast.maria, letter)
    assert (ids(store, cast.maria), ids(store, cast.karim)) == ([], [letter])
    assert mark(store, cast.maria, letter)
    assert ids(store, cast.maria) == [letter]


def test_nobody_marks_what_is_not_their_own(store: Store, cast: Cast) -> None:
    letter, held = thanks(store, cast.maria_link), thanks(store, cast.maria_link, rating=1)
    for key in ("karim", "hans", "paula", "berta", "dora", "anna"):
        who = getattr(cast, key)
        assert not mark(store, who, letter) and not unmark(store, who, letter), key
    assert not mark(store, cast.maria, held) and not mark(store, cast.maria, 12345)


def test_an_excerpt_for_the_department_of_what_concerns_someone_is_not_theirs_to_mark(store: Store, cast: Cast) -> None:
    letter = thanks(store, cast.kitchen_link)
    with store.write() as session:
        found = session.get_one(Praise, letter)
        found.excerpt, number = "kind words", found.submission_id
    assert mark(store, cast.karim, letter) and mark(store, cast.maria, letter)
    concern(store, number, cast.karim)
    assert not mark(store, cast.karim, letter)
    assert (ids(store, cast.karim), ids(store, cast.maria)) == ([], [letter])


def test_letters_in_person_stay_through_a_move_and_those_of_the_department_do_not(store: Store, cast: Cast) -> None:
    mine, ours = thanks(store, cast.maria_link), thanks(store, cast.kitchen_link)
    assert mark(store, cast.maria, mine) and mark(store, cast.maria, ours, 1)
    move(store, cast.maria, cast.packing)
    assert ids(store, cast.maria) == [mine]
    assert not unmark(store, cast.maria, ours)
    move(store, cast.maria, cast.kitchen)
    assert ids(store, cast.maria) == [ours, mine]


def test_they_are_paged_without_gap_or_repeat_though_marks_are_taken_off_meanwhile(store: Store, cast: Cast) -> None:
    letters = [thanks(store, cast.maria_link) for _ in range(7)]
    for minute, letter in enumerate(letters):
        mark(store, cast.maria, letter, minute)
    first = marked(store, cast.maria, size=3)
    unmark(store, cast.maria, first[-1][1])
    second = marked(store, cast.maria, first[-1][0], size=3)
    third = marked(store, cast.maria, second[-1][0], size=3)
    assert [letter for _, letter in (*first, *second, *third)] == letters[::-1]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_list_is_sorted_to_show_a_page_of_it(store: Store, cast: Cast) -> None:
    """Each walks an index from its end, so that a page costs the same however many letters there are."""
    maria, marks = viewer(store, cast.maria), select(Favourite.id).where(Favourite.person_id == cast.maria)
    pages = [marks.order_by(Favourite.id.desc()).limit(30)]
    pages += [part.order_by(Praise.id.desc()).limit(30) for part in (to_oneself(maria), *_together(maria))]
    with store.read() as session:
        for page in pages:
            written = page.compile(session.connection(), compile_kwargs={"literal_binds": True})
            plan = [step[3] for step in session.connection().exec_driver_sql(f"explain query plan {written}")]
            assert "INDEX ix_" in plan[0] and not any("TEMP B-TREE" in step for step in plan), plan
