"""Several things in a row, joined as a reader's language joins them."""

from collections.abc import Sequence

from babel.lists import format_list

from feedback.text.languages import current


def all_of(items: Sequence[str]) -> str:
    """ "a, b and c"."""
    return format_list(items, style="standard", locale=current().locale)


def any_of(items: Sequence[str]) -> str:
    """ "a, b or c"."""
    return format_list(items, style="or", locale=current().locale)
