"""A survey as a customer sees it: its questions worded in their language, on one page or one at a time."""

from collections.abc import Mapping, Sequence
from typing import Any

from feedback.core.surveys import Asked
from feedback.core.surveys.answering import Answers, fields_of, first_field, holds, last_before, next_after
from feedback.core.surveys.design import GIVEN, Condition, Design, Question, nameable, said
from feedback.outbound import questions as wording
from feedback.text import gettext as _
from feedback.text import ngettext, number

LONG = 24  # characters, from which answers stand below each other
Values = Mapping[str, str]


def form_words(asked: Asked, tag: str, languages: Sequence[str], values: Values, step: str = "") -> dict[str, Any]:
    """What the template of a survey is told of it, in the language spoken; `step` is the question shown alone."""
    design = asked.design
    shown = [question for question in design.questions if question.code == step] if step else design.questions
    return {
        "title": said(design.title, tag, languages),
        "questions": [
            _worded(question, design, tag, languages, is_step=bool(step), is_poll=asked.is_poll) for question in shown
        ],
        "edition": str(asked.edition_id),
        "is_poll": asked.is_poll,
        "says_kept": design.keeps_partial and design.by_steps,
    }


def step_words(design: Design, code: str, answers: Answers) -> dict[str, Any]:
    """Where someone stands who answers one question at a time."""
    before = [one for one in design.before(code) if holds(one.show_if, answers)]
    after = design.questions[len(design.before(code)) + 1 :]
    n, most = len(before) + 1, len(before) + 1 + len(after)
    told = {"n": number(n), "of": number(most)}
    return {
        "code": code,
        "n": n,
        "of": most,
        "text": (
            _("Question %(n)s of up to %(of)s") if any(one.show_if for one in after) else _("Question %(n)s of %(of)s")
        )
        % told,
        "has_before": last_before(design, code, answers) is not None,
        "is_last": next_after(design, code, answers) is None and not after,
    }


def kept_fields(design: Design, code: str, values: Values) -> list[tuple[str, str]]:
    """The fields of all other questions, carried along while one is shown."""
    names = [name for question in design.questions if question.code != code for name in fields_of(question)]
    return [(name, values[name]) for name in names if values.get(name)]


def conditions_css(design: Design) -> str:
    """Rules that hide a question while its condition does not hold, where a stylesheet can tell.

    One question at a time needs none: the server asks only what is to be asked.
    """
    if design.by_steps:
        return ""
    rules = []
    for question in design.questions:
        inputs = _inputs(question.show_if, design)
        if inputs:
            rules.append(f".form:not(:has({','.join(inputs)})) .if-{question.code}{{display:none}}")
    return f"@supports selector(:has(*)){{{''.join(rules)}}}" if rules else ""


def _inputs(condition: Condition | None, design: Design) -> list[str]:
    """The inputs of which one is checked when the condition holds; none where it is about what is typed."""
    asked = design.question(condition.question) if condition else None
    if condition is None or asked is None or condition.value not in nameable(asked, condition.test):
        return []
    field = first_field(asked)
    if condition.test == "contains":
        return [f"#{field}_{condition.value}:checked"]
    values = [condition.value]
    if condition.test == "at_most":
        values = list(asked.values[: asked.values.index(condition.value) + 1])
    return [f"#{field}-{value}:checked" for value in values]


def _worded(
    question: Question, design: Design, tag: str, languages: Sequence[str], *, is_step: bool, is_poll: bool
) -> dict[str, Any]:
    choices = [{"value": value, "text": wording.answer(question, value, tag, languages)} for value in question.values]
    return {
        "code": question.code,
        "field": first_field(question),
        "type": question.type,
        "text": said(question.text, tag, languages),
        "help": said(question.help, tag, languages),
        "required": question.required,
        "other": question.other,
        "choices": choices,
        "rows": [{"value": row.code, "text": said(row.text, tag, languages)} for row in question.rows],
        "is_one": question.type in (*GIVEN, "one"),
        "is_typed": question.type in ("line", "words", "number", "date"),
        "is_long": any(len(str(one["text"])) > LONG for one in choices),
        "is_step": is_step,
        "is_alone": is_poll,
        "bounds": _bounds(question),
        "condition": wording.condition(question.show_if, design, tag, languages),
        "is_hidden": bool(_inputs(question.show_if, design)),
    }


def _bounds(question: Question) -> str:
    """How many answers, or which numbers, are taken."""
    least, most = question.least, question.most
    if question.type == "number" and least is not None and most is not None:
        return _("From %(least)s to %(most)s") % {"least": number(least), "most": number(most)}
    if question.type != "several":
        return ""
    if least and most:
        return _("Choose %(least)s to %(most)s.") % {"least": number(least), "most": number(most)}
    if most:
        return ngettext("Choose up to %(num)s.", "Choose up to %(num)s.", most) % {"num": number(most)}
    return (
        ngettext("Choose at least %(num)s.", "Choose at least %(num)s.", least) % {"num": number(least)}
        if least
        else ""
    )
