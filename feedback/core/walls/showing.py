"""What walls show: praise whose customer and receiver both agreed. Neither alone, and no complaint, can get there.

Everything goes through `shown`: its selection begins with compliments that may be shared, were delivered, and are no
excerpt of something else. A letter for one person is theirs to put up, and theirs or their manager's to take down;
that of a whole department its manager's, unless its words name somebody who was not asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, and_, delete, or_, select
from sqlalchemy.orm import Session

from feedback.core import mentions, praise
from feedback.core.access import Viewer
from feedback.core.mentions import Known
from feedback.core.people import Department, Person, Place, departments_below
from feedback.core.praise import Letter, Praise
from feedback.core.submissions import Kind, Submission
from feedback.core.walls.model import Showing, Wall
from feedback.db import new_id, table_of, upsert

MOST = 40  # letters that a wall shows in turn
AT_ONCE = 500  # people whose names are looked for in the words


class Refused(StrEnum):
    """Why a letter is not put up."""

    NAMES_SOMEONE = "names_someone"  # who was not asked


@dataclass(frozen=True, slots=True)
class Shown:
    """One letter on a wall: the words, all they are for, where and when they were written."""

    id: int
    words: str
    language: str
    to: tuple[str, ...]
    place: str
    at: datetime


def may_show(viewer: Viewer, letter: Letter) -> bool:
    """Whether it is the viewer's to put up: their own, or that of a whole department they manage."""
    if not letter.may_share or letter.praise.is_held or not letter.words:
        return False
    if letter.praise.person_id is not None:
        return letter.praise.person_id == viewer.person_id
    return _manages(viewer, letter.praise.department_id)


def may_take_down(viewer: Viewer, letter: Letter) -> bool:
    """Whether it is the viewer's to take down: whoever may put it up, and its managers."""
    return may_show(viewer, letter) or _manages(viewer, letter.praise.department_id)


def put_up(session: Session, viewer: Viewer, praise_id: int, at: datetime) -> Refused | bool:
    """Agree that a letter is shown; what is shown stays. True, or why not; False where it is not the viewer's."""
    # Who gives it to somebody else at the same time waits.
    session.scalar(select(Praise.id).where(Praise.id == praise_id).with_for_update(key_share=True))
    letter = praise.delivered_to(session, viewer, praise_id)
    if letter is None or not may_show(viewer, letter):
        return False
    if _others_named(session, letter):
        return Refused.NAMES_SOMEONE
    row = {"id": new_id(at), "praise_id": praise_id, "agreed_by_id": viewer.person_id, "at": at}
    session.execute(upsert(session.get_bind().dialect.name, table_of(Showing)).on_conflict_do_nothing(), [row])
    return True


def take_down(session: Session, viewer: Viewer, praise_id: int) -> bool:
    """Show it no longer, on any wall; False where it is not the viewer's to say."""
    letter = praise.delivered_to(session, viewer, praise_id)
    if letter is None or not may_take_down(viewer, letter):
        return False
    forget(session, praise_id)
    return True


def forget(session: Session, praise_id: int) -> None:
    """Forget that a letter was to be shown: it is for somebody else now."""
    session.execute(
        delete(Showing).where(Showing.praise_id == praise_id), execution_options={"synchronize_session": False}
    )


def shown(session: Session, wall: Wall, *, most: int = MOST) -> list[Shown]:
    """What the wall shows, the newest first, in one statement; words that reached several stand there once."""
    rows = session.execute(_agreed(wall).order_by(Showing.id.desc()).limit(most))
    found: dict[int, Shown] = {}
    for id, submission, words, language, person, department, place, at in rows:
        one = found.setdefault(submission, Shown(id, words, language, (), place or "", at))
        found[submission] = replace(one, to=(*one.to, person or department))
    return list(found.values())


def among(session: Session, ids: Sequence[int]) -> set[int]:
    """Those of the letters `ids` that are shown."""
    return set(session.scalars(select(Showing.praise_id).where(Showing.praise_id.in_(ids))))


def is_any(session: Session) -> bool:
    """Whether there is any wall to show it on."""
    return session.scalar(select(Wall.id).where(Wall.closed_at.is_(None)).limit(1)) is not None


def _agreed(wall: Wall) -> Select[*tuple[Any, ...]]:
    within = select(departments_below([wall.department_id]).c.id)
    return (
        select(
            Showing.id,
            Submission.id,
            Submission.message,
            Submission.language,
            Person.public_name,
            Department.name,
            Place.name,
            Submission.submitted_at,
        )
        .join(Praise, Praise.id == Showing.praise_id)
        .join(Submission, Submission.id == Praise.submission_id)
        .join(Department, Department.id == Praise.department_id)
        .outerjoin(Person, Person.id == Praise.person_id)
        .outerjoin(Place, Place.id == Submission.place_id)
        .where(
            Submission.kind == Kind.COMPLIMENT,
            Submission.may_share,
            ~Praise.is_held,
            Praise.excerpt.is_(None),
            Praise.department_id.in_(within),
            or_(
                Praise.person_id.is_(None), and_(Praise.person_id == Showing.agreed_by_id, Person.retired_at.is_(None))
            ),
        )
    )


def _manages(viewer: Viewer, department_id: int) -> bool:
    return viewer.sees_everything or department_id in viewer.managed


def _others_named(session: Session, letter: Letter) -> list[int]:
    """Who of those that work here, or did, is named in the letter's words beside the one it is for."""
    others = select(Person).where(Person.id != (letter.praise.person_id or 0))
    named = list[int]()
    for people in session.scalars(others.order_by(Person.id).execution_options(yield_per=AT_ONCE)).partitions():
        known = [Known(one.id, one.name, one.public_name, one.aliases) for one in people]
        named += mentions.suggested((letter.words,), known)
    return named
