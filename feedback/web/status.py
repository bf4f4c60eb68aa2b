"""What is asked without a person behind it: icon and logo, by browsers; the house's state, by who watches over it."""

import threading
import time
from pathlib import Path

from flask import Blueprint, Response, current_app, jsonify

from feedback import migrations
from feedback.core import files, organisation
from feedback.db import StoreError, StoreFull
from feedback.web import House, house, pictures
from feedback.web.security import public

blueprint = Blueprint("status", __name__)
LOGO_KEPT = 300  # seconds in a browser
FRESH = 1.0  # seconds an answer holds, so that asking often costs nothing


class _Last:
    lock = threading.Lock()
    at = float("-inf")
    said = ""


@blueprint.get("/favicon.ico")
@public
def icon() -> Response:
    """The icon that browsers ask for on pages that name none."""
    return current_app.send_static_file("img/icon.svg")


@blueprint.get("/sw.js")
@public
def push_worker() -> Response:
    """The script that a browser keeps for pushes, at the root, as its reach is that of its address."""
    script = Path(current_app.static_folder or "", "js/sw.js").read_bytes()
    return Response(script, headers={"Cache-Control": "no-cache"}, mimetype="text/javascript")


@blueprint.get("/manifest.webmanifest")
@public
def manifest() -> Response:
    """What a phone needs to put the house on its home screen (W3C Web Application Manifest)."""
    with house().store.read() as session:
        known = organisation.the_organisation(session)
    return jsonify(
        name=known.name if known else "Firsthand",
        start_url="/praise",
        scope="/",
        display="standalone",
        icons=[{"src": "/static/img/icon.svg", "sizes": "any", "type": "image/svg+xml"}],
    )


@blueprint.get("/logo")
@public
def logo() -> Response:
    """The organisation's logo; an address of its own for each, so that it may be kept a while."""
    with house().store.read() as session:
        file = files.logo(session)
    return pictures.answer(file, kept=f"public, max-age={LOGO_KEPT}")


@blueprint.get("/healthz")
@public
def healthz() -> Response:
    """200 "ok" when a write would succeed, else 503 with one word why: schema, busy, full."""
    with _Last.lock:
        if time.monotonic() - _Last.at > FRESH:
            _Last.said, _Last.at = _tried(house()), time.monotonic()
        said = _Last.said
    return Response(said or "ok", 503 if said else 200, mimetype="text/plain")


def _tried(here: House) -> str:
    """Write a row as it is: the only proof that a write succeeds."""
    try:
        if not migrations.is_newest(here.store):
            return "schema"
        with here.store.write_rows() as connection:
            organisation.touch(connection)
    except StoreFull:
        return "full"
    except StoreError:
        return "busy"
    return ""
