"""Languages and how they write: translations, dates and numbers, for pages and mails alike."""

from feedback.text.catalog import available, gettext, ngettext, npgettext, pgettext
from feedback.text.dates import ago, day, exact, hour, length, moment, month, number, percent, short_day, weekday
from feedback.text.languages import Language, current, known, language_of, speak, speaking
from feedback.text.lists import all_of, any_of

__all__ = [
    "Language",
    "ago",
    "all_of",
    "any_of",
    "available",
    "current",
    "day",
    "exact",
    "gettext",
    "hour",
    "known",
    "language_of",
    "length",
    "moment",
    "month",
    "ngettext",
    "npgettext",
    "number",
    "percent",
    "pgettext",
    "short_day",
    "speak",
    "speaking",
    "weekday",
]
