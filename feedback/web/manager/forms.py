"""The forms of the manager's room; they check shape, core checks meaning."""

from collections.abc import Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import SelectField, TextAreaField
from wtforms.validators import StopValidation

from feedback.core.cases import LONGEST_NOTE
from feedback.core.people import Person
from feedback.text import gettext as _
from feedback.web.forms.labels import later
from feedback.web.forms.pictures import PhotosField
from feedback.web.manager.case_forms import VersionedForm

NOBODY = ""


class AssignmentForm(VersionedForm):
    """Who handles the case from now on."""

    handler = SelectField(later("Handled by"), validate_choice=True)

    def offer(self, people: Sequence[Person]) -> None:
        """The people who can take the case."""
        self.handler.choices = [(NOBODY, _("Nobody yet")), *((str(person.id), person.name) for person in people)]

    @property
    def chosen(self) -> int | None:
        """The id of the person chosen, None for nobody."""
        return int(self.handler.data) if self.handler.data else None


class NoteForm(FlaskForm):
    """An internal note."""

    text = TextAreaField(later("Your note"))
    photos = PhotosField(later("Photos"), id="note-photos")

    def validate_text(self, field: Any) -> None:
        """Something to keep, text throughout, and not too long for a note."""
        text = field.data or ""
        if not text.strip():
            raise StopValidation(_("Write something first."))
        if len(text) > LONGEST_NOTE:
            raise StopValidation(_("This is too long for a note; please shorten it."))
        if "\0" in text:
            raise StopValidation(_("This holds characters that are not text."))
