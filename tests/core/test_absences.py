"""Absences: who keeps whose, what is refused, and how one comes back."""

from datetime import date, timedelta

import pytest

from feedback.core import absences
from feedback.core.absences import Absence, Away
from feedback.core.directory import NotTaken
from feedback.db import Store
from tests.factories import BEGINNING, Cast
from tests.story import viewer

TODAY = date(2026, 3, 2)
WEEK = timedelta(days=6)


def goes(store: Store, cast: Cast, by: str, who: str, away: Away) -> int:
    seen = viewer(store, getattr(cast, by))
    with store.write() as session:
        return absences.note_away(session, seen, getattr(cast, who), away, today=TODAY, at=BEGINNING).id


def names(store: Store, cast: Cast, by: str, today: date = TODAY) -> list[tuple[str, str | None]]:
    seen = viewer(store, getattr(cast, by))
    with store.read() as session:
        return [(row.person, row.cover) for row in absences.coming(session, seen, today, after=None, size=9)]


def test_managers_keep_those_of_their_departments_and_their_own(store: Store, cast: Cast) -> None:
    goes(store, cast, "berta", "maria", Away(TODAY, TODAY + WEEK, cast.karim))
    goes(store, cast, "berta", "berta", Away(TODAY, TODAY, cast.paula))
    goes(store, cast, "anna", "dora", Away(TODAY, TODAY + 2 * WEEK, None))
    assert names(store, cast, "berta") == [("Berta Stein", "Paula Novak"), ("Maria Lopez", "Karim Haddad")]
    assert names(store, cast, "paula") == []
    assert names(store, cast, "anna") == [*names(store, cast, "berta"), ("Dora Lang", None)]
    assert names(store, cast, "berta", TODAY + timedelta(days=1)) == [("Maria Lopez", "Karim Haddad")]


def test_they_are_paged_by_who_is_back_first(store: Store, cast: Cast) -> None:
    for days, who in ((3, "maria"), (1, "karim"), (1, "berta"), (2, "hans")):
        goes(store, cast, "anna", who, Away(TODAY, TODAY + timedelta(days=days), None))
    anna, found, after = viewer(store, cast.anna), [], None
    with store.read() as session:
        while page := absences.coming(session, anna, TODAY, after=after, size=2):
            found += [row.person.split()[0] for row in page]
            after = page[-1].absence.id
    assert sorted(found[:2]) == ["Berta", "Karim"] and found[2:] == ["Hans", "Maria"]


@pytest.mark.parametrize(
    ("by", "who", "cover", "days", "problem"),
    [
        ("berta", "hans", None, (0, 0), "gone"),
        ("berta", "dora", None, (0, 0), "gone"),
        ("berta", "maria", "maria", (0, 0), "own_cover"),
        ("anna", "maria", None, (3, 2), "ends_before"),
        ("anna", "maria", None, (-3, -1), "is_over"),
        ("anna", "maria", None, (0, 800), "too_long_away"),
        ("anna", "karim", None, (2, 9), "away_already"),
    ],
)
def test_what_makes_no_sense_is_refused(
    store: Store, cast: Cast, by: str, who: str, cover: str | None, days: tuple[int, int], problem: str
) -> None:
    goes(store, cast, "anna", "karim", Away(TODAY, TODAY + timedelta(days=3), None))
    away = Away(*(TODAY + timedelta(days=n) for n in days), getattr(cast, cover) if cover else None)
    with pytest.raises(NotTaken) as refused:
        goes(store, cast, by, who, away)
    assert [found.name for found in refused.value.problems] == [problem]


def test_a_cover_needs_a_sign_in(store: Store, cast: Cast) -> None:
    with pytest.raises(NotTaken) as refused:
        goes(store, cast, "anna", "maria", Away(TODAY, TODAY, 12345))
    assert [found.field for found in refused.value.problems] == ["cover"]


def test_one_comes_back_early_or_does_not_go(store: Store, cast: Cast) -> None:
    begun = goes(store, cast, "anna", "maria", Away(TODAY - WEEK, TODAY + WEEK, None))
    coming = goes(store, cast, "anna", "karim", Away(TODAY, TODAY + WEEK, None))
    berta, paula = viewer(store, cast.berta), viewer(store, cast.paula)
    with store.write() as session:
        assert absences.one(session, paula, begun) is None
        for number in (begun, coming):
            absence = absences.one(session, berta, number)
            assert absence is not None
            absences.end(session, berta, absence, today=TODAY, at=BEGINNING)
    with store.read() as session:
        assert session.get_one(Absence, begun).until_on == TODAY - timedelta(days=1)
        assert session.get(Absence, coming) is None
