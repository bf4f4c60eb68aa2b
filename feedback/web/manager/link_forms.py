"""The forms about QR links; they check shape, core checks meaning."""

from collections.abc import Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import AnyOf, StopValidation

from feedback.core.links.targets import KINDS
from feedback.core.people import Topic
from feedback.text import gettext as _
from feedback.web.forms.address import id_of
from feedback.web.forms.labels import later

KEEP, RETIRE = "keep", "retire"


class SeenForm(FlaskForm):
    """A change to a link, with the mark of how it was shown."""

    seen = StringField()


class TargetForm(SeenForm):
    """Where the code leads from now on, as kind and id."""

    target = StringField()

    def validate_target(self, field: Any) -> None:
        """A kind there is and an id there can be."""
        if key_of(field.data or "") is None:
            raise StopValidation(_("Choose where the code is to lead."))

    @property
    def chosen(self) -> tuple[str, int]:
        """Kind and id of what was chosen, of a form that is in order."""
        return key_of(self.target.data or "") or ("", 0)


class SettingsForm(SeenForm):
    """What the form behind the code has chosen beforehand."""

    topic = SelectField(later("Topic"), validate_choice=True)
    language = SelectField(later("Language"), validate_choice=True)

    def offer(self, topics: Sequence[Topic], languages: Sequence[tuple[str, str]]) -> None:
        """The topics and languages there are to choose from."""
        self.topic.choices = [("", _("None: customers choose")), *((str(topic.id), topic.name) for topic in topics)]
        self.language.choices = [("", _("That of the organisation")), *languages]

    @property
    def topic_id(self) -> int | None:
        """The id of the topic chosen, None for none."""
        return int(self.topic.data) if self.topic.data else None


class RetirementForm(SeenForm):
    """Whether the code is retired from now on."""

    retired = StringField(validators=[AnyOf(("yes", "no"))])


class ReissueForm(SeenForm):
    """A new code for the same, and what becomes of the old one."""

    old = StringField()

    def validate_old(self, field: Any) -> None:
        """It has to be said: codes may hang where nobody thinks of them."""
        if field.data not in (KEEP, RETIRE):
            raise StopValidation(_("Say what becomes of the old code."))


class MakingForm(FlaskForm):
    """For whom links are to be made: everyone who fits, or those ticked."""

    kind = StringField(validators=[AnyOf(KINDS)])


def key_of(text: str) -> tuple[str, int] | None:
    """Kind and id that `text` writes ("person-12"), None where it does not."""
    kind, _, number = text.partition("-")
    id = id_of(number)
    return (kind, id) if kind in KINDS and id is not None else None
