"""What concerns someone and is read inside: what they were told of cases, and what arrived for them since they looked.

What staff or the clock cause is a notice of the channel "app". A new complaint is none: whoever sends one waits for
no more rows than are needed, and what arrived is known by its department. A row about it is kept once it was opened;
whoever it comes to later, past others, is told with a row of that later event.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ForeignKey, Select, func, literal_column, or_, select, union_all, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback.core import notices, recognition
from feedback.core.access import Viewer
from feedback.core.cases.model import Case
from feedback.core.cases.reach import visible_to
from feedback.core.cases.sharing import Share
from feedback.core.history import Event
from feedback.core.notices import NEWS, About, Notice
from feedback.core.people import Management, Place
from feedback.core.routing import Purpose, RouteRow
from feedback.core.submissions import Kind, Submission
from feedback.db import Base, first_id, id_ref, moment, table_of, upsert

KEPT = timedelta(days=90)  # what is older is found among the cases
FIRST_LOOK = timedelta(days=7)  # of what arrived, to somebody who never looked
MOST = 100  # counted; more is "99+"
OF_LETTERS = (About.BROUGHT, About.COMMENDED)
# Written out: a value that is bound later would not let the stores use the indexes of these rows.
INSIDE = Notice.channel == literal_column(f"'{NEWS}'")


class Glance(Base):
    """When someone looked at their news last."""

    __tablename__ = "glance"

    person_id: Mapped[id_ref] = mapped_column(ForeignKey("person.id"), primary_key=True)
    at: Mapped[moment]


@dataclass(frozen=True, slots=True)
class Item:
    """One of the news: what happened to which case, and whether it is new to its reader."""

    id: int
    about: About
    at: datetime
    submission: Submission
    place: str | None
    words: str
    is_new: bool
    praise_id: int | None = None  # where it tells of a letter


def unread(session: Session, viewer: Viewer, at: datetime) -> int:
    """How many news the viewer has not read, counted up to MOST; of what they may see."""
    told = _told(viewer, at).where(Notice.read_at.is_(None)).with_only_columns(Notice.id).limit(MOST)
    n = session.scalar(select(func.count()).select_from(told.subquery())) or 0
    if n >= MOST:
        return MOST
    since = first_id(_looked(session, viewer, at))
    arrivals = [part.where(~_opened(viewer)).limit(MOST) for part in _arrivals(session, viewer, since)]
    return min(MOST, n + len(set(session.scalars(_either(arrivals)))) if arrivals else n)


def page(session: Session, viewer: Viewer, at: datetime, *, after: int | None, size: int) -> list[Item]:
    """Up to `size` news of the viewer, newest first, older than the one with the id `after`."""
    since = first_id(_looked(session, viewer, at))
    told = _told(viewer, at).with_only_columns(Notice.id).order_by(Notice.id.desc()).limit(size)
    parts = [part.where(~_opened(viewer, Event.number > 1)) for part in _arrivals(session, viewer, first_id(at - KEPT))]
    arrived = [part.order_by(Case.id.desc()).limit(size) for part in parts]
    if after is not None:
        told = told.where(Notice.id < after)
        arrived = [part.where(Case.id < after) for part in arrived]
    cases = set(session.scalars(_either(arrived))) if arrived else set()
    rows = sorted([(n, True) for n in session.scalars(told)] + [(n, False) for n in cases], reverse=True)[:size]
    found = _items(session, [n for n, is_told in rows if is_told])
    found |= _fresh(session, viewer, [n for n, is_told in rows if not is_told], since)
    return [found[number] for number, _ in rows]


def look(session: Session, viewer: Viewer, shown: Sequence[int], at: datetime, *, all_seen: bool) -> None:
    """Note that the viewer read the notices `shown`; with `all_seen` that everything which arrived was seen too."""
    _read(session, viewer, Notice.id.in_(shown), at)
    if all_seen:
        fresh = upsert(session.get_bind().dialect.name, table_of(Glance)).values(person_id=viewer.person_id, at=at)
        session.execute(fresh.on_conflict_do_update(index_elements=["person_id"], set_={"at": at}))


def read_all(session: Session, viewer: Viewer, at: datetime) -> None:
    """Let nothing that happened until now be new to the viewer."""
    _read(session, viewer, Notice.id > 0, at)
    look(session, viewer, (), at, all_seen=True)


def is_news(session: Session, viewer: Viewer, case_id: int, at: datetime) -> bool:
    """Whether there is something of that case which the viewer may see and has not read."""
    told = _told(viewer, at).where(Notice.read_at.is_(None), Event.submission_id == case_id)
    if session.scalar(told.with_only_columns(Notice.id).limit(1)) is not None:
        return True
    since = first_id(_looked(session, viewer, at))
    if case_id < since:
        return False
    parts = [part.where(Case.id == case_id, ~_opened(viewer)) for part in _arrivals(session, viewer, since)]
    return bool(parts) and session.scalar(_either(parts).limit(1)) is not None


def opened(session: Session, viewer: Viewer, case_id: int, at: datetime) -> None:
    """Note that the viewer opened that case, which they may see: what was told of it is read."""
    of_case = select(Event.id).where(Event.submission_id == case_id)
    _read(session, viewer, Notice.event_id.in_(of_case), at)
    first = session.scalar(of_case.where(Event.number == 1))
    if first is not None and case_id >= first_id(_looked(session, viewer, at)):
        row = notices.news(first, viewer.person_id, About.COMPLAINT, at) | {"read_at": at}
        fresh = upsert(session.get_bind().dialect.name, table_of(Notice)).values(row)
        session.execute(fresh.on_conflict_do_nothing())


def _told(viewer: Viewer, at: datetime) -> Select[Notice]:
    """What the viewer was told and may (still) know of."""
    seen = visible_to(viewer).with_only_columns(Case.id).where(Case.id == Event.submission_id).exists()
    shared = select(Share.case_id).where(Share.case_id == Event.submission_id, Share.person_id == viewer.person_id)
    is_shared = Notice.about == About.SHARED
    return (
        select(Notice)
        .join(Event, Event.id == Notice.event_id)
        .where(Notice.person_id == viewer.person_id, INSIDE, or_(Notice.about != About.COMPLAINT, Event.number > 1))
        .where(
            Notice.id >= first_id(at - KEPT),
            or_(
                seen & Notice.about.not_in((About.SHARED, *OF_LETTERS)),
                shared.exists() & is_shared,
                recognition.is_news(viewer),
            ),
        )
    )


def _arrivals(session: Session, viewer: Viewer, since: int) -> list[Select[int]]:
    """The ids from `since` on of the cases that came in for the viewer; each way's on an index of its own."""
    managed = session.scalars(select(Management.department_id).where(Management.person_id == viewer.person_id)).all()
    ways: list[ColumnElement[bool]] = [Case.department_id == id for id in managed]
    if managed:
        along = select(RouteRow.submission_id).where(
            RouteRow.department_id.in_(managed), RouteRow.purpose == Purpose.INFORMS, RouteRow.submission_id >= since
        )
        ways.append(Case.id.in_(along))
    if viewer.is_admin:
        ways.append(Case.department_id.is_(None))
    came_in = visible_to(viewer).with_only_columns(Case.id).join(Submission, Submission.id == Case.id)
    return [came_in.where(~Submission.is_history, Case.id >= since, way) for way in ways]


def _opened(viewer: Viewer, which: ColumnElement[bool] | None = None) -> ColumnElement[bool]:
    """Whether the viewer opened the case since it came in, or was told of it when it came to them later."""
    return (
        select(Notice.id)
        .join(Event, Event.id == Notice.event_id)
        .where(Event.submission_id == Case.id, *([] if which is None else [which]))
        .where(Notice.person_id == viewer.person_id, INSIDE, Notice.about == About.COMPLAINT)
        .exists()
    )


def _either(parts: Sequence[Select[int]]) -> Select[int]:
    both = union_all(*(select(part.subquery().c.id) for part in parts)).subquery()
    return select(both.c.id)


def _looked(session: Session, viewer: Viewer, at: datetime) -> datetime:
    last = session.scalar(select(Glance.at).where(Glance.person_id == viewer.person_id))
    return max(last or at - FIRST_LOOK, at - KEPT)


def _items(session: Session, numbers: Sequence[int]) -> dict[int, Item]:
    rows = session.execute(
        select(Notice, Event, Submission, Place.name)
        .join(Event, Event.id == Notice.event_id)
        .join(Submission, Submission.id == Event.submission_id)
        .outerjoin(Place, Place.id == Submission.place_id)
        .where(Notice.id.in_(numbers))
    )
    return {
        notice.id: Item(
            id=notice.id,
            about=About(notice.about),
            at=event.at,
            submission=submission,
            place=place if notice.about not in OF_LETTERS or submission.kind == Kind.COMPLIMENT else None,
            words=_words(notice, event, submission),
            is_new=notice.read_at is None,
            praise_id=int(event.details["praise"]) if notice.about in OF_LETTERS else None,
        )
        for notice, event, submission, place in rows
    }


def _words(notice: Notice, event: Event, submission: Submission) -> str:
    """The words an item shows; of a letter from within a complaint nothing but what its event holds."""
    if notice.about in OF_LETTERS:
        return event.text or (submission.message if submission.kind == Kind.COMPLIMENT else "")
    return event.text if notice.about in (About.WROTE, About.REOPENED) else submission.message


def _fresh(session: Session, viewer: Viewer, numbers: Sequence[int], since: int) -> dict[int, Item]:
    rows = session.execute(
        select(Submission, Place.name, _opened(viewer))
        .join(Case, Case.id == Submission.id)
        .outerjoin(Place, Place.id == Submission.place_id)
        .where(Submission.id.in_(numbers))
    )
    return {
        said.id: Item(
            id=said.id,
            about=About.COMPLAINT,
            at=said.submitted_at,
            submission=said,
            place=place,
            words=said.message,
            is_new=said.id >= since and not is_opened,
        )
        for said, place, is_opened in rows
    }


def _read(session: Session, viewer: Viewer, which: ColumnElement[bool], at: datetime) -> None:
    session.execute(
        update(Notice)
        .where(Notice.person_id == viewer.person_id, INSIDE, Notice.read_at.is_(None), which)
        .values(read_at=at),
        execution_options={"synchronize_session": False},
    )
