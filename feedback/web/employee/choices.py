"""The other lists of letters that a page of them offers, and what the page is called."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from feedback.core import access
from feedback.core.access import Permission, Viewer
from feedback.core.people import Department
from feedback.text import gettext as _
from feedback.web.employee.lists import DEPARTMENTS, LISTS, OWN, Having, List
from feedback.web.employee.whose import Wanted

Choice = dict[str, object]


def own_lists(having: Having, wanted: Wanted) -> list[Choice]:
    """The lists of one's own letters, where there is more than one way to see them."""
    if not wanted.is_own:
        return []
    offered = [one for one in LISTS.values() if one.is_own and (one is wanted.list or one.is_offered(having))]
    return [_list(one, one is wanted.list) for one in offered] if len(offered) > 1 else []


def managed_lists(session: Session, having: Having, wanted: Wanted) -> dict[str, list[Choice]]:
    """The departments and people whose letters a manager may read, as choices with their addresses."""
    viewer, departments = having.viewer, having.departments
    if not viewer.may(Permission.MANAGE_PRAISE):
        return {"whose": [], "people": []}
    of, by = wanted.narrowed.department_id, wanted.narrowed.person_id
    inside = of or (departments[0].id if len(departments) == 1 else None)
    members = access.people_in(session, viewer, inside) if inside else []
    return {
        "whose": [_choice(_("My own"), wanted.is_own, whose=OWN), *_managed(having, wanted)],
        "people": [_choice(p.name, not wanted.is_own and p.id == by, department=inside, person=p.id) for p in members],
    }


def _managed(having: Having, wanted: Wanted) -> list[Choice]:
    """The lists a manager has beside their own; each department behind all of them together."""
    shown: list[Choice] = []
    for one in LISTS.values():
        if not one.is_own and one.is_offered(having):
            shown.append(_list(one, one is wanted.list and not wanted.is_narrowed) | {"count": one.count(having)})
        if one.whose == DEPARTMENTS:
            shown += _departments(having.departments, wanted)
    return shown


def _departments(departments: Sequence[Department], wanted: Wanted) -> list[Choice]:
    of = wanted.narrowed.department_id if wanted.is_narrowed else None
    return [_choice(one.name, one.id == of, department=one.id) for one in departments]


def _list(one: List, is_current: bool) -> Choice:
    return _choice(one.choice(), is_current, whose=one.whose)


def _choice(name: str, is_current: bool, **address: Any) -> Choice:
    return {"name": name, "url": url_for("employee.praise", **address), "current": is_current}


def title(managed: dict[str, list[Choice]], wanted: Wanted, viewer: Viewer, person: str) -> str:
    """What the page is called, after whose letters it shows."""
    if not wanted.is_narrowed:
        return wanted.list.title(viewer)
    name = person or next((choice["name"] for choice in managed["whose"] if choice["current"]), None)
    return _("Praise for %(name)s") % {"name": name} if name else _("Praise")
