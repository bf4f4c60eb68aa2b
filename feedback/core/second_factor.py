"""A second factor beside the password: codes of a telephone (RFC 6238), and ten recovery codes for when it is gone."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from feedback import crockford, totp
from feedback.core import audit
from feedback.core.accounts import Account, RecoveryCode
from feedback.core.people import Person

CODES = 10
CODE_LENGTH = 12  # characters of five bits, in groups of four


@dataclass(frozen=True, slots=True)
class Passed:
    """That a code was right; `left` is the number of recovery codes where one was used up for it."""

    left: int | None = None


def is_on(account: Account) -> bool:
    """Whether signing in with the password needs a code."""
    return account.totp_since is not None


def is_on_for(session: Session, person_id: int) -> bool:
    """As is_on(), by the person's id; not for someone without an account."""
    account = session.get(Account, person_id)
    return account is not None and is_on(account)


def begin(session: Session, person_id: int, secret: str) -> None:
    """Make a new secret for the person's telephone; it counts for nothing before confirm()."""
    account = session.get_one(Account, person_id)
    if not is_on(account):
        account.totp_secret = _veiled(secrets.token_bytes(totp.SECRET_BYTES), person_id, secret)


def pending(session: Session, person_id: int, secret: str) -> bytes | None:
    """The secret that waits for its first code; None where there is none, or it is on already."""
    account = session.get_one(Account, person_id)
    if account.totp_secret is None or is_on(account):
        return None
    return _veiled(account.totp_secret, person_id, secret)


def confirm(session: Session, person_id: int, typed: str, at: datetime, secret: str) -> list[str] | None:
    """Switch it on if the first code is right: the recovery codes, to be shown once. None where the code is wrong."""
    known = pending(session, person_id, secret)
    step = totp.step_of(known, _digits(typed), at, 0) if known else None
    if step is None:
        return None
    account = session.get_one(Account, person_id)
    account.totp_since, account.totp_step = at, step
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    codes = [crockford.encode(secrets.token_bytes(8), CODE_LENGTH) for _ in range(CODES)]
    session.add_all(RecoveryCode(person_id=person_id, code_hash=_hash(code, person_id, secret)) for code in codes)
    _note(session, person_id, "second_factor_on", at, person_id)
    return [grouped(code) for code in codes]


def check(session: Session, person_id: int, typed: str, at: datetime, secret: str) -> Passed | None:
    """Use up a code of the telephone, or a recovery code; None where it is neither, or was used before."""
    if _uses_step(session, person_id, typed, at, secret):
        return Passed()
    code = crockford.normal(typed, CODE_LENGTH)
    if code is None or not is_on_for(session, person_id):
        return None
    used = delete(RecoveryCode).where(
        RecoveryCode.person_id == person_id, RecoveryCode.code_hash == _hash(code, person_id, secret)
    )
    if session.scalar(used.returning(RecoveryCode.person_id)) is None:
        return None
    _note(session, person_id, "recovery_code_used", at, person_id)
    return Passed(codes_left(session, person_id))


def codes_left(session: Session, person_id: int) -> int:
    """How many recovery codes the person has left."""
    codes = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.person_id == person_id)
    return session.scalar(codes) or 0


def switch_off(session: Session, person_id: int, at: datetime, *, by_id: int) -> bool:
    """Let the password be enough again, at the person's own wish or an admin's; whether it was on."""
    account = session.get(Account, person_id)
    if account is None or account.totp_secret is None:
        return False
    was_on = is_on(account)
    account.totp_secret = account.totp_since = None
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    if was_on:
        _note(session, person_id, "second_factor_off" if by_id == person_id else "second_factor_taken", at, by_id)
    return was_on


def grouped(code: str) -> str:
    """A recovery code as it is read: three groups of four."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def _uses_step(session: Session, person_id: int, typed: str, at: datetime, secret: str) -> bool:
    account = session.get_one(Account, person_id)
    if account.totp_secret is None or not is_on(account):
        return False
    known = _veiled(account.totp_secret, person_id, secret)
    step = totp.step_of(known, _digits(typed), at, account.totp_step)
    if step is None:
        return False
    # Asked again in the statement: of two who type the same code at the same moment, one comes in.
    used = update(Account).where(Account.person_id == person_id, Account.totp_step < step).values(totp_step=step)
    return session.scalar(used.returning(Account.person_id)) is not None


def _digits(typed: str) -> str:
    return "".join(typed.split())


def _veiled(known: bytes, person_id: int, secret: str) -> bytes:
    """The telephone's secret as the store keeps it, and back: XOR with a pad of the installation's secret.

    A copy of the database alone does not tell it. No cipher is in the standard library and none is needed for twenty
    random bytes: the pad is as long as they are, and two secrets under the pad of one person tell nothing but how
    the two differ.
    """
    pad = hmac.digest(secret.encode(), f"second factor\0{person_id}".encode(), hashlib.sha256)
    return bytes(one ^ two for one, two in zip(known, pad, strict=False))


def _hash(code: str, person_id: int, secret: str) -> bytes:
    """What is kept of a recovery code: keyed, because sixty bits alone could be searched through in a stolen copy."""
    return hmac.digest(secret.encode(), f"recovery code\0{person_id}\0{code}".encode(), hashlib.sha256)


def _note(session: Session, person_id: int, act: str, at: datetime, by_id: int) -> None:
    name = session.get_one(Person, person_id).name
    audit.note(session, "person", person_id, act, at, by_id=by_id, details={"name": name})
