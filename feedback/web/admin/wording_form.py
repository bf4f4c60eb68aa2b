"""The form for the words on print; it checks shape, core checks meaning."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import StopValidation

from feedback.core.posters import LONGEST
from feedback.text import gettext as _
from feedback.web.forms.labels import later


class WordingForm(FlaskForm):
    """The lines of one language."""

    call = TextAreaField(later("Call to action"))
    hint = TextAreaField(later("How to scan"))
    why = TextAreaField(later("What happens with the words"))

    @property
    def lines(self) -> dict[str, str]:
        """What was typed, by line."""
        return {name: self[name].data or "" for name in LONGEST}

    def validate_call(self, field: Any) -> None:
        """Text that can be printed large enough to read."""
        text = " ".join((field.data or "").split())
        if len(text) > LONGEST[field.name]:
            raise StopValidation(
                _("This is too long to print; %(most)s characters have room.") % {"most": LONGEST[field.name]}
            )
        if "\0" in text:
            raise StopValidation(_("This holds characters that are not text."))

    validate_hint = validate_why = validate_call
