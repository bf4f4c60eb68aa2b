"""What a sign-in name and a password have to be: a word that can be typed again, and long enough to be no guess."""

from typing import Any

from wtforms.validators import StopValidation

from feedback.core.accounts import LONGEST_NAME, SHORTEST_NAME, SHORTEST_PASSWORD, signing_name
from feedback.text import gettext as _

LONGEST = 1000  # more is no password, and takes long to hash


def long_enough(form: object, field: Any) -> None:
    """A validator of fields in which a new password is chosen."""
    if not SHORTEST_PASSWORD <= len(field.data or "") <= LONGEST:
        raise StopValidation(_("Please choose a password of ten characters or more."))


def good_name(form: object, field: Any) -> None:
    """A validator of fields in which a sign-in name is chosen."""
    text = (field.data or "").strip()
    longest = len(signing_name(text))  # some letters become two or three when names are compared
    if not SHORTEST_NAME <= len(text) <= longest <= LONGEST_NAME or not _is_word(text):
        raise StopValidation(_("Choose a name of three characters or more, without spaces; your e-mail will do."))


def _is_word(text: str) -> bool:
    return text.isprintable() and not any(sign.isspace() for sign in text)
