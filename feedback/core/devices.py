"""PINs: a person signs in with digits in one browser, which holds a token; the digits are worth nothing without it."""

import itertools
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from feedback.core import audit
from feedback.core.accounts import Account, Device, coming_in, may_come_in, token_hash
from feedback.core.people import Person

MOST_TRIES = 5
MOST_HELD = 8  # people who share one browser
SHORTEST_PIN, LONGEST_PIN = 6, 12
MARK_LENGTH = 16  # hexadecimal digits that tell a device from the others of a person or a browser
YEARS = range(1900, 2100)


class TooMany(Exception):
    """As many people as one browser can hold have a PIN in it already."""


@dataclass(frozen=True, slots=True)
class Held:
    """One device that a browser holds the token of, and whose it is."""

    token: str
    mark: str
    person_id: int
    name: str
    is_closed: bool


@dataclass(frozen=True, slots=True)
class Try:
    """One try that was counted: what to compare the PIN with, and how many tries are left after it."""

    pin_hash: str
    left: int


def is_obvious(pin: str) -> bool:
    """Whether digits are among the first that anyone would try: one repeated, a row up or down, a day."""
    steps = {(int(two) - int(one)) % 10 for one, two in itertools.pairwise(pin)}
    if len(steps) <= 1 and steps <= {0, 1, 9}:
        return True
    halves = len(pin) % 2 == 0 and pin[: len(pin) // 2] == pin[len(pin) // 2 :]
    pairs = len(pin) % 2 == 0 and pin == pin[:2] * (len(pin) // 2)
    return halves or pairs or _is_day(pin)


def mark_of(device: Device) -> str:
    """What tells the device in an address or a form; nobody gets from it to the token."""
    return device.token_hash.hex()[:MARK_LENGTH]


def held(session: Session, tokens: Sequence[str], at: datetime) -> list[Held]:
    """Whom the tokens of a browser belong to, in their order; those that are worth nothing (any more) are left out."""
    by_hash = {token_hash(token): token for token in tokens}
    rows = session.execute(
        select(Device, Person.public_name)
        .join(Account, Account.person_id == Device.person_id)
        .join(Person, Person.id == Device.person_id)
        .where(Device.token_hash.in_(by_hash), *coming_in(at))
    )
    found = {
        by_hash[device.token_hash]: Held(
            by_hash[device.token_hash], mark_of(device), device.person_id, name, device.tries >= MOST_TRIES
        )
        for device, name in rows
    }
    return [found[token] for token in tokens if token in found]


def of(session: Session, person_id: int) -> Sequence[Device]:
    """The devices of a person, the newest first."""
    return session.scalars(select(Device).where(Device.person_id == person_id).order_by(Device.made_at.desc())).all()


def add(
    session: Session, person_id: int, pin_hash: str, at: datetime, *, tokens: Sequence[str] = ()
) -> tuple[str, list[str]]:
    """Let the person sign in with that PIN in the browser that holds `tokens`: the new token, and those to keep.

    A PIN of theirs that the browser had before is replaced. Raises TooMany.
    """
    kept = [one for one in held(session, tokens, at) if one.person_id != person_id]
    if len(kept) >= MOST_HELD:
        raise TooMany
    replaced = [token_hash(token) for token in tokens]
    session.execute(delete(Device).where(Device.token_hash.in_(replaced), Device.person_id == person_id))
    token = secrets.token_urlsafe(32)
    session.add(Device(token_hash=token_hash(token), person_id=person_id, pin_hash=pin_hash, made_at=at))
    _note(session, person_id, "device_added", at)
    return token, [one.token for one in kept]


def take_try(session: Session, token: str, at: datetime) -> Try | None:
    """Count one try of a PIN before it is looked at; None where the device is closed or unknown.

    To be committed before the PIN is compared: tries at the same moment are then counted like any others.
    """
    row = session.execute(
        update(Device)
        .where(Device.token_hash == token_hash(token), Device.tries < MOST_TRIES)
        .where(Device.person_id.in_(may_come_in(at)))
        .values(tries=Device.tries + 1)
        .returning(Device.pin_hash, Device.tries, Device.person_id)
    ).one_or_none()
    if row is None:
        return None
    return Try(row.pin_hash, MOST_TRIES - row.tries)


def note_closed(session: Session, person_id: int, at: datetime) -> None:
    """Note that the last of the tries was wrong."""
    _note(session, person_id, "device_closed", at)


def opened(session: Session, token: str, at: datetime) -> int | None:
    """Note that the PIN was right: the person's id; None where the device was removed meanwhile."""
    return session.scalar(
        update(Device)
        .where(Device.token_hash == token_hash(token))
        .values(tries=0, used_at=at)
        .returning(Device.person_id)
    )


def remove(session: Session, person_id: int, mark: str, at: datetime) -> bool:
    """Let the person sign in with a PIN no more in the browser of that mark; whether there was one."""
    gone = [device for device in of(session, person_id) if mark_of(device) == mark]
    for device in gone:
        session.delete(device)
    if gone:
        _note(session, person_id, "device_removed", at)
    return bool(gone)


def _note(session: Session, person_id: int, act: str, at: datetime) -> None:
    name = session.get_one(Person, person_id).name
    audit.note(session, "person", person_id, act, at, by_id=person_id, details={"name": name})


def _is_day(pin: str) -> bool:
    """Whether the digits can be read as a day: 31121990, 12311990, 19901231, 311290, 901231."""
    if len(pin) not in (6, 8):
        return False
    wide = len(pin) - 4
    for year, one, two in (
        (pin[-wide:], pin[:2], pin[2:4]),
        (pin[:wide], pin[wide : wide + 2], pin[wide + 2 :]),
    ):
        small, large = sorted((int(one), int(two)))
        if 1 <= small <= 12 and 1 <= large <= 31 and (wide == 2 or int(year) in YEARS):
            return True
    return False
