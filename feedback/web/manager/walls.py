"""Walls: making one for a department, its address and code, moving it to another address, closing it."""

from typing import Any

from flask import Response as Sent
from flask import abort, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import AnyOf, StopValidation

from feedback import clock, text
from feedback.core import access, walls
from feedback.core.access import Permission, Viewer
from feedback.core.walls import Wall
from feedback.core.walls.model import LONGEST_NAME
from feedback.outbound import qr, sheets
from feedback.outbound.sheets import Leaf
from feedback.text import gettext as _
from feedback.web import house
from feedback.web import sheets as paper
from feedback.web.forms.address import id_in, id_of, whole
from feedback.web.forms.labels import later
from feedback.web.manager import blueprint
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer
from feedback.web.text import day, offered, organisation

SIZE = 30


class WallForm(FlaskForm):
    """A new wall: what it is called, whose praise it shows, and in which language it speaks."""

    name = StringField(later("Name"))
    department = SelectField(later("Department"), validate_choice=False)
    language = SelectField(later("Language"), validate_choice=False)

    def offer(self, session: Session, viewer: Viewer) -> "WallForm":
        """With the departments and languages there are to choose from."""
        departments = access.departments_for(session, viewer)
        self.department.choices = [(str(one.id), one.name) for one in departments]
        self.language.choices = [(tag, text.known(tag).name) for tag in offered(organisation())]
        return self

    def validate_name(self, field: Any) -> None:
        """One line of text."""
        field.data = " ".join((field.data or "").split())
        if not field.data or "\0" in field.data:
            raise StopValidation(_("Please give it a name, for example where it hangs."))
        if len(field.data) > LONGEST_NAME:
            raise StopValidation(_("This is too long; please shorten it."))

    def validate_language(self, field: Any) -> None:
        """One of those there are."""
        AnyOf([tag for tag, _name in field.choices], _("Choose from the list."))(self, field)


@blueprint.get("/walls", endpoint="walls")
@needs(Permission.MANAGE_PRAISE)
def walls_page() -> str:
    """The walls of the viewer's departments, the newest first, and the form for another."""
    with house().store.read() as session:
        return _page(session, WallForm(formdata=None).offer(session, signed_in_viewer()))


@blueprint.post("/walls")
@needs(Permission.MANAGE_PRAISE)
def make_wall() -> Response | tuple[str, int]:
    """Make one."""
    viewer, here = signed_in_viewer(), house()
    with here.store.read() as session:
        form = WallForm(request.form).offer(session, viewer)
        if not form.validate():
            return _page(session, form), 422
    with here.store.write() as session:
        name, language, at = form.name.data or "", form.language.data, clock.now()
        wall = walls.make(session, viewer, id_of(form.department.data or "") or 0, name, language, at, _secret())
        made = (wall or abort(404)).id
    flash(_("Made. Open its address on the screen, and leave it there."))
    return redirect(url_for("manager.wall", n=made), 303)


@blueprint.get("/walls/<n>", endpoint="wall")
@needs(Permission.MANAGE_PRAISE)
def wall_page(n: str) -> str:
    """One wall: its address, its code, what it shows, and what can be done with it."""
    with house().store.read() as session:
        wall = walls.one(session, signed_in_viewer(), whole(n)) or abort(404)
        shown = walls.shown(session, wall, most=walls.MOST)
        department = access.department_for(session, signed_in_viewer(), wall.department_id)
    return render_template(
        "manager/wall.html",
        id=wall.id,
        name=wall.name,
        department=department.name if department else "",
        language=text.known(wall.language).name,
        address=_address(wall),
        closed_at=wall.closed_at,
        count=len(shown),
        most=walls.MOST,
    )


@blueprint.get("/walls/<n>/code.svg", endpoint="wall_code")
@needs(Permission.MANAGE_PRAISE)
def code(n: str) -> Sent:
    """Its address as a QR code, to be opened with a screen that has a camera."""
    with house().store.read() as session:
        address = _address(walls.one(session, signed_in_viewer(), whole(n)) or abort(404))
    return Sent(qr.svg(address, level="M", title=address), mimetype="image/svg+xml")


@blueprint.get("/walls/<n>/sheet.pdf", endpoint="wall_sheet")
@needs(Permission.MANAGE_PRAISE)
def sheet(n: str) -> Sent:
    """What it shows, as a sheet to pin up."""
    with house().store.read() as session:
        wall = walls.one(session, signed_in_viewer(), whole(n)) or abort(404)
        head, shown = paper.head(session), walls.shown(session, wall, most=walls.MOST)
    text.speak(wall.language)
    leaves = [Leaf(one.words, one.language, (text.all_of(one.to), one.place, day(one.at))) for one in shown]
    return paper.sent(sheets.wall(head, wall.name, leaves), "wall.pdf")


@blueprint.post("/walls/<n>/address", endpoint="move_wall")
@needs(Permission.MANAGE_PRAISE)
def move(n: str) -> Response:
    """Give it another address, where somebody has the one before who should not."""
    with house().store.write() as session:
        walls.move(walls.one(session, signed_in_viewer(), whole(n)) or abort(404), _secret())
    flash(_("It has a new address; the old one shows nothing any more."))
    return redirect(url_for("manager.wall", n=n), 303)


@blueprint.post("/walls/<n>/closure", endpoint="close_wall")
@needs(Permission.MANAGE_PRAISE)
def close(n: str) -> Response:
    """Close it, or open it again."""
    is_open = request.form.get("open") == "yes"
    with house().store.write() as session:
        walls.set_open(walls.one(session, signed_in_viewer(), whole(n)) or abort(404), is_open, clock.now())
    flash(_("It is open again, at the same address.") if is_open else _("It is closed, and can be opened again."))
    return redirect(url_for("manager.wall", n=n), 303)


def _page(session: Session, form: WallForm) -> str:
    viewer, after = signed_in_viewer(), id_in("after")
    found = walls.mine(session, viewer, after=after, size=SIZE + 1)
    return render_template(
        "manager/walls.html",
        form=form,
        rows=[_row(wall, name) for wall, name in found[:SIZE]],
        more=url_for("manager.walls", after=found[SIZE - 1][0].id) if len(found) > SIZE else "",
    )


def _row(wall: Wall, department: str) -> dict[str, object]:
    return {
        "url": url_for("manager.wall", n=wall.id),
        "name": wall.name,
        "department": department,
        "closed_at": wall.closed_at,
    }


def _address(wall: Wall) -> str:
    return house().settings.base_url + url_for("wall.screen", token=walls.token_of(wall, _secret()))


def _secret() -> str:
    return house().settings.secret_key
