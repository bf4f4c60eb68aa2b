"""Making QR links for those who have none: for everyone who fits at once, or for those ticked."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedback import clock
from feedback.core.access import Permission, Viewer
from feedback.core.links import Link, making, targets
from feedback.core.links.making import Wanted
from feedback.db import Taken
from feedback.text import gettext as _
from feedback.text import ngettext, number
from feedback.web import house
from feedback.web.forms import narrowing
from feedback.web.forms.address import id_in
from feedback.web.forms.narrowing import Address
from feedback.web.manager import blueprint
from feedback.web.manager.link_forms import MakingForm, key_of
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer

SIZE = 100
ADDRESS = Address("manager.new_links", ("kind", "q", "after"))
TITLES = {
    "person": lambda n: ngettext("%(num)s person", "%(num)s people", n),
    "department": lambda n: ngettext("%(num)s department", "%(num)s departments", n),
    "place": lambda n: ngettext("%(num)s place", "%(num)s places", n),
}


@blueprint.get("/links/new", endpoint="new_links")
@needs(Permission.MANAGE_LINKS)
def new_links() -> str:
    """Who has no link yet."""
    return _page(signed_in_viewer(), narrowing.one_of("kind", targets.KINDS), narrowing.searched(), id_in("after"))


@blueprint.post("/links", endpoint="make_links")
@needs(Permission.MANAGE_LINKS)
def make_links() -> Response | tuple[str, int]:
    """Make the links that are missing, all or none; sent twice, the second time there is nothing left to make."""
    viewer, form = signed_in_viewer(), MakingForm(request.form)
    q, ticked = (request.form.get("q") or "").replace("\0", ""), request.form.getlist("target")
    keys = [key for key in map(key_of, ticked) if key and key[0] == form.kind.data]
    if not form.validate() or len(keys) != len(ticked):
        return _page(viewer, None, "", None, error=_("Choose from the list.")), 422
    if not keys and not request.form.get("everyone"):
        return _page(viewer, form.kind.data, q, None, error=_("Tick at least one first.")), 422
    ids, kind = [number for _kind, number in keys], form.kind.data or ""

    def make(session: Session) -> list[Link]:
        if ids:
            return making.make(session, viewer, kind, ids, clock.now())
        return making.make_for_all(session, viewer, Wanted(kind, q), clock.now())

    flash(_said(len(_written(make))))
    return redirect(url_for("manager.links"), 303)


def _written(make: Callable[[Session], list[Link]]) -> list[Link]:
    try:
        with house().store.write() as session:
            return make(session)
    except Taken:  # one of the codes drawn is somebody's already: once more, with others
        with house().store.write() as session:
            return make(session)


def _said(n: int) -> str:
    if not n:
        return _("There was no link to make: all of them have one.")
    return ngettext("%(num)s link made.", "%(num)s links made.", n) % {"num": number(n)}


def _page(viewer: Viewer, kind: str | None, q: str, after: int | None, error: str = "") -> str:
    with house().store.read() as session:
        missing = making.missing(session, viewer, q)
        kind = kind or next((name for name, n in missing.items() if n), targets.KINDS[0])
        rows = making.without_link(session, viewer, Wanted(kind, q), after=after, size=SIZE + 1)
    return render_template(
        "manager/new_links.html",
        kind=kind,
        kinds=[
            {
                "text": TITLES[name](n) % {"num": number(n)},
                "url": ADDRESS.with_(kind=name, after=None),
                "current": name == kind,
            }
            for name, n in missing.items()
        ],
        n=missing[kind],
        words=q,
        rows=rows[:SIZE],
        error=error,
        older=ADDRESS.with_(after=rows[SIZE - 1].id, kind=kind) if len(rows) > SIZE else "",
    )
