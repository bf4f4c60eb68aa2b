"""The forms of people, departments, places and topics; they check shape, core checks meaning."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.validators import StopValidation
from wtforms.widgets import HiddenInput

from feedback.core.directory import Problem, Values
from feedback.core.directory.tree import Paths
from feedback.core.files import PORTRAIT
from feedback.outbound import problems
from feedback.text import gettext as _
from feedback.text import known
from feedback.web.forms.choosing import PathField
from feedback.web.forms.labels import later
from feedback.web.forms.pictures import PictureField
from feedback.web.forms.sets import Members


class EntryForm(FlaskForm):
    """What every entry has; `shown` is the mark of the state that was on the screen."""

    name = StringField(later("Name"))
    reference = StringField(later("Reference"))
    shown = StringField(widget=HiddenInput())

    def blame(self, found: Sequence[Problem]) -> None:
        """Put each problem beside the field it is about, and what has none beside the name."""
        for problem in found:
            field = self._fields.get(FIELDS.get(problem.field, problem.field), self.name)
            field.errors = [*field.errors, problems.sentence(problem)]


# The fields of forms that are called otherwise than what they set.
FIELDS = {"department_id": "department", "parent_id": "parent", "places": "place_more", "manages": "manages_more"}


class PersonForm(EntryForm):
    """One person; `manages` is left out where it is not the viewer's to say."""

    name = StringField(later("Full name"))
    public_name = StringField(later("Name for customers"))
    also_called = StringField(later("Also called"))
    email = StringField(later("E-mail"))
    language = SelectField(later("Language"), validate_choice=True)
    department = PathField(later("Department"))
    places = Members(later("Places where customers meet them"))
    place_more = PathField(later("Add a place"))
    is_shown_on_forms = BooleanField(later("Agrees to be offered by name on forms"))
    photo = PictureField(later("Photo"), longest=PORTRAIT, square=True)
    no_photo = BooleanField(later("Remove the photo"))
    manages = Members(later("Departments they manage"))
    manages_more = PathField(later("Add a department"))

    def fill(self, values: Values) -> None:
        """Show a person as they are, where nothing was sent."""
        self.name.data, self.public_name.data = _text(values["name"]), _text(values["public_name"])
        self.also_called.data = _text(values["also_called"])
        self.email.data, self.reference.data = _text(values["email"]), _text(values["reference"])
        self.language.data, self.department.data = _text(values["language"]), _text(values["department_id"])
        self.is_shown_on_forms.data = bool(values["is_shown_on_forms"])
        self.places.data, self.manages.data = _texts(values["places"]), _texts(values["manages"])

    def offer(
        self, departments: Paths, open_departments: Sequence[tuple[int, str]], places: Paths, tags: Iterable[str]
    ) -> None:
        """What can be chosen."""
        self.language.choices = [("", _("The organisation’s")), *((tag, known(tag).name) for tag in tags)]
        self.department.offer(departments, open_departments, None)
        self.place_more.offer(places, places.sorted(), _("None"))
        self.manages_more.offer(departments, departments.sorted(), _("None"))
        self.places.choices = [(str(id), places.of.get(id, "")) for id in sorted(self.places.ids)]
        self.manages.choices = [(str(id), departments.of.get(id, "")) for id in sorted(self.manages.ids)]

    def values(self, *, with_manages: bool) -> Values:
        """What was sent, by the names of core."""
        values: Values = {
            "name": self.name.data or "",
            "public_name": self.public_name.data or "",
            "also_called": self.also_called.data or "",
            "email": self.email.data or "",
            "language": self.language.data or "",
            "department_id": self.department.chosen,
            "is_shown_on_forms": bool(self.is_shown_on_forms.data),
            "reference": self.reference.data or "",
            "places": self.places.ids | _one(self.place_more.chosen),
        }
        if with_manages:
            values["manages"] = self.manages.ids | _one(self.manages_more.chosen)
        return values


class BranchForm(EntryForm):
    """One department, place or topic; fields that its noun does not have are taken out."""

    parent = PathField(later("Below"))
    department = PathField(later("Department"))
    managers = Members(later("Managed by"))
    managers_more = SelectField(later("Add a manager"), validate_choice=True)

    def fill(self, values: Values) -> None:
        """Show an entry as it is, where nothing was sent."""
        self.name.data, self.reference.data = _text(values["name"]), _text(values["reference"])
        for field, name in (("parent", "parent_id"), ("department", "department_id")):
            if field in self:
                self[field].data = _text(values[name])
        if "managers" in self:
            self.managers.data = _texts(values["managers"])

    def values(self) -> Values:
        """What was sent, by the names of core."""
        values: Values = {"name": self.name.data or "", "reference": self.reference.data or ""}
        if "parent" in self:
            values["parent_id"] = self.parent.chosen
        if "department" in self:
            values["department_id"] = self.department.chosen
        if "managers" in self:
            more = self.managers_more.data
            values["managers"] = self.managers.ids | _one(int(more) if more else None)
        return values


class RetirementForm(FlaskForm):
    """What becomes of the codes of what is retired, and which is told instead of them."""

    codes = RadioField(later("What becomes of the QR codes?"), validate_choice=False)
    successor = SelectField(later("Tell whoever scans one to use"), validate_choice=False)  # not shown without any

    def validate_successor(self, field: Any) -> None:
        """One of those offered, or none."""
        if field.data and field.data not in dict(field.choices):
            raise StopValidation(_("Choose one of the list."))

    def offer(self, ways: Sequence[tuple[str, str]], successors: Mapping[int, str]) -> None:
        """The ways there are, and the codes that could stand in."""
        self.codes.choices = list(ways)
        self.successor.choices = [
            ("", _("No other code")),
            *((str(id), name) for id, name in successors.items()),
        ]


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _texts(value: object) -> list[str]:
    return sorted(str(id) for id in value) if isinstance(value, frozenset) else []


def _one(id: int | None) -> frozenset[int]:
    return frozenset() if id is None else frozenset({id})
