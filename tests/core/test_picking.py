"""Who takes which turn: fair over a year, within hours and rest, the same again, and someone for every slot."""

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from feedback.core.duty import Member, Slot, pick
from feedback.core.duty.picking import counted, weekly

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
OFFICE = weekly({day: (9 * 60, 17 * 60) for day in range(5)})
REST = timedelta(days=2)


def year(each_day: int = 6, weeks: int = 52) -> list[Slot]:
    """So many slots of three hours on every working day."""
    days = [MONDAY + timedelta(days=day) for day in range(weeks * 7) if day % 7 < 5]
    starts = [day + timedelta(hours=10 if k % 2 else 13) for day in days for k in range(each_day)]
    return [Slot(n, start, start + timedelta(hours=3)) for n, start in enumerate(starts)]


def staff(n: int = 200, seed: int = 5) -> list[Member]:
    """So many people; every fifth works half time, some are away, some join and some leave within the year."""
    chance, found = random.Random(seed), []
    for k in range(n):
        away = []
        for _ in range(chance.randint(0, 3)):
            start = MONDAY + timedelta(days=chance.randint(0, 340))
            away.append((start, start + timedelta(days=chance.choice((1, 5, 14)))))
        member = Member(k, 0.5 if k % 5 == 4 else 1.0, hours=OFFICE, away=tuple(away))
        if k % 20 == 7:
            member = replace(member, from_at=MONDAY + timedelta(days=chance.randint(30, 300)))
        if k % 20 == 13:
            member = replace(member, until_at=MONDAY + timedelta(days=chance.randint(60, 330)))
        found.append(member)
    return found


def test_over_a_year_full_timers_differ_by_one_turn_and_no_slot_is_left() -> None:
    members, slots = staff(), year()
    plan = pick(slots, members, rest=REST)
    assert plan.uncovered == [] and len(plan.picked) == len(slots)
    n = dict(counted(plan))
    there = [member for member in members if not member.from_at and not member.until_at]
    full = [n.get(member.id, 0) for member in there if member.share == 1]
    half = [n.get(member.id, 0) for member in there if member.share == 0.5]
    assert max(full) - min(full) <= 1 and max(half) - min(half) <= 1
    assert abs(sum(half) / len(half) * 2 - sum(full) / len(full)) <= 1


@pytest.mark.parametrize("seed", range(8))
def test_nobody_serves_while_away_before_joining_after_leaving_or_without_rest(seed: int) -> None:
    members, slots = {one.id: one for one in staff(60, seed)}, {one.id: one for one in year(3)}
    plan = pick(list(slots.values()), list(members.values()), rest=REST)
    last: dict[int, datetime] = {}
    for one in plan.picked:
        slot, member = slots[one.slot_id], members[one.member_id]
        assert not any(start < slot.ends_at and slot.starts_at < end for start, end in member.away)
        assert not member.from_at or member.from_at <= slot.starts_at
        assert not member.until_at or slot.ends_at <= member.until_at
        assert slot.starts_at - last.get(member.id, MONDAY - REST) >= REST
        last[member.id] = slot.ends_at


def test_who_joins_is_neither_spared_nor_made_to_catch_up() -> None:
    members = [Member(k) for k in range(10)]
    joined = MONDAY + timedelta(weeks=26)
    plan = pick(year(2), [*members, Member(99, from_at=joined)], rest=timedelta())
    later = Counter(one.member_id for one in plan.picked if one.slot_id >= 26 * 10)
    assert max(later.values()) - later[99] <= 1 and later[99] - min(later.values()) <= 1


def test_part_timers_serve_by_their_share() -> None:
    n = dict(counted(pick(year(1), [Member(1), Member(2, share=0.5), Member(3, share=0.25)], rest=timedelta())))
    assert abs(n[1] - 2 * n[2]) <= 2 and abs(n[2] - 2 * n[3]) <= 2


def test_the_same_again_in_any_order() -> None:
    members, slots = staff(50), year(2, 20)
    plan = pick(slots, members, rest=REST)
    assert pick(list(reversed(slots)), list(reversed(members)), rest=REST) == plan


def test_hours_are_kept_by_the_clocks_of_each_zone_also_when_they_change() -> None:
    tokyo, london = Member(1, zone="Asia/Tokyo", hours=OFFICE), Member(2, zone="Europe/London", hours=OFFICE)
    march = datetime(2026, 3, 27, 16, tzinfo=UTC)  # 16:00 in London, and a Monday later 17:00
    slots = [Slot(n, at, at + timedelta(hours=1)) for n, at in enumerate((march, march + timedelta(days=3)))]
    assert pick(slots, [tokyo, london], rest=timedelta()).picked == [(0, 2)]
    morning = datetime(2026, 3, 30, 10, tzinfo=ZoneInfo("Asia/Tokyo"))
    found = pick([Slot(9, morning, morning + timedelta(hours=2))], [tokyo, london], rest=timedelta())
    assert found.picked == [(9, 1)]


def test_a_slot_that_nobody_can_take_is_told() -> None:
    away = Member(1, away=((MONDAY, MONDAY + timedelta(days=7)),))
    plan = pick(year(1, 1), [away], rest=timedelta())
    assert plan.picked == [] and plan.uncovered == [0, 1, 2, 3, 4]
    assert pick(year(1, 1), [], rest=timedelta()).uncovered == [0, 1, 2, 3, 4]


def test_a_share_of_nothing_is_none() -> None:
    with pytest.raises(ValueError, match="share"):
        pick([], [Member(1, share=0)], rest=timedelta())
