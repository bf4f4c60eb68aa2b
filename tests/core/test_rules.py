"""Rules: what fits, what routing makes of it, how they are kept, and what their dry run says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from feedback.core import routing
from feedback.core.absences import Absence, Away
from feedback.core.audit import Entry
from feedback.core.cases import Case
from feedback.core.directory import ChangedMeanwhile, NotTaken
from feedback.core.notices import Notice
from feedback.core.people import Department, Person, plain
from feedback.core.praise import Praise
from feedback.core.routing import Decision, Purpose, Target, decide, trial
from feedback.core.rules import About, Action, Condition, Does, Facts, Rule, fits, keeping
from feedback.core.submissions import Draft, Kind
from feedback.db import Store
from tests.core.test_routing import BERTA, DORA, HANS, HOUSE, KITCHEN, MARIA, MISSING_PARTS, PACKING, PAULA, TO_KITCHEN
from tests.factories import BEGINNING, Cast
from tests.story import arrives, viewer

MONDAY = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)


def when(about: About, *values: object) -> Condition:
    return Condition(about, tuple(map(str, values)))


def then(does: Does, value: object) -> Action:
    return Action(does, str(value))


def holds(condition: Condition, **known: object) -> bool:
    return fits(Rule((condition,), ()), Facts(known.pop("are", {}), **known))  # type: ignore[arg-type]


def decided(*rules: Rule, local: datetime | None = MONDAY, target: Target = TO_KITCHEN, **said: object) -> Decision:
    known_as = {HANS: ("Hans Weber", "Hans"), MARIA: ("Maria Lopez", "Maria"), BERTA: ("Berta Stein", "Berta")}
    away = said.pop("away", {})
    house = replace(HOUSE, rules=rules, able=frozenset({HANS, MARIA}), known_as=known_as, away=away)  # type: ignore[arg-type]
    said.setdefault("kind", Kind.COMPLAINT)
    said.setdefault("message", "-")
    return decide(Draft(**said), target, house, local)  # type: ignore[arg-type]


def reasons(decision: Decision) -> list[str]:
    return [name for name, _ in decision.routes[0].reasons]


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("refund", "No REFUNDS today", True),
        ("fund", "No refunds today", False),
        ("Rückgeld", "das rückgeld fehlte", True),
        ("café", "The CAFE was closed", True),
        ("two words", "just two  words here", True),
        ("退款", "我要退款。", True),
        ("فاتورة", "الفاتورة خاطئة", True),
        ("c++", "about c++ and more", True),
        ("a.c", "abc", False),
    ],
)
def test_words_are_found_where_words_begin(word: str, text: str, found: bool) -> None:
    assert holds(when(About.WORDS, word), text=plain(text)) is found


@pytest.mark.parametrize(
    ("times", "minute", "found"),
    [
        (("09:00", "17:00"), 9 * 60, True),
        (("09:00", "17:00"), 17 * 60, False),
        (("22:00", "06:00"), 23 * 60, True),
        (("22:00", "06:00"), 5 * 60 + 59, True),
        (("22:00", "06:00"), 12 * 60, False),
        (("22:00", "06:00"), None, False),
    ],
)
def test_times_of_day_may_lie_around_midnight(times: tuple[str, str], minute: int | None, found: bool) -> None:
    assert holds(when(About.TIME, *times), minute=minute) is found


def test_a_rating_that_was_not_given_fits_nothing() -> None:
    assert holds(when(About.RATING_AT_MOST, 2), rating=2) and holds(when(About.RATING_AT_LEAST, 2), rating=2)
    assert not holds(when(About.RATING_AT_MOST, 2), rating=3) and not holds(when(About.RATING_AT_LEAST, 2), rating=1)
    assert not holds(when(About.RATING_AT_MOST, 5)) and not holds(when(About.RATING_AT_LEAST, 1))


def test_a_rule_sends_grades_and_says_why() -> None:
    rule = Rule((when(About.WORDS, "refund"),), (then(Does.SEND, PACKING), then(Does.GRADE, 4)), "told")
    found = decided(rule, message="My refund!")
    assert (found.routes[0].department_id, found.routes[0].readers, found.severity) == (PACKING, (PAULA,), 4)
    assert found.routes[0].reasons[0] == ("rule_sends", {"department": "Packing", "rule": "told"})
    assert reasons(found) == ["rule_sends", "rule_grades"]
    assert decided(rule, message="It was cold").routes[0].department_id == KITCHEN


def test_the_upper_rule_decides_and_the_highest_severity_counts() -> None:
    kind = when(About.KIND, "complaint")
    upper = Rule((kind,), (then(Does.SEND, PACKING), then(Does.GRADE, 3)))
    lower = Rule((kind,), (then(Does.SEND, KITCHEN), then(Does.GRADE, 1)))
    found = decided(upper, lower)
    assert (found.routes[0].department_id, found.severity) == (PACKING, 3)


def test_a_department_is_meant_with_all_below_it() -> None:
    rule = Rule((when(About.DEPARTMENT, KITCHEN),), (then(Does.GRADE, 3),))
    assert decided(rule, target=Target(department_id=4)).severity == 3
    assert decided(rule, target=Target(department_id=PACKING)).severity == 2


def test_a_place_is_meant_with_all_within_it() -> None:
    rule = Rule((when(About.PLACE, 71),), (then(Does.GRADE, 3),))
    house = replace(HOUSE, rules=(rule,), around={72: frozenset({71, 72})})
    assert decide(Draft(kind="complaint", message="-"), Target(place_id=72), house).severity == 3
    assert decide(Draft(kind="complaint", message="-"), Target(place_id=73), house).severity == 2


def test_whom_a_rule_names_handles_it_and_managers_read_it() -> None:
    found = decided(Rule((when(About.KIND, "complaint"),), (then(Does.HAND, HANS),)))
    assert found.handler_id == HANS and found.routes[0].readers == (HANS, BERTA)
    assert reasons(found) == ["department", "rule_hands"]


def test_a_rule_gives_nobody_their_own_case_and_none_to_those_below_a_manager_concerned() -> None:
    rule = Rule((when(About.KIND, "complaint"),), (then(Does.HAND, MARIA),))
    assert decided(rule, person_id=MARIA).handler_id is None
    assert decided(rule, person_id=BERTA).handler_id is None
    assert decided(rule, about_management=True).handler_id is None


def test_a_rule_about_management_leaves_out_those_it_is_about_and_no_others() -> None:
    rule = Rule((when(About.KIND, "complaint"),), (then(Does.SEND, PACKING),))
    found = decided(rule, about_management=True)
    assert found.concerned == {BERTA} and found.routes[0].readers == (PAULA,)


def test_a_rule_lets_others_know_once() -> None:
    rule = Rule((when(About.KIND, "complaint"),), (then(Does.INFORM, PACKING),))
    found = decided(rule, rule, topic_ids=(MISSING_PARTS,), person_id=MARIA)
    assert [(r.purpose, r.department_id) for r in found.routes] == [
        (Purpose.HANDLES, KITCHEN),
        (Purpose.INFORMS, PACKING),
    ]


def test_praise_for_someone_stays_theirs_whatever_a_rule_says() -> None:
    rule = Rule((when(About.KIND, "compliment"),), (then(Does.SEND, PACKING), then(Does.INFORM, PACKING)))
    found = decided(rule, kind=Kind.COMPLIMENT, person_id=MARIA)
    assert [(r.purpose, r.department_id, r.person_id) for r in found.routes] == [
        (Purpose.DELIVERS, KITCHEN, MARIA),
        (Purpose.TELLS, KITCHEN, None),
        (Purpose.DELIVERS, PACKING, None),
    ]
    nobody = decided(rule, kind=Kind.COMPLIMENT)
    assert [(r.purpose, r.department_id) for r in nobody.routes] == [(Purpose.DELIVERS, PACKING)]


def away(*people: int, cover: int | None = None) -> dict[int, tuple[Away, ...]]:
    return {person: (Away(MONDAY.date(), MONDAY.date(), cover),) for person in people}


def test_whoever_stands_in_handles_what_arrives_while_the_managers_are_away() -> None:
    found = decided(away=away(BERTA, cover=HANS))
    assert (found.handler_id, found.routes[0].department_id, found.routes[0].readers) == (HANS, KITCHEN, (HANS,))
    assert found.routes[0].reasons[-1] == ("covered", {"person": "Berta Stein", "cover": "Hans Weber"})
    assert decided(away=away(BERTA, cover=HANS), local=MONDAY + timedelta(days=1)).handler_id is None


def test_nobody_stands_in_in_their_own_case() -> None:
    found = decided(away=away(BERTA, cover=MARIA), person_id=MARIA)
    assert found.handler_id is None
    assert found.routes[0].readers == (BERTA, DORA) and reasons(found)[-1] == "all_away"


def test_where_nobody_stands_in_those_above_are_told_too() -> None:
    found = decided(away=away(BERTA))
    assert found.routes[0].department_id == KITCHEN and found.routes[0].readers == (BERTA, DORA)
    everyone = decided(away=away(BERTA, DORA))
    assert everyone.routes[0].readers == (BERTA,) and reasons(everyone) == ["department"]


def test_covers_who_are_away_too_pass_it_on_and_never_in_a_circle() -> None:
    chain = away(BERTA, cover=HANS) | away(HANS, cover=MARIA)
    assert decided(away=chain).handler_id == MARIA
    circle = away(BERTA, cover=HANS) | away(HANS, cover=BERTA)
    assert decided(away=circle).handler_id is None


def test_whom_a_rule_names_is_stood_in_for() -> None:
    rule = Rule((when(About.KIND, "complaint"),), (then(Does.HAND, HANS),))
    assert decided(rule, away=away(HANS, cover=MARIA)).handler_id == MARIA
    assert decided(rule, away=away(HANS)).handler_id is None


def test_held_praise_waits_for_a_manager_who_is_here() -> None:
    found = decided(kind=Kind.COMPLIMENT, person_id=MARIA, rating=1, away=away(BERTA, cover=HANS))
    assert found.routes[0].purpose == Purpose.HOLDS and found.routes[0].readers == (BERTA, DORA)


# Kept in a store.


def refund(cast: Cast) -> Rule:
    return Rule((when(About.WORDS, "refund"),), (then(Does.SEND, cast.packing), then(Does.HAND, cast.hans)))


def keep(store: Store, cast: Cast, rule: Rule, *, is_on: bool = True) -> int:
    with store.write() as session:
        row = keeping.make(session, rule, by_id=cast.anna, at=BEGINNING)
        keeping.switch(session, row, is_on=is_on, by_id=cast.anna, at=BEGINNING)
        return row.id


def test_a_rule_holds_from_the_next_submission_until_it_is_switched_off(store: Store, cast: Cast) -> None:
    arrives(store, cast.kitchen_link, message="Refund first")
    number = keep(store, cast, refund(cast))
    during = arrives(store, cast.kitchen_link, message="Refund please")
    with store.write() as session:
        keeping.switch(session, keeping.one(session, number), is_on=False, by_id=cast.anna, at=BEGINNING)  # type: ignore[arg-type]
    after = arrives(store, cast.kitchen_link, message="Refund again")
    with store.read() as session:
        case = session.get_one(Case, during)
        assert (case.department_id, case.handler_id, case.status) == (cast.packing, cast.hans, "received")
        assert session.get_one(Case, after).department_id == cast.kitchen
        told = set(session.scalars(select(Notice.person_id)))
        assert cast.hans in told and cast.paula in told


def test_history_is_routed_by_rules_and_handled_by_nobody(store: Store, cast: Cast) -> None:
    keep(store, cast, refund(cast))
    number = arrives(store, cast.kitchen_link, message="An old refund", history=True)
    with store.read() as session:
        case = session.get_one(Case, number)
        assert (case.department_id, case.handler_id, case.status) == (cast.packing, None, "closed")


def test_a_rule_that_names_what_is_gone_does_the_rest(store: Store, cast: Cast) -> None:
    keep(store, cast, replace(refund(cast), actions=(*refund(cast).actions, then(Does.GRADE, 3))))
    with store.write() as session:
        session.get_one(Department, cast.packing).retired_at = BEGINNING
        session.get_one(Person, cast.hans).retired_at = BEGINNING
    number = arrives(store, cast.kitchen_link, message="refund")
    with store.read() as session:
        case = session.get_one(Case, number)
        assert (case.department_id, case.handler_id, case.severity) == (cast.kitchen, None, 3)


def test_the_order_can_be_changed_and_each_change_is_noted(store: Store, cast: Cast) -> None:
    other = replace(refund(cast), conditions=(when(About.WORDS, "money"),))
    first, second = keep(store, cast, refund(cast)), keep(store, cast, other, is_on=False)
    assert keep(store, cast, other, is_on=False) == second  # somebody pressed twice
    with store.write() as session:
        row = keeping.one(session, second)
        assert row is not None
        keeping.move(session, row, earlier=True, by_id=cast.anna, at=BEGINNING)
        keeping.move(session, row, earlier=True, by_id=cast.anna, at=BEGINNING)  # it is first already
        assert [each.id for each in keeping.listed(session)] == [second, first]
        keeping.take_away(session, row, by_id=cast.anna, at=BEGINNING)
        assert [each.id for each in keeping.listed(session)] == [first]
    with store.read() as session:
        entries = session.scalars(select(Entry).where(Entry.noun_id == second).order_by(Entry.id)).all()
        assert [entry.act for entry in entries] == ["made", "moved_up", "removed"]
        assert "Packing" in entries[0].details["rule"] and "Hans Weber" in entries[0].details["rule"]


def test_of_two_changes_at_once_the_second_is_refused(store: Store, cast: Cast) -> None:
    number = keep(store, cast, refund(cast))
    other = replace(refund(cast), actions=(then(Does.GRADE, 4),))
    with store.write() as session:
        row = keeping.one(session, number)
        assert row is not None
        shown = keeping.mark(row.rule, is_on=True)
        keeping.change(session, row, other, shown=shown, by_id=cast.anna, at=BEGINNING)
        with pytest.raises(ChangedMeanwhile):
            keeping.change(session, row, refund(cast), shown=shown, by_id=cast.anna, at=BEGINNING)


@pytest.mark.parametrize(
    ("conditions", "actions", "problem"),
    [
        ((), (then(Does.GRADE, 3),), "no_condition"),
        ((when(About.WORDS, "x"),), (), "no_action"),
        ((when(About.KIND, "compliment"),), (then(Does.GRADE, 3),), "nothing_for_compliments"),
        ((when(About.RATING_AT_LEAST, 4), when(About.RATING_AT_MOST, 2)), (then(Does.GRADE, 3),), "no_rating_left"),
        ((when(About.TIME, "9", "25:00"),), (then(Does.GRADE, 3),), "no_time"),
        ((when(About.TIME, "09:00", "09:00"),), (then(Does.GRADE, 3),), "no_time"),
        ((when(About.WORDS, "\u0301"),), (then(Does.GRADE, 3),), "no_word"),
        ((when(About.WORDS, "x" * 81),), (then(Does.GRADE, 3),), "too_long"),
        ((when(About.WORDS, *range(101)),), (then(Does.GRADE, 3),), "too_many_values"),
        ((when(About.TOPIC, 12345),), (then(Does.GRADE, 3),), "gone"),
        ((when(About.WORDS, "x"),), (then(Does.HAND, 12345),), "gone"),
    ],
)
def test_what_cannot_be_a_rule_is_refused(
    store: Store, cast: Cast, conditions: tuple[Condition, ...], actions: tuple[Action, ...], problem: str
) -> None:
    with store.write() as session, pytest.raises(NotTaken) as refused:
        keeping.make(session, Rule(conditions, actions), by_id=cast.anna, at=BEGINNING)
    assert [found.name for found in refused.value.problems] == [problem]


def tried(store: Store, person_id: int, rule: Rule) -> trial.Trial:
    seen = viewer(store, person_id)
    with store.read() as session:
        standing = keeping.standing(session)
        return trial.run(session, seen, rule, standing, [*standing, *keeping.with_names(session, [rule])])


def test_a_dry_run_says_what_would_change_and_keeps_nothing(store: Store, cast: Cast) -> None:
    numbers = [arrives(store, cast.kitchen_link, message=words) for words in ("refund", "cold", "Refund!")]
    arrives(store, cast.maria_link, kind="compliment", message="No refund needed, Maria is great")
    found = tried(store, cast.anna, refund(cast))
    assert (found.looked_at, found.fitting) == (4, 3)
    assert [change.submission.id for change in found.changes] == [numbers[2], numbers[0]]
    change = found.changes[0]
    assert (change.before.department_id, change.after.department_id) == (cast.kitchen, cast.packing)
    assert (change.before.handler_id, change.after.handler_id) == (None, cast.hans)
    with store.read() as session:
        assert {case.department_id for case in session.scalars(select(Case))} == {cast.kitchen}
        assert session.scalar(select(Entry.id)) is None


def test_a_dry_run_shows_nobody_what_concerns_them(store: Store, cast: Cast) -> None:
    arrives(store, cast.kitchen_link, message="Anna kept my refund", person_note="Anna Berg")
    arrives(store, cast.maria_link, kind="compliment", message="refund", rating=1)
    assert tried(store, cast.anna, refund(cast)).looked_at == 1
    assert tried(store, cast.maria, refund(cast)).looked_at == 1
    assert tried(store, cast.dora, refund(cast)).looked_at == 2


def test_a_dry_run_finds_again_what_was_decided(store: Store, cast: Cast) -> None:
    """Whatever came in, deciding about it once more from what is kept says the same."""
    keep(store, cast, refund(cast))
    arrives(store, cast.table_link, message="refund", topic_ids=(cast.cold_food, cast.missing_parts))
    arrives(store, cast.maria_link, message="rude", about_management=True)
    arrives(store, cast.table_link, message="the tall one", person_note="Berta Stein")
    arrives(store, cast.table_link, kind="suggestion", message="More chairs")
    arrives(store, cast.kitchen_link, kind="compliment", message="Lovely", topic_ids=(cast.missing_parts,))
    seen = viewer(store, cast.dora)
    with store.read() as session:
        memory = trial._Memory(session, seen)
        picture = memory.picture(keeping.standing(session))
        for submission in memory.submissions:
            known = memory.concerned.get(submission.id, frozenset())
            again = decide(
                memory.draft(submission), memory.target(submission), picture, submission.submitted_at, concerned=known
            )
            kept = [(r.purpose, r.department_id, r.person_id) for r in routing.routes_of(session, submission.id)]
            assert [(r.purpose, r.department_id, r.person_id) for r in again.routes] == kept
        assert len(memory.submissions) == 5


def test_praise_that_a_rule_shares_is_a_letter_there_too(store: Store, cast: Cast) -> None:
    rule = Rule((when(About.KIND, "compliment"),), (then(Does.INFORM, cast.packing),))
    keep(store, cast, rule)
    number = arrives(store, cast.maria_link, kind="compliment", message="Lovely")
    with store.read() as session:
        letters = session.scalars(select(Praise).where(Praise.submission_id == number)).all()
        assert {(letter.person_id, letter.department_id) for letter in letters} == {
            (cast.maria, cast.kitchen),
            (None, cast.packing),
        }


def test_an_absence_in_the_store_hands_the_case_over(store: Store, cast: Cast) -> None:
    today = MONDAY.date()
    with store.write() as session:
        session.add(Absence(id=1, person_id=cast.berta, from_on=today, until_on=today, cover_id=cast.karim))
    with time_machine.travel(MONDAY, tick=False):
        number = arrives(store, cast.kitchen_link, message="cold", at=MONDAY)
        later = arrives(store, cast.kitchen_link, message="cold", at=MONDAY + timedelta(days=1))
    with store.read() as session:
        assert session.get_one(Case, number).handler_id == cast.karim
        assert session.get_one(Case, later).handler_id is None
        told = session.scalars(select(Notice.person_id).where(Notice.about == "complaint")).all()
        assert set(told) == {cast.karim, cast.berta}
