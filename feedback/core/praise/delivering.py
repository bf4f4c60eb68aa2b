"""Passing on a letter that waited for a manager: unchanged, to all whom it would have reached at once."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import cast

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from feedback import clock
from feedback.core import history, notices, routing
from feedback.core.access import Permission, Viewer
from feedback.core.history import Event
from feedback.core.notices import About, Notice
from feedback.core.organisation import Organisation
from feedback.core.people import Department, Person, Topic
from feedback.core.praise.listing import managed_by
from feedback.core.praise.model import Praise, Withholding
from feedback.core.routing import Picture, Purpose, Reason, Route, RouteRow
from feedback.core.submissions import Submission, SubmissionTopic
from feedback.db import new_id

LASTS = timedelta(days=7)  # that a person is looked for; then a letter goes to the whole department


class AlreadyDelivered(Exception):
    """The praise of that department is not waiting (any more): someone else passed it on."""

    def __init__(self, department_id: int) -> None:
        super().__init__()
        self.department_id = department_id


def deliver(session: Session, viewer: Viewer, praise_id: int, at: datetime, *, mails: bool = True) -> Praise | None:
    """Pass a held compliment on, unchanged, to all whom it would have reached at once, as routing decides it now.

    What describes somebody waits on until they are found; what waited for that goes to the whole department. All but
    the viewer, who has read it, are owed a mail, where the installation sends any and it is not history. None where
    it is not the viewer's. Raises AlreadyDelivered.
    """
    if not viewer.may(Permission.MANAGE_PRAISE):
        return None
    praise = session.scalar(
        select(Praise).where(Praise.id == praise_id, Praise.id.in_(managed_by(viewer))).with_for_update()
    )
    if praise is None:
        return None
    if not praise.is_held:
        raise AlreadyDelivered(praise.department_id)
    submission = session.get_one(Submission, praise.submission_id)
    before = routing.routes_of(session, submission.id)
    picture = picture_of(session, praise)
    routes = _onward(session, praise, submission, before, picture, at)
    let_go(session, praise)
    praise.is_held = routes[0].purpose == Purpose.SEEKS
    event = history.add(session, submission, "released" if praise.is_held else "passed_on", at, by_id=viewer.person_id)
    add_routes(session, submission, routes, before)
    owe(session, event, routes, picture, but={viewer.person_id}, mails=mails and not submission.is_history)
    return praise


def as_if_delivered(session: Session, routes: Sequence[RouteRow], at: datetime) -> Sequence[Route | RouteRow]:
    """The routes of a compliment as its sender may know of them at that moment: one that waits, or was kept back, like
    any other.

    That somebody is looked for whom they described they may know; not that it takes longer than for others.
    """
    if not routes or routes[0].purpose not in routing.WAITING:
        return routes
    submission_id = routes[0].submission_id
    beyond = sorted((r for r in routes if r.purpose not in routing.WAITING), key=lambda r: r.person_id is None)
    praise = session.scalar(select(Praise).where(Praise.submission_id == submission_id, Praise.is_held))
    if praise is None:
        return beyond
    waits, picture = waiting_by(routes), picture_of(session, praise)
    submission, is_sought = session.get_one(Submission, submission_id), waits.purpose == Purpose.SEEKS
    onward: Sequence[Route | RouteRow] = (waits, *beyond)
    if not is_sought:
        onward = _onward(session, praise, submission, routes, picture, submission.submitted_at)
    if not (is_sought or is_described(praise, submission)) or at < _waits_since(session, submission) + LASTS:
        return onward
    reached = [route for route in onward if route.purpose not in routing.WAITING]
    return (*reached, *to_everyone(session, praise, waits, picture))


def to_everyone(session: Session, praise: Praise, waits: RouteRow, picture: Picture) -> Sequence[Route]:
    """The routes of a letter whose person nobody found within LASTS."""
    department = session.get_one(Department, praise.department_id)
    why: Reason = ("nobody_found", {"department": department.name})
    return tuple(routing.delivered(waits.department_id, why, None, (), picture))


def _waits_since(session: Session, submission: Submission) -> datetime:
    """Since when its person is looked for, as far as its sender knows: a person it was given to may give it back."""
    again = select(func.max(Event.at)).where(Event.submission_id == submission.id, Event.name == "disowned")
    return session.scalar(again) or submission.submitted_at


def is_described(praise: Praise, submission: Submission) -> bool:
    """Whether the letter is for somebody whom the customer described, and nobody has said yet who that is."""
    return bool(submission.person_note) and praise.person_id is None and not submission.is_history


def waiting_by(routes: Sequence[RouteRow]) -> RouteRow:
    """The route by which a letter waits, the last of those by which it ever did."""
    return next(route for route in reversed(routes) if route.purpose in routing.WAITING)


def reason_beyond(waits: RouteRow) -> Reason:
    """Why a letter that waits goes where it goes, behind why it waits."""
    name, details = waits.reasons[1]
    return str(name), cast(Mapping[str, str], details)


def picture_of(session: Session, praise: Praise, person: Person | None = None) -> Picture:
    """What routing has to know to pass `praise` on: whom it is for, or `person`, and whose its topics are."""
    about = select(SubmissionTopic.topic_id).where(SubmissionTopic.submission_id == praise.submission_id)
    topics = session.scalars(select(Topic).where(Topic.id.in_(about)).order_by(Topic.id)).all()
    home = person.department_id if person else praise.department_id
    person = person or (session.get(Person, praise.person_id) if praise.person_id else None)
    return routing.picture(
        session,
        departments={praise.department_id, home, *(topic.department_id for topic in topics)},
        people={person.id: (person.public_name, home)} if person else {},
        topics={topic.id: (topic.name, topic.department_id) for topic in topics},
    )


def add_routes(session: Session, submission: Submission, routes: Sequence[Route], before: Sequence[RouteRow]) -> None:
    """Keep the routes behind those from `before`, with a letter for each department but that of the first."""
    first = max((route.position for route in before), default=-1) + 1
    session.add_all(routing.row(submission.id, place, route) for place, route in enumerate(routes, first))
    session.add_all(
        Praise(
            id=new_id(submission.submitted_at),  # among the letters of the day on which it was written, like the first
            submission_id=submission.id,
            department_id=route.department_id,
            is_held=False,
        )
        for route in routes[1:]
        if route.purpose == Purpose.DELIVERS
    )


def owe(
    session: Session, event: Event, routes: Sequence[Route], picture: Picture, *, but: Collection[int], mails: bool
) -> None:
    """Owe a mail of `event` to all whom the routes lead to, `but` those who know it."""
    session.flush()
    if not mails:
        return
    told: dict[int, About] = {}
    for route in routes:
        about = About.SOUGHT if route.purpose == Purpose.SEEKS else About.PRAISE
        told = {reader: about for reader in route.readers if reader in picture.mailable} | told
    session.add_all(
        Notice(**notices.row(event.id, person_id, about, event.at))
        for person_id, about in told.items()
        if person_id not in but
    )


def let_go(session: Session, praise: Praise) -> None:
    """Keep the letter back no longer, if it was."""
    session.execute(delete(Withholding).where(Withholding.praise_id == praise.id))


def today(session: Session, at: datetime) -> date:
    """The day of that moment where the organisation is."""
    return clock.day(at, session.scalars(select(Organisation.timezone)).one())


def _onward(
    session: Session,
    praise: Praise,
    submission: Submission,
    before: Sequence[RouteRow],
    picture: Picture,
    at: datetime,
) -> Sequence[Route]:
    """The routes a letter takes that waits no longer by the last of those from `before`."""
    waits = waiting_by(before)
    reason = reason_beyond(waits)
    if waits.purpose == Purpose.SEEKS:  # the departments of its topics have it already
        return tuple(routing.delivered(waits.department_id, reason, None, (), picture))
    if is_described(praise, submission):
        return routing.seeking(waits.department_id, reason, picture.topics, picture, today(session, at))
    return routing.passed_on(waits, praise.person_id, picture.topics, picture)
