"""Making, changing and deleting entries of the directory, each with its note of who did it."""

from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback.core import audit, organisation
from feedback.core.directory.checks import ChangedMeanwhile, NotTaken, Problem, meant_wrongly, tidied
from feedback.core.directory.record import (
    SETS,
    Noun,
    Thing,
    Values,
    label_from,
    mark,
    noun_of,
    put,
    put_set,
    steps,
    values_of,
)
from feedback.db import Taken, new_id


def hold(session: Session) -> None:
    """Let no other change of the directory come between looking and writing; of two at once the second waits here."""
    organisation.touch(session.connection())


def one(session: Session, noun: Noun, id: int) -> Thing | None:
    """The entry of that id, in use or retired."""
    return cast(Thing | None, session.get(noun.table, id))


def make(session: Session, noun: Noun, given: Values, *, by_id: int | None, at: datetime) -> Thing:
    """A new entry; fields that are not given are empty. Raises NotTaken."""
    hold(session)
    empty: Values = {name: frozenset() if name in noun.sets else None for name in noun.fields}
    values, problems = tidied(noun, empty | given)
    problems = problems or meant_wrongly(session, noun, None, values, None)
    if problems:
        raise NotTaken(problems)
    if noun.name == "person":
        values["is_shown_on_forms"] = bool(values["is_shown_on_forms"])
    thing: Thing = noun.table(id=new_id(at), **{column: values[column] for column in noun.columns})
    session.add(thing)
    session.flush()
    for name in noun.sets:
        members = values[name]
        put_set(session, name, thing.id, (), members if isinstance(members, frozenset) else ())
    audit.note(session, noun.name, thing.id, "made", at, by_id=by_id, details={"name": thing.name})
    return thing


def change(session: Session, thing: Thing, given: Values, *, shown: str, by_id: int | None, at: datetime) -> bool:
    """Let `thing` be as given, where it still is as it was `shown`; whether that changes anything.

    The caller holds the directory (see hold) since before it looked the thing up. Raises NotTaken, ChangedMeanwhile.
    """
    noun, before = noun_of(thing), values_of(session, thing)
    if shown != mark(before):
        raise ChangedMeanwhile
    values, problems = tidied(noun, before | given)
    problems = problems or meant_wrongly(session, noun, thing.id, values, before)
    if problems:
        raise NotTaken(problems)
    done = list(steps(noun, before, values, label_from(session, noun)))
    if not done:
        return False
    put(session, thing, before, values)
    if any(before[name] != values[name] for name in noun.sets):
        organisation.changed(session)  # sets are written past the objects that would tell it
    for act, details in done:
        audit.note(session, noun.name, thing.id, act, at, by_id=by_id, details=details)
    return True


def delete(session: Session, thing: Thing, *, by_id: int | None, at: datetime) -> None:
    """Remove what never had any history. Raises NotTaken where something refers to it."""
    noun, name, id = noun_of(thing), thing.name, thing.id
    try:
        with session.begin_nested():
            for table, owner, _, _ in SETS.values():
                if owner == f"{noun.name}_id":
                    for row in session.scalars(select(table).where(getattr(table, owner) == id)):
                        session.delete(row)
            session.flush()
            session.delete(thing)
            session.flush()
    except Taken as error:
        raise NotTaken([Problem("deletion", "has_history", {"name": name})]) from error
    audit.note(session, noun.name, id, "deleted", at, by_id=by_id, details={"name": name})
