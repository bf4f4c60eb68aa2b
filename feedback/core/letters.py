"""The letters a person takes along: praise for them in person, with all that is theirs of it, oldest first.

Praise for a department stays with it: everyone there earned it together, whoever joins later reads it too, and nobody
noted who was there at the time. Contact data and receipts are the customers', held praise is nobody's yet.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from feedback.core import praise
from feedback.core.access import Viewer
from feedback.core.people import Department, Place
from feedback.core.praise import Praise
from feedback.core.submissions import Submission, topic_names

PAGE = 500
Page = Select[int, int, datetime, str, str, int | None, str, str, str]


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter: the words as they were written, and what is known of where and when."""

    id: int
    at: datetime
    words: str
    language: str
    rating: int | None
    described_as: str
    department: str
    place: str | None
    topics: tuple[str, ...] = ()


def count(session: Session, viewer: Viewer) -> int:
    """How many letters the viewer can take along."""
    return session.scalar(select(func.count()).select_from(praise.to_oneself(viewer).subquery())) or 0


def all_of(session: Session, viewer: Viewer, *, size: int = PAGE) -> Iterator[Letter]:
    """Every letter to the viewer in person, oldest first, read `size` at a time in two statements each."""
    after = 0
    while found := session.execute(_page(viewer, after, size)).all():
        topics = topic_names(session, [row[0] for row in found])
        for submission_id, id, at, words, language, rating, described_as, department, place in found:
            about = tuple(topics.get(submission_id, ()))
            yield Letter(id, at, words, language, rating, described_as, department, place, about)
        after = found[-1][1]


def _page(viewer: Viewer, after: int, size: int) -> Page:
    """The submission's id and the fields of a letter, in their order."""
    return (
        select(
            Submission.id,
            Praise.id,
            Submission.submitted_at,
            Submission.message,
            Submission.language,
            Submission.rating,
            Submission.person_note,
            Department.name,
            Place.name,
        )
        .join(Submission, Submission.id == Praise.submission_id)
        .join(Department, Department.id == Praise.department_id)
        .outerjoin(Place, Place.id == Submission.place_id)
        .where(Praise.id.in_(praise.to_oneself(viewer).where(Praise.id > after).order_by(Praise.id).limit(size)))
        .order_by(Praise.id)
    )
