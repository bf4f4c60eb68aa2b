"""What a password has to be: long enough to be no guess; nothing else is asked of it."""

from typing import Any

from wtforms.validators import StopValidation

from feedback.core.accounts import SHORTEST_PASSWORD
from feedback.text import gettext as _

LONGEST = 1000  # more is no password, and takes long to hash


def long_enough(form: object, field: Any) -> None:
    """A validator of fields in which a new password is chosen."""
    if not SHORTEST_PASSWORD <= len(field.data or "") <= LONGEST:
        raise StopValidation(_("Please choose a password of ten characters or more."))
