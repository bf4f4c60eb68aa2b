"""What printed codes say beside the code: the wording of each language, shipped or the organisation's own."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback.db import Base

LINES = ("call", "why")
MOST_LANGUAGES = 3  # of one piece of print: more and nobody reads any


class Wording(Base):
    """The organisation's own words for one line of print in one language; without a row the shipped ones hold."""

    __tablename__ = "wording"

    language: Mapped[str] = mapped_column(String(35), primary_key=True)
    line: Mapped[str] = mapped_column(String(40), primary_key=True)
    text: Mapped[str] = mapped_column(String(200))


@dataclass(frozen=True, slots=True)
class Words:
    """All that print says in one language: the call, and in one line what happens with the words."""

    language: str
    call: str
    why: str


@cache
def shipped() -> dict[str, Words]:
    """The words that come with the program, by language."""
    read = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
    return {language: Words(language, **lines) for language, lines in read.items()}


def words(session: Session, languages: list[str]) -> list[Words]:
    """The words of those languages, the organisation's own before the shipped; unknown languages are left out."""
    own = {
        (row.language, row.line): row.text
        for row in session.scalars(select(Wording).where(Wording.language.in_(languages)))
    }
    return [
        Words(language, **{line: own.get((language, line), getattr(shipped()[language], line)) for line in LINES})
        for language in languages
        if language in shipped()
    ]
