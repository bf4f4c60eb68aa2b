"""The working calendar: days are counted by it in every zone, whatever the clocks do."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback import clock
from feedback.core import calendar
from feedback.core.calendar import Calendar, the_calendar
from feedback.core.organisation import Organisation
from feedback.db import Store
from tests.factories import Cast

FRIDAY = datetime(2026, 4, 3, 12, tzinfo=UTC)
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Africa/Cairo",
    "America/Havana",
]
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))
CALENDARS = st.builds(
    Calendar,
    zone=st.sampled_from(ZONES),
    working_days=st.frozensets(st.integers(0, 6), min_size=1),
    holidays=st.frozensets(st.dates(date(2000, 1, 1), date(2060, 1, 1)), max_size=20),
)


def test_weekends_and_holidays_are_left_out() -> None:
    easter = Calendar(holidays=frozenset({date(2026, 4, 6)}))
    assert easter.working_day_after(FRIDAY, 1) == date(2026, 4, 7)
    assert Calendar().working_day_after(FRIDAY, 1) == date(2026, 4, 6)
    assert Calendar(working_days=frozenset({5})).working_day_after(FRIDAY, 2) == date(2026, 4, 11)


def test_the_day_is_the_organisations_day() -> None:
    late = datetime(2026, 4, 5, 22, 30, tzinfo=UTC)  # Sunday in London, Monday in Berlin
    assert Calendar("UTC").working_day_after(late, 1) == date(2026, 4, 6)
    assert Calendar("Europe/Berlin").working_day_after(late, 1) == date(2026, 4, 7)


@pytest.mark.parametrize(
    ("zone", "day", "over"),
    [
        ("Europe/Berlin", date(2026, 3, 29), datetime(2026, 3, 29, 22, tzinfo=UTC)),  # of 23 hours
        ("Europe/Berlin", date(2026, 10, 25), datetime(2026, 10, 25, 23, tzinfo=UTC)),  # of 25 hours
        ("America/Sao_Paulo", date(2018, 11, 3), datetime(2018, 11, 4, 3, tzinfo=UTC)),  # the next has no midnight
        ("America/Havana", date(2025, 11, 1), datetime(2025, 11, 2, 4, tzinfo=UTC)),  # the next has two
        ("Pacific/Apia", date(2011, 12, 29), datetime(2011, 12, 30, 10, tzinfo=UTC)),  # the next is left out
    ],
)
def test_a_day_ends_when_the_date_changes(zone: str, day: date, over: datetime) -> None:
    assert Calendar(zone).end_of(day) == over
    assert clock.day(over, zone) > day >= clock.day(over - timedelta(seconds=1), zone)


@given(CALENDARS, MOMENTS, st.integers(1, 60))
def test_so_many_working_days_lie_between(known: Calendar, at: datetime, n: int) -> None:
    begun, found = clock.day(at, known.zone), known.working_day_after(at, n)
    between = [begun + timedelta(days=days) for days in range(1, (found - begun).days + 1)]
    assert known.is_working_day(found)
    assert sum(known.is_working_day(day) for day in between) == n


@given(CALENDARS, MOMENTS, st.integers(1, 59))
def test_later_is_never_sooner(known: Calendar, at: datetime, n: int) -> None:
    assert at < known.due(at, n) < known.due(at, n + 1)
    assert known.due(at, n) <= known.due(at + timedelta(hours=5), n)


@given(CALENDARS, MOMENTS, st.integers(1, 60))
def test_what_is_due_is_due_within_its_day(known: Calendar, at: datetime, n: int) -> None:
    due, day = known.due(at, n), known.working_day_after(at, n)
    assert due.astimezone(ZoneInfo(known.zone)).date() > day
    assert clock.day(due - timedelta(microseconds=1), known.zone) <= day


def test_it_is_loaded_as_the_organisation_has_it(store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.get_one(Organisation, 1).working_days = [1, 6]
        session.get_one(Organisation, 1).timezone = "Asia/Kathmandu"
        calendar.add_holiday(session, date(2026, 12, 25), "Christmas")
        calendar.add_holiday(session, date(2026, 12, 25), "Christmas Day")
        calendar.add_holiday(session, date(2026, 1, 1), "New Year")
    with store.read() as session:
        assert the_calendar(session) == Calendar(
            "Asia/Kathmandu", frozenset({1, 6}), frozenset({date(2026, 12, 25), date(2026, 1, 1)})
        )
        assert [day.name for day in calendar.holidays(session)] == ["New Year", "Christmas Day"]
        assert [day.name for day in calendar.holidays(session, since=date(2026, 2, 1))] == ["Christmas Day"]
    with store.write() as session:
        assert calendar.remove_holiday(session, date(2026, 1, 1))
        assert calendar.remove_holiday(session, date(2026, 1, 1)) is None


def test_a_week_without_a_working_day_does_not_last_for_ever(store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.get_one(Organisation, 1).working_days = []
    with store.read() as session:
        assert the_calendar(session).working_day_after(FRIDAY, 1) == date(2026, 4, 4)


def test_before_the_set_up_it_is_a_plain_week(store: Store) -> None:
    with store.read() as session:
        assert the_calendar(session) == Calendar()
