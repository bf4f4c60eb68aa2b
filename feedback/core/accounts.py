"""Who can sign in and who is signed in; only hashes of passwords and of session tokens are kept."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    Select,
    SmallInteger,
    String,
    delete,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column
from werkzeug.security import check_password_hash, generate_password_hash

from feedback.core.organisation import Pictured
from feedback.core.people import Person
from feedback.db import Base, Taken, id_ref, moment

SIGNED_IN_FOR = timedelta(days=30)
LINK_LIVES = timedelta(hours=24)
TAKING_ALONG = timedelta(days=30)  # after leaving, in which one can still come in to take one's letters along
SHORTEST_PASSWORD = 10
SHORTEST_NAME, LONGEST_NAME = 3, 320  # of those one signs in by
# Compared against when nobody has that name, so that the answer takes as long as for a wrong password.
NOBODY = generate_password_hash(secrets.token_hex())


class NameTaken(Exception):
    """Someone else signs in by that name."""


class Account(Pictured, Base):
    """A person's way in: a sign-in name (their e-mail, or one given to them) and a password."""

    __tablename__ = "account"

    person_id: Mapped[id_ref] = mapped_column(ForeignKey("person.id"), primary_key=True)
    sign_in_name: Mapped[str] = mapped_column(String(320), unique=True)
    password_hash: Mapped[str] = mapped_column(String(256))
    is_admin: Mapped[bool] = mapped_column(Boolean(name="is_admin"), default=False)
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary(20))
    totp_since: Mapped[moment | None]  # null until a first code proved that the secret arrived
    totp_step: Mapped[int] = mapped_column(BigInteger, default=0)  # of the last code taken, so that none works twice
    closed_at: Mapped[moment | None]


class RecoveryCode(Base):
    """A code to be used once where the telephone with the second factor is gone; only its hash is kept."""

    __tablename__ = "recovery_code"

    person_id: Mapped[id_ref] = mapped_column(ForeignKey("account.person_id"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)


class Invitation(Base):
    """A way to a first password or PIN: single use, by mail or as a QR code that a manager shows."""

    __tablename__ = "invitation"
    __table_args__ = (
        Index(None, "expires_at", info={"serves": "clearing away what ran out"}),
        Index(None, "person_id", info={"serves": "taking back what was sent before; telling who is invited"}),
    )

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    person_id: Mapped[id_ref] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[moment]
    made_by_id: Mapped[id_ref | None] = mapped_column(ForeignKey("person.id"))
    expires_at: Mapped[moment]


class Device(Base):
    """A browser in which a person signs in with a PIN, which is worth nothing anywhere else."""

    __tablename__ = "device"
    __table_args__ = (Index(None, "person_id", info={"serves": "the devices of a person"}),)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    person_id: Mapped[id_ref] = mapped_column(ForeignKey("account.person_id"))
    pin_hash: Mapped[str] = mapped_column(String(256))
    tries: Mapped[int] = mapped_column(SmallInteger, default=0)
    made_at: Mapped[moment]
    used_at: Mapped[moment | None]


class SignIn(Base):
    """One browser in which a person is signed in, or a single-use link that will sign one in."""

    __tablename__ = "sign_in"
    __table_args__ = (
        Index(None, "expires_at", info={"serves": "clearing away what ran out"}),
        Index(None, "person_id", info={"serves": "signing a person out everywhere"}),
    )

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    person_id: Mapped[id_ref] = mapped_column(ForeignKey("account.person_id"))
    is_link: Mapped[bool] = mapped_column(Boolean(name="is_link"), default=False)
    expires_at: Mapped[moment]


# Of accounts joined with their persons: those who sign in to work.
OPEN = (Account.closed_at.is_(None), Person.retired_at.is_(None))


def coming_in(at: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Of accounts joined with their persons: those whose way in is open, to work or to take letters along."""
    return Account.closed_at.is_(None), or_(Person.retired_at.is_(None), Person.retired_at > at - TAKING_ALONG)


def at_work() -> Select[int]:
    """The ids of those who sign in to work."""
    return select(Account.person_id).join(Person, Person.id == Account.person_id).where(*OPEN)


def may_come_in(at: datetime) -> Select[int]:
    """The ids of those whose way in is open, to work or to take letters along."""
    return select(Account.person_id).join(Person, Person.id == Account.person_id).where(*coming_in(at))


def signing_name(text: str) -> str:
    """The form in which sign-in names are kept and compared."""
    return text.strip().casefold()


def hashed(password: str) -> str:
    """The hash to keep of `password`: scrypt with werkzeug's parameters and a salt of its own."""
    return generate_password_hash(password)


def account_named(session: Session, sign_in_name: str, at: datetime) -> Account | None:
    """The open account of that sign-in name, whatever its case; none of someone who has left long ago."""
    return session.scalar(_open(at).where(Account.sign_in_name == signing_name(sign_in_name)))


def account_of(session: Session, person_id: int, at: datetime) -> Account | None:
    """The open account of that person; none of someone who has left long ago."""
    return session.scalar(_open(at).where(Account.person_id == person_id))


def fits(kept: str, typed: str) -> bool:
    """Whether `typed` is the password or PIN of which the hash `kept` is kept; slow by design."""
    return check_password_hash(kept, typed)


def is_password_of(account: Account | None, password: str) -> bool:
    """Whether `password` opens `account`; takes as long when there is no account."""
    return fits(account.password_hash if account else NOBODY, password) and account is not None


def unguessable() -> str:
    """The hash of a password that nobody knows, for those who sign in without one."""
    return hashed(secrets.token_urlsafe(32))


def stamp_of(account: Account) -> str:
    """What changes with the password, and tells nothing of it."""
    return hashlib.sha256(account.password_hash.encode()).hexdigest()[:16]


def settle(session: Session, person_id: int, sign_in_name: str, password_hash: str) -> None:
    """Let the person sign in by that name and password from now on, whatever they had before. Raises NameTaken."""
    account = session.get(Account, person_id) or Account(person_id=person_id)
    account.sign_in_name, account.password_hash = signing_name(sign_in_name), password_hash
    session.add(account)
    try:
        session.flush()
    except Taken as error:  # of two who choose one name at the same moment, the store knows which came first
        raise NameTaken from error


def sign_in(session: Session, person_id: int, at: datetime) -> str:
    """The token of a new sign-in of that person; only its hash is kept."""
    return _token(session, person_id, at + SIGNED_IN_FOR, is_link=False)


def make_sign_in_link(session: Session, person_id: int, at: datetime) -> str:
    """The token of a link that signs that person in once within LINK_LIVES."""
    return _token(session, person_id, at + LINK_LIVES, is_link=True)


def use_sign_in_link(session: Session, token: str, at: datetime) -> str | None:
    """Use a link up and sign its person in: the token of their sign-in; None if it is unknown, used or too old."""
    used = (
        delete(SignIn)
        .where(SignIn.token_hash == token_hash(token), SignIn.is_link, SignIn.expires_at > at)
        .where(SignIn.person_id.in_(may_come_in(at)))
        .returning(SignIn.person_id)
    )
    person_id = session.scalar(used)
    return None if person_id is None else sign_in(session, person_id, at)


def signed_in(session: Session, token: str, at: datetime) -> tuple[Person, Account] | None:
    """The person and account behind a session token, or None where it does not hold (any more)."""
    row = session.execute(
        select(Person, Account)
        .join(Account, Account.person_id == Person.id)
        .join(SignIn, SignIn.person_id == Person.id)
        .where(SignIn.token_hash == token_hash(token), ~SignIn.is_link, SignIn.expires_at > at)
        .where(*coming_in(at))
    ).one_or_none()
    return (row[0], row[1]) if row else None


def sign_out_others(session: Session, person_id: int, token: str | None) -> None:
    """End every sign-in of the person but that of `token`, and every link that would sign them in."""
    session.execute(delete(SignIn).where(SignIn.person_id == person_id, SignIn.token_hash != token_hash(token or "")))


def sign_out(session: Session, token: str) -> None:
    """End the sign-in of that token; ending it twice is no error."""
    session.execute(delete(SignIn).where(SignIn.token_hash == token_hash(token)))


def _open(at: datetime) -> Select[Account]:
    return select(Account).join(Person, Person.id == Account.person_id).where(*coming_in(at))


def _token(session: Session, person_id: int, expires_at: datetime, *, is_link: bool) -> str:
    token = secrets.token_urlsafe(32)
    session.add(SignIn(token_hash=token_hash(token), person_id=person_id, is_link=is_link, expires_at=expires_at))
    return token


def token_hash(token: str) -> bytes:
    """What the store keeps of a token: nobody comes in with a copy of the database."""
    return hashlib.sha256(token.encode()).digest()
