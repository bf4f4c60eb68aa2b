"""People as an admin or the managers of their departments keep them: whom one sees, and whom one may change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from feedback.core.access import Viewer, keeps, person_for
from feedback.core.directory import keeping
from feedback.core.directory.checks import NotTaken, Problem
from feedback.core.directory.record import NOUNS, Values, values_of
from feedback.core.directory.tree import Paths
from feedback.core.people import Department, Person

ESCAPE = "\\"
KNOWN_BY = ("name", "public_name", "department_id")


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows the list of people."""

    q: str = ""
    department_id: int | None = None
    retired: bool = False


def visible_to(viewer: Viewer) -> Select[Person]:
    """The people a viewer keeps: all for an admin or a director, those of own departments for a manager."""
    if viewer.sees_everything:
        return select(Person)
    return select(Person).where(Person.department_id.in_(viewer.managed))


def page(session: Session, viewer: Viewer, filters: Filters, *, after: int | None, size: int) -> Sequence[Person]:
    """Up to `size` people by name, those who come after the person `after`."""
    statement = visible_to(viewer).where(
        Person.retired_at.is_not(None) if filters.retired else Person.retired_at.is_(None)
    )
    if filters.department_id:
        statement = statement.where(Person.department_id == filters.department_id)
    if filters.q:
        like = f"%{like_escaped(filters.q.lower())}%"
        columns = (Person.name, Person.public_name, Person.also_called, Person.email, Person.reference)
        statement = statement.where(or_(*(func.lower(column).like(like, escape=ESCAPE) for column in columns)))
    if after is not None:
        name = select(Person.name).where(Person.id == after).scalar_subquery()
        statement = statement.where(tuple_(Person.name, Person.id) > tuple_(name, literal(after)))
    return session.scalars(statement.order_by(Person.name, Person.id).limit(size)).all()


def one(session: Session, viewer: Viewer, person_id: int) -> Person | None:
    """The person of that id, if the viewer keeps them."""
    return person_for(session, viewer, person_id)


def told_apart(session: Session, ids: Select[int]) -> list[tuple[int, str, str]]:
    """Id, name and department of the people `ids`, by name; the department tells namesakes apart."""
    statement = select(Person.id, Person.name, Department.name).join(Department, Department.id == Person.department_id)
    rows = session.execute(statement.where(Person.id.in_(ids)).order_by(Person.name, Person.id))
    return [(id, name, department) for id, name, department in rows]


def may_change(session: Session, viewer: Viewer, person: Person) -> bool:
    """Whether what is known of `person`, whom the viewer sees, is the viewer's to change."""
    return session.scalar(select(Person.id).where(Person.id == person.id, keeps(viewer))) is not None


def departments_open_to(viewer: Viewer, everything: Paths) -> list[tuple[int, str]]:
    """The departments into which the viewer may put someone, with their paths."""
    return [(id, path) for id, path in everything.sorted() if viewer.sees_everything or id in viewer.managed]


def make(session: Session, viewer: Viewer, given: Values, at: datetime) -> Person:
    """A new person in one of the viewer's departments. Raises NotTaken."""
    _check_reach(viewer, given, None)
    made = keeping.make(session, NOUNS["person"], _allowed(viewer, given), by_id=viewer.person_id, at=at)
    assert isinstance(made, Person)  # noqa: S101 - told by the noun
    return made


def change(session: Session, viewer: Viewer, person: Person, given: Values, *, shown: str, at: datetime) -> bool:
    """As keeping.change(), within the viewer's reach."""
    before = values_of(session, person)
    _check_reach(viewer, given, before)
    if person.id == viewer.person_id and not viewer.is_admin:
        _check_oneself(given, before)
    return keeping.change(session, person, _allowed(viewer, given), shown=shown, by_id=viewer.person_id, at=at)


def _allowed(viewer: Viewer, given: Values) -> Values:
    """What a manager may say; who manages what is for admins to say."""
    return given if viewer.is_admin else {name: value for name, value in given.items() if name != "manages"}


def _check_reach(viewer: Viewer, given: Values, before: Values | None) -> None:
    wanted = given.get("department_id")
    if viewer.sees_everything or wanted is None or wanted in viewer.managed:
        return
    if before is None or wanted != before["department_id"]:
        raise NotTaken([Problem("department_id", "unknown_department", {"text": ""})])


def _check_oneself(given: Values, before: Values) -> None:
    """By these a complaint about someone is known and finds its way past them: nobody changes them of themselves."""
    said = {name: " ".join(value.split()) if isinstance(value, str) else value for name, value in given.items()}
    changed = [name for name in KNOWN_BY if name in said and said[name] != before[name]]
    if changed:
        raise NotTaken([Problem(name, "known_by") for name in changed])


def department_names(session: Session, ids: set[int]) -> dict[int, str]:
    """Those departments' names by id, in one statement."""
    rows = session.execute(select(Department.id, Department.name).where(Department.id.in_(ids)))
    return {id: name for id, name in rows}


def like_escaped(text: str) -> str:
    """`text` as it stands, for a LIKE with ESCAPE."""
    for sign in (ESCAPE, "%", "_"):
        text = text.replace(sign, ESCAPE + sign)
    return text
