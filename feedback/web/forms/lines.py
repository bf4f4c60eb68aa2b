"""Single lines of text in forms of those at work: something to read, of bounded length, and text throughout."""

from typing import Any

from wtforms.validators import StopValidation

from feedback.core.accounts import signing_name
from feedback.core.submissions import is_address
from feedback.text import gettext as _


class Line:
    """1 to `longest` characters, their spaces put in order; or nothing, where it may be empty."""

    def __init__(self, longest: int = 200, *, may_be_empty: bool = False) -> None:
        self.longest = longest
        self.may_be_empty = may_be_empty

    def __call__(self, form: object, field: Any) -> None:
        field.data = " ".join((field.data or "").split())
        if not field.data and not self.may_be_empty:
            raise StopValidation(_("Please fill this in."))
        if len(field.data) > self.longest:
            raise StopValidation(_("This is too long; please shorten it."))
        if "\0" in field.data:
            raise StopValidation(_("This holds characters that are not text."))


def check_address(text: str) -> None:
    """Raises StopValidation where `text` cannot be one e-mail address, in small letters too."""
    if not is_address(text) or len(signing_name(text)) > 320:
        raise StopValidation(_("This is not an e-mail address. Write it like name@example.org."))
