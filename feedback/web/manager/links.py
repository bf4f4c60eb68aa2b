"""The QR links of one's departments: a list, a page for each, and the code as SVG and PNG."""

from flask import Response, abort, render_template, url_for

from feedback.core import links
from feedback.core.access import Permission
from feedback.core.links import Link
from feedback.outbound import qr
from feedback.web import house
from feedback.web.forms.address import id_in, whole
from feedback.web.manager import blueprint
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer

SIZE = 50


@blueprint.get("/links", endpoint="links")
@needs(Permission.MANAGE_LINKS)
def links_page() -> str:
    """The links one may manage, newest first."""
    with house().store.read() as session:
        found = links.page(session, signed_in_viewer(), after=id_in("after"), size=SIZE + 1)
        names = links.names(session, found[:SIZE])
    rows = [_row(link, *names[link.id]) for link in found[:SIZE]]
    older = url_for("manager.links", after=found[SIZE - 1].id) if len(found) > SIZE else ""
    return render_template("manager/links.html", rows=rows, older=older)


@blueprint.get("/links/<n>", endpoint="link")
@needs(Permission.MANAGE_LINKS)
def link_page(n: str) -> str:
    """One link: its code, large, its address, and the files to download."""
    with house().store.read() as session:
        link = _visible(n)
        names = links.names(session, [link])
    return render_template("manager/link.html", link=_row(link, *names[link.id]))


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


def _visible(n: str) -> Link:
    with house().store.read() as session:
        link = links.one(session, signed_in_viewer(), whole(n))
    return link or abort(404)


def _row(link: Link, heading: str, under: str) -> dict[str, object]:
    base_url = house().settings.base_url
    return {
        "id": link.id,
        "url": url_for("manager.link", n=link.id),
        "heading": heading,
        "under": under,
        "points_at": link.points_at,
        "code": link.code,
        "address": f"{base_url.partition('://')[2]}/q/{link.code}",
        "svg_url": url_for("manager.link_svg", n=link.id),
        "png_url": url_for("manager.link_png", n=link.id),
        "form_url": f"/q/{link.code}",
    }


def _file(link: Link, ending: str) -> dict[str, str]:
    return {"Content-Disposition": f'inline; filename="{link.code}.{ending}"'}
