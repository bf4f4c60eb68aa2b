"""Saying whom a letter is for: one that waits goes to that person, one that was delivered to them as well.

Whoever gets one that a manager found for them can say that it is not about them; then it waits again, without them.
"""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from feedback.core import history, praise, recognition, routing, walls
from feedback.core.access import Permission, Viewer
from feedback.core.addressing.model import NotMeant
from feedback.core.addressing.seeking import choosable, found_for, sought
from feedback.core.people import Person
from feedback.core.praise import AlreadyDelivered, Letter, Praise, Reading
from feedback.core.praise.delivering import (
    add_routes,
    let_go,
    owe,
    picture_of,
    reason_beyond,
    today,
    waiting_by,
)
from feedback.core.routing import Purpose, Reason, Route, RouteRow
from feedback.db import new_id


class NotChosen(Exception):
    """There is no such person to choose, or nobody was chosen."""


def give(
    session: Session, viewer: Viewer, praise_id: int, person_id: int | None, at: datetime, *, mails: bool = True
) -> Praise | None:
    """Deliver a letter to that person: one that waits moves to them and their department, another stays and is copied.

    They and whoever else hears of their praise are owed a mail. None where the letter is not the viewer's to address.
    Raises AlreadyDelivered, NotChosen.
    """
    letter = _addressed(session, viewer, praise_id)
    if letter is None:
        return None
    person = session.scalar(
        select(Person).where(Person.id == person_id, Person.id.in_(choosable(session, viewer, letter)))
    )
    if person is None or person_id is None:
        raise NotChosen
    moves = letter.praise.is_held
    given = _moved(letter.praise, person) if moves else _copied(session, letter, person)
    let_go(session, letter.praise)
    submission, details = letter.submission, {"praise": str(given.id), "person": person.name}
    event = history.add(session, submission, "found" if moves else "named", at, by_id=viewer.person_id, details=details)
    picture = picture_of(session, given, person)
    why: Reason = ("found" if moves else "named", {"person": person.public_name})
    routes = tuple(
        _because(why, route) for route in routing.delivered(given.department_id, why, person.id, (), picture)
    )
    add_routes(session, submission, routes, routing.routes_of(session, submission.id))
    owe(session, event, routes, picture, but={viewer.person_id}, mails=mails and not submission.is_history)
    return given


def disown(session: Session, viewer: Viewer, praise_id: int, at: datetime, *, mails: bool = True) -> Praise | None:
    """Say that a letter which a manager found for the viewer is not about them; it waits again, unread.

    Those who decide it are owed a mail. None where no manager found it for them.
    """
    found = praise.to_oneself(viewer).where(Praise.id == praise_id)
    letter = _locked(session, found)
    if letter is None or letter.praise.is_held or not found_for(session, viewer.person_id, [letter.submission.id]):
        return None
    submission, own = letter.submission, letter.praise
    before = routing.routes_of(session, submission.id)
    waits = waiting_by(before)
    _refuse(session, own.id, viewer.person_id, viewer, at)
    _take_back(session, own, waits, before)
    event = history.add(session, submission, "disowned", at, by_id=viewer.person_id, details={"person": viewer.name})
    picture = picture_of(session, own)
    route = routing.sought(own.department_id, reason_beyond(waits), picture, today(session, at))
    if route:
        owe(session, event, (route,), picture, but={viewer.person_id}, mails=mails and not submission.is_history)
    return own


def dismiss(session: Session, viewer: Viewer, praise_id: int, person_id: int | None, at: datetime) -> Praise | None:
    """Say that a letter does not speak of that person, so that they are not suggested again.

    None where it is not the viewer's to address. Raises NotChosen.
    """
    letter = _open(session, viewer, praise_id)
    if letter is None:
        return None
    if person_id is None or session.get(Person, person_id) is None:
        raise NotChosen
    _refuse(session, praise_id, person_id, viewer, at)
    return letter.praise


def _addressed(session: Session, viewer: Viewer, praise_id: int) -> Letter | None:
    """The letter, if the viewer may say whom it is for. Raises AlreadyDelivered where someone said so before."""
    letter = _open(session, viewer, praise_id)
    if letter is None or (letter.praise.is_held and not _waits_for_person(session, letter)):
        return None
    if letter.praise.person_id is not None:
        raise AlreadyDelivered(_first_department(letter))
    return letter


def _open(session: Session, viewer: Viewer, praise_id: int) -> Letter | None:
    """The letter of that id, locked, if it is or was the viewer's to decide on."""
    if not viewer.may(Permission.MANAGE_PRAISE):
        return None
    letter = _locked(session, praise.managed_by(viewer).where(Praise.id == praise_id, Praise.excerpt.is_(None)))
    if letter:
        return letter
    gone = _locked(session, select(Praise.id).where(Praise.id == praise_id, Praise.excerpt.is_(None), ~Praise.is_held))
    if gone and gone.submission.department_id in viewer.managed and sought(session, [gone.submission.id]):
        raise AlreadyDelivered(_first_department(gone))  # it was, until it moved to another department
    return None


def _locked(session: Session, ids: praise.Ids) -> Letter | None:
    """The one letter of those ids; whoever decides on it at the same time waits, and sees what became of it."""
    session.scalar(select(Praise.id).where(Praise.id.in_(ids)).with_for_update())
    return next(iter(praise.letters(session, ids)), None)


def _waits_for_person(session: Session, letter: Letter) -> bool:
    return bool(sought(session, [letter.submission.id]))


def _first_department(letter: Letter) -> int:
    return letter.submission.department_id or letter.praise.department_id


def _moved(letter: Praise, person: Person) -> Praise:
    letter.person_id, letter.department_id, letter.is_held = person.id, person.department_id, False
    return letter


def _copied(session: Session, letter: Letter, person: Person) -> Praise:
    """A letter of their own beside that of the department. Raises AlreadyDelivered where they have one."""
    own = select(Praise.id).where(Praise.submission_id == letter.submission.id, Praise.person_id == person.id)
    if session.scalar(own) is not None:
        raise AlreadyDelivered(letter.praise.department_id)
    copy = Praise(
        id=new_id(letter.submission.submitted_at),
        submission_id=letter.submission.id,
        person_id=person.id,
        department_id=person.department_id,
        is_held=False,
    )
    session.add(copy)
    session.flush()
    return copy


def _because(why: Reason, route: Route) -> Route:
    """The person's route for the reason that a manager gave, instead of that the customer named them."""
    if route.person_id is None:
        return route
    return Route(route.purpose, (why,), route.department_id, route.person_id, readers=route.readers)


def _take_back(session: Session, own: Praise, waits: RouteRow, before: list[RouteRow]) -> None:
    """Let the letter wait where it waited, as if it had never reached anyone."""
    theirs = next((route for route in reversed(before) if route.person_id == own.person_id), None)
    for route in before:
        follows = theirs is not None and route.purpose == Purpose.TELLS and route.position == theirs.position + 1
        if route is theirs or follows:
            session.delete(route)
    session.execute(delete(Reading).where(Reading.praise_id == own.id))
    recognition.forget(session, own.id)
    walls.forget(session, own.id)
    own.person_id, own.is_held, own.read_at = None, True, None
    own.department_id = waits.department_id or own.department_id
    session.flush()


def _refuse(session: Session, praise_id: int, person_id: int, viewer: Viewer, at: datetime) -> None:
    if session.get(NotMeant, (praise_id, person_id)) is None:
        session.add(NotMeant(praise_id=praise_id, person_id=person_id, by_id=viewer.person_id, at=at))
