"""Placeholders in the text of a template: which there are, which a text has, and putting values in their place.

What a placeholder says where a value is missing is for those who give the values: none of them is ever empty.
"""

import re
from collections.abc import Mapping

PLACEHOLDERS = ("customer", "place", "topic", "department", "staff", "organisation", "case_date", "answer_by")
IN_BRACES = re.compile(r"\{([^{}]*)\}")


def unknown(text: str) -> tuple[str, ...]:
    """What stands in braces there and is no placeholder, each once, as it was written."""
    found = (match[0] for match in IN_BRACES.finditer(text) if _name(match) not in PLACEHOLDERS)
    return tuple(dict.fromkeys(found))


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with every placeholder replaced by its value, as it is: braces in a value stay braces."""
    return IN_BRACES.sub(lambda match: values.get(_name(match), match[0]), text)


def _name(match: re.Match[str]) -> str:
    """The placeholder that is meant, however it is spaced and in whichever case it is typed."""
    return match[1].strip().lower()
