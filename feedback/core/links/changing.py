"""What may become of a printed code: pointed elsewhere, set differently, retired, brought back, issued anew.

Whoever changes it says what they saw of it; of two at once the second is refused, and sees what the first did.
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedback.core import audit
from feedback.core.access import Viewer
from feedback.core.links import Link, names, new_link, visible_to
from feedback.core.links.targets import Target
from feedback.core.people import Topic
from feedback.text import known

POINTED = "pointed"


class ChangedMeanwhile(Exception):
    """The link is not as it was shown; nothing was changed."""


class NoChange(Exception):
    """The link is like that already."""


def stamp(session: Session, link: Link) -> str:
    """A mark of how the link is now and of the last change to it, to be shown and sent along with the next."""
    last = audit.of_one(session, "link", link.id, size=1)
    seen = (link.points_at, link.target_id, link.topic_id, link.language, link.retired_at, link.successor_id)
    return sha256(repr((seen, [entry.id for entry in last])).encode()).hexdigest()[:16]


def to_change(session: Session, viewer: Viewer, link_id: int) -> Link | None:
    """The link, if the viewer may see it, held until the transaction ends."""
    return session.scalar(visible_to(viewer).where(Link.id == link_id).with_for_update(of=Link))


def repoint(session: Session, viewer: Viewer, link: Link, target: Target, *, seen: str, at: datetime) -> None:
    """Point the link elsewhere from the next scan on; what was sent through it stays where it is.

    `target` is one within the viewer's reach. Raises ChangedMeanwhile or NoChange.
    """
    _check(session, link, seen)
    if (link.points_at, link.target_id) == (target.kind, target.id):
        raise NoChange
    before = names(session, [link])[link.id][0]
    link.person_id = link.department_id = link.place_id = None
    setattr(link, f"{target.kind}_id", target.id)
    _note(session, viewer, link, POINTED, at, {"name": target.name, "before": before})


def set_up(
    session: Session, viewer: Viewer, link: Link, *, topic: Topic | None, language: str | None, seen: str, at: datetime
) -> None:
    """Choose what its form offers beforehand. Raises ChangedMeanwhile or NoChange."""
    _check(session, link, seen)
    topic_id = topic.id if topic else None
    if (link.topic_id, link.language) == (topic_id, language):
        raise NoChange
    link.topic_id, link.language = topic_id, language
    act = f"set{'_topic' if topic else ''}{'_language' if language else ''}"
    spoken = known(language).name if language else ""
    told = {"name": _name(session, link), "topic": topic.name if topic else "", "language": spoken}
    _note(session, viewer, link, act, at, told)


def retire(session: Session, viewer: Viewer, link: Link, *, seen: str, at: datetime) -> None:
    """Let the code open no form any more; it helps on instead. Raises ChangedMeanwhile or NoChange."""
    _check(session, link, seen)
    if link.retired_at:
        raise NoChange
    link.retired_at = at
    _note(session, viewer, link, "retired", at, {"name": _name(session, link)})


def bring_back(session: Session, viewer: Viewer, link: Link, *, seen: str, at: datetime) -> None:
    """Let a retired code open its form again. Raises ChangedMeanwhile or NoChange."""
    _check(session, link, seen)
    if not link.retired_at:
        raise NoChange
    link.retired_at = link.successor_id = None
    _note(session, viewer, link, "brought_back", at, {"name": _name(session, link)})


def reissue(session: Session, viewer: Viewer, link: Link, *, retires: bool, seen: str, at: datetime) -> Link:
    """A new code for the same; the old one keeps working, or is retired and leads to the new one.

    An old one that is retired already leads there in any case. Raises ChangedMeanwhile.
    """
    _check(session, link, seen)
    fresh = new_link(at)
    fresh.person_id, fresh.department_id, fresh.place_id = link.person_id, link.department_id, link.place_id
    fresh.topic_id, fresh.language, fresh.is_internal = link.topic_id, link.language, link.is_internal
    session.add(fresh)
    session.flush()  # before the old one names it
    leads_on = retires or link.retired_at is not None
    if leads_on:
        link.retired_at, link.successor_id = link.retired_at or at, fresh.id
    told = {"name": _name(session, link), "code": fresh.code, "before": link.code}
    _note(session, viewer, link, "replaced" if leads_on else "reissued", at, told)
    _note(session, viewer, fresh, "issued", at, told)
    return fresh


def pointed_at(session: Session, link: Link) -> datetime | None:
    """When the link was last pointed elsewhere."""
    pointed = select(func.max(audit.Entry.at)).where(audit.Entry.noun == "link", audit.Entry.noun_id == link.id)
    return session.scalar(pointed.where(audit.Entry.act == POINTED))


def topics(session: Session) -> Sequence[Topic]:
    """The topics that a form can have chosen beforehand, by name; any, as forms offer those of all departments."""
    return session.scalars(select(Topic).where(Topic.retired_at.is_(None)).order_by(Topic.name, Topic.id)).all()


def _check(session: Session, link: Link, seen: str) -> None:
    if stamp(session, link) != seen:
        raise ChangedMeanwhile


def _name(session: Session, link: Link) -> str:
    return names(session, [link])[link.id][0]


def _note(session: Session, viewer: Viewer, link: Link, act: str, at: datetime, details: dict[str, str]) -> None:
    audit.note(session, "link", link.id, act, at, by_id=viewer.person_id, details={"code": link.code} | details)
