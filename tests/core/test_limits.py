"""How often one address may do a thing: counted by window under a hash, and forgotten."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as some
from sqlalchemy import select

from feedback.core import limits
from feedback.core.limits import KEPT, WINDOW, LimitCount, LimitSalt, Salts, TooMany
from feedback.db import Store
from tests.story import SECRET

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def take(
    store: Store, at: datetime = NOON, *, purpose: str = "p", address: str = "198.51.100.7", ceiling: int = 2
) -> None:
    mark = limits.mark(purpose, address, at=at, secret=SECRET, salt=Salts(store).of(at.date()))
    with store.write_rows() as connection:
        limits.take(connection, mark, ceiling, at)


def counts(store: Store) -> list[int]:
    with store.read() as session:
        return sorted(session.scalars(select(LimitCount.n)))


def test_up_to_the_ceiling_all_pass_and_above_it_none(store: Store) -> None:
    take(store)
    take(store, NOON + timedelta(minutes=9))
    with pytest.raises(TooMany) as caught:
        take(store, NOON + timedelta(minutes=9, seconds=30))
    assert caught.value.retry_after == 30
    assert counts(store) == [2]  # what was refused was rolled back with the rest


def test_the_next_window_begins_anew(store: Store) -> None:
    take(store, ceiling=1)
    take(store, NOON + WINDOW, ceiling=1)
    take(store, NOON - timedelta(seconds=1), ceiling=1)
    assert counts(store) == [1, 1, 1]


def test_each_purpose_and_each_address_is_counted_apart(store: Store) -> None:
    take(store, ceiling=1)
    take(store, purpose="q", ceiling=1)
    take(store, address="203.0.113.9", ceiling=1)
    with pytest.raises(TooMany):
        take(store, ceiling=1)


def test_one_never_waits_less_than_a_second_nor_more_than_the_window(store: Store) -> None:
    take(store, ceiling=1)
    for later in (timedelta(0), WINDOW - timedelta(microseconds=1)):
        with pytest.raises(TooMany) as caught:
            take(store, NOON + later, ceiling=1)
        assert 1 <= caught.value.retry_after <= WINDOW.total_seconds()


@given(at=some.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2100, 1, 1)))
@tries(derandomize=True, max_examples=200)
def test_every_moment_lies_in_a_window_that_began_at_a_full_ten_minutes(at: datetime) -> None:
    """The calculation of mark(), which goes through a floating point number."""
    at = at.replace(tzinfo=UTC)
    window_at = (at - timedelta(seconds=at.timestamp() % WINDOW.total_seconds())).replace(microsecond=0)
    assert window_at <= at < window_at + WINDOW
    assert (window_at.minute % 10, window_at.second) == (0, 0)


def test_neither_address_nor_purpose_is_stored(store: Store) -> None:
    take(store, address="198.51.100.7", purpose="submission")
    with store.read() as session:
        (found,) = session.scalars(select(LimitCount))
        (salt,) = session.scalars(select(LimitSalt))
    assert len(found.who) == 16 and len(salt.salt) == 16
    assert b"198" not in found.who and b"subm" not in found.who


def test_on_another_day_the_same_address_is_somebody_else(store: Store) -> None:
    take(store)
    take(store, NOON + timedelta(days=1))
    with store.read() as session:
        assert len(set(session.scalars(select(LimitCount.who)))) == 2
        assert len(set(session.scalars(select(LimitSalt.salt)))) == 2


def test_counts_go_after_an_hour_and_salts_after_their_day(store: Store) -> None:
    take(store)
    for at, left in ((NOON + KEPT, 1), (NOON + KEPT + timedelta(seconds=1), 0)):
        with store.write() as session:
            limits.forget(session, at)
        assert len(counts(store)) == left
    with store.write() as session:
        limits.forget(session, NOON + timedelta(hours=12) + KEPT - timedelta(seconds=1))
        assert len(session.scalars(select(LimitSalt)).all()) == 1
        limits.forget(session, NOON + timedelta(hours=12) + KEPT)
        assert session.scalars(select(LimitSalt)).all() == []


def test_many_at_once_are_all_counted(store: Store) -> None:
    passed, refused = [], []
    ready = threading.Barrier(12)

    def one() -> None:
        ready.wait()
        try:
            take(store, ceiling=8)
            passed.append(1)
        except TooMany:
            refused.append(1)

    threads = [threading.Thread(target=one) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(passed), len(refused)) == (8, 4)
    assert counts(store) == [8]
