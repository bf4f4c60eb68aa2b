"""Marks of the day a case came in, for PostgreSQL: they cut a search into spans of time, the newest first.

A GIN index has no order: it gives all rows of a word or none. A search therefore asks for the newest days, then for
eight times as many, and so on, until it has enough; each step is a few marks. FTS5 walks backwards by itself.
"""

from collections.abc import Iterator

from feedback.core.index.model import mark

STEP = 8  # spans of one level that make one of the next
LEVELS = "abcd"  # marks of a day, of 8, 64 and 512 days
_DAY = 86_400_000 << 21  # of an id, which is made of milliseconds (feedback.db.ids)


def day_marks(case_id: int) -> frozenset[str]:
    """The marks of the day in which the id was made, and of the longer spans around it."""
    day = case_id // _DAY
    return frozenset(mark(level, day // STEP**power) for power, level in enumerate(LEVELS))


def spans(before: int) -> Iterator[tuple[list[str], int]]:
    """Marks of which a case has one, and an id above all of them, span by span backwards from the id `before`."""
    day, below = (before - 1) // _DAY, before
    for power, level in enumerate(LEVELS):
        is_last = power == len(LEVELS) - 1
        newest = day // STEP**power - (1 if power else 0)
        oldest = 0 if is_last else newest // STEP * STEP
        if newest >= 0:
            yield [mark(level, number) for number in range(oldest, newest + 1)], below
        day = oldest * STEP**power
        below = max(0, day * _DAY)
