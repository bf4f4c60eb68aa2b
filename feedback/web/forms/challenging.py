"""The forms of a challenge: what of the things kept about oneself is wrong, and what comes of it."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField, TextAreaField
from wtforms.validators import StopValidation

from feedback.core.challenges import LONGEST, Outcome, Part
from feedback.text import gettext as _
from feedback.text import pgettext
from feedback.web.forms.labels import later

PARTS: Mapping[Part, Callable[[], str]] = {
    Part.RECORD: lambda: pgettext("kept about you", "Your record"),
    Part.CODES: lambda: pgettext("kept about you", "QR codes in your name"),
    Part.SIGN_IN: lambda: pgettext("kept about you", "How you sign in"),
    Part.LETTERS: lambda: pgettext("kept about you", "Letters"),
    Part.ABSENCES: lambda: pgettext("kept about you", "Absences"),
    Part.MAILS: lambda: pgettext("kept about you", "Mails and news"),
    Part.CASES: lambda: pgettext("kept about you", "Cases"),
    Part.CHANGES: lambda: pgettext("kept about you", "What was changed"),
}
OUTCOMES: Mapping[Outcome, Callable[[], str]] = {
    Outcome.CORRECTED: lambda: pgettext("answer", "It is corrected"),
    Outcome.LEFT: lambda: pgettext("answer", "It stays as it is"),
}


class ChallengeForm(FlaskForm):
    """What is wrong; `letter` is the id of the letter it is about, where it is about one."""

    part = SelectField(later("What is wrong"), validate_choice=False)
    said = TextAreaField(later("What is wrong with it, and how it should be"))
    letter = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.part.choices = [(str(part), label()) for part, label in PARTS.items()]

    def validate_part(self, field: Any) -> None:
        """One of those there are."""
        if field.data not in set(Part):
            raise StopValidation(_("Please choose one of these."))

    def validate_said(self, field: Any) -> None:
        """Something to read, text throughout, of bounded length."""
        _check(field)
        if not field.data:
            raise StopValidation(_("Please write down what is wrong; a few words are enough."))


class AnswerForm(FlaskForm):
    """What came of it, with a reason where it stays as it is."""

    outcome = RadioField(later("What came of it"), validate_choice=False)
    said = TextAreaField(later("Your answer"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.outcome.choices = [(str(outcome), label()) for outcome, label in OUTCOMES.items()]

    def validate_outcome(self, field: Any) -> None:
        """One of those there are."""
        if field.data not in set(Outcome):
            raise StopValidation(_("Please choose one of these."))

    def validate_said(self, field: Any) -> None:
        """Text throughout, of bounded length; something to read where nothing was changed."""
        _check(field)
        if not field.data and self.outcome.data == Outcome.LEFT:
            raise StopValidation(_("Please write down why it stays as it is."))


def _check(field: Any) -> None:
    field.data = (field.data or "").strip()
    if len(field.data) > LONGEST:
        raise StopValidation(_("This is too long; please shorten it."))
    if "\0" in field.data:
        raise StopValidation(_("This holds characters that are not text."))
