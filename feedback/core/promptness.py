"""How promptly praise arrives: sent, delivered, for someone in person, read. The product's own measure of itself.

Counted from the letters after the fact, by the day on which they were sent, and again while more of them may be read;
a customer who sends one waits for nothing of it. Nobody's reading stands here by itself: sums of departments alone.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import groupby
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, Date, Index, Row, SmallInteger, String, delete, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback import clock
from feedback.core.access import Viewer
from feedback.core.counts import NONE
from feedback.core.history import Event
from feedback.core.links import Link
from feedback.core.organisation import the_organisation
from feedback.core.praise import Praise
from feedback.core.submissions import Kind, Submission
from feedback.db import Base, Id, Store, first_id, moment, table_of, upsert

WEEKS = 12
EVERYWHERE = -1  # stands for the sum of all departments, so that it costs the same with ten thousand of them
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BOUNDS = (MINUTE / 6, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, DAY, 3 * DAY, 7 * DAY, 14 * DAY)
DELIVERING = ("passed_on", "found", "lapsed")  # events by which a letter that waited reaches whom it is for
COUNTED_AGAIN = 15  # days for which a letter's reading is still waited for, with today
FRESH, SETTLED = HOUR, DAY  # how old the numbers of yesterday and today may be, and of the days before


class Stage(StrEnum):
    """How far a compliment came."""

    SENT = "sent"
    DELIVERED = "delivered"  # to whom it is for, or to their whole department
    IN_PERSON = "in_person"  # delivered to somebody by name
    READ = "read"  # by the first of those it is for


class Promptness(Base):
    """How many compliments sent on one day to one department came that far within that time of being sent."""

    __tablename__ = "promptness"
    __table_args__ = (
        CheckConstraint("stage in ('sent', 'delivered', 'in_person', 'read')", name="stage"),
        Index(None, "department_id", "day", info={"serves": "how praise arrives in departments over a span of days"}),
    )

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    department_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    stage: Mapped[str] = mapped_column(String(9), primary_key=True)
    within: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)  # place among BOUNDS
    n: Mapped[int]


class CountedDay(Base):
    """A day whose compliments were counted, and when last."""

    __tablename__ = "counted_day"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    at: Mapped[moment]


@dataclass(slots=True)
class Span:
    """What became of the compliments of some days; times by their place among BOUNDS, later ones behind the last."""

    first: date
    sent: int = 0
    in_person: int = 0
    delivered: Counter[int] = field(default_factory=Counter)
    read: Counter[int] = field(default_factory=Counter)

    def add(self, stage: str, within: int, n: int) -> None:
        """So many more that came as far as `stage`."""
        match stage:
            case Stage.SENT:
                self.sent += n
            case Stage.IN_PERSON:
                self.in_person += n
            case Stage.DELIVERED:
                self.delivered[within] += n
            case Stage.READ:
                self.read[within] += n


def half_within(times: Mapping[int, int]) -> timedelta | None:
    """The least of BOUNDS within which at least half of `times` lie; None where that is none of them, or none is."""
    half, so_far = sum(times.values()) / 2, 0
    for place, bound in enumerate(BOUNDS):
        so_far += times.get(place, 0)
        if so_far and so_far >= half:
            return bound
    return None


def recount(store: Store, at: datetime, *, seconds: float = float("inf")) -> int:
    """Bring the numbers of the last weeks up to date, a day in each short transaction; how many days were counted.

    After so many `seconds` no other day is begun; the next call goes on.
    """
    begun, done = monotonic(), 0
    with store.read() as session:
        known = the_organisation(session)
        days = _stale(session, at, known.timezone) if known else []
    for day in days:
        if monotonic() - begun > seconds:
            break
        with store.read() as session:
            rows = _counted(session, day, known.timezone) if known else []
        with store.write() as session:
            _keep(session, day, rows, at)
        done += 1
    return done


def weeks(session: Session, viewer: Viewer, today: date) -> list[Span]:
    """The last twelve weeks of the viewer's departments, oldest first, from Monday to Sunday."""
    first = today - timedelta(days=today.weekday(), weeks=WEEKS - 1)
    spans = [Span(first + timedelta(weeks=n)) for n in range(WEEKS)]
    reach = (
        Promptness.department_id == EVERYWHERE
        if viewer.sees_everything
        else Promptness.department_id.in_(viewer.managed)
    )
    rows = session.execute(
        select(Promptness.day, Promptness.stage, Promptness.within, func.sum(Promptness.n))
        .where(reach, Promptness.day >= first, Promptness.day < first + timedelta(weeks=WEEKS))
        .group_by(Promptness.day, Promptness.stage, Promptness.within)
    )
    for day, stage, within, n in rows:
        spans[(day - first).days // 7].add(stage, within, int(n))
    return spans


def together(spans: Iterable[Span]) -> Span:
    """The sum of `spans`, oldest first."""
    first, *others = spans
    whole = Span(first.first)
    for span in (first, *others):
        whole.sent += span.sent
        whole.in_person += span.in_person
        whole.delivered += span.delivered
        whole.read += span.read
    return whole


def _stale(session: Session, at: datetime, zone: str) -> list[date]:
    """The days whose numbers are not there yet or may have changed since, oldest first."""
    today = clock.day(at, zone)
    first = today - timedelta(days=today.weekday(), weeks=WEEKS - 1)
    counted = {row.day: row.at for row in session.scalars(select(CountedDay).where(CountedDay.day >= first))}

    def is_stale(day: date) -> bool:
        if day not in counted:
            return True
        age = (today - day).days
        return age < COUNTED_AGAIN and at - counted[day] >= (FRESH if age < 2 else SETTLED)

    return [day for n in range((today - first).days + 1) if is_stale(day := first + timedelta(days=n))]


def _counted(session: Session, day: date, zone: str) -> list[dict[str, object]]:
    """The rows of one day."""
    start, end = (datetime.combine(day + n * DAY, time(), ZoneInfo(zone)) for n in range(2))
    span = Submission.id >= first_id(start), Submission.id < first_id(end)
    passed = select(Event.submission_id, func.min(Event.at)).where(
        Event.submission_id >= first_id(start), Event.submission_id < first_id(end), Event.name.in_(DELIVERING)
    )
    passed_on = {number: at for number, at in session.execute(passed.group_by(Event.submission_id))}
    letters = session.execute(
        select(
            Submission.id,
            Submission.department_id,
            Submission.submitted_at,
            Praise.person_id,
            Praise.is_held,
            Praise.read_at,
        )
        .outerjoin(Praise, Praise.submission_id == Submission.id)
        .outerjoin(Link, Link.id == Submission.link_id)
        .where(*span, Submission.kind == Kind.COMPLIMENT, ~Submission.is_history)
        .where(Link.is_internal.is_not(True))  # what people inside say to each other is no customer's
        .order_by(Submission.id),
        execution_options={"yield_per": 1000},
    )
    sums: Counter[tuple[int, Stage, int]] = Counter()
    for number, same in groupby(letters, key=lambda row: row.id):
        rows = list(same)
        for stage, within in _stages(rows, passed_on.get(number, rows[0].submitted_at)):
            sums[(rows[0].department_id or NONE, stage, within)] += 1
            sums[(EVERYWHERE, stage, within)] += 1
    return [
        {"day": day, "department_id": department_id, "stage": stage, "within": within, "n": n}
        for (department_id, stage, within), n in sums.items()
    ]


def _stages(letters: Sequence[Row[*tuple[Any, ...]]], delivered_at: datetime) -> Iterator[tuple[Stage, int]]:
    """How far a compliment came with its letters, delivered at that moment if it was."""
    yield Stage.SENT, 0
    out = [letter for letter in letters if letter.is_held is False]
    if not out:
        return
    sent_at = letters[0].submitted_at
    yield Stage.DELIVERED, _place(delivered_at - sent_at)
    if any(letter.person_id for letter in out):
        yield Stage.IN_PERSON, 0
    read = [letter.read_at for letter in out if letter.read_at]
    if read:
        yield Stage.READ, _place(min(read) - sent_at)


def _place(taken: timedelta) -> int:
    return bisect_left(BOUNDS, taken)


def _keep(session: Session, day: date, rows: list[dict[str, object]], at: datetime) -> None:
    counted = upsert(session.get_bind().dialect.name, table_of(CountedDay)).values(day=day, at=at)
    # First, so that another who counts the same day waits.
    session.execute(counted.on_conflict_do_update(index_elements=["day"], set_={"at": at}))
    session.execute(delete(Promptness).where(Promptness.day == day))
    if rows:
        session.execute(insert(Promptness), rows)
