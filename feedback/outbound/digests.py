"""The errand of a digest: all that was put off for one person, each entry asked anew whether it may still be told."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from feedback.core import digests
from feedback.core.notices import About, Notice
from feedback.core.people import Person
from feedback.outbound.errands import Cause, Desk, Errand, Told, Withdrawn
from feedback.text import gettext as _
from feedback.text import ngettext, number, pgettext

# The groups of a digest in the order in which they are read, and what belongs to each.
GROUPS: dict[str, tuple[About, ...]] = {
    "overdue": (About.BREACHED,),
    "due_soon": (About.DUE_SOON,),
    "new": (About.COMPLAINT, About.ASSIGNED, About.REOPENED),
    "replies": (About.WROTE,),
    "held": (About.HELD,),
    "sought": (About.SOUGHT,),
    "praise": (About.PRAISE, About.BROUGHT, About.COMMENDED),
    "records": (About.CHALLENGED, About.CHALLENGE_ANSWERED),
}


def errand(session: Session, notice: Notice) -> Errand:
    """The errand of the digest `notice`. Raises Withdrawn where nothing of it may be told any more."""
    owed = digests.members(session, notice)
    desk = Desk(session, owed)

    def told(notice: Notice, person: Person | None) -> Cause:
        dropped: dict[int, str] = {}
        entries = tuple(_entries(desk, owed, dropped))
        if not entries:
            raise Withdrawn("nothing of it may be told any more")
        at = datetime.fromisoformat(notice.occasion or "")  # the moment it was made for, however often it is tried
        return Cause(at, b"", Told(path="/notices"), entries=entries, dropped=dropped)

    return desk.addressed(notice, told)


def group_of(about: About) -> str:
    """The group in which a digest tells of that."""
    return next(name for name, sorts in GROUPS.items() if about in sorts)


def _entries(desk: Desk, owed: Sequence[Notice], dropped: dict[int, str]) -> Iterator[Errand]:
    for member in owed:
        try:
            yield desk.errand(member)
        except Withdrawn as error:
            dropped[member.id] = str(error)


def heading(group: str) -> str:
    """What stands above a group."""
    return HEADINGS[group]()


def counted(group: str, n: int) -> str:
    """How much of it there is, for a subject."""
    return COUNTS[group](n) % {"num": number(n)}


def sentence(about: About) -> str:
    """What happened, with the placeholder `name` for what or whom it is about."""
    return SENTENCES[about]()


HEADINGS: Mapping[str, Callable[[], str]] = {
    "overdue": lambda: pgettext("digest", "Overdue"),
    "due_soon": lambda: pgettext("digest", "Due soon"),
    "new": lambda: pgettext("digest", "New for you"),
    "replies": lambda: pgettext("digest", "Customers wrote again"),
    "held": lambda: pgettext("digest", "Compliments that wait for your look"),
    "sought": lambda: pgettext("digest", "Thanks whose person is looked for"),
    "praise": lambda: pgettext("digest", "Praise"),
    "records": lambda: pgettext("digest", "What is kept about people"),
}

COUNTS: Mapping[str, Callable[[int], str]] = {
    "overdue": lambda n: ngettext("%(num)s overdue", "%(num)s overdue", n),
    "due_soon": lambda n: ngettext("%(num)s due soon", "%(num)s due soon", n),
    "new": lambda n: ngettext("%(num)s new case", "%(num)s new cases", n),
    "replies": lambda n: ngettext("%(num)s reply", "%(num)s replies", n),
    "held": lambda n: ngettext("%(num)s compliment to look at", "%(num)s compliments to look at", n),
    "sought": lambda n: ngettext("%(num)s person to find", "%(num)s people to find", n),
    "praise": lambda n: ngettext("%(num)s word of thanks", "%(num)s words of thanks", n),
    "records": lambda n: ngettext("%(num)s message on what is kept", "%(num)s messages on what is kept", n),
}

SENTENCES: Mapping[About, Callable[[], str]] = {
    About.COMPLAINT: lambda: _("A customer wrote about %(name)s"),
    About.ASSIGNED: lambda: _("You were asked to handle what a customer wrote about %(name)s"),
    About.WROTE: lambda: _("The customer who wrote about %(name)s has written again"),
    About.DUE_SOON: lambda: _("What a customer wrote about %(name)s has to be seen to soon"),
    About.BREACHED: lambda: _("What a customer wrote about %(name)s is overdue"),
    About.REOPENED: lambda: _("The customer who wrote about %(name)s is not content and opened the case again"),
    About.HELD: lambda: _("It is for %(name)s and has not been delivered yet, because it may not be kindly meant."),
    About.SOUGHT: lambda: _("A customer says thanks to somebody, described as “%(name)s”"),
    About.PRAISE: lambda: _("A customer says thanks for %(name)s"),
    About.BROUGHT: lambda: _("A manager brings you what a customer wrote to %(name)s"),
    About.COMMENDED: lambda: _("%(name)s thanks you for what a customer wrote to you"),
    About.CHALLENGED: lambda: _("%(name)s says that something kept about them is wrong"),
    About.CHALLENGE_ANSWERED: lambda: _("There is an answer to what you said is wrong in what is kept about you"),
}
