"""Sentences for the log of changes, which core keeps as noun, act and details; a new act gets its sentence here."""

from collections.abc import Callable, Mapping
from datetime import date

from feedback.outbound import rules
from feedback.outbound.isolation import filled
from feedback.text import day, known
from feedback.text import gettext as _

Text = Callable[[], str]


def noun(name: str) -> str:
    """What kind of thing was changed."""
    return NOUNS[name]()


def sentence(noun_name: str, act: str, details: Mapping[str, str]) -> str:
    """What was done to it; by whom and when stands beside it."""
    told = dict(details)
    if noun_name == "wording":  # keeps the tag of its language
        told["language"] = known(told["language"]).name
    if noun_name == "rule":  # keeps itself with the names of that day
        told["rule"] = rules.sentence(told["rule"])
    for name in ("from", "until"):  # days of an absence
        if name in told:
            told[name] = day(date.fromisoformat(told[name]))
    return filled(ACTS[noun_name, act](), told)


NOUNS: dict[str, Text] = {
    "organisation": lambda: _("Organisation"),
    "wording": lambda: _("Words on print"),
    "link": lambda: _("QR link"),
    "person": lambda: _("Person"),
    "department": lambda: _("Department"),
    "place": lambda: _("Place"),
    "topic": lambda: _("Topic"),
    "rule": lambda: _("Routing rule"),
    "reply": lambda: _("Reply template"),
    "survey": lambda: _("Survey"),
}

# What can be done to every entry of the directory.
COMMON: dict[str, Text] = {
    "made": lambda: _("Added %(name)s"),
    "renamed": lambda: _("Renamed %(was)s to %(name)s"),
    "referenced": lambda: _("Gave %(name)s the reference “%(to)s”"),
    "retired": lambda: _("Retired %(name)s"),
    "retired_codes_lead_on": lambda: _("Retired %(name)s; its QR codes lead on"),
    "retired_codes_retire": lambda: _("Retired %(name)s with its QR codes"),
    "returned": lambda: _("Brought %(name)s back"),
    "deleted": lambda: _("Deleted %(name)s, which had no history"),
    "imported": lambda: _("Imported a file: %(new)s new, %(changed)s changed"),
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
    ("organisation", "staff_names"): lambda: _("Changed how customers see who answers them"),
    ("organisation", "deadlines"): lambda: _("Changed by when cases are acknowledged and answered"),
    ("organisation", "logo"): lambda: _("Chose a new logo"),
    ("organisation", "no_logo"): lambda: _("Removed the logo"),
    ("organisation", "holiday"): lambda: _("Made %(day)s a holiday: %(name)s"),
    ("organisation", "no_holiday"): lambda: _("Took %(day)s off the holidays: %(name)s"),
    ("link", "made"): lambda: _("Made the code %(code)s for %(name)s"),
    ("link", "pointed"): lambda: _("Pointed the code %(code)s from %(before)s to %(name)s"),
    ("link", "asks"): lambda: _("Let the code %(code)s ask “%(survey)s”, edition %(number)s"),
    ("link", "asks_nothing"): lambda: _("Let the code %(code)s ask “%(survey)s” no more"),
    ("link", "made_internal"): lambda: _("Marked the code %(code)s as one that people inside scan"),
    ("link", "made_for_customers"): lambda: _("Marked the code %(code)s as one that customers scan"),
    ("survey", "made"): lambda: _("Made the survey %(name)s"),
    ("survey", "published"): lambda: _("Published edition %(number)s of %(name)s"),
    ("survey", "closed"): lambda: _("Closed %(name)s"),
    ("survey", "opened"): lambda: _("Opened %(name)s again"),
    ("survey", "ended"): lambda: _("The last day of %(name)s was over, and it closed"),
    ("survey", "filled"): lambda: _("%(name)s had as many answers as were wanted, and closed"),
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
    **{(noun, act): text for noun in ("person", "department", "place", "topic") for act, text in COMMON.items()},
    ("person", "retired"): lambda: _("%(name)s left"),
    ("person", "retired_codes_lead_on"): lambda: _("%(name)s left; the QR codes lead on"),
    ("person", "retired_codes_retire"): lambda: _("%(name)s left, and the QR codes were retired"),
    ("person", "invited"): lambda: _("Invited %(name)s"),
    ("person", "invited_by_mail"): lambda: _("Invited %(name)s by e-mail"),
    ("person", "joined"): lambda: _("%(name)s chose how to sign in"),
    ("person", "made_admin"): lambda: _("Made %(name)s an admin"),
    ("person", "pictured"): lambda: _("Chose a new photo of %(name)s"),
    ("person", "unpictured"): lambda: _("Removed the photo of %(name)s"),
    ("person", "device_added"): lambda: _("%(name)s chose a PIN for a device"),
    ("person", "device_removed"): lambda: _("%(name)s removed the PIN of a device"),
    ("person", "device_closed"): lambda: _("A device of %(name)s was closed after five wrong PINs"),
    ("person", "password_changed"): lambda: _("%(name)s changed sign-in name or password"),
    ("person", "signed_out_elsewhere"): lambda: _("%(name)s signed out everywhere else"),
    ("person", "second_factor_on"): lambda: _("%(name)s set up a second factor"),
    ("person", "second_factor_off"): lambda: _("%(name)s switched the second factor off"),
    ("person", "second_factor_taken"): lambda: _("Took the second factor of %(name)s away"),
    ("person", "recovery_code_used"): lambda: _("%(name)s came in by a recovery code"),
    ("person", "called"): lambda: _("Customers know %(name)s as “%(to)s”, before as “%(was)s”"),
    ("person", "nicknamed"): lambda: _("%(name)s is also called “%(to)s”, before “%(was)s”"),
    ("person", "addressed"): lambda: _("Changed the e-mail address of %(name)s"),
    ("person", "spoken_to"): lambda: _("Changed the language of %(name)s from “%(was)s” to “%(to)s”"),
    ("person", "assigned"): lambda: _("Moved %(name)s from %(was)s to %(to)s"),
    ("person", "shown"): lambda: _("Offer %(name)s on forms"),
    ("person", "hidden"): lambda: _("No longer offer %(name)s on forms"),
    ("person", "placed"): lambda: _("Changed the places of %(name)s from “%(was)s” to “%(to)s”"),
    ("person", "put_in_charge"): lambda: _("Changed what %(name)s manages from “%(was)s” to “%(to)s”"),
    ("person", "away"): lambda: _("%(name)s is away from %(from)s until %(until)s"),
    ("person", "away_covered"): lambda: _("%(name)s is away from %(from)s until %(until)s; %(cover)s stands in"),
    ("person", "back"): lambda: _("%(name)s is back earlier than %(until)s"),
    ("person", "challenged"): lambda: _("%(name)s said that something kept about them is wrong"),
    ("person", "challenge_corrected"): lambda: _("Answered %(name)s that what they said is wrong was corrected"),
    ("person", "challenge_left"): lambda: _("Answered %(name)s why what they said is wrong stays as it is"),
    ("reply", "made"): lambda: _("Wrote the reply template %(name)s"),
    ("reply", "changed"): lambda: _("Changed the reply template %(name)s"),
    ("reply", "removed"): lambda: _("Took away the reply template %(name)s"),
    ("rule", "made"): lambda: _("Wrote a rule: %(rule)s"),
    ("rule", "changed"): lambda: _("Changed a rule, which now says: %(rule)s"),
    ("rule", "switched_on"): lambda: _("Switched on: %(rule)s"),
    ("rule", "switched_off"): lambda: _("Switched off: %(rule)s"),
    ("rule", "moved_up"): lambda: _("Put earlier: %(rule)s"),
    ("rule", "moved_down"): lambda: _("Put later: %(rule)s"),
    ("rule", "removed"): lambda: _("Took away: %(rule)s"),
    ("department", "moved"): lambda: _("Moved %(name)s from “%(was)s” to “%(to)s”"),
    ("department", "managed"): lambda: _("Changed the managers of %(name)s from “%(was)s” to “%(to)s”"),
    ("place", "moved"): lambda: _("Moved %(name)s from “%(was)s” to “%(to)s”"),
    ("place", "assigned"): lambda: _("Changed who runs %(name)s from “%(was)s” to “%(to)s”"),
    ("topic", "assigned"): lambda: _("Gave %(name)s from %(was)s to %(to)s"),
}
