"""Ids: newest first by number is newest first by time, in one process and across many."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as some

from feedback.db import first_id, new_id
from feedback.db.ids import EPOCH

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOMENTS = some.datetimes(min_value=datetime(2000, 1, 2), max_value=datetime(2139, 1, 1)).map(
    lambda at: at.replace(tzinfo=UTC)
)


def test_ids_of_one_moment_rise() -> None:
    made = [new_id(NOON) for _ in range(5000)]
    assert made == sorted(set(made))


def test_a_later_moment_has_the_higher_id() -> None:
    assert new_id(NOON) < new_id(NOON + timedelta(milliseconds=2)) < new_id(NOON + timedelta(days=1))


def test_a_clock_that_goes_back_makes_ids_of_the_moment_it_shows() -> None:
    new_id(NOON + timedelta(days=1))
    assert first_id(NOON) <= new_id(NOON) < first_id(NOON + timedelta(milliseconds=2))


@given(at=MOMENTS)
@tries(derandomize=True, max_examples=100)
def test_an_id_fits_its_column_and_belongs_to_its_moment(at: datetime) -> None:
    made = new_id(at)
    assert 0 < made < 2**63
    assert first_id(at) <= made < first_id(at + timedelta(milliseconds=2))


def test_threads_never_get_the_same() -> None:
    made: list[int] = []

    def make() -> None:
        made.extend(new_id(NOON) for _ in range(500))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == len(made) == 4000


def test_another_zone_is_the_same_moment() -> None:
    assert first_id(NOON) == first_id(NOON.astimezone(tz=None))


def test_ids_begin_with_the_year_2000() -> None:
    assert first_id(EPOCH) == 0
    with pytest.raises(ValueError, match="2000"):
        new_id(EPOCH - timedelta(milliseconds=1))
