"""Words for the parts of surveys: types, answers that are given with them, conditions, and what is wrong with one."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from feedback.core.surveys import answering
from feedback.core.surveys.answering import Answer
from feedback.core.surveys.design import Condition, Design, Question, said
from feedback.outbound import wording
from feedback.text import day, number, pgettext
from feedback.text import gettext as _

Text = Callable[[], str]


def type_of(name: str) -> str:
    """What a type of question asks for, in a few words."""
    return TYPES[name]()


def answer(question: Question, value: str, tag: str, languages: Sequence[str] = ()) -> str:
    """How an answer to a question reads."""
    if value == "other" and question.other:
        return pgettext("answer", "Something else")
    if question.type == "faces":
        return wording.rating(int(value))
    if question.type in ANSWERS:
        return ANSWERS[question.type][value]()
    if question.type in ("stars", "scale", "ces"):
        return number(int(value))
    return next((said(one.text, tag, languages) for one in question.options if one.code == value), value)


def told(question: Question, answers: Mapping[str, Answer], tag: str) -> str:
    """What somebody answered, in words."""
    given = answers[question.code]
    beside = answering.texts(question, answers) if question.other else ""
    if isinstance(given, dict):
        rows = {row.code: said(row.text, tag) for row in question.rows}
        return "\n".join(f"{rows.get(row, row)}: {answer(question, value, tag)}" for row, value in given.items())
    if question.type == "date" and isinstance(given, str):
        return day(date.fromisoformat(given))
    if question.type in ("line", "words", "number") and isinstance(given, str):
        return given
    words = [answer(question, value, tag) for value in ([given] if isinstance(given, str) else given)]
    return "\n".join([*words, beside] if beside else words)


def condition(shown: Condition | None, design: Design, tag: str, languages: Sequence[str] = ()) -> str:
    """On which earlier answer a question is asked; "" where it always is."""
    asked = design.question(shown.question) if shown else None
    if shown is None or asked is None:
        return ""
    known = shown.value in asked.values
    told = {
        "question": said(asked.text, tag, languages),
        "answer": answer(asked, shown.value, tag, languages) if known else shown.value,
    }
    return CONDITIONS[shown.test]() % told


def short_condition(test: str, text: str) -> str:
    """A condition to choose, where the question it is about stands above; without a text it is to be written."""
    return (SHORT if text else OPEN)[test]() % {"answer": text}


def fault(name: str) -> str:
    """What keeps a survey from being published, and what to do about it."""
    return FAULTS[name]()


CONDITIONS: Mapping[str, Text] = {
    "is": lambda: _("Only if your answer to “%(question)s” is “%(answer)s”"),
    "at_most": lambda: _("Only if your answer to “%(question)s” is “%(answer)s” or less"),
    "contains": lambda: _("Only if your answer to “%(question)s” has “%(answer)s” in it"),
}

SHORT: Mapping[str, Text] = {
    "is": lambda: _("is “%(answer)s”"),
    "at_most": lambda: _("is “%(answer)s” or less"),
    "contains": lambda: _("has “%(answer)s” among it"),
}

OPEN: Mapping[str, Text] = {
    "at_most": lambda: _("is at most the number below"),
    "contains": lambda: _("has the word below in it"),
}

TYPES: Mapping[str, Text] = {
    "faces": lambda: _("Five faces"),
    "stars": lambda: _("Five stars"),
    "scale": lambda: _("0 to 10: would recommend"),
    "csat": lambda: _("How satisfied (CSAT)"),
    "ces": lambda: _("How easy, 1 to 7 (CES)"),
    "fft": lambda: _("Friends and Family Test"),
    "yes_no": lambda: _("Yes or no"),
    "one": lambda: _("One of several answers"),
    "several": lambda: _("Several answers"),
    "ranking": lambda: _("Put in order"),
    "matrix": lambda: _("Rows and columns"),
    "line": lambda: _("A few words"),
    "words": lambda: _("Own words"),
    "number": lambda: _("A number"),
    "date": lambda: _("A day"),
}

ANSWERS: Mapping[str, Mapping[str, Text]] = {
    "csat": {
        "1": lambda: _("Very dissatisfied"),
        "2": lambda: _("Dissatisfied"),
        "3": lambda: _("Neither satisfied nor dissatisfied"),
        "4": lambda: _("Satisfied"),
        "5": lambda: _("Very satisfied"),
    },
    "fft": {
        "very_good": lambda: pgettext("rating", "Very good"),
        "good": lambda: pgettext("rating", "Good"),
        "neither": lambda: pgettext("rating", "Neither good nor poor"),
        "poor": lambda: pgettext("rating", "Poor"),
        "very_poor": lambda: pgettext("rating", "Very poor"),
        "dont_know": lambda: _("Don’t know"),
    },
    "yes_no": {"yes": lambda: _("Yes"), "no": lambda: _("No")},
}

FAULTS: Mapping[str, Text] = {
    "no_title": lambda: _("Give the survey a title that those who answer see."),
    "no_questions": lambda: _("Add a first question."),
    "poll_asks_one": lambda: _("A poll asks exactly one question with answers to choose from."),
    "too_many_questions": lambda: _(
        "There are too many questions: thirty is the most, and five to seven are answered."
    ),
    "too_many_fields": lambda: _("There are too many answers in all for one page on a phone. Please take some away."),
    "quota": lambda: _("The number of answers at which it closes is not one that can be reached."),
    "no_text": lambda: _("Write the question."),
    "two_options": lambda: _("Give at least two answers to choose from."),
    "too_many_options": lambda: _("These are too many: fifty answers or twenty rows are the most."),
    "no_rows": lambda: _("Give at least one row."),
    "empty_option": lambda: _("An answer has no words in any language."),
    "least_above_most": lambda: _("The least is more than the most."),
    "more_than_there_are": lambda: _("More answers are asked for than there are."),
    "dead_end": lambda: _("Its condition can never hold, so that nobody would be asked it. Choose another."),
}


def median() -> str:
    """What the value in the middle is called."""
    return _("Median")


def middle_half(low: str, high: str) -> str:
    """Between which values the middle half of all answers lies."""
    return _("half of all answers lie between %(low)s and %(high)s") % {"low": low, "high": high}
