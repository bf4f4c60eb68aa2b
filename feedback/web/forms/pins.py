"""Fields for a PIN: digits, shown while they are chosen, never sent back."""

from typing import Any

from wtforms import PasswordField, StringField
from wtforms.validators import StopValidation

from feedback.core.devices import LONGEST_PIN, SHORTEST_PIN, is_obvious
from feedback.text import gettext as _

DIGITS = {"inputmode": "numeric", "maxlength": str(2 * LONGEST_PIN)}


class NewPin(StringField):
    """A PIN that is being chosen: one sees what one types, because a slip would lock one out."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, [well_chosen], render_kw=DIGITS, **options)

    def _value(self) -> str:
        return ""


class Pin(PasswordField):
    """A PIN that is known."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, render_kw=DIGITS, **options)


def digits(text: str | None) -> str:
    """A PIN as typed, without spaces."""
    return "".join((text or "").split())


def well_chosen(form: object, field: Any) -> None:
    """A validator of fields in which a new PIN is chosen."""
    pin = digits(field.data)
    if not (pin.isascii() and pin.isdigit() and SHORTEST_PIN <= len(pin) <= LONGEST_PIN):
        raise StopValidation(_("Please choose six to twelve digits."))
    if is_obvious(pin):
        raise StopValidation(
            _("Anyone would try these digits first. Please choose others: no row, no repetition and no birthday.")
        )
