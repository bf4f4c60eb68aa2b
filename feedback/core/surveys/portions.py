"""Answers become numbers in portions of at least five from one place of asking, never one by one.

Every number, list and export is a sum of whole portions. So whatever filters someone sets, and whatever they subtract
from what (the rest of the whole, overlapping filters, what was shown before a new answer came), what is left is again a
sum of whole portions: the answers of nobody, or of five people and more.

Answers that wait too long for others from the same link in the same language are counted with those of the link in
any language, then of the department, then of the whole survey; a filter that is finer leaves them out.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

FEWEST = 5  # responses in a portion
MOST = 200  # about; so that one of a great import stays small enough to be mixed


@dataclass(frozen=True, slots=True)
class Waiting:
    """One response that is not counted yet: when it came and from where."""

    id: int
    at: datetime
    day: date
    link_id: int | None
    department_id: int | None
    place_id: int | None
    language: str


# What the responses of a portion have in common, the finest first, and how long they wait for others like them.
LEVELS: tuple[tuple[tuple[str, ...], timedelta], ...] = (
    (("link_id", "department_id", "place_id", "language"), timedelta()),
    (("link_id", "department_id", "place_id"), timedelta(days=7)),
    (("department_id",), timedelta(days=14)),
    ((), timedelta(days=14)),
)


@dataclass(frozen=True, slots=True)
class Cut:
    """Responses that are counted together, and what they have in common."""

    members: Sequence[Waiting]
    common: Mapping[str, Any]

    @property
    def week(self) -> date:
        """The Monday of the week in which the last of them came."""
        last = max(one.day for one in self.members)
        return last - timedelta(days=last.weekday())


def cut(waiting: Sequence[Waiting], at: datetime) -> list[Cut]:
    """The portions that those who wait make at the moment `at`, in the order of LEVELS; the others go on waiting."""
    found: list[Cut] = []
    left = sorted(waiting, key=lambda one: one.id)
    for names, patience in LEVELS:
        streams: dict[tuple[Any, ...], list[Waiting]] = defaultdict(list)
        for one in left:
            if at - one.at >= patience:
                streams[tuple(getattr(one, name) for name in names)].append(one)
        made = [
            Cut(some, dict(zip(names, key, strict=True)))
            for key, stream in streams.items()
            for some in _portions(stream)
        ]
        taken = {one.id for portion in made for one in portion.members}
        left = [one for one in left if one.id not in taken]
        found += made
    return found


def _portions(stream: Sequence[Waiting]) -> Iterator[list[Waiting]]:
    """A stream in order cut behind whole weeks, or where a portion grows large; its rest, if it is large enough."""
    some: list[Waiting] = []
    for place, one in enumerate(stream):
        some.append(one)
        is_last = place + 1 == len(stream)
        ends = is_last or one.day.isocalendar()[:2] != stream[place + 1].day.isocalendar()[:2] or len(some) >= MOST
        if len(some) >= FEWEST and ends and not 0 < len(stream) - place - 1 < FEWEST:
            yield some
            some = []
