"""Sentences for the log of changes, which core keeps as noun, act and details; a new act gets its sentence here."""

from collections.abc import Callable, Mapping

from feedback.outbound.isolation import filled
from feedback.text import gettext as _
from feedback.text import known

Text = Callable[[], str]


def noun(name: str) -> str:
    """What kind of thing was changed."""
    return NOUNS[name]()


def sentence(noun_name: str, act: str, details: Mapping[str, str]) -> str:
    """What was done to it; by whom and when stands beside it."""
    told = dict(details)
    if noun_name == "wording":  # keeps the tag of its language
        told["language"] = known(told["language"]).name
    return filled(ACTS[noun_name, act](), told)


NOUNS: dict[str, Text] = {
    "organisation": lambda: _("Organisation"),
    "wording": lambda: _("Words on print"),
    "link": lambda: _("QR link"),
}

ACTS: dict[tuple[str, str], Text] = {
    ("organisation", "made"): lambda: _("Set up %(name)s"),
    ("wording", "reworded"): lambda: _("Put own words on print (%(language)s)"),
    ("wording", "reset"): lambda: _("Went back to the shipped words on print (%(language)s)"),
    ("organisation", "name"): lambda: _("Changed the name from %(before)s to %(after)s"),
    ("organisation", "accent"): lambda: _("Changed the colour from %(before)s to %(after)s"),
    ("organisation", "timezone"): lambda: _("Changed the time zone from %(before)s to %(after)s"),
    ("organisation", "languages"): lambda: _("Changed the languages on offer"),
    ("organisation", "language"): lambda: _("Changed the main language from %(before)s to %(after)s"),
    ("organisation", "working_days"): lambda: _("Changed the working week"),
    ("organisation", "answer_days"): lambda: _("Changed the working days until an answer from %(before)s to %(after)s"),
    ("organisation", "outside_reader"): lambda: _("Changed the outside reader from %(before)s to %(after)s"),
    ("organisation", "logo"): lambda: _("Chose a new logo"),
    ("organisation", "no_logo"): lambda: _("Removed the logo"),
    ("organisation", "holiday"): lambda: _("Made %(day)s a holiday: %(name)s"),
    ("organisation", "no_holiday"): lambda: _("Took %(day)s off the holidays: %(name)s"),
    ("link", "made"): lambda: _("Made the code %(code)s for %(name)s"),
    ("link", "pointed"): lambda: _("Pointed the code %(code)s from %(before)s to %(name)s"),
    ("link", "set"): lambda: _("Left topic and language open on the form of %(name)s (%(code)s)"),
    ("link", "set_topic"): lambda: _("Chose the topic %(topic)s beforehand for %(name)s (%(code)s)"),
    ("link", "set_language"): lambda: _("Chose the language %(language)s for %(name)s (%(code)s)"),
    ("link", "set_topic_language"): lambda: _(
        "Chose the topic %(topic)s and the language %(language)s for %(name)s (%(code)s)"
    ),
    ("link", "retired"): lambda: _("Retired the code %(code)s of %(name)s"),
    ("link", "brought_back"): lambda: _("Brought back the code %(code)s of %(name)s"),
    ("link", "reissued"): lambda: _("Issued the code %(code)s for %(name)s beside %(before)s"),
    ("link", "replaced"): lambda: _("Issued the code %(code)s for %(name)s in place of %(before)s"),
    ("link", "issued"): lambda: _("Made as a new code for %(name)s, after %(before)s"),
}
