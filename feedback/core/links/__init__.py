"""QR links: printed codes that point at a person, a department or a place, and what their form offers.

Finding many is left to shelf.py, making them to making.py, what may become of one to changing.py, where a retired
one leads to onward.py, and how often they are looked at to counting.py.
"""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Select, String, false, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback import crockford
from feedback.core.access import Viewer
from feedback.core.organisation import Pictured
from feedback.core.people import (
    DEEPEST,
    Department,
    Person,
    PersonPlace,
    Place,
    Topic,
    departments_above,
    departments_below,
    initials,
    places_above,
    places_run_by,
)
from feedback.db import Base, id_key, id_ref, moment, new_id

CODE_LENGTH = 8
MOST_TILES = 12
MOST_CHIPS = 24

T = TypeVar("T", Person, Department)


class Link(Pictured, Base):
    """One printed code; what it points at can change, the code never does."""

    __tablename__ = "link"
    __table_args__ = (
        CheckConstraint(
            "(case when person_id is null then 0 else 1 end)"
            " + (case when department_id is null then 0 else 1 end)"
            " + (case when place_id is null then 0 else 1 end) = 1",
            name="one_target",
        ),
        Index(None, "person_id", info={"serves": "links of a person"}),
        Index(None, "department_id", info={"serves": "links of a department"}),
        Index(None, "place_id", info={"serves": "links of a place"}),
    )

    id: Mapped[id_key]
    code: Mapped[str] = mapped_column(String(CODE_LENGTH), unique=True)
    person_id: Mapped[id_ref | None] = mapped_column(ForeignKey("person.id"))
    department_id: Mapped[id_ref | None] = mapped_column(ForeignKey("department.id"))
    place_id: Mapped[id_ref | None] = mapped_column(ForeignKey("place.id"))
    language: Mapped[str | None] = mapped_column(String(35))
    topic_id: Mapped[id_ref | None] = mapped_column(ForeignKey("topic.id"))  # chosen beforehand on its form
    successor_id: Mapped[id_ref | None] = mapped_column(ForeignKey("link.id"))  # the code issued in its place
    is_internal: Mapped[bool] = mapped_column(
        Boolean(name="is_internal"), default=False, server_default=false()
    )  # scanned by people inside the company, who are no customers
    made_at: Mapped[moment]
    retired_at: Mapped[moment | None]

    @property
    def points_at(self) -> str:
        """'person', 'department' or 'place'."""
        return "person" if self.person_id else "department" if self.department_id else "place"

    @property
    def target_id(self) -> int | None:
        """The id of the one thing it points at."""
        return self.person_id or self.department_id or self.place_id


class LinkCount(Base):
    """How often a link's form was looked at and begun on one day; what was sent is in the counts of submissions."""

    __tablename__ = "link_count"

    link_id: Mapped[id_ref] = mapped_column(ForeignKey("link.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    scans: Mapped[int] = mapped_column(default=0)
    starts: Mapped[int] = mapped_column(default=0)


@dataclass(frozen=True, slots=True)
class Tile:
    """A person whom a form offers to name."""

    id: int
    name: str
    initials: str
    department_id: int
    photo_id: int | None = None  # of the file, while it may be shown to customers


@dataclass(frozen=True, slots=True)
class Chip:
    """A topic that a form offers."""

    id: int
    name: str
    department_id: int


@dataclass(frozen=True, slots=True)
class Offer:
    """All that the form of one link shows and takes; a person or topic not in it is refused."""

    link_id: int
    code: str
    points_at: str
    heading: str
    under: str
    language: str | None
    person: Tile | None
    department_id: int | None  # the link's own, or the nearest up the place's tree
    place_id: int | None
    people: tuple[Tile, ...]
    topics: tuple[Chip, ...]
    topic_id: int | None = None  # the one of them that is chosen beforehand

    @property
    def everyone(self) -> tuple[Tile, ...]:
        """All people on the form, the link's own one last."""
        return (*self.people, self.person) if self.person else self.people

    def person_with(self, person_id: int) -> Tile | None:
        """The offered person of that id, the link's own one among them."""
        return next((tile for tile in self.everyone if tile.id == person_id), None)

    @property
    def photo_ids(self) -> frozenset[int]:
        """The files of all photos that the form shows."""
        return frozenset(tile.photo_id for tile in self.everyone if tile.photo_id)

    def topic_with(self, topic_id: int) -> Chip | None:
        """The offered topic of that id."""
        return next((chip for chip in self.topics if chip.id == topic_id), None)


def new_link(
    at: datetime, *, person: Person | None = None, department: Department | None = None, place: Place | None = None
) -> Link:
    """A link with a fresh code that points at the one thing given."""
    return Link(
        id=new_id(at),
        code=crockford.encode(secrets.token_bytes(5), CODE_LENGTH),
        person_id=person.id if person else None,
        department_id=department.id if department else None,
        place_id=place.id if place else None,
        made_at=at,
        is_internal=False,
    )


def normal_code(text: str) -> str | None:
    """A code as typed or scanned, in its one form; None where it cannot be one."""
    return crockford.normal(text, CODE_LENGTH)


def link_with_code(session: Session, code: str) -> Link | None:
    """The link of that code (in its one form), retired or not."""
    return session.scalar(select(Link).where(Link.code == code))


def links_with_codes(session: Session, codes: Collection[str]) -> dict[str, int]:
    """The ids of the links of those codes (in their one form), by code."""
    rows = session.execute(select(Link.code, Link.id).where(Link.code.in_(codes)))
    return {code: id for code, id in rows}


def codes_of_links(session: Session, ids: Collection[int]) -> Sequence[str]:
    """The codes of those links, in a fixed order."""
    return session.scalars(select(Link.code).where(Link.id.in_(ids)).order_by(Link.code)).all()


def offer(session: Session, link: Link) -> Offer:
    """What the form of `link` shows at this moment, in a fixed number of statements."""
    person = session.get(Person, link.person_id) if link.person_id else None
    places = places_above(session, [link.place_id]) if link.place_id else {}
    department_id = person.department_id if person else link.department_id or nearest_department(places, link.place_id)
    above = departments_above(session, [department_id]) if department_id else {}
    topics = _chips(session, list(above), link.topic_id)
    if person and person.retired_at:  # their code still leads to those who worked with them
        link, person = _without_person(link, department_id), None
    return Offer(
        link_id=link.id,
        code=link.code,
        points_at=link.points_at,
        heading=_heading(link, person, places, above),
        under=_under(link, places, above, department_id),
        language=link.language,
        person=_tile(person) if person else None,
        department_id=department_id,
        place_id=link.place_id,
        people=() if person else _tiles(session, department_id, places),
        topics=topics,
        topic_id=next((chip.id for chip in topics if chip.id == link.topic_id), None),
    )


def _without_person(link: Link, department_id: int | None) -> Link:
    """The link as if it pointed at the department, never to be kept."""
    return Link(id=link.id, code=link.code, department_id=department_id, language=link.language, topic_id=link.topic_id)


def nearest_department(places: dict[int, Place], place_id: int | None) -> int | None:
    """The department that runs the place, or the nearest place around it that names one."""
    for _ in range(DEEPEST):
        place = places.get(place_id or 0)
        if place is None:
            break
        if place.department_id is not None:
            return place.department_id
        place_id = place.parent_id
    return None


def visible_to(viewer: Viewer) -> Select[Link]:
    """The links a viewer may see: all for an admin, those of own departments for a manager."""
    if viewer.sees_everything:
        return select(Link)
    return (
        select(Link)
        .outerjoin(Person, Person.id == Link.person_id)
        .where(
            or_(
                func.coalesce(Link.department_id, Person.department_id).in_(viewer.managed),
                Link.place_id.in_(select(places_run_by(viewer.managed).c.id)),
            )
        )
    )


def one(session: Session, viewer: Viewer, link_id: int) -> Link | None:
    """The link of that id if the viewer may see it."""
    return session.scalar(visible_to(viewer).where(Link.id == link_id))


def names(session: Session, links: Sequence[Link]) -> dict[int, tuple[str, str]]:
    """Heading and second line of each link by its id, in three statements for all of them."""
    people = {p.id: p for p in _found(session, Person, [link.person_id for link in links])}
    places = places_above(session, [link.place_id for link in links if link.place_id])
    wanted = [link.department_id for link in links] + [person.department_id for person in people.values()]
    above = {d.id: d for d in _found(session, Department, wanted)}
    return {
        link.id: (
            _heading(link, people.get(link.person_id or 0), places, above),
            _under(link, places, above, people[link.person_id].department_id if link.person_id else None),
        )
        for link in links
    }


def _found(session: Session, table: type[T], ids: Sequence[int | None]) -> Sequence[T]:
    return session.scalars(select(table).where(table.id.in_({id for id in ids if id}))).all()


def _heading(link: Link, person: Person | None, places: dict[int, Place], above: dict[int, Department]) -> str:
    if person:
        return person.public_name
    return places[link.place_id].name if link.place_id else above[link.department_id or 0].name


def _under(link: Link, places: dict[int, Place], above: dict[int, Department], department_id: int | None) -> str:
    if link.person_id and department_id:
        return above[department_id].name
    around = places.get(places[link.place_id].parent_id or 0) if link.place_id else None
    return around.name if around else ""


def _tile(person: Person) -> Tile:
    photo_id = person.photo_id if person.is_shown_on_forms else None  # their own link works without consent, too
    return Tile(person.id, person.public_name, initials(person.public_name), person.department_id, photo_id)


def _tiles(session: Session, department_id: int | None, places: Collection[int]) -> tuple[Tile, ...]:
    """Those who are met at the place or around it, before the others of its department."""
    tree = departments_below([department_id] if department_id else [])
    met_here = Person.id.in_(select(PersonPlace.person_id).where(PersonPlace.place_id.in_(places)))
    people = session.scalars(
        select(Person)
        .where(or_(met_here, Person.department_id.in_(select(tree.c.id))))
        .where(Person.is_shown_on_forms, Person.retired_at.is_(None))
        .order_by(met_here.desc(), Person.public_name, Person.id)
        .limit(MOST_TILES)
    )
    return tuple(_tile(person) for person in people)


def _chips(session: Session, near: list[int], chosen: int | None) -> tuple[Chip, ...]:
    topics = session.scalars(
        select(Topic)
        .where(Topic.retired_at.is_(None))
        .order_by((Topic.id == (chosen or 0)).desc(), Topic.department_id.in_(near).desc(), Topic.name, Topic.id)
        .limit(MOST_CHIPS)
    )
    return tuple(Chip(topic.id, topic.name, topic.department_id) for topic in topics)
