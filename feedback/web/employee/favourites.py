"""Marking one's own letters as favourites by one tap, and taking the mark off by another."""

from collections.abc import Sequence

from flask import abort, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedback import clock
from feedback.core import favourites
from feedback.core.access import Permission, Viewer
from feedback.core.praise import Letter, is_receiver
from feedback.web import house
from feedback.web.employee import blueprint
from feedback.web.employee.lists import FAVOURITES
from feedback.web.employee.whose import kept
from feedback.web.forms.address import id_in, whole
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer


@blueprint.post("/praise/<n>/favourite", endpoint="favourite")
@needs(Permission.READ_PRAISE)
def mark(n: str) -> Response:
    """Mark a letter of one's own."""
    with house().store.write() as session:
        favourites.add(session, signed_in_viewer(), whole(n), clock.now()) or abort(404)
    return _back(whole(n))


@blueprint.post("/praise/<n>/favourite/removal", endpoint="favourite_removal")
@needs(Permission.READ_PRAISE)
def unmark(n: str) -> Response:
    """Take the mark off; the list of favourites then offers to put it back, as the letter is no longer there to tap."""
    with house().store.write() as session:
        favourites.remove(session, signed_in_viewer(), whole(n)) or abort(404)
    if request.args.get("whose") == FAVOURITES:
        return redirect(url_for("employee.praise", **kept(), unmarked=whole(n)), 303)
    return _back(whole(n))


def part(session: Session, viewer: Viewer, letters: Sequence[Letter]) -> dict[int, dict[str, object]]:
    """Of letters that are the viewer's own, whether they are marked, and how that is changed."""
    own = [letter.praise.id for letter in letters if is_receiver(viewer, letter)]
    marked = favourites.among(session, viewer, own) if own else set()
    return {id: {"favourite": {"is_marked": id in marked, "action": _action(id, id in marked)}} for id in own}


def unmarked(session: Session, viewer: Viewer, whose: str) -> str:
    """Where to put back the mark that was taken off last, as the address says; "" where there is none to put back."""
    id = id_in("unmarked")
    if whose != FAVOURITES or id is None or not favourites.is_offered(session, viewer, id):
        return ""
    return "" if favourites.among(session, viewer, [id]) else _action(id, False)


def _action(id: int, is_marked: bool) -> str:
    """The address that changes the mark; with what its page was asked for, so that one comes back to it."""
    return url_for("employee.favourite_removal" if is_marked else "employee.favourite", n=id, **kept())


def _back(id: int) -> Response:
    return redirect(url_for("employee.praise", **kept(), _anchor=f"letter-{id}"), 303)
