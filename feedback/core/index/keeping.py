"""Writing the index: what is said about a case anew, and forgetting one for good."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, select, text

from feedback.core.index.days import day_marks
from feedback.core.index.model import MARK, Word, is_sqlite
from feedback.db import table_of, upsert

_WORD = table_of(Word)
# FTS5 is told to take its own words out of the pages (secure-delete), which needs them deleted rather than replaced.
_SQLITE_OUT = text("delete from case_words where rowid = :id")
_SQLITE_IN = text("insert into case_words (rowid, words) values (:id, :words)")
_SQLITE_HELD = text("select words from case_words where rowid = :id")
_SQLITE_ANY = text("select 1 from case_words where case_words match :word limit 1")
_POSTGRES_OUT = text("delete from case_words where case_id = any(:ids)")
_POSTGRES_IN = text("insert into case_words (case_id, words) values (:id, array_to_tsvector(:words))")
_POSTGRES_HELD = text("select array_to_string(tsvector_to_array(words), ' ') from case_words where case_id = :id")
_POSTGRES_ANY = text("select 1 from case_words where words @@ cast(:word as tsquery) limit 1")


@dataclass(frozen=True, slots=True)
class Entry:
    """All words of one case, and its marks."""

    case_id: int
    words: frozenset[str]
    marks: frozenset[str]


def put(connection: Connection, entries: Sequence[Entry], *, learn: bool = True) -> None:
    """Let the index say `entries` of their cases, and nothing else any longer.

    Without `learn` the caller sees to the words that were not known.
    """
    if not entries:
        return
    _take_out(connection, [entry.case_id for entry in entries])
    if is_sqlite(connection.dialect):
        rows = [{"id": entry.case_id, "words": " ".join(sorted(entry.words | entry.marks))} for entry in entries]
        connection.execute(_SQLITE_IN, rows)
    else:
        connection.execute(
            _POSTGRES_IN,
            [
                {"id": entry.case_id, "words": sorted(entry.words | entry.marks | day_marks(entry.case_id))}
                for entry in entries
            ],
        )
    if learn:
        _learn(connection, frozenset().union(*(entry.words for entry in entries)))


def drop(connection: Connection, case_ids: Collection[int]) -> None:
    """Forget those cases, and each word that no other case holds."""
    on_sqlite = is_sqlite(connection.dialect)
    held: set[str] = set()
    for case_id in case_ids:
        said = connection.scalar(_SQLITE_HELD if on_sqlite else _POSTGRES_HELD, {"id": case_id})
        held |= {word for word in (said or "").split() if not word.startswith(MARK)}
    _take_out(connection, case_ids)
    still_held = _SQLITE_ANY if on_sqlite else _POSTGRES_ANY
    quote = '"' if on_sqlite else "'"
    gone = [word for word in held if connection.scalar(still_held, {"word": f"{quote}{word}{quote}"}) is None]
    if gone:
        connection.execute(delete(_WORD).where(_WORD.c.word == bindparam("gone")), [{"gone": word} for word in gone])


def _take_out(connection: Connection, case_ids: Collection[int]) -> None:
    if is_sqlite(connection.dialect):
        connection.execute(_SQLITE_OUT, [{"id": case_id} for case_id in case_ids])
    else:
        connection.execute(_POSTGRES_OUT, {"ids": list(case_ids)})


def _learn(connection: Connection, words: frozenset[str]) -> None:
    """Note the words that were not known; in one order, so that two who learn at once do not wait for each other."""
    ordered = sorted(words)
    known: set[str] = set()
    for start in range(0, len(ordered), 500):
        known |= set(connection.scalars(select(_WORD.c.word).where(_WORD.c.word.in_(ordered[start : start + 500]))))
    if fresh := [{"word": word} for word in ordered if word not in known]:
        connection.execute(upsert(connection.dialect.name, _WORD).on_conflict_do_nothing(), fresh)
