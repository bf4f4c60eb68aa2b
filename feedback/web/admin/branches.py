"""What the pages of departments, places and topics show: the forms' choices, the nested entries, a fact beside each."""

from collections.abc import Iterator
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from feedback.core import directory
from feedback.core.directory import NOUNS, Noun, staff, tree
from feedback.core.directory.record import Thing
from feedback.core.directory.tree import Branch
from feedback.core.people import Department, Place
from feedback.outbound.isolation import isolated
from feedback.text import gettext as _
from feedback.text import pgettext
from feedback.web.admin.forms import BranchForm

TABLES: dict[str, tree.Tree] = {"departments": Department, "places": Place}
Groups = list[tuple[str, list[Branch]]]


def above(kind: str) -> Noun:
    """What an entry of `kind` lies below: one of its own kind, or for a topic a department."""
    return NOUNS["place" if kind == "places" else "department"]


def beside(kind: str) -> str:
    """The field that says so."""
    return "department" if kind == "topics" else "parent"


def form_of(kind: str, sent: Any) -> BranchForm:
    """The form of that kind, with the fields it has."""
    form = BranchForm(sent)
    if kind == "topics":
        del form.parent
    if kind == "departments":
        del form.department
    else:
        del form.managers
        del form.managers_more
    return form


def offer(session: Session, kind: str, form: BranchForm, thing: Thing | None) -> None:
    """What can be chosen."""
    departments = directory.paths(session, Department)
    if "parent" in form:
        paths = departments if kind == "departments" else directory.paths(session, Place)
        among = [(id, path) for id, path in paths.sorted() if not thing or id != thing.id]
        is_top = kind == "places" or (isinstance(thing, Department) and thing.parent_id is None) or not among
        form.parent.offer(paths, among, _("Nothing: it stands at the top") if is_top else None)
    if "department" in form:
        nothing = _("The department of the place around it") if kind == "places" else None
        form.department.label.text = _("Run by") if kind == "places" else _("Department")
        form.department.offer(departments, departments.sorted(), nothing)
    if "managers" in form:
        _offer_managers(session, form, thing)


def _offer_managers(session: Session, form: BranchForm, thing: Thing | None) -> None:
    chosen = form.managers.ids
    people = tree.possible_managers(session, thing.id if thing else None, chosen)
    form.managers.choices = [(str(id), name) for id, name in people if id in chosen]
    others = [(str(id), name) for id, name in people if id not in chosen]
    form.managers_more.choices = [("", _("None")), *others]


def shown(
    session: Session, kind: str, thing: Thing | None, *, retired: bool, after: int | None
) -> tuple[Groups, str | None]:
    """The entries in groups with a heading each (none for a tree), and the way to more of them."""
    if kind == "topics":
        found = tree.topics(session, retired=retired)
        paths = directory.paths(session, Department)
        headed = [(path, found.pop(id)) for id, path in paths.sorted() if id in found]
        return [*headed, *((pgettext("departments", "Retired"), rest) for rest in found.values())], None
    page = tree.page(session, TABLES[kind], within=None, after=None if thing else after, retired=retired)
    if thing and thing.id not in {branch.id for branch in everything(page.branches) if not branch.has_more}:
        page = tree.around(session, TABLES[kind], thing.id, after=after, retired=retired)
        return [("", page.branches)], url_for(
            "admin.branch", kind=kind, n=thing.id, after=page.last
        ) if page.last else None
    return [("", page.branches)], url_for(f"admin.{kind}", after=page.last) if page.last else None


def everything(branches: list[Branch]) -> Iterator[Branch]:
    """All of them, at every level."""
    for branch in branches:
        yield branch
        yield from everything(branch.below)


def facts(session: Session, kind: str, groups: Groups) -> dict[int, str]:
    """What stands beside a name: who manages a department, which department runs a place."""
    found = [branch for _, branches in groups for branch in everything(branches)]
    if kind == "departments":
        managers = tree.managers_of(session, [branch.id for branch in found])
        joint = pgettext("between names in a list", ", ")
        return {id: joint.join(isolated(name) for name in names) for id, names in managers.items()}
    if kind == "topics":
        return {}
    names = staff.department_names(session, {branch.department_id for branch in found if branch.department_id})
    return {branch.id: names[branch.department_id] for branch in found if branch.department_id in names}
