"""Praise as letters: one's own, and for managers that of their departments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedback import clock
from feedback.core import access, cases, people, praise, withholding
from feedback.core.access import Permission, Viewer
from feedback.core.cases import Shared
from feedback.core.files import File
from feedback.core.people import Department
from feedback.core.praise import Letter
from feedback.core.routing import Reason
from feedback.core.withholding import Kept
from feedback.db import StoreError
from feedback.outbound import wording
from feedback.outbound.isolation import isolated
from feedback.text import gettext as _
from feedback.text import ngettext, number, pgettext
from feedback.web import house, pictures
from feedback.web.employee import blueprint, news
from feedback.web.forms.address import id_in, whole
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer
from feedback.web.text import zone

SIZE = 30
SHARED = 3  # cases that were shared, told of above the letters
BRIEF = 0.3  # seconds


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


@blueprint.get("/praise", endpoint="praise")
@needs(Permission.READ_PRAISE)
def letters_page() -> str:
    """Letters, newest first; opening one's own is reading them."""
    viewer, at = signed_in_viewer(), clock.now()
    with house().store.read() as session:
        departments = access.departments_for(session, viewer) if viewer.may(Permission.MANAGE_PRAISE) else []
        wanted, letters = _found(session, viewer, departments)
        others = praise.reached(session, [letter.submission.id for letter in letters])
        read = praise.read_by(session, viewer, [letter.praise.id for letter in letters])
        person = access.person_for(session, viewer, wanted.person_id) if wanted.person_id else None
        seen = pictures.seen(person) if person else None
        month = praise.since(session, viewer, _first_of_month(at))
        filters = _filters(session, viewer, departments, wanted)
        told = cases.shared_with(session, viewer, most=SHARED) if wanted.is_own or wanted.is_instead else []
        why, kept = _waiting(session, [letter for letter in letters if letter.praise.is_held])
    shown = letters[:SIZE]
    fresh = {letter.praise.id for letter in shown if _is_receiver(letter, viewer)} - read
    page = render_template(
        "employee/praise.html",
        title=_title(filters, wanted, viewer, person.name if person else ""),
        seen=seen,
        under=_under(wanted, month, len(letters)),
        letters=[
            _letter(letter, others, viewer, is_new=letter.praise.id in fresh) | _held(letter, why, kept)
            for letter in shown
        ],
        filters=filters,
        older=url_for("employee.praise", **wanted.address, after=shown[-1].praise.id) if len(letters) > SIZE else "",
        is_own=wanted.is_own,
        shared=[{"url": url_for("employee.shared", n=one.case_id), "at": one.at} for one in told],
        is_all=wanted.is_all or wanted.is_kept_back,
        is_kept_back=wanted.is_kept_back,
    )
    if request.method == "GET" and fresh:
        _read(viewer, sorted(fresh), at)
    return page


@blueprint.get("/cases/<n>/shared")
@needs(Permission.READ_PRAISE)
def shared(n: str) -> str:
    """A closed case about oneself, as it was shared: the words, what the customer was told, and a word with it."""
    with house().store.read() as session:
        found = cases.shared(session, signed_in_viewer(), whole(n)) or abort(404)
        by = people.person_names(session, {found.share.by_id}).get(found.share.by_id, "")
    if request.method == "GET":
        news.opened(signed_in_viewer(), found.share.case_id)
    steps = [
        {
            "text": wording.step(one.name, {}, None),
            "words": one.text,
            "at": one.at,
            "photos": _photos(found, one.photos),
        }
        for one in found.said
    ]
    return render_template(
        "employee/shared.html",
        message=found.submission.message,
        photos=_photos(found, found.photos),
        kind=found.submission.kind,
        at=found.submission.submitted_at,
        steps=steps,
        note=found.share.note,
        by=by,
        shared_at=found.share.at,
    )


@blueprint.get("/cases/<n>/shared/photos/<photo>")
@needs(Permission.READ_PRAISE)
def shared_photo(n: str, photo: str) -> Response:
    """One photo of a case that was shared with the viewer, among those that were shared."""
    with house().store.read() as session:
        found = cases.shared(session, signed_in_viewer(), whole(n)) or abort(404)
    shown = (found.photos, *(one.photos for one in found.said))
    file = next((file for some in shown for file in some if file.id == whole(photo)), None)
    return pictures.private(file)


def _photos(found: Shared, photos: Sequence[File]) -> list[dict[str, object]]:
    def address(photo: int) -> str:
        return url_for("employee.shared_photo", n=found.share.case_id, photo=photo)

    return pictures.strip(photos, address, _("Photo %(n)s of %(total)s"))


@blueprint.post("/praise/<n>/delivery")
@needs(Permission.MANAGE_PRAISE)
def deliver(n: str) -> Response:
    """Pass a held compliment on to whom it is for, word for word."""
    here = house()
    mails = bool(here.settings.smtp_url)
    with here.store.write() as session:
        try:
            found = praise.deliver(session, signed_in_viewer(), whole(n), clock.now(), mails=mails)
        except praise.AlreadyDelivered as error:
            flash(_("This letter was delivered before."))
            return redirect(url_for("employee.praise", department=error.department_id), 303)
        if found is None:
            abort(404)
        session.flush()
        reached = praise.reached(session, [found.submission_id])[found.submission_id]
    between = pgettext("between names in a list", ", ")
    names = between.join(isolated(name) for _id, name in reached)
    flash(_("Delivered. It reached %(names)s.") % {"names": names})
    return redirect(url_for("employee.praise", department=found.department_id), 303)


def _found(session: Session, viewer: Viewer, departments: Sequence[Department]) -> tuple[Wanted, list[Letter]]:
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


def _letter(
    letter: Letter, others: dict[int, list[tuple[int, str]]], viewer: Viewer, *, is_new: bool
) -> dict[str, object]:
    reached = others.get(letter.submission.id, []) if letter.praise.excerpt is None else []
    return {
        "id": letter.praise.id,
        "message": letter.words,
        "at": letter.at,
        "place": letter.place or "",
        "heading": _("You") if letter.praise.person_id == viewer.person_id else letter.person or letter.department,
        "department": letter.department,
        "person_note": letter.described_as,
        "may_share": letter.may_share,
        "shared_with": [name for praise_id, name in reached if praise_id != letter.praise.id],
        "held": letter.praise.is_held,
        "rating": letter.rating,
        "new": is_new,
    }


def _waiting(session: Session, held: list[Letter]) -> tuple[dict[int, Reason], dict[int, Kept]]:
    """Why those letters wait, by submission, and which of them were kept back; most pages have none."""
    if not held:
        return {}, {}
    why = withholding.why_held(session, [letter.submission.id for letter in held])
    return why, withholding.kept(session, [letter.praise.id for letter in held])


def _held(letter: Letter, why: dict[int, Reason], kept: dict[int, Kept]) -> dict[str, object]:
    """What a manager is told of a letter that waits or was kept back, and what they can do."""
    if not letter.praise.is_held:
        return {}
    reason = why.get(letter.submission.id)
    return {
        "why": wording.reason(*reason) if reason else "",
        "kept": kept.get(letter.praise.id),
        "release_action": url_for("employee.deliver", n=letter.praise.id),
        "withhold_url": url_for("employee.withholding", n=letter.praise.id),
    }


def _is_receiver(letter: Letter, viewer: Viewer) -> bool:
    if letter.praise.is_held:
        return False
    if letter.praise.person_id is not None:
        return letter.praise.person_id == viewer.person_id
    return letter.praise.department_id in viewer.own_departments


def _read(viewer: Viewer, ids: list[int], at: datetime) -> None:
    """Note the reading after the page is made; a busy store must not keep anyone from their letters."""
    try:
        with house().store.write(patience=BRIEF) as session:
            praise.mark_read(session, viewer, ids, at)
    except StoreError:
        pass


def _first_of_month(at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(zone())).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _under(wanted: Wanted, month: int, n: int) -> str:
    """The line under the title: how many came this month, or why these are not one's own."""
    if wanted.is_own:
        return _month(month)
    return _("You have no letters of your own yet.") if wanted.is_instead and n else ""


def _month(n: int) -> str:
    if n == 0:
        return ""
    return ngettext("%(num)s letter this month", "%(num)s letters this month", n) % {"num": number(n)}


def _filters(
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


def _title(filters: dict[str, list[dict[str, object]]], wanted: Wanted, viewer: Viewer, person: str) -> str:
    if wanted.is_own:
        return _("Praise")
    if wanted.is_kept_back:
        return _("Letters that were kept back")
    if wanted.is_all:
        return _("Praise for all departments") if viewer.sees_everything else _("Praise for your departments")
    name = person or next((choice["name"] for choice in filters["whose"] if choice["current"]), None)
    return _("Praise for %(name)s") % {"name": name} if name else _("Praise")
