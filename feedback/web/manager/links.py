"""The QR links of one's departments: the list, searched and narrowed, and each code as SVG and PNG."""

from flask import Response, abort, render_template

from feedback.core import access, links
from feedback.core.access import Permission
from feedback.core.links import Link, shelf, targets
from feedback.core.links.shelf import Filters
from feedback.outbound import qr
from feedback.text import gettext as _
from feedback.text import ngettext, number
from feedback.web import house
from feedback.web.forms import narrowing
from feedback.web.forms.address import id_in, whole
from feedback.web.forms.labels import later
from feedback.web.forms.narrowing import Address
from feedback.web.manager import blueprint, link_sheet
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer

SIZE = 50
COUNTED = 1001
ADDRESS = Address("manager.links", ("q", "points_at", "department", "state", "after"))
STATES = {shelf.LIVE: later("In use"), shelf.RETIRED: later("Retired")}


@blueprint.get("/links", endpoint="links")
@needs(Permission.MANAGE_LINKS)
def links_page() -> str:
    """The links one may manage, newest first, narrowed by the address."""
    viewer, filters = signed_in_viewer(), _filters()
    with house().store.read() as session:
        found = shelf.page(session, viewer, filters, after=id_in("after"), size=SIZE + 1)
        names = links.names(session, found[:SIZE])
        n = shelf.count(session, viewer, filters, most=COUNTED)
        departments = [(str(unit.id), unit.name) for unit in access.departments_for(session, viewer)]
    lists = {
        "points_at": [(kind, str(link_sheet.POINTS_AT[kind])) for kind in targets.KINDS],
        "department": departments,
        "state": [(state, str(text)) for state, text in STATES.items()],
    }
    return render_template(
        "manager/links.html",
        rows=[link_sheet.row(link, *names[link.id]) for link in found[:SIZE]],
        choices={name: narrowing.select(name, options) for name, options in lists.items()},
        words=filters.q,
        filters=ADDRESS.active(lists),
        is_narrowed=filters != shelf.EVERYTHING,
        counts=_counted(n),
        older=ADDRESS.with_(after=found[SIZE - 1].id) if len(found) > SIZE else "",
    )


@blueprint.get("/links/<n>", endpoint="link")
@needs(Permission.MANAGE_LINKS)
def link_page(n: str) -> str:
    """One link: its code, where it points, how often it is used, and what may become of it."""
    viewer = signed_in_viewer()
    with house().store.read() as session:
        link = links.one(session, viewer, whole(n)) or abort(404)
        return link_sheet.page(session, viewer, link)


@blueprint.get("/links/<n>.svg", endpoint="link_svg")
@needs(Permission.MANAGE_LINKS)
def link_svg(n: str) -> Response:
    """The code as a picture that stays sharp at every size."""
    link = _visible(n)
    picture = qr.svg(qr.address(house().settings.base_url, link.code), level="Q", title=link.code)
    return Response(picture, 200, _file(link, "svg"), mimetype="image/svg+xml")


@blueprint.get("/links/<n>.png", endpoint="link_png")
@needs(Permission.MANAGE_LINKS)
def link_png(n: str) -> Response:
    """The code as a picture for documents and chats."""
    link = _visible(n)
    picture = qr.png(qr.address(house().settings.base_url, link.code), level="Q")
    return Response(picture, 200, _file(link, "png"), mimetype="image/png")


def _filters() -> Filters:
    return Filters(
        q=narrowing.searched(),
        points_at=narrowing.one_of("points_at", targets.KINDS),
        department_id=id_in("department"),
        state=narrowing.one_of("state", shelf.STATES),
    )


def _visible(n: str) -> Link:
    with house().store.read() as session:
        link = links.one(session, signed_in_viewer(), whole(n))
    return link or abort(404)


def _counted(n: int) -> str:
    if n >= COUNTED:
        return _("%(num)s+ links") % {"num": number(COUNTED - 1)}
    return ngettext("%(num)s link", "%(num)s links", n) % {"num": number(n)}


def _file(link: Link, ending: str) -> dict[str, str]:
    return {"Content-Disposition": f'inline; filename="{link.code}.{ending}"'}
