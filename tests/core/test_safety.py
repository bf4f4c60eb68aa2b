"""A case is as severe as its worst statement: words of danger in every language shipped, and what only looks alike."""

import pytest

from feedback.core import routing
from feedback.core.routing import Picture, Target, Unit
from feedback.core.routing.safety import CRITICAL, SERIOUS, WORDS, worst
from feedback.core.rules import Action, Does, Rule
from feedback.core.submissions import Draft
from feedback.outbound import wording
from feedback.text import available

GRAVE = {
    "There was FIRE in the kitchen": (CRITICAL, "FIRE"),
    "He passed\nout at the bar": (CRITICAL, "passed\nout"),
    "My son is allergic to nuts": (SERIOUS, "allergic"),
    "The step is dangerous; someone may choke. I choked!": (CRITICAL, "choked"),
    "Das ist gefährlich für Kinder": (SERIOUS, "gefährlich"),
    "Akute LEBENSGEFAHR": (CRITICAL, "LEBENSGEFAHR"),
    "Meine Nussallergie": (SERIOUS, "Nussallergie"),
    "Er wurde bewußtlos": (CRITICAL, "bewußtlos"),
    "هناك خطر كبير": (SERIOUS, "خطر"),
    "والحَرِيق في المطبخ": (CRITICAL, "والحَرِيق"),
    "أُصيبَ ابني": (SERIOUS, "أُصيبَ"),
    "هناك حـــريق في المطبخ": (CRITICAL, "حـــريق"),  # drawn out, as one writes what matters
    "Akute Lebens\u00adgefahr!": (CRITICAL, "Lebens\u00adgefahr"),
}
HARMLESS = (
    "",
    "What hospitality, they accidentally gave us two",
    "The food was burnt and the bread slipped my mind",
    "It was a bloody shame; he should be fired",
    "Wir sind ungefähr eine Stunde gefahren",
    "Die Waffeln waren wunderbar, das Licht brennt nicht",
    "A brand new gift",
    "خطرت لي فكرة",
    "دفعت خمسة دنانير",
    "😀" * 50,
)


@pytest.mark.parametrize("message", GRAVE)
def test_what_is_grave_is_found_and_shown_as_it_was_written(message: str) -> None:
    assert worst(message) == GRAVE[message]


@pytest.mark.parametrize("message", HARMLESS)
def test_what_only_looks_alike_is_not(message: str) -> None:
    assert worst(message) is None


def test_each_word_is_found_by_itself_in_each_language_shipped() -> None:
    assert set(WORDS) == set(available())
    for tag, words in WORDS.items():
        for severity in (SERIOUS, CRITICAL):
            for word in words[severity]:
                found = worst(word.replace("*", ""))
                assert found is not None and found[0] >= severity, (tag, word)


def graded(message: str, *rules: Rule, kind: str = "complaint") -> routing.Decision:
    picture = Picture({1: Unit(1, "Kitchen", None, (7,))}, 1, known_as={7: ("Berta Stein", "Berta")}, rules=rules)
    return routing.decide(Draft(kind=kind, message=message), Target(department_id=1), picture)


def test_the_worst_of_words_and_rules_counts_and_says_why() -> None:
    minor, critical = (Rule((), (Action(Does.GRADE, grade),)) for grade in "14")
    assert graded("The soup was cold").severity == routing.NORMAL
    assert graded("The soup was cold", minor).severity == 1
    for kind in ("complaint", "suggestion"):
        found = graded("I am allergic", minor, kind=kind)
        assert found.severity == SERIOUS and found.routes[0].reasons[-1][0] == "grave_word"
    assert wording.reason(*found.routes[0].reasons[-1]) == "It speaks of “allergic”, which makes its severity “Serious”"
    assert graded("I am allergic", critical).routes[0].reasons[-1][0] == "rule_grades"
    assert graded("I am allergic", kind="compliment").severity == routing.NORMAL


def test_words_of_danger_keep_no_rule_from_giving_it_to_someone() -> None:
    hands = Rule((), (Action(Does.HAND, "8"),))
    known = {7: ("Berta Stein", "Berta"), 8: ("Hans Weber", "Hans")}
    picture = Picture({1: Unit(1, "Kitchen", None, (7,))}, 1, known_as=known, rules=(hands,), able=frozenset({8}))
    assert routing.decide(Draft(kind="complaint", message="Fire"), Target(department_id=1), picture).handler_id == 8
