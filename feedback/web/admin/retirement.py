"""Retiring an entry of the directory and bringing it back, whatever it is; its page is the caller's."""

from flask import flash
from sqlalchemy.orm import Session

from feedback import clock
from feedback.core import cases, directory, links
from feedback.core.accounts import TAKING_ALONG, Account
from feedback.core.directory import Codes, NotTaken
from feedback.core.directory.record import Thing
from feedback.core.directory.retiring import COUNTED, can_lead_on, codes_of, successors
from feedback.core.links import Link
from feedback.core.people import Person
from feedback.outbound import problems
from feedback.outbound.isolation import isolated
from feedback.text import gettext as _
from feedback.text import ngettext, number
from feedback.web.admin.forms import RetirementForm
from feedback.web.session import signed_in_viewer
from feedback.web.text import day


def asked(session: Session, thing: Thing, sent: RetirementForm | None = None) -> dict[str, object]:
    """What the page of `thing` asks and says about retiring it."""
    form = sent or RetirementForm(formdata=None)
    codes = codes_of(session, thing)
    offer(session, thing, form)
    return {
        "form": form,
        "codes": len(codes),
        "codes_said": ngettext("%(num)s QR code leads here.", "%(num)s QR codes lead here.", len(codes))
        % {"num": number(len(codes))},
        "told": _told(session, thing) if isinstance(thing, Person) else [],
        "hanging_on": [_hanging(name, n) for name, n in directory.hanging_on(session, thing).items()],
    }


def offer(session: Session, thing: Thing, form: RetirementForm) -> None:
    """The ways that the codes of `thing` can go."""
    ways = [(Codes.RETIRE.value, _("Retire them too"))]
    if can_lead_on(thing):
        ways.insert(0, (Codes.LEAD_ON.value, _lead_on(thing)))
    standing_in = successors(session, thing)
    named = links.names(session, standing_in)
    form.offer(ways, {link.id: " · ".join(filter(None, (*named[link.id], link.code))) for link in standing_in})


def retire(session: Session, thing: Thing, form: RetirementForm) -> None:
    """Retire `thing` as the form says; a person's open cases go back to their departments. Raises NotTaken."""
    codes = Codes(form.codes.data) if form.codes.data in set(Codes) else None
    successor = session.get(Link, int(form.successor.data)) if form.successor.data and codes == Codes.RETIRE else None
    by_id, at = signed_in_viewer().person_id, clock.now()
    directory.retire(session, thing, codes, successor, by_id=by_id, at=at)
    said = _("Retired. %(name)s is kept with all history and can be brought back.")
    if isinstance(thing, Person):
        cases.hand_back(session, thing, at, by_id=by_id)
        said = _("Noted that %(name)s has left. Praise and history stay, and they can be brought back.")
    flash(said % {"name": isolated(thing.name)})


def bring_back(session: Session, thing: Thing) -> None:
    """Bring `thing` back, or say why not."""
    try:
        with session.begin_nested():
            directory.bring_back(session, thing, by_id=signed_in_viewer().person_id, at=clock.now())
    except NotTaken as error:
        flash(" ".join(problems.sentence(problem) for problem in error.problems))
    else:
        flash(_("%(name)s is back in use.") % {"name": isolated(thing.name)})


def blame(form: RetirementForm, error: NotTaken) -> None:
    """Say beside the question what stands in the way."""
    form.codes.errors = [problems.sentence(problem) for problem in error.problems]


def _told(session: Session, person: Person) -> list[str]:
    """What else happens when `person` leaves, as far as the viewer may know."""
    said = []
    if n := cases.open_with(session, signed_in_viewer(), person.id):
        text = ngettext(
            "%(num)s open case is handed back to its department.",
            "%(num)s open cases are handed back to their departments.",
            n,
        )
        said.append(text % {"num": _capped(n)})
    account = session.get(Account, person.id)
    if account and account.closed_at is None:
        until = day(clock.now() + TAKING_ALONG)
        said.append(
            _("Until %(day)s they can sign in to take their letters along, and for nothing else.") % {"day": until}
        )
    else:
        said.append(_("They have no sign-in, so they cannot take their letters along. Show them an invitation first."))
    return said


def _lead_on(thing: Thing) -> str:
    if thing.__tablename__ == "person":
        return _("Let them lead to the department from now on")
    if thing.__tablename__ == "department":
        return _("Let them lead to the department above from now on")
    return _("Let them lead to the place around it from now on")


def _hanging(name: str, n: int) -> str:
    said = {
        "people": ngettext("%(num)s person", "%(num)s people", n),
        "teams": ngettext("%(num)s department below", "%(num)s departments below", n),
        "topics": ngettext("%(num)s topic", "%(num)s topics", n),
        "places": ngettext("%(num)s place", "%(num)s places", n),
        "spots": ngettext("%(num)s place within", "%(num)s places within", n),
    }
    return said[name] % {"num": _capped(n)}


def _capped(n: int) -> str:
    return f"{number(COUNTED - 1)}+" if n >= COUNTED else number(n)
