"""The forms of handling a case; each carries the version of the case that was on the screen."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, NumberRange, StopValidation
from wtforms.widgets import HiddenInput

from feedback.core.cases import LONGEST_NOTE, SUGGESTED, Cause, Ending, Outcome, Remedy, Says
from feedback.core.deadlines import SEVERITIES
from feedback.core.submissions import Kind
from feedback.outbound import handling, wording
from feedback.text import gettext as _
from feedback.web.forms.address import id_of
from feedback.web.forms.labels import later
from feedback.web.forms.pictures import PhotosField

LARGEST_VERSION = 2**31 - 2
GAP = re.compile(r":[ \t]*…[ \t]*\r?$", re.MULTILINE)  # where a template leaves something for the writer to say
STATES = ("acknowledged", "in_progress")  # what a case can be put into by one press


class VersionedForm(FlaskForm):
    """A change to a case as it was shown."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(1, LARGEST_VERSION)])


def as_shown(text: str) -> tuple[int, int] | None:
    """The id and version of a case that was ticked, sent as "id-version"; None where that names none."""
    case_id, _dash, version = text.partition("-")
    id, seen = id_of(case_id), id_of(version)
    return None if id is None or seen is None or seen > LARGEST_VERSION else (id, seen)


class StateForm(VersionedForm):
    """Read and told so, or no longer waiting for the customer."""

    status = StringField(validators=[AnyOf(STATES)])


class SeverityForm(VersionedForm):
    """How severe the case is."""

    severity = SelectField(later("Severity"), validate_choice=True)

    def offer(self) -> None:
        """The four there are."""
        self.severity.choices = [(str(n), wording.severity(n)) for n in SEVERITIES]


@dataclass(frozen=True, slots=True)
class Draft:
    """A template filled in for one case; `hint` says so where it is not in the customer's language."""

    id: int
    name: str
    says: Says
    text: str
    hint: str = ""


class ReplyForm(VersionedForm):
    """Words for the customer, and what they are; a template can be put in beforehand."""

    hint = ""  # of the draft that was put in
    template = SelectField(later("Begin with a template"), validate_choice=False, choices=[], id="reply-template")
    text = TextAreaField(later("Your words to the customer"), id="reply-text")
    photos = PhotosField(later("Photos"), id="reply-photos")
    says = RadioField(later("This is"), validate_choice=True, default=Says.ANSWERED.value)

    def offer(self) -> None:
        """An answer, a question, or a word in between."""
        self.says.choices = [(says.value, handling.says(says)) for says in (Says.ANSWERED, Says.ASKED, Says.REPLIED)]

    def offer_drafts(self, drafts: Sequence[Draft]) -> None:
        """The templates there are, with all that a page with scripts needs to put one in by itself."""
        told = [({"data-text": d.text, "data-says": d.says.value, "data-hint": d.hint}, d) for d in drafts]
        chosen = [(str(draft.id), draft.name, marks) for marks, draft in told]
        self.template.choices = [("", _("Please choose"), {}), *chosen] if drafts else []

    def put_in(self, draft: Draft) -> None:
        """Fill in `draft`: after what was typed, which also keeps saying what it says."""
        typed = (self.text.data or "").rstrip()
        self.text.data = f"{typed}\n\n{draft.text}" if typed else draft.text
        if not typed:
            self.says.data = draft.says.value
        self.template.data, self.hint = "", draft.hint

    def validate_text(self, field: Any) -> None:
        """Something to read, text throughout, with nothing of a template left open."""
        check_words(field)
        if GAP.search(field.data):
            raise StopValidation(_("Something is left open: fill in what stands as “…”, or take that line out."))


class ClosureForm(VersionedForm):
    """How it ended."""

    outcome = SelectField(later("Outcome"), validate_choice=True)
    cause = SelectField(later("Why it happened"), validate_choice=True)
    remedy = SelectField(later("What was done for the customer"), validate_choice=True)
    note = TextAreaField(later("What we learnt"))
    is_linked = False  # with the case that it says the same as

    def offer(self, kind: str) -> None:
        """What can have come of that kind."""
        choose = [("", _("Please choose"))]
        outcomes = [o for o in Outcome if (o in SUGGESTED) == (kind == Kind.SUGGESTION) or o in ANY]
        self.outcome.choices = [*choose, *((o.value, handling.outcome(o)) for o in outcomes)]
        if "cause" not in self:
            return
        self.cause.choices = [*choose, *((c.value, handling.cause(c)) for c in Cause)]
        self.remedy.choices = [*choose, *((r.value, handling.remedy(r)) for r in Remedy)]
        if kind == Kind.SUGGESTION:  # nothing happened, and nothing is to be put right
            del self.cause, self.remedy

    def validate_outcome(self, field: Any) -> None:
        """It has to be said, and of a duplicate of which case it is one."""
        _chosen(field)
        if field.data == Outcome.DUPLICATE and not self.is_linked:
            raise StopValidation(_("Say first which case it says the same as, under “Connected with”."))

    def validate_cause(self, field: Any) -> None:
        """It has to be said."""
        _chosen(field)

    def validate_remedy(self, field: Any) -> None:
        """It has to be said."""
        _chosen(field)

    def validate_note(self, field: Any) -> None:
        """Text throughout, and it may be empty."""
        if (field.data or "").strip():
            check_words(field)

    @property
    def ending(self) -> Ending:
        """What was said, of a form that is in order."""
        outcome, note = Outcome(self.outcome.data), (self.note.data or "").strip()
        if "cause" not in self:
            return Ending(outcome, Cause.OTHER, Remedy.CHANGE if outcome == Outcome.TAKEN_UP else Remedy.NONE, note)
        return Ending(outcome, Cause(self.cause.data), Remedy(self.remedy.data), note)


class ReopeningForm(VersionedForm):
    """Why a closed case is taken up again."""

    reason = TextAreaField(later("Why you take it up again"), id="reopening-reason")

    def validate_reason(self, field: Any) -> None:
        """Something to read later, text throughout."""
        check_words(field)


class ShareForm(FlaskForm):
    """A word to the person the case is about, who may read it from then on."""

    note = TextAreaField(later("A word of yours with it"), id="share-note")

    def validate_note(self, field: Any) -> None:
        """Text throughout, and it may be empty."""
        if (field.data or "").strip():
            check_words(field)


ANY = frozenset({Outcome.WITHDRAWN, Outcome.DUPLICATE})


def check_words(field: Any) -> None:
    """Raises StopValidation where there is nothing to keep, too much, or what is not text."""
    text = field.data or ""
    if not text.strip():
        raise StopValidation(_("Write something first."))
    if len(text) > LONGEST_NOTE:
        raise StopValidation(_("This is too long; please shorten it."))
    if "\0" in text:
        raise StopValidation(_("This holds characters that are not text."))


def _chosen(field: Any) -> None:
    if not field.data:
        raise StopValidation(_("Please choose."))
