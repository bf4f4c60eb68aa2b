"""Before there is an organisation: every way leads to the set-up page, and the log says how to open it."""

import sys
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, current_app, redirect, request, url_for
from werkzeug.wrappers import Response

from feedback.config import Settings
from feedback.core import founding
from feedback.db import StoreError
from feedback.web import NAME, house

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

DONE = "firsthand.set_up"  # an organisation was seen; it is never taken away again
TOLD = "firsthand.told"  # whoever started this process has said how to set up
OPEN = {"static", "status.healthz", "status.icon", "set_up.form", "set_up.found"}


def install(app: Flask) -> None:
    """Lead every request for `app` to the set-up page as long as there is no organisation."""
    app.before_request(_lead_there)


def is_set_up() -> bool:
    """Whether there is an organisation; asked of the store until there is one. Raises StoreError."""
    done: bool = current_app.extensions.get(DONE, False)
    if not done:
        done = current_app.extensions[DONE] = house().store.version() is not None
    return done


def address(settings: Settings) -> str:
    """Where to set up: it opens the page only to those who read this where the service was started."""
    return f"{settings.base_url}/set-up?token={founding.token(settings.secret_key)}"


def tell_on_first_request(app: Flask) -> None:
    """Let each process print the address with its first request, where nobody else has and there is need."""
    serve = app.wsgi_app
    once = threading.Lock()

    def first(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if once.acquire(blocking=False):
            _tell(app)
            app.wsgi_app = serve  # type: ignore[method-assign]
        return serve(environ, start_response)

    app.wsgi_app = first  # type: ignore[method-assign]


def _tell(app: Flask) -> None:
    here = app.extensions[NAME]
    try:
        if not app.extensions.get(TOLD) and here.store.version() is None:
            print(f"Firsthand: set it up at {address(here.settings)}", file=sys.stderr, flush=True)
    except StoreError:
        pass  # the page of whoever asks says so


def _lead_there() -> Response | None:
    try:
        if request.endpoint in OPEN or is_set_up():
            return None
    except StoreError:
        return None  # each page has its own words for a store that is away
    return redirect(url_for("set_up.form"), 303)
