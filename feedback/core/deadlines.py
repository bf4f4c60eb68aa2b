"""By when a case is acknowledged and answered: what an organisation promises, counted on its working calendar."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import Boolean, CheckConstraint, SmallInteger, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback import clock
from feedback.core import audit
from feedback.core.calendar import Calendar, the_calendar
from feedback.core.organisation import Pictured, the_organisation
from feedback.db import Base

SEVERITIES = (1, 2, 3, 4)
MOST = {"days": 250, "hours": 2000}


class Unit(StrEnum):
    """What a span is counted in."""

    DAYS = "days"  # of work, each over when its day is
    HOURS = "hours"  # by the clock, whatever day it is


@dataclass(frozen=True, slots=True)
class Span:
    """So many working days or hours."""

    n: int
    unit: Unit = Unit.DAYS

    def end(self, start: datetime, calendar: Calendar) -> datetime:
        """When a span that begins at `start` is over, in UTC."""
        return calendar.due(start, self.n) if self.unit == Unit.DAYS else start + timedelta(hours=self.n)


@dataclass(frozen=True, slots=True)
class Promise:
    """How soon a case is acknowledged and answered, at the first stage and after it was opened again."""

    acknowledge: Span
    answer: Span
    second: Span
    counts_from_acknowledgement: bool = False


class ServiceLevel(Pictured, Base):
    """The promise for cases of one severity, as the organisation set it."""

    __tablename__ = "service_level"
    __table_args__ = (
        CheckConstraint("severity between 1 and 4", name="severity"),
        CheckConstraint("acknowledge > 0 and answer > 0 and second > 0", name="ahead"),
    )

    severity: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    unit: Mapped[str] = mapped_column(String(5))
    acknowledge: Mapped[int] = mapped_column(SmallInteger)
    answer: Mapped[int] = mapped_column(SmallInteger)
    second: Mapped[int] = mapped_column(SmallInteger)
    counts_from_acknowledgement: Mapped[bool] = mapped_column(Boolean(name="counts_from_acknowledgement"))

    @property
    def promise(self) -> Promise:
        """The promise itself."""
        unit = Unit(self.unit)
        return Promise(
            Span(self.acknowledge, unit),
            Span(self.answer, unit),
            Span(self.second, unit),
            self.counts_from_acknowledgement,
        )


def _days(acknowledge: int, answer: int, second: int, *, counts_from_acknowledgement: bool = False) -> Promise:
    return Promise(Span(acknowledge), Span(answer), Span(second), counts_from_acknowledgement)


# What others promise. NHS: The Local Authority Social Services and National Health Service Complaints (England)
# Regulations 2009, 13(3) three working days, 14(3) six months (26 weeks of five days). SPSO: Model Complaints Handling
# Procedures, five and twenty working days, the second acknowledged in three. Housing Ombudsman: Complaint Handling Code
# 2024, 6.2, 6.3, 6.14: five, ten from the acknowledgement, twenty from the acknowledgement.
PRESETS: Mapping[str, Promise] = {
    "nhs": _days(3, 130, 130),
    "spso": _days(3, 5, 20),
    "housing": _days(5, 10, 20, counts_from_acknowledgement=True),
    "retail": Promise(Span(24, Unit.HOURS), Span(48, Unit.HOURS), Span(96, Unit.HOURS)),
}


@dataclass(frozen=True, slots=True)
class Times:
    """What happened to a case so far, as far as its deadlines depend on it."""

    begun_at: datetime  # when it arrived, or was opened again
    stage: int = 1
    acknowledged_at: datetime | None = None
    pauses: tuple[tuple[datetime, datetime], ...] = ()  # waiting for the customer, from when until when; over by now


@dataclass(frozen=True, slots=True)
class Deadlines:
    """When a case has to be acknowledged and answered; and when a warning of each is due."""

    acknowledge_at: datetime
    answer_at: datetime
    acknowledge_warning_at: datetime
    answer_warning_at: datetime


def deadlines(times: Times, promise: Promise, calendar: Calendar) -> Deadlines:
    """The deadlines of a case. Whole working days of waiting for the customer, or hours of it, are added to both."""
    acknowledge = _moved(promise.acknowledge, times.begun_at, times, calendar)
    from_then = promise.counts_from_acknowledgement and times.acknowledged_at
    start = from_then or times.begun_at
    span = promise.second if times.stage > 1 else promise.answer
    answer = _moved(span, start, times, calendar)
    return Deadlines(
        acknowledge,
        answer,
        _warning(times.begun_at, acknowledge, promise.acknowledge, calendar),
        _warning(start, answer, span, calendar),
    )


def promised(session: Session) -> dict[int, Promise]:
    """The promise for each severity; where nothing was set, that of the organisation's own days to answer."""
    known = the_organisation(session)
    days = known.answer_days if known else 3
    usual = _days(min(3, -(-days // 3)), days, 2 * days)
    kept = {level.severity: level.promise for level in session.scalars(select(ServiceLevel))}
    return {severity: kept.get(severity, usual) for severity in SEVERITIES}


def promise(session: Session, wanted: Mapping[int, Promise], *, by_id: int, at: datetime) -> bool:
    """Promise that from now on for each severity; whether that is anything new. Open cases follow when touched next."""
    if promised(session) == dict(wanted):
        return False
    for severity, told in wanted.items():
        level = session.get(ServiceLevel, severity) or ServiceLevel(severity=severity)
        level.unit = told.acknowledge.unit
        level.acknowledge, level.answer, level.second = told.acknowledge.n, told.answer.n, told.second.n
        level.counts_from_acknowledgement = told.counts_from_acknowledgement
        session.add(level)
    audit.note(session, "organisation", None, "deadlines", at, by_id=by_id)
    return True


@dataclass(frozen=True, slots=True)
class Pace:
    """What is promised for each severity, and the calendar it is counted on; read once and asked as often as needed."""

    promises: Mapping[int, Promise]
    calendar: Calendar

    def of(self, severity: int, times: Times) -> Deadlines:
        """The deadlines of a case of that severity."""
        return deadlines(times, self.promises[severity], self.calendar)


def the_pace(session: Session) -> Pace:
    """The organisation's pace as it is set now."""
    return Pace(promised(session), the_calendar(session))


def _moved(span: Span, start: datetime, times: Times, calendar: Calendar) -> datetime:
    """The end of the span, later by what was spent waiting for the customer before it."""
    end = span.end(start, calendar)
    for begun, over in times.pauses:
        if begun >= end or over <= start:
            continue
        if span.unit == Unit.HOURS:
            end += over - max(begun, start)
        elif waited := _working_days(max(begun, start), over, calendar):
            end = calendar.due(end - timedelta(microseconds=1), waited)
    return end


def _working_days(start: datetime, end: datetime, calendar: Calendar) -> int:
    """How many working days begin after `start` and no later than `end`."""
    first, last = clock.day(start, calendar.zone), clock.day(end, calendar.zone)
    return sum(calendar.is_working_day(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))


def _warning(start: datetime, end: datetime, span: Span, calendar: Calendar) -> datetime:
    """A working day before the end, where the span is longer than two; else when a quarter of it is left."""
    if span.unit == Unit.DAYS and span.n > 2:
        day = clock.day(end - timedelta(microseconds=1), calendar.zone)
        while True:
            day -= timedelta(days=1)
            if calendar.is_working_day(day):
                return max(start, _morning(day, calendar))
    return start + (end - start) * 0.75


def _morning(day: date, calendar: Calendar) -> datetime:
    """Nine o'clock of that day, in UTC."""
    return datetime.combine(day, time(9), ZoneInfo(calendar.zone)).astimezone(UTC)
