"""Texts of form fields: named when the program starts, translated when they are shown."""

from markupsafe import escape

from feedback.text import gettext


class LaterText(str):
    """A text that is looked up in the language spoken when it is shown."""

    __slots__ = ()

    def __str__(self) -> str:
        return gettext(str.__str__(self))

    def __html__(self) -> str:
        return str(escape(str(self)))


def later(text: str) -> LaterText:
    """`text`, to be translated when it is shown; extraction knows this function by its name."""
    return LaterText(text)
