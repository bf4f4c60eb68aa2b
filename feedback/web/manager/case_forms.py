"""The forms of handling a case; each carries the version of the case that was on the screen."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, NumberRange, StopValidation
from wtforms.widgets import HiddenInput

from feedback.core.cases import LONGEST_NOTE, Cause, Ending, Outcome, Remedy, Says
from feedback.core.deadlines import SEVERITIES
from feedback.core.submissions import Kind
from feedback.outbound import handling, wording
from feedback.text import gettext as _
from feedback.web.forms.labels import later
from feedback.web.forms.pictures import PhotosField

LARGEST_VERSION = 2**31 - 2
STATES = ("acknowledged", "in_progress")  # what a case can be put into by one press


class VersionedForm(FlaskForm):
    """A change to a case as it was shown."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(1, LARGEST_VERSION)])


class StateForm(VersionedForm):
    """Read and told so, or no longer waiting for the customer."""

    status = StringField(validators=[AnyOf(STATES)])


class SeverityForm(VersionedForm):
    """How severe the case is."""

    severity = SelectField(later("Severity"), validate_choice=True)

    def offer(self) -> None:
        """The four there are."""
        self.severity.choices = [(str(n), wording.severity(n)) for n in SEVERITIES]


class ReplyForm(VersionedForm):
    """Words for the customer, and what they are."""

    text = TextAreaField(later("Your words to the customer"), id="reply-text")
    photos = PhotosField(later("Photos"), id="reply-photos")
    says = RadioField(later("This is"), validate_choice=True, default=Says.ANSWERED.value)

    def offer(self) -> None:
        """An answer, a question, or a word in between."""
        self.says.choices = [(says.value, handling.says(says)) for says in (Says.ANSWERED, Says.ASKED, Says.REPLIED)]

    def validate_text(self, field: Any) -> None:
        """Something to read, text throughout."""
        check_words(field)


class ClosureForm(VersionedForm):
    """How it ended."""

    outcome = SelectField(later("Outcome"), validate_choice=True)
    cause = SelectField(later("Why it happened"), validate_choice=True)
    remedy = SelectField(later("What was done for the customer"), validate_choice=True)
    note = TextAreaField(later("What we learnt"))

    def offer(self, kind: str) -> None:
        """What can have come of that kind."""
        choose = [("", _("Please choose"))]
        outcomes = [o for o in Outcome if (o in SUGGESTED) == (kind == Kind.SUGGESTION) or o in ANY]
        self.outcome.choices = [*choose, *((o.value, handling.outcome(o)) for o in outcomes)]
        self.cause.choices = [*choose, *((c.value, handling.cause(c)) for c in Cause)]
        self.remedy.choices = [*choose, *((r.value, handling.remedy(r)) for r in Remedy)]

    def validate_outcome(self, field: Any) -> None:
        """It has to be said."""
        _chosen(field)

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
        return Ending(
            Outcome(self.outcome.data), Cause(self.cause.data), Remedy(self.remedy.data), (self.note.data or "").strip()
        )


class ShareForm(FlaskForm):
    """A word to the person the case is about, who may read it from then on."""

    note = TextAreaField(later("A word of yours with it"), id="share-note")

    def validate_note(self, field: Any) -> None:
        """Text throughout, and it may be empty."""
        if (field.data or "").strip():
            check_words(field)


SUGGESTED = frozenset({Outcome.TAKEN_UP, Outcome.NOT_TAKEN_UP})
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
