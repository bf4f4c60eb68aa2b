"""Saying that something kept about oneself is wrong, and the answer of those who keep it.

It goes to the admins and to the managers who may change what is kept of that person: one is never alone with one's own.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, String, func, literal, or_, select, tuple_
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback.core import audit, notices, praise
from feedback.core.access import Viewer, keeps, viewer_of
from feedback.core.accounts import Account, at_work
from feedback.core.notices import About, Notice
from feedback.core.people import Department, Management, Person, departments_above
from feedback.core.praise import Letter, Praise
from feedback.db import Base, id_key, id_ref, moment, new_id, words

LONGEST = 2000  # characters, of what is wrong and of the answer
MOST_OPEN = 10  # of one person's; more are not read better
MOST_COUNTED = 100


class Part(StrEnum):
    """What of the things kept about someone is wrong."""

    RECORD = "record"
    CODES = "codes"
    SIGN_IN = "sign_in"
    LETTERS = "letters"
    ABSENCES = "absences"
    MAILS = "mails"
    CASES = "cases"
    CHANGES = "changes"


class Outcome(StrEnum):
    """What came of it."""

    CORRECTED = "corrected"
    LEFT = "left"  # as it is, and the answer says why


class Challenge(Base):
    """One person's word that something kept about them is wrong; of a letter, which one; and how it was answered."""

    __tablename__ = "challenge"
    __table_args__ = (
        CheckConstraint("outcome in ('corrected', 'left')", name="outcome"),
        CheckConstraint(
            "(answered_at is null) = (answered_by_id is null) and (answered_at is null) = (outcome is null)"
            " and (answered_at is null) = (answer is null)",
            name="answered_whole",
        ),
        Index(None, "answered_at", "id", info={"serves": "those that wait, and those answered last"}),
        Index(None, "person_id", "id", info={"serves": "what one person said is wrong, newest first"}),
    )

    id: Mapped[id_key]
    person_id: Mapped[id_ref] = mapped_column(ForeignKey("person.id"))
    part: Mapped[str] = mapped_column(String(20))
    praise_id: Mapped[id_ref | None] = mapped_column(ForeignKey("praise.id"))
    said: Mapped[words]
    at: Mapped[moment]
    answered_at: Mapped[moment | None]
    answered_by_id: Mapped[id_ref | None] = mapped_column(ForeignKey("person.id"))
    outcome: Mapped[str | None] = mapped_column(String(10))
    answer: Mapped[words | None]


@dataclass(frozen=True, slots=True)
class Row:
    """A challenge as a list shows it."""

    challenge: Challenge
    person: str
    department: str


class TooMany(Exception):
    """As many of the person's wait for an answer as anyone could want."""


class NobodyElse(Exception):
    """Nobody but the person keeps what is kept about them."""


class NotTheirs(Exception):
    """The letter is not addressed to the person, or does not exist for them."""


class AnsweredAlready(Exception):
    """Someone else answered it before."""


def challenge(
    session: Session,
    viewer: Viewer,
    part: Part,
    said: str,
    at: datetime,
    *,
    praise_id: int | None = None,
    mails: bool = True,
) -> Challenge:
    """Note that `part` of what is kept about the viewer is wrong, and tell those who can put it right.

    Raises NotTheirs, TooMany, NobodyElse.
    """
    # Held, so that of two at once the second counts the first.
    person = session.scalars(select(Person).where(Person.id == viewer.person_id).with_for_update()).one()
    if praise_id is not None and own_letter(session, viewer, praise_id) is None:
        raise NotTheirs
    if _waiting(session, person.id) >= MOST_OPEN:
        raise TooMany
    readers = keepers(session, person)
    if not readers:
        raise NobodyElse
    made = Challenge(id=new_id(at), person_id=person.id, part=part, praise_id=praise_id, said=said, at=at)
    session.add(made)
    audit.note(session, "person", person.id, "challenged", at, by_id=person.id, details={"name": person.name})
    if mails:
        _tell(session, made, About.CHALLENGED, readers, at)
    return made


def answer(
    session: Session,
    viewer: Viewer,
    challenge_id: int,
    outcome: Outcome,
    said: str,
    at: datetime,
    *,
    mails: bool = True,
) -> Challenge | None:
    """Answer a challenge, once and for good; None where it is not the viewer's to answer. Raises AnsweredAlready."""
    found = session.scalar(visible_to(viewer).where(Challenge.id == challenge_id).with_for_update(of=Challenge))
    if found is None:
        return None
    if found.answered_at is not None:
        raise AnsweredAlready
    found.answered_at, found.answered_by_id, found.outcome, found.answer = at, viewer.person_id, outcome, said
    person = session.get_one(Person, found.person_id)
    details = {"name": person.name}
    audit.note(session, "person", person.id, f"challenge_{outcome}", at, by_id=viewer.person_id, details=details)
    if mails:
        _tell(session, found, About.CHALLENGE_ANSWERED, [person], at)
    return found


def visible_to(viewer: Viewer) -> Select[Challenge]:
    """The challenges a viewer answers: of those whose record is theirs to change, and never their own."""
    kept = select(Person.id).where(keeps(viewer))
    return select(Challenge).where(Challenge.person_id != viewer.person_id, Challenge.person_id.in_(kept))


def one(session: Session, viewer: Viewer, challenge_id: int) -> Challenge | None:
    """The challenge of that id, if the viewer answers it."""
    return session.scalar(visible_to(viewer).where(Challenge.id == challenge_id))


def page(session: Session, viewer: Viewer, *, is_answered: bool, after: int | None, size: int) -> list[Row]:
    """Up to `size` challenges later than the one `after`: what waits longest first, or what was answered last."""
    statement = (
        visible_to(viewer)
        .join(Person, Person.id == Challenge.person_id)
        .join(Department, Department.id == Person.department_id)
        .add_columns(Person.name, Department.name)
        .limit(size)
    )
    if not is_answered:
        statement = statement.where(Challenge.answered_at.is_(None), Challenge.id > (after or 0))
        return [Row(*row) for row in session.execute(statement.order_by(Challenge.id))]
    statement = statement.where(Challenge.answered_at.is_not(None))
    if after is not None:
        at = select(Challenge.answered_at).where(Challenge.id == after).scalar_subquery()
        statement = statement.where(tuple_(Challenge.answered_at, Challenge.id) < tuple_(at, literal(after)))
    newest = statement.order_by(Challenge.answered_at.desc(), Challenge.id.desc())
    return [Row(*row) for row in session.execute(newest)]


def count(session: Session, viewer: Viewer) -> int:
    """How many wait for the viewer to answer, at most MOST_COUNTED."""
    waiting = visible_to(viewer).where(Challenge.answered_at.is_(None)).with_only_columns(Challenge.id)
    return session.scalar(select(func.count()).select_from(waiting.limit(MOST_COUNTED).subquery())) or 0


def was_answered(session: Session, viewer: Viewer, since: datetime) -> bool:
    """Whether one of the viewer's own was answered since that moment."""
    own_ones = select(Challenge.id).where(Challenge.person_id == viewer.person_id, Challenge.answered_at >= since)
    return session.scalar(own_ones.limit(1)) is not None


def own(session: Session, viewer: Viewer, *, after: int | None = None, size: int) -> Sequence[Challenge]:
    """Up to `size` of the viewer's own, newest first, older than the one `after`."""
    statement = select(Challenge).where(Challenge.person_id == viewer.person_id)
    if after is not None:
        statement = statement.where(Challenge.id < after)
    return session.scalars(statement.order_by(Challenge.id.desc()).limit(size)).all()


def own_letter(session: Session, viewer: Viewer, praise_id: int) -> Letter | None:
    """The letter of that id, if it is addressed to the viewer in person."""
    return next(iter(praise.letters(session, praise.to_oneself(viewer).where(Praise.id == praise_id))), None)


def letter_of(session: Session, viewer: Viewer, found: Challenge) -> Letter | None:
    """The letter that a challenge is about, if who answers it may read it."""
    if found.praise_id is None:
        return None
    return next(iter(praise.letters(session, praise.managed_by(viewer).where(Praise.id == found.praise_id))), None)


def waits_for(session: Session, viewer: Viewer, person: Person) -> bool:
    """Whether a challenge of that person's is the viewer's to answer."""
    mine = select(Person.id).where(Person.id == person.id, Person.id != viewer.person_id, keeps(viewer))
    return session.scalar(mine) is not None


def keepers(session: Session, person: Person) -> list[Person]:
    """Those at work, other than the person, who may change what is kept about them: asked of each as they are now."""
    above = departments_above(session, [person.department_id])
    managers = select(Management.person_id).where(Management.department_id.in_(above))
    found = session.execute(
        select(Person, Account)
        .join(Account, Account.person_id == Person.id)
        .where(Person.id.in_(at_work()), Person.id != person.id, or_(Account.is_admin, Person.id.in_(managers)))
        .order_by(Person.name, Person.id)
    ).all()
    return [one for one, account in found if waits_for(session, viewer_of(session, one, account), person)]


def _waiting(session: Session, person_id: int) -> int:
    open_ones = select(func.count()).where(Challenge.person_id == person_id, Challenge.answered_at.is_(None))
    return session.scalar(open_ones) or 0


def _tell(session: Session, about: Challenge, what: About, readers: Collection[Person], at: datetime) -> None:
    rows = [notices.row(str(about.id), one.id, what, at) for one in readers if one.email]
    session.add_all(Notice(**row) for row in rows)
