"""Whether a form was really looked at and begun: told by two pictures of one pixel, without cookie or address.

Only a browser that shows the page asks for them. A preview in a chat, a scanner of links or a prefetch reads the page
at most; where one of them fetches its pictures too, it is known by what it does not say.
"""

import base64
import re
from typing import TYPE_CHECKING

from feedback import clock
from feedback.core.links.counting import SCANS, STARTS, Tally
from feedback.web.customer.doors import Door
from feedback.web.security import HEADERS, policy

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")  # nothing, on one pixel
HEADERS_OF_PICTURE = [
    *HEADERS.items(),
    ("Content-Security-Policy", policy("")),
    ("Content-Type", "image/gif"),
    ("Content-Length", str(len(GIF))),
]
ENDING = re.compile(r"\A/[qQ]/[^/]+/(scan|start)\.gif\Z")
AHEAD = ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ")
COUNTED = {"scan": SCANS, "start": STARTS}


def count(door: Door, tally: Tally, what: str, environ: "WSGIEnvironment") -> None:
    """Count a look at the form behind `door`, if a browser that shows it asks; `what` is "scan" or "start"."""
    if door.is_retired or not _is_shown(environ):
        return
    if what == "scan" and _is_in_other_language(environ):
        return  # whoever changes the language has scanned before
    tally.add(door.offer.link_id, clock.day(clock.now(), door.timezone), COUNTED[what])


def _is_shown(environ: "WSGIEnvironment") -> bool:
    if any("pre" in environ.get(name, "").lower() for name in AHEAD):  # prefetch, prerender, preview
        return False
    site = environ.get("HTTP_SEC_FETCH_SITE")
    if site is not None:
        return site == "same-origin" and environ.get("HTTP_SEC_FETCH_DEST") == "image"
    # Browsers leave these out on plain http and older ones always, but name the page; what only looks does not.
    return "/q/" in _page(environ)[0].casefold()


def _is_in_other_language(environ: "WSGIEnvironment") -> bool:
    return "lang=" in _page(environ)[1]


def _page(environ: "WSGIEnvironment") -> tuple[str, str]:
    """Address and query of the page that the picture stands on, as far as the browser tells."""
    address, _, query = environ.get("HTTP_REFERER", "").partition("?")
    return address, query
