"""Who reads what a customer sends, told to the customer: before sending, right after, and behind the receipt."""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from feedback.core.cases import SUGGESTED, Outcome, Status
from feedback.core.routing import Purpose, Reason, Route, RouteRow
from feedback.core.submissions import SURVEY, Kind
from feedback.outbound.isolation import filled
from feedback.text import gettext as _

AnyRoute = Route | RouteRow
Names = Mapping[str, Mapping[int, str]]  # "departments" and "people", each by id


def reasons_of(route: AnyRoute) -> list[Reason]:
    """The reasons of a route, decided just now or read from the store."""
    return [(str(name), cast(Mapping[str, str], details)) for name, details in route.reasons]


def readers(routes: Sequence[AnyRoute], *, kind: str, names: Names, is_sent: bool = True) -> list[str]:
    """Sentences on who reads a submission with those routes and who does not; before it is sent, as a promise."""
    if kind == SURVEY:
        return [_("Your answers have arrived. They are counted together with others and never shown alone.")]
    if kind == Kind.COMPLIMENT:
        return list(_praise_readers(routes, names)) or [_("Thank you. Your words are kept safe.")]
    return list(_case_readers(routes, names, is_sent))


def state(
    kind: str, status: str | None, routes: Sequence[AnyRoute], names: Names, *, outcome: str | None = None
) -> str:
    """One sentence on where a submission stands: `status` of its case, or whom praise is for.

    `outcome` is what came of a closed case; only of a suggestion it is told here.
    """
    if kind == SURVEY:
        return _("Your answers have arrived.")
    if kind == Kind.COMPLIMENT:
        return _praise_state(routes, names)
    if status != Status.CLOSED and any(route.purpose == Purpose.KEEPS for route in routes):
        return _nobody(is_sent=True)
    if status == Status.CLOSED and outcome in SUGGESTED:
        taken_up = _("Your suggestion was taken up. Thank you.")
        return taken_up if outcome == Outcome.TAKEN_UP else _("We looked at your suggestion and did not take it up.")
    return {
        "acknowledged": lambda: _("Your words were read."),
        "in_progress": lambda: _("Someone is looking into it."),
        "answered": lambda: _("You have an answer."),
        "closed": lambda: _("This is closed."),
    }.get(status or "", lambda: _("Your words have arrived and wait to be taken up."))()


def _praise_readers(routes: Sequence[AnyRoute], names: Names) -> Iterator[str]:
    for route in routes:
        who = _who(route, names)
        if route.purpose == Purpose.SEEKS:
            yield filled(_finds(route), who)
        elif route.purpose == Purpose.TELLS:
            yield filled(_("The managers of %(department)s will read it too."), who)
        elif "person" in who:
            yield filled(_("%(person)s will read this."), who)
        else:
            yield filled(_("Everyone in %(department)s will read this."), who)


def _praise_state(routes: Sequence[AnyRoute], names: Names) -> str:
    route = next((route for route in routes if route.purpose != Purpose.TELLS), None)
    if route is None:
        return _("Your words are kept safe.")
    who = _who(route, names)
    if route.purpose == Purpose.SEEKS:
        return filled(_finds(route), who)
    if "person" in who:
        return filled(_("Your words went to %(person)s."), who)
    return filled(_("Your words went to everyone in %(department)s."), who)


def _finds(route: AnyRoute) -> str:
    """That somebody finds out whom praise is for; the managers, where there are any."""
    if any(name == "no_manager" for name, _ in reasons_of(route)):
        return _("We find out whom you mean, and pass your words on to them.")
    return _("The managers of %(department)s find out whom you mean, and pass your words on to them.")


def _case_readers(routes: Sequence[AnyRoute], names: Names, is_sent: bool) -> Iterator[str]:
    for route in routes:
        who = _who(route, names)
        if route.purpose == Purpose.KEEPS:
            yield _nobody(is_sent)
            return
        if route.purpose == Purpose.INFORMS:
            yield filled(_reads_along(is_sent), who)
        else:
            if any(name == "admin" for name, _ in reasons_of(route)):
                who.pop("department", None)  # it has no managers who could read it
            who |= _named(route)
            yield filled(_reads(who, is_sent), who)
            yield from _not_seeing(route, "department" in who, is_sent)


def _reads(who: Mapping[str, str], is_sent: bool) -> str:
    if "department" in who and "person" in who:
        if is_sent:
            return _("The managers of %(department)s read this; %(person)s does not see it.")
        return _("The managers of %(department)s will read this; %(person)s will not see it.")
    if "department" in who:
        if is_sent:
            return _("The managers of %(department)s read this.")
        return _("The managers of %(department)s will read this.")
    if "address" in who:
        if is_sent:
            return _("Someone outside the organisation reads this: %(address)s")
        return _("Someone outside the organisation will read this: %(address)s")
    if is_sent:
        return _("An administrator who is not concerned reads this.")
    return _("An administrator who is not concerned will read this.")


def _not_seeing(route: AnyRoute, is_person_told: bool, is_sent: bool) -> Iterator[str]:
    """Those whom the route went past because the words concern them."""
    if not is_person_told and (person := _named(route)):
        sentence = _("%(person)s does not see it.") if is_sent else _("%(person)s will not see it.")
        yield filled(sentence, person)
    for name, details in reasons_of(route):
        if name == "managers_concerned" and is_sent:
            yield filled(_("The managers of %(department)s do not see it."), details)
        elif name == "managers_concerned":
            yield filled(_("The managers of %(department)s will not see it."), details)


def _reads_along(is_sent: bool) -> str:
    if is_sent:
        return _("The managers of %(department)s read it too.")
    return _("The managers of %(department)s will read it too.")


def _nobody(is_sent: bool) -> str:
    if is_sent:
        return _("Nobody here is free of a conflict of interest, so for now nobody reads this; it is kept safe.")
    return _("Nobody here is free of a conflict of interest, so for now nobody will read this; it will be kept safe.")


def _who(route: AnyRoute, names: Names) -> dict[str, str]:
    """What the route leads to, ready for a sentence: person, department, address, as far as it has them."""
    who = {}
    if route.person_id is not None:
        who["person"] = names["people"][route.person_id]
    if route.department_id is not None:
        who["department"] = names["departments"][route.department_id]
    if route.address is not None:
        who["address"] = route.address
    return who


def _named(route: AnyRoute) -> dict[str, str]:
    """The person a complaint is about, where the route says so."""
    found = (details["person"] for name, details in reasons_of(route) if name == "named_person")
    return {"person": person} if (person := next(found, "")) else {}
