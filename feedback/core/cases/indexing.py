"""What the index holds of each case, and bringing it there after the fact.

A submission only notes that its case is not in the index yet. Writing the words there in the same transaction would
cost a tree of words for each complaint, while in batches it costs a tenth, and nobody waits; until then the case is
searched by its text (searching.py).
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, event, inspect, select, update
from sqlalchemy.orm import Mapper, Session

from feedback.core import index
from feedback.core.cases.model import Case, Closure, Status
from feedback.core.history import Event
from feedback.core.index import Entry
from feedback.core.routing import Purpose, RouteRow
from feedback.core.submissions import Submission
from feedback.db import table_of

BATCH = 100  # cases a transaction: customers wait behind one for some hundredths of a second
MARKED = ("department_id", "handler_id", "status", "severity")


def is_any_unindexed(session: Session) -> bool:
    """Whether some case is not in the index as it is now."""
    return session.scalar(select(Case.id).where(~Case.is_indexed).limit(1)) is not None


def index_some(session: Session, *, most: int = BATCH) -> int:
    """Bring up to `most` cases into the index, the newest first; how many that were.

    Each is held meanwhile: whoever adds a word to it waits, and notes afterwards that it is to be done again.
    """
    waiting = select(Case.id).where(~Case.is_indexed).order_by(Case.id.desc()).limit(most)
    ids = session.scalars(waiting.with_for_update(skip_locked=True)).all()
    if ids:
        index.put(session.connection(), entries_of(session, ids))
        session.execute(
            update(Case).where(Case.id.in_(ids)).values(is_indexed=True),
            execution_options={"synchronize_session": False},
        )
    return len(ids)


def entries_of(session: Session, case_ids: Sequence[int]) -> list[Entry]:
    """All that is to be found of those cases: what the customer and the staff wrote, and what lists are narrowed by.

    Internal notes too: whoever sees a case in their list reads its timeline with the notes in it.
    """
    said = texts_of(session, case_ids)
    informed: dict[int, set[int | None]] = defaultdict(set)
    for case_id, department_id in session.execute(
        select(RouteRow.submission_id, RouteRow.department_id).where(
            RouteRow.submission_id.in_(case_ids), RouteRow.purpose == Purpose.INFORMS
        )
    ):
        informed[case_id].add(department_id)
    columns = select(
        Case.id, Case.kind, Case.place_id, Case.department_id, Case.handler_id, Case.status, Case.severity
    ).where(Case.id.in_(case_ids))
    return [
        Entry(
            row.id,
            frozenset(word for text in said[row.id] for word in index.folded(text)),
            frozenset(_marks(row, informed[row.id])),
        )
        for row in session.execute(columns)
    ]


def texts_of(session: Session, case_ids: Sequence[int]) -> dict[int, list[str]]:
    """Everything that was written about each of those cases, by whomever."""
    found: dict[int, list[str]] = defaultdict(list)
    for case_id, message, note in session.execute(
        select(Submission.id, Submission.message, Submission.person_note).where(Submission.id.in_(case_ids))
    ):
        found[case_id] += [message, note]
    later = select(Event.submission_id, Event.text).where(Event.submission_id.in_(case_ids), Event.text != "")
    closing = select(Closure.case_id, Closure.note).where(Closure.case_id.in_(case_ids), Closure.note != "")
    for statement in (later, closing):
        for case_id, text in session.execute(statement):
            found[case_id].append(text)
    return found


def _marks(row: Any, informed: set[int | None]) -> list[str]:
    named = {
        "kind": row.kind,
        "place": row.place_id,
        "department": row.department_id,
        "handler": row.handler_id,
        "severity": row.severity,
        "status": row.status,
    }
    marks = [index.mark(name, value) for name, value in named.items() if value is not None]
    marks += [index.mark("reads", department_id) for department_id in {*informed, row.department_id} - {None}]
    return marks if row.status == Status.CLOSED else [*marks, index.mark("open", "")]


@event.listens_for(Case, "before_update")
def _marks_change(mapper: Mapper[Case], connection: Connection, case: Case) -> None:
    """What was changed on the object itself is noted as well."""
    state = inspect(case)
    if any(state.attrs[name].history.has_changes() for name in MARKED):
        case.is_indexed = False


@event.listens_for(Event, "after_insert")
def _words_come(mapper: Mapper[Event], connection: Connection, added: Event) -> None:
    """Whatever is said about a case is to be found, whoever writes it; of what is no case this changes nothing."""
    if added.text:
        table = table_of(Case)
        connection.execute(update(table).where(table.c.id == added.submission_id).values(is_indexed=False))


@event.listens_for(Closure, "after_insert")
def _closing_words_come(mapper: Mapper[Closure], connection: Connection, added: Closure) -> None:
    if added.note:
        table = table_of(Case)
        connection.execute(update(table).where(table.c.id == added.case_id).values(is_indexed=False))
