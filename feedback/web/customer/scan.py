"""The scan page: the form of one QR link, and what it sends."""

from datetime import datetime

from flask import Blueprint, Response, current_app, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from feedback import clock
from feedback.core.files import File
from feedback.core.submissions import SURVEY as SURVEY_KIND
from feedback.core.submissions import Kind
from feedback.core.surveys import Asked, When, asking
from feedback.core.surveys.design import said
from feedback.db import StoreError
from feedback.web import house, pictures
from feedback.web.customer import looks, paper, token
from feedback.web.customer.doors import CLOSED, FORM, SURVEY, Door, Doors
from feedback.web.customer.form import SINGLE
from feedback.web.customer.sending import FormSubmit
from feedback.web.customer.survey import SurveySubmit
from feedback.web.forms import body as bodies
from feedback.web.forms.address import id_of
from feedback.web.security import policy, public
from feedback.web.text import chosen

blueprint = Blueprint("customer", __name__)
# What a form sent to a retired code keeps: all but what only that code had on offer.
KEPT_ON_RETIRED = [name for name in SINGLE if name not in ("token", "person", "topic", "website", "show")]
PHOTO_KEPT = "private, max-age=3600"  # by the browser that was shown it, and by nothing on the way there


def doors() -> Doors:
    """The doors of this process."""
    kept: Doors = current_app.extensions["firsthand.doors"]
    return kept


@blueprint.get("/q/<code>")
@blueprint.get("/Q/<code>", endpoint="scan_in_capitals")
@public
def scan(code: str) -> Response:
    """The form; without a cookie, and with a fresh token each time."""
    door = _door(code)
    if door.is_retired:
        return _retired(door)
    at, tag = clock.now(), chosen(door.offer.language, door.language, door.languages)
    shown = _shown(door, at)
    if shown == CLOSED:
        return _closed(door, tag)
    fresh = token.mint(door.offer.code, at, house().settings.secret_key)
    picked = {name: value for name, value in request.args.items() if name.startswith("a_") or name == "kind"}
    if picked:
        return _begun(door, tag, shown, fresh, picked)
    page = paper.scan_page(door, tag, shown)
    body, headers = page.answer(fresh.encode(), request.headers.get("Accept-Encoding", ""))
    return Response(body, 200, headers)


@blueprint.post("/q/<code>")
@blueprint.post("/Q/<code>", endpoint="send_in_capitals")
@public
def send(code: str) -> BaseResponse:
    """Take what the form sent: kept once, however often it comes; the receipt only after the commit."""
    sent = bodies.read(request, photos=True)
    door = _door(code)
    if door.is_retired:
        kept = {name: sent.one(name) for name in KEPT_ON_RETIRED if sent.one(name)}
        return _retired(door, kept, had_photos=bool(sent.photos))
    tag = chosen(door.offer.language, door.language, door.languages)
    asked = _asked(door, sent)
    if asked:
        return SurveySubmit(house(), door, asked, tag, sent).answer()
    return FormSubmit(house(), door, tag, sent).answer()


@blueprint.get("/q/<code>/<any(scan, start):what>.gif")
@blueprint.get("/Q/<code>/<any(scan, start):what>.gif", endpoint="look_in_capitals")
@public
def look(code: str, what: str) -> Response:
    """A picture of one pixel; that a browser asks for it is what counts."""
    try:
        door = doors().find(code)
    except StoreError:
        return Response(looks.GIF, 200, looks.HEADERS_OF_PICTURE)  # seen, though nobody could count it
    if door is None:
        raise NotFound
    if request.method == "GET":
        looks.count(door, house().tally, what, request.environ)
    return Response(looks.GIF, 200, looks.HEADERS_OF_PICTURE)


@blueprint.get("/q/<code>/<int:photo>.jpg")
@blueprint.get("/Q/<code>/<int:photo>.jpg", endpoint="photo_in_capitals")
@public
def photo(code: str, photo: int) -> Response:
    """The photo of a person, as long as the form of that code shows it."""
    door = _door(code)
    if door.is_retired or photo not in door.offer.photo_ids:
        raise NotFound
    with house().store.read() as session:
        file = session.get(File, photo)
    return pictures.answer(file, kept=PHOTO_KEPT)


def _shown(door: Door, at: datetime) -> str:
    """What the address asks to be shown, as far as it is there: the form or the survey."""
    if request.args.get("survey") and door.asks(at):
        return SURVEY
    has_form = door.asked is None or door.asked.moment != When.INSTEAD
    if has_form and (request.args.get("form") or request.args.get("kind")):
        return FORM
    if request.args.get("kind") == Kind.COMPLAINT:  # what went wrong is taken everywhere
        return FORM
    return door.shows(at)


def _begun(door: Door, tag: str, shown: str, fresh: str, picked: dict[str, str]) -> Response:
    """The page with what was picked on the page before; it is no error that something is missing yet."""
    asked = door.asked
    if shown == SURVEY and asked:
        html = paper.survey_html(door, asked, tag, token=fresh, values=picked)
        css = paper.survey_style(door.accent, asked.design)
    else:
        kind = picked.get("kind", "")
        values = {"kind": kind if kind in set(Kind) else "", "topic": str(door.offer.topic_id or "")}
        html, css = paper.form_html(door, tag, token=fresh, values=values), paper.style(door.accent)
    response = Response(html)
    response.headers["Content-Security-Policy"] = policy(css)
    return response


def _closed(door: Door, tag: str) -> Response:
    """That the survey is over, in the words of whoever closed it."""
    closing = said(door.asked.design.closing, tag, door.languages) if door.asked else ""
    poll = url_for("poll.page", code=door.asked.code) if door.asked and door.asked.code else ""
    return paper.plain("customer/closed.html", 410, tag=tag, words=lambda: {"said": closing, "poll_url": poll})


def _asked(door: Door, sent: bodies.Sent) -> Asked | None:
    """The survey that a page answers; also one that the link asks no more, so that nothing typed is lost."""
    if sent.one("kind").strip() != SURVEY_KIND:
        return None
    if door.asked:
        return door.asked
    wanted = id_of(sent.one("edition"))
    with house().store.read() as session:
        return asking.gone(session, wanted) if wanted else None


def _door(code: str) -> Door:
    door = doors().find(code)
    if door is None:
        raise NotFound
    return door


def _retired(door: Door, sent: dict[str, str] | None = None, *, had_photos: bool = False) -> Response:
    """A page that helps whoever scanned a code that is no longer in use; words that were `sent` there stay on it."""
    tag = chosen(door.offer.language, door.language, door.languages)

    def words() -> dict[str, object]:
        return paper.words_of_retired(door, sent or {}) | {"had_photos": had_photos}

    return paper.plain("customer/gone.html", 410, tag=tag, words=words)
