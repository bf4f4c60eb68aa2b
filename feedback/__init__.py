"""Firsthand: customers say it, the one it is about reads it. `create_app` wires the parts and decides nothing."""

from datetime import timedelta
from pathlib import Path

from flask import Flask

from feedback import cli
from feedback.config import Settings
from feedback.core.limits import Salts
from feedback.core.links.counting import Tally
from feedback.db import Store
from feedback.web import NAME, House, errors, first_run, rooms, security
from feedback.web import text as speech  # `text` would hide the package of that name
from feedback.web.customer.doors import Doors
from feedback.web.customer.threshold import Threshold
from feedback.web.forms.arrival import Arrivals
from feedback.web.forms.body import LARGEST

ROOT = Path(__file__).parent.parent


def create_app(settings: Settings | None = None) -> Flask:
    """The application object on `settings`, or on those of the environment."""
    settings = settings or Settings.from_environment()
    store = Store(settings.database_url)
    app = Flask("feedback", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.config.from_mapping(_flask_settings(settings))
    # Each would redirect to whatever host the request names.
    app.url_map.merge_slashes = app.url_map.redirect_defaults = False
    app.extensions[NAME] = House(settings, store, Salts(store), tally := Tally(store))
    app.extensions["firsthand.doors"] = doors = Doors(store, settings)
    for part in (first_run, security, speech, errors, rooms):
        part.install(app)
    app.wsgi_app = Threshold(Arrivals(app.wsgi_app), doors, tally, settings)  # type: ignore[method-assign]
    cli.register(app)
    return app


def _flask_settings(settings: Settings) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SESSION_COOKIE_NAME": NAME,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.is_https,
        "PERMANENT_SESSION_LIFETIME": timedelta(days=30),
        "MAX_CONTENT_LENGTH": LARGEST,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a case may stay open on a screen over lunch
    }
