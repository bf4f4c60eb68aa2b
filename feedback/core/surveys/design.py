"""What a survey asks: its questions as a document, read into objects and checked for sense.

A document is kept whole with the edition it belongs to, so that a published one never changes under its answers.
Codes of questions and options are never used twice in one survey: by them answers stay comparable over editions.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import isfinite
from typing import Any

MOST_QUESTIONS, MOST_OPTIONS, MOST_ROWS = 30, 50, 20
MOST_FIELDS = 180  # of one form, so that a phone and the input edge bear it
MOST_TEXT, MOST_LINE, MOST_WORDS = 300, 200, 5000  # characters of a text of ours, of a short and of a long answer
LARGEST_NUMBER = 1_000_000_000

Texts = Mapping[str, str]  # by language

# The answers of those types whose answers are given, in the order they are read in.
GIVEN: dict[str, tuple[str, ...]] = {
    "faces": ("1", "2", "3", "4", "5"),
    "stars": ("1", "2", "3", "4", "5"),
    "scale": tuple(map(str, range(11))),
    "csat": ("1", "2", "3", "4", "5"),
    "ces": tuple(map(str, range(1, 8))),
    "fft": ("very_good", "good", "neither", "poor", "very_poor", "dont_know"),
    "yes_no": ("yes", "no"),
}
CHOSEN = ("one", "several", "ranking", "matrix")  # types whose options are written
TYPED = ("line", "words", "number", "date")
TYPES = (*GIVEN, *CHOSEN, *TYPED)
IN_ORDER = ("faces", "stars", "scale", "csat", "ces")  # of which one answer is more than another
# The best of the low answers, after which a customer is asked what went wrong.
LOW = {"faces": 2, "stars": 2, "csat": 2, "ces": 3, "scale": 6}
LOW_WORDS = {"fft": ("poor", "very_poor")}
POLLED = ("one", "yes_no", "faces", "stars")  # what a poll can ask
TESTS = ("is", "at_most", "contains")


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose, or one row of a matrix."""

    code: str
    text: Texts


@dataclass(frozen=True, slots=True)
class Condition:
    """A question is asked only if an earlier one was answered so."""

    question: str
    test: str
    value: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question; what a type does not need is empty."""

    code: str
    type: str
    text: Texts
    help: Texts
    required: bool = False
    options: tuple[Option, ...] = ()
    rows: tuple[Option, ...] = ()
    other: bool = False
    least: int | None = None  # of several: how many at least; of a number: the lowest
    most: int | None = None
    show_if: Condition | None = None

    @property
    def values(self) -> tuple[str, ...]:
        """Every answer that can be chosen, in order; empty where it is typed."""
        return GIVEN.get(self.type) or (*(option.code for option in self.options), *(("other",) if self.other else ()))

    @property
    def fields(self) -> int:
        """How many fields of a form it can send."""
        several = {"several": self.values, "ranking": self.options, "matrix": self.rows}
        return len(several.get(self.type, ("",))) + self.other


@dataclass(frozen=True, slots=True)
class Design:
    """All that one edition asks and says."""

    title: Texts
    questions: tuple[Question, ...] = ()
    closing: Texts = field(default_factory=dict)  # what is said once it is closed
    by_steps: bool = False  # one question at a time
    keeps_partial: bool = False
    closes_on: date | None = None  # the last day it is open
    quota: int | None = None  # answers after which it closes
    next: int = 1  # the number of the next code

    def question(self, code: str) -> Question | None:
        """The question of that code."""
        return next((question for question in self.questions if question.code == code), None)

    def before(self, code: str) -> tuple[Question, ...]:
        """The questions that are asked before that one."""
        place = next((n for n, question in enumerate(self.questions) if question.code == code), len(self.questions))
        return self.questions[:place]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a design, by the name of a sentence; "" as code where it is the survey itself."""

    code: str
    name: str


def read(document: Mapping[str, Any]) -> Design:
    """The design that `document` writes. Raises KeyError or ValueError where it is none."""
    closes = document.get("closes_on")
    return Design(
        title=dict(document.get("title", {})),
        questions=tuple(_question(one) for one in document.get("questions", [])),
        closing=dict(document.get("closing", {})),
        by_steps=bool(document.get("by_steps")),
        keeps_partial=bool(document.get("keeps_partial")),
        closes_on=date.fromisoformat(closes) if closes else None,
        quota=document.get("quota"),
        next=int(document.get("next", 1)),
    )


def written(design: Design) -> dict[str, Any]:
    """The document of a design, as it is kept."""
    return {
        "title": dict(design.title),
        "questions": [_written(question) for question in design.questions],
        "closing": dict(design.closing),
        "by_steps": design.by_steps,
        "keeps_partial": design.keeps_partial,
        "closes_on": design.closes_on.isoformat() if design.closes_on else None,
        "quota": design.quota,
        "next": design.next,
    }


def _question(document: Mapping[str, Any]) -> Question:
    condition = document.get("show_if")
    kind = document["type"]
    if kind not in TYPES:
        raise ValueError(kind)
    return Question(
        code=document["code"],
        type=kind,
        text=dict(document.get("text") or {}),
        help=dict(document.get("help") or {}),
        required=bool(document.get("required")),
        options=_options(document.get("options")),
        rows=_options(document.get("rows")),
        other=bool(document.get("other")),
        least=document.get("least"),
        most=document.get("most"),
        show_if=Condition(condition["question"], condition["test"], str(condition["value"])) if condition else None,
    )


def _options(documents: Sequence[Mapping[str, Any]] | None) -> tuple[Option, ...]:
    return tuple(Option(one["code"], dict(one["text"])) for one in documents or ())


def _written(question: Question) -> dict[str, Any]:
    shown = question.show_if
    found = {
        "code": question.code,
        "type": question.type,
        "text": dict(question.text),
        "help": dict(question.help),
        "required": question.required,
        "options": [{"code": one.code, "text": dict(one.text)} for one in question.options],
        "rows": [{"code": one.code, "text": dict(one.text)} for one in question.rows],
        "other": question.other,
        "least": question.least,
        "most": question.most,
        "show_if": {"question": shown.question, "test": shown.test, "value": shown.value} if shown else None,
    }
    return {name: value for name, value in found.items() if value or (value == 0 and value is not False)}


def numbered(design: Design) -> Design:
    """The design with its next code beyond every one it has, as after reading a ready one."""
    used = [0]
    for question in design.questions:
        for code in (question.code, *(one.code for one in (*question.options, *question.rows))):
            used.append(int("".join(sign for sign in code if sign.isdigit()) or 0))
    return replace(design, next=max(design.next, max(used) + 1))


def said(texts: Texts, language: str, others: Sequence[str] = ()) -> str:
    """The text in `language`, else in the first of `others` that has it, else in any."""
    for tag in (language, *others, *texts):
        if texts.get(tag):
            return texts[tag]
    return ""


def missing(design: Design, languages: Sequence[str]) -> dict[str, list[str]]:
    """By language, the codes of questions with a text that is not there in it; "" stands for title and closing.

    What has no text in any language is not missing but empty.
    """
    found: dict[str, list[str]] = {}
    for tag in languages:
        codes = [question.code for question in design.questions if any(_lacks(text, tag) for text in _texts(question))]
        own = any(_lacks(text, tag) for text in (design.title, design.closing))
        if codes or own:
            found[tag] = ([""] if own else []) + codes
    return found


def _texts(question: Question) -> Iterator[Texts]:
    yield question.text
    yield question.help
    yield from (one.text for one in (*question.options, *question.rows))


def _lacks(texts: Texts, tag: str) -> bool:
    return any(texts.values()) and not texts.get(tag)


def faults(design: Design, *, is_poll: bool = False) -> list[Fault]:
    """What keeps a design from being published; empty where nothing does."""
    found = [] if any(design.title.values()) else [Fault("", "no_title")]
    if not design.questions:
        found.append(Fault("", "no_questions"))
    if is_poll and (len(design.questions) != 1 or design.questions[0].type not in POLLED):
        found.append(Fault("", "poll_asks_one"))
    if len(design.questions) > MOST_QUESTIONS:
        found.append(Fault("", "too_many_questions"))
    if sum(question.fields for question in design.questions) > MOST_FIELDS:
        found.append(Fault("", "too_many_fields"))
    if design.quota is not None and not 1 <= design.quota <= LARGEST_NUMBER:
        found.append(Fault("", "quota"))
    for place, question in enumerate(design.questions):
        found += [Fault(question.code, name) for name in _wrong(question, design.questions[:place])]
    return found


def _wrong(question: Question, earlier: Sequence[Question]) -> Iterator[str]:
    if not any(question.text.values()):
        yield "no_text"
    if question.type in CHOSEN and len(question.options) < 2:
        yield "two_options"
    if len(question.options) > MOST_OPTIONS:
        yield "too_many_options"
    if question.type == "matrix" and not question.rows:
        yield "no_rows"
    if len(question.rows) > MOST_ROWS:
        yield "too_many_options"
    if any(not any(one.text.values()) for one in (*question.options, *question.rows)):
        yield "empty_option"
    yield from _wrong_bounds(question)
    if question.show_if and not can_hold(question.show_if, earlier):
        yield "dead_end"


def _wrong_bounds(question: Question) -> Iterator[str]:
    least, most = question.least, question.most
    if least is not None and most is not None and least > most:
        yield "least_above_most"
    if question.type == "several":
        there = len(question.options) + question.other
        if (least or 0) > there or (most is not None and most < 1):
            yield "more_than_there_are"


def can_hold(condition: Condition, earlier: Sequence[Question]) -> bool:
    """Whether a condition can ever be met: by a question asked before, and an answer that it has.

    Each question is asked on one condition about an earlier one, so a chain of them never asks the same one twice and
    none of its links can forbid another: what can hold by itself can be reached.
    """
    asked = next((question for question in earlier if question.code == condition.question), None)
    if asked is None:
        return False
    if condition.test == "contains" and asked.type in ("line", "words"):
        return bool(condition.value.strip())
    if condition.test == "at_most" and asked.type == "number":
        return _is_reached(condition.value, asked.least)
    return condition.value in nameable(asked, condition.test)


def nameable(question: Question, test: str) -> tuple[str, ...]:
    """The answers to a question that a condition of that kind can name, where they can be listed."""
    if test == "at_most":
        return question.values[:-1] if question.type in IN_ORDER else ()
    if test == "contains":
        return question.values if question.type == "several" else ()
    return question.values if question.type in (*GIVEN, "one") else ()


def _is_reached(text: str, least: int | None) -> bool:
    try:
        return isfinite(float(text)) and (least is None or float(text) >= least)
    except ValueError:
        return False
