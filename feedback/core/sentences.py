"""The sentence of a month: one of those that customers wrote to somebody in person, word for word.

Where a full stop may or may not end a sentence, it does not: two sentences read as one are still what was written,
half a sentence is not.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from unicodedata import category, east_asian_width

from sqlalchemy.orm import Session

from feedback.core import favourites, praise
from feedback.core.access import Viewer
from feedback.core.praise import Praise
from feedback.db import first_id

SHORTEST, LONGEST = 40, 160  # the length that suits a line set large
TOO_LONG = 320
MOST_LETTERS = 100  # of two months that are looked at, the newest first

_ENDS_ANYWHERE = "。！？｡︒"  # noqa: RUF001 - of scripts that put no space behind a sentence
_MARKS = rf"[.!?…؟۔।॥։።{_ENDS_ANYWHERE}]+"  # noqa: RUF001
_CLOSING = r"[\"'»«”’“‘)\]}›‹」』】）]*"  # noqa: RUF001
_END = re.compile(rf"({_MARKS}){_CLOSING}")
_LINE = re.compile(r"[\r\n\u2028\u2029]+")
_LAST_WORD = re.compile(r"[\w.]+$")
# What ends in a full stop in the middle of sentences, in the languages the product ships; single letters do anyway.
_ABBREVIATIONS = frozenset((
    "mr", "mrs", "ms", "dr", "prof", "st", "jr", "sr", "vs", "etc", "eg", "ie", "e.g", "i.e", "approx", "no", "tel",
    "hr", "fr", "nr", "str", "ca", "bzw", "usw", "evtl", "ggf", "inkl", "zzgl", "vgl", "bspw", "allg", "tgl", "std",
    "min", "max", "abt", "dept", "dipl", "ing", "sog", "u.a", "z.b", "d.h", "o.ä", "u.ä",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one letter, and whether the person they are for marked it."""

    praise_id: int
    text: str
    is_favourite: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a letter, as it stands there."""

    praise_id: int
    text: str
    is_of_this_month: bool = True


def of_the_month(session: Session, viewer: Viewer, this_month: datetime, last_month: datetime) -> Sentence | None:
    """The sentence for this month, which began at that moment; else for the last one."""
    recent = praise.to_oneself(viewer).where(Praise.id >= first_id(last_month))
    letters = praise.letters(session, recent.order_by(Praise.id.desc()).limit(MOST_LETTERS))
    marked = favourites.among(session, viewer, [letter.praise.id for letter in letters]) if letters else set()
    words = [Words(one.praise.id, one.words, one.praise.id in marked) for one in letters]
    began = first_id(this_month)
    found = pick([one for one in words if one.praise_id >= began])
    if found:
        return Sentence(*found)
    found = pick([one for one in words if one.praise_id < began])
    return Sentence(*found, is_of_this_month=False) if found else None


def pick(letters: Sequence[Words]) -> tuple[int, str] | None:
    """The letter and the sentence that stand for those letters, which come newest first; None where none can.

    A favourite's first; else, or among several, the one whose length suits best, and of those alike the newest.
    """
    found = [
        (not letter.is_favourite, _off(sentence), place, letter.praise_id, sentence)
        for place, letter in enumerate(letters)
        for sentence in split(letter.text)
        if _length(sentence) <= TOO_LONG and any(sign.isalpha() for sign in sentence)
    ]
    if not found:
        return None
    *_, praise_id, sentence = min(found, key=lambda one: one[:3])
    return praise_id, sentence


def split(text: str) -> list[str]:
    """The sentences of a text, each exactly as it stands there but for the space around it."""
    is_cased = any(sign.isupper() for sign in text)  # where nobody writes capitals, a small letter may begin a sentence
    found = (sentence.strip() for line in _LINE.split(text) for sentence in _of_line(line, is_cased))
    return [sentence for sentence in found if sentence]


def _of_line(line: str, is_cased: bool) -> list[str]:
    start, found = 0, []
    for mark in _END.finditer(line):
        end = _with_signs(line, mark.end())
        if mark.start() >= start and _ends(line, mark, end, is_cased):
            found.append(line[start:end])
            start = end
    return [*found, line[start:]]


def _ends(line: str, mark: re.Match[str], end: int, is_cased: bool) -> bool:
    """Whether a sentence ends with that mark, of which signs reach to `end`."""
    marks, rest = mark[1], line[end:]
    if marks[-1] in _ENDS_ANYWHERE:
        return True
    if not rest.strip():
        return True
    if not rest[0].isspace() and end == mark.end():
        return False  # 12.99, an address, a name with a point in it
    first = next((sign for sign in rest if sign.isalnum()), "")
    if is_cased and first.islower():
        return False
    return marks != "." or not _is_abbreviated(line[: mark.start()])


def _is_abbreviated(before: str) -> bool:
    """Whether a full stop belongs to the word before it: Dr., z. B., J. Smith, am 3. Mai."""
    word = _LAST_WORD.search(before)
    if not word:
        return False
    last = word[0].casefold()
    return len(last) == 1 or last in _ABBREVIATIONS or (last.isdigit() and len(last) <= 2)


def _with_signs(line: str, end: int) -> int:
    """Where the signs end that stand behind a sentence and belong to it, like a smile."""
    at = end
    while at < len(line) and (line[at].isspace() or _is_sign(line[at])):
        at += 1
        end = at if _is_sign(line[at - 1]) else end
    return end


def _is_sign(sign: str) -> bool:
    return category(sign) in {"So", "Sk"} or sign in "\u200d\ufe0f"


def _off(sentence: str) -> int:
    """By how much a sentence is too short or too long."""
    length = _length(sentence)
    return max(SHORTEST - length, length - LONGEST, 0)


def _length(sentence: str) -> int:
    """Its length in signs; those that are twice as wide say twice as much."""
    return len(sentence) + sum(east_asian_width(sign) in "WF" for sign in sentence)
