"""Rules in plain sentences: "When the topic is Billing and the rating is at most 2: send it to Accounts.".

What is worded here is what core/rules told: conditions and actions with the names of their day.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import time

from babel.dates import format_time

from feedback.core.rules import About, Does
from feedback.outbound.isolation import filled, isolated
from feedback.text import all_of, any_of, current, known, number, pgettext
from feedback.text import gettext as _

Values = Sequence[str]


def sentence(told: str) -> str:
    """A whole rule."""
    conditions, actions = json.loads(told)
    both = {"conditions": _conditions(conditions), "actions": all_of([_action(*action) for action in actions])}
    return _("When %(conditions)s: %(actions)s.") % both


def when(told: str) -> str:
    """The conditions of a rule alone."""
    return _("when %(conditions)s") % {"conditions": _conditions(json.loads(told)[0])}


def _conditions(conditions: Sequence[tuple[str, Values]]) -> str:
    return all_of([CONDITIONS[About(about)](values) for about, values in conditions])


def _action(does: str, value: str) -> str:
    return ACTIONS[Does(does)](value)


def _named(text: Callable[[], str]) -> Callable[[Values], str]:
    """A condition that holds for any of its names."""
    return lambda values: text() % {"names": any_of([isolated(value) for value in values])}


def _is_kind(values: Values) -> str:
    return _("it is %(kinds)s") % {"kinds": any_of([KINDS[value]() for value in values])}


def _speaks(values: Values) -> str:
    return _("it is written in %(names)s") % {"names": any_of([isolated(known(value).name) for value in values])}


def _says(values: Values) -> str:
    quoted = [pgettext("a word quoted", "“%(word)s”") % {"word": isolated(value)} for value in values]
    return _("it says %(words)s") % {"words": any_of(quoted)}


def _comes(values: Values) -> str:
    start, end = (format_time(time.fromisoformat(value), "short", locale=current().locale) for value in values)
    return _("it comes between %(start)s and %(end)s") % {"start": start, "end": end}


CONDITIONS: Mapping[About, Callable[[Values], str]] = {
    About.KIND: _is_kind,
    About.TOPIC: _named(lambda: _("the topic is %(names)s")),
    About.PLACE: _named(lambda: _("the place is %(names)s")),
    About.DEPARTMENT: _named(lambda: _("it is for %(names)s")),
    About.LINK: _named(lambda: _("it came by the code %(names)s")),
    About.RATING_AT_MOST: lambda values: _("the rating is at most %(rating)s") % {"rating": number(int(values[0]))},
    About.RATING_AT_LEAST: lambda values: _("the rating is at least %(rating)s") % {"rating": number(int(values[0]))},
    About.LANGUAGE: _speaks,
    About.WORDS: _says,
    About.TIME: _comes,
}

KINDS: Mapping[str, Callable[[], str]] = {
    "compliment": lambda: pgettext("it is", "a compliment"),
    "complaint": lambda: pgettext("it is", "a complaint"),
    "suggestion": lambda: pgettext("it is", "a suggestion"),
}

GRADES: Mapping[str, Callable[[], str]] = {
    "1": lambda: _("take it as minor"),
    "2": lambda: _("take it as normal"),
    "3": lambda: _("take it as serious"),
    "4": lambda: _("take it as critical"),
}

ACTIONS: Mapping[Does, Callable[[str], str]] = {
    Does.SEND: lambda value: filled(_("send it to %(name)s"), {"name": value}),
    Does.HAND: lambda value: filled(_("let %(name)s handle it"), {"name": value}),
    Does.GRADE: lambda value: GRADES[value](),
    Does.INFORM: lambda value: filled(_("let %(name)s know"), {"name": value}),
}
