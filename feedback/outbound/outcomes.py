"""What a decision of routing comes to, in short phrases for those who set its rules."""

from collections.abc import Iterator

from feedback.core.routing import NORMAL, Decision, Picture, Purpose, Route
from feedback.outbound import wording
from feedback.outbound.isolation import filled
from feedback.text import gettext as _


def ways(decision: Decision, picture: Picture) -> list[str]:
    """Each route, then who handles it and how severe it is where that is out of the ordinary."""
    return [*(_way(route, picture) for route in decision.routes), *_beginning(decision, picture)]


def _way(route: Route, picture: Picture) -> str:
    department = picture.departments.get(route.department_id or 0)
    names = {"department": department.name if department else ""}
    if route.person_id is not None:
        names["person"] = picture.names[route.person_id]
    return filled(_sentence(route, bool(department)), names | ({"address": route.address} if route.address else {}))


def _sentence(route: Route, has_department: bool) -> str:
    if route.address:
        return _("Outside reader: %(address)s")
    if route.purpose == Purpose.KEEPS:
        return _("Nobody reads it")
    if route.purpose == Purpose.HOLDS:
        return _("Held back for %(department)s") if has_department else _("Held back for an administrator")
    if route.purpose == Purpose.SEEKS:
        return _("Waits for %(department)s to find the person described")
    if route.purpose == Purpose.DELIVERS and route.person_id is not None:
        return _("Delivered to %(person)s")
    if route.purpose == Purpose.DELIVERS:
        return _("Delivered to everyone in %(department)s")
    if route.purpose in (Purpose.INFORMS, Purpose.TELLS):
        return _("Also read by %(department)s")
    return _("Answered by %(department)s") if has_department else _("Answered by an administrator")


def _beginning(decision: Decision, picture: Picture) -> Iterator[str]:
    if decision.handler_id is not None:
        yield filled(_("Handled by %(person)s"), {"person": picture.known_as[decision.handler_id][0]})
    if decision.severity != NORMAL:
        yield _("Severity: %(severity)s") % {"severity": wording.severity(decision.severity)}
