"""Departments, places and topics as nested lists, each entry edited where it stands."""

from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, url_for
from flask import request as asked
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedback import clock
from feedback.core import directory
from feedback.core.access import Permission
from feedback.core.directory import NOUNS, ChangedMeanwhile, NotTaken, Noun
from feedback.core.directory.record import Thing
from feedback.outbound import problems
from feedback.outbound.isolation import isolated
from feedback.text import gettext as _
from feedback.web import house
from feedback.web.admin import blueprint, branches, retirement, story
from feedback.web.admin.forms import BranchForm, RetirementForm
from feedback.web.forms.address import id_in, whole
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer

KIND = "/<any(departments, places, topics):kind>"
NOUN_OF = {"departments": "department", "places": "place", "topics": "topic"}


@dataclass(frozen=True, slots=True)
class Open:
    """What is open on the page: an entry with its forms, or the form for a new one."""

    thing: Thing | None = None
    form: BranchForm | None = None
    leaving: RetirementForm | None = None
    is_new: bool = False
    meanwhile: bool = False


@blueprint.get("/departments", endpoint="departments", defaults={"kind": "departments"})
@blueprint.get("/places", endpoint="places", defaults={"kind": "places"})
@blueprint.get("/topics", endpoint="topics", defaults={"kind": "topics"})
@needs(Permission.ADMINISTER)
def tree_page(kind: str) -> str:
    """All of them, nested."""
    with house().store.read() as session:
        return _page(session, kind, Open())


@blueprint.get(f"{KIND}/new", endpoint="branch_new")
@needs(Permission.ADMINISTER)
def new_page(kind: str) -> str:
    """The form for a new entry, below another where the address says so."""
    form = branches.form_of(kind, None)
    above = str(id_in("below") or "")
    with house().store.read() as session:
        if above and directory.one(session, branches.above(kind), int(above)) is None:
            abort(404)
        form[branches.beside(kind)].data = above
        branches.offer(session, kind, form, None)
        return _page(session, kind, Open(form=form, is_new=True))


@blueprint.post(f"{KIND}/new")
@needs(Permission.ADMINISTER)
def branch_make(kind: str) -> Response | tuple[str, int]:
    """Add an entry."""
    form, here = branches.form_of(kind, asked.form), house()
    with here.store.read() as session:
        branches.offer(session, kind, form, None)
        if not form.validate():
            return _page(session, kind, Open(form=form, is_new=True)), 422
    try:
        with here.store.write() as session:
            by_id = signed_in_viewer().person_id
            made = directory.make(session, _noun(kind), form.values(), by_id=by_id, at=clock.now())
    except NotTaken as error:
        form.blame(error.problems)
        with here.store.read() as session:
            return _page(session, kind, Open(form=form, is_new=True)), 422
    flash(_("%(name)s is added.") % {"name": isolated(made.name)})
    return _to(kind, made.id)


@blueprint.get(f"{KIND}/<n>", endpoint="branch")
@needs(Permission.ADMINISTER)
def branch_page(kind: str, n: str) -> str:
    """All of them, with one open."""
    with house().store.read() as session:
        return _page(session, kind, Open(_found(session, kind, n)))


@blueprint.post(f"{KIND}/<n>/details")
@needs(Permission.ADMINISTER)
def branch_details(kind: str, n: str) -> Response | tuple[str, int]:
    """Change an entry; of two people at once the second is shown what the first did."""
    form, here = branches.form_of(kind, asked.form), house()
    with here.store.read() as session:
        thing = _found(session, kind, n)
        branches.offer(session, kind, form, thing)
        if not form.validate():
            return _page(session, kind, Open(thing, form)), 422
    try:
        with here.store.write() as session:
            directory.hold(session)
            by_id, shown = signed_in_viewer().person_id, form.shown.data or ""
            directory.change(session, _found(session, kind, n), form.values(), shown=shown, by_id=by_id, at=clock.now())
    except NotTaken as error:
        form.blame(error.problems)
        return _again(kind, n, form), 422
    except ChangedMeanwhile:
        return _again(kind, n, form, meanwhile=True), 409
    flash(_("Saved."))
    return _to(kind, n)


@blueprint.post(f"{KIND}/<n>/retirement")
@needs(Permission.ADMINISTER)
def branch_retirement(kind: str, n: str) -> Response | tuple[str, int]:
    """Take an entry out of use."""
    form, here = RetirementForm(asked.form), house()
    with here.store.read() as session:
        thing = _found(session, kind, n)
        retirement.offer(session, thing, form)
        if not form.validate():
            return _page(session, kind, Open(thing, leaving=form)), 422
    try:
        with here.store.write() as session:
            directory.hold(session)
            retirement.retire(session, _found(session, kind, n), form)
    except NotTaken as error:
        retirement.blame(form, error)
        with here.store.read() as session:
            return _page(session, kind, Open(_found(session, kind, n), leaving=form)), 422
    return _to(kind, n)


@blueprint.post(f"{KIND}/<n>/return")
@needs(Permission.ADMINISTER)
def branch_return(kind: str, n: str) -> Response:
    """Put an entry back into use."""
    with house().store.write() as session:
        directory.hold(session)
        retirement.bring_back(session, _found(session, kind, n))
    return _to(kind, n)


@blueprint.post(f"{KIND}/<n>/deletion")
@needs(Permission.ADMINISTER)
def branch_deletion(kind: str, n: str) -> Response:
    """Remove an entry that never had any history."""
    try:
        with house().store.write() as session:
            directory.hold(session)
            thing = _found(session, kind, n)
            directory.delete(session, thing, by_id=signed_in_viewer().person_id, at=clock.now())
    except NotTaken as error:
        flash(" ".join(problems.sentence(problem) for problem in error.problems))
        return _to(kind, n)
    flash(_("%(name)s is deleted.") % {"name": isolated(thing.name)})
    return redirect(url_for(f"admin.{kind}"), 303)


def _noun(kind: str) -> Noun:
    return NOUNS[NOUN_OF[kind]]


def _found(session: Session, kind: str, n: str) -> Thing:
    return directory.one(session, _noun(kind), whole(n)) or abort(404)


def _to(kind: str, n: object) -> Response:
    return redirect(url_for("admin.branch", kind=kind, n=n, _anchor="open"), 303)


def _again(kind: str, n: str, form: BranchForm, *, meanwhile: bool = False) -> str:
    with house().store.read() as session:
        return _page(session, kind, Open(_found(session, kind, n), form, meanwhile=meanwhile))


def _page(session: Session, kind: str, what: Open) -> str:
    thing, form, leaving = what.thing, what.form, None
    retired = asked.args.get("retired") == "yes" or (thing is not None and thing.retired_at is not None)
    if thing is not None:
        values = directory.values_of(session, thing)
        if form is None:
            form = branches.form_of(kind, None)
            form.fill(values)
            branches.offer(session, kind, form, thing)
        if form.shown.data is None or what.meanwhile:
            form.shown.data = directory.mark(values)
        leaving = retirement.asked(session, thing, what.leaving)
    groups, more = branches.shown(session, kind, thing, retired=retired, after=id_in("after"))
    return render_template(
        "admin/tree.html",
        kind=kind,
        groups=groups,
        more=more,
        facts=branches.facts(session, kind, groups),
        thing=thing,
        form=form,
        is_new=what.is_new,
        leaving=leaving,
        told=story.of(session, _noun(kind), thing.id) if thing else [],
        meanwhile=what.meanwhile,
        retired=retired,
    )
