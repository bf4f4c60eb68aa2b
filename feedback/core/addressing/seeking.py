"""Letters that wait for their person: which they are, until when, and who can be chosen."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Exists, Select, func, or_, select
from sqlalchemy.orm import Session

from feedback.core import praise
from feedback.core.access import Permission, Viewer
from feedback.core.addressing.model import NotMeant
from feedback.core.directory import staff
from feedback.core.history import RECEIVED, Event
from feedback.core.people import Person, PersonPlace, places_above
from feedback.core.praise import Letter, Praise
from feedback.core.praise.delivering import LASTS
from feedback.core.routing import Purpose, RouteRow
from feedback.core.submissions import Submission

AGAIN = ("released", "disowned")  # events by which a letter begins to wait for its person later than it arrived
MOST_COUNTED = 100
FOUND = "found"  # the reason of a letter that waited and went to the person a manager chose
MOST_FOUND = 20


def sought(session: Session, submission_ids: Collection[int]) -> set[int]:
    """Those of the submissions whose person is, or was, to be found, in one statement."""
    if not submission_ids:
        return set()
    described = (RouteRow.submission_id.in_(submission_ids), RouteRow.purpose == Purpose.SEEKS)
    return set(session.scalars(select(RouteRow.submission_id).where(*described)))


def is_sought() -> Exists:
    """The condition that the person of a letter's submission is, or was, to be found."""
    described = (RouteRow.submission_id == Praise.submission_id, RouteRow.purpose == Purpose.SEEKS)
    return select(RouteRow.submission_id).where(*described).exists()


def found_for(session: Session, person_id: int, submission_ids: Collection[int]) -> set[int]:
    """Those of the submissions whose letter waited until a manager found out that it is for that person.

    One that went to them beside a whole department's is none of them: it never waited.
    """
    if not submission_ids:
        return set()
    theirs = (RouteRow.submission_id.in_(submission_ids), RouteRow.person_id == person_id)
    rows = session.execute(select(RouteRow.submission_id, RouteRow.reasons).where(*theirs))
    return {id for id, reasons in rows if any(name == FOUND for name, _ in reasons)}


def lapses_at(session: Session, submission_ids: Collection[int]) -> dict[int, datetime]:
    """When each of those submissions is delivered to the whole department, if nobody finds its person."""
    if not submission_ids:
        return {}
    began = select(Event.submission_id, func.max(Event.at)).where(
        Event.submission_id.in_(submission_ids), Event.name.in_((RECEIVED, *AGAIN))
    )
    return {id: at + LASTS for id, at in session.execute(began.group_by(Event.submission_id))}


def count(session: Session, viewer: Viewer) -> int:
    """How many letters wait for the viewer to decide, at most MOST_COUNTED."""
    waiting = praise.waiting(viewer, after=None, size=MOST_COUNTED).subquery()
    return session.scalar(select(func.count()).select_from(waiting)) or 0


def to_address(session: Session, viewer: Viewer, praise_id: int) -> Letter | None:
    """The letter of that id, where it waits for its person, or went to a whole department of the viewer's."""
    if not viewer.may(Permission.MANAGE_PRAISE):
        return None
    own = praise.managed_by(viewer).where(Praise.id == praise_id, Praise.person_id.is_(None), Praise.excerpt.is_(None))
    letter = next(iter(praise.letters(session, own)), None)
    if letter is None or (letter.praise.is_held and not sought(session, [letter.submission.id])):
        return None
    return letter


def home(session: Session, letter: Praise) -> int:
    """The department whose letter it was first, wherever it is now."""
    return session.get_one(Submission, letter.submission_id).department_id or letter.department_id


def choosable(session: Session, viewer: Viewer, letter: Letter) -> Select[int]:
    """The ids of the people whom the viewer can say the letter is for.

    Those in their reach; of one that waits also their colleagues, and who is met where it was sent from.
    """
    refused = select(NotMeant.person_id).where(NotMeant.praise_id == letter.praise.id)
    here = select(Person.id).where(Person.retired_at.is_(None), Person.id.not_in(refused))
    if viewer.sees_everything:
        return here
    reach = viewer.managed | viewer.own_departments if letter.praise.is_held else viewer.managed
    known: list[ColumnElement[bool]] = [Person.department_id.in_(reach)]
    if letter.praise.is_held and letter.submission.place_id:
        around = places_above(session, [letter.submission.place_id])
        met = select(PersonPlace.person_id).where(PersonPlace.place_id.in_(around))
        known.append(Person.id.in_(met))
    return here.where(or_(*known))


def to_choose(session: Session, viewer: Viewer, letter: Letter, q: str) -> Sequence[tuple[int, str, str]]:
    """Id, name and department of the first MOST_FOUND people to choose whose names hold `q`, by name."""
    ids = choosable(session, viewer, letter)
    if q:
        like = f"%{staff.like_escaped(q.lower())}%"
        columns = (Person.name, Person.public_name, Person.also_called)
        ids = ids.where(or_(*(func.lower(column).like(like, escape=staff.ESCAPE) for column in columns)))
    return staff.told_apart(session, ids.order_by(Person.name, Person.id).limit(MOST_FOUND))
