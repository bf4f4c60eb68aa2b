"""The list of links: searched, narrowed and paged, always from what the viewer may see."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from feedback import crockford
from feedback.core.access import Viewer, departments_below_managed
from feedback.core.links import CODE_LENGTH, Link, visible_to
from feedback.core.people import Department, Person, Place, places_run_by

LIVE, RETIRED = "live", "retired"
STATES = (LIVE, RETIRED)
POINTED_AT = {"person": Link.person_id, "department": Link.department_id, "place": Link.place_id}


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows the list; nothing of it widens what a viewer may see."""

    q: str = ""
    points_at: str | None = None
    department_id: int | None = None  # with all below it
    state: str | None = None


EVERYTHING = Filters()


def page(
    session: Session, viewer: Viewer, filters: Filters = EVERYTHING, *, after: int | None, size: int
) -> Sequence[Link]:
    """Up to `size` links that fit, newest first, older than the link `after`."""
    statement = narrowed(session, visible_to(viewer), filters).order_by(Link.id.desc()).limit(size)
    return session.scalars(statement.where(Link.id < after) if after else statement).all()


def printable(
    session: Session, viewer: Viewer, ids: Collection[int] | None, *, q: str = "", most: int
) -> Sequence[Link]:
    """Up to `most` links in use, newest first: those of `ids`, else all that fit `q`."""
    statement = narrowed(session, visible_to(viewer), Filters(q="" if ids else q, state=LIVE))
    statement = statement.order_by(Link.id.desc()).limit(most)
    return session.scalars(statement if ids is None else statement.where(Link.id.in_(list(ids)))).all()


def count(session: Session, viewer: Viewer, filters: Filters = EVERYTHING, *, most: int) -> int:
    """How many links fit, counted up to `most`."""
    fitting = narrowed(session, visible_to(viewer), filters).with_only_columns(Link.id).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(fitting)) or 0


def narrowed(session: Session, statement: Select[Link], filters: Filters) -> Select[Link]:
    """`statement` with only those links that fit."""
    if filters.points_at:
        statement = statement.where(POINTED_AT[filters.points_at].is_not(None))
    if filters.state:
        statement = statement.where(
            Link.retired_at.is_(None) if filters.state == LIVE else Link.retired_at.is_not(None)
        )
    if filters.department_id:
        statement = statement.where(_of(departments_below_managed(session, [filters.department_id])))
    return statement.where(_found(filters.q)) if filters.q else statement


def holds(column: InstrumentedAttribute[str], words: str) -> ColumnElement[bool]:
    """Whether the text has `words` somewhere in it, in any case."""
    return func.lower(column).contains(words.lower(), autoescape=True)


def _of(departments: frozenset[int]) -> ColumnElement[bool]:
    people = select(Person.id).where(Person.department_id.in_(departments))
    places = select(places_run_by(departments, "wanted_places").c.id)
    return or_(Link.department_id.in_(departments), Link.person_id.in_(people), Link.place_id.in_(places))


def _found(q: str) -> ColumnElement[bool]:
    """What stands in the name of the target, or begins the code; an address is found by the code at its end."""
    fitting = [
        Link.person_id.in_(select(Person.id).where(or_(holds(Person.name, q), holds(Person.public_name, q)))),
        Link.department_id.in_(select(Department.id).where(holds(Department.name, q))),
        Link.place_id.in_(select(Place.id).where(holds(Place.name, q))),
    ]
    code = crockford.beginning(q.rpartition("/")[2], CODE_LENGTH)
    return or_(*fitting, Link.code.startswith(code)) if code else or_(*fitting)
