"""What a form says in answer to a survey."""

from dataclasses import replace
from typing import Any

import pytest

from feedback.core.surveys import answering
from feedback.core.surveys.design import Condition, Design, Question
from tests.surveys import ONE_OF_EACH, SHORT, question


def told(one: Question, form: dict[str, str], **more: Any) -> answering.Answered:
    return answering.read(replace(SHORT, questions=(one,)), lambda name: form.get(name, ""), **more)


@pytest.mark.parametrize(
    ("type", "form", "answer"),
    [
        ("faces", {"a_q1": " 3 "}, "3"),
        ("several", {"a_q1_o3": "1", "a_q1_o1": "1"}, ["o1", "o3"]),
        ("ranking", {"a_q1_o2": "1", "a_q1_o1": "2"}, ["o2", "o1"]),
        ("matrix", {"a_q1_r2": "o3"}, {"r2": "o3"}),
        ("number", {"a_q1": "007"}, "7"),
        ("number", {"a_q1": "-0"}, "0"),
        ("number", {"a_q1": "-0,50"}, "-0.5"),
        ("number", {"a_q1": "1.10"}, "1.1"),
        ("date", {"a_q1": "2026-02-28"}, "2026-02-28"),
        ("line", {"a_q1": "  "}, None),
    ],
)
def test_an_answer_has_one_spelling(type: str, form: dict[str, str], answer: Any) -> None:
    found = told(question("q1", type), form)
    assert found.problems == {} and found.answers.get("q1") == answer


@pytest.mark.parametrize(
    ("one", "form", "problem"),
    [
        (question("q1", "several", least=2), {"a_q1_o1": "1"}, "too_few_chosen"),
        (question("q1", "several", most=1), {"a_q1_o1": "1", "a_q1_o2": "1"}, "too_many_chosen"),
        (question("q1", "ranking"), {"a_q1_o1": "1", "a_q1_o2": "3"}, "place_left_out"),
        (question("q1", "matrix", required=True), {"a_q1_r1": "o1"}, "every_row"),
        (question("q1", "number", least=0, most=9), {"a_q1": "10"}, "not_in_bounds"),
        (question("q1", "number", least=0), {"a_q1": "-1"}, "not_in_bounds"),
        (question("q1", "number"), {"a_q1": "1.234"}, "no_such_number"),
        (question("q1", "number"), {"a_q1": "--1"}, "no_such_number"),
        (question("q1", "date"), {"a_q1": "2026-02-30"}, "not_a_day"),
        (question("q1", "one", other=True), {"a_q1": "other", "a_q1_said": "x" * 201}, "too_long"),
        (question("q1", "faces", required=True), {}, "answer_needed"),
    ],
)
def test_what_is_wrong_has_a_name(one: Question, form: dict[str, str], problem: str) -> None:
    assert told(one, form).problems == {"a_q1": problem}


def test_nothing_is_missed_where_nothing_is_demanded() -> None:
    assert told(question("q1", "faces", required=True), {}, demand=False).problems == {}


def test_words_beside_other_count_only_with_it() -> None:
    one = question("q1", "one", other=True)
    assert told(one, {"a_q1": "o1", "a_q1_said": "A chair"}).answers == {"q1": "o1"}
    assert told(one, {"a_q1": "other", "a_q1_said": "A chair"}).answers == {"q1": "other", "q1_other": "A chair"}


@pytest.mark.parametrize(
    ("test", "value", "given", "holds"),
    [
        ("is", "no", "no", True),
        ("is", "no", "yes", False),
        ("is", "o1", ["o1"], False),
        ("at_most", "2", "2", True),
        ("at_most", "2", "10", False),
        ("at_most", "2", "often", False),
        ("contains", "o1", ["o2", "o1"], True),
        ("contains", "COLD", "It was cold", True),
        ("contains", "cold", {"r1": "cold"}, False),
    ],
)
def test_a_condition_holds_or_not(test: str, value: str, given: Any, holds: bool) -> None:
    assert answering.holds(Condition("q1", test, value), {"q1": given}) is holds
    assert not answering.holds(Condition("q1", test, value), {})
    assert answering.holds(None, {})


def test_a_hidden_answer_hides_what_hangs_on_it() -> None:
    chain = replace(
        SHORT,
        questions=(
            question("q1", "yes_no"),
            question("q2", "yes_no", show_if=Condition("q1", "is", "yes")),
            question("q3", "line", show_if=Condition("q2", "is", "yes")),
        ),
    )
    form = {"a_q1": "no", "a_q2": "yes", "a_q3": "Never seen"}
    found = answering.read(chain, lambda name: form.get(name, ""))
    assert (found.answers, found.asked) == ({"q1": "no"}, ["q1"])
    assert answering.next_after(chain, "q1", found.answers) is None
    assert answering.last_before(chain, "q3", {"q1": "yes"}) == chain.questions[1]


def test_every_answer_is_counted_by_its_values() -> None:
    by_code = {one.type: one for one in ONE_OF_EACH.questions}
    assert answering.counted(by_code["ranking"], ["o2", "o1"]) == ["o2:1", "o1:2"]
    assert answering.counted(by_code["matrix"], {"r1": "o3"}) == ["r1:o3"]
    assert answering.counted(by_code["several"], ["o1", "o3"]) == ["o1", "o3"]
    assert answering.counted(by_code["words"], "Words") == []


@pytest.mark.parametrize(
    ("type", "low", "high"),
    [("faces", "2", "3"), ("scale", "6", "7"), ("ces", "3", "4"), ("csat", "2", "3"), ("fft", "poor", "neither")],
)
def test_a_low_rating_is_told_from_others(type: str, low: str, high: str) -> None:
    design: Design = replace(SHORT, questions=(question("q1", type),))
    assert answering.is_low(design, {"q1": low}) and not answering.is_low(design, {"q1": high})
    assert not answering.is_low(design, {"q9": low})


def test_the_fields_of_a_form_are_known_by_question() -> None:
    names = [name for one in ONE_OF_EACH.questions for name in answering.fields_of(one)]
    assert len(names) == len(set(names)) == sum(one.fields for one in ONE_OF_EACH.questions)
