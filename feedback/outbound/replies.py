"""Words for reply templates: what each placeholder gives, what stands where nothing is known, and examples.

A value is plain text in the language of the text it goes into, and never empty.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedback import clock
from feedback.core.cases import Says
from feedback.core.organisation import StaffNames
from feedback.core.replies import PLACEHOLDERS
from feedback.outbound.handling import last_day
from feedback.outbound.isolation import isolated
from feedback.text import all_of, day, pgettext, speaking
from feedback.text import gettext as _

Text = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known when a template is filled; "" and () where it is not."""

    organisation: str
    zone: str
    at: datetime  # when the customer wrote
    answer_at: datetime  # the first moment after the answer is due
    customer: str = ""
    place: str = ""
    topics: tuple[str, ...] = ()
    department: str = ""
    staff: str = ""


def values(known: Known, language: str) -> dict[str, str]:
    """The value of every placeholder, for a text in `language`."""
    with speaking(language):
        found = {
            "customer": known.customer or pgettext("in place of a name", "customer"),
            "place": known.place or known.organisation,
            "topic": all_of([isolated(topic) for topic in known.topics])
            or pgettext("in place of a topic", "your feedback"),
            "department": known.department or known.organisation,
            "staff": known.staff or known.organisation,
            "organisation": known.organisation,
            "case_date": day(clock.day(known.at, known.zone)),
            "answer_by": day(last_day(known.answer_at, known.zone)),
        }
        return {name: value if name == "topic" else isolated(" ".join(value.split())) for name, value in found.items()}


def example(organisation: str, zone: str, staff_names: str, at: datetime, language: str) -> Known:
    """Someone who gave a name and said everything, in that language."""
    with speaking(language):
        department = pgettext("example of a department", "Deliveries")
        staff = {
            StaffNames.FULL: pgettext("example of a full name", "Sam Baker"),
            StaffNames.PUBLIC: pgettext("example of a first name", "Sam"),
            StaffNames.DEPARTMENT: department,
        }
        return Known(
            organisation,
            zone,
            at,
            at + timedelta(days=3),
            customer=pgettext("example of a customer", "Ida Winter"),
            place=pgettext("example of a place", "Main Street"),
            topics=(pgettext("example of a topic", "Late delivery"),),
            department=department,
            staff=staff.get(StaffNames(staff_names), ""),
        )


def nobody(organisation: str, zone: str, at: datetime) -> Known:
    """Someone of whom nothing is known."""
    return Known(organisation, zone, at, at + timedelta(days=3))


def placeholders() -> list[tuple[str, str]]:
    """Each placeholder as it is typed, and what it gives."""
    return [(f"{{{name}}}", MEANINGS[name]()) for name in PLACEHOLDERS]


def problem(name: str, found: tuple[str, ...] = ()) -> str:
    """What keeps a template from being kept, and what to do about it."""
    return PROBLEMS[name]() % {"found": all_of([isolated(one) for one in found])}


def kind(says: Says) -> str:
    """What a reply made of it is, in one or two words."""
    return KINDS[says]()


MEANINGS: Mapping[str, Text] = {
    "customer": lambda: (
        _("The customer’s name, where they gave one and it is yours to see; else “%(word)s”")
        % {"word": pgettext("in place of a name", "customer")}
    ),
    "place": lambda: _("Where it was sent from; else the organisation’s name"),
    "topic": lambda: (
        _("What it is about; else “%(word)s”") % {"word": pgettext("in place of a topic", "your feedback")}
    ),
    "department": lambda: _("The department that answers; else the organisation’s name"),
    "staff": lambda: _("Whoever writes, as the settings say it; else the organisation’s name"),
    "organisation": lambda: _("The organisation’s name"),
    "case_date": lambda: _("The day on which the customer wrote"),
    "answer_by": lambda: _("The day by which they have an answer; where none is due, as for someone who writes today"),
}

PROBLEMS: Mapping[str, Text] = {
    "name_missing": lambda: _("Please fill this in."),
    "no_text": lambda: _("Write it in one language at least."),
    "unknown_placeholder": lambda: _(
        "%(found)s is no placeholder. Choose one of those listed, or write it without the braces."
    ),
}

KINDS: Mapping[Says, Text] = {
    Says.ANSWERED: lambda: pgettext("reply", "Answer"),
    Says.ASKED: lambda: pgettext("reply", "Question"),
    Says.REPLIED: lambda: pgettext("reply", "Word in between"),
}
