"""Passing on a letter that waited for a manager: unchanged, to all whom it would have reached at once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback.core import history, notices, routing
from feedback.core.access import Permission, Viewer
from feedback.core.notices import About, Notice
from feedback.core.people import Person, Topic
from feedback.core.praise.listing import managed_by
from feedback.core.praise.model import Praise
from feedback.core.routing import Picture, Purpose, Route, RouteRow
from feedback.core.submissions import Submission, SubmissionTopic
from feedback.db import new_id


class AlreadyDelivered(Exception):
    """The praise of that department is not waiting (any more): someone else passed it on."""

    def __init__(self, department_id: int) -> None:
        super().__init__()
        self.department_id = department_id


def deliver(session: Session, viewer: Viewer, praise_id: int, at: datetime, *, mails: bool = True) -> Praise | None:
    """Pass a held compliment on, unchanged, to all whom it would have reached at once, as routing decides it now.

    All but the viewer, who has read it, are owed a mail, where the installation sends any and it is not history.
    None where it is not the viewer's. Raises AlreadyDelivered.
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
    praise.is_held = False
    submission = session.get_one(Submission, praise.submission_id)
    event = history.add(session, submission, "passed_on", at, by_id=viewer.person_id)
    picture = _picture(session, praise)
    routes = _passed_on(session, praise, submission, picture)
    session.flush()
    told = dict.fromkeys(reader for route in routes for reader in route.readers if reader in picture.mailable)
    for person_id in told if mails and not submission.is_history else ():
        if person_id != viewer.person_id:
            session.add(Notice(**notices.row(event.id, person_id, About.PRAISE, at)))
    return praise


def as_if_delivered(session: Session, routes: Sequence[RouteRow]) -> Sequence[Route | RouteRow]:
    """The routes of a compliment as its sender may know of them: one that waits, or was kept back, like any other."""
    if not routes or routes[0].purpose != Purpose.HOLDS:
        return routes
    if len(routes) > 1:
        return routes[1:]
    praise = session.scalar(select(Praise).where(Praise.submission_id == routes[0].submission_id))
    if praise is None:
        return ()
    picture = _picture(session, praise)
    return routing.passed_on(routes[0], praise.person_id, picture.topics, picture)


def _picture(session: Session, praise: Praise) -> Picture:
    """What routing has to know to pass `praise` on: whom it is for, and whose its topics are."""
    about = select(SubmissionTopic.topic_id).where(SubmissionTopic.submission_id == praise.submission_id)
    topics = session.scalars(select(Topic).where(Topic.id.in_(about)).order_by(Topic.id)).all()
    person = session.get(Person, praise.person_id) if praise.person_id else None
    return routing.picture(
        session,
        departments={praise.department_id, *(topic.department_id for topic in topics)},
        people={person.id: (person.public_name, praise.department_id)} if person else {},
        topics={topic.id: (topic.name, topic.department_id) for topic in topics},
    )


def _passed_on(session: Session, praise: Praise, submission: Submission, picture: Picture) -> Sequence[Route]:
    """Keep the routes from here, after the one by which it waited, with a letter for each further department."""
    before = routing.routes_of(session, submission.id)
    _, *others = routes = routing.passed_on(before[0], praise.person_id, picture.topics, picture)
    session.add_all(routing.row(submission.id, place, route) for place, route in enumerate(routes, len(before)))
    session.add_all(
        Praise(
            id=new_id(submission.submitted_at),  # among the letters of the day on which it was written, like `praise`
            submission_id=submission.id,
            department_id=route.department_id,
            is_held=False,
        )
        for route in others
        if route.purpose == Purpose.DELIVERS
    )
    return routes
