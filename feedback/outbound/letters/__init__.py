"""The letters a person takes along: a book to print, laid out by book.typ beside this file, and signed JSON to keep.

docs/letters.md tells what stands in the JSON, and how anyone finds out whether it is genuine.
"""

import base64
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from feedback import clock, text
from feedback.core.letters import Letter
from feedback.core.signing import ALGORITHM, Key
from feedback.outbound import press
from feedback.outbound.isolation import isolated
from feedback.text import gettext as _
from feedback.text import ngettext

SOURCE = Path(__file__).with_name("book.typ")
FORMAT = "firsthand-letters/2"
LARGE, MEDIUM, SMALL = 19.0, 14.0, 11.0  # points; the shorter a letter, the larger its words
SHORT, LONG = 120, 480  # signs up to which they are set large, and medium
WHOLE = 12  # lines that surely fit a page together
ONE_LINE = 18  # signs of a title
GROUP = 4  # digits of a key's id that are read together


@dataclass(frozen=True, slots=True)
class Book:
    """Whose letters they are, and from where; `accent` is the organisation's colour, `zone` its time zone.

    `key` signs them, and its public part is on the list at `keys_url`.
    """

    name: str
    organisation: str
    accent: str
    zone: str
    made_at: datetime
    letters: Sequence[Letter]
    key: Key
    keys_url: str
    logo: bytes | None = None


def written(book: Book) -> bytes:
    """The letters as JSON in UTF-8, and beside them the signature over their canonical form."""
    signed: dict[str, object] = {
        "format": FORMAT,
        "organisation": book.organisation,
        "person": book.name,
        "made_at": _moment(book.made_at),
        "count": len(book.letters),
        "letters": [_told(letter) for letter in book.letters],
    }
    signature = {
        "algorithm": ALGORITHM,
        "key": book.key.id,
        "public_key": base64.b64encode(book.key.public).decode(),
        "published_at": book.keys_url,
        "value": base64.b64encode(book.key.sign(signed)).decode(),
    }
    return json.dumps({"signed": signed, "signature": signature}, ensure_ascii=False, indent=2).encode() + b"\n"


def pdf(book: Book) -> bytes:
    """The letters as a book in A5, in the language spoken now."""
    return press.printed(SOURCE, _data(book))


def _told(letter: Letter) -> dict[str, object]:
    return {
        "id": str(letter.id),
        "written_at": _moment(letter.at),
        "words": letter.words,
        "language": letter.language,
        "rating": letter.rating,
        "place": letter.place,
        "department": letter.department,
        "topics": list(letter.topics),
        "described_as": letter.described_as or None,
    }


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _data(book: Book) -> dict[str, object]:
    language = text.current()
    days = [clock.day(letter.at, book.zone) for letter in book.letters]
    return {
        **press.speech(language.tag),
        "dir": language.direction,
        "accent": book.accent,
        "logo": press.picture(book.logo) if book.logo else None,
        "organisation": press.named(book.organisation),
        "title": _("Letters to %(name)s") % {"name": isolated(_held_together(book.name))},
        "under": list(_under(days)),
        "small": [
            _("What customers wrote, in their own words, as they wrote them."),
            _("A sign that print cannot draw stands as an empty box. The JSON file has every sign."),
            _("Put together on %(day)s.") % {"day": text.day(clock.day(book.made_at, book.zone))},
            _("The JSON file is signed with this key, which is published at this address:"),
        ],
        "codes": [_in_groups(book.key.id), _in_parts(book.keys_url)],
        "years": len({day.year for day in days}) > 1,
        "letters": [_leaf(letter, day) for letter, day in zip(book.letters, days, strict=True)],
    }


def _in_groups(digits: str) -> str:
    """Digits as they are compared by eye."""
    return " ".join(digits[start : start + GROUP] for start in range(0, len(digits), GROUP))


def _in_parts(address: str) -> str:
    """An address that can end a line after a sign that parts it, without a hyphen that would belong to it."""
    return re.sub("(?<=[/.])(?=[^/])", press.BREAK, address)


def _held_together(name: str) -> str:
    """A name that has room in one line stays in one."""
    return name.replace(" ", "\u00a0") if len(name) <= ONE_LINE else name


def _under(days: Sequence[date]) -> Iterator[str]:
    """How many letters there are, and from when until when."""
    yield ngettext("%(num)s letter", "%(num)s letters", len(days)) % {"num": text.number(len(days))}
    if days and days[0] == days[-1]:
        yield text.day(days[0])
    elif days:
        yield _("%(first)s to %(last)s") % {"first": text.day(days[0]), "last": text.day(days[-1])}


def _leaf(letter: Letter, day: date) -> dict[str, object]:
    paragraphs = press.paragraphs(letter.words)
    size = LARGE if len(letter.words) <= SHORT else MEDIUM if len(letter.words) <= LONG else SMALL
    about = [letter.place or "", *letter.topics, letter.described_as]
    return {
        **press.speech(letter.language),
        "year": str(day.year),
        "about": [press.named(fact) for fact in (text.day(day), *about) if fact],
        "paragraphs": paragraphs or [{"text": _("No words, just thanks"), "dir": text.current().direction}],
        "is-empty": not paragraphs,
        "size": size,
        "is-long": len(letter.words) > LONG or len(paragraphs) > WHOLE,
    }
