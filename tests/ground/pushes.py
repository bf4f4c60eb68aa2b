"""A real push service for the tests, on loopback, and a browser that subscribed with it and reads what it gets."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


@dataclass(slots=True)
class PushService:
    """What it was handed, and the status with which it answers from now on."""

    port: int = 0
    status: int = 201
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    hangs: threading.Event = field(default_factory=threading.Event)

    @property
    def host(self) -> str:
        """As the setting of trusted hosts names it."""
        return f"127.0.0.1:{self.port}"


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a browser made: its address at the service, and the keys only it has."""

    address: str
    private: ec.EllipticCurvePrivateKey
    secret: bytes = b"0123456789abcdef"

    @property
    def public(self) -> bytes:
        """The key it gives away."""
        return self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def form(self) -> dict[str, str]:
        """What the page's script sends."""
        return {"address": self.address, "public_key": text(self.public), "secret": text(self.secret)}

    def read(self, body: bytes) -> dict[str, Any]:
        """What was pushed, opened as the browser does."""
        opened = http_ece.decrypt(body, private_key=self.private, auth_secret=self.secret, version="aes128gcm")
        found: dict[str, Any] = json.loads(opened)
        return found


def subscription(service: PushService, name: str = "one") -> Subscription:
    """A browser's subscription with the service."""
    return Subscription(f"http://{service.host}/push/{name}", ec.generate_private_key(ec.SECP256R1()))


@contextmanager
def push_service() -> Iterator[PushService]:
    """The service, for the length of the block."""
    service = PushService()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            service.got.append((self.path, dict(self.headers), body))
            if service.status == 0:
                service.hangs.wait(20)
            self.send_response(service.status or 201)
            self.send_header("Location", f"http://{service.host}/elsewhere")
            self.end_headers()

        def log_message(self, *told: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        service.hangs.set()
        server.shutdown()
        server.server_close()


def claims_of(authorization: str) -> dict[str, Any]:
    """What the sender claims, once its signature was verified with the key beside it (RFC 8292)."""
    token, key = (part.partition("=")[2] for part in authorization.removeprefix("vapid ").split(", "))
    signed, _, signature = token.rpartition(".")
    raw = data(signature)
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), data(key))
    pair = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    public.verify(pair, signed.encode(), ec.ECDSA(SHA256()))
    found: dict[str, Any] = json.loads(data(signed.partition(".")[2]))
    return found


def text(raw: bytes) -> str:
    """Base64 for addresses, without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def data(said: str) -> bytes:
    """What it says."""
    return base64.urlsafe_b64decode(said + "=" * (-len(said) % 4))
