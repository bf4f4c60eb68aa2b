"""What is kept about someone, as far as it is theirs to see.

Never what others wrote about them in confidence: no complaint that concerns them unless it was shared, no letter that
waits or was kept back, no reason why. Whether there is any of it leaves no trace in what is told here (rules 2 and 5).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from feedback.core import audit, cases, devices, praise, pushes, rhythms, second_factor, views
from feedback.core.absences import Absence
from feedback.core.access import Viewer
from feedback.core.accounts import Account, Device, Invitation, SignIn
from feedback.core.audit import Entry
from feedback.core.cases import Case, Share, Status
from feedback.core.cases.news import Glance
from feedback.core.files import File
from feedback.core.links import Link
from feedback.core.people import Department, Management, Person, PersonPlace, Place
from feedback.core.praise import Praise, Reading
from feedback.core.pushes import PushDevice
from feedback.core.rhythms import Rhythm
from feedback.core.views import SavedView
from feedback.db import moment_of

COUNTED = 1001  # more of anything is "1,000+"
SHOWN = 50  # of each list on a page; of all there is the number


@dataclass(frozen=True, slots=True)
class Span:
    """How many there are, and the first and last moment among them."""

    count: int
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Own:
    """The person themselves, as others see them here."""

    person: Person
    department: str
    manages: Sequence[str]
    places: Sequence[str]
    photo_at: datetime | None
    links: Sequence[Link]


@dataclass(frozen=True, slots=True)
class Ways:
    """How the person comes in; nothing with which anyone could."""

    account: Account
    sessions: Span  # of those open: none ends before `first`, all have by `last`
    devices: Sequence[Device]
    told: Sequence[PushDevice]  # when a letter arrives
    codes_left: int
    invited_until: datetime | None


@dataclass(frozen=True, slots=True)
class Away:
    """An absence, and the other person in it."""

    from_on: date
    until_on: date
    other: str | None


@dataclass(frozen=True, slots=True)
class Work:
    """What the person has to do with cases, of those they may see, each counted up to COUNTED."""

    open: int
    closed: int
    shared: Sequence[Share]
    views: Sequence[SavedView]
    looked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Record:
    """All of it."""

    own: Own
    ways: Ways
    letters: Span
    readings: Span
    absences: Sequence[Away]
    covers: Sequence[Away]  # that are not over, in which the person stands in
    rhythm: Rhythm
    work: Work
    changes: int  # the person made of anything, counted up to COUNTED


def of(session: Session, viewer: Viewer, at: datetime, today: date, *, most: int | None = SHOWN) -> Record:
    """The record of the viewer, with at most `most` of each list; `today` is the organisation's."""
    return Record(
        own=_own(session, viewer),
        ways=_ways(session, viewer, at),
        letters=_letters(session, viewer),
        readings=_readings(session, viewer),
        absences=_absences(session, viewer, most),
        covers=_covers(session, viewer, today, most),
        rhythm=rhythms.of(session, viewer.person_id),
        work=_work(session, viewer, most),
        changes=_counted(session, select(Entry.id).where(Entry.by_id == viewer.person_id)),
    )


def entries(session: Session, viewer: Viewer, *, after: int | None = None, size: int = SHOWN) -> Sequence[Entry]:
    """Up to `size` entries of the log about the viewer, newest first, older than the entry `after`."""
    return audit.of_one(session, "person", viewer.person_id, after=after, size=size)


def may_know_who(viewer: Viewer, entry: Entry) -> bool:
    """Whether the viewer is told who made that change: they did so themselves, or read the whole log anyway."""
    return entry.by_id == viewer.person_id or viewer.is_admin


def _own(session: Session, viewer: Viewer) -> Own:
    found = select(Person, Department.name).join(Department, Department.id == Person.department_id)
    person, department = session.execute(found.where(Person.id == viewer.person_id)).one()
    manages = select(Department.name).join(Management, Management.department_id == Department.id)
    places = select(Place.name).join(PersonPlace, PersonPlace.place_id == Place.id)
    return Own(
        person=person,
        department=department,
        manages=session.scalars(
            manages.where(Management.person_id == person.id).order_by(Department.name, Department.id)
        ).all(),
        places=session.scalars(places.where(PersonPlace.person_id == person.id).order_by(Place.name, Place.id)).all(),
        photo_at=session.scalar(select(File.made_at).where(File.id == person.photo_id)) if person.photo_id else None,
        links=session.scalars(select(Link).where(Link.person_id == person.id).order_by(Link.id)).all(),
    )


def _ways(session: Session, viewer: Viewer, at: datetime) -> Ways:
    mine = (SignIn.person_id == viewer.person_id, ~SignIn.is_link, SignIn.expires_at > at)
    open_ones = session.execute(
        select(func.count(), func.min(SignIn.expires_at), func.max(SignIn.expires_at)).where(*mine)
    ).one()
    invited = select(Invitation.expires_at).where(Invitation.person_id == viewer.person_id, Invitation.expires_at > at)
    return Ways(
        account=session.get_one(Account, viewer.person_id),
        sessions=Span(*open_ones),
        devices=devices.of(session, viewer.person_id),
        told=pushes.of(session, viewer.person_id),
        codes_left=second_factor.codes_left(session, viewer.person_id),
        invited_until=session.scalar(invited.order_by(Invitation.expires_at.desc()).limit(1)),
    )


def _letters(session: Session, viewer: Viewer) -> Span:
    mine = praise.to_oneself(viewer).subquery()
    n, first, last = session.execute(select(func.count(), func.min(mine.c.id), func.max(mine.c.id))).one()
    return Span(n, moment_of(first), moment_of(last)) if n else Span(0)


def _readings(session: Session, viewer: Viewer) -> Span:
    """Of letters that are (or with a department of before were) the viewer's, and tell of no case about them."""
    mine = (
        select(func.count(), func.min(Reading.read_at), func.max(Reading.read_at))
        .join(Praise, Praise.id == Reading.praise_id)
        .where(Reading.person_id == viewer.person_id, *praise.still_told(viewer))
    )
    return Span(*session.execute(mine).one())


def _absences(session: Session, viewer: Viewer, most: int | None) -> list[Away]:
    mine = Absence.person_id == viewer.person_id
    return _away(session, mine, Absence.cover_id, most)


def _covers(session: Session, viewer: Viewer, today: date, most: int | None) -> list[Away]:
    mine = (Absence.cover_id == viewer.person_id) & (Absence.until_on >= today)
    return _away(session, mine, Absence.person_id, most)


def _away(session: Session, which: ColumnElement[bool], other: object, most: int | None) -> list[Away]:
    someone = aliased(Person)
    statement = (
        select(Absence.from_on, Absence.until_on, someone.name)
        .outerjoin(someone, someone.id == other)
        .where(which)
        .order_by(Absence.until_on.desc(), Absence.id.desc())
        .limit(most)
    )
    return [Away(*row) for row in session.execute(statement)]


def _work(session: Session, viewer: Viewer, most: int | None) -> Work:
    mine = cases.visible_to(viewer).where(Case.handler_id == viewer.person_id).with_only_columns(Case.id)
    shared = select(Share).where(Share.person_id == viewer.person_id).order_by(Share.at.desc(), Share.case_id.desc())
    return Work(
        open=_counted(session, mine.where(Case.status != Status.CLOSED)),
        closed=_counted(session, mine.where(Case.status == Status.CLOSED)),
        shared=session.scalars(shared.limit(most)).all(),
        views=views.of(session, viewer),
        looked_at=session.scalar(select(Glance.at).where(Glance.person_id == viewer.person_id)),
    )


def _counted(session: Session, ids: Select[int]) -> int:
    return session.scalar(select(func.count()).select_from(ids.limit(COUNTED).subquery())) or 0
