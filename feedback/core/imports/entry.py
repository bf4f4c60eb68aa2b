"""What one row means, as far as the row alone can tell; names are looked up by others."""

import hashlib
import hmac
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from feedback import clock
from feedback.core.imports.table import Refused, Row
from feedback.core.submissions import KEY_LENGTH, MOST_CHARACTERS, MOST_SHORT, SURVEY, Given, Kind, at_noon
from feedback.core.surveys import Asked, answering
from feedback.core.surveys.design import Question
from feedback.db.ids import EPOCH

# The answers of the Friends and Family Test (NHS England), best to worst; "don't know" is no rating.
RATINGS = {"very good": 5, "good": 4, "neither good nor poor": 3, "poor": 2, "very poor": 1}
FFT = {
    "very good": "very_good",
    "neither good nor poor": "neither",
    "very poor": "very_poor",
    "don't know": "dont_know",
    "dont know": "dont_know",
    "do not know": "dont_know",
}
NO_RATING = {"", "don't know", "dont know", "do not know"}
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}")
LONGEST_NAME = 200
SHOWN = 60  # characters of a wrong value that a reason repeats


@dataclass(frozen=True, slots=True)
class Entry:
    """One row, understood; names are single-spaced and may be empty."""

    line: int
    key: bytes
    at: datetime
    kind: str
    rating: int | None
    message: str
    language: str
    department: str
    team: str
    place: str
    person: str
    topics: tuple[str, ...]
    given: Given | None = None  # of a survey


class Understanding:
    """Turns rows into entries; remembers what the file said before, so that it is said once."""

    def __init__(self, *, zone: str, language: str, now: datetime, secret: str, asked: Asked | None = None) -> None:
        self._asked = asked
        self._zone, self._language, self._now, self._secret = zone, language, now, secret
        self._lines: dict[bytes, tuple[int, bytes]] = {}  # key of a reference to where it stood, and its content
        self._occurrences: Counter[bytes] = Counter()

    def entry(self, row: Row) -> Entry | None:
        """The entry of `row`; None where the same row with the same reference came before. Raises Refused."""
        if row.fault:
            raise Refused(row.fault)
        given = answered(self._asked, row.cells) if self._asked else None
        rating, message = (
            (None, "") if given else (rating_of(row.cells.get("rating", "")), row.cells.get("message", ""))
        )
        entry = Entry(
            line=row.line,
            key=b"",
            at=self._moment(row),
            kind=SURVEY if given else _kind(row.cells.get("kind", ""), rating, message),
            rating=rating,
            message=_message(message),
            language=_language(row.cells.get("language", "")) or self._language,
            department=_name(row, "department", LONGEST_NAME),
            team=_name(row, "team", LONGEST_NAME),
            place=_name(row, "place", LONGEST_NAME),
            person=_name(row, "person", MOST_SHORT),
            topics=_topics(row.cells.get("topics", "")),
            given=given,
        )
        key = self._key(row)  # last, because a refused row takes no reference
        return replace(entry, key=key) if key else None

    def _key(self, row: Row) -> bytes | None:
        """The submission key: of the reference, else of the content and how often the file had it before."""
        content = self._hashed("content", json.dumps(sorted(row.cells.items())))
        reference = row.cells.get("reference", "").strip()
        if not reference:
            self._occurrences[content] += 1
            return self._hashed("row", f"{content.hex()} {self._occurrences[content]}")
        key = self._hashed("reference", reference)
        line, said = self._lines.setdefault(key, (row.line, content))
        if said != content:
            raise Refused(f"has the reference of line {line}, but says something else")
        return key if line == row.line else None

    def _hashed(self, purpose: str, text: str) -> bytes:
        message = f"import {purpose}\0{text}".encode()
        return hmac.digest(self._secret.encode(), message, hashlib.sha256)[:KEY_LENGTH]

    def _moment(self, row: Row) -> datetime:
        """Noon of the day and the line's number in milliseconds, so that a day keeps the order of the file."""
        text = row.cells["date"].strip()
        try:
            day = date.fromisoformat(text[:10] if text[10:11] in {"T", " "} else text)
        except ValueError:
            raise Refused(f"the date {_shown(text)} is no day like 2024-05-31") from None
        if day > clock.day(self._now, self._zone):
            raise Refused(f"the date {_shown(text)} lies in the future")
        if day.year < EPOCH.year:
            raise Refused(f"the date {_shown(text)} lies before {EPOCH.year}")
        at = at_noon(day, self._zone) + timedelta(milliseconds=row.line)
        return min(max(at, EPOCH), self._now)


def rating_of(text: str) -> int | None:
    """The rating that a number or a word stands for; None for no answer. Raises Refused."""
    word = " ".join(text.replace("’", "'").split()).casefold()
    if word in NO_RATING:
        return None
    if word in RATINGS:
        return RATINGS[word]
    if word in {"1", "2", "3", "4", "5"}:
        return int(word)
    raise Refused(f"unknown rating {_shown(text)}; write 1 to 5, or a word from Very good to Very poor")


def answered(asked: Asked, cells: Mapping[str, str]) -> Given:
    """What a row answers of a survey: a column by the code of each question, the answer by its code or its words.

    Raises Refused.
    """
    values = {f"a_{one.code}": _answer(one, cells.get(one.code, "")) for one in asked.design.questions}
    found = answering.read(asked.design, lambda name: values.get(name, ""), demand=False)
    for name in found.problems:
        code = name.removeprefix("a_")
        raise Refused(f"{_shown(cells.get(code, ''))} is no answer to {code}")
    if not found.answers:
        raise Refused("answers no question of the survey")
    return asked.given(found.answers)


def _answer(question: Question, text: str) -> str:
    """The code of an answer that is written in words; a text that is none stays as it is."""
    word = " ".join(text.replace("’", "'").split()).casefold()
    if question.type == "fft":
        return FFT.get(word, word.replace(" ", "_"))
    if question.type in ("line", "words"):
        return text.strip()
    own = (option.code for option in question.options if word in {said.casefold() for said in option.text.values()})
    return next(own, text.strip())


def _kind(text: str, rating: int | None, message: str) -> str:
    kind = text.strip().casefold()
    if kind and kind not in set(Kind):
        raise Refused(f"unknown kind {_shown(text)}; write compliment, complaint or suggestion")
    if not kind and rating is not None and rating != 3:
        kind = Kind.COMPLIMENT if rating > 3 else Kind.COMPLAINT
    if kind == Kind.COMPLAINT and not message.strip():
        raise Refused("a complaint without words")
    return kind or Kind.SUGGESTION


def _message(text: str) -> str:
    if len(text) > MOST_CHARACTERS:
        raise Refused(f"the message has {len(text):,} characters; {MOST_CHARACTERS:,} are the most")
    return text


def _language(text: str) -> str:
    tag = text.strip().replace("_", "-")
    if tag and not LANGUAGE.fullmatch(tag):
        raise Refused(f"unknown language {_shown(text)}; write a tag like en or pt-BR")
    return tag


def _topics(text: str) -> tuple[str, ...]:
    topics = (" ".join(part.split()) for part in text.split(";"))
    return tuple(dict.fromkeys(_short("topic", topic, LONGEST_NAME) for topic in topics if topic))


def _name(row: Row, column: str, longest: int) -> str:
    return _short(column, " ".join(row.cells.get(column, "").split()), longest)


def _short(column: str, text: str, longest: int) -> str:
    if len(text) > longest:
        raise Refused(f"the {column} has {len(text)} characters; {longest} are the most")
    return text


def _shown(text: str) -> str:
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "…")
