"""Customers named in words that others will read: found however the name is spaced, and in a greeting in part too."""

import re
from collections.abc import Iterable

from feedback.core.people import plain

FEWEST_DIGITS = 5  # of a telephone number: fewer may be any number
# The words at the beginning that speak to somebody, as far as they are set apart from what follows.
_END = ",!:\n\u060c\u3001\uff0c\uff01\uff1a"
GREETING = re.compile(rf"\s*[^;.{_END}]{{1,60}}(?=[{_END}]|\Z)")
_APART = re.compile(r"(?<=\d)[\s()./\u2013-]+(?=\d)")
_WORD = re.compile(r"[^\W\d_]{3,}")


def as_written(name: str) -> str:
    """A pattern of the whole `name`, with whatever space between its parts."""
    parts = r"\s+".join(map(re.escape, name.split()))
    return rf"(?<!\w){parts}(?!\w)"


def names_any(text: str, names: Iterable[str]) -> bool:
    """Whether one of the names or addresses stands in `text`, or a part of a name in its greeting."""
    said = plain(text)
    greeting = GREETING.match(said)
    greeted = set(_WORD.findall(greeting[0])) if greeting else set()
    for name in names:
        wanted = plain(name)
        if wanted.strip() and re.search(as_written(wanted), said):
            return True
        if "@" not in wanted and greeted & set(_WORD.findall(wanted)):
            return True
    return False


def tells_number(text: str, phone: str) -> bool:
    """Whether that telephone number stands in `text`, however it is spaced and whatever leads abroad before it."""
    digits = "".join(sign for sign in phone if sign.isdigit()).lstrip("0")
    return len(digits) >= FEWEST_DIGITS and digits in _APART.sub("", text)


def without(names: Iterable[str], text: str) -> str:
    """`text` with every whole name left out, the longest first, and each part of a name in its greeting."""
    told = sorted((name for name in names if name.strip()), key=len, reverse=True)
    for name in told:
        text = re.sub(as_written(name), "…", text)
    greeting = GREETING.match(text)
    if greeting is None:
        return text
    greeted = greeting[0]
    for part in {part for name in told for part in _WORD.findall(name)}:
        greeted = re.sub(as_written(part), "…", greeted, flags=re.IGNORECASE)
    return greeted + text[greeting.end() :]
