"""How often each person wants to be mailed, and in which hours they want to be left alone.

Whoever chose nothing is told at once, at any hour: a complaint that nobody reads is what this house is there to
prevent, a flood is dammed for everybody (see `digests`), and telephones know how to be silent at night.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback.core.organisation import Organisation
from feedback.core.people import Person
from feedback.db import Base, id_ref

HOURS, DAYS = range(24), range(7)


class Often(StrEnum):
    """How often someone wants to be mailed of one sort of things."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    WEEKLY = "weekly"


class Rhythm(Base):
    """What one person chose; who chose what everybody has anyway has no row."""

    __tablename__ = "rhythm"
    __table_args__ = (
        CheckConstraint("cases in ('at_once', 'daily', 'weekly')", name="cases"),
        CheckConstraint("praise in ('at_once', 'daily', 'weekly')", name="praise"),
        CheckConstraint("hour between 0 and 23 and weekday between 0 and 6", name="moment"),
        CheckConstraint("(quiet_from is null) = (quiet_until is null)", name="both_ends"),
        CheckConstraint("quiet_from between 0 and 23 and quiet_until between 0 and 23", name="quiet"),
    )

    person_id: Mapped[id_ref] = mapped_column(ForeignKey("person.id"), primary_key=True)
    cases: Mapped[str] = mapped_column(String(8), default=Often.AT_ONCE)
    praise: Mapped[str] = mapped_column(String(8), default=Often.AT_ONCE)
    hour: Mapped[int] = mapped_column(SmallInteger, default=8)  # at which digests come
    weekday: Mapped[int] = mapped_column(SmallInteger, default=0)  # of the weekly one; Monday is 0
    quiet_from: Mapped[int | None] = mapped_column(SmallInteger)  # the hour in which quiet begins
    quiet_until: Mapped[int | None] = mapped_column(SmallInteger)  # the hour with which it is over
    timezone: Mapped[str | None] = mapped_column(String(64))  # null is the organisation's, whatever that becomes


def usual(person_id: int) -> Rhythm:
    """What holds for a person who chose nothing."""
    return Rhythm(person_id=person_id, cases=Often.AT_ONCE, praise=Often.AT_ONCE, hour=8, weekday=0)


def of(session: Session, person_id: int) -> Rhythm:
    """What that person chose, or what holds without."""
    return session.get(Rhythm, person_id) or usual(person_id)


def of_all(session: Session, person_ids: Collection[int]) -> Mapping[int, Rhythm]:
    """The rhythms of those of `person_ids` who chose one."""
    rows = session.scalars(select(Rhythm).where(Rhythm.person_id.in_(person_ids)))
    return {row.person_id: row for row in rows}


def choose(session: Session, wanted: Rhythm) -> None:
    """Let `wanted` be how its person is mailed from now on; of two presses at once the second waits for the first."""
    session.execute(select(Person.id).where(Person.id == wanted.person_id).with_for_update())
    if _chosen(wanted) != _chosen(usual(wanted.person_id)):
        session.merge(wanted)
    elif kept := session.get(Rhythm, wanted.person_id):
        session.delete(kept)


def zone_of(session: Session) -> str:
    """The time zone of those who chose none: the organisation's."""
    return session.scalars(select(Organisation.timezone)).one()


def quiet_ends(rhythm: Rhythm, at: datetime, zone: str) -> datetime | None:
    """When the quiet hours end that run at `at`; None where none do. `zone` is the organisation's."""
    if rhythm.quiet_from is None or rhythm.quiet_until is None:
        return None
    local = at.astimezone(ZoneInfo(rhythm.timezone or zone))
    begin, end, hour = rhythm.quiet_from, rhythm.quiet_until, local.hour
    is_quiet = begin <= hour < end if begin < end else hour >= begin or hour < end
    if not is_quiet:
        return None
    day = local.date() if hour < end else local.date() + timedelta(days=1)
    return datetime.combine(day, time(end), local.tzinfo).astimezone(at.tzinfo)


def next_digest(rhythm: Rhythm, often: Often, at: datetime, zone: str) -> datetime:
    """The first moment after `at` at which that person wants a digest; never within their quiet hours."""
    local = at.astimezone(ZoneInfo(rhythm.timezone or zone))
    for ahead in range(9):  # a week, and the day before and after
        day = local.date() + timedelta(days=ahead)
        moment = datetime.combine(day, time(rhythm.hour), local.tzinfo).astimezone(at.tzinfo)
        if moment > at and (often == Often.DAILY or day.weekday() == rhythm.weekday):
            return quiet_ends(rhythm, moment, zone) or moment
    raise AssertionError("every week has every day")


def next_hour(rhythm: Rhythm, at: datetime, zone: str) -> datetime:
    """The next full hour after `at`, or the end of the quiet hours that run then."""
    moment = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return quiet_ends(rhythm, moment, zone) or moment


def _chosen(rhythm: Rhythm) -> tuple[object, ...]:
    """What tells two rhythms apart: hour and day say nothing where there is no digest, nor the zone without hours."""
    digests = {rhythm.cases, rhythm.praise} - {Often.AT_ONCE}
    timed = (rhythm.hour, rhythm.timezone) if digests else ()
    weekly = (rhythm.weekday,) if Often.WEEKLY in digests else ()
    quiet = (rhythm.quiet_from, rhythm.quiet_until, rhythm.timezone) if rhythm.quiet_from is not None else ()
    return (rhythm.cases, rhythm.praise, timed, weekly, quiet)
