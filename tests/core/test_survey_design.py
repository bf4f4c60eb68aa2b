"""What a survey asks: kept as it is written, and checked for what nobody could answer."""

from dataclasses import replace

import pytest

from feedback.core.surveys.design import (
    MOST_OPTIONS,
    MOST_QUESTIONS,
    Condition,
    Design,
    faults,
    missing,
    numbered,
    read,
    said,
    written,
)
from feedback.core.surveys.ready import library
from tests.surveys import EVERY_TYPE, NUMBERED, ONE_OF_EACH, SHORT, options, question, text


@pytest.mark.parametrize("design", [ONE_OF_EACH, SHORT, NUMBERED, replace(SHORT, by_steps=True, quota=5)])
def test_a_document_is_read_as_it_was_written(design: Design) -> None:
    assert read(written(design)) == design


def test_a_bound_of_nothing_is_a_bound() -> None:
    design = Design(text("Wait"), (question("q1", "number", least=0, most=600),))
    assert read(written(design)).questions[0].least == 0


def names(design: Design, *, is_poll: bool = False) -> set[tuple[str, str]]:
    return {(fault.code, fault.name) for fault in faults(design, is_poll=is_poll)}


def asking(*questions: object, **more: object) -> Design:
    return replace(SHORT, questions=questions, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("design", "found"),
    [
        (SHORT, set()),
        (replace(SHORT, title={}), {("", "no_title")}),
        (asking(), {("", "no_questions")}),
        (asking(*(question(f"q{n}", "line") for n in range(MOST_QUESTIONS + 1))), {("", "too_many_questions")}),
        (asking(*(question(f"q{n}", "several", options=options(*"abcdefghij")) for n in range(20))), {("", "too_many_fields")}),
        (replace(SHORT, quota=0), {("", "quota")}),
        (asking(replace(question("q1", "faces"), text={})), {("q1", "no_text")}),
        (asking(question("q1", "one", options=options("Alone"))), {("q1", "two_options")}),
        (asking(question("q1", "one", options=options(*["x"] * (MOST_OPTIONS + 1)))), {("q1", "too_many_options")}),
        (asking(question("q1", "matrix", rows=())), {("q1", "no_rows")}),
        (asking(question("q1", "one", options=(*options("A"), replace(options("B")[0], code="o2", text={})))), {("q1", "empty_option")}),
        (asking(question("q1", "several", least=3, most=2)), {("q1", "least_above_most")}),
        (asking(question("q1", "several", least=4)), {("q1", "more_than_there_are")}),
    ],
)  # fmt: skip
def test_what_nobody_could_answer_is_found(design: Design, found: set[tuple[str, str]]) -> None:
    assert names(design) == found


def test_a_poll_asks_one_question_to_choose_from() -> None:
    assert names(asking(question("q1", "one")), is_poll=True) == set()
    for design in (SHORT, asking(question("q1", "words")), asking(question("q1", "one"), question("q2", "one"))):
        assert ("", "poll_asks_one") in names(design, is_poll=True)


@pytest.mark.parametrize(
    ("asked", "test", "value", "can_hold"),
    [
        ("faces", "at_most", "2", True),
        ("faces", "at_most", "5", False),  # that is always so
        ("faces", "at_most", "0", False),
        ("faces", "is", "5", True),
        ("faces", "contains", "5", False),
        ("yes_no", "is", "no", True),
        ("yes_no", "is", "perhaps", False),
        ("one", "is", "o3", True),
        ("one", "is", "o4", False),
        ("several", "contains", "o1", True),
        ("several", "is", "o1", False),
        ("words", "contains", "cold", True),
        ("words", "contains", " ", False),
        ("words", "is", "cold", False),
        ("number", "at_most", "10", True),
        ("number", "at_most", "7.5", True),
        ("number", "at_most", "-1", False),
        ("number", "at_most", "nan", False),
        ("number", "at_most", "ten", False),
        ("matrix", "is", "o1", False),
    ],
)
def test_a_condition_that_can_never_hold_is_a_dead_end(asked: str, test: str, value: str, can_hold: bool) -> None:
    first, second = question("q1", asked, least=0 if asked == "number" else None), question("q2", "line")
    after = replace(second, show_if=Condition("q1", test, value))
    assert (("q2", "dead_end") in names(asking(first, after))) is not can_hold
    assert ("q2", "dead_end") in names(asking(after, first))  # asked before what it hangs on


def test_what_is_missing_in_a_language_is_named_by_question() -> None:
    half = replace(SHORT.questions[0], text={"en": "How was it?"})
    assert missing(asking(half), ["en", "de"]) == {"de": ["q1"]}
    assert missing(replace(SHORT, title={"en": "Visit"}), ["en", "ar"]) == {"ar": [""]}


def test_a_text_is_said_in_the_next_best_language() -> None:
    texts = {"de": "Hallo", "ar": "مرحبا"}
    assert (said(texts, "de"), said(texts, "en", ["ar"]), said(texts, "fr"), said({}, "en")) == (
        "Hallo", "مرحبا", "Hallo", "",
    )  # fmt: skip


@pytest.mark.parametrize("name", library())
def test_a_ready_survey_has_no_faults_and_lacks_no_language(name: str) -> None:
    ready = library()[name]
    assert faults(ready.design) == [] and missing(ready.design, ["en", "de", "ar"]) == {}
    assert set(ready.about) == {"en", "de", "ar"}
    assert numbered(ready.design).next > max(int(one.code[1:]) for one in ready.design.questions)


def test_the_ready_ones_use_nearly_every_type() -> None:
    used = {question.type for ready in library().values() for question in ready.design.questions}
    assert set(EVERY_TYPE) - used <= {"date"}
