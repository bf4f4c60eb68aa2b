"""A plan becomes rows, all in one transaction and with few statements, however many they are."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, tuple_, update
from sqlalchemy.orm import Session

from feedback.core import audit, organisation
from feedback.core.audit import Entry
from feedback.core.directory import NotTaken, Noun, hold
from feedback.core.directory.record import SETS, Label, Values, label_from, steps
from feedback.core.imports.lists.plan import Plan, Planned, Tell, plan
from feedback.core.imports.lists.sheet import Sheet
from feedback.db import Store, new_id, table_of

BATCH = 5000


class Changed(Exception):
    """The file would no longer do what was shown; nothing was kept, and `plan` is what it would do now."""

    def __init__(self, plan: Plan) -> None:
        super().__init__("the directory has changed")
        self.plan = plan


def take(
    store: Store,
    noun: Noun,
    sheet: Sheet,
    *,
    by_id: int | None,
    at: datetime,
    shown: str | None = None,
    tell: Tell = lambda rows: None,
) -> Plan:
    """Keep a whole file where nothing is wrong with it; what was done, or would be. Raises Changed, StoreError.

    Planned before the store is held, so that customers do not wait behind it, and once more only where the
    organisation changed meanwhile. `shown` is the digest of the plan that was agreed to; `tell` hears how many rows are
    understood.
    """
    with store.read() as session:
        version, made = _version(session), plan(session, noun, sheet, at, tell)
    with store.write() as session:
        hold(session)
        if _version(session) != version:
            made = plan(session, noun, sheet, at)
        if shown is not None and shown != made.digest:
            raise Changed(made)
        if not made.problems:
            keep(session, made, by_id=by_id, at=at)
    return made


def _version(session: Session) -> int:
    known = organisation.the_organisation(session)
    return known.version if known else 0


def keep(session: Session, what: Plan, *, by_id: int | None, at: datetime) -> None:
    """Write what `what` says; it was made in the same transaction. Raises NotTaken where it has problems."""
    if what.problems:
        raise NotTaken([problem for _, problem in what.problems])
    new, changed = what.new, what.changed
    if not new and not changed:
        return
    notes = list(_notes(what, label_from(session, what.noun), by_id, at))
    table = table_of(what.noun.table)
    for batch in _batches([_row(planned) for planned in _parents_first(new)]):
        session.execute(insert(table), batch)
    if changed:
        names = what.noun.columns
        columns: dict[str, Any] = {name: bindparam(f"to_{name}") for name in names}
        values: list[dict[str, Any]] = [{"of": p.id} | {f"to_{name}": p.after[name] for name in names} for p in changed]
        session.connection().execute(update(table).where(table.c.id == bindparam("of")).values(columns), values)
    for name in what.noun.sets:
        _put_sets(session, name, new + changed)
    for batch in _batches(notes):
        session.execute(insert(Entry), batch)
    told = {"new": str(len(new)), "changed": str(len(changed))}
    audit.note(session, what.noun.name, None, "imported", at, by_id=by_id, details=told)
    organisation.changed(session)


def _notes(what: Plan, label: Label, by_id: int | None, at: datetime) -> Iterator[dict[str, Any]]:
    """What is told of each entry that was there before; of the new ones the import itself tells."""
    known: dict[tuple[str, object], str] = {}

    def once(field: str, value: Any) -> str:
        if (field, value) not in known:
            known[field, value] = label(field, value)
        return known[field, value]

    for planned in what.changed:
        for act, details in steps(what.noun, planned.before or {}, planned.after, once):
            yield {
                "id": new_id(at), "at": at, "by_id": by_id, "noun": what.noun.name, "noun_id": planned.id,
                "act": act, "details": details,
            }  # fmt: skip


def _parents_first(rows: list[Planned]) -> list[Planned]:
    """In an order in which nothing comes before what it lies below."""
    levels: dict[int, int] = {}
    parents = {planned.id: planned.after.get("parent_id") for planned in rows}
    for id in parents:
        above, level = parents[id], 0
        while isinstance(above, int) and above in parents:
            above, level = parents[above], level + 1
        levels[id] = level
    return sorted(rows, key=lambda planned: levels[planned.id])


def _row(planned: Planned) -> dict[str, Any]:
    return {"id": planned.id} | {name: value for name, value in planned.after.items() if name not in SETS}


def _put_sets(session: Session, name: str, rows: list[Planned]) -> None:
    table, owner, member, _ = SETS[name]
    gone, come = [], []
    for planned in rows:
        before, after = _ids(planned.before, name), _ids(planned.after, name)
        gone += [(planned.id, one) for one in before - after]
        come += [{owner: planned.id, member: one} for one in after - before]
    for pairs in _batches(gone):
        session.execute(delete(table).where(tuple_(getattr(table, owner), getattr(table, member)).in_(pairs)))
    for batch in _batches(come):
        session.execute(insert(table), batch)


def _ids(values: Values | None, name: str) -> frozenset[int]:
    found = (values or {}).get(name)
    return found if isinstance(found, frozenset) else frozenset()


def _batches(rows: list[Any]) -> Iterator[list[Any]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))
