"""Showing a letter on the wall: whoever it is for agrees by one tap, and takes it down by another."""

from collections.abc import Sequence

from flask import abort, flash, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedback import clock
from feedback.core import walls
from feedback.core.access import Permission, Viewer
from feedback.core.praise import Letter
from feedback.core.walls import Refused
from feedback.text import gettext as _
from feedback.web import house
from feedback.web.employee import blueprint
from feedback.web.employee.whose import kept
from feedback.web.forms.address import whole
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer


@blueprint.post("/praise/<n>/showing", endpoint="put_up")
@needs(Permission.READ_PRAISE)
def put_up(n: str) -> Response:
    """Agree that the letter is shown."""
    with house().store.write() as session:
        done = walls.put_up(session, signed_in_viewer(), whole(n), clock.now()) or abort(404)
    if done is Refused.NAMES_SOMEONE:
        flash(_("It names somebody else too, who was not asked, so it stays off the wall."))
    else:
        flash(_("It is shown on the wall within seconds, without the name of who wrote it."))
    return _back(whole(n))


@blueprint.post("/praise/<n>/showing/removal", endpoint="take_down")
@needs(Permission.READ_PRAISE)
def take_down(n: str) -> Response:
    """Show it no longer."""
    with house().store.write() as session:
        walls.take_down(session, signed_in_viewer(), whole(n)) or abort(404)
    flash(_("It is off the wall within seconds."))
    return _back(whole(n))


def part(session: Session, viewer: Viewer, letters: Sequence[Letter]) -> dict[int, dict[str, object]]:
    """Of letters whose customer agreed, whether they are shown, and what the viewer can change about it."""
    asked = [letter for letter in letters if letter.may_share and walls.may_take_down(viewer, letter)]
    if not asked or not walls.is_any(session):
        return {}
    up = walls.among(session, [letter.praise.id for letter in asked])
    found: dict[int, dict[str, object]] = {}
    for letter in asked:
        n = letter.praise.id
        if n in up:
            found[n] = {"showing": {"is_up": True, "action": url_for("employee.take_down", n=n, **kept())}}
        elif walls.may_show(viewer, letter):
            found[n] = {"showing": {"is_up": False, "action": url_for("employee.put_up", n=n, **kept())}}
    return found


def _back(n: int) -> Response:
    return redirect(url_for("employee.praise", **kept(), _anchor=f"letter-{n}"), 303)
