"""What a link may be pointed at: people, departments and places within the reach of who points it."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from feedback.core.access import Viewer
from feedback.core.links import Link
from feedback.core.links.shelf import holds
from feedback.core.people import Department, Person, Place, places_run_by

KINDS = ("person", "department", "place")
Thing = Person | Department | Place
TABLES: dict[str, type[Person] | type[Department] | type[Place]] = {
    "person": Person,
    "department": Department,
    "place": Place,
}


class Target(NamedTuple):
    """One thing to point at: its kind, its id, how it is called and where it belongs."""

    kind: str
    id: int
    name: str
    under: str

    @property
    def key(self) -> str:
        """How forms name it."""
        return f"{self.kind}-{self.id}"


def one(session: Session, viewer: Viewer, kind: str, target_id: int) -> Target | None:
    """That target, if it is in use and within the viewer's reach."""
    if kind not in TABLES:
        return None
    return next(iter(several(session, viewer, kind, [target_id])), None)


def several(session: Session, viewer: Viewer, kind: str, ids: Sequence[int]) -> list[Target]:
    """Those of `ids` that are in use and within the viewer's reach."""
    return listed(session, kind, within(viewer, kind).where(TABLES[kind].id.in_(ids)))


def listed(session: Session, kind: str, statement: Select[int, str, str]) -> list[Target]:
    """The targets of one kind that a selection finds."""
    return [Target(kind, id, name, under) for id, name, under in session.execute(statement)]


def found(session: Session, viewer: Viewer, q: str, *, most: int) -> list[Target]:
    """Up to `most` targets of each kind whose name holds `q`, by name."""
    targets = []
    for kind in KINDS:
        table = TABLES[kind]
        statement = within(viewer, kind)
        if q:
            statement = statement.where(called(kind, q))
        targets += listed(session, kind, statement.order_by(table.name, table.id).limit(most))
    return targets


def called(kind: str, q: str) -> ColumnElement[bool]:
    """Whether the name of a target of that kind holds `q`."""
    named = holds(TABLES[kind].name, q)
    return or_(named, holds(Person.public_name, q)) if kind == "person" else named


def within(viewer: Viewer, kind: str) -> Select[int, str, str]:
    """Id, name and second line of the targets of one kind that are in use and within the viewer's reach."""
    return {"person": _people, "department": _departments, "place": _places}[kind](viewer)


def pointing(kind: str) -> ColumnElement[bool]:
    """Whether a link that works points at the row of the kind's table beside it."""
    column = {"person": Link.person_id, "department": Link.department_id, "place": Link.place_id}[kind]
    return select(Link.id).where(column == TABLES[kind].id, Link.retired_at.is_(None)).exists()


def _people(viewer: Viewer) -> Select[int, str, str]:
    statement = (
        select(Person.id, Person.name, Department.name)
        .join(Department, Department.id == Person.department_id)
        .where(Person.retired_at.is_(None))
    )
    return statement if viewer.sees_everything else statement.where(Person.department_id.in_(viewer.managed))


def _departments(viewer: Viewer) -> Select[int, str, str]:
    above = Department.__table__.alias("above")
    statement = (
        select(Department.id, Department.name, func.coalesce(above.c.name, ""))
        .outerjoin(above, above.c.id == Department.parent_id)
        .where(Department.retired_at.is_(None))
    )
    return statement if viewer.sees_everything else statement.where(Department.id.in_(viewer.managed))


def _places(viewer: Viewer) -> Select[int, str, str]:
    around = Place.__table__.alias("around")
    statement = (
        select(Place.id, Place.name, func.coalesce(around.c.name, ""))
        .outerjoin(around, around.c.id == Place.parent_id)
        .where(Place.retired_at.is_(None))
    )
    if viewer.sees_everything:
        return statement
    return statement.where(Place.id.in_(select(places_run_by(viewer.managed).c.id)))
