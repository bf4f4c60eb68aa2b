"""Whom and what a row's names mean in the organisation, and making what is missing where that is asked for."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback.core.imports.entry import Entry
from feedback.core.imports.table import Refused
from feedback.core.links import nearest_department
from feedback.core.people import DEEPEST, Department, Person, Place, Topic
from feedback.db import new_id

Known = TypeVar("Known", Department, Place, Topic)


class Missing(Refused):
    """A name that stands for nothing yet; it could be made."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What an entry's names stand for."""

    department_id: int | None  # as the row names it, or the nearest around its place
    place: Place | None
    person: Person | None
    person_note: str  # the name, unless it is that of `person` alone
    topics: tuple[Topic, ...]
    is_by_place: bool  # whether only the place tells the department


class Directory:
    """Departments, places, topics and people by name, as `session` sees them; raises Missing for unknown names."""

    def __init__(self, session: Session, *, create_missing: bool) -> None:
        self._session = session
        self._create_missing = create_missing
        self._making: datetime | None = None
        self._departments: dict[int, Department] = {}
        self._places: dict[int, Place] = {}
        self._departments_named: defaultdict[str, list[Department]] = defaultdict(list)
        self._places_named: defaultdict[str, list[Place]] = defaultdict(list)
        self._topics_named: defaultdict[str, list[Topic]] = defaultdict(list)
        self._people_named: defaultdict[str, list[Person]] = defaultdict(list)
        for department in session.scalars(select(Department)):
            self._know_department(department)
        for place in session.scalars(select(Place)):
            self._know_place(place)
        for topic in session.scalars(select(Topic)):
            self._topics_named[_folded(topic.name)].append(topic)
        for person in session.scalars(select(Person).where(Person.retired_at.is_(None))):
            for name in {_folded(person.name), _folded(person.public_name)}:
                self._people_named[name].append(person)
        self._root = min(d.id for d in self._departments.values() if d.parent_id is None)

    def make(self, entry: Entry, at: datetime) -> None:
        """Add to the session what `entry` names and nobody has yet. Raises Refused."""
        self._making = at
        self.setting(entry)

    def setting(self, entry: Entry) -> Setting:
        """What the names of `entry` stand for. Raises Missing, or Refused where a name means several things."""
        department = self._department(entry.department)
        spot = self._team(department, entry.team)
        place = self._place(entry.place)
        around = nearest_department(self._places, place.id) if place and not spot else None
        person, is_certain = self._person(entry.person, spot)
        return Setting(
            department_id=spot.id if spot else around,
            place=place,
            person=person,
            person_note="" if is_certain else entry.person,
            topics=tuple(self._topic(name, department or spot, spot) for name in entry.topics),
            is_by_place=around is not None,
        )

    def _department(self, name: str) -> Department | None:
        """The department of that name: right below the root, else the only one anywhere."""
        if not name:
            return None
        named = self._departments_named[_folded(name)]
        found = _only("department", name, [d for d in named if d.parent_id == self._root] or named)
        return found or self._new_department(name, self._root)

    def _team(self, department: Department | None, name: str) -> Department | None:
        """The department below `department` of that name; without either, what there is."""
        if not name or not department:
            return department or self._department(name)
        named = self._departments_named[_folded(name)]
        found = _only("team", name, [d for d in named if d.parent_id == department.id])
        return found or self._new_department(name, department.id)

    def _place(self, name: str) -> Place | None:
        if not name:
            return None
        found = _only("place", name, self._places_named[_folded(name)])
        if found:
            return found
        made = Place(id=new_id(self._moment("place", name)), name=name)
        self._session.add(made)
        self._know_place(made)
        return made

    def _topic(self, name: str, department: Department | None, spot: Department | None) -> Topic:
        """The topic of that name of the row's team or department or one above; it is made in its department."""
        named = self._topics_named[_folded(name)]
        for unit in self._upwards(spot.id if spot else self._root):
            found = _only("topic", name, [topic for topic in named if topic.department_id == unit])
            if found:
                return found
        if not self._create_missing and (found := _only("topic", name, named)):
            return found
        at = self._moment("topic", name)
        made = Topic(id=new_id(at), name=name, department_id=department.id if department else self._root)
        self._session.add(made)
        named.append(made)
        return made

    def _person(self, name: str, spot: Department | None) -> tuple[Person | None, bool]:
        """The one person of that name in the row's department or below it, else the only one anywhere.

        And whether nobody else is called so: where somebody is, the words may be about them.
        """
        named = self._people_named.get(_folded(name), []) if name else []
        near = [p for p in named if spot and spot.id in self._upwards(p.department_id)]
        found = near or named
        return (found[0] if len(found) == 1 else None), len(named) == 1

    def _upwards(self, department_id: int) -> Iterator[int]:
        for _level in range(DEEPEST):
            yield department_id
            parent_id = self._departments[department_id].parent_id
            if parent_id is None:
                return
            department_id = parent_id

    def _new_department(self, name: str, parent_id: int) -> Department:
        made = Department(id=new_id(self._moment("department", name)), name=name, parent_id=parent_id)
        self._session.add(made)
        self._know_department(made)
        return made

    def _moment(self, what: str, name: str) -> datetime:
        if self._making is None:
            hint = "" if self._create_missing else "; --create-missing makes it"
            raise Missing(f"there is no {what} {name!r}{hint}")
        return self._making

    def _know_department(self, department: Department) -> None:
        self._departments[department.id] = department
        self._departments_named[_folded(department.name)].append(department)

    def _know_place(self, place: Place) -> None:
        self._places[place.id] = place
        self._places_named[_folded(place.name)].append(place)


def _only(what: str, name: str, found: Sequence[Known]) -> Known | None:
    """The one of `found`, those in use before those retired; None where there is none. Raises Refused."""
    used = [known for known in found if known.retired_at is None] or found
    if len(used) > 1:
        raise Refused(f"several are called {name!r}, and which {what} is meant cannot be told")
    return used[0] if used else None


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
