"""Deadlines on the working calendar: equal to counting day by day, whatever the calendar, the clocks and the waiting."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from feedback.core.calendar import Calendar
from feedback.core.deadlines import PRESETS, Promise, Span, Times, Unit, deadlines, promised
from feedback.core.organisation import the_organisation
from feedback.db import Store
from tests.factories import Cast

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Africa/Cairo",
    "America/St_Johns",
)
FIRST = datetime(2018, 1, 1, tzinfo=UTC)
MINUTES = 9 * 366 * 24 * 60  # around changes of the clocks and ends of years


def counted(calendar: Calendar, start: datetime, n: int) -> datetime:
    """The n-th working day after that of `start`, found by asking minute for minute when its date is over."""
    zone = ZoneInfo(calendar.zone)
    day, left = start.astimezone(zone).date(), n
    while left:
        day = date.fromordinal(day.toordinal() + 1)
        if day.weekday() in calendar.working_days and day not in calendar.holidays:
            left -= 1
    moment = datetime.combine(day, time(12), zone).astimezone(UTC)
    step = timedelta(hours=1)
    while step >= timedelta(minutes=1):
        while (moment + step).astimezone(zone).date() <= day:
            moment += step
        step /= 2
    while moment.astimezone(zone).date() <= day:
        moment += timedelta(minutes=1)
    return moment.replace(second=0, microsecond=0)


Drawn = tuple[Calendar, datetime, int]


def drawn(n: int, seed: int) -> Iterator[Drawn]:
    """Calendars with a moment and a span each; the same ones every time."""
    chance = Random(seed)
    for _ in range(n):
        holidays = {(FIRST + timedelta(days=chance.randrange(9 * 366))).date() for _ in range(chance.randrange(9))}
        start = FIRST + timedelta(minutes=chance.randrange(MINUTES))
        near = {(start + timedelta(days=chance.randrange(40))).date() for _ in range(chance.randrange(9))}
        week = frozenset(chance.sample(range(7), chance.randint(1, 7)))
        yield Calendar(chance.choice(ZONES), week, frozenset(holidays | near)), start, chance.randint(1, 25)


def test_a_deadline_is_the_end_of_its_working_day() -> None:
    for calendar, start, n in drawn(10_000, seed=1):
        assert Span(n).end(start, calendar) == counted(calendar, start, n), (calendar, start, n)


def test_waiting_for_the_customer_adds_its_working_days() -> None:
    chance = Random(2)
    for calendar, start, n in drawn(1_000, seed=2):
        asked = start + timedelta(minutes=chance.randrange(60 * 24 * 40))
        over = asked + timedelta(minutes=chance.randrange(60 * 24 * 40))
        promise = Promise(Span(n), Span(n), Span(n))
        plain = deadlines(Times(start), promise, calendar).answer_at
        found = deadlines(Times(start, pauses=((asked, over),)), promise, calendar).answer_at
        zone = ZoneInfo(calendar.zone)
        day, more = asked.astimezone(zone).date(), 0
        while day < over.astimezone(zone).date():
            day += timedelta(days=1)
            more += calendar.is_working_day(day)
        assert found == (plain if asked >= plain else counted(calendar, start, n + more)), (
            calendar,
            start,
            asked,
            over,
        )


def test_a_warning_comes_in_time() -> None:
    for calendar, start, n in drawn(1_000, seed=3):
        for promise in (Promise(Span(n), Span(n), Span(n)), Promise(*(Span(n, Unit.HOURS),) * 3)):
            found = deadlines(Times(start), promise, calendar)
            assert start <= found.answer_warning_at < found.answer_at
            assert start <= found.acknowledge_warning_at < found.acknowledge_at


WEEK = Calendar(zone="Europe/Berlin")
FRIDAY = datetime(2026, 3, 27, 15, tzinfo=UTC)  # the clocks go forward on Sunday


def test_presets_count_as_their_sources_say() -> None:
    nhs, spso, housing, retail = (deadlines(Times(FRIDAY), PRESETS[name], WEEK) for name in PRESETS)
    assert nhs.acknowledge_at == datetime(2026, 4, 1, 22, tzinfo=UTC)
    assert spso.answer_at == datetime(2026, 4, 3, 22, tzinfo=UTC)
    assert housing.acknowledge_at == datetime(2026, 4, 3, 22, tzinfo=UTC)
    assert retail.answer_at == FRIDAY + timedelta(hours=48)
    again = Times(FRIDAY, stage=2)
    assert deadlines(again, PRESETS["spso"], WEEK).answer_at == datetime(2026, 4, 24, 22, tzinfo=UTC)


def test_housing_counts_the_answer_from_the_acknowledgement() -> None:
    monday = datetime(2026, 3, 30, 8, tzinfo=UTC)
    found = deadlines(Times(FRIDAY, acknowledged_at=monday), PRESETS["housing"], WEEK)
    assert found.answer_at == datetime(2026, 4, 13, 22, tzinfo=UTC)


def test_hours_of_waiting_are_added_to_hours() -> None:
    pauses = ((FRIDAY + timedelta(hours=10), FRIDAY + timedelta(hours=40)),)
    found = deadlines(Times(FRIDAY, pauses=pauses), PRESETS["retail"], WEEK)
    assert found.answer_at == FRIDAY + timedelta(hours=78) and found.acknowledge_at == FRIDAY + timedelta(hours=54)


@pytest.mark.parametrize(("days", "expected"), [(3, (1, 3, 6)), (1, (1, 1, 2)), (20, (3, 20, 40))])
def test_without_a_choice_the_organisations_own_days_are_promised(
    store: Store, cast: Cast, days: int, expected: tuple[int, int, int]
) -> None:
    with store.write() as session:
        known = the_organisation(session)
        assert known is not None
        known.answer_days = days
        session.flush()
        for promise in promised(session).values():
            assert (promise.acknowledge.n, promise.answer.n, promise.second.n) == expected
