"""Invitations: a way to a sign-in of one's own, single use, shown or printed as a QR code by who keeps the person."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from feedback.core import accounts, audit
from feedback.core.access import Viewer
from feedback.core.accounts import Account, Invitation, SignIn
from feedback.core.people import Person

LIVES = timedelta(hours=72)
SHORTEST_NAME, LONGEST_NAME = 3, 320


class NotInvitable(Exception):
    """The person is retired, or signs in already and the viewer is no admin: only admins give a second way in."""


class NameTaken(Exception):
    """Someone else signs in by that name."""


def may_invite(session: Session, viewer: Viewer, person: Person) -> bool:
    """Whether the viewer may give the person a way in, of those whom they may change at all."""
    return person.retired_at is None and (viewer.is_admin or session.get(Account, person.id) is None)


def invite(session: Session, viewer: Viewer, person: Person, at: datetime) -> str:
    """The token of a fresh invitation; those made before no longer hold. Raises NotInvitable."""
    if not may_invite(session, viewer, person):
        raise NotInvitable
    token = secrets.token_urlsafe(24)
    session.execute(delete(Invitation).where(Invitation.person_id == person.id))
    session.add(
        Invitation(
            token_hash=_hash(token),
            person_id=person.id,
            made_at=at,
            made_by_id=viewer.person_id,
            expires_at=at + LIVES,
        )
    )
    audit.note(session, "person", person.id, "invited", at, by_id=viewer.person_id, details={"name": person.name})
    return token


def invited(session: Session, token: str, at: datetime) -> Person | None:
    """Whom the invitation is for; None where it is unknown, used or too old, or they have left."""
    return session.scalar(
        select(Person)
        .join(Invitation, Invitation.person_id == Person.id)
        .where(Invitation.token_hash == _hash(token), Invitation.expires_at > at, Person.retired_at.is_(None))
    )


def usual_name(session: Session, person: Person) -> str:
    """By what name the person signs in, or could: that of their account, else their e-mail."""
    account = session.get(Account, person.id)
    return account.sign_in_name if account else person.email or ""


def accept(session: Session, token: str, name: str, password_hash: str, at: datetime) -> int | None:
    """Use the invitation up and give its person that way in, the only one from now on; None where it does not hold.

    The id of the person. Raises NameTaken.
    """
    person = invited(session, token, at)
    if person is None:
        return None
    used = session.execute(delete(Invitation).where(Invitation.token_hash == _hash(token)))
    if used.rowcount != 1:  # type: ignore[attr-defined]
        return None
    name = accounts.signing_name(name)
    holder = session.scalar(select(Account.person_id).where(Account.sign_in_name == name))
    if holder not in (None, person.id):
        raise NameTaken
    _open(session, person, name, password_hash)
    audit.note(session, "person", person.id, "joined", at, by_id=person.id, details={"name": person.name})
    return person.id


def _open(session: Session, person: Person, name: str, password_hash: str) -> None:
    account = session.get(Account, person.id)
    if account is None:
        session.add(Account(person_id=person.id, sign_in_name=name, password_hash=password_hash))
        return
    account.sign_in_name, account.password_hash, account.closed_at = name, password_hash, None
    session.execute(delete(SignIn).where(SignIn.person_id == person.id))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
