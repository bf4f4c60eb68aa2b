"""People and what they belong to: departments, places and topics, three of them trees."""

import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Annotated, TypeVar
from unicodedata import bidirectional, combining, normalize

from sqlalchemy import CTE, BindParameter, Boolean, ForeignKey, Index, Select, String, bindparam, literal, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from feedback.core.organisation import Organisation, Pictured, StaffNames
from feedback.db import Base, id_key, id_ref, moment, name

# Hyphens that show only where a line breaks, the line that draws out Arabic words, and marks of direction and joining.
UNSEEN = frozenset(
    map(chr, (0x00AD, 0x0640, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A), 0xFEFF))
)
# What the organisation's own lists call a thing, so that an import finds it again.
reference = Annotated[str | None, mapped_column(String(100))]
FOUND_AGAIN = {"serves": "an import that comes again"}
WORD = re.compile(r"\w+")
APART = "\u200c"  # keeps two Arabic letters from joining into one sign
DEEPEST = 32  # levels of a tree that are followed; a loop made by hand in the store ends there


class Department(Pictured, Base):
    """Who answers for a kind of work; a team is a department below another."""

    __tablename__ = "department"
    __table_args__ = (
        Index(None, "parent_id", "name", info={"serves": "children of a department; find one by name"}),
        Index(None, "reference", unique=True, info=FOUND_AGAIN),
    )

    id: Mapped[id_key]
    name: Mapped[name]
    parent_id: Mapped[id_ref | None] = mapped_column(ForeignKey("department.id"))
    reference: Mapped[reference]
    retired_at: Mapped[moment | None]


class Person(Pictured, Base):
    """An employee; `name` in full, `public_name` as customers know them."""

    __tablename__ = "person"
    __table_args__ = (
        Index(None, "department_id", "public_name", info={"serves": "who is in a department; form tiles"}),
        Index(None, "name", "id", info={"serves": "the list of people by name, page by page"}),
        Index(None, "reference", unique=True, info=FOUND_AGAIN),
    )

    id: Mapped[id_key]
    name: Mapped[name]
    public_name: Mapped[str] = mapped_column(String(80))
    also_called: Mapped[str | None] = mapped_column(String(200))  # what others call them, with commas between
    email: Mapped[str | None] = mapped_column(String(320))
    language: Mapped[str | None] = mapped_column(String(35))
    department_id: Mapped[id_ref] = mapped_column(ForeignKey("department.id"))
    is_shown_on_forms: Mapped[bool] = mapped_column(Boolean(name="is_shown_on_forms"), default=False)
    photo_id: Mapped[id_ref | None] = mapped_column(ForeignKey("file.id"))
    reference: Mapped[reference]
    retired_at: Mapped[moment | None]

    @property
    def aliases(self) -> tuple[str, ...]:
        """What others call them."""
        return tuple(filter(None, map(str.strip, (self.also_called or "").split(","))))


class Management(Pictured, Base):
    """One person manages one department, and with it every department below."""

    __tablename__ = "management"
    __table_args__ = (Index(None, "person_id", info={"serves": "what a person manages, at every request of theirs"}),)

    department_id: Mapped[id_ref] = mapped_column(ForeignKey("department.id"), primary_key=True)
    person_id: Mapped[id_ref] = mapped_column(ForeignKey("person.id"), primary_key=True)


class Place(Pictured, Base):
    """Where customers are met: a site, and within it a spot."""

    __tablename__ = "place"
    __table_args__ = (
        Index(None, "parent_id", "name", info={"serves": "spots of a site; find one by name"}),
        Index(None, "department_id", info={"serves": "the places a department runs"}),
        Index(None, "reference", unique=True, info=FOUND_AGAIN),
    )

    id: Mapped[id_key]
    name: Mapped[name]
    parent_id: Mapped[id_ref | None] = mapped_column(ForeignKey("place.id"))
    department_id: Mapped[id_ref | None] = mapped_column(ForeignKey("department.id"))
    reference: Mapped[reference]
    retired_at: Mapped[moment | None]


class Topic(Pictured, Base):
    """What feedback can be about; belongs to the department that causes it and can fix it."""

    __tablename__ = "topic"
    __table_args__ = (
        Index(None, "department_id", "name", info={"serves": "topics of a department, chips and import"}),
        Index(None, "reference", unique=True, info=FOUND_AGAIN),
    )

    id: Mapped[id_key]
    name: Mapped[name]
    department_id: Mapped[id_ref] = mapped_column(ForeignKey("department.id"))
    reference: Mapped[reference]
    retired_at: Mapped[moment | None]


class PersonPlace(Pictured, Base):
    """One place where a person is met; they are offered first on the forms of that place."""

    __tablename__ = "person_place"
    __table_args__ = (Index(None, "place_id", info={"serves": "who is met at a place"}),)

    person_id: Mapped[id_ref] = mapped_column(ForeignKey("person.id"), primary_key=True)
    place_id: Mapped[id_ref] = mapped_column(ForeignKey("place.id"), primary_key=True)


T = TypeVar("T", Department, Place)


def initials(public_name: str) -> str:
    """One or two letters that stand for a person where no photo does."""
    parts = public_name.split()
    letters = [part[0].upper()[0] for part in (parts[:1] + parts[1:][-1:])]  # some letters become two in capitals
    return (APART if any(bidirectional(letter) == "AL" for letter in letters) else "").join(letters)


def name_parts(text: str) -> frozenset[str]:
    """The words of a name or description, however they are written: without accents, case, order or commas."""
    return frozenset(WORD.findall(plain(text)))


def plain(text: str) -> str:
    """A text as names and words are looked for in it: without accents, case and signs nobody sees."""
    if text.isascii():
        return text.lower()
    return "".join(sign for sign in normalize("NFKD", text) if is_read(sign)).casefold()


def is_read(sign: str) -> bool:
    """Whether a sign, taken apart from its accents, is left in the plain form of a text."""
    return not combining(sign) and sign not in UNSEEN


def departments_above(session: Session, ids: Collection[int]) -> dict[int, Department]:
    """The departments `ids` and every one above them, by id, in one statement."""
    found = session.scalars(_with_all_above(Department), {"ids": list(ids)})
    return {department.id: department for department in found}


def upwards(above: Mapping[int, Department], start: int) -> frozenset[int]:
    """The department `start` and those above it, among those that departments_above() found."""
    found, step = set[int](), start if start in above else None
    while step is not None and step not in found:
        found.add(step)
        step = above[step].parent_id
    return frozenset(found)


def places_above(session: Session, ids: Collection[int]) -> dict[int, Place]:
    """The places `ids` and every one around them, by id, in one statement."""
    found = session.scalars(_with_all_above(Place), {"ids": list(ids)})
    return {place.id: place for place in found}


def departments_below(ids: Iterable[int] | BindParameter[int]) -> CTE:
    """A recursive selection (column `id`) of the departments `ids` and every one below them."""
    return _below(Department, ids)


def places_below(ids: Iterable[int]) -> CTE:
    """A recursive selection (column `id`) of the places `ids` and every one within them."""
    return _below(Place, ids)


def _below(table: type[T], ids: Iterable[int] | BindParameter[int]) -> CTE:
    tree = (
        select(table.id, literal(0).label("level"))
        .where(table.id.in_(ids if isinstance(ids, BindParameter) else list(ids)))
        .cte("below", recursive=True)
    )
    child = aliased(table)
    return tree.union(
        select(child.id, tree.c.level + 1).join(tree, child.parent_id == tree.c.id).where(tree.c.level < DEEPEST)
    )


def places_run_by(departments: Collection[int], name: str = "run_by") -> CTE:
    """A recursive selection (column `id`) of the places those departments run.

    A place that names no department belongs to that of the nearest place around it. In a statement that asks twice,
    each needs a `name` of its own.
    """
    tree = (
        select(Place.id, literal(0).label("level"))
        .where(Place.department_id.in_(list(departments)))
        .cte(name, recursive=True)
    )
    inside = aliased(Place)
    return tree.union(
        select(inside.id, tree.c.level + 1)
        .join(tree, inside.parent_id == tree.c.id)
        .where(inside.department_id.is_(None), tree.c.level < DEEPEST)
    )


@cache
def _with_all_above(table: type[T]) -> Select[T]:
    """Kept, because writing it anew takes longer than its answer, and every request of a signed-in person asks it."""
    tree = (
        select(table.id, table.parent_id, literal(0).label("level"))
        .where(table.id.in_(bindparam("ids", expanding=True)))
        .cte("above", recursive=True)
    )
    above = aliased(table)
    tree = tree.union(
        select(above.id, above.parent_id, tree.c.level + 1)
        .join(tree, above.id == tree.c.parent_id)
        .where(tree.c.level < DEEPEST)
    )
    return select(table).join(tree, tree.c.id == table.id).distinct()


def names(session: Session, *, department_id: int | None, place_id: int | None) -> dict[str, str]:
    """The names of one department and one place, "" where there is none."""
    department = session.get(Department, department_id) if department_id else None
    place = session.get(Place, place_id) if place_id else None
    return {"department": department.name if department else "", "place": place.name if place else ""}


def person_names(session: Session, ids: Collection[int | None]) -> dict[int, str]:
    """The full names of those people by id, in one statement."""
    wanted = {id for id in ids if id is not None}
    if not wanted:
        return {}
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted)))
    return {id: name for id, name in rows}


def signatures(session: Session, ids: Collection[int | None]) -> dict[int, str]:
    """How those people sign what customers read, by id, as the organisation chose; none where it names nobody."""
    wanted = {id for id in ids if id is not None}
    how = session.scalar(select(Organisation.staff_names)) if wanted else StaffNames.NOBODY
    signs = {
        StaffNames.FULL: Person.name,
        StaffNames.PUBLIC: Person.public_name,
        StaffNames.DEPARTMENT: Department.name,
    }
    if how not in signs:
        return {}
    rows = session.execute(
        select(Person.id, signs[StaffNames(how)])
        .join(Department, Department.id == Person.department_id)
        .where(Person.id.in_(wanted))
    )
    return {id: name for id, name in rows}
