"""Who is away from when until when, and who stands in meanwhile."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Select, literal, select, tuple_
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from feedback.core import audit
from feedback.core.access import Viewer, keeps
from feedback.core.accounts import at_work
from feedback.core.directory import NotTaken, Problem, hold, staff
from feedback.core.organisation import Pictured
from feedback.core.people import Person
from feedback.db import Base, id_key, id_ref, new_id

LONGEST = timedelta(days=732)
MOST_LINKS = 5  # of a chain in which whoever stands in is away too


class Absence(Pictured, Base):
    """One person away for whole days, first and last included; `cover_id` is who gets their share meanwhile."""

    __tablename__ = "absence"
    __table_args__ = (
        CheckConstraint("from_on <= until_on", name="in_order"),
        CheckConstraint("cover_id <> person_id", name="someone_else"),
        Index(None, "person_id", "until_on", info={"serves": "whether someone is away, and their coming absences"}),
        Index(None, "until_on", info={"serves": "coming absences, those that end first"}),
    )

    id: Mapped[id_key]
    person_id: Mapped[id_ref] = mapped_column(ForeignKey("person.id"))
    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date] = mapped_column(Date)
    cover_id: Mapped[id_ref | None] = mapped_column(ForeignKey("person.id"))


@dataclass(frozen=True, slots=True)
class Row:
    """An absence as a list shows it."""

    absence: Absence
    person: str
    cover: str | None


@dataclass(frozen=True, slots=True)
class Away:
    """The days of one absence, and who stands in."""

    from_on: date
    until_on: date
    cover_id: int | None


def visible_to(viewer: Viewer) -> Select[Absence]:
    """The absences a viewer keeps: one's own, and of those of whom one may change what is kept.

    Nobody chooses who stands in for those who judge them.
    """
    return select(Absence).where(Absence.person_id.in_(select(Person.id).where(keeps(viewer))))


def coming(session: Session, viewer: Viewer, today: date, *, after: int | None, size: int) -> list[Row]:
    """Up to `size` absences that are not over, those that end first before others, later than the absence `after`."""
    cover = aliased(Person)
    statement = (
        visible_to(viewer)
        .where(Absence.until_on >= today)
        .join(Person, Person.id == Absence.person_id)
        .outerjoin(cover, cover.id == Absence.cover_id)
        .add_columns(Person.name, cover.name)
        .order_by(Absence.until_on, Absence.id)
        .limit(size)
    )
    if after is not None:
        until_on = select(Absence.until_on).where(Absence.id == after).scalar_subquery()
        statement = statement.where(tuple_(Absence.until_on, Absence.id) > tuple_(until_on, literal(after)))
    return [Row(*row) for row in session.execute(statement)]


def one(session: Session, viewer: Viewer, absence_id: int) -> Absence | None:
    """The absence of that id, if the viewer keeps it."""
    return session.scalar(visible_to(viewer).where(Absence.id == absence_id))


def people_for(session: Session, viewer: Viewer) -> list[tuple[int, str, str]]:
    """Id, name and department of those at work whose absence the viewer keeps, by name."""
    return staff.told_apart(session, _kept_at_work(viewer))


def note_away(session: Session, viewer: Viewer, person_id: int, away: Away, *, today: date, at: datetime) -> Absence:
    """Keep that someone is away, and who stands in. Raises NotTaken."""
    hold(session)
    name, cover = _name(session, person_id, _kept_at_work(viewer)), _name(session, away.cover_id, at_work())
    problems = [*_wrong_people(person_id, away, name, cover), *_wrong_days(away, today)]
    problems += _overlaps(session, person_id, away)
    if problems:
        raise NotTaken(problems)
    made = Absence(
        id=new_id(at),
        person_id=person_id,
        from_on=away.from_on,
        until_on=away.until_on,
        cover_id=away.cover_id,
    )
    session.add(made)
    _note(session, made, "away", viewer, at, name, cover)
    return made


def end(session: Session, viewer: Viewer, absence: Absence, *, today: date, at: datetime) -> str:
    """Let the person be back today, or not go at all; their name."""
    name = session.get_one(Person, absence.person_id).name
    if absence.until_on < today:
        return name
    _note(session, absence, "back", viewer, at, name, "")
    if absence.from_on >= today:
        session.delete(absence)
    else:
        absence.until_on = today - timedelta(days=1)
    return name


def away(session: Session, people: Collection[int], since: date) -> Mapping[int, tuple[Away, ...]]:
    """The absences of `people`, and of who stands in for them, that are not over on the day `since`."""
    found: dict[int, tuple[Away, ...]] = {}
    wanted = set(people)
    for _ in range(MOST_LINKS):
        if not wanted:
            break
        statement = select(Absence).where(Absence.person_id.in_(wanted), Absence.until_on >= since)
        rows = session.scalars(statement.order_by(Absence.from_on)).all()
        found |= dict.fromkeys(wanted, ())
        for row in rows:
            found[row.person_id] = (*found[row.person_id], Away(row.from_on, row.until_on, row.cover_id))
        wanted = {row.cover_id for row in rows if row.cover_id} - set(found)
    return {person_id: times for person_id, times in found.items() if times}


def _kept_at_work(viewer: Viewer) -> Select[int]:
    return at_work().where(keeps(viewer))


def _name(session: Session, person_id: int | None, among: Select[int]) -> str:
    """The name of that person, "" where they are not `among` those who can be chosen."""
    return session.scalar(select(Person.name).where(Person.id == person_id, Person.id.in_(among))) or ""


def _wrong_people(person_id: int, away: Away, name: str, cover: str) -> Iterator[Problem]:
    if not name:
        yield Problem("person", "gone")
    if away.cover_id == person_id:
        yield Problem("cover", "own_cover")
    elif away.cover_id is not None and not cover:
        yield Problem("cover", "gone")


def _wrong_days(away: Away, today: date) -> Iterator[Problem]:
    if away.until_on < away.from_on:
        yield Problem("until_on", "ends_before")
    elif away.until_on < today:
        yield Problem("until_on", "is_over")
    elif away.until_on - away.from_on > LONGEST:
        yield Problem("until_on", "too_long_away")


def _overlaps(session: Session, person_id: int, away: Away) -> list[Problem]:
    same = select(Absence.id).where(
        Absence.person_id == person_id, Absence.until_on >= away.from_on, Absence.from_on <= away.until_on
    )
    return [Problem("from_on", "away_already")] if session.scalar(same.limit(1)) is not None else []


def _note(session: Session, absence: Absence, act: str, viewer: Viewer, at: datetime, name: str, cover: str) -> None:
    details = {"name": name, "from": absence.from_on.isoformat(), "until": absence.until_on.isoformat()}
    if cover:
        act, details = f"{act}_covered", details | {"cover": cover}
    audit.note(session, "person", absence.person_id, act, at, by_id=viewer.person_id, details=details)
