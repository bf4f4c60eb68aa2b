"""The address of the inbox: what it narrows the list to, carried along while one case after the other is read."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import current_app, has_request_context, request, url_for

from feedback import clock
from feedback.core import cases
from feedback.core.access import Viewer
from feedback.core.cases import Filters
from feedback.core.deadlines import SEVERITIES
from feedback.core.submissions import Kind
from feedback.web.forms import narrowing
from feedback.web.forms.address import whole
from feedback.web.forms.narrowing import Address
from feedback.web.manager import blueprint

KINDS = (Kind.COMPLAINT, Kind.SUGGESTION)
ME, NOBODY = "me", "none"  # what stands in an address for oneself, and for no handler
STATES = (cases.OPEN, *cases.Status)
NARROWING = ("status", "kind", "department", "place", "handler", "severity", "overdue", "q")
ADDRESS = Address("manager.cases", (*NARROWING, "after"))
CASE = "/cases/<n>"


def asked(viewer: Viewer) -> Filters:
    """The filters that this request's address asks for."""
    return filters_of({**request.args, "q": narrowing.searched()}, viewer, clock.now())


def filters_of(values: Mapping[str, str], viewer: Viewer, at: datetime) -> Filters:
    """The filters that an address with these values asks for; what no filter can be is not there (404)."""
    return Filters(
        status=narrowing.one_of("status", STATES, values),
        department_id=_id(values.get("department", "")),
        place_id=_id(values.get("place", "")),
        kind=narrowing.one_of("kind", KINDS, values),
        handler_id=_handler(values.get("handler", ""), viewer),
        severity=int(narrowing.one_of("severity", map(str, SEVERITIES), values) or 0) or None,
        overdue_at=at if narrowing.one_of("overdue", ("yes",), values) else None,
        q=values.get("q", ""),
    )


def in_use() -> dict[str, str]:
    """Names and values of the filters in this request's address, as a view keeps them."""
    kept = {name: value for name, value in ADDRESS.kept().items() if name in NARROWING}
    if "q" in kept:
        kept["q"] = narrowing.searched()
    return {name: value for name, value in kept.items() if value}


def list_url(values: Mapping[str, str]) -> str:
    """The address of the list with these filters and no others."""
    given: dict[str, Any] = dict(values)
    return url_for("manager.cases", **given)


def case_url(case_id: int, kept: Mapping[str, str]) -> str:
    """The address of a case with the list beside it narrowed so."""
    given: dict[str, Any] = dict(kept)
    return url_for("manager.case", n=case_id, **given)


@blueprint.url_defaults
def _carry_along(endpoint: str, values: dict[str, Any]) -> None:
    """From one case to the next, and from a form back to its case, the list beside it stays as it was narrowed."""
    if has_request_context() and _is_of_a_case(request.endpoint) and _is_of_a_case(endpoint):
        for name, value in ADDRESS.kept().items():
            values.setdefault(name, value)


def _is_of_a_case(endpoint: str | None) -> bool:
    rules = current_app.url_map.iter_rules(endpoint) if endpoint in current_app.view_functions else ()
    return any(rule.rule == CASE or rule.rule.startswith(CASE + "/") for rule in rules)


def _handler(text: str, viewer: Viewer) -> int | None:
    if text == ME:
        return viewer.person_id
    return cases.NOBODY if text == NOBODY else _id(text)


def _id(text: str) -> int | None:
    return whole(text) if text else None
