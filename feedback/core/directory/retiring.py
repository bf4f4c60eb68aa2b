"""Taking people, departments, places and topics out of use, with their printed codes, and bringing them back."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from feedback.core import audit
from feedback.core.directory.checks import NotTaken, Problem, meant_wrongly
from feedback.core.directory.record import Thing, noun_of, values_of
from feedback.core.links import Link
from feedback.core.people import Department, Person, Place, Topic

COUNTED = 1001


class Codes(StrEnum):
    """What becomes of the printed codes of what is retired."""

    LEAD_ON = "lead_on"  # a person's to their department, others' to what is above or around them
    RETIRE = "retire"


# What keeps an entry in use, by noun: the name of its count, and the column that points at the entry.
HOLDS: dict[str, tuple[tuple[str, InstrumentedAttribute[int] | InstrumentedAttribute[int | None]], ...]] = {
    "person": (),
    "department": (
        ("people", Person.department_id),
        ("teams", Department.parent_id),
        ("topics", Topic.department_id),
        ("places", Place.department_id),
    ),
    "place": (("spots", Place.parent_id),),
    "topic": (),
}


def hanging_on(session: Session, thing: Thing) -> dict[str, int]:
    """How many in use hang on it, by what they are; only what is not nought, and COUNTED for more than that."""
    counts = {name: _count(session, column, thing.id) for name, column in HOLDS[noun_of(thing).name]}
    return {name: n for name, n in counts.items() if n}


def codes_of(session: Session, thing: Thing) -> Sequence[Link]:
    """The links in use that point at it."""
    column = getattr(Link, f"{noun_of(thing).name}_id", None)
    if column is None or isinstance(thing, Topic):
        return ()
    return session.scalars(select(Link).where(column == thing.id, Link.retired_at.is_(None)).order_by(Link.id)).all()


def successors(session: Session, thing: Thing, *, most: int = 50) -> Sequence[Link]:
    """Links that could stand in for those of `thing`: of its department and colleagues, or of what is above it."""
    near: ColumnElement[bool]
    in_use = select(Link).where(Link.retired_at.is_(None)).order_by(Link.id).limit(most)
    if isinstance(thing, Person):
        beside = select(Person.id).where(
            Person.department_id == thing.department_id, Person.id != thing.id, Person.retired_at.is_(None)
        )
        near = (Link.department_id == thing.department_id) | Link.person_id.in_(beside)
    elif isinstance(thing, Department):
        near = Link.department_id == (thing.parent_id or 0)
    elif isinstance(thing, Place):
        near = Link.place_id == (thing.parent_id or 0)
    else:
        return ()
    return session.scalars(in_use.where(near)).all()


def can_lead_on(thing: Thing) -> bool:
    """Whether there is anything that its codes could lead to without it."""
    return isinstance(thing, Person) or (not isinstance(thing, Topic) and thing.parent_id is not None)


def retire(
    session: Session,
    thing: Thing,
    codes: Codes | None,
    successor: Link | None,
    *,
    by_id: int | None,
    at: datetime,
) -> None:
    """Take `thing` out of use; its codes lead on, or are retired with a `successor` that is told instead of them.

    The caller holds the directory. Raises NotTaken where something hangs on it, or nothing is said about its codes.
    """
    if thing.retired_at is not None:
        return
    if isinstance(thing, Person) and thing.id == by_id:
        raise NotTaken([Problem("retirement", "oneself")])
    if isinstance(thing, Department) and thing.parent_id is None:
        raise NotTaken([Problem("retirement", "top_stays", {"name": thing.name})])
    if hanging_on(session, thing):
        raise NotTaken([Problem("retirement", "still_used", {"name": thing.name})])
    links = codes_of(session, thing)
    if links and (codes is None or (codes == Codes.LEAD_ON and not can_lead_on(thing))):
        raise NotTaken([Problem("codes", "codes_unsaid")])
    if successor is not None and successor.retired_at is not None:
        raise NotTaken([Problem("successor", "code_retired")])
    for link in links:
        _settle(link, thing, codes, successor, at)
    thing.retired_at = at
    act = "retired" if not links else f"retired_codes_{codes}"
    audit.note(session, noun_of(thing).name, thing.id, act, at, by_id=by_id, details={"name": thing.name})


def bring_back(session: Session, thing: Thing, *, by_id: int | None, at: datetime) -> None:
    """Put `thing` back into use; codes that were retired or lead elsewhere stay so. Raises NotTaken."""
    if thing.retired_at is None:
        return
    noun = noun_of(thing)
    values = values_of(session, thing) | dict.fromkeys(noun.sets, frozenset[int]())
    # As if it were new: what is above it may be retired by now, or its name taken.
    problems = meant_wrongly(session, noun, thing.id, values, None)
    if problems:
        raise NotTaken([Problem("return", problem.name, problem.details) for problem in problems])
    thing.retired_at = None
    audit.note(session, noun.name, thing.id, "returned", at, by_id=by_id, details={"name": thing.name})


def _settle(link: Link, thing: Thing, codes: Codes | None, successor: Link | None, at: datetime) -> None:
    if codes == Codes.RETIRE:
        link.retired_at = at
        link.successor_id = successor.id if successor else None
    elif isinstance(thing, Department):
        link.department_id = thing.parent_id
    elif isinstance(thing, Place):
        link.place_id = thing.parent_id
    # A person's code leads to their department by itself while they are retired, and to them when they come back.


def _count(session: Session, column: InstrumentedAttribute[int] | InstrumentedAttribute[int | None], id: int) -> int:
    table = column.class_
    some = select(table.id).where(column == id, table.retired_at.is_(None)).limit(COUNTED).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0
