"""Invitations: a way to a sign-in of one's own, single use, shown as a QR code or mailed by who keeps the person.

The token is derived from what its row holds and the installation's secret, so that it need not be kept for the mail.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from feedback import crockford
from feedback.core import accounts, audit, notices
from feedback.core.access import Viewer
from feedback.core.accounts import LONGEST_NAME, Account, Device, Invitation, SignIn, token_hash
from feedback.core.notices import About, Notice
from feedback.core.people import Person

LIVES = timedelta(hours=72)
TOKEN_BYTES = 24


class NotInvitable(Exception):
    """The person is retired, or signs in already and the viewer is no admin: only admins give a second way in."""


class NoAddress(Exception):
    """The person has no e-mail to send it to."""


def may_invite(session: Session, viewer: Viewer, person: Person) -> bool:
    """Whether the viewer may give the person a way in, of those whom they may change at all."""
    return person.retired_at is None and (viewer.is_admin or session.get(Account, person.id) is None)


def token_of(key: bytes, secret: str) -> str:
    """The token of the invitation with that key (see key_of)."""
    mac = hmac.digest(secret.encode(), b"invitation\0" + key, hashlib.sha256)
    return urlsafe_b64encode(mac[:TOKEN_BYTES]).decode()


def key_of(person_id: int, made_at: datetime) -> bytes:
    """What tells one invitation from all others; worth nothing without the secret."""
    return f"{person_id}\0{made_at.astimezone(UTC).isoformat(timespec='microseconds')}".encode()


def invite(session: Session, viewer: Viewer, person: Person, at: datetime, secret: str) -> str:
    """The token of a fresh invitation to be shown; those made before no longer hold. Raises NotInvitable."""
    token = _replace(session, viewer, person, at, secret)
    audit.note(session, "person", person.id, "invited", at, by_id=viewer.person_id, details={"name": person.name})
    return token


def mail(session: Session, viewer: Viewer, person: Person, at: datetime, secret: str) -> str:
    """Owe the person a mail with a fresh invitation: the address it goes to. Raises NotInvitable, NoAddress."""
    if not person.email:
        raise NoAddress
    occasion = token_hash(_replace(session, viewer, person, at, secret)).hex()
    session.add(Notice(**notices.row(occasion, person.id, About.INVITATION, at)))
    details = {"name": person.name}
    audit.note(session, "person", person.id, "invited_by_mail", at, by_id=viewer.person_id, details=details)
    return person.email


def of_occasion(session: Session, occasion: str, at: datetime) -> Invitation | None:
    """The invitation that a notice tells of; None where it was used, replaced or ran out meanwhile."""
    found = session.get(Invitation, bytes.fromhex(occasion))
    return found if found and found.expires_at > at else None


def invited(session: Session, token: str, at: datetime) -> Person | None:
    """Whom the invitation is for; None where it is unknown, used or too old, or they have left."""
    return session.scalar(
        select(Person)
        .join(Invitation, Invitation.person_id == Person.id)
        .where(Invitation.token_hash == token_hash(token), Invitation.expires_at > at, Person.retired_at.is_(None))
    )


def usual_name(session: Session, person: Person) -> str:
    """By what name the person signs in, or could: that of their account, else their e-mail."""
    account = session.get(Account, person.id)
    return account.sign_in_name if account else person.email or ""


def accept(session: Session, token: str, name: str, password_hash: str, at: datetime) -> int | None:
    """Use the invitation up and give its person that way in, the only one from now on; None where it does not hold.

    The id of the person. A blank name means any: that of before, their e-mail, or one made for them; who signs in
    with a PIN needs none. Raises accounts.NameTaken.
    """
    person = invited(session, token, at)
    if person is None:
        return None
    _hold(session, person)
    used = session.execute(delete(Invitation).where(Invitation.token_hash == token_hash(token)))
    if used.rowcount != 1:  # type: ignore[attr-defined]
        return None
    accounts.settle(session, person.id, accounts.signing_name(name) or _any_name(session, person), password_hash)
    _close_others(session, person.id)
    audit.note(session, "person", person.id, "joined", at, by_id=person.id, details={"name": person.name})
    return person.id


def _replace(session: Session, viewer: Viewer, person: Person, at: datetime, secret: str) -> str:
    _hold(session, person)
    if not may_invite(session, viewer, person):
        raise NotInvitable
    token = token_of(key_of(person.id, at), secret)
    session.execute(delete(Invitation).where(Invitation.person_id == person.id))
    session.add(
        Invitation(
            token_hash=token_hash(token),
            person_id=person.id,
            made_at=at,
            made_by_id=viewer.person_id,
            expires_at=at + LIVES,
        )
    )
    return token


def _hold(session: Session, person: Person) -> None:
    """Of two who invite someone, or of who invites and who comes in, the second waits and sees what the first did."""
    session.execute(select(Person.id).where(Person.id == person.id).with_for_update(key_share=True))


def _any_name(session: Session, person: Person) -> str:
    usual = accounts.signing_name(usual_name(session, person))
    holder = session.scalar(select(Account.person_id).where(Account.sign_in_name == usual)) if usual else None
    if usual and len(usual) <= LONGEST_NAME and holder in (None, person.id):
        return usual
    word = "-".join(person.public_name.split())
    return accounts.signing_name(f"{word}-{crockford.encode(secrets.token_bytes(4), 6)}")


def _close_others(session: Session, person_id: int) -> None:
    """Let no way in of before hold any more, and the account be open, should it have been closed."""
    session.get_one(Account, person_id).closed_at = None
    session.execute(delete(SignIn).where(SignIn.person_id == person_id))
    session.execute(delete(Device).where(Device.person_id == person_id))
