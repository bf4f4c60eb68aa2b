"""Where a retired code leads now: to the code issued in its place, else to that of the department behind it."""

from dataclasses import dataclass

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from feedback.core.links import Link, names, nearest_department
from feedback.core.people import Person, departments_above, places_above

LONGEST = 16  # codes issued one in place of another that are followed


@dataclass(frozen=True, slots=True)
class Onward:
    """A code that works, and what it points at."""

    code: str
    heading: str
    is_successor: bool


def onward(session: Session, link: Link) -> Onward | None:
    """The code to go on to from `link`, which is retired; None where there is none."""
    successor = _successor(session, link)
    found = successor or _of_department(session, link)
    if found is None:
        return None
    return Onward(found.code, names(session, [found])[found.id][0], is_successor=successor is not None)


def _successor(session: Session, link: Link) -> Link | None:
    """The first in the line of codes issued in its place that works."""
    following: Link | None = link
    for _ in range(LONGEST):
        following = session.get(Link, following.successor_id) if following and following.successor_id else None
        if following is None or following.retired_at is None:
            return following
    return None


def _of_department(session: Session, link: Link) -> Link | None:
    """The oldest code that works of the department behind it, or of the nearest above that has one."""
    department_id = _department(session, link)
    above = departments_above(session, [department_id]) if department_id else {}
    nearness, step = dict[int, int](), above.get(department_id or 0)
    while step and step.id not in nearness:
        nearness[step.id] = len(nearness)
        step = above.get(step.parent_id or 0)
    if not nearness:
        return None
    return session.scalar(
        select(Link)
        .where(Link.department_id.in_(nearness), Link.retired_at.is_(None))
        .order_by(case(nearness, value=Link.department_id), Link.id)
        .limit(1)
    )


def _department(session: Session, link: Link) -> int | None:
    if link.person_id:
        return session.get_one(Person, link.person_id).department_id
    if link.place_id:
        return nearest_department(places_above(session, [link.place_id]), link.place_id)
    return link.department_id
