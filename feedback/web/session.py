"""Who is signed in: the browser holds a token in its signed cookie, the store only the token's hash.

Who has given the right password but not yet the second factor holds a half: signed, for minutes, good for nothing else.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import g
from flask import session as cookie

from feedback import clock
from feedback.core import accounts
from feedback.core.access import Viewer, viewer_of
from feedback.web import house

KEPT = "token"
HALF = "half"
HALF_LIVES = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Half:
    """Whose password was right, the stamp of that password, and where they were going."""

    person_id: int
    stamp: str
    target: str


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


def begin_half(half: Half, at: datetime) -> None:
    """Remember that the password was right; nobody is signed in by it."""
    until = int((at + HALF_LIVES).timestamp())
    cookie[HALF] = [str(half.person_id), half.stamp, half.target, until]


def half(at: datetime) -> Half | None:
    """The half this browser holds, while it is fresh."""
    match cookie.get(HALF):
        case [str(person), str(stamp), str(target), int(until)] if person.isdigit() and until > at.timestamp():
            return Half(int(person), stamp, target)
    return None


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
