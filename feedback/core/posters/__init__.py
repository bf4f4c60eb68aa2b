"""What printed codes say beside the code: the wording of each language, shipped or the organisation's own."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback.core import audit
from feedback.core.organisation import touch
from feedback.db import Base

LONGEST = {"call": 80, "hint": 100, "why": 160}  # of each line, in the order of print; more would be small type
MOST_LANGUAGES = 3
FILE = Path(__file__).with_name("words.toml")


class Wording(Base):
    """The organisation's own words for one line of print in one language; without a row the shipped ones hold."""

    __tablename__ = "wording"

    language: Mapped[str] = mapped_column(String(35), primary_key=True)
    line: Mapped[str] = mapped_column(String(40), primary_key=True)
    text: Mapped[str] = mapped_column(String(200))


class TooLong(ValueError):
    """A line has more signs than can be printed large enough to read."""


class UnknownLanguage(ValueError):
    """No wording is shipped in that language."""


@dataclass(frozen=True, slots=True)
class Words:
    """What one printed code says in one language."""

    language: str
    call: str
    hint: str
    why: str


@lru_cache(maxsize=1)
def shipped() -> Mapping[str, Words]:
    """The shipped wording by language."""
    lines = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {language: Words(language, **found) for language, found in lines.items()}


def words(session: Session, languages: Sequence[str]) -> list[Words]:
    """The wording of each language, the organisation's own before the shipped; unknown languages are left out."""
    own = {(row.language, row.line): row.text for row in _own(session, languages)}
    return [
        Words(language, **{line: own.get((language, line)) or getattr(shipped()[language], line) for line in LONGEST})
        for language in languages
        if language in shipped()
    ]


def own_lines(session: Session, language: str) -> frozenset[str]:
    """The lines of a language that the organisation words itself."""
    return frozenset(row.line for row in _own(session, [language]))


def reword(session: Session, language: str, lines: Mapping[str, str], at: datetime, *, by_id: int | None) -> bool:
    """Whether anything changed; an empty line, or one that says what is shipped, goes back to the shipped words.

    Raises UnknownLanguage, and TooLong naming the first line that is.
    """
    _known(language)
    tidy = {line: " ".join(lines.get(line, "").split()) for line in LONGEST}
    for line, text in tidy.items():
        if len(text) > LONGEST[line]:
            raise TooLong(line)
    touch(session.connection())  # of two at once the second waits here, and sees the first
    wanted = {line: text for line, text in tidy.items() if text and text != getattr(shipped()[language], line)}
    if wanted == {row.line: row.text for row in _own(session, [language])}:
        return False
    _forget(session, language)
    session.add_all([Wording(language=language, line=line, text=text) for line, text in wanted.items()])
    audit.note(session, "wording", None, "reworded", at, by_id=by_id, details={"language": language})
    return True


def reset(session: Session, language: str, at: datetime, *, by_id: int | None) -> bool:
    """Go back to the shipped words of a language; whether there were any others. Raises UnknownLanguage."""
    _known(language)
    if not _own(session, [language]):
        return False
    _forget(session, language)
    audit.note(session, "wording", None, "reset", at, by_id=by_id, details={"language": language})
    return True


def _known(language: str) -> None:
    if language not in shipped():
        raise UnknownLanguage(language)


def _own(session: Session, languages: Sequence[str]) -> Sequence[Wording]:
    return session.scalars(select(Wording).where(Wording.language.in_(languages))).all()


def _forget(session: Session, language: str) -> None:
    session.execute(delete(Wording).where(Wording.language == language))
    session.expire_all()
