"""A field that names one entry of a tree: a list to choose from while it is short, else its path, typed."""

from collections.abc import Iterable, Sequence
from typing import Any

from wtforms import SelectField
from wtforms.validators import StopValidation
from wtforms.widgets import Select, TextInput

from feedback.core.directory.tree import STEP, Paths
from feedback.text import gettext as _
from feedback.text import pgettext
from feedback.web.forms.address import id_of

MOST_LISTED = 300


def paths_of_people(people: Iterable[tuple[int, str, str]]) -> Paths:
    """People to choose from, given as id, name and department, which tells namesakes apart."""
    joined = pgettext("a person and their department", "%(name)s · %(department)s")
    return Paths((id, joined % {"name": name, "department": department}, None) for id, name, department in people)


def told_apart(among: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Paths to choose from without the first step that all of them share: in a narrow list it hides what differs."""
    first = {path.partition(STEP)[0] for _, path in among}
    if len(first) > 1:
        return list(among)
    return [(id, path.partition(STEP)[2] or path) for id, path in among]


class PathField(SelectField):
    """One of a tree by its path; `chosen` is its id."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, validate_choice=False, choices=[], default="", **options)
        self.suggestions: list[str] = []
        self._paths = Paths(())
        self._open: dict[int, str] = {}
        self.chosen: int | None = None

    def offer(self, paths: Paths, among: Sequence[tuple[int, str]], nothing: str | None) -> None:
        """What can be chosen; `nothing` is the word for none, where none may be chosen."""
        self._paths, self._open = paths, dict(among)
        if len(among) <= MOST_LISTED:
            self.widget = Select()
            told = ((str(id), path) for id, path in told_apart(among))
            self.choices = [*([("", nothing)] if nothing is not None else []), *told]
            return
        self.widget = TextInput()
        self.suggestions = [path for _, path in among[:MOST_LISTED]]
        chosen = id_of(str(self.data or ""))
        if chosen is not None:
            self.data = self._open.get(chosen, self.data)

    def pre_validate(self, form: Any) -> None:
        """Find out what is meant."""
        text = str(self.data or "").strip()
        if not text:
            return
        chosen = id_of(text)
        found = self._paths.found(text) if chosen is None else [chosen]
        found = [id for id in found if id in self._open]
        if not found:
            raise StopValidation(_("There is nothing of this name to choose."))
        if len(found) > 1:
            raise StopValidation(_("Several have this name. Write the whole way to it, like North / Kitchen."))
        self.chosen = found[0]

    def _value(self) -> str:
        return str(self.data or "")
