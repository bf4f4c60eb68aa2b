"""The letters a person takes along: praise for them in person, with all that is theirs of it, oldest first.

Praise for a department stays with it: everyone there earned it together, whoever joins later reads it too, and nobody
noted who was there at the time. Contact data and receipts are the customers', held praise is nobody's yet.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedback.core import praise
from feedback.core.access import Viewer
from feedback.core.praise import Praise
from feedback.core.submissions import topic_names

PAGE = 500


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
    while found := praise.letters(session, _page(viewer, after, size))[::-1]:
        topics = topic_names(session, [one.submission.id for one in found if one.praise.excerpt is None])
        yield from (_letter(one, topics.get(one.submission.id, [])) for one in found)
        after = found[-1].praise.id


def _letter(found: praise.Letter, topics: Sequence[str]) -> Letter:
    return Letter(
        id=found.praise.id,
        at=found.at,
        words=found.words,
        language=found.submission.language,
        rating=found.rating,
        described_as=found.described_as,
        department=found.department,
        place=found.place,
        topics=tuple(topics) if found.praise.excerpt is None else (),
    )


def _page(viewer: Viewer, after: int, size: int) -> praise.Ids:
    return praise.to_oneself(viewer).where(Praise.id > after).order_by(Praise.id).limit(size)
