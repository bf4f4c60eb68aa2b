"""Cases by the words in them: from the index, and those it does not hold yet by their text."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback.core import index
from feedback.core.access import Viewer
from feedback.core.cases.filters import By, Filters
from feedback.core.cases.indexing import texts_of
from feedback.core.cases.model import Case
from feedback.core.cases.reach import visible_to
from feedback.core.index import Asked

STEP = 500  # unindexed cases read at a time
# Unindexed cases that one search reads, the newest: seconds of writing. More wait only after an upgrade, until the
# worker is through with what was there before.
MOST_UNINDEXED = 5_000
SPARE = 10  # found beyond what is asked for, as some may have changed since they were indexed
AT_ONCE = 500  # cases looked up in one statement


def newest(session: Session, viewer: Viewer, filters: Filters, *, before: int | None, most: int) -> list[int]:
    """Up to `most` visible cases that fit and hold all words of `filters.q`, newest first, older than `before`."""
    wanted = index.asked(filters.q)
    if not wanted:
        return []
    found = set(_unindexed(session, viewer, filters, wanted, before, most))
    found |= set(_indexed(session, viewer, filters, wanted, before, most))
    return sorted(found, reverse=True)[:most]


def _indexed(
    session: Session, viewer: Viewer, filters: Filters, wanted: Asked, before: int | None, most: int
) -> list[int]:
    """From the index, which knows marks of what the viewer may see; whether they may is asked of the cases."""
    marks = [*filters.marks(), *_reach(viewer)]
    found: list[int] = []
    while len(found) < most:
        asked_for = most - len(found) + SPARE
        ids = index.find(session, wanted, marks, before=before, most=asked_for)
        found += _fitting(session, viewer, filters, ids)
        if len(ids) < asked_for:
            break
        before = ids[-1]
    return found


def _unindexed(
    session: Session, viewer: Viewer, filters: Filters, wanted: Asked, before: int | None, most: int
) -> list[int]:
    found: list[int] = []
    waiting = select(Case.id).where(~Case.is_indexed).order_by(Case.id.desc()).limit(STEP)
    for _ in range(MOST_UNINDEXED // STEP):
        ids = session.scalars(waiting if before is None else waiting.where(Case.id < before)).all()
        texts = texts_of(session, _fitting(session, viewer, filters, ids))
        found += [
            id for id, said in texts.items() if index.holds({w for text in said for w in index.folded(text)}, wanted)
        ]
        if len(ids) < STEP or len(found) >= most:
            break
        before = ids[-1]
    return found


def _fitting(session: Session, viewer: Viewer, filters: Filters, ids: Iterable[int]) -> list[int]:
    """Those of the cases that the viewer may see and that fit now, in the order given."""
    wanted, kept = list(ids), set[int]()
    conditions = filters.conditions(session.get_bind().dialect, By.DATE)
    for start in range(0, len(wanted), AT_ONCE):
        some = visible_to(viewer).where(Case.id.in_(wanted[start : start + AT_ONCE]), *conditions)
        kept |= set(session.scalars(some.with_only_columns(Case.id)))
    return [id for id in wanted if id in kept]


def _reach(viewer: Viewer) -> list[list[str]]:
    """Marks of which each case has one that the viewer may see."""
    if viewer.sees_everything:
        return []
    departments = [index.mark("reads", department_id) for department_id in sorted(viewer.managed)]
    return [[*departments, index.mark("handler", viewer.person_id)]]
