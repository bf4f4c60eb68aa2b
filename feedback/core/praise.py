"""Praise: a compliment delivered to the person or the department that earned it, word for word."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Exists,
    ForeignKey,
    Index,
    Select,
    and_,
    func,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from feedback.core import history, notices, routing
from feedback.core.access import Permission, Viewer
from feedback.core.notices import About, Notice
from feedback.core.people import Department, Person, Place, Topic
from feedback.core.routing import Picture, Purpose, Route, RouteRow
from feedback.core.submissions import Submission, SubmissionTopic, concerns
from feedback.db import Base, first_id, id_key, id_ref, moment, moment_of, new_id, table_of, upsert, words


class Praise(Base):
    """One compliment for one receiver: a person of a department, or the whole department."""

    __tablename__ = "praise"
    __table_args__ = (
        Index(None, "person_id", "id", info={"serves": "a person's letters, newest first"}),
        Index(None, "department_id", "id", info={"serves": "a department's letters, newest first"}),
        Index(
            "ix_praise_together",
            "department_id",
            "id",
            sqlite_where=text("person_id is null"),
            postgresql_where=text("person_id is null"),
            info={"serves": "letters for a whole department, newest first"},
        ),
        Index(None, "submission_id", info={"serves": "who a submission reached"}),
    )

    id: Mapped[id_key]
    submission_id: Mapped[id_ref] = mapped_column(ForeignKey("submission.id"))
    person_id: Mapped[id_ref | None] = mapped_column(ForeignKey("person.id"))
    department_id: Mapped[id_ref] = mapped_column(ForeignKey("department.id"))
    is_held: Mapped[bool] = mapped_column(Boolean(name="is_held"), default=False)
    read_at: Mapped[moment | None]  # when the first of those it is for opened it, which the customer is told
    excerpt: Mapped[words | None]  # of praise within a complaint or suggestion: of which nothing else is theirs


class Reading(Base):
    """One person opened one letter of theirs, alone or with their department; and when they first did."""

    __tablename__ = "reading"

    praise_id: Mapped[id_ref] = mapped_column(ForeignKey("praise.id"), primary_key=True)
    person_id: Mapped[id_ref] = mapped_column(ForeignKey("person.id"), primary_key=True)
    read_at: Mapped[moment]


class Withholding(Base):
    """One letter that a manager kept back instead of delivering it: who, when and why; delivering it undoes that."""

    __tablename__ = "withholding"

    praise_id: Mapped[id_ref] = mapped_column(ForeignKey("praise.id"), primary_key=True)
    by_id: Mapped[id_ref] = mapped_column(ForeignKey("person.id"))
    at: Mapped[moment]
    reason: Mapped[words]


Ids = Select[int]  # a selection of ids of praise, to be made into letters


@dataclass(frozen=True, slots=True)
class Letter:
    """A piece of praise as it is shown: the words, and all that stands under them."""

    praise: Praise
    submission: Submission
    person: str | None
    department: str
    site: str | None  # where the submission was sent from

    @property
    def words(self) -> str:
        """What the customer wrote to those it is for: all of it, or what of it is praise."""
        return self.submission.message if self.praise.excerpt is None else self.praise.excerpt

    @property
    def at(self) -> datetime:
        """When it was written; of an excerpt when it was passed on, as nothing else is told of what it stood in."""
        return self.submission.submitted_at if self.praise.excerpt is None else moment_of(self.praise.id)

    @property
    def place(self) -> str | None:
        """Where it was sent from."""
        return self.site if self.praise.excerpt is None else None

    @property
    def rating(self) -> int | None:
        """The customer's rating, of praise alone."""
        return self.submission.rating if self.praise.excerpt is None else None

    @property
    def described_as(self) -> str:
        """How the customer described whom it is for, "" where that was said of a complaint."""
        return self.submission.person_note if self.praise.excerpt is None else ""

    @property
    def may_share(self) -> bool:
        """Whether the customer agrees that it is shown on the wall."""
        return self.submission.may_share if self.praise.excerpt is None else False


class AlreadyDelivered(Exception):
    """The praise of that department is not waiting (any more): someone else passed it on."""

    def __init__(self, department_id: int) -> None:
        super().__init__()
        self.department_id = department_id


def own(viewer: Viewer, *, after: int | None, size: int) -> Ids:
    """The ids of the praise a person earned, alone or with their department; held letters are not theirs yet."""
    older = Praise.id < after if after else Praise.id > 0
    mine = to_oneself(viewer).where(older)
    together = select(Praise.id).where(
        Praise.department_id.in_(viewer.own_departments),
        Praise.person_id.is_(None),
        ~Praise.is_held,
        _not_within(viewer),
        older,
    )
    both = union_all(*(select(_newest(part, size).subquery().c.id) for part in (mine, together))).subquery()
    return select(both.c.id).order_by(both.c.id.desc()).limit(size)


def to_oneself(viewer: Viewer) -> Ids:
    """The ids of the praise for the viewer in person; held letters are not theirs yet."""
    return select(Praise.id).where(Praise.person_id == viewer.person_id, ~Praise.is_held)


def managed(viewer: Viewer, *, department_id: int | None, person_id: int | None, after: int | None, size: int) -> Ids:
    """The ids of the praise in a manager's departments (all, for an admin), narrowed; without what is kept back."""
    statement = managed_by(viewer).where(~and_(Praise.is_held, _is_kept_back()))
    if department_id is not None:
        statement = statement.where(Praise.department_id == department_id)
    if person_id is not None:
        statement = statement.where(Praise.person_id == person_id)
    if after is not None:
        statement = statement.where(Praise.id < after)
    return _newest(statement, size)


def managed_by(viewer: Viewer) -> Ids:
    """The ids of all praise that is the viewer's to manage: of own departments; held letters about oneself never."""
    statement = select(Praise.id)
    if not viewer.sees_everything:
        statement = statement.where(Praise.department_id.in_(viewer.managed))
    return statement.where(
        ~and_(Praise.is_held, func.coalesce(Praise.person_id, 0) == viewer.person_id), _not_within(viewer)
    )


def _not_within(viewer: Viewer) -> ColumnElement[bool]:
    """That a letter is not an excerpt of what concerns the viewer (rule 2)."""
    return or_(Praise.excerpt.is_(None), ~concerns(Praise.submission_id, viewer.person_id))


def kept_back(viewer: Viewer, *, after: int | None, size: int) -> Ids:
    """The ids of the letters in a manager's departments that are kept back."""
    statement = managed_by(viewer).join(Withholding, Withholding.praise_id == Praise.id).where(Praise.is_held)
    return _newest(statement.where(Praise.id < after) if after else statement, size)


def _is_kept_back() -> Exists:
    return select(Withholding.praise_id).where(Withholding.praise_id == Praise.id).exists()


def letters(session: Session, ids: Ids) -> list[Letter]:
    """The letters of those ids, newest first, in one statement."""
    rows = session.execute(
        select(Praise, Submission, Person.public_name, Department.name, Place.name)
        .join(Submission, Submission.id == Praise.submission_id)
        .join(Department, Department.id == Praise.department_id)
        .outerjoin(Person, Person.id == Praise.person_id)
        .outerjoin(Place, Place.id == Submission.place_id)
        .where(Praise.id.in_(ids))
        .order_by(Praise.id.desc())
    )
    return [Letter(*row) for row in rows]


def reached(session: Session, submission_ids: list[int]) -> dict[int, list[tuple[int, str]]]:
    """For each submission the praise ids with the names of all it reached, the person before departments.

    Not those who got an excerpt: each of them knows of theirs alone.
    """
    person = aliased(Person)
    rows = session.execute(
        select(Praise.submission_id, Praise.id, func.coalesce(person.public_name, Department.name))
        .join(Department, Department.id == Praise.department_id)
        .outerjoin(person, person.id == Praise.person_id)
        .where(Praise.submission_id.in_(submission_ids), ~Praise.is_held, Praise.excerpt.is_(None))
        .order_by(Praise.person_id.is_(None), Praise.id)
    )
    found: dict[int, list[tuple[int, str]]] = {}
    for submission_id, praise_id, name in rows:
        found.setdefault(submission_id, []).append((praise_id, name))
    return found


def since(session: Session, viewer: Viewer, at: datetime) -> int:
    """How many letters a person received since `at`, alone or with their department."""
    start = Praise.id >= first_id(at)
    mine = to_oneself(viewer).where(start)
    together = select(Praise.id).where(
        Praise.department_id.in_(viewer.own_departments),
        Praise.person_id.is_(None),
        ~Praise.is_held,
        _not_within(viewer),
        start,
    )
    return session.scalar(select(func.count()).select_from(union_all(mine, together).subquery())) or 0


def read_by(session: Session, viewer: Viewer, ids: Sequence[int]) -> set[int]:
    """Those of the letters `ids` that the viewer has opened before."""
    mine = select(Reading.praise_id).where(Reading.person_id == viewer.person_id, Reading.praise_id.in_(ids))
    return set(session.scalars(mine))


def mark_read(session: Session, viewer: Viewer, ids: Sequence[int], at: datetime) -> None:
    """Note that the viewer opened those letters of theirs; the first of all who do is told to the customer."""
    fresh = upsert(session.get_bind().dialect.name, table_of(Reading)).on_conflict_do_nothing()
    session.execute(fresh, [{"praise_id": id, "person_id": viewer.person_id, "read_at": at} for id in ids])
    session.execute(
        update(Praise).where(Praise.id.in_(ids), Praise.read_at.is_(None)).values(read_at=at),
        execution_options={"synchronize_session": False},
    )


def deliver(session: Session, viewer: Viewer, praise_id: int, at: datetime, *, mails: bool = True) -> Praise | None:
    """Pass a held compliment on, unchanged, to all whom it would have reached at once, as routing decides it now.

    All but the viewer, who has read it, are owed a mail, where the installation sends any and it is not history.
    None where it is not the viewer's. Raises AlreadyDelivered.
    """
    if not viewer.may(Permission.MANAGE_PRAISE):
        return None
    praise = session.scalar(
        select(Praise).where(Praise.id == praise_id, Praise.id.in_(managed_by(viewer))).with_for_update()
    )
    if praise is None:
        return None
    if not praise.is_held:
        raise AlreadyDelivered(praise.department_id)
    praise.is_held = False
    submission = session.get_one(Submission, praise.submission_id)
    event = history.add(session, submission, "passed_on", at, by_id=viewer.person_id)
    picture = _picture(session, praise)
    routes = _passed_on(session, praise, submission, picture)
    session.flush()
    told = dict.fromkeys(reader for route in routes for reader in route.readers if reader in picture.mailable)
    for person_id in told if mails and not submission.is_history else ():
        if person_id != viewer.person_id:
            session.add(Notice(**notices.row(event.id, person_id, About.PRAISE, at)))
    return praise


def as_if_delivered(session: Session, routes: Sequence[RouteRow]) -> Sequence[Route | RouteRow]:
    """The routes of a compliment as its sender may know of them: one that waits, or was kept back, like any other."""
    if not routes or routes[0].purpose != Purpose.HOLDS:
        return routes
    if len(routes) > 1:
        return routes[1:]
    praise = session.scalar(select(Praise).where(Praise.submission_id == routes[0].submission_id))
    if praise is None:
        return ()
    picture = _picture(session, praise)
    return routing.passed_on(routes[0], praise.person_id, picture.topics, picture)


def _picture(session: Session, praise: Praise) -> Picture:
    """What routing has to know to pass `praise` on: whom it is for, and whose its topics are."""
    about = select(SubmissionTopic.topic_id).where(SubmissionTopic.submission_id == praise.submission_id)
    topics = session.scalars(select(Topic).where(Topic.id.in_(about)).order_by(Topic.id)).all()
    person = session.get(Person, praise.person_id) if praise.person_id else None
    return routing.picture(
        session,
        departments={praise.department_id, *(topic.department_id for topic in topics)},
        people={person.id: (person.public_name, praise.department_id)} if person else {},
        topics={topic.id: (topic.name, topic.department_id) for topic in topics},
    )


def _passed_on(session: Session, praise: Praise, submission: Submission, picture: Picture) -> Sequence[Route]:
    """Keep the routes from here, after the one by which it waited, with a letter for each further department."""
    before = routing.routes_of(session, submission.id)
    _, *others = routes = routing.passed_on(before[0], praise.person_id, picture.topics, picture)
    session.add_all(routing.row(submission.id, place, route) for place, route in enumerate(routes, len(before)))
    session.add_all(
        Praise(
            id=new_id(submission.submitted_at),  # among the letters of the day on which it was written, like `praise`
            submission_id=submission.id,
            department_id=route.department_id,
            is_held=False,
        )
        for route in others
        if route.purpose == Purpose.DELIVERS
    )
    return routes


def _newest(statement: Ids, size: int) -> Ids:
    return statement.order_by(Praise.id.desc()).limit(size)
