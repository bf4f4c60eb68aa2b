"""What stays outside the brackets of the pseudo-language: text that never went through gettext.

Which names and words are data, and may stand there as they are, is for the tests to say.
"""

import re
from calendar import day_name, month_abbr, month_name
from collections.abc import Iterable, Iterator
from string import ascii_letters

from feedback.text import gettext, speaking
from feedback.text.languages import PSEUDO
from tests.ground.pages import BUTTONS
from tests.ground.tree import BLOCKS, Element, PageText, words

UNREAD = words("kbd script style template textarea")  # a key is called what is printed on it
APART = BLOCKS | words("button label option title")
SPOKEN = ("alt", "aria-label", "aria-description", "placeholder", "title")
BRACKETED = re.compile(r"\[[^\[\]]*\]")
MONTHS = "|".join([*month_name[1:], *month_abbr[1:]])
CLOCK = r"\d+:\d\d(?::\d\d)?\s[AP]M(?: Coordinated Universal Time)?"
DATA = (
    r"https?://\S+",
    r"localhost/(?:q|poll)/\w+",
    r"[\w.-]+@[\w.-]+\w",
    r"[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){2,5}",
    r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}",
    r"[0-9A-HJKMNP-TV-Z]{8}",
    rf"(?:\w+day, )?(?:{MONTHS}) \d+, \d{{4}}(?:(?:,| at) {CLOCK})?",
    "|".join(day_name),
    rf"(?:\w{{3}}, )?(?:{MONTHS}) \d+",
    CLOCK,
    "and|or",  # how lists are joined, which comes with the locale
    r"\d+ (?:second|minute|hour|day|week)s?(?: ago)?",
)

with speaking(PSEUDO):
    # The letters that no bracketed text has, because the pseudo-language puts accents on them.
    PLAIN = frozenset(letter for letter in ascii_letters if gettext(letter) != f"[{letter}]")


def known(names: Iterable[str]) -> re.Pattern[str]:
    """What may be read as it is: the given names and words, and codes, addresses and dates."""
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join([*DATA, *map(re.escape, longest_first)])})(?!\w)")


def raw_in_page(html: str, data: re.Pattern[str]) -> list[str]:
    """The lines, titles, labels and names of a page in which something was not translated."""
    return [line for line in _lines(html) if is_raw(line, data)]


def is_raw(line: str, data: re.Pattern[str]) -> bool:
    """Whether a letter is left once data and bracketed texts are taken away; an unaccented one gives itself away."""
    rest, before = data.sub("", line), ""
    while rest != before:
        before = rest
        rest = BRACKETED.sub(lambda text: text[0] if PLAIN & set(text[0]) else "", rest)
    return any(sign.isalpha() for sign in rest)


def _lines(html: str) -> Iterator[str]:
    page = PageText(html)
    for line in "".join(_read(page.root)).split("\n"):
        yield " ".join(line.split())
    for element in page.elements:
        yield from (element.attributes[name] for name in SPOKEN if name in element.attributes)
        if element.tag == "input" and element.kind in BUTTONS:
            yield element.attributes.get("value", "")


def _read(element: Element) -> Iterator[str]:
    """All that can be read, also what a script or a choice may still open."""
    edge = "\n" if element.tag in APART else " "
    yield edge
    for child in element.children if element.tag not in UNREAD else ():
        if isinstance(child, str):
            yield child if element.tag == "pre" else child.replace("\n", " ")
        else:
            yield from _read(child)
    yield edge
