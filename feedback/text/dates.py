"""Moments, days and numbers as a reader's language writes them."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import (
    format_date,
    format_datetime,
    format_skeleton,
    format_time,
    format_timedelta,
    get_datetime_format,
)
from babel.numbers import format_decimal, format_percent

from feedback.text.catalog import pgettext
from feedback.text.languages import current

RECENT = timedelta(days=7)


def ago(at: datetime, now: datetime, zone: str) -> str:
    """How long ago `at` was ("3 hours ago"), or its day where that says more."""
    past = now - at
    if past > RECENT or past < timedelta(0):
        return day(at.astimezone(ZoneInfo(zone)).date())
    if past < timedelta(minutes=1):
        return pgettext("moment", "just now")
    return format_timedelta(-past, add_direction=True, locale=current().locale)


def day(on: date) -> str:
    """A day, written out."""
    return format_date(on, format="long", locale=current().locale)


def coming_day(on: date) -> str:
    """A day within the next weeks, with the day of the week by which people know it."""
    return str(format_skeleton("MMMEd", on, locale=current().locale))


def weekday(number: int) -> str:
    """The name of a day of the week, Monday being 0, as it stands alone."""
    return str(current().locale.days["stand-alone"]["wide"][number])


def hour(number: int) -> str:
    """A full hour of the day as clocks show it."""
    return format_time(time(number), "short", locale=current().locale)


def short_day(on: date) -> str:
    """A day without its year, as short as it can be."""
    return str(format_skeleton("MMMd", on, locale=current().locale))


def month(on: date) -> str:
    """The month of a day with its year, written out."""
    return str(format_skeleton("yMMMM", on, locale=current().locale))


def moment(at: datetime, zone: str) -> str:
    """A day and time of day where the clocks show `zone`, short enough for a line."""
    locale, local = current().locale, at.astimezone(ZoneInfo(zone))
    both = str(get_datetime_format("medium", locale=locale))
    return both.replace("{1}", format_date(local, locale=locale)).replace(
        "{0}", format_time(local, "short", locale=locale)
    )


def exact(at: datetime, zone: str) -> str:
    """A moment with everything there is to say about it, for a tooltip."""
    return format_datetime(at, format="full", tzinfo=ZoneInfo(zone), locale=current().locale)


def length(span: timedelta) -> str:
    """A span of time in its largest whole unit ("4 hours")."""
    return format_timedelta(span, threshold=1, locale=current().locale)


def number(value: float) -> str:
    """A number with the separators of the language."""
    return str(format_decimal(value, locale=current().locale))


def percent(share: float) -> str:
    """A share of the whole (0 to 1) in whole per cent."""
    return str(format_percent(share, locale=current().locale))
