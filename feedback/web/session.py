"""Who is signed in: the browser holds a token in its signed cookie, the store only the token's hash."""

from flask import g
from flask import session as cookie

from feedback import clock
from feedback.core import accounts
from feedback.core.access import Viewer, viewer_of
from feedback.web import house

KEPT = "token"


def viewer() -> Viewer | None:
    """The signed-in person, looked up once a request."""
    if "viewer" not in g:
        g.viewer = _look_up()
    found: Viewer | None = g.viewer
    return found


def signed_in_viewer() -> Viewer:
    """The viewer on a route that the guard opens only to those signed in."""
    found = viewer()
    if found is None:
        raise RuntimeError("the guard let nobody in")
    return found


def token() -> str | None:
    """The token this browser holds, whether or not it still signs anyone in."""
    held = cookie.get(KEPT)
    return held if isinstance(held, str) else None


def begin(token: str) -> None:
    """Start a session in this browser; whatever it held before is gone."""
    cookie.clear()
    cookie[KEPT] = token
    cookie.permanent = True
    g.pop("viewer", None)


def end() -> str | None:
    """Forget this browser's session; returns its token, to be ended in the store too."""
    held = token()
    cookie.clear()
    g.pop("viewer", None)
    return held


def _look_up() -> Viewer | None:
    held = token()
    if held is None:
        return None
    with house().store.read() as session:
        found = accounts.signed_in(session, held, clock.now())
        if found is None:
            return None
        g.language = found[0].language
        return viewer_of(session, *found)
