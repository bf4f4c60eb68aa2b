"""Devices on which someone wants to be told at once that a letter arrived, by Web Push (RFC 8030).

A device is a subscription that a browser made with its maker's push service: an address there, and the keys with which
what is sent is sealed, so that the service learns when something came and nothing of it. What is told is never the
words. A push is a hint and kept nowhere: the letter itself is.
"""

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from sqlalchemy import ForeignKey, Index, LargeBinary, Select, SmallInteger, String, delete, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback.core import praise, rhythms
from feedback.core.access import Viewer
from feedback.core.accounts import at_work
from feedback.core.history import RECEIVED, Event
from feedback.core.people import Person, departments_above, departments_below, upwards
from feedback.core.praise import Praise
from feedback.db import PATIENCE, Base, first_id, id_key, id_ref, moment, new_id, table_of, upsert

MOST = 5  # devices of one person; the oldest makes room
LONGEST = 1000  # signs of an address
FAILURES = 8  # in a row, after which a device is given up
ARRIVING = (
    RECEIVED,
    "passed_on",
    "released",
    "found",
    "named",
    "lapsed",
    "praised",
)  # events by which a letter reaches someone
SETTLES = timedelta(seconds=PATIENCE + 1)  # within which what happened is written down, also by one who had to wait
HOST = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*")
LOOKS_BACK = timedelta(minutes=5)  # at most, for what arrived while no worker ran


class NoDevice(ValueError):
    """What a browser sent is no subscription that can be used here."""


class PushDevice(Base):
    """One browser of one person, as its push service knows it."""

    __tablename__ = "push_device"
    __table_args__ = (Index(None, "person_id", "id", info={"serves": "the devices of someone, the newest first"}),)

    id: Mapped[id_key]
    person_id: Mapped[id_ref] = mapped_column(ForeignKey("person.id"))
    address: Mapped[str] = mapped_column(String(LONGEST))
    address_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary(65))  # "p256dh" of RFC 8291
    secret: Mapped[bytes] = mapped_column(LargeBinary(16))  # "auth" of RFC 8291
    made_at: Mapped[moment]
    told_at: Mapped[moment | None]
    failures: Mapped[int] = mapped_column(SmallInteger, default=0)  # in a row


class PushMark(Base):
    """Up to which moment what arrived was told of; one row."""

    __tablename__ = "push_mark"

    id: Mapped[id_key]
    until: Mapped[moment]


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be told to one device, and in which language where its person chose one."""

    device: PushDevice
    language: str | None
    count: int


def subscribe(
    session: Session,
    viewer: Viewer,
    address: str,
    public_key: bytes,
    secret: bytes,
    at: datetime,
    hosts: Collection[str],
) -> PushDevice:
    """Tell the viewer on that device from now on; a browser that was somebody else's is theirs now.

    Raises NoDevice where a key is none or the service is not among `hosts`.
    """
    if not _is_allowed(address, hosts) or len(address) > LONGEST or len(secret) != 16 or not _is_key(public_key):
        raise NoDevice
    own = (PushDevice.person_id == viewer.person_id, PushDevice.address_hash != _hash(address))
    kept = list(session.scalars(select(PushDevice.id).where(*own).order_by(PushDevice.id.desc()).limit(MOST - 1)))
    session.execute(
        delete(PushDevice).where(*own, PushDevice.id.not_in(kept)), execution_options={"synchronize_session": False}
    )
    whose = {"person_id": viewer.person_id, "public_key": public_key, "secret": secret, "made_at": at, "failures": 0}
    row = whose | {"id": new_id(at), "address": address, "address_hash": _hash(address)}
    fresh = upsert(session.get_bind().dialect.name, table_of(PushDevice)).values(row)
    session.execute(fresh.on_conflict_do_update(index_elements=["address_hash"], set_=whose | {"told_at": None}))
    known = select(PushDevice).where(PushDevice.address_hash == _hash(address))
    return session.scalars(known.execution_options(populate_existing=True)).one()


def forget_gone(session: Session) -> None:
    """Forget the devices of those who do not work here any more."""
    gone = delete(PushDevice).where(PushDevice.person_id.not_in(at_work()))
    session.execute(gone, execution_options={"synchronize_session": False})


def unsubscribe(session: Session, viewer: Viewer, device_id: int) -> bool:
    """Tell nothing on that device any more; False where it is not the viewer's."""
    gone = delete(PushDevice).where(PushDevice.id == device_id, PushDevice.person_id == viewer.person_id)
    return session.scalar(gone.returning(PushDevice.id)) is not None


def of(session: Session, person_id: int) -> Sequence[PushDevice]:
    """The devices of someone, the newest first."""
    own = select(PushDevice).where(PushDevice.person_id == person_id)
    return session.scalars(own.order_by(PushDevice.id.desc())).all()


def is_any(session: Session) -> bool:
    """Whether anybody wants to be told on a device."""
    return session.scalar(select(PushDevice.id).limit(1)) is not None


def is_anything_new(session: Session, at: datetime) -> bool:
    """Whether something arrived since the last time, or nothing was told yet; asked before anything is written."""
    mark = session.get(PushMark, 1)
    return mark is None or session.scalar(_events(max(mark.until, at - LOOKS_BACK), at - SETTLES).limit(1)) is not None


def claim(session: Session, at: datetime) -> tuple[datetime, datetime]:
    """From and until when what arrived is to be told of now; nobody else gets the same span."""
    until = at - SETTLES
    mark = session.scalar(select(PushMark).where(PushMark.id == 1).with_for_update())
    if mark is None:
        first = upsert(session.get_bind().dialect.name, table_of(PushMark)).values(id=1, until=until)
        session.execute(first.on_conflict_do_nothing())
        return until, until
    since = max(mark.until, at - LOOKS_BACK)
    mark.until = max(mark.until, until)
    return since, mark.until


def due(session: Session, since: datetime, until: datetime, at: datetime) -> list[Due]:
    """Whom to tell of what arrived in that span, each device once.

    They are those it is for who have a device, did not read it yet, and have no quiet hours at this moment.
    """
    letters = _arrived(session, since, until)
    devices = session.execute(_devices(letters)).all() if letters else []
    above = departments_above(session, {row.department_id for row in devices}) if devices else {}
    ids = [n for n, _, _ in letters]
    but = praise.readers_of(session, ids) | praise.concerned_by(session, ids) if devices else set[tuple[int, int]]()
    owed = []
    for device, home, language in devices:
        reach = upwards(above, home)
        new = [n for n, to, of in letters if (to == device.person_id if to else of in reach)]
        if count := sum((n, device.person_id) not in but for n in new):
            owed.append(Due(device, language, count))
    return _awake(session, owed, at)


def _arrived(session: Session, since: datetime, until: datetime) -> list[tuple[int, int | None, int]]:
    """The letters that reached somebody in that span: their ids, persons and departments."""
    whole, single = set[int](), set[int]()
    for submission_id, details in session.execute(_events(since, until).add_columns(Event.details)):
        if "praise" in details:
            single.add(int(details["praise"]))  # the others of that submission arrived before
        else:
            whole.add(submission_id)
    columns = select(Praise.id, Praise.person_id, Praise.department_id)
    either = or_(Praise.submission_id.in_(whole), Praise.id.in_(single))
    rows = session.execute(columns.where(either, ~Praise.is_held))
    return [(id, person_id, department_id) for id, person_id, department_id in rows]


def _events(since: datetime, until: datetime) -> Select[int]:
    """Whose letters reached somebody in that span."""
    return select(Event.submission_id).where(
        Event.id >= first_id(since), Event.id < first_id(until), Event.name.in_(ARRIVING)
    )


def _devices(letters: Sequence[tuple[int, int | None, int]]) -> Select[*tuple[Any, ...]]:
    """The devices of those the letters are for, with their departments and languages."""
    people = [person_id for _, person_id, _ in letters if person_id]
    whole = {department_id for _, person_id, department_id in letters if not person_id}
    theirs = or_(Person.id.in_(people), Person.department_id.in_(select(departments_below(sorted(whole)).c.id)))
    return (
        select(PushDevice, Person.department_id, Person.language)
        .join(Person, Person.id == PushDevice.person_id)
        .where(theirs, Person.id.in_(at_work()))
        .order_by(PushDevice.id)
    )


def _awake(session: Session, owed: list[Due], at: datetime) -> list[Due]:
    chosen = rhythms.of_all(session, {one.device.person_id for one in owed}) if owed else {}
    zone = rhythms.zone_of(session) if owed else ""
    return [
        one
        for one in owed
        if not rhythms.quiet_ends(chosen.get(one.device.person_id) or rhythms.usual(one.device.person_id), at, zone)
    ]


def told(session: Session, device_id: int, at: datetime) -> None:
    """The push service took it."""
    if device := session.get(PushDevice, device_id):
        device.told_at, device.failures = at, 0


def failed(session: Session, device_id: int, *, for_good: bool) -> None:
    """The push service did not; one that knows the device no more, or too many failures, end it."""
    device = session.get(PushDevice, device_id)
    if device is None:
        return
    device.failures += 1
    if for_good or device.failures >= FAILURES:
        session.delete(device)


def _is_allowed(address: str, hosts: Collection[str]) -> bool:
    """Whether the address is one of a push service that is trusted; "*.example" stands for every host below it."""
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return False
    netloc = f"{host}:{port}" if port else host
    if not HOST.fullmatch(host) or not _is_plain(address):
        return False
    is_known = any(netloc == one or (one.startswith("*.") and port is None and host.endswith(one[1:])) for one in hosts)
    plain = parts.scheme == "http" and host in {"127.0.0.1", "localhost"}
    return is_known and (parts.scheme == "https" or plain) and parts.username is None


def _is_plain(address: str) -> bool:
    return address.isascii() and address.isprintable() and " " not in address


def _is_key(data: bytes) -> bool:
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), data)
    except ValueError:
        return False
    return len(data) == 65


def _hash(address: str) -> bytes:
    return hashlib.sha256(address.encode()).digest()
