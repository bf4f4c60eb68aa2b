"""Reading the index: the newest cases that hold all words and marks asked for."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select, text
from sqlalchemy.orm import Session

from feedback.core.index.days import spans
from feedback.core.index.folding import Asked
from feedback.core.index.model import Word, is_sqlite

MOST_ENDINGS = 128  # words that a beginning is completed to
SHORT = 2  # letters of a beginning that nearly every case holds, where it has more endings than that
LARGEST = 2**63 - 1
_LAST = "\U0010ffff"


def find(
    session: Session, wanted: Asked, marks: Iterable[Sequence[str]], *, before: int | None, most: int
) -> list[int]:
    """Up to `most` cases below `before` with all that is `wanted` and one of each group of `marks`, newest first."""
    if not wanted:
        return []
    connection = session.connection()
    groups = [[_quoted(connection, word)] for word in wanted.words]
    common: list[str] = []
    for beginning in wanted.beginnings:
        endings = _completed(session, beginning)
        if not endings:
            return []
        if len(endings) <= MOST_ENDINGS:
            groups.append(endings)
        elif len(beginning) <= SHORT and beginning.isascii():
            common.append(beginning)
        else:  # the index gathers all that begin so, which takes the longer the more there are
            groups.append([_begun(connection, beginning)])
    groups += [[_quoted(connection, word) for word in group] for group in marks]
    look = _backwards if is_sqlite(connection.dialect) else _span_by_span
    return look(connection, groups, common, LARGEST if before is None else before, most)


def _backwards(connection: Connection, groups: list[list[str]], common: list[str], before: int, most: int) -> list[int]:
    """FTS5 walks from the newest backwards, steps over what one of the words lacks, and stops at the limit."""
    conditions = ["case_words match :words"] if groups else []
    conditions += [f"instr(' ' || words, :common{number}) > 0" for number in range(len(common))]
    statement = text(
        f"select rowid from case_words where {' and '.join(conditions)} and rowid < :before"  # noqa: S608 - no words in it
        " order by rowid desc limit :most"
    )
    asked = {f"common{number}": f" {beginning}" for number, beginning in enumerate(common)}
    words = {"words": _all_of(groups, " AND ", " OR ")} if groups else {}
    return list(connection.scalars(statement, asked | words | {"before": before, "most": most}))


def _span_by_span(
    connection: Connection, groups: list[list[str]], common: list[str], before: int, most: int
) -> list[int]:
    """GIN gives all there is or nothing, so it is asked for the newest days first (days.py)."""
    newest = connection.scalar(text("select max(case_id) from case_words where case_id < :before"), {"before": before})
    if newest is None:
        return []
    # Materialised, because the planner would rather walk by date until it met a rare word; and what nearly every case
    # holds is looked at in the rows, as an index of it would be read from end to end.
    conditions = [f"words || ''::tsvector @@ cast(:common{number} as tsquery)" for number in range(len(common))]
    statement = text(
        "with hit as materialized (select case_id, words from case_words where words @@ cast(:words as tsquery))"  # noqa: S608
        f" select case_id from hit where {' and '.join(['case_id < :before', *conditions])}"
        " order by case_id desc limit :most"
    )
    asked = {f"common{number}": _begun(connection, beginning) for number, beginning in enumerate(common)}
    found: list[int] = []
    for days, below in spans(newest + 1):
        span = [[_quoted(connection, day) for day in days]]
        words = {"words": _all_of([*groups, *span], " & ", " | ")}
        found += connection.scalars(statement, asked | words | {"before": below, "most": most - len(found)})
        if len(found) >= most:
            break
    return found


def _completed(session: Session, beginning: str) -> list[str]:
    """The words known to begin so, one more than MOST_ENDINGS at most."""
    known = select(Word.word).where(Word.word >= beginning, Word.word < beginning + _LAST)
    connection = session.connection()
    return [_quoted(connection, word) for word in session.scalars(known.order_by(Word.word).limit(MOST_ENDINGS + 1))]


def _all_of(groups: Iterable[Sequence[str]], both: str, either: str) -> str:
    return both.join(group[0] if len(group) == 1 else f"({either.join(group)})" for group in groups)


def _quoted(connection: Connection, word: str) -> str:
    """A word as a string of the index's own language; folded words hold no quotes."""
    return f'"{word}"' if is_sqlite(connection.dialect) else f"'{word}'"


def _begun(connection: Connection, beginning: str) -> str:
    return (
        f"{_quoted(connection, beginning)}*" if is_sqlite(connection.dialect) else f"{_quoted(connection, beginning)}:*"
    )
