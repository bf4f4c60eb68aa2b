"""Keeping back a letter that waits: an act, with a reason, of those who could deliver it; its sender is not told."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback.core import history, praise
from feedback.core.access import Permission, Viewer
from feedback.core.people import Person
from feedback.core.praise import AlreadyDelivered, Letter, Praise, Withholding
from feedback.core.routing import Purpose, Reason, RouteRow
from feedback.core.submissions import Submission

LONGEST = 1000  # characters of a reason


class AlreadyKeptBack(Exception):
    """Someone else kept the letter back before."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Who kept a letter back, when and why."""

    by: str
    at: datetime
    reason: str


def waiting(session: Session, viewer: Viewer, praise_id: int) -> Letter | None:
    """The letter of that id, where it waits and is the viewer's to decide on."""
    if not viewer.may(Permission.MANAGE_PRAISE):
        return None
    own = praise.managed(viewer, department_id=None, person_id=None, after=None, size=1)
    return next(iter(praise.letters(session, own.where(Praise.id == praise_id, Praise.is_held))), None)


def keep_back(session: Session, viewer: Viewer, praise_id: int, reason: str, at: datetime) -> Praise | None:
    """Deliver a held compliment to nobody, for now, and note why; it can still be delivered.

    None where it is not the viewer's. Raises AlreadyDelivered, AlreadyKeptBack.
    """
    if not viewer.may(Permission.MANAGE_PRAISE):
        return None
    own = praise.managed_by(viewer).where(Praise.id == praise_id)
    found = session.scalar(select(Praise).where(Praise.id.in_(own)).with_for_update())
    if found is None:
        return None
    if not found.is_held:
        raise AlreadyDelivered(found.department_id)
    if session.get(Withholding, praise_id):
        raise AlreadyKeptBack
    session.add(Withholding(praise_id=praise_id, by_id=viewer.person_id, at=at, reason=reason))
    submission = session.get_one(Submission, found.submission_id)
    history.add(session, submission, "kept_back", at, by_id=viewer.person_id, text=reason)
    return found


def kept(session: Session, praise_ids: Collection[int]) -> dict[int, Kept]:
    """Of those letters the ones that were kept back, in one statement."""
    rows = session.execute(
        select(Withholding.praise_id, Person.name, Withholding.at, Withholding.reason)
        .join(Person, Person.id == Withholding.by_id)
        .where(Withholding.praise_id.in_(praise_ids))
    )
    return {id: Kept(by, at, reason) for id, by, at, reason in rows}


def is_any_kept(session: Session, viewer: Viewer) -> bool:
    """Whether the viewer could read a letter that was kept back."""
    return session.scalar(praise.kept_back(viewer, after=None, size=1)) is not None


def why_held(session: Session, submission_ids: Collection[int]) -> dict[int, Reason]:
    """Why each of those submissions waits or waited for a manager, in one statement."""
    rows = session.execute(
        select(RouteRow.submission_id, RouteRow.reasons).where(
            RouteRow.submission_id.in_(submission_ids), RouteRow.purpose == Purpose.HOLDS
        )
    )
    return {id: cast(Reason, tuple(reasons[0])) for id, reasons in rows}
