"""Saved views of the inbox: the filters in the address kept under a name, called something else, and forgotten."""

from flask import abort, flash, redirect, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedback import clock
from feedback.core import views
from feedback.core.access import Permission, Viewer
from feedback.core.views import NameTaken, SavedView, TooManyViews
from feedback.outbound.isolation import filled
from feedback.text import gettext as _
from feedback.text import number
from feedback.web import house
from feedback.web.forms.address import whole
from feedback.web.manager import blueprint, inbox, tray
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer

Answer = Response | tuple[str, int]


@blueprint.post("/cases/views", endpoint="views")
@needs(Permission.WORK_ON_CASES)
def saving() -> Answer:
    """Keep the filters in the address under a name."""
    viewer, filters, name = signed_in_viewer(), inbox.in_use(), _name()
    inbox.asked(viewer)  # what no filter can be is not kept
    problem = _problem(name) or ("" if filters else _("Narrow the list first; a view keeps how."))
    try:
        if not problem:
            with house().store.write() as session:
                views.save(session, viewer, name, filters, clock.now())
            flash(filled(_("Saved as “%(name)s”."), {"name": name}))
            return redirect(inbox.list_url(filters), 303)
    except NameTaken:
        problem = _("You have a view of this name.")
    except TooManyViews:
        problem = _("%(num)s views are as many as fit; delete one first.") % {"num": number(views.MOST)}
    return _again(viewer, None, name, problem)


@blueprint.post("/cases/views/<n>/name")
@needs(Permission.WORK_ON_CASES)
def view_name(n: str) -> Answer:
    """Call a view something else."""
    viewer, name = signed_in_viewer(), _name()
    problem = _problem(name)
    try:
        with house().store.write() as session:
            view = _own(session, viewer, n)
            if not problem:
                views.rename(session, viewer, view, name)
            filters = view.filters
    except NameTaken:
        problem = _("You have a view of this name.")
    if problem:
        return _again(viewer, whole(n), name, problem)
    flash(filled(_("It is called “%(name)s” now."), {"name": name}))
    return redirect(inbox.list_url(filters), 303)


@blueprint.post("/cases/views/<n>/removal")
@needs(Permission.WORK_ON_CASES)
def view_removal(n: str) -> Response:
    """Forget a view; its filters stay in the address, so that saving them brings it back."""
    with house().store.write() as session:
        view = _own(session, signed_in_viewer(), n)
        name, filters = view.name, view.filters
        views.remove(session, view)
    flash(
        filled(
            _("“%(name)s” is deleted. Its filters are still in use here; saving them brings it back."), {"name": name}
        )
    )
    return redirect(inbox.list_url(filters), 303)


def _own(session: Session, viewer: Viewer, n: str) -> SavedView:
    """The view of that number, if it is the viewer's own."""
    return views.one(session, viewer, whole(n)) or abort(404)


def _name() -> str:
    return " ".join(request.form.get("name", "").split())


def _problem(name: str) -> str:
    if not name:
        return _("Give it a name.")
    if len(name) > views.LONGEST_NAME:
        return _("This name is too long; please shorten it.")
    return _("This holds characters that are not text.") if "\0" in name else ""


def _again(viewer: Viewer, view_id: int | None, name: str, problem: str) -> Answer:
    """The list as it is narrowed, with the name as it was typed and what is wrong with it."""
    with house().store.read() as session:
        return tray.page(session, viewer, naming={"view": view_id, "name": name, "problem": problem}), 422
