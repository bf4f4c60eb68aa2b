"""The hidden token of a customer's form: it signs the page's identity and is its idempotency key.

Stateless: no cookie before a customer submits, nothing stored for a page that was only looked at.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from feedback.core.submissions import KEY_LENGTH

LIVES = timedelta(days=7)
HASTY = timedelta(seconds=2)
TIME_LENGTH, SEAL_LENGTH = 4, 16
LENGTH = KEY_LENGTH + TIME_LENGTH + SEAL_LENGTH


class TokenMissing(Exception):
    """There is no token, or it was not made here for this link."""


class TokenExpired(Exception):
    """The page is older than LIVES."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token that holds: the submission's key and when the page was made."""

    key: bytes
    made_at: datetime


def mint(code: str, at: datetime, secret: str) -> str:
    """A fresh token for the form of the link `code`."""
    body = secrets.token_bytes(KEY_LENGTH) + int(at.timestamp()).to_bytes(TIME_LENGTH)
    return base64.urlsafe_b64encode(body + _seal(body, code, secret)).decode()


def read(text: str, code: str, at: datetime, secret: str) -> Token:
    """The token behind `text`. Raises TokenMissing or TokenExpired."""
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii"))
    except (UnicodeEncodeError, binascii.Error):
        raise TokenMissing from None
    body, seal = raw[:-SEAL_LENGTH], raw[-SEAL_LENGTH:]
    if len(raw) != LENGTH or not hmac.compare_digest(seal, _seal(body, code, secret)):
        raise TokenMissing
    made_at = datetime.fromtimestamp(int.from_bytes(body[KEY_LENGTH:]), UTC)
    if at - made_at > LIVES:
        raise TokenExpired
    return Token(body[:KEY_LENGTH], made_at)


def _seal(body: bytes, code: str, secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"form\0" + code.encode() + b"\0" + body, hashlib.sha256)[:SEAL_LENGTH]
