"""One push: sealed for its device (RFC 8188, 8291), signed for its service (RFC 8292), handed over to it (RFC 8030)."""

import base64
import json
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from feedback.core.pushes import PushDevice

PURPOSE = b"firsthand push key 1"
LIVES = timedelta(hours=12)  # of a signature; services take up to a day
KEPT = 24 * 3600  # seconds that a service keeps a push for a device that is off
TIMEOUT = 10.0  # seconds
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256 (FIPS 186-4, D.1.2.3)
GONE = frozenset({404, 410})  # the device is no more; what else is refused may be a clock that is wrong, or another key
TOPIC = "praise"  # a newer push takes the place of one that still waits


@dataclass(frozen=True, slots=True)
class Sent:
    """What the service answered; a status of 0 where it could not be reached."""

    status: int

    @property
    def is_taken(self) -> bool:
        """Whether it will reach the device."""
        return 200 <= self.status < 300

    @property
    def is_for_good(self) -> bool:
        """Whether asking again is in vain."""
        return self.status in GONE


@lru_cache(maxsize=4)
def key_of(secret: str) -> ec.EllipticCurvePrivateKey:
    """The key with which an installation signs its pushes: from its secret key by HKDF with SHA-256 (RFC 5869)."""
    seed = HKDF(algorithm=SHA256(), length=48, salt=None, info=PURPOSE).derive(secret.encode())
    return ec.derive_private_key(int.from_bytes(seed) % (ORDER - 1) + 1, ec.SECP256R1())


def public_key(secret: str) -> str:
    """Its public half, as browsers take it when they subscribe."""
    point = key_of(secret).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return _text(point)


def send(device: PushDevice, told: dict[str, str], *, secret: str, contact: str, at: datetime) -> Sent:
    """Hand `told` over to the device's push service; nothing is followed anywhere else."""
    body = sealed(device, json.dumps(told, ensure_ascii=False).encode())
    parts = urlsplit(device.address)
    headers = {
        "Authorization": authorization(device.address, secret=secret, contact=contact, at=at),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(KEPT),
        "Urgency": "normal",
        "Topic": TOPIC,
    }
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    try:
        with closing(kind(parts.hostname or "", parts.port, timeout=TIMEOUT)) as line:
            line.request("POST", parts.path + (f"?{parts.query}" if parts.query else ""), body, headers)
            return Sent(line.getresponse().status)
    except (OSError, HTTPException, ValueError):  # ValueError of a name that can be none
        return Sent(0)


def sealed(device: PushDevice, data: bytes) -> bytes:
    """`data` as only that device reads it (RFC 8291)."""
    passing = ec.generate_private_key(ec.SECP256R1())
    found: bytes = http_ece.encrypt(
        data, private_key=passing, dh=device.public_key, auth_secret=device.secret, version="aes128gcm"
    )
    return found


def authorization(address: str, *, secret: str, contact: str, at: datetime) -> str:
    """Who sends it, for the service alone (RFC 8292): a JSON web token with ES256 (RFC 7515, RFC 7518)."""
    parts = urlsplit(address)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int((at + LIVES).timestamp()),
        "sub": contact,
    }
    signed = f"{_json({'typ': 'JWT', 'alg': 'ES256'})}.{_json(claims)}"
    r, s = decode_dss_signature(key_of(secret).sign(signed.encode(), ec.ECDSA(SHA256())))
    return f"vapid t={signed}.{_text(r.to_bytes(32) + s.to_bytes(32))}, k={public_key(secret)}"


def _json(told: dict[str, object]) -> str:
    return _text(json.dumps(told, separators=(",", ":")).encode())


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
