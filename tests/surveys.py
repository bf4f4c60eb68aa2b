"""Surveys for tests: one of every type, published, and answered through the cast's links."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from feedback.core.submissions import SURVEY
from feedback.core.surveys import Asked, Audience, Survey, When, asking, keeping
from feedback.core.surveys.design import Condition, Design, Option, Question, Texts
from feedback.db import Store
from tests.factories import BEGINNING, Cast
from tests.story import arrives, viewer


def text(english: str) -> Texts:
    """A text in English, and marked as such in the two other languages."""
    return {"en": english, "de": f"{english} (de)", "ar": f"{english} (ar)"}


def options(*words: str, beginning: str = "o") -> tuple[Option, ...]:
    """Options with codes in order."""
    return tuple(Option(f"{beginning}{n}", text(word)) for n, word in enumerate(words, start=1))


def question(code: str, type: str, **more: Any) -> Question:
    """A question of that type with what it needs."""
    if type in ("one", "several", "ranking", "matrix"):
        more.setdefault("options", options("Soup", "Salad", "Cake"))
    if type == "matrix":
        more.setdefault("rows", options("Taste", "Look", beginning="r"))
    return Question(code, type, text(f"Question {code} of {type}"), {}, **more)


EVERY_TYPE = (
    "faces", "stars", "scale", "csat", "ces", "fft", "yes_no", "one", "several", "ranking", "matrix", "line", "words",
    "number", "date",
)  # fmt: skip
ONE_OF_EACH = Design(
    title=text("One of each"),
    questions=tuple(question(f"q{n}", type) for n, type in enumerate(EVERY_TYPE, start=1)),
    closing=text("It is over"),
    next=100,
)
SHORT = Design(
    title=text("Your visit"),
    questions=(
        question("q1", "faces", required=True),
        question("q2", "several", other=True, show_if=Condition("q1", "at_most", "2")),
        question("q3", "words"),
    ),
    next=100,
)


# One of each in digits, which need no translation, on every condition there is, and answers to it.
NUMBERED = replace(
    ONE_OF_EACH,
    title={"en": "404"},
    closing={},
    questions=tuple(
        replace(
            one,
            text={"en": str(n)},
            help={"en": str(n)},
            options=tuple(replace(option, text={"en": option.code[1:]}) for option in one.options),
            rows=tuple(replace(row, text={"en": row.code[1:]}) for row in one.rows),
            required=one.type == "faces",
            other=one.type in ("one", "several"),
            least={"several": 1, "number": 1}.get(one.type),
            most={"several": 2, "number": 9}.get(one.type),
            show_if={
                "q2": Condition("q1", "at_most", "2"),
                "q8": Condition("q7", "is", "no"),
                "q10": Condition("q9", "contains", "o1"),
                "q13": Condition("q12", "contains", "4"),
            }.get(one.code),
        )
        for n, one in enumerate(ONE_OF_EACH.questions, start=1)
    ),
)
NUMBERS = {
    "q1": "1", "q2": "5", "q3": "10", "q4": "2", "q5": "7", "q6": "dont_know", "q7": "no", "q8": "o2", "q9": ["o1"],
    "q10": ["o2", "o1"], "q11": {"r1": "o1", "r2": "o3"}, "q12": "4", "q13": "4", "q14": "7", "q15": "2026-01-04",
}  # fmt: skip
POLL = Design(title=text("What shall we cook?"), questions=(question("q1", "one"),), closing=text("Thanks"), next=9)


def published(store: Store, cast: Cast, design: Design = SHORT, key: str = "anna", **more: Any) -> Survey:
    """A published survey of one of the cast."""
    who = viewer(store, getattr(cast, key))
    more.setdefault("department_id", None)
    with store.write() as session:
        survey = keeping.make(session, who, design, BEGINNING, name=more.pop("name", "Visit"), **more)
        keeping.publish(session, who, survey, BEGINNING, seen=1)
    return survey


def attach(
    store: Store, cast: Cast, survey: Survey, link: str, moment: When = When.INSTEAD, *, shows_first: bool = False
) -> None:
    """Let one of the cast's links ask the newest edition of a survey."""
    anna = viewer(store, cast.anna)
    with store.write() as session:
        found = session.get_one(asking.Link, cast.link_ids[link])
        if survey.audience == Audience.STAFF:
            found.is_internal = True
        edition = keeping.published(session, survey.id)
        assert edition is not None
        asking.ask(session, anna, found, survey, edition, moment, BEGINNING, shows_first=shows_first)


def asked(store: Store, survey: Survey) -> Asked:
    """What a survey asks now."""
    with store.read() as session:
        edition = keeping.published(session, survey.id)
        assert edition is not None
        return asking._asked(survey, edition, When.INSTEAD)


def answer(
    store: Store, survey: Survey, link: str, answers: Mapping[str, Any], *, at: datetime | None = None, **more: Any
) -> int:
    """One response through the link of that code, as the form would have sent it; the id of its submission."""
    given = asked(store, survey).given(dict(answers))
    return arrives(store, link, kind=SURVEY, message="", given=given, at=at, **more)
