"""Fields that name several of a few, or of very many: all to tick while they are few, else one more at a time."""

from typing import Any

from wtforms import SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from feedback.core.directory.tree import Paths
from feedback.text import gettext as _
from feedback.web.forms.address import id_of
from feedback.web.forms.choosing import PathField, told_apart

MOST_TICKED = 16


class Members(SelectMultipleField):
    """Those that belong to a set, each with a box that takes it out."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, validate_choice=False, choices=[], **options)

    @property
    def ids(self) -> frozenset[int]:
        """The ids that are still in it."""
        return frozenset(id for value in self.data or [] if (id := id_of(value)) is not None)

    def offer(self, paths: Paths, more: PathField) -> None:
        """Of few everything can be ticked here; of many, what is in it, and `more` takes in one more."""
        everything, chosen = paths.sorted(), self.ids
        are_few = len(everything) <= MOST_TICKED
        self.choices = [(str(id), path) for id, path in told_apart(everything) if are_few or id in chosen]
        more.offer(paths, [] if are_few else everything, _("None"))
