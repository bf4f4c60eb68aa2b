"""Words for how a case is handled: what a reply is, how it ended, why it happened, what was done, when it is due."""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from feedback import clock
from feedback.core.cases import Case, Cause, Outcome, Remedy, Says
from feedback.text import day, pgettext
from feedback.text import gettext as _

Text = Callable[[], str]


def says(what: Says) -> str:
    """What a reply to the customer does."""
    return SAYS[what]()


def outcome(what: str) -> str:
    """What the handling found."""
    return OUTCOMES[Outcome(what)]()


def cause(what: str) -> str:
    """Why it happened."""
    return CAUSES[Cause(what)]()


def remedy(what: str) -> str:
    """What was done for the customer."""
    return REMEDIES[Remedy(what)]()


def due(case: Case, at: datetime, zone: str) -> tuple[str, str]:
    """The one date that matters, in words, and whether it is "late", "soon" or neither ("")."""
    if case.paused_at is not None:
        return _("Waiting for the customer"), ""
    if case.due_at is None:
        return "", ""
    last = last_day(case.due_at, zone)
    if case.due_at <= at:
        return _late(case, day(last)), "late"
    today = clock.day(at, zone)
    when = _today(case) if last == today else _tomorrow(case) if (last - today).days == 1 else _by(case, day(last))
    return when, "soon" if (last - today).days <= 1 else ""


def last_day(deadline: datetime, zone: str) -> date:
    """The last day on which the deadline is kept; it is the first moment after it."""
    return clock.day(deadline - datetime.resolution, zone)


def _late(case: Case, on: str) -> str:
    if case.acknowledged_at is None:
        return _("Should have been acknowledged by %(day)s") % {"day": on}
    return _("Answer was due %(day)s") % {"day": on}


def _today(case: Case) -> str:
    return _("Acknowledge today") if case.acknowledged_at is None else _("Answer due today")


def _tomorrow(case: Case) -> str:
    return _("Acknowledge by tomorrow") if case.acknowledged_at is None else _("Answer due tomorrow")


def _by(case: Case, on: str) -> str:
    words = _("Acknowledge by %(day)s") if case.acknowledged_at is None else _("Answer due %(day)s")
    return words % {"day": on}


SAYS: Mapping[Says, Text] = {
    Says.ANSWERED: lambda: _("Our answer"),
    Says.ASKED: lambda: _("A question: we wait for the customer, and the deadline waits too"),
    Says.REPLIED: lambda: _("A word in between"),
}

OUTCOMES: Mapping[Outcome, Text] = {
    Outcome.UPHELD: lambda: pgettext("outcome", "The customer was right"),
    Outcome.PARTLY: lambda: pgettext("outcome", "The customer was partly right"),
    Outcome.NOT_UPHELD: lambda: pgettext("outcome", "We see it differently"),
    Outcome.WITHDRAWN: lambda: pgettext("outcome", "Withdrawn by the customer"),
    Outcome.DUPLICATE: lambda: pgettext("outcome", "The same as another case"),
    Outcome.TAKEN_UP: lambda: pgettext("outcome", "Taken up"),
    Outcome.NOT_TAKEN_UP: lambda: pgettext("outcome", "Not taken up"),
}

CAUSES: Mapping[Cause, Text] = {
    Cause.PEOPLE: lambda: pgettext("cause", "Manner or mistake of someone here"),
    Cause.PROCESS: lambda: pgettext("cause", "How we work"),
    Cause.PRODUCT: lambda: pgettext("cause", "The product or service itself"),
    Cause.SUPPLY: lambda: pgettext("cause", "A supplier"),
    Cause.PREMISES: lambda: pgettext("cause", "Rooms or equipment"),
    Cause.INFORMATION: lambda: pgettext("cause", "Wrong or missing information"),
    Cause.OTHER: lambda: pgettext("cause", "Something else"),
    Cause.UNKNOWN: lambda: pgettext("cause", "Could not be found out"),
}

REMEDIES: Mapping[Remedy, Text] = {
    Remedy.APOLOGY: lambda: pgettext("remedy", "An apology"),
    Remedy.EXPLANATION: lambda: pgettext("remedy", "An explanation"),
    Remedy.REPAIR: lambda: pgettext("remedy", "Put right, replaced or done again"),
    Remedy.REFUND: lambda: pgettext("remedy", "Money back"),
    Remedy.GOODWILL: lambda: pgettext("remedy", "A gesture of goodwill"),
    Remedy.CHANGE: lambda: pgettext("remedy", "A change in how we work"),
    Remedy.NONE: lambda: pgettext("remedy", "Nothing"),
}
