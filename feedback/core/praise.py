"""Praise: a compliment delivered to the person or the department that earned it, word for word."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Select, and_, func, select, text, union_all, update
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from feedback.core import history, notices
from feedback.core.access import Permission, Viewer
from feedback.core.notices import About, Notice
from feedback.core.people import Department, Person, Place
from feedback.core.routing import MOST_MAILED
from feedback.core.submissions import Submission
from feedback.db import Base, first_id, id_key, id_ref, moment


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
    read_at: Mapped[moment | None]


Ids = Select[int]  # a selection of ids of praise, to be made into letters


@dataclass(frozen=True, slots=True)
class Letter:
    """A piece of praise as it is shown: the words, and all that stands under them."""

    praise: Praise
    submission: Submission
    person: str | None
    department: str
    place: str | None


class AlreadyDelivered(Exception):
    """The praise is not waiting (any more): someone else passed it on."""


def own(viewer: Viewer, *, after: int | None, size: int) -> Ids:
    """The ids of the praise a person earned, alone or with their department; held letters are not theirs yet."""
    older = Praise.id < after if after else Praise.id > 0
    mine = select(Praise.id).where(Praise.person_id == viewer.person_id, ~Praise.is_held, older)
    together = select(Praise.id).where(
        Praise.department_id.in_(viewer.own_departments), Praise.person_id.is_(None), ~Praise.is_held, older
    )
    both = union_all(*(select(_newest(part, size).subquery().c.id) for part in (mine, together))).subquery()
    return select(both.c.id).order_by(both.c.id.desc()).limit(size)


def managed(viewer: Viewer, *, department_id: int | None, person_id: int | None, after: int | None, size: int) -> Ids:
    """The ids of the praise in a manager's departments (all, for an admin), narrowed as asked."""
    statement = managed_by(viewer)
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
    return statement.where(~and_(Praise.is_held, func.coalesce(Praise.person_id, 0) == viewer.person_id))


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
    """For each submission the praise ids with the names of all it reached, person or department."""
    person = aliased(Person)
    rows = session.execute(
        select(Praise.submission_id, Praise.id, func.coalesce(person.public_name, Department.name))
        .join(Department, Department.id == Praise.department_id)
        .outerjoin(person, person.id == Praise.person_id)
        .where(Praise.submission_id.in_(submission_ids), ~Praise.is_held)
        .order_by(Praise.id)
    )
    found: dict[int, list[tuple[int, str]]] = {}
    for submission_id, praise_id, name in rows:
        found.setdefault(submission_id, []).append((praise_id, name))
    return found


def since(session: Session, viewer: Viewer, at: datetime) -> int:
    """How many letters a person received since `at`, alone or with their department."""
    start = Praise.id >= first_id(at)
    mine = select(Praise.id).where(Praise.person_id == viewer.person_id, ~Praise.is_held, start)
    together = select(Praise.id).where(
        Praise.department_id.in_(viewer.own_departments), Praise.person_id.is_(None), ~Praise.is_held, start
    )
    return session.scalar(select(func.count()).select_from(union_all(mine, together).subquery())) or 0


def mark_read(session: Session, ids: Sequence[int], at: datetime) -> None:
    """Note that those letters were first read now; the customer sees it behind the receipt."""
    session.execute(
        update(Praise).where(Praise.id.in_(ids), Praise.read_at.is_(None)).values(read_at=at),
        execution_options={"synchronize_session": False},
    )


def deliver(session: Session, viewer: Viewer, praise_id: int, at: datetime, *, mails: bool = True) -> Praise | None:
    """Pass a held compliment on, unchanged, and owe its receivers a mail, where the installation sends any.

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
        raise AlreadyDelivered
    praise.is_held = False
    submission = session.get_one(Submission, praise.submission_id)
    event = history.add(session, submission, "passed_on", at, by_id=viewer.person_id)
    session.flush()
    for person_id in _mailed(session, praise) if mails else ():
        session.add(Notice(**notices.row(event.id, person_id, About.PRAISE, at)))
    return praise


def _mailed(session: Session, praise: Praise) -> Sequence[int]:
    """Who gets a mail of it: the person it is for, else the members of the department."""
    receives = Person.id == praise.person_id if praise.person_id else Person.department_id == praise.department_id
    reachable = select(Person.id).where(receives, Person.email.is_not(None), Person.retired_at.is_(None))
    return session.scalars(reachable.order_by(Person.id).limit(MOST_MAILED)).all()


def _newest(statement: Ids, size: int) -> Ids:
    return statement.order_by(Praise.id.desc()).limit(size)
