"""The first run: an organisation with its root department, its first admin and its first QR link, once and for good."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from feedback import crockford
from feedback.core import audit, files
from feedback.core.accounts import Account, signing_name
from feedback.core.files import Picture
from feedback.core.links import new_link
from feedback.core.organisation import ONLY, Organisation, the_organisation
from feedback.core.people import Department, Person
from feedback.db import new_id

TOKEN_LENGTH = 24  # characters of five bits


class AlreadyFounded(Exception):
    """The store has its organisation; there is never a second one."""


@dataclass(frozen=True, slots=True)
class Charter:
    """All that the set-up page asks for, checked by its form."""

    name: str
    accent: str
    timezone: str
    language: str
    languages: Sequence[str]
    working_days: Sequence[int]
    admin_name: str
    admin_email: str
    password_hash: str
    logo: Picture | None = None


@dataclass(frozen=True, slots=True)
class Founded:
    """Whom it made, and the first code to print."""

    admin_id: int
    link_id: int


def token(secret: str) -> str:
    """The token that lets one set an installation up: known to those who read its log or hold its secret."""
    return crockford.encode(hmac.digest(secret.encode(), b"set-up", hashlib.sha256), TOKEN_LENGTH)


def is_token(typed: str, secret: str) -> bool:
    """Whether `typed` is the token, written in any case; takes as long whatever it is."""
    meant = crockford.normal(typed, TOKEN_LENGTH) or ""
    return hmac.compare_digest(meant.encode(), token(secret).encode())


def found(session: Session, charter: Charter, folder: Path, at: datetime) -> Founded:
    """Make all of it, with the logo in the data folder `folder`; the admin may sign in at once.

    Raises AlreadyFounded; where two found at once, the second may meet the one row's key as `Taken` instead.
    """
    if the_organisation(session) is not None:
        raise AlreadyFounded
    session.add(_organisation(charter, at))
    session.flush()
    if charter.logo:
        logo = files.keep(session, folder, charter.logo, at)
        session.get_one(Organisation, ONLY).logo_id = logo.id
    root = Department(id=new_id(at), name=charter.name)
    session.add(root)
    session.flush()
    admin = _admin(session, charter, root, at)
    link = new_link(at, department=root)
    session.add(link)
    audit.note(session, "organisation", ONLY, "made", at, by_id=admin.id, details={"name": charter.name})
    session.flush()
    return Founded(admin.id, link.id)


def _organisation(charter: Charter, at: datetime) -> Organisation:
    return Organisation(
        name=charter.name,
        accent=charter.accent,
        timezone=charter.timezone,
        language=charter.language,
        languages=list(charter.languages),
        working_days=list(charter.working_days),
        made_at=at,
    )


def _admin(session: Session, charter: Charter, root: Department, at: datetime) -> Person:
    admin = Person(
        id=new_id(at),
        name=charter.admin_name,
        public_name=charter.admin_name[:80],
        email=charter.admin_email,
        department_id=root.id,
    )
    session.add(admin)
    session.flush()
    name = signing_name(charter.admin_email)
    session.add(Account(person_id=admin.id, sign_in_name=name, password_hash=charter.password_hash, is_admin=True))
    session.flush()
    return admin
