"""Letters found: one's own, those one manages, those that were kept back; and each as it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Exists, Select, and_, false, func, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from feedback.core.access import Permission, Viewer
from feedback.core.people import Department, Person, Place
from feedback.core.praise.model import Praise, Reading, Withholding
from feedback.core.submissions import Concern, Submission, concerns
from feedback.db import first_id, moment_of

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


def own(viewer: Viewer, *, after: int | None, size: int) -> Ids:
    """The ids of the praise a person earned, alone or with their department; held letters are not theirs yet."""
    return _merged([to_oneself(viewer), *_together(viewer)], after, size)


def in_person(viewer: Viewer, *, after: int | None, size: int) -> Ids:
    """The ids of the praise for the viewer in person, page by page."""
    return _merged([to_oneself(viewer)], after, size)


def together(viewer: Viewer, *, after: int | None, size: int) -> Ids:
    """The ids of the praise for the whole of the viewer's departments: of their own and of those above it."""
    return _merged(_together(viewer), after, size)


def is_own(viewer: Viewer) -> ColumnElement[bool]:
    """The condition that a letter is the viewer's own, alone or with their department."""
    with_others = and_(
        Praise.person_id.is_(None), Praise.department_id.in_(sorted(viewer.own_departments)), _not_within(viewer)
    )
    return and_(~Praise.is_held, or_(Praise.person_id == viewer.person_id, with_others))


def is_receiver(viewer: Viewer, letter: Letter) -> bool:
    """Whether a letter that the viewer may read is their own, alone or with their department; one that waits is not."""
    if letter.praise.is_held:
        return False
    if letter.praise.person_id is not None:
        return letter.praise.person_id == viewer.person_id
    return letter.praise.department_id in viewer.own_departments


def arrived(viewer: Viewer, *, since: int, among: int, size: int, unread: bool) -> Ids:
    """The ids of what came after the letter `since` among so many of the viewer's newest, the oldest `size` of it.

    With `unread` also what they have not read yet: a letter that waited is older than others that were delivered
    before it.
    """
    newest = own(viewer, after=None, size=among).subquery()
    if not unread:
        return select(newest.c.id).where(newest.c.id > since).order_by(newest.c.id).limit(size)
    was_read = select(Reading.praise_id).where(Reading.praise_id == newest.c.id, Reading.person_id == viewer.person_id)
    return select(newest.c.id).where(or_(newest.c.id > since, ~was_read.exists())).order_by(newest.c.id).limit(size)


def has(session: Session, viewer: Viewer) -> tuple[bool, bool]:
    """Whether there is praise for the viewer in person, and whether there is any for their departments."""
    mine, others = in_person(viewer, after=None, size=1), together(viewer, after=None, size=1)
    found = session.execute(select(mine.exists(), others.exists())).one()
    return bool(found[0]), bool(found[1])


def _together(viewer: Viewer) -> list[Ids]:
    """One selection for each department: only so is each read from the end of its index, and no further than needed."""
    return [
        select(Praise.id).where(
            Praise.department_id == id, Praise.person_id.is_(None), ~Praise.is_held, _not_within(viewer)
        )
        for id in sorted(viewer.own_departments)
    ]


def _merged(parts: Sequence[Ids], after: int | None, size: int) -> Ids:
    older = Praise.id < after if after else Praise.id > 0
    if not parts:
        return select(Praise.id).where(false())
    both = union_all(*(select(_newest(part.where(older), size).subquery().c.id) for part in parts)).subquery()
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


def readers_of(session: Session, ids: Sequence[int]) -> set[tuple[int, int]]:
    """Which of the letters `ids` was read by whom, as pairs of their ids."""
    rows = session.execute(select(Reading.praise_id, Reading.person_id).where(Reading.praise_id.in_(ids)))
    return {(praise_id, person_id) for praise_id, person_id in rows}


def concerned_by(session: Session, ids: Sequence[int]) -> set[tuple[int, int]]:
    """Which of the letters `ids` is an excerpt of what concerns whom, and so never theirs to know of (rule 2)."""
    rows = session.execute(
        select(Praise.id, Concern.person_id)
        .join(Concern, Concern.submission_id == Praise.submission_id)
        .where(Praise.id.in_(ids), Praise.excerpt.is_not(None))
    )
    return {(praise_id, person_id) for praise_id, person_id in rows}


def still_told(viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    """Of letters that were the viewer's once: those of which they may be told that there are any."""
    return ~Praise.is_held, _not_within(viewer)


def kept_back(viewer: Viewer, *, after: int | None, size: int) -> Ids:
    """The ids of the letters in a manager's departments that are kept back."""
    statement = managed_by(viewer).join(Withholding, Withholding.praise_id == Praise.id).where(Praise.is_held)
    return _newest(statement.where(Praise.id < after) if after else statement, size)


def waiting(viewer: Viewer, *, after: int | None, size: int) -> Ids:
    """The ids of the letters that wait for the viewer to decide; without those kept back."""
    statement = managed_by(viewer).where(Praise.is_held, ~_is_kept_back())
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
    return _count([to_oneself(viewer), *_together(viewer)], session, at)


def in_person_since(session: Session, viewer: Viewer, at: datetime) -> int:
    """How many letters to the viewer in person came since `at`."""
    return _count([to_oneself(viewer)], session, at)


def together_since(session: Session, viewer: Viewer, at: datetime) -> int:
    """How many letters to the whole of the viewer's departments came since `at`."""
    return _count(_together(viewer), session, at)


def _count(parts: Sequence[Ids], session: Session, at: datetime) -> int:
    if not parts:
        return 0
    found = union_all(*(part.where(Praise.id >= first_id(at)) for part in parts)).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def read_by(session: Session, viewer: Viewer, ids: Sequence[int]) -> set[int]:
    """Those of the letters `ids` that the viewer has opened before."""
    mine = select(Reading.praise_id).where(Reading.person_id == viewer.person_id, Reading.praise_id.in_(ids))
    return set(session.scalars(mine))


def delivered_to(session: Session, viewer: Viewer, praise_id: int) -> Letter | None:
    """That letter, once it was delivered, if the viewer may read it: as whom it is for, or as their manager."""
    readable = is_own(viewer)
    if viewer.may(Permission.MANAGE_PRAISE):
        readable = or_(readable, Praise.id.in_(managed_by(viewer)))
    found = letters(session, select(Praise.id).where(Praise.id == praise_id, ~Praise.is_held, readable))
    return next(iter(found), None)


def _newest(statement: Ids, size: int) -> Ids:
    return statement.order_by(Praise.id.desc()).limit(size)
