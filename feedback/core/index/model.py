"""The tables of the index. Two of them are no models, because each store has its own kind of index for words.

`case_words` is a virtual table of FTS5 on SQLite, and a table with a tsvector under GIN on PostgreSQL. A row holds the
words of one case, and marks: what a list is narrowed by, written as words that no text can hold.
"""

from sqlalchemy import Dialect, String
from sqlalchemy.orm import Mapped, mapped_column

from feedback.core.index.folding import LONGEST
from feedback.db import Base

# What the schema has beside the models; the last four are FTS5's own.
BESIDE_THE_MODELS = frozenset({"case_words", *(f"case_words_{part}" for part in ("data", "idx", "content", "config"))})
MARK = "_"  # a text's words have none


class Word(Base):
    """A word that some case holds, so that the beginning of a word can be completed."""

    __tablename__ = "word"

    word: Mapped[str] = mapped_column(
        String(LONGEST).with_variant(String(LONGEST, collation="C"), "postgresql"), primary_key=True
    )


def mark(name: str, value: object) -> str:
    """The mark of one value by which lists are narrowed."""
    return f"{MARK}{name}{value}"


def is_sqlite(dialect: Dialect) -> bool:
    """Whether the index is FTS5's."""
    return dialect.name == "sqlite"
