"""Counting answers in portions: nobody's answers can be told from any numbers that are shown."""

import random
from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest
from sqlalchemy import select

from feedback import clock
from feedback.core.surveys import counting, keeping, results
from feedback.core.surveys.model import Portion, Response
from feedback.core.surveys.portions import FEWEST, MOST, Waiting, cut
from feedback.core.surveys.results import Filter
from feedback.db import Store
from tests.factories import BEGINNING, Cast
from tests.story import at_once, viewer
from tests.surveys import SHORT, answer, published


def waiting(n: int, *, link: int = 1, language: str = "en", days: int = 0, start: int = 0) -> list[Waiting]:
    """So many who wait, one a minute."""
    at = BEGINNING + timedelta(days=days)
    return [
        Waiting(start + k, at + timedelta(minutes=k), at.date(), link, 7, None, language) for k in range(n)
    ]  # fmt: skip


def sizes(*streams: list[Waiting], after: timedelta = timedelta(hours=1)) -> list[tuple[int, dict[str, object]]]:
    together = [one for stream in streams for one in stream]
    return [(len(one.members), dict(one.common)) for one in cut(together, BEGINNING + after)]


def test_fewer_than_five_wait() -> None:
    assert sizes(waiting(4)) == []
    assert [n for n, _ in sizes(waiting(5))] == [5]


def test_a_rest_of_fewer_than_five_joins_the_portion_before() -> None:
    assert [n for n, _ in sizes(waiting(5), waiting(3, days=7, start=10), after=timedelta(days=8))] == [8]


def test_whole_weeks_stay_apart() -> None:
    assert [n for n, _ in sizes(waiting(6), waiting(7, days=7, start=10), after=timedelta(days=8))] == [6, 7]


def test_a_great_import_is_cut() -> None:
    found = [n for n, _ in sizes(waiting(MOST * 2 + 3), after=timedelta(days=1))]
    assert sum(found) == MOST * 2 + 3 and min(found) >= FEWEST and max(found) < MOST + 5


def test_who_waits_too_long_is_counted_with_others_of_the_link_and_then_of_the_department() -> None:
    few = [waiting(3), waiting(2, language="de", start=10), waiting(4, link=2, start=20), waiting(1, link=3, start=30)]
    assert sizes(*few) == []
    common = {"link_id": 1, "department_id": 7, "place_id": None}
    assert sizes(*few, after=timedelta(days=8)) == [(5, common)]
    assert sizes(*few, after=timedelta(days=15)) == [(5, common), (5, {"department_id": 7})]


def test_no_two_are_counted_twice_by_processes_at_once(store: Store, cast: Cast) -> None:
    survey = published(store, cast)
    for n in range(12):
        answer(store, survey, cast.kitchen_link, {"q1": str(n % 5 + 1), "q3": f"Word {n}"})
    at_once(*[lambda: counting.count_all(store, clock.now()) and None] * 3)
    with store.read() as session:
        seen = results.counts(session, survey.id, Filter())
        assert (seen.complete, seen.of("q1")[""]) == (12, 12)
        assert len(results.texts(session, survey.id, "q3", Filter(), size=50)) == 12


def test_a_new_answer_changes_nothing_until_five_have_come(store: Store, cast: Cast) -> None:
    survey = published(store, cast)
    shown = []
    for n in range(11):
        answer(store, survey, cast.kitchen_link, {"q1": str(n % 5 + 1)})
        counting.count_all(store, clock.now())
        with store.read() as session:
            shown.append(results.counts(session, survey.id, Filter()).n)
    assert shown == [0, 0, 0, 0, 5, 5, 5, 5, 5, 10, 10]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_pair_of_filters_isolates_fewer_than_five(store: Store, cast: Cast, seed: int) -> None:
    """A search: every filter, and of every two what is in both, in one alone, in either, and outside both."""
    survey, chance = published(store, cast), random.Random(seed)
    codes = [cast.kitchen_link, cast.table_link, cast.maria_link]
    for n in range(90):
        at = BEGINNING + timedelta(days=chance.choice([0, 0, 7, 14]), minutes=n)
        language = chance.choice(["en", "en", "de", "ar"])
        answer(store, survey, chance.choice(codes), {"q1": str(chance.randint(1, 5))}, at=at, language=language)
    counting.count_all(store, BEGINNING + timedelta(days=30))
    anna = viewer(store, cast.anna)
    with store.read() as session:
        members: dict[int, set[int]] = {}
        for id, portion_id in session.execute(select(Response.submission_id, Response.portion_id)):
            if portion_id:
                members.setdefault(portion_id, set()).add(id)
        portions = session.scalars(select(Portion)).all()
        assert portions and all(len(members[one.id]) >= FEWEST for one in portions)
        choices = results.choices(session, anna, session.merge(survey))
        scopes = [("all", 0), *((one.scope, one.id) for one in choices)]
        weeks = sorted({one.week for one in portions})
        spans = [(None, None), *((one, other) for one in weeks for other in weeks if one <= other)]
        filters = [
            Filter(*scope, language, *span) for scope in scopes for language in ("", "en", "de", "ar") for span in spans
        ]
        sets = []
        for wanted in filters:
            chosen = {one for one in session.scalars(select(Portion.id).where(*results._of_portion(wanted)))}
            people = set[int]().union(*(members[one] for one in chosen))
            assert results.counts(session, survey.id, wanted).n == len(people), wanted
            sets.append(people)
    everyone = set[int]().union(*members.values())
    for one, other in combinations(sets, 2):
        for left in (
            one & other,
            one - other,
            other - one,
            one | other,
            everyone - (one | other),
            everyone - (one & other),
        ):
            assert not 0 < len(left) < FEWEST


def test_a_quota_closes_the_survey_and_keeps_what_came_in_the_middle(store: Store, cast: Cast) -> None:
    survey = published(store, cast, replace(SHORT, quota=6))
    for n in range(7):  # two at the same time as the last
        answer(store, survey, cast.kitchen_link, {"q1": str(n % 5 + 1)})
    counting.count_all(store, clock.now())
    with store.read() as session:
        found = keeping.one(session, viewer(store, cast.anna), survey.id)
        assert found is not None and found.closed_at is not None
        assert results.counts(session, survey.id, Filter()).n == 7
