"""What is asked about the organisation, on the day it is set up and later on its settings page."""

import re
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import IntegerField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import StopValidation
from wtforms.widgets import CheckboxInput, ColorInput, DateInput, ListWidget, NumberInput

from feedback.core import settings
from feedback.core.files import LOGO
from feedback.core.organisation import DEFAULT_ACCENT, Organisation, StaffNames
from feedback.text import available, known, weekday
from feedback.text import gettext as _
from feedback.web.forms.labels import later
from feedback.web.forms.lines import Line, check_address
from feedback.web.forms.pictures import PictureField

COLOUR = re.compile(r"#[0-9a-f]{6}")
PICTURES = frozenset({"logo", "photo", "photos"})  # the fields that take files
LONGEST_ANSWER = 60  # working days


def sent() -> CombinedMultiDict[str, Any]:
    """Fields and pictures of this request; never JSON, nor a file in place of words: neither need be text."""
    pictures = MultiDict((name, file) for name, file in request.files.items(multi=True) if name in PICTURES)
    return CombinedMultiDict([pictures, MultiDict(request.form)])


class Boxes(SelectMultipleField):
    """Several choices, each with a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class OrganisationForm(FlaskForm):
    """Name, colour, time zone, languages and working week."""

    name = StringField(later("Name of your organisation"), [Line()])
    accent = StringField(later("Colour"), widget=ColorInput(), default=DEFAULT_ACCENT)
    timezone = StringField(later("Time zone"))
    language = SelectField(later("Main language"), validate_choice=False)
    languages = Boxes(later("Languages on offer"), validate_choice=False)
    working_days = Boxes(later("Working week"), validate_choice=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.language.choices = self.languages.choices = [(tag, known(tag).name) for tag in available()]
        self.working_days.choices = [(str(number), weekday(number)) for number in range(7)]

    def validate_accent(self, field: Any) -> None:
        """A colour as browsers send it."""
        field.data = (field.data or "").strip().lower()
        if not COLOUR.fullmatch(field.data):
            field.data = DEFAULT_ACCENT
            raise StopValidation(_("This is no colour. Write it like #1f6f5c."))

    def validate_timezone(self, field: Any) -> None:
        """One that exists, however it was typed."""
        found = settings.zone_called(field.data or "")
        if found is None:
            raise StopValidation(_("There is no time zone of this name. Write it like Europe/Berlin."))
        field.data = found

    def validate_language(self, field: Any) -> None:
        """One that Firsthand speaks; it is on offer in any case."""
        if field.data not in available():
            raise StopValidation(_("Please choose one of these."))

    def validate_languages(self, field: Any) -> None:
        """Only those that Firsthand speaks."""
        if not set(field.data or []) <= set(available()):
            raise StopValidation(_("Please choose one of these."))

    def validate_working_days(self, field: Any) -> None:
        """At least one day on which someone answers."""
        if not field.data or not set(field.data) <= set("0123456"):
            raise StopValidation(_("Please choose at least one day."))

    @property
    def said(self) -> dict[str, object]:
        """The values by the names of the organisation's columns; to be asked of a valid form."""
        offered = {self.language.data, *(self.languages.data or [])}
        return {
            "name": self.name.data,
            "accent": self.accent.data,
            "timezone": self.timezone.data,
            "language": self.language.data,
            "languages": [tag for tag in available() if tag in offered],
            "working_days": sorted({int(day) for day in self.working_days.data or []}),
        }


class SettingsForm(OrganisationForm):
    """All that can be changed later, but for the logo and the holidays."""

    answer_days = IntegerField(
        later("Working days until an answer"), widget=NumberInput(min=1, max=LONGEST_ANSWER), validators=[]
    )
    outside_reader = StringField(later("Reader outside the house"), [Line(320, may_be_empty=True)])
    staff_names = RadioField(later("Who answers, as customers see it"), validate_choice=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff_names.choices = [
            (StaffNames.DEPARTMENT.value, _("The department: “Deliveries”")),
            (StaffNames.PUBLIC.value, _("The name customers know: “Sam”")),
            (StaffNames.FULL.value, _("The full name: “Sam Baker”")),
            (StaffNames.NOBODY.value, _("Nobody: “Our answer”")),
        ]

    def validate_staff_names(self, field: Any) -> None:
        """One of the ways there are."""
        if field.data not in set(StaffNames):
            raise StopValidation(_("Please choose one of these."))

    def validate_answer_days(self, field: Any) -> None:
        """What the table takes."""
        if field.data is None or not 1 <= field.data <= LONGEST_ANSWER:
            field.errors = field.process_errors = []
            raise StopValidation(_("Please choose 1 to 60 days."))

    def validate_outside_reader(self, field: Any) -> None:
        """One address, or none."""
        if field.data:
            check_address(field.data)

    @property
    def said(self) -> dict[str, object]:
        """As of the form above, with what only this one asks."""
        more = {
            "answer_days": self.answer_days.data,
            "outside_reader": self.outside_reader.data or None,
            "staff_names": self.staff_names.data,
        }
        return super().said | more

    @classmethod
    def of(cls, known: Organisation) -> "SettingsForm":
        """The form as things are."""
        now = {name: getattr(known, name) for name in settings.SETTLED}
        return cls(formdata=None, data=now | {"working_days": [str(day) for day in known.working_days]})


class LogoForm(FlaskForm):
    """Another logo."""

    logo = PictureField(later("Logo"), longest=LOGO)


class HolidayForm(FlaskForm):
    """One more day on which nobody has to answer."""

    day = StringField(later("Day"), widget=DateInput())
    called = StringField(later("What it is called"), [Line()])
