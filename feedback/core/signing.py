"""What the organisation signs, so that others can tell it is genuine: canonical JSON, signed with Ed25519.

The private key is kept nowhere: every process derives it from the installation's secret key. The public key is a row
before anything it signed leaves the house, and stays one, so that what was signed before the secret key changed can
still be verified.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import LargeBinary, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback.db import Base, moment, table_of, upsert

ALGORITHM = "Ed25519"
PURPOSE = b"firsthand signing key 1"  # another one would be another key: what else is derived shares nothing with it
ID_LENGTH = 32  # hexadecimal digits, 128 bits: nobody finds a second key to the id that is printed in a book
LARGEST = 2**53 - 1  # whole numbers that every reader of JSON has exactly (RFC 8785, section 3.2.2.3)
NAME = re.compile("[a-z][a-z0-9_]*")


class SigningKey(Base):
    """A public key that something was signed with, and since when."""

    __tablename__ = "signing_key"

    public_key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    since: Mapped[moment]


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """The key of this installation, as its secret key has it now."""

    private: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        """The 32 bytes that are published."""
        return self.private.public_key().public_bytes_raw()

    @property
    def id(self) -> str:
        """What tells the key from others, in a file and on paper."""
        return id_of(self.public)

    def sign(self, told: object) -> bytes:
        """The signature (64 bytes) over `told` in its canonical form. Raises Unsignable."""
        return self.private.sign(canonical(told))


class Unsignable(ValueError):
    """This has more than one way to be written as JSON, or none."""


def key_of(secret: str) -> Key:
    """The key that belongs to an installation's secret key: HKDF with SHA-256 (RFC 5869), without salt."""
    seed = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode())
    return Key(Ed25519PrivateKey.from_private_bytes(seed))


def id_of(public: bytes) -> str:
    """The first half of a public key's SHA-256, as hexadecimal digits."""
    return hashlib.sha256(public).hexdigest()[:ID_LENGTH]


def canonical(told: object) -> bytes:
    """`told` as RFC 8785 writes it, of text, whole numbers, null, lists and objects. Raises Unsignable.

    Names are small ASCII letters, whose order is the same however they are encoded.
    """
    _check(told)
    try:
        return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    except UnicodeEncodeError as error:
        raise Unsignable("half a character") from error


def publish(session: Session, key: Key, at: datetime) -> None:
    """Let the public key be on the list from now on; on it already, it stays as it is."""
    fresh = upsert(session.get_bind().dialect.name, table_of(SigningKey)).values(public_key=key.public, since=at)
    session.execute(fresh.on_conflict_do_nothing())


def is_published(session: Session, key: Key) -> bool:
    """Whether the public key is on the list."""
    return session.get(SigningKey, key.public) is not None


def published(session: Session) -> Sequence[SigningKey]:
    """Every key that something was signed with, the first before others; one for each secret key there ever was."""
    return session.scalars(select(SigningKey).order_by(SigningKey.since, SigningKey.public_key)).all()


def _check(told: object) -> None:
    match told:
        case None | str():
            pass
        case bool() | float():
            raise Unsignable(f"{type(told).__name__} is not among what is signed")
        case int():
            if abs(told) > LARGEST:
                raise Unsignable("not every reader has so large a number exactly")
        case list():
            for one in told:
                _check(one)
        case dict():
            for name, one in told.items():
                if not isinstance(name, str) or not NAME.fullmatch(name):
                    raise Unsignable(f"{name!r} is no name of a field")
                _check(one)
        case _:
            raise Unsignable(f"{type(told).__name__} is not among what is signed")
