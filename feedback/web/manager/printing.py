"""Printing codes: choose links, a format and languages, look at the first page, and take the PDF along."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from flask import Response, abort, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from feedback.core import files, links, posters
from feedback.core.access import Permission, Viewer
from feedback.core.links import Link, shelf
from feedback.core.organisation import the_organisation
from feedback.outbound import posters as print_shop
from feedback.outbound.posters import FORMATS, Sign, Wish
from feedback.text import gettext as _
from feedback.text import known, number
from feedback.web import house
from feedback.web.forms.address import whole
from feedback.web.forms.labels import later
from feedback.web.manager import blueprint
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer
from feedback.web.text import by_use

SHOWN = 200  # links to choose from, one by one; more are printed all together
MOST = 2000  # links in one PDF
LONGEST_SEARCH = 200
NAMES = {
    "a4": later("Poster, A4"),
    "letter": later("Poster, Letter"),
    "a5": later("Poster, A5"),
    "tent": later("Table tent, A4 folded twice"),
    "badge": later("Back of a badge"),
    "cards-a4": later("Business cards, 10 on A4"),
    "cards-letter": later("Business cards, 10 on Letter"),
    "stickers": later("Stickers, 21 on A4"),
}


@dataclass(slots=True)
class Order:
    """What the address asks to be printed, as far as it can be, and what is wrong with it by field."""

    format: str = "a4"
    languages: list[str] = field(default_factory=list)
    link_ids: list[int] = field(default_factory=list)
    is_all: bool = False
    distance: str = ""
    bleed: bool = False
    marks: bool = False
    logo_in_code: bool = False
    q: str = ""
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def metres(self) -> float:
        """The distance as a number, 0 where none was given or it is none."""
        try:
            return float(self.distance.replace(",", ".") or 0)
        except ValueError:
            return -1.0


@blueprint.get("/links/print", endpoint="print")
@needs(Permission.MANAGE_LINKS)
def print_page() -> Response | tuple[str, int]:
    """The page to choose on; with a format in the address the PDF itself, unless a look is asked for first."""
    viewer, order = signed_in_viewer(), _order(request.args)
    wants_file = "format" in request.args and not {"preview", "search"} & request.args.keys()
    with house().store.read() as session:
        chosen = _chosen(session, viewer, order)
        if wants_file and not chosen:
            order.problems["link"] = _("Choose at least one code to print.")
        if not wants_file or order.problems:
            return _page(session, viewer, order, chosen), 422 if order.problems else 200
        signs, wish = _signs(session, chosen), _wish(session, order)
    name = f"{chosen[0].code if len(chosen) == 1 else 'codes'}-{order.format}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(print_shop.pdf(signs, wish), 200, headers, mimetype="application/pdf")


@blueprint.get("/links/print.png", endpoint="print_png")
@needs(Permission.MANAGE_LINKS)
def print_png() -> Response:
    """The first page as a picture."""
    order = _order(request.args)
    with house().store.read() as session:
        chosen = _chosen(session, signed_in_viewer(), order)
        if order.problems or not chosen:
            abort(404)
        kind = FORMATS[order.format]
        signs, wish = _signs(session, chosen[: kind.columns * kind.rows]), _wish(session, order)
    return Response(print_shop.preview(signs, wish), 200, mimetype="image/png")


def _order(args: MultiDict[str, str]) -> Order:
    order = Order(
        format=args.get("format", "a4"),
        languages=[tag for tag in dict.fromkeys(args.getlist("words")) if tag],
        link_ids=[whole(text) for text in args.getlist("link")],
        is_all=bool(args.get("all")),
        distance=args.get("distance", "").strip()[:10],
        bleed=bool(args.get("bleed")),
        marks=bool(args.get("marks")),
        logo_in_code=bool(args.get("logo_in_code")),
        q=args.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH],
    )
    if order.format not in FORMATS:
        order.problems["format"], order.format = _("Choose one of the formats."), "a4"
    if len(order.languages) > posters.MOST_LANGUAGES or not set(order.languages) <= posters.shipped().keys():
        order.problems["words"] = _("Choose up to three languages.")
    farthest = FORMATS[order.format].farthest(len(order.languages) or 1)
    if not 0 <= order.metres <= farthest:
        order.problems["distance"] = _("Write a distance in metres, up to %(most)s.") % {"most": _metres(farthest)}
    return order


def _metres(distance: float) -> str:
    """A distance that the format surely allows, as people say it."""
    return number(int(distance * 100) / 100)


def _chosen(session: Session, viewer: Viewer, order: Order) -> list[Link]:
    """The links to print, in the order they were made, so that table 2 follows table 1; a stranger's do not exist."""
    if order.is_all:
        return list(shelf.printable(session, viewer, None, q=order.q, most=MOST))[::-1]
    wanted = set(order.link_ids)
    found = list(shelf.printable(session, viewer, wanted, most=MOST)) if wanted else []
    return found[::-1] if len(found) == len(wanted) else abort(404)


def _signs(session: Session, chosen: list[Link]) -> list[Sign]:
    names = links.names(session, chosen)
    return [Sign(*names[link.id], link.code) for link in chosen]


def _wish(session: Session, order: Order) -> Wish:
    known_as = the_organisation(session) or abort(404)
    languages = order.languages or by_use(posters.shipped())[:1]
    return Wish(
        format=order.format,
        words=posters.words(session, languages),
        organisation=known_as.name,
        accent=known_as.accent,
        base_url=house().settings.base_url,
        distance=order.metres,
        bleed=order.bleed,
        marks=order.marks,
        logo=files.logo_bytes(session, house().settings.data_dir),
        logo_in_code=order.logo_in_code,
    )


def _page(session: Session, viewer: Viewer, order: Order, chosen: list[Link]) -> str:
    matching = list(shelf.printable(session, viewer, None, q=order.q, most=SHOWN + 1))
    kept = [] if order.is_all else chosen
    shown = kept + [link for link in matching[:SHOWN] if link not in kept]
    names = links.names(session, shown)
    languages = order.languages or by_use(posters.shipped())[:1]
    ticked = {link.id for link in kept}
    return render_template(
        "manager/print.html",
        order=order,
        formats=[(name, text, _metres(FORMATS[name].farthest(1))) for name, text in NAMES.items()],
        rows=[
            {"id": link.id, "heading": names[link.id][0], "under": names[link.id][1], "checked": link.id in ticked}
            for link in shown
        ],
        has_more=len(matching) > SHOWN,
        words=[(tag, known(tag).name, tag in languages) for tag in by_use(posters.shipped())],
        preview="?" + urlencode(_query(order, languages, chosen)) if chosen and not order.problems else "",
        preview_url=url_for("manager.print_png"),
        count=len(chosen),
    )


def _query(order: Order, languages: list[str], chosen: list[Link]) -> list[tuple[str, str]]:
    """What the address of the first page's picture says: no more links than stand on it."""
    told = [("format", order.format), *(("words", tag) for tag in languages), ("distance", order.distance)]
    told += [(name, "1") for name in ("bleed", "marks", "logo_in_code") if getattr(order, name)]
    if order.is_all:
        return [*told, ("all", "1"), ("q", order.q)]
    kind = FORMATS[order.format]
    return [*told, *(("link", str(link.id)) for link in chosen[: kind.columns * kind.rows])]
