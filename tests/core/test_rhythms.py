"""Rhythms: when a digest comes, when quiet hours end, in every time zone and over the days when clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from feedback.core import rhythms
from feedback.core.rhythms import Often, Rhythm
from feedback.db import Store
from tests.factories import Cast
from tests.story import at_once

BERLIN = "Europe/Berlin"


def rhythm(**chosen: object) -> Rhythm:
    found = rhythms.usual(7)
    for name, value in chosen.items():
        setattr(found, name, value)
    return found


def local(text: str, zone: str = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("often", "now", "then"),
    [
        (Often.DAILY, "2026-01-05 07:59", "2026-01-05 08:00"),
        (Often.DAILY, "2026-01-05 08:00", "2026-01-06 08:00"),  # never the moment itself: its digest is going out
        (Often.DAILY, "2026-12-31 20:00", "2027-01-01 08:00"),
        (Often.DAILY, "2026-03-28 20:00", "2026-03-29 08:00"),  # clocks go forward between
        (Often.DAILY, "2026-10-24 20:00", "2026-10-25 08:00"),
        (Often.WEEKLY, "2026-01-05 07:00", "2026-01-05 08:00"),  # a Monday
        (Often.WEEKLY, "2026-01-05 08:00", "2026-01-12 08:00"),
        (Often.WEEKLY, "2026-01-11 23:59", "2026-01-12 08:00"),
    ],
)
def test_a_digest_comes_at_its_hour_where_its_reader_is(often: Often, now: str, then: str) -> None:
    assert rhythms.next_digest(rhythm(), often, local(now), BERLIN) == local(then)
    elsewhere = rhythm(timezone="Asia/Kolkata")
    found = rhythms.next_digest(elsewhere, often, local(now, "Asia/Kolkata"), BERLIN)
    assert found == local(then, "Asia/Kolkata")


def test_a_digest_whose_hour_is_quiet_comes_when_it_is_over() -> None:
    early = rhythm(hour=5, quiet_from=22, quiet_until=7)
    found = rhythms.next_digest(early, Often.DAILY, local("2026-01-05 12:00"), BERLIN)
    assert found == local("2026-01-06 07:00")


@pytest.mark.parametrize(
    ("begin", "end", "now", "over"),
    [
        (22, 7, "2026-01-05 21:59", None),
        (22, 7, "2026-01-05 22:00", "2026-01-06 07:00"),
        (22, 7, "2026-01-06 06:59", "2026-01-06 07:00"),
        (22, 7, "2026-01-06 07:00", None),
        (12, 14, "2026-01-05 13:30", "2026-01-05 14:00"),
        (12, 14, "2026-01-05 14:00", None),
        (22, 0, "2026-01-05 23:10", "2026-01-06 00:00"),
        (22, 3, "2026-03-28 23:00", "2026-03-29 03:00"),  # clocks go from two to three
        (22, 7, "2026-10-24 23:00", "2026-10-25 07:00"),
        (None, None, "2026-01-05 23:00", None),
    ],
)
def test_quiet_hours_end_where_their_reader_is(begin: int | None, end: int | None, now: str, over: str | None) -> None:
    quiet = rhythm(quiet_from=begin, quiet_until=end)
    assert rhythms.quiet_ends(quiet, local(now), BERLIN) == (local(over) if over else None)


def test_the_next_full_hour_waits_for_the_end_of_quiet_hours() -> None:
    quiet = rhythm(quiet_from=22, quiet_until=7)
    assert rhythms.next_hour(quiet, local("2026-01-05 20:10"), BERLIN) == local("2026-01-05 21:00")
    assert rhythms.next_hour(quiet, local("2026-01-05 21:10"), BERLIN) == local("2026-01-06 07:00")


def test_every_moment_found_lies_ahead_and_is_never_quiet() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    for hours in range(0, 24 * 366, 5):
        moment = at + timedelta(hours=hours, minutes=30)
        for zone in (BERLIN, "America/St_Johns", "Pacific/Apia"):
            one = rhythm(hour=hours % 24, weekday=hours % 7, quiet_from=hours % 23, quiet_until=23, timezone=zone)
            for often in (Often.DAILY, Often.WEEKLY):
                found = rhythms.next_digest(one, often, moment, "UTC")
                assert found > moment and rhythms.quiet_ends(one, found, "UTC") is None


def kept(store: Store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(Rhythm)) or 0


def choose(store: Store, wanted: Rhythm) -> None:
    with store.write() as session:
        rhythms.choose(session, wanted)


def test_only_what_differs_from_the_usual_is_kept(store: Store, cast: Cast) -> None:
    choose(store, Rhythm(person_id=cast.berta, cases="daily", praise="at_once", hour=9, weekday=0))
    choose(store, Rhythm(person_id=cast.berta, cases="weekly", praise="at_once", hour=9, weekday=4))
    with store.read() as session:
        assert (rhythms.of(session, cast.berta).cases, kept(store)) == ("weekly", 1)
        assert (rhythms.of(session, cast.paula).cases, rhythms.of(session, cast.paula).hour) == ("at_once", 8)
    # An hour alone says nothing where nothing comes at it.
    choose(store, Rhythm(person_id=cast.berta, cases="at_once", praise="at_once", hour=9, weekday=4))
    assert kept(store) == 0


@pytest.mark.parametrize("wrong", [{"cases": "hourly"}, {"hour": 24}, {"quiet_from": 3}, {"weekday": 7}])
def test_what_nobody_can_choose_is_not_kept(store: Store, cast: Cast, wrong: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), store.write() as session:
        session.add(
            Rhythm(**{"person_id": cast.berta, "cases": "daily", "praise": "daily", "hour": 8, "weekday": 0} | wrong)
        )


def test_two_presses_at_once_are_one_choice(store: Store, cast: Cast) -> None:
    def press() -> None:
        with store.write() as session:
            rhythms.choose(session, Rhythm(person_id=cast.berta, cases="daily", praise="daily", hour=8, weekday=0))

    at_once(press, press, press)
    with store.read() as session:
        assert rhythms.of(session, cast.berta).cases == Often.DAILY
