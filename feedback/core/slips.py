"""Slips: what each person of a department was praised with in a while, to be printed for those who read no screen.

Whoever prints them manages the department. Each slip holds what its person would read on their own page, and nothing
else: letters to them in person, then those to the whole of their department. Printing is not reading.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select, true
from sqlalchemy.orm import Session

from feedback.core import praise
from feedback.core.access import Viewer
from feedback.core.people import Person, departments_above, departments_below, upwards
from feedback.core.praise import Letter, Praise, Reading
from feedback.db import first_id

MOST_PEOPLE, MOST_LETTERS = 200, 500  # of one printing
MOST_EACH = 8  # letters on one slip; the others are counted


@dataclass(frozen=True, slots=True)
class Slip:
    """One person and what is on their slip, the newest first; how many more there are."""

    person_id: int
    name: str
    letters: Sequence[Letter]
    more: int


@dataclass(frozen=True, slots=True)
class Printing:
    """What one printing holds, by name; whether there are more people or letters than one looks at."""

    slips: Sequence[Slip]
    is_cut: bool


def of_department(
    session: Session, viewer: Viewer, department_id: int, since: datetime, *, unread_only: bool = True
) -> Printing:
    """The slips of everyone in a department the viewer manages and below it, by name; nobody without a letter.

    With `unread_only` letters that their person has read already are left out. What the viewer may not read
    themselves is on no slip they print. Six statements, however many people there are.
    """
    found = _people(session, viewer, department_id)
    people = found[:MOST_PEOPLE]
    above = departments_above(session, {person.department_id for person in people})
    homes = {person.id: upwards(above, person.department_id) for person in people}
    letters = praise.letters(session, _since(viewer, homes, since, unread_only=unread_only))
    is_cut = len(found) > MOST_PEOPLE or len(letters) > MOST_LETTERS
    ids = [letter.praise.id for letter in letters[:MOST_LETTERS]]
    but = praise.concerned_by(session, ids) | (praise.readers_of(session, ids) if unread_only else set())
    slips = (_slip(person, letters[:MOST_LETTERS], homes[person.id], but) for person in people)
    return Printing([slip for slip in slips if slip.letters], is_cut)


def _people(session: Session, viewer: Viewer, department_id: int) -> Sequence[Person]:
    within = Person.department_id.in_(select(departments_below([department_id]).c.id))
    mine = true() if viewer.sees_everything else Person.department_id.in_(viewer.managed)
    found = select(Person).where(within, mine, Person.retired_at.is_(None))
    return session.scalars(found.order_by(Person.name, Person.id).limit(MOST_PEOPLE + 1)).all()


def _since(viewer: Viewer, homes: Mapping[int, frozenset[int]], since: datetime, *, unread_only: bool) -> praise.Ids:
    """The newest letters to those people, or to the whole of their departments, that the viewer may read."""
    together = frozenset[int]().union(*homes.values())
    was_read = select(Reading.praise_id).where(Reading.praise_id == Praise.id, Reading.person_id == Praise.person_id)
    in_person = Praise.person_id.in_(list(homes))
    theirs = or_(
        and_(in_person, ~was_read.exists()) if unread_only else in_person,
        and_(Praise.person_id.is_(None), Praise.department_id.in_(sorted(together))),
    )
    readable = or_(praise.is_own(viewer), Praise.id.in_(praise.managed_by(viewer)))
    found = select(Praise.id).where(Praise.id >= first_id(since), ~Praise.is_held, theirs, readable)
    return found.order_by(Praise.id.desc()).limit(MOST_LETTERS + 1)


def _slip(person: Person, letters: Sequence[Letter], home: frozenset[int], but: set[tuple[int, int]]) -> Slip:
    own = [letter for letter in letters if _is_for(person, letter, home) and (letter.praise.id, person.id) not in but]
    own.sort(key=lambda letter: letter.praise.person_id is None)  # those in person first; each the newest first
    return Slip(person.id, person.name, own[:MOST_EACH], len(own[MOST_EACH:]))


def _is_for(person: Person, letter: Letter, home: frozenset[int]) -> bool:
    if letter.praise.person_id is not None:
        return letter.praise.person_id == person.id
    return letter.praise.department_id in home
