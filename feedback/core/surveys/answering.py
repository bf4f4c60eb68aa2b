"""What a customer answers: which questions are theirs, what they sent for each, and what is wrong with it.

An answer to a question that is not theirs (its condition does not hold) is not taken, as it was hidden when sent.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from feedback.core.surveys.design import (
    GIVEN,
    LARGEST_NUMBER,
    LOW,
    LOW_WORDS,
    MOST_LINE,
    MOST_WORDS,
    Condition,
    Design,
    Question,
)

Answer = str | list[str] | dict[str, str]
Answers = dict[str, Answer]
Read = Callable[[str], str]  # the text of a form's field
OTHER = "_other"  # behind the code of a question: the words beside the answer "other"


@dataclass(slots=True)
class Answered:
    """What was answered: by question, with the problems by form field, and the questions that were asked in order."""

    answers: Answers = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


def fields_of(question: Question) -> list[str]:
    """The names of the form fields that a question has."""
    name = f"a_{question.code}"
    parts = {
        "several": question.values,
        "ranking": question.values,
        "matrix": [row.code for row in question.rows],
    }.get(question.type)
    said = [f"{name}_said"] if question.other else []
    return [*([name] if parts is None else [f"{name}_{part}" for part in parts]), *said]


def first_field(question: Question) -> str:
    """The field that an error of a question leads to."""
    return f"a_{question.code}"


def read(design: Design, form: Read, *, until: str = "", demand: bool = True) -> Answered:
    """What a form says in answer to `design`, as far as the question `until` and with it, or to the end.

    Without `demand` nothing is missed: what is not answered yet may come later.
    """
    found = Answered()
    for question in design.questions:
        if holds(question.show_if, found.answers):
            found.asked.append(question.code)
            _take(question, form, found, demand=demand)
        if question.code == until:
            break
    return found


def holds(condition: Condition | None, answers: Mapping[str, Answer]) -> bool:
    """Whether a question on that condition is asked after those answers."""
    if condition is None:
        return True
    given = answers.get(condition.question)
    if given is None or isinstance(given, dict):
        return False
    if condition.test == "contains":
        wanted = condition.value.casefold()
        return condition.value in given if isinstance(given, list) else wanted in given.casefold()
    if isinstance(given, list):
        return False
    if condition.test == "at_most":
        try:
            return float(given) <= float(condition.value)
        except ValueError:
            return False
    return given == condition.value


def is_low(design: Design, answers: Mapping[str, Answer]) -> bool:
    """Whether any rating among the answers is low enough to ask what went wrong."""
    return any(_is_low(design.question(code), given) for code, given in answers.items())


def _is_low(question: Question | None, given: Answer) -> bool:
    if question is None or not isinstance(given, str):
        return False
    if question.type in LOW:
        return int(given) <= LOW[question.type]
    return given in LOW_WORDS.get(question.type, ())


def counted(question: Question, given: Answer) -> list[str]:
    """The values that an answer is counted under; a typed text is not counted by what it says.

    An order is counted as option and place ("o2:1"), a matrix as row and column ("r1:o3").
    """
    if isinstance(given, dict):
        return [f"{row}:{column}" for row, column in given.items()]
    if question.type == "ranking":
        return [f"{option}:{place}" for place, option in enumerate(given, start=1)]
    if isinstance(given, list):
        return given
    return [] if question.type in ("line", "words") else [given]


def texts(question: Question, answers: Mapping[str, Answer]) -> str:
    """What was typed in answer to a question: its words, or those beside "other"; "" where none were."""
    given = answers.get(question.code + OTHER if question.type not in ("line", "words") else question.code, "")
    return given if isinstance(given, str) else ""


def _take(question: Question, form: Read, found: Answered, *, demand: bool) -> None:
    name = first_field(question)
    try:
        given = READERS[question.type](question, form)
    except _Wrong as error:
        found.problems[name] = str(error)
        return
    if given:
        found.answers[question.code] = given
        said = form(f"{name}_said").strip() if question.other and "other" in given else ""
        if len(said) > MOST_LINE:
            found.problems[name] = "too_long"
        elif said:
            found.answers[question.code + OTHER] = said
    elif question.required and demand:
        found.problems[name] = "answer_needed"


class _Wrong(Exception):
    """What was sent is no answer to the question; the name of the problem."""


def _chosen(question: Question, form: Read) -> Answer:
    given = form(f"a_{question.code}").strip()
    if given and given not in question.values:
        raise _Wrong("not_offered")
    return given


def _several(question: Question, form: Read) -> Answer:
    given = [value for value in question.values if _ticked(form(f"a_{question.code}_{value}"))]
    if given and question.least and len(given) < question.least:
        raise _Wrong("too_few_chosen")
    if question.most and len(given) > question.most:
        raise _Wrong("too_many_chosen")
    return given


def _ticked(text: str) -> bool:
    if text not in ("", "1"):
        raise _Wrong("not_offered")
    return text == "1"


def _ranking(question: Question, form: Read) -> Answer:
    """Options by the place given to each; some may have none, but those that have one count on from 1."""
    places: dict[int, str] = {}
    for option in question.options:
        text = form(f"a_{question.code}_{option.code}").strip()
        if not text:
            continue
        if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= len(question.options)):
            raise _Wrong("not_offered")
        if int(text) in places:
            raise _Wrong("place_twice")
        places[int(text)] = option.code
    if sorted(places) != list(range(1, len(places) + 1)):
        raise _Wrong("place_left_out")
    return [places[place] for place in sorted(places)]


def _matrix(question: Question, form: Read) -> Answer:
    given = {row.code: form(f"a_{question.code}_{row.code}").strip() for row in question.rows}
    if any(value and value not in question.values for value in given.values()):
        raise _Wrong("not_offered")
    given = {row: value for row, value in given.items() if value}
    if question.required and given and len(given) < len(question.rows):
        raise _Wrong("every_row")
    return given


def _typed(most: int) -> Callable[[Question, Read], Answer]:
    def take(question: Question, form: Read) -> Answer:
        given = form(f"a_{question.code}").strip()
        if len(given) > most:
            raise _Wrong("too_long")
        return given

    return take


def _number(question: Question, form: Read) -> Answer:
    """A number with up to two decimals, in one spelling for each."""
    text = form(f"a_{question.code}").strip().replace(",", ".")
    if not text:
        return ""
    whole, _, parts = text.removeprefix("-").partition(".")
    if not (
        text.isascii() and whole.isdigit() and len(whole) <= 10 and (not parts or parts.isdigit()) and len(parts) < 3
    ):
        raise _Wrong("no_such_number")
    number = float(text)
    least = -LARGEST_NUMBER if question.least is None else question.least
    if number < least or number > (LARGEST_NUMBER if question.most is None else question.most):
        raise _Wrong("not_in_bounds")
    return f"{number or 0:.2f}".rstrip("0").rstrip(".")


def _day(question: Question, form: Read) -> Answer:
    text = form(f"a_{question.code}").strip()
    if not text:
        return ""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise _Wrong("not_a_day") from None
    if not 1900 <= found.year <= 2100:
        raise _Wrong("not_a_day")
    return found.isoformat()


READERS: Mapping[str, Callable[[Question, Read], Answer]] = {
    **dict.fromkeys(GIVEN, _chosen),
    "one": _chosen,
    "several": _several,
    "ranking": _ranking,
    "matrix": _matrix,
    "line": _typed(MOST_LINE),
    "words": _typed(MOST_WORDS),
    "number": _number,
    "date": _day,
}


def next_after(design: Design, code: str, answers: Mapping[str, Answer]) -> Question | None:
    """The next question that is asked after that one (the first, for ""), or None at the end."""
    questions: Sequence[Question] = design.questions
    place = next((n for n, question in enumerate(questions) if question.code == code), -1)
    return next((question for question in questions[place + 1 :] if holds(question.show_if, answers)), None)


def last_before(design: Design, code: str, answers: Mapping[str, Answer]) -> Question | None:
    """The question that was asked before that one, or None at the beginning."""
    return next((one for one in reversed(design.before(code)) if holds(one.show_if, answers)), None)
