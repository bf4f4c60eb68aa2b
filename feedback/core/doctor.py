"""How an installation is doing: what an operator should know, each with whether it needs a hand."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from feedback.config import Settings
from feedback.core import notices
from feedback.core.organisation import the_organisation
from feedback.db import Store
from feedback.db.store import PRAGMAS

LEAST_FREE = 500 * 1024**2  # bytes: some weeks of a busy shop's words, and room for a backup
RECENT = timedelta(days=7)
LATE = timedelta(minutes=15)  # a notice that waits longer found no worker or no mail server
SHORTEST_SECRET = 32
DURABLE = "as needed: every commit reaches the disk"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    is_ok: bool
    text: str


def findings(store: Store, settings: Settings, at: datetime, *, is_newest: bool) -> list[Finding]:
    """Everything there is to look at; nothing is changed. Raises StoreError."""
    with store.read() as session:
        found = [
            *_database(session.connection(), store),
            _schema(is_newest),
            *(_contents(session, settings, at) if is_newest else ()),
        ]
    return [*found, _disk(settings), _mail(settings), _address(settings), _secret(settings)]


def _database(connection: Connection, store: Store) -> Iterator[Finding]:
    if store.is_sqlite:
        version = connection.exec_driver_sql("select sqlite_version()").scalar()
        yield _sqlite_file(str(version), Path(store.url.database or ""))
        lasting = PRAGMAS.keys() - {"busy_timeout"}  # set anew for each write
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in sorted(lasting)}
        wrong = [f"{name} is {value}, not {PRAGMAS[name]}" for name, value in found.items() if value != PRAGMAS[name]]
        yield Finding("durability", not wrong, "; ".join(wrong) or DURABLE)
    else:
        version = connection.exec_driver_sql("show server_version").scalar()
        yield Finding("database", True, f"PostgreSQL {version}, {store.url.host}/{store.url.database}")
        asked = {name: connection.exec_driver_sql(f"show {name}").scalar() for name in ("fsync", "synchronous_commit")}
        off = [name for name, value in asked.items() if value == "off"]
        lost = f"{' and '.join(off)} off: a power cut can lose what customers were thanked for"
        yield Finding("durability", not off, lost if off else DURABLE)


def _sqlite_file(version: str, file: Path) -> Finding:
    beside = [file, *(file.with_name(file.name + end) for end in ("-wal", "-shm", ".writer"))]
    is_private = not any(one.exists() and one.stat().st_mode & 0o007 for one in beside)
    open_to = "" if is_private else f"; everyone on this machine can read it: chmod o= {file}*"
    return Finding("database", is_private, f"SQLite {version}, {file}{open_to}")


def _schema(is_newest: bool) -> Finding:
    text = "the newest version" if is_newest else "not at the newest version; run: flask --app wsgi init"
    return Finding("tables", is_newest, text)


def _contents(session: Session, settings: Settings, at: datetime) -> Iterator[Finding]:
    organisation = the_organisation(session)
    missing = "none yet; run: flask --app wsgi create-admin EMAIL"
    kind = " (demo)" if organisation and organisation.demo_at else ""
    yield Finding("organisation", organisation is not None, organisation.name + kind if organisation else missing)
    waiting, given_up = notices.state(session, at - RECENT)
    due_at = notices.next_due(session)
    is_late = bool(settings.smtp_url) and due_at is not None and due_at < at - LATE
    late = ", too long: is the worker running, and the mail server there?" if is_late else ""
    text = f"{waiting} waiting{late}, {given_up} given up this week"
    yield Finding("outbox", not given_up and not is_late, text)


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.data_dir).free
    return Finding("disk", free >= LEAST_FREE, f"{free / 1024**3:.1f} GB free at {settings.data_dir}")


def _mail(settings: Settings) -> Finding:
    if not settings.smtp_url:
        return Finding("mail", True, "none; people read in the application only (FIRSTHAND_SMTP_URL sends mails)")
    parts = urlsplit(settings.smtp_url)
    return Finding("mail", True, f"{parts.hostname}:{parts.port or 'usual port'}, from {settings.sender}")


def _address(settings: Settings) -> Finding:
    hint = "; QR codes open on this machine only (FIRSTHAND_BASE_URL)" if settings.opens_here_only else ""
    return Finding("address", True, settings.base_url + hint)


def _secret(settings: Settings) -> Finding:
    file = settings.data_dir / "secret_key"
    if len(settings.secret_key) < SHORTEST_SECRET:
        return Finding("secret key", False, f"shorter than {SHORTEST_SECRET} characters; receipts could be guessed")
    if not file.exists() or file.read_text().strip() != settings.secret_key:
        return Finding("secret key", True, "in FIRSTHAND_SECRET_KEY; keep a copy, receipts depend on it")
    is_private = not file.stat().st_mode & 0o077
    open_to = "" if is_private else f"; others on this machine can read it: chmod 600 {file}"
    return Finding("secret key", is_private, f"in {file}{open_to}; backups take it along")
