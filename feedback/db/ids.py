"""Time-ordered 63-bit ids: newest first by id is newest first by time, without a sequence."""

import random
import threading
from datetime import UTC, datetime, timedelta

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
RANDOM_BITS = 21
# 42 bits of milliseconds since 2000 reach to 2139; with 21 bits beside them an id fits a signed BIGINT.

_random = random.SystemRandom()
_lock = threading.Lock()
_before = 0  # the lowest id of the moment asked for last
_last = 0


def new_id(at: datetime) -> int:
    """An id that sorts by the moment `at` (not before 2000), strictly rising while `at` does not go back."""
    global _before, _last
    lowest = first_id(at)
    with _lock:
        fresh = lowest | _random.getrandbits(RANDOM_BITS)
        if lowest >= _before and fresh <= _last:
            fresh = _last + 1  # beyond the end of a crowded millisecond too
        _before, _last = lowest, fresh
        return fresh


def moment_of(id: int) -> datetime:
    """The moment an id was made for, to the millisecond."""
    return EPOCH + timedelta(milliseconds=id >> RANDOM_BITS)


def first_id(at: datetime) -> int:
    """The lowest id that anything of the moment `at` can have, for comparing ids with times."""
    milliseconds = (at - EPOCH) // timedelta(milliseconds=1)
    if milliseconds < 0:
        raise ValueError("ids begin with the year 2000")
    return milliseconds << RANDOM_BITS
