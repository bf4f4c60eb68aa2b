"""The form of a reply template: its name, what it is, and a text for each language; core checks what it means."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import StopValidation
from wtforms.widgets import HiddenInput

from feedback.core.cases import Says
from feedback.core.replies import LONGEST, LONGEST_NAME, Template, Wrong, unknown
from feedback.outbound import handling, replies
from feedback.text import gettext as _
from feedback.web.forms.labels import later
from feedback.web.forms.lines import Line

KINDS = (Says.ANSWERED, Says.ASKED, Says.REPLIED)


class TextForm(FlaskForm):
    """The text in one language."""

    class Meta:
        csrf = False  # the form around it carries the token

    text = TextAreaField(later("Text"))

    def validate_text(self, field: Any) -> None:
        """Text throughout, and not too long for a reply; it may be missing."""
        if len(field.data or "") > LONGEST:
            raise StopValidation(_("This is too long; please shorten it."))
        if "\0" in (field.data or ""):
            raise StopValidation(_("This holds characters that are not text."))


class TemplateForm(FlaskForm):
    """Name and kind, and the forms of its texts by language."""

    name = StringField(later("What you call it"), [Line(LONGEST_NAME)])
    says = RadioField(later("What it is"), validate_choice=True, default=Says.ANSWERED.value)
    shown = StringField(widget=HiddenInput())  # the mark of what was on the screen
    texts: dict[str, TextForm]

    @classmethod
    def sent(cls, tags: Sequence[str]) -> "TemplateForm":
        """The form as this request sent it."""
        return cls(request.form)._with({tag: TextForm(request.form, prefix=f"{tag}-") for tag in tags})

    @classmethod
    def of(cls, template: Template | None, tags: Sequence[str]) -> "TemplateForm":
        """The form as things are."""
        known = {"name": template.name, "says": template.says.value, "shown": template.mark} if template else {}
        texts = template.texts if template else {}
        forms = {tag: TextForm(formdata=None, data={"text": texts.get(tag, "")}, prefix=f"{tag}-") for tag in tags}
        return cls(formdata=None, data=known)._with(forms)

    def _with(self, texts: dict[str, TextForm]) -> "TemplateForm":
        self.texts = texts
        self.says.choices = [(says.value, handling.says(says)) for says in KINDS]
        return self

    def is_right(self) -> bool:
        """Whether all of it is right in shape."""
        return all([self.validate(), *(form.validate() for form in self.texts.values())])

    @property
    def wanted(self) -> Template:
        """What was typed, of a form that is right in shape."""
        return Template(self.name.data or "", Says(self.says.data), self.typed)

    @property
    def typed(self) -> Mapping[str, str]:
        """The text typed for each language."""
        return {tag: form.text.data or "" for tag, form in self.texts.items()}

    @property
    def is_wrong(self) -> bool:
        """Whether anything is marked."""
        return bool(self.errors) or any(form.errors for form in self.texts.values())

    def show_again(self, template: Template) -> None:
        """Let it be sent once more, by someone who has seen that `template` is another by now."""
        self.shown.data = template.mark

    def blame(self, error: Wrong) -> None:
        """Put each problem beside its field, and what is missing altogether beside the first text."""
        for where, name in error.problems.items():
            form = self.texts.get(where) or next(iter(self.texts.values()))
            field = self.name if where == "name" else form.text
            field.errors = [*field.errors, replies.problem(name, unknown(form.text.data or ""))]
