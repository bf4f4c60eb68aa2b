"""Time-based one-time passwords as RFC 6238 describes them, on the HOTP of RFC 4226: SHA-1, six digits, 30 seconds.

Which step was used before, and whose secret it is, is left to the caller.
"""

import hmac
from base64 import b32encode
from datetime import datetime
from urllib.parse import quote, urlencode

SECRET_BYTES = 20  # as long as the hash, as RFC 4226 recommends
DIGITS = 6
SECONDS = 30
DRIFT = 1  # steps by which a telephone's clock may be off, RFC 6238 section 5.2


def step_at(at: datetime) -> int:
    """The number of the 30 seconds in which `at` lies."""
    return int(at.timestamp()) // SECONDS


def code(secret: bytes, step: int) -> str:
    """The six digits of that step (RFC 4226, section 5.3)."""
    mac = hmac.digest(secret, step.to_bytes(8), "sha1")
    start = mac[-1] & 0x0F
    number = int.from_bytes(mac[start : start + 4]) & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of(secret: bytes, typed: str, at: datetime, after: int) -> int | None:
    """The step whose code was typed, later than the step `after`; None where it fits none around `at`."""
    now = step_at(at)
    for step in range(max(now - DRIFT, after + 1), now + DRIFT + 1):
        if hmac.compare_digest(code(secret, step).encode(), typed.encode()):
            return step
    return None


def written(secret: bytes) -> str:
    """The secret as it is typed into a telephone: base32 in groups of four."""
    text = b32encode(secret).decode().rstrip("=")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def uri(secret: bytes, issuer: str, name: str) -> str:
    """The address in the QR code that authenticator apps scan; the rest of it are their defaults."""
    fields = urlencode({"secret": written(secret).replace(" ", ""), "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer, safe='')}:{quote(name, safe='')}?{fields}"
