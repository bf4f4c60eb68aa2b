"""Whom letters may be for: named in their words, met where they were sent from, of their department.

Only ever suggested; worked out for all letters of a page together.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from feedback.core import absences, mentions
from feedback.core.access import Permission, Viewer
from feedback.core.addressing.model import NotMeant
from feedback.core.addressing.seeking import sought
from feedback.core.mentions import Known
from feedback.core.organisation import Organisation
from feedback.core.people import (
    Department,
    Person,
    PersonPlace,
    Place,
    departments_above,
    departments_below,
    places_above,
)
from feedback.core.praise import Letter, Praise

MOST_OFFERED = 6  # people offered for one letter; the others can be searched
MOST_KNOWN = 500  # people looked at for a page; of more, those met at its places come first


@dataclass(frozen=True, slots=True)
class Guess:
    """One person a letter may be for, and why."""

    person_id: int
    name: str
    is_named: bool = False
    place: str = ""  # where they are met, of those it was sent from
    is_away: bool = False  # on the day it is about


@dataclass(frozen=True, slots=True)
class Guesses:
    """By praise: whom one that waits may be for, and whom one that was delivered may speak of as well."""

    waiting: Mapping[int, list[Guess]] = field(default_factory=dict)
    named: Mapping[int, list[Guess]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Around:
    """Who and what is around the letters of a page."""

    people: Sequence[Person]
    known: tuple[Known, ...]
    met: Mapping[int, set[int]]  # person to places
    places: Mapping[int, Place]
    above: Mapping[int, Department]
    refused: Collection[tuple[int, int]]  # praise and person
    absent: Mapping[int, tuple[absences.Away, ...]]
    zone: ZoneInfo


def guesses(session: Session, viewer: Viewer, letters: Sequence[Letter]) -> Guesses:
    """Whom those of `letters` may be for that wait for their person, or name somebody in their words."""
    if not viewer.may(Permission.MANAGE_PRAISE):
        return Guesses()
    held = [letter for letter in letters if letter.praise.is_held]
    described = sought(session, [letter.submission.id for letter in held])
    waiting = [letter for letter in held if letter.submission.id in described]
    speaking = [letter for letter in letters if _may_name(letter, viewer)]
    if not waiting and not speaking:
        return Guesses()
    around = _around(session, waiting, speaking)
    reached = _reached(session, speaking)
    return Guesses(
        {letter.praise.id: _whom(letter, around) for letter in waiting},
        {letter.praise.id: found for letter in speaking if (found := _named(letter, around, reached, viewer))},
    )


def _may_name(letter: Letter, viewer: Viewer) -> bool:
    """Whether it went to a whole department of the viewer's, in the customer's own words."""
    praise = letter.praise
    is_theirs = viewer.sees_everything or praise.department_id in viewer.managed
    is_open = not praise.is_held and praise.person_id is None and praise.excerpt is None
    return is_theirs and is_open and bool(letter.submission.message)


def _whom(letter: Letter, around: _Around) -> list[Guess]:
    """The likeliest first: named, then met there, then of the department; who was away that day after all others."""
    named = mentions.suggested((letter.submission.person_note, letter.submission.message), around.known)
    sure = {id: place for place, id in enumerate(named)}
    found = [(_guess(person, letter, around, is_named=person.id in sure), person) for person in around.people]
    near = [guess for guess, person in found if _is_near(person, guess, letter, around)]
    near.sort(key=lambda one: (not one.is_named, one.is_away, sure.get(one.person_id, 0), not one.place, one.name))
    return near[:MOST_OFFERED]


def _named(letter: Letter, around: _Around, reached: Collection[tuple[int, int]], viewer: Viewer) -> list[Guess]:
    """Whom the words name of those whom the viewer may see, and whom it has not reached in person."""
    by_id = {person.id: person for person in around.people}
    found = []
    for id in mentions.suggested((letter.submission.message,), around.known):
        person, guess = by_id[id], _guess(by_id[id], letter, around, is_named=True)
        is_seen = viewer.sees_everything or person.department_id in viewer.managed
        if is_seen and (letter.submission.id, id) not in reached and _is_near(person, guess, letter, around):
            found.append(guess)
    return found[:MOST_OFFERED]


def _is_near(person: Person, guess: Guess, letter: Letter, around: _Around) -> bool:
    """Whether they belong to the letter's department or place, and nobody said that it is not about them."""
    if (letter.praise.id, person.id) in around.refused:
        return False
    return bool(guess.place) or _is_within(person.department_id, letter.praise.department_id, around.above)


def _is_within(department_id: int, wanted: int, above: Mapping[int, Department]) -> bool:
    step, seen = department_id, set[int]()
    while step != wanted:
        seen.add(step)
        higher = above[step].parent_id if step in above else None
        if higher is None or higher in seen:
            return False
        step = higher
    return True


def _guess(person: Person, letter: Letter, around: _Around, *, is_named: bool) -> Guess:
    day = (letter.submission.happened_at or letter.submission.submitted_at).astimezone(around.zone).date()
    return Guess(person.id, person.name, is_named, _place(person, letter, around), _is_away(person, day, around))


def _place(person: Person, letter: Letter, around: _Around) -> str:
    """The name of the nearest of the places it was sent from where the person is met, "" where they are at none."""
    step, seen = letter.submission.place_id, set[int]()
    while step is not None and step in around.places and step not in seen:
        seen.add(step)
        place = around.places[step]
        if step in around.met.get(person.id, ()):
            return place.name
        step = place.parent_id
    return ""


def _is_away(person: Person, day: date, around: _Around) -> bool:
    return any(away.from_on <= day <= away.until_on for away in around.absent.get(person.id, ()))


def _around(session: Session, waiting: Sequence[Letter], speaking: Sequence[Letter]) -> _Around:
    """Read what all letters of the page need, in a fixed number of statements."""
    letters = [*waiting, *speaking]
    sites = {letter.submission.place_id for letter in letters if letter.submission.place_id}
    places = places_above(session, sites) if sites else {}
    met: dict[int, set[int]] = defaultdict(set)
    if places:
        pairs = select(PersonPlace.person_id, PersonPlace.place_id).where(PersonPlace.place_id.in_(places))
        for person_id, place_id in session.execute(pairs.order_by(PersonPlace.person_id).limit(MOST_KNOWN)):
            met[person_id].add(place_id)
    people = _people(session, {letter.praise.department_id for letter in letters}, met)
    zone = ZoneInfo(session.scalars(select(Organisation.timezone)).one())
    days = [(one.submission.happened_at or one.submission.submitted_at).astimezone(zone).date() for one in waiting]
    return _Around(
        people=people,
        known=tuple(Known(one.id, one.name, one.public_name, one.aliases) for one in people),
        met=met,
        places=places,
        above=departments_above(session, {one.department_id for one in people}) if people else {},
        refused=_refused(session, letters),
        absent=absences.away(session, [one.id for one in people], min(days)) if days else {},
        zone=zone,
    )


def _people(session: Session, departments: Collection[int], met: Collection[int]) -> Sequence[Person]:
    below = departments_below(departments)
    there = Person.id.in_(list(met))
    return session.scalars(
        select(Person)
        .where(Person.retired_at.is_(None), or_(there, Person.department_id.in_(select(below.c.id))))
        .order_by(case((there, 0), else_=1), Person.name, Person.id)
        .limit(MOST_KNOWN)
    ).all()


def _refused(session: Session, letters: Sequence[Letter]) -> set[tuple[int, int]]:
    ids = [letter.praise.id for letter in letters]
    rows = session.execute(select(NotMeant.praise_id, NotMeant.person_id).where(NotMeant.praise_id.in_(ids)))
    return {(praise_id, person_id) for praise_id, person_id in rows}


def _reached(session: Session, letters: Sequence[Letter]) -> set[tuple[int, int]]:
    """Submission and person of each letter that somebody got in person."""
    ids = [letter.submission.id for letter in letters]
    mine = select(Praise.submission_id, Praise.person_id).where(
        Praise.submission_id.in_(ids), Praise.person_id.is_not(None)
    )
    return {(submission_id, person_id) for submission_id, person_id in session.execute(mine) if person_id}
