"""Sentences for what core keeps as names and parameters: reasons, steps, problems, kinds, states.

Every text is in the language spoken now and can be shown as it is: names in it are isolated where they
run the other way. Sentences on who reads a submission are made in `readers` and offered here too.
"""

from collections.abc import Callable, Mapping

from feedback.core.routing import Purpose
from feedback.outbound import handling, rules
from feedback.outbound.isolation import filled
from feedback.outbound.readers import AnyRoute, readers, reasons_of, state
from feedback.text import gettext as _
from feedback.text import ngettext, number, pgettext

__all__ = [
    "customer_step",
    "kind",
    "photos",
    "photos_beside",
    "problem",
    "rating",
    "readers",
    "reason",
    "route",
    "severity",
    "state",
    "status",
    "step",
]

Text = Callable[[], str]
Step = Callable[[Mapping[str, str]], str]


def reason(name: str, details: Mapping[str, str]) -> str:
    """Why a submission goes where it goes, by the name core/routing gave the reason."""
    told = dict(details)
    if "rule" in told:
        told["rule"] = rules.when(told["rule"])
    if "severity" in told:
        told["severity"] = severity(int(told["severity"]))
    return filled(REASONS[name](), told)


def route(route: AnyRoute) -> str:
    """All reasons of one route in a line, as a manager reads it in the timeline."""
    why = pgettext("between reasons", ". ").join(reason(*given) for given in reasons_of(route))
    return _("To read along: %(why)s") % {"why": why} if route.purpose == Purpose.INFORMS else why


def step(name: str, details: Mapping[str, str], by: str | None) -> str:
    """What happened, for those who work on it; `by` is who did it, where that is known."""
    told = {**details, "by": by} if by else dict(details)
    for grade in ("before", "severity"):
        if grade in told:
            told[grade] = severity(int(told[grade]))
    said = STEPS[name](told)
    if "outcome" in told:
        told["outcome"] = handling.outcome(told["outcome"])
    return filled(said, told)


def customer_step(name: str, details: Mapping[str, str]) -> str:
    """What happened, for the customer who comes back with the receipt."""
    return filled(CUSTOMER_STEPS[name](), details)


def photos(n: int) -> str:
    """What stands for the words of someone who sent photos alone; "" where there are none of these either."""
    return (
        ngettext("%(num)s photo, without words", "%(num)s photos, without words", n) % {"num": number(n)} if n else ""
    )


def photos_beside(n: int) -> str:
    """That photos came with what a mail tells; "" where none did."""
    if not n:
        return ""
    said = ngettext(
        "%(num)s photo came with it; it is not sent by mail.",
        "%(num)s photos came with it; they are not sent by mail.",
        n,
    )
    return said % {"num": number(n)}


def problem(name: str) -> str:
    """What is wrong with a field, and what to do about it."""
    return PROBLEMS[name]()


def kind(name: str) -> str:
    """What a customer wanted to say, in one word."""
    return KINDS[name]()


def status(name: str) -> str:
    """Where the handling of a case stands, in one or two words."""
    return STATUSES[name]()


def rating(n: int) -> str:
    """The word under the n-th of the five faces."""
    return RATINGS[n]()


def severity(n: int) -> str:
    """How serious a case is, 1 to 4; a new one has 2."""
    return SEVERITIES[n]()


REASONS: Mapping[str, Text] = {
    "praised_you": lambda: _("The customer thanked you"),
    "praised_person": lambda: _("The customer thanked %(person)s"),
    "praised_department": lambda: _("The customer thanked %(department)s"),
    "their_manager": lambda: _("The managers of %(department)s hear what their people are thanked for"),
    "received_by": lambda: _("%(person)s received this"),
    "topic": lambda: _("Topic %(topic)s belongs to %(department)s"),
    "named_person": lambda: _("It is about %(person)s, who works in %(department)s"),
    "place": lambda: _("It was sent from %(place)s, which %(department)s looks after"),
    "department": lambda: _("It was sent to %(department)s"),
    "root": lambda: _("Nothing says which department it is for, so it goes to %(department)s"),
    "no_department": lambda: _("There is no department it could go to"),
    "managers_concerned": lambda: _("It concerns the managers of %(department)s, so it goes further up"),
    "no_manager": lambda: _("%(department)s has no manager, so it goes further up"),
    "admin": lambda: _("No manager could take it, so it goes to an administrator who is not concerned"),
    "outside_reader": lambda: _("Nobody here could take it, so it goes to the reader outside the organisation"),
    "nobody_free": lambda: _("Nobody is free of a conflict of interest, so it is kept and nobody reads it yet"),
    "rule_sends": lambda: _("A rule sends it to %(department)s: %(rule)s"),
    "rule_hands": lambda: _("A rule gives it to %(person)s: %(rule)s"),
    "rule_grades": lambda: _("A rule makes its severity “%(severity)s”: %(rule)s"),
    "grave_word": lambda: _("It speaks of “%(word)s”, which makes its severity “%(severity)s”"),
    "rule_informs": lambda: _("A rule lets %(department)s know: %(rule)s"),
    "covered": lambda: _("%(person)s is away; %(cover)s stands in"),
    "all_away": lambda: _("Everyone who manages %(department)s is away, so those above are told too"),
    "concerned_later": lambda: _("It is about someone who would have decided it, so it came to you"),
    "described": lambda: _("The customer described whom they mean, so a manager says who that is"),
    "found": lambda: _("The customer described somebody, and a manager says that it is %(person)s"),
    "named": lambda: _("The words name %(person)s, as a manager says"),
    "nobody_found": lambda: _(
        "Nobody said within a week whom the customer described, so it went to everyone in %(department)s"
    ),
    "held": lambda: _("It may not be kindly meant, so a manager looks at it before it is delivered"),
    "looks_like_insult": lambda: _("These words look like an insult, so a manager reads them before anyone else"),
    "looks_like_hate": lambda: _("These words look like contempt for a group of people, so a manager reads them first"),
    "looks_like_sexual": lambda: _("These words look like a sexual remark, so a manager reads them before anyone else"),
    "looks_like_pursuit": lambda: _(
        "These words look like following somebody, so a manager reads them before anyone else"
    ),
    "looks_like_threat": lambda: _("These words look like a threat, so a manager reads them before anyone else"),
    "looks_like_contact": lambda: _(
        "These words look like asking for private contact, so a manager reads them before anyone else"
    ),
}


def _assigned(told: Mapping[str, str]) -> str:
    if "handler" not in told:
        return _("%(by)s left this without a handler") if "by" in told else _("Nobody handles this now")
    if "by" not in told:
        return _("%(handler)s handles this now")
    if told["by"] == told["handler"]:
        return _("%(handler)s took this on")
    return _("%(by)s asked %(handler)s to handle this")


def _judged(told: Mapping[str, str]) -> str:
    if told.get("settled") == "yes":
        return _("The customer says that it is settled")
    return _("The customer says that it is not settled")


def _taken_up_again(told: Mapping[str, str]) -> str:
    if {"by", "outcome"} <= set(told):
        return _("%(by)s took this up again; it had ended with “%(outcome)s”")
    return _("%(by)s took this up again") if "by" in told else _("This was taken up again")


def _closed(told: Mapping[str, str]) -> str:
    if "by" not in told:
        return _("Closed")
    if told.get("outcome") == "taken_up":
        return _("%(by)s took this up")
    if told.get("outcome") == "not_taken_up":
        return _("%(by)s did not take this up")
    return _("%(by)s closed this")


def _concerned(told: Mapping[str, str]) -> str:
    if not {"by", "person"} <= set(told):
        return _("It was noted whom this is about")
    if told["by"] == told["person"]:
        return _("%(person)s said that this is about them, and does not see it any more")
    return _("%(by)s noted that this is about %(person)s, who does not see it any more")


def _rerouted(told: Mapping[str, str]) -> str:
    to = told.get("to")
    if to == "managers":
        return _("The managers of %(department)s decide it now")
    if to == "admins":
        return _("An administrator who is not concerned decides it now")
    if to == "outside":
        return _("It went to the reader outside the organisation")
    return _("Nobody is free of a conflict of interest, so it is kept and nobody reads it yet")


STEPS: Mapping[str, Step] = {
    "received": lambda told: _("Received"),
    "assigned": _assigned,
    "handed_back": lambda told: (
        _("%(handler)s left, so this went back to its department")
        if "handler" in told
        else _("Nobody handles this now")
    ),
    "concerned": _concerned,
    "cleared": lambda told: (
        _("%(by)s took back that this is about %(person)s")
        if {"by", "person"} <= set(told)
        else _("It was taken back whom this is about")
    ),
    "rerouted": _rerouted,
    "noted": lambda told: _("%(by)s wrote a note") if "by" in told else _("A note was written"),
    "passed_on": lambda told: _("%(by)s delivered this") if "by" in told else _("This was delivered"),
    "released": lambda told: (
        _("%(by)s let this through; now its person is looked for") if "by" in told else _("This was let through")
    ),
    "found": lambda told: (
        _("%(by)s says that this is for %(person)s") if {"by", "person"} <= set(told) else _("Its person was found")
    ),
    "named": lambda told: (
        _("%(by)s delivered this to %(person)s too")
        if {"by", "person"} <= set(told)
        else _("This was delivered to one more person")
    ),
    "disowned": lambda told: (
        _("%(person)s said that this is not about them") if "person" in told else _("This is about somebody else")
    ),
    "lapsed": lambda told: _("Nobody said within a week whom this is for, so it went to the whole department"),
    "thanked": lambda told: _("%(by)s thanked the customer") if "by" in told else _("The customer was thanked"),
    "brought": lambda told: (
        _("%(by)s brought this to the directors") if "by" in told else _("This was brought to the directors")
    ),
    "commended": lambda told: (
        _("%(by)s thanked whom this is for") if "by" in told else _("A director thanked whom this is for")
    ),
    "giver_commended": lambda told: _("%(by)s thanked the customer") if "by" in told else _("The customer was thanked"),
    "kept_back": lambda told: _("%(by)s kept this back") if "by" in told else _("This was kept back"),
    "closed": _closed,
    "linked": lambda told: (
        _("This was linked with a case that says the same")
        if "by" not in told
        else _("%(by)s noted that another case says the same")
        if told.get("of") == "other"
        else _("%(by)s noted that this says the same as another case")
    ),
    "unlinked": lambda told: (
        _("%(by)s noted that this and another case do not say the same") if "by" in told else _("A link was taken away")
    ),
    "praised": lambda told: (
        _("%(by)s passed praise on to %(reader)s") if {"by", "reader"} <= set(told) else _("Praise was passed on")
    ),
    "acknowledged": lambda told: (
        _("%(by)s told the customer that this was read") if "by" in told else _("Acknowledged")
    ),
    "replied": lambda told: _("%(by)s wrote to the customer") if "by" in told else _("Written to the customer"),
    "asked": lambda told: _("%(by)s asked the customer") if "by" in told else _("Asked the customer"),
    "answered": lambda told: _("%(by)s answered the customer") if "by" in told else _("Answered"),
    "resumed": lambda told: _("%(by)s waits no longer for the customer") if "by" in told else _("Waiting is over"),
    "graded": lambda told: (
        _("%(by)s changed its severity from “%(before)s” to “%(severity)s”")
        if "by" in told
        else _("Its severity changed")
    ),
    "wrote": lambda told: _("The customer wrote"),
    "judged": _judged,
    "reopened": lambda told: _("The customer opened this again"),
    "taken_up_again": _taken_up_again,
    "shared": lambda told: (
        _("%(by)s shared this with %(person)s") if {"by", "person"} <= set(told) else _("This was shared")
    ),
    "warned": lambda told: _("A deadline comes near; those who answer were reminded"),
    "breached": lambda told: _("A deadline has passed; those above were told"),
    "receipt_mailed": lambda told: _("The customer asked for the receipt by mail"),
}

CUSTOMER_STEPS: Mapping[str, Text] = {
    "received": lambda: _("Received"),
    "read": lambda: _("%(reader)s read your words"),
    "assigned": lambda: _("Someone is looking into it"),
    "closed": lambda: _("Closed"),
    "taken_up": lambda: _("Your suggestion was taken up"),
    "not_taken_up": lambda: _("Your suggestion was not taken up"),
    "praised": lambda: _("Your praise was passed on to %(reader)s"),
    "praise_read": lambda: _("%(reader)s read your praise"),
    "thanked": lambda: _("Thank you for your kind words"),
    "giver_commended": lambda: _("Your words reached the directors here. They thank you."),
    "acknowledged": lambda: _("Someone has read your words and sees to them"),
    "replied": lambda: _("We wrote to you"),
    "asked": lambda: _("We have a question"),
    "answered": lambda: _("Our answer"),
    "wrote": lambda: _("You wrote"),
    "judged": lambda: _("You told us what you think of it"),
    "reopened": lambda: _("You opened this again; it is looked at once more"),
    "taken_up_again": lambda: _("We are looking at this again"),
}

PROBLEMS: Mapping[str, Text] = {
    "choose_kind": lambda: _(
        "Please choose first whether you want to say thanks, tell us what went wrong or suggest something."
    ),
    "say_what_happened": lambda: _("Please tell us what happened; a few words or a photo are enough."),
    "too_long": lambda: _("This is longer than we can keep. Please shorten it."),
    "not_offered": lambda: _("This choice is not on offer here. Please choose again."),
    "not_text": lambda: _("Part of this could not be read as text. Please check it and send it again."),
    "one_value": lambda: _("This was answered more than once. Please give one answer."),
    "not_a_number": lambda: _("This is not a number we can use. Please enter it again, in digits."),
    "not_a_moment": lambda: _(
        "We could not read this date and time, or it lies ahead. Please enter it again or leave it empty."
    ),
    "answer_needed": lambda: _("Please answer this question."),
    "nothing_answered": lambda: _("Please answer at least one question."),
    "too_few_chosen": lambda: _("Please choose more answers, or none."),
    "too_many_chosen": lambda: _("These are too many answers; please take some away."),
    "place_twice": lambda: _("Two answers have the same place. Please give each its own."),
    "place_left_out": lambda: _("Please count on from 1 without leaving a place out."),
    "every_row": lambda: _("Please choose an answer in every row."),
    "no_such_number": lambda: _("Please write a number, with two decimals at the most."),
    "not_in_bounds": lambda: _("This number is too small or too large."),
    "not_a_day": lambda: _("Please choose a day."),
    "photo_too_large": lambda: _(
        "A photo is larger than 8 MB. Please choose a smaller one; some phones offer sizes when you choose."
    ),
    # An iPhone keeps photos as HEIC. It makes a JPEG of what is chosen from its photos for a field that asks for JPEG,
    # but not of what lies among its files.
    "photo_no_picture": lambda: _(
        "One of these is no photo that can be read here. Please choose JPEG, PNG, WebP or GIF; on an iPhone choose "
        "from “Photos” rather than from “Files”."
    ),
    "photo_drawing": lambda: _("A drawing in SVG is not taken, as it can hold programs. Please choose a photo of it."),
    "photo_too_many_pixels": lambda: _("A photo has more than 40 million pixels. Please choose a smaller one."),
    "photo_damaged": lambda: _("A photo cannot be read; it may be damaged. Please choose another one."),
    "too_many_photos": lambda: _("Three photos can be sent at once. Please choose the three that show it best."),
    "photo_again": lambda: _("Please choose your photos once more; a browser does not keep them."),
    "token_missing": lambda: _(
        "Not sent yet: this page was not quite complete. Your words are kept below, please send them again."
    ),
    "token_expired": lambda: _(
        "Not sent yet: this page was open for more than a week. Your words are kept below, please send them again."
    ),
    "not_an_address": lambda: _("This is not a complete e-mail address. It should look like name@example.org."),
    "no_contact": lambda: _("Please write down an e-mail address or a phone number, or take this tick away."),
    "write_something": lambda: _("Please write something first; a few words are enough."),
    "write_or_show": lambda: _("Please write something first; a few words or a photo are enough."),
    "say_whether_settled": lambda: _("Please say whether it is settled for you."),
    "not_now": lambda: _("This cannot be done any more. Please look at how it stands now."),
    "not_saved": lambda: _("Not saved yet. Please send it again in a moment; your words are kept here."),
    "unknown_receipt": lambda: _(
        "We know no such receipt. Please compare it with yours: six groups of four letters and digits."
    ),
}

KINDS: Mapping[str, Text] = {
    "compliment": lambda: pgettext("kind", "Compliment"),
    "complaint": lambda: pgettext("kind", "Complaint"),
    "suggestion": lambda: pgettext("kind", "Suggestion"),
    "survey": lambda: pgettext("kind", "Survey"),
}

STATUSES: Mapping[str, Text] = {
    "received": lambda: pgettext("status", "Received"),
    "acknowledged": lambda: pgettext("status", "Acknowledged"),
    "in_progress": lambda: pgettext("status", "In progress"),
    "answered": lambda: pgettext("status", "Answered"),
    "closed": lambda: pgettext("status", "Closed"),
}

RATINGS: Mapping[int, Text] = {
    1: lambda: pgettext("rating", "Very poor"),
    2: lambda: pgettext("rating", "Poor"),
    3: lambda: pgettext("rating", "Neither good nor poor"),
    4: lambda: pgettext("rating", "Good"),
    5: lambda: pgettext("rating", "Very good"),
}

SEVERITIES: Mapping[int, Text] = {
    1: lambda: pgettext("severity", "Minor"),
    2: lambda: pgettext("severity", "Normal"),
    3: lambda: pgettext("severity", "Serious"),
    4: lambda: pgettext("severity", "Critical"),
}
