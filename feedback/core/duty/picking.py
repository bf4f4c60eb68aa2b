"""Who takes which turn: a pure choice of whoever has served least for their share and waited longest.

Everyone has a pass that grows by one for each turn, faster for part-timers; the turn goes to the lowest (stride
scheduling: Waldspurger and Weihl 1995, MIT/LCS/TM-528). So the turns of any two full-timers who could take them differ
by one at the most. Who joins begins at the lowest pass of those at work, as if they had been there all along; who was
away takes up again where they were, and never twice within the rest that everyone is due.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from heapq import heappop, heappush
from typing import NamedTuple
from zoneinfo import ZoneInfo

Span = tuple[datetime, datetime]  # the end is not in it
Hours = tuple[tuple[int, int] | None, ...]  # minutes of each day from Monday on, None where they do not work
EVERY_DAY: Hours = ((0, 1440),) * 7


@dataclass(frozen=True, slots=True)
class Slot:
    """A time for which someone is wanted."""

    id: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """Someone who takes turns: how much of a full time they work, when and where, and when they are not there."""

    id: int
    share: float = 1.0  # of a full time, above 0
    zone: str = "UTC"
    hours: Hours = EVERY_DAY
    away: tuple[Span, ...] = ()
    from_at: datetime | None = None  # when they joined, if that is within the plan
    until_at: datetime | None = None  # when they leave
    served: int = 0  # turns before the plan
    last_at: datetime | None = None  # the end of the last of them


class Picked(NamedTuple):
    """Who takes a slot."""

    slot_id: int
    member_id: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Who takes what, in the order of time, and the slots that nobody could take."""

    picked: Sequence[Picked]
    uncovered: Sequence[int]


class _Turn(NamedTuple):
    """A place in line: the lowest pass first, then whoever waited longest, then the lower id."""

    passed: float
    last: float  # seconds since the epoch; before everything for who never served
    id: int


@dataclass(slots=True)
class _Line:
    """Those who work the same hours in the same zone, in line."""

    zone: str
    hours: Hours
    turns: list[_Turn] = field(default_factory=list)


def pick(slots: Sequence[Slot], members: Sequence[Member], *, rest: timedelta) -> Plan:
    """Someone for each slot, as far as anyone can take it; between two turns of one person lies at least `rest`.

    The same input gives the same plan. Raises ValueError where a share is not above 0.
    """
    if any(member.share <= 0 for member in members):
        raise ValueError("a share is above 0")
    return _Picking(members, rest).plan(slots)


class _Picking:
    def __init__(self, members: Sequence[Member], rest: timedelta) -> None:
        self._members = {member.id: member for member in members}
        self._rest = rest.total_seconds()
        self._lines: dict[tuple[str, Hours], _Line] = {}
        self._joining = sorted(
            (member for member in members if member.from_at), key=lambda one: (one.from_at, one.id), reverse=True
        )
        for member in members:
            if not member.from_at:
                self._line(member).turns.append(_first(member, member.served / member.share))
        for line in self._lines.values():
            line.turns.sort()  # a sorted list is a heap
        self._lowest = min((line.turns[0].passed for line in self._lines.values()), default=0.0)

    def plan(self, slots: Sequence[Slot]) -> Plan:
        picked: list[Picked] = []
        uncovered: list[int] = []
        for slot in sorted(slots, key=lambda one: (one.starts_at, one.id)):
            self._let_join(slot.starts_at)
            turn = self._taken(slot)
            if turn is None:
                uncovered.append(slot.id)
                continue
            member = self._members[turn.id]
            self._lowest = max(self._lowest, turn.passed)
            later = _Turn(turn.passed + 1 / member.share, slot.ends_at.timestamp(), turn.id)
            heappush(self._line(member).turns, later)
            picked.append(Picked(slot.id, turn.id))
        return Plan(picked, uncovered)

    def _line(self, member: Member) -> _Line:
        return self._lines.setdefault((member.zone, member.hours), _Line(member.zone, member.hours))

    def _let_join(self, at: datetime) -> None:
        while self._joining and (self._joining[-1].from_at or at) <= at:
            member = self._joining.pop()
            heappush(self._line(member).turns, _first(member, max(self._lowest, member.served / member.share)))

    def _taken(self, slot: Slot) -> _Turn | None:
        """The turn of whoever takes the slot, out of its line; None where nobody can."""
        best: tuple[_Turn, _Line] | None = None
        for line in self._lines.values():
            if not _works(line.hours, slot, line.zone):
                continue
            skipped: list[_Turn] = []
            while line.turns and (best is None or line.turns[0] < best[0]):
                turn = heappop(line.turns)
                member = self._members[turn.id]
                if member.until_at and member.until_at < slot.ends_at:
                    continue  # they leave before it ends, and are in line no more
                if self._can(member, turn, slot):
                    if best:
                        heappush(best[1].turns, best[0])
                    best = turn, line
                    break
                skipped.append(turn)
            for turn in skipped:
                heappush(line.turns, turn)
        return best[0] if best else None

    def _can(self, member: Member, turn: _Turn, slot: Slot) -> bool:
        is_rested = slot.starts_at.timestamp() - turn.last >= self._rest
        return is_rested and not any(start < slot.ends_at and slot.starts_at < end for start, end in member.away)


def _first(member: Member, passed: float) -> _Turn:
    return _Turn(passed, member.last_at.timestamp() if member.last_at else float("-inf"), member.id)


def _works(hours: Hours, slot: Slot, zone: str) -> bool:
    """Whether the slot lies within those hours where they are kept; one that goes over midnight lies in none."""
    day, start, end = _local(slot.starts_at, slot.ends_at, zone)
    kept = hours[day]
    return kept is not None and kept[0] <= start and end <= kept[1]


@lru_cache(maxsize=4096)
def _local(starts_at: datetime, ends_at: datetime, zone: str) -> tuple[int, int, int]:
    """Weekday and minutes of a time by the clocks of a zone."""
    start, end = starts_at.astimezone(ZoneInfo(zone)), ends_at.astimezone(ZoneInfo(zone))
    minutes = start.hour * 60 + start.minute
    over = (end.date() - start.date()).days * 1440
    return start.weekday(), minutes, over + end.hour * 60 + end.minute


def weekly(hours: Mapping[int, tuple[int, int]]) -> Hours:
    """Hours by weekday (Monday is 0) as a plan takes them; days that are not named are free."""
    return tuple(hours.get(day) for day in range(7))


def counted(plan: Plan) -> Iterator[tuple[int, int]]:
    """How many turns each member got who got any, by id."""
    found: dict[int, int] = {}
    for one in plan.picked:
        found[one.member_id] = found.get(one.member_id, 0) + 1
    yield from sorted(found.items())
