"""The form of one rule: what has to hold, and what is done then."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import StopValidation
from wtforms.widgets import HiddenInput

from feedback.core import links
from feedback.core.directory import Problem
from feedback.core.directory.tree import Paths
from feedback.core.rules import About, Action, Condition, Does, Rule
from feedback.core.submissions import Kind
from feedback.outbound import problems, wording
from feedback.text import gettext as _
from feedback.text import known
from feedback.web.forms.choosing import PathField
from feedback.web.forms.labels import later
from feedback.web.forms.sets import Members

MOST_TEXT = 4000  # characters of one field
MOST_TAGS = 100
APART = re.compile(r"[\s,;]+")

CodeLookUp = Callable[[Sequence[str]], dict[str, int]]


class RuleForm(FlaskForm):
    """One rule; `tried` is the mark of the rule whose dry run was on the screen, `shown` that of the rule as kept."""

    kinds = Members(later("What it is"))
    topics = Members(later("Topic"))
    topic_more = PathField(later("Add a topic"))
    places = Members(later("Place"))
    place_more = PathField(later("Add a place"))
    departments = Members(later("Department it is for"))
    department_more = PathField(later("Add a department"))
    codes = StringField(later("QR codes"))
    rating_at_least = SelectField(later("Rating at least"), validate_choice=True, default="")
    rating_at_most = SelectField(later("Rating at most"), validate_choice=True, default="")
    languages = Members(later("Language"))
    words = TextAreaField(later("One of these words"))
    time_from = StringField(later("From"), render_kw={"type": "time"})
    time_until = StringField(later("Until"), render_kw={"type": "time"})

    send = PathField(later("Send it to"))
    hand = PathField(later("Handled by"))
    grade = SelectField(later("Severity"), validate_choice=True, default="")
    informs = Members(later("Let them know too"))
    inform_more = PathField(later("Add a department"))

    tried = StringField(widget=HiddenInput())
    shown = StringField(widget=HiddenInput())

    code_ids: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()

    def fill(self, rule: Rule, codes: Sequence[str]) -> None:
        """Show a rule as it is, where nothing was sent; `codes` are those of its links."""
        said = {condition.about: list(condition.values) for condition in rule.conditions}
        self.kinds.data, self.topics.data = said.get(About.KIND, []), said.get(About.TOPIC, [])
        self.places.data, self.departments.data = said.get(About.PLACE, []), said.get(About.DEPARTMENT, [])
        self.languages.data, self.codes.data = said.get(About.LANGUAGE, []), " ".join(codes)
        self.words.data = "\n".join(said.get(About.WORDS, []))
        self.rating_at_least.data = "".join(said.get(About.RATING_AT_LEAST, []))
        self.rating_at_most.data = "".join(said.get(About.RATING_AT_MOST, []))
        self.time_from.data, self.time_until.data = said.get(About.TIME, ["", ""])
        done = {action.does: action.value for action in rule.actions}
        self.send.data, self.hand.data = done.get(Does.SEND, ""), done.get(Does.HAND, "")
        self.grade.data = done.get(Does.GRADE, "")
        self.informs.data = [action.value for action in rule.actions if action.does == Does.INFORM]

    def offer(self, topics: Paths, places: Paths, departments: Paths, people: Paths, tags: Sequence[str]) -> None:
        """What can be chosen."""
        self.kinds.choices = [(kind.value, wording.kind(kind)) for kind in Kind]
        self.topics.offer(topics, self.topic_more)
        self.places.offer(places, self.place_more)
        self.departments.offer(departments, self.department_more)
        self.tags = tuple(dict.fromkeys([*tags, *(self.languages.data or [])]))[:MOST_TAGS]
        self.languages.choices = [(tag, known(tag).name) for tag in self.tags]
        ratings = [(str(n), f"{n} – {wording.rating(n)}") for n in range(1, 6)]
        self.rating_at_least.choices = self.rating_at_most.choices = [("", _("Any")), *ratings]
        self.send.offer(departments, departments.sorted(), _("Where it goes without a rule"))
        self.hand.offer(people, people.sorted(), _("Nobody in particular"))
        self.grade.choices = [("", _("As usual")), *((str(n), wording.severity(n)) for n in range(1, 5))]
        self.informs.offer(departments, self.inform_more)

    def look_up(self, found: CodeLookUp) -> None:
        """Find the links of the codes that were typed; those that nobody knows are said beside the field."""
        if self.codes.errors:
            return
        typed = [word.rpartition("/")[2] for word in APART.split(self.codes.data or "") if word]
        normal = {word: links.normal_code(word) for word in typed}
        ids = found([code for code in normal.values() if code])
        unknown = [word for word, code in normal.items() if code not in ids]
        if unknown:
            told = _("Nobody knows this code: %(code)s") % {"code": unknown[0][:40]}
            self.codes.errors = [told]
        self.code_ids = tuple(ids.values())

    def validate_words(self, field: Any) -> None:
        """Text, and not a book."""
        if len(field.data or "") > MOST_TEXT:
            raise StopValidation(_("This is too long; please shorten it."))
        if "\0" in (field.data or ""):
            raise StopValidation(_("This holds characters that are not text."))

    validate_codes = validate_words

    @property
    def rule(self) -> Rule:
        """What was sent, of a form that is in order."""
        return Rule(
            tuple(Condition(about, values) for about, values in self._conditions() if values),
            tuple(Action(does, value) for does, value in self._actions() if value),
        )

    def blame(self, found: Sequence[Problem]) -> None:
        """Put each problem beside the field it is about, and what has none beside the first."""
        for problem in found:
            field = self._fields.get(FIELDS.get(problem.field, problem.field), self.kinds)
            field.errors = [*field.errors, problems.sentence(problem)]

    def _conditions(self) -> Iterator[tuple[About, tuple[str, ...]]]:
        yield About.KIND, tuple(kind.value for kind in Kind if kind.value in (self.kinds.data or []))
        yield About.TOPIC, _ids_of(self.topics, self.topic_more)
        yield About.PLACE, _ids_of(self.places, self.place_more)
        yield About.DEPARTMENT, _ids_of(self.departments, self.department_more)
        yield About.LINK, _in_order(self.code_ids)
        yield About.RATING_AT_LEAST, tuple(filter(None, [self.rating_at_least.data]))
        yield About.RATING_AT_MOST, tuple(filter(None, [self.rating_at_most.data]))
        yield About.LANGUAGE, tuple(tag for tag in self.tags if tag in (self.languages.data or []))
        lines = (" ".join(line.split()) for line in (self.words.data or "").splitlines())
        yield About.WORDS, tuple(dict.fromkeys(filter(None, lines)))
        times = (self.time_from.data or "").strip()[:5], (self.time_until.data or "").strip()[:5]
        yield About.TIME, times if any(times) else ()

    def _actions(self) -> Iterator[tuple[Does, str]]:
        yield Does.SEND, str(self.send.chosen or "")
        yield Does.HAND, str(self.hand.chosen or "")
        yield Does.GRADE, self.grade.data or ""
        yield from ((Does.INFORM, value) for value in _ids_of(self.informs, self.inform_more))


# The fields of the form that stand for what a rule is about or does.
FIELDS: dict[str, str] = {
    "rule": "kinds",
    About.KIND: "kinds",
    About.TOPIC: "topics",
    About.PLACE: "places",
    About.DEPARTMENT: "departments",
    About.LINK: "codes",
    About.LANGUAGE: "languages",
    About.TIME: "time_until",
    Does.INFORM: "informs",
}


def _ids_of(members: Members, more: PathField) -> tuple[str, ...]:
    """What both fields name together."""
    return _in_order(members.ids | ({more.chosen} if more.chosen else set()))


def _in_order(ids: Iterable[int]) -> tuple[str, ...]:
    """Ids as a rule keeps them: in a fixed order, so that the same rule reads the same."""
    return tuple(str(id) for id in sorted(ids))
