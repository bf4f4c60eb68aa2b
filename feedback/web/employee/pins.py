"""PINs of this browser: it holds one token for each person who has one, in a cookie of its own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import request
from werkzeug.wrappers import Response

from feedback import clock
from feedback.core import accounts, devices
from feedback.core.devices import Held
from feedback.web import house
from feedback.web.forms.pins import digits

COOKIE = "firsthand_devices"
KEPT = timedelta(days=400)  # browsers keep none longer
TOKEN = re.compile(r"[\w-]{20,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one try: whether the PIN was right, and how many tries are left if not."""

    is_right: bool
    left: int


def tokens() -> list[str]:
    """The tokens this browser holds, the newest first."""
    found = request.cookies.get(COOKIE, "").split(".")
    return [token for token in dict.fromkeys(found) if TOKEN.fullmatch(token)][: devices.MOST_HELD]


def held() -> list[Held]:
    """Whom this browser can sign in with a PIN, or could before it was closed."""
    known = tokens()
    if not known:
        return []
    with house().store.read() as reading:
        return devices.held(reading, known, clock.now())


def keep(response: Response, known: Sequence[str]) -> Response:
    """Let the browser hold those tokens, for as long as it keeps any cookie."""
    response.set_cookie(
        COOKIE,
        ".".join(known),
        max_age=KEPT,
        path="/",
        httponly=True,
        samesite="Lax",
        secure=house().settings.is_https,
    )
    return response


def try_pin(one: Held, typed: str, at: datetime) -> Tried:
    """Try a PIN: counted and kept before it is compared, so that nobody gets more tries by being many at once."""
    store = house().store
    with store.write() as writing:
        counted = devices.take_try(writing, one.token, at)
    if counted is None:
        return Tried(False, 0)
    if accounts.fits(counted.pin_hash, digits(typed)[: devices.LONGEST_PIN]):
        with store.write() as writing:
            return Tried(devices.opened(writing, one.token, at) is not None, counted.left)
    if not counted.left:
        with store.write() as writing:
            devices.note_closed(writing, one.person_id, at)
    return Tried(False, counted.left)
