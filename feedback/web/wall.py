"""The wall: a screen that shows praise for months without a hand on it. Public by its secret address; no cookies."""

import hashlib
import json

from flask import Blueprint, abort, current_app, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from feedback import text
from feedback.core import walls
from feedback.core.organisation import Organisation, the_organisation
from feedback.core.walls import Shown, Wall
from feedback.text import gettext as _
from feedback.web import accent, house, screens
from feedback.web.security import policy, public
from feedback.web.text import day, head

blueprint = Blueprint("wall", __name__)
POLL, STAY = 6000, 14_000  # milliseconds between two questions for what is new, and of a letter at the least
DRAWN = ("css/tokens.css", "css/wall.css", "js/wall.js")


@blueprint.get("/wall/<token>")
@public
def screen(token: str) -> Response:
    """The screen; without a script the newest letter, drawn anew every minute."""
    known, wall, letters = _found(token)
    language, css = text.current(), accent.css(known.accent)
    told = _told(wall, letters)
    page = current_app.jinja_env.get_template("wall.html").render(
        organisation=head(known),
        lang=language.tag,
        dir=language.direction,
        accent_css=Markup(css),
        first=told["letters"][0] if told["letters"] else None,
        told=told,
        feed=url_for("wall.feed", token=token),
        poll=POLL,
        stay=STAY,
    )
    response = Response(page, 410 if wall.closed_at else 200, mimetype="text/html")
    response.headers["Content-Security-Policy"] = policy(css, staff=True)
    return response


@blueprint.get("/wall/<token>/feed")
@public
def feed(token: str) -> Response:
    """What the screen shows, as JSON; 304 while nothing changed, 410 once the wall is closed."""
    _known, wall, letters = _found(token)
    data = json.dumps(_told(wall, letters), ensure_ascii=False).encode()
    response = Response(data, 410 if wall.closed_at else 200, mimetype="application/json")
    response.set_etag(hashlib.sha256(data).hexdigest()[:32])
    response.headers["Cache-Control"] = "no-cache"  # asked for each time, sent only where it changed
    return response if wall.closed_at else response.make_conditional(request)


def _found(token: str) -> tuple[Organisation, Wall, list[Shown]]:
    """The wall at that address with what it shows, in the wall's language from here on."""
    with house().store.read() as session:
        known = the_organisation(session) or abort(404)
        wall = walls.with_token(session, token) or abort(404)
        letters = [] if wall.closed_at else walls.shown(session, wall)
    text.speak(wall.language)
    return known, wall, letters


def _told(wall: Wall, letters: list[Shown]) -> dict[str, list[dict[str, str]] | str]:
    closed, empty = _("This wall is closed."), _("Here the first thank-you will appear")
    return {
        "version": screens.version(DRAWN),
        "said": closed if wall.closed_at else "" if letters else empty,
        "letters": [
            {
                "id": str(letter.id),
                "words": letter.words,
                "lang": letter.language,
                "to": text.all_of(letter.to),
                "place": letter.place,
                "on": day(letter.at),
            }
            for letter in letters
        ],
    }
