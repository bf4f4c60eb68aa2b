"""Letters whose person nobody found within a week: they go to the whole department, so that no thanks are lost."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from feedback.core import history, routing
from feedback.core.addressing.seeking import AGAIN, is_sought
from feedback.core.history import Event
from feedback.core.praise import Praise, Withholding
from feedback.core.praise.delivering import LASTS, add_routes, owe, picture_of, to_everyone, waiting_by
from feedback.core.submissions import Submission
from feedback.db import first_id

BATCH = 50


def is_any_lapsed(session: Session, at: datetime) -> bool:
    """Whether a letter has waited for its person too long."""
    return session.scalar(select(Praise.id).where(_has_lapsed(at)).limit(1)) is not None


def let_lapse(session: Session, at: datetime, *, mails: bool = True) -> int:
    """Deliver up to BATCH letters to everyone in their department, because nobody found their person; how many."""
    # The condition stands at the row that is locked: of one that changed meanwhile it is asked again.
    due = select(Praise).where(_has_lapsed(at)).order_by(Praise.id).limit(BATCH)
    found = session.scalars(due.with_for_update(skip_locked=True)).all()
    ids = [praise.id for praise in found]
    # Once more, now that they are held: what was kept back in between is in another table.
    kept = set(session.scalars(select(Withholding.praise_id).where(Withholding.praise_id.in_(ids)))) if ids else ()
    for praise in found:
        if praise.id not in kept:
            _deliver(session, praise, at, mails=mails)
    return len(found)


def _has_lapsed(at: datetime) -> ColumnElement[bool]:
    """The condition that a letter waits for its person since before a week, and is not kept back."""
    kept = select(Withholding.praise_id).where(Withholding.praise_id == Praise.id).exists()
    again = (
        select(Event.id)
        .where(Event.submission_id == Praise.submission_id, Event.name.in_(AGAIN), Event.at > at - LASTS)
        .exists()
    )
    return and_(Praise.is_held, Praise.id < first_id(at - LASTS), is_sought(), ~kept, ~again)


def _deliver(session: Session, praise: Praise, at: datetime, *, mails: bool) -> None:
    submission = session.get_one(Submission, praise.submission_id)
    before = routing.routes_of(session, submission.id)
    praise.is_held = False
    event = history.add(session, submission, "lapsed", at)
    picture = picture_of(session, praise)
    routes = to_everyone(session, praise, waiting_by(before), picture)
    add_routes(session, submission, routes, before)
    owe(session, event, routes, picture, but=(), mails=mails and not submission.is_history)
