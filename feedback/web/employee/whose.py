"""Whose letters a page shows: what its address asks for, what of it one may read, and the other choices there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, request, url_for
from sqlalchemy.orm import Session

from feedback.core import access, praise, withholding
from feedback.core.access import Permission, Viewer
from feedback.core.people import Department
from feedback.core.praise import Letter
from feedback.text import gettext as _
from feedback.web.forms.address import id_in

SIZE = 30
OWN, DEPARTMENTS, KEPT_BACK = "own", "departments", "kept-back"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose letters are shown: one's own; those of the departments one manages, of one of them, of a person in it."""

    whose: str
    department_id: int | None = None
    person_id: int | None = None
    after: int | None = None
    is_instead: bool = False  # of one's own, because there are none

    @property
    def is_own(self) -> bool:
        return self.whose == OWN

    @property
    def is_kept_back(self) -> bool:
        return self.whose == KEPT_BACK

    @property
    def is_all(self) -> bool:
        """Whether no department bounds them but the viewer's reach."""
        return self.whose == DEPARTMENTS and self.department_id is None and self.person_id is None

    @property
    def address(self) -> dict[str, Any]:
        """What the address of these letters says, whatever they are tomorrow."""
        if self.is_own or self.is_all or self.is_kept_back:
            return {"whose": self.whose}
        return {"department": self.department_id, "person": self.person_id}


def found(session: Session, viewer: Viewer, departments: Sequence[Department]) -> tuple[Wanted, list[Letter]]:
    """The letters that the address asks for; where it asks for none, one's own, else those one manages."""
    wanted = _wanted()
    if not wanted.is_own:
        _check(session, viewer, wanted)
    letters = praise.letters(session, _ids(viewer, wanted))
    if letters or not departments or any(request.args.get(name) for name in ("whose", "department", "person", "after")):
        return wanted, letters
    wanted = Wanted(DEPARTMENTS, departments[0].id if len(departments) == 1 else None, is_instead=True)
    return wanted, praise.letters(session, _ids(viewer, wanted))


def _wanted() -> Wanted:
    """What the address asks for."""
    department_id, person_id = id_in("department"), id_in("person")
    whose = request.args.get("whose") or (OWN if department_id is None and person_id is None else DEPARTMENTS)
    if whose not in {OWN, DEPARTMENTS, KEPT_BACK}:
        abort(404)
    return Wanted(whose, department_id, person_id, id_in("after"))


def _ids(viewer: Viewer, wanted: Wanted) -> praise.Ids:
    if wanted.is_own:
        return praise.own(viewer, after=wanted.after, size=SIZE + 1)
    if wanted.is_kept_back:
        return praise.kept_back(viewer, after=wanted.after, size=SIZE + 1)
    return praise.managed(
        viewer,
        department_id=wanted.department_id,
        person_id=wanted.person_id,
        after=wanted.after,
        size=SIZE + 1,
    )


def _check(session: Session, viewer: Viewer, wanted: Wanted) -> None:
    """What is not the viewer's to manage does not exist for them."""
    if not viewer.may(Permission.MANAGE_PRAISE):
        abort(404)
    if wanted.department_id is not None and not access.department_for(session, viewer, wanted.department_id):
        abort(404)
    if wanted.person_id is not None and not access.person_for(session, viewer, wanted.person_id):
        abort(404)


def filters(
    session: Session, viewer: Viewer, departments: Sequence[Department], wanted: Wanted
) -> dict[str, list[dict[str, object]]]:
    """The departments and people whose letters a manager may read, as choices with their addresses."""
    if not viewer.may(Permission.MANAGE_PRAISE):
        return {"whose": [], "people": []}
    inside = wanted.department_id or (departments[0].id if len(departments) == 1 else None)
    members = access.people_in(session, viewer, inside) if inside else []
    is_any_kept = withholding.is_any_kept(session, viewer)
    own = _choice(_("My own"), wanted.is_own, whose=OWN)
    together = _choice(_("All departments"), wanted.is_all, whose=DEPARTMENTS)
    return {
        "whose": [own]
        + ([together] if len(departments) > 1 else [])
        + [_choice(d.name, d.id == wanted.department_id, department=d.id) for d in departments]
        + ([_choice(_("Kept back"), wanted.is_kept_back, whose=KEPT_BACK)] if is_any_kept else []),
        "people": [_choice(p.name, p.id == wanted.person_id, department=inside, person=p.id) for p in members],
    }


def _choice(name: str, is_current: bool, **address: Any) -> dict[str, object]:
    return {"name": name, "url": url_for("employee.praise", **address), "current": is_current}


def title(filters: dict[str, list[dict[str, object]]], wanted: Wanted, viewer: Viewer, person: str) -> str:
    if wanted.is_own:
        return _("Praise")
    if wanted.is_kept_back:
        return _("Letters that were kept back")
    if wanted.is_all:
        return _("Praise for all departments") if viewer.sees_everything else _("Praise for your departments")
    name = person or next((choice["name"] for choice in filters["whose"] if choice["current"]), None)
    return _("Praise for %(name)s") % {"name": name} if name else _("Praise")
