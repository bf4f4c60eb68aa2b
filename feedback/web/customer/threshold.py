"""Where everyone who scans comes in: a form that lies prepared is handed over before Flask is asked.

It answers a plain GET of a known link only, and of the two pictures by which looks are counted. Everything else goes
on to the route, which says the same at more length: the first scan in a language, `?lang=`, a code that is unknown or
retired, a store that is away.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from feedback import clock
from feedback.config import Settings
from feedback.core.links.counting import Tally
from feedback.db import StoreError
from feedback.web.customer import looks, token
from feedback.web.customer.doors import Doors
from feedback.web.customer.page import Page
from feedback.web.text import suiting

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATHS = ("/q/", "/Q/")


class Threshold:
    """WSGI middleware in front of the rooms; bare Flask alone would take longer than all that it does."""

    def __init__(self, rooms: "WSGIApplication", doors: Doors, tally: Tally, settings: Settings) -> None:
        self._rooms, self._doors, self._tally, self._secret = rooms, doors, tally, settings.secret_key

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if (
            environ["REQUEST_METHOD"] == "GET"
            and environ.get("PATH_INFO", "")[:3] in PATHS
            and not environ.get("QUERY_STRING")
        ):
            picture = looks.ENDING.search(environ["PATH_INFO"])
            if picture:
                return self._picture(environ, start_response, picture[1])
            found = self._prepared(environ)
            if found:
                page, code = found
                fresh = token.mint(code, clock.now(), self._secret)
                body, headers = page.answer(fresh.encode(), environ.get("HTTP_ACCEPT_ENCODING", ""))
                start_response("200 OK", headers)
                return (body,)
        return self._rooms(environ, start_response)

    def _picture(self, environ: "WSGIEnvironment", start_response: "StartResponse", what: str) -> Iterable[bytes]:
        """The picture that counts a look, where its link is known and its store answers."""
        code = environ["PATH_INFO"][3:].partition("/")[0]
        try:
            door = self._doors.find(code)
        except StoreError:
            door = None
        if door is None:
            return self._rooms(environ, start_response)
        looks.count(door, self._tally, what, environ)
        start_response("200 OK", looks.HEADERS_OF_PICTURE)
        return (looks.GIF,)

    def _prepared(self, environ: "WSGIEnvironment") -> tuple[Page, str] | None:
        """The form that was scanned, with the code it belongs to; None where Flask has to see to it."""
        try:
            door = self._doors.find(environ["PATH_INFO"][3:])
        except StoreError:
            return None
        if door is None or door.is_retired:
            return None
        tag = suiting(environ.get("HTTP_ACCEPT_LANGUAGE", ""), door.offer.language, door.language, door.languages)
        page = door.pages.get((door.shows(clock.now()), tag))
        return (page, door.offer.code) if page else None
