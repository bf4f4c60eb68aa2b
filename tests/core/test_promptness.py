"""How promptly praise arrives: counted from the letters, by day, for the departments of whoever asks."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from feedback.core import praise, promptness
from feedback.core.links import Link
from feedback.core.praise import Praise
from feedback.core.promptness import BOUNDS, EVERYWHERE, CountedDay, Promptness, Span, half_within
from feedback.db import Store
from tests.factories import BEGINNING, Cast
from tests.story import arrives, at_once, viewer

SOON = timedelta(minutes=3)
LATER = BEGINNING + timedelta(hours=5)


def read(store: Store, cast: Cast, key: str, submission: int, after: timedelta) -> None:
    with store.write() as session:
        ids = session.scalars(select(Praise.id).where(Praise.submission_id == submission)).all()
        praise.mark_read(session, viewer(store, getattr(cast, key)), ids, BEGINNING + after)


def lately(store: Store, cast: Cast, key: str) -> Span:
    with store.read() as session:
        return promptness.together(promptness.weeks(session, viewer(store, getattr(cast, key)), BEGINNING.date()))


def test_each_stage_is_counted_with_its_time(store: Store, cast: Cast) -> None:
    first = arrives(store, cast.maria_link, kind="compliment", message="", at=BEGINNING)
    arrives(store, cast.kitchen_link, kind="compliment", message="", at=BEGINNING)
    read(store, cast, "maria", first, SOON)
    assert promptness.recount(store, LATER) > 0
    seen = lately(store, cast, "berta")
    assert (seen.sent, seen.in_person) == (2, 1)
    assert seen.delivered == Counter({0: 2})
    assert seen.read == Counter({2: 1})  # within five minutes
    assert half_within(seen.read) == timedelta(minutes=5)


def test_what_waits_is_sent_and_not_delivered_until_it_is(store: Store, cast: Cast) -> None:
    held = arrives(store, cast.maria_link, kind="compliment", message="", rating=1, at=BEGINNING)
    promptness.recount(store, LATER)
    waiting = lately(store, cast, "berta")
    assert (waiting.sent, waiting.in_person, waiting.delivered) == (1, 0, Counter())
    with store.write() as session:
        number = session.scalars(select(Praise.id).where(Praise.submission_id == held)).one()
        assert praise.deliver(session, viewer(store, cast.berta), number, BEGINNING + timedelta(hours=2))
    promptness.recount(store, LATER + timedelta(hours=1))
    out = lately(store, cast, "berta")
    assert (out.sent, out.in_person) == (1, 1)
    assert half_within(out.delivered) == timedelta(hours=4)


def test_complaints_and_history_are_no_part_of_it(store: Store, cast: Cast) -> None:
    arrives(store, cast.kitchen_link, at=BEGINNING)
    arrives(store, cast.kitchen_link, kind="compliment", message="", at=BEGINNING, history=True)
    promptness.recount(store, LATER)
    assert lately(store, cast, "anna").sent == 0


def test_managers_see_their_own_departments_and_admins_the_sum_of_all(store: Store, cast: Cast) -> None:
    arrives(store, cast.maria_link, kind="compliment", message="", at=BEGINNING)
    promptness.recount(store, LATER)
    assert {key: lately(store, cast, key).sent for key in ("berta", "paula", "anna")} == {
        "berta": 1,
        "paula": 0,
        "anna": 1,
    }
    with store.read() as session:
        assert set(session.scalars(select(Promptness.department_id))) == {cast.kitchen, EVERYWHERE}


def test_days_are_counted_again_as_long_as_something_may_change(store: Store, cast: Cast) -> None:
    whole = promptness.recount(store, LATER)
    assert whole == 7 * (promptness.WEEKS - 1) + BEGINNING.weekday() + 1
    assert promptness.recount(store, LATER + timedelta(minutes=59)) == 0
    assert promptness.recount(store, LATER + timedelta(hours=1)) == 2
    assert promptness.recount(store, LATER + timedelta(days=1, hours=1)) == promptness.COUNTED_AGAIN
    with store.read() as session:
        assert session.get(CountedDay, BEGINNING.date()) is not None


def test_a_reading_of_later_moves_the_number(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.maria_link, kind="compliment", message="", at=BEGINNING)
    promptness.recount(store, LATER)
    read(store, cast, "maria", number, timedelta(days=2))
    promptness.recount(store, BEGINNING + timedelta(days=2, hours=1))
    assert half_within(lately(store, cast, "berta").read) == timedelta(days=3)


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ({}, None),
        ({0: 1}, BOUNDS[0]),
        ({0: 1, 4: 1}, BOUNDS[0]),
        ({0: 1, 4: 2}, BOUNDS[4]),
        ({len(BOUNDS): 3, 0: 1}, None),
    ],
)
def test_half_of_them_lie_within(times: dict[int, int], expected: timedelta | None) -> None:
    assert half_within(times) == expected


def test_two_who_count_one_day_at_once(store: Store, cast: Cast) -> None:
    arrives(store, cast.maria_link, kind="compliment", message="", at=BEGINNING)
    at_once(*[lambda: promptness.recount(store, LATER)] * 3)
    assert lately(store, cast, "berta").sent == 1


def test_a_day_that_is_still_to_come_where_the_viewer_is(store: Store, cast: Cast) -> None:
    arrives(store, cast.maria_link, kind="compliment", message="", at=BEGINNING)
    promptness.recount(store, LATER)
    before = BEGINNING.date() - timedelta(days=1)  # a Sunday: the day counted is of the week that is to come
    with store.read() as session:
        assert promptness.together(promptness.weeks(session, viewer(store, cast.berta), before)).sent == 0


def test_what_people_inside_say_is_not_counted_among_customers(store: Store, cast: Cast) -> None:
    arrives(store, cast.kitchen_link, kind="compliment", message="", at=BEGINNING)
    with store.write() as session:
        session.get_one(Link, cast.link_ids["maria"]).is_internal = True
    arrives(store, cast.maria_link, kind="compliment", message="", at=BEGINNING)
    promptness.recount(store, LATER)
    assert lately(store, cast, "berta").sent == 1
