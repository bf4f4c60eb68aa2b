"""What a list of cases can be narrowed by: every value with how many cases it would leave, and those in use."""

from collections.abc import Callable, Container, Mapping
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from feedback.core import access, cases
from feedback.core.access import Viewer
from feedback.core.cases import Tally
from feedback.core.deadlines import SEVERITIES
from feedback.outbound import wording
from feedback.text import gettext as _
from feedback.text import ngettext, number, pgettext
from feedback.web.manager import inbox
from feedback.web.manager.inbox import ADDRESS, KINDS, ME, NOBODY

MOST_LINKS = 10  # values of one filter that stand on the page; the others are chosen from a list
Counts = Callable[[str, str], tuple[int, bool]]
Lists = Mapping[str, list[tuple[str, str]]]


def lists(session: Session, viewer: Viewer, only: Container[str] = inbox.NARROWING) -> Lists:
    """The values of each filter, of those in `only`, and what they are called."""
    found: dict[str, list[tuple[str, str]]] = {
        "status": [(cases.OPEN, pgettext("cases", "Open")), *((s, wording.status(s)) for s in cases.Status)],
        "overdue": [("yes", _("Overdue"))],
        "kind": [(kind, wording.kind(kind)) for kind in KINDS],
        "severity": [(str(n), wording.severity(n)) for n in reversed(SEVERITIES)],
    }
    if "handler" in only:
        people = [(str(person.id), person.name) for person in cases.handlers_seen(session, viewer)]
        own = str(viewer.person_id)
        others = [(id, name) for id, name in people if id != own or request.args.get("handler") == own]
        found["handler"] = [(ME, _("Me")), (NOBODY, _("Nobody yet")), *others]
    if "department" in only:
        found["department"] = [(str(d.id), d.name) for d in access.departments_for(session, viewer)]
    if "place" in only:
        found["place"] = [(str(p.id), p.name) for p in cases.places_seen(session, viewer)]
    return found


def active(lists: Lists) -> list[dict[str, str]]:
    """The filters in use, each with the address that takes it away; what is not to choose any more is one too."""
    found = ADDRESS.active({name: lists[name] for name in inbox.NARROWING if name in lists})
    named = {chip["name"] for chip in found}
    lost = [name for name in inbox.in_use() if name not in named]
    gone = [
        {
            "name": name,
            "value_label": _("No longer to choose"),
            "remove_url": ADDRESS.with_(**{name: None, "after": None}),
        }
        for name in lost
    ]
    return [*found, *gone]


def shown(lists: Lists, tally: Tally, viewer: Viewer) -> list[dict[str, Any]]:
    """Each filter with its values: those with cases as links, the others, where there are many, to choose from."""
    titles = {
        "status": _("Status"),
        "handler": _("Handled by"),
        "kind": _("Kind"),
        "severity": _("Severity"),
        "department": _("Department"),
        "place": _("Place"),
    }
    meant = {ME: str(viewer.person_id), NOBODY: str(cases.NOBODY)}

    def counts(name: str, value: str) -> tuple[int, bool]:
        return tally.of(name, meant.get(value, value) if name == "handler" else value)

    found = [_facet(name, title, lists[name], counts) for name, title in titles.items() if lists.get(name)]
    late = _facet("overdue", "", lists["overdue"], counts)
    found[0]["values"][1:1] = late["values"]  # one looks for what is overdue beside what is open
    return found


def _facet(name: str, title: str, values: list[tuple[str, str]], counts: Counts) -> dict[str, Any]:
    chosen = request.args.get(name, "")
    every = [_value(name, value, label, counts, chosen) for value, label in values]
    first = [value for value in every if len(every) <= MOST_LINKS or value["is_any"] or value["current"]]
    links = first[:MOST_LINKS] + [value for value in first[MOST_LINKS:] if value["current"]]
    more = [value for value in every if value not in links]
    return {"name": name, "title": title, "values": links, "more": more}


def _value(name: str, value: str, label: str, counts: Counts, chosen: str) -> dict[str, Any]:
    n, has_more = counts(name, value)
    is_current = value == chosen
    return {
        "value": value,
        "label": label,
        "count": short(n, has_more),
        "is_any": bool(n) or has_more,
        "current": is_current,
        "url": ADDRESS.with_(**{name: None if is_current else value, "after": None}),
    }


def short(n: int, has_more: bool) -> str:
    """A number as it stands beside a name."""
    return _("%(num)s+") % {"num": number(n)} if has_more else number(n)


def counted(n: int, has_more: bool) -> str:
    """How many cases there are."""
    if has_more:
        return _("%(num)s+ cases") % {"num": number(n)}
    return ngettext("%(num)s case", "%(num)s cases", n) % {"num": number(n)}
