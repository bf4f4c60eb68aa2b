"""What the builder of surveys sends: questions and settings, each text in several languages side by side."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from feedback.core.surveys.design import (
    CHOSEN,
    IN_ORDER,
    LARGEST_NUMBER,
    MOST_OPTIONS,
    MOST_TEXT,
    TESTS,
    Condition,
    Design,
    Option,
    Question,
    Texts,
    nameable,
)
from feedback.text import gettext as _

BLANK = 3  # empty lines that are offered for further answers
Form = Mapping[str, str]


class Wrong(Exception):
    """What was sent cannot be kept: sentences by the name of their field."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems


class Reading:
    """Reads one form, gathering what is wrong with it."""

    def __init__(self, form: Form, tags: Sequence[str]) -> None:
        self._form, self._tags = form, tags
        self.problems: dict[str, str] = {}

    def text(self, name: str, most: int = MOST_TEXT) -> str:
        """One text; too long, or no text, is a problem."""
        found = self._form.get(name, "").strip()
        if "\0" in found:
            self.problems[name] = _("This holds characters that are not text.")
        elif len(found) > most:
            self.problems[name] = _("This is too long; please shorten it.")
        return found

    def texts(self, name: str, before: Texts) -> Texts:
        """A text in every language on the form; what other languages said before stays."""
        kept = {tag: text for tag, text in before.items() if tag not in self._tags}
        said = {tag: self.text(f"{name}-{tag}") for tag in self._tags}
        return kept | {tag: text for tag, text in said.items() if text}

    def ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return bool(self._form.get(name))

    def number(self, name: str) -> int | None:
        """A whole number, None where the field is empty."""
        text = self._form.get(name, "").strip()
        if not text:
            return None
        whole = text.removeprefix("-")
        if not (whole.isascii() and whole.isdigit() and len(whole) < 11 and abs(int(text)) <= LARGEST_NUMBER):
            self.problems[name] = _("This is not a number we can use. Please enter it again, in digits.")
            return None
        return int(text)

    def day(self, name: str) -> date | None:
        """A day, None where the field is empty."""
        text = self._form.get(name, "").strip()
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self.problems[name] = _("This is not a day. Please choose one.")
            return None

    def options(self, name: str, before: Sequence[Option], code: Callable[[], str]) -> tuple[Option, ...]:
        """The answers (or rows) on the form: those there were, without the emptied ones, and those that are new."""
        kept = [Option(one.code, self.texts(f"{name}-{one.code}", one.text)) for one in before]
        fresh = [self.texts(f"{name}-new{n}", {}) for n in range(1, BLANK + 1)]
        pasted = [line for line in self._form.get(f"{name}-more", "").splitlines() if line.strip()]
        if len(pasted) > MOST_OPTIONS:
            self.problems[f"{name}-more"] = _("These are too many: fifty answers or twenty rows are the most.")
            pasted = []
        lines: list[Texts] = [{self._tags[0]: line.strip()[:MOST_TEXT]} for line in pasted]
        return tuple(
            [one for one in kept if any(one.text.values())]
            + [Option(code(), text) for text in (*fresh, *lines) if any(text.values())]
        )

    def check(self) -> None:
        """Raises Wrong where anything is."""
        if self.problems:
            raise Wrong(self.problems)


def question(form: Form, design: Design, before: Question, tags: Sequence[str]) -> Design:
    """The design with that question as it was sent. Raises Wrong."""
    reading, codes = Reading(form, tags), _Codes(design)
    has_options = before.type in CHOSEN
    changed = replace(
        before,
        text=reading.texts("text", before.text),
        help=reading.texts("help", before.help),
        required=reading.ticked("required"),
        options=reading.options("option", before.options, lambda: codes.next("o")) if has_options else (),
        rows=reading.options("row", before.rows, lambda: codes.next("r")) if before.type == "matrix" else (),
        other=reading.ticked("other") if before.type in ("one", "several") else False,
        least=reading.number("least") if before.type in ("several", "number") else None,
        most=reading.number("most") if before.type in ("several", "number") else None,
        show_if=_condition(reading, form, design.before(before.code)),
    )
    reading.check()
    questions = tuple(changed if one.code == before.code else one for one in design.questions)
    return replace(design, questions=questions, next=codes.number)


def settings(form: Form, design: Design, tags: Sequence[str], *, is_poll: bool) -> Design:
    """The design with its settings as they were sent. Raises Wrong."""
    reading = Reading(form, tags)
    changed = replace(
        design,
        title=reading.texts("title", design.title),
        closing=reading.texts("closing", design.closing),
        by_steps=not is_poll and form.get("layout") == "steps",
        keeps_partial=not is_poll and reading.ticked("keeps_partial"),
        closes_on=reading.day("closes_on"),
        quota=reading.number("quota"),
    )
    if changed.quota is not None and changed.quota < 1:
        reading.problems["quota"] = _("This is not a number we can use. Please enter it again, in digits.")
    reading.check()
    return changed


def added(design: Design, type: str, tags: Sequence[str]) -> tuple[Design, str]:
    """The design with one more question of that type at its end, and the code of it."""
    codes = _Codes(design)
    code = codes.next("q")
    fresh = Question(code, type, {}, {})
    return replace(design, questions=(*design.questions, fresh), next=codes.number), code


def conditions(design: Design, code: str) -> list[tuple[Question, str, tuple[str, ...]]]:
    """What the condition of a question can be about: earlier questions, each test they know, the answers to name.

    No answers to name means that a word or a number is written.
    """
    found: list[tuple[Question, str, tuple[str, ...]]] = []
    for asked in design.before(code):
        for test in TESTS:
            if values := nameable(asked, test):
                found.append((asked, test, values))
        if asked.type in ("line", "words"):
            found.append((asked, "contains", ()))
        if asked.type == "number":
            found.append((asked, "at_most", ()))
    return found


def _condition(reading: Reading, form: Form, earlier: Sequence[Question]) -> Condition | None:
    """The condition that was chosen: "question:test:value", the value written beside it where none is named."""
    code, _colon, rest = form.get("show_if", "").partition(":")
    test, _colon, value = rest.partition(":")
    if not code:
        return None
    asked = next((one for one in earlier if one.code == code), None)
    written = reading.text("show_if_word", 60)
    if asked is None or test not in TESTS:
        reading.problems["show_if"] = _("Choose from the list.")
        return None
    if not value and not written:
        reading.problems["show_if_word"] = _("Write the word or the number it depends on.")
    if asked.type in IN_ORDER and not value:
        reading.problems["show_if"] = _("Choose from the list.")
    return Condition(code, test, value or written)


class _Codes:
    """Codes that were never used in a survey."""

    def __init__(self, design: Design) -> None:
        self.number = design.next

    def next(self, kind: str) -> str:
        """One more, beginning with `kind`."""
        self.number += 1
        return f"{kind}{self.number - 1}"
