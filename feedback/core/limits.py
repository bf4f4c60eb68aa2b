"""How often one address may send or try to sign in, kept as keyed hashes for an hour and no longer."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Date, Index, LargeBinary, bindparam, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.dml import ReturningInsert

from feedback.db import Base, Store, moment, table_of, upsert

WINDOW = timedelta(minutes=10)
KEPT = timedelta(hours=1)
SUBMISSIONS = 600  # of one address through one link in a window: a full hall behind one router passes
SIGN_INS = 60  # of one address in a window
PROOFS = 10  # tries of one person to prove who they are in a window, from wherever


class TooMany(Exception):
    """The ceiling of a window is reached; `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many in this window; again in {retry_after} s")
        self.retry_after = retry_after


class LimitSalt(Base):
    """The random salt of one day; once it is deleted nobody can tell whose hashes these were."""

    __tablename__ = "limit_salt"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))


class LimitCount(Base):
    """How often one hashed address came in one window."""

    __tablename__ = "limit_count"
    __table_args__ = (Index(None, "window_at", info={"serves": "clearing away what is older than an hour"}),)

    who: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    window_at: Mapped[moment] = mapped_column(primary_key=True)
    n: Mapped[int]


COUNTED = select(LimitCount.n).where(LimitCount.who == bindparam("who"), LimitCount.window_at == bindparam("window_at"))


@dataclass(frozen=True, slots=True)
class Mark:
    """One address on one errand in one window, as far as it may be known: a keyed hash."""

    who: bytes
    window_at: datetime

    @property
    def row(self) -> dict[str, Any]:
        """The row that counts it once; where there is one already, ONE_MORE adds to it."""
        return {"who": self.who, "window_at": self.window_at, "n": 1}


class Salts:
    """The day's salt, asked of the store once a day."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: tuple[date, bytes] | None = None

    def of(self, day: date) -> bytes:
        """The salt of `day`, made if nobody did yet. Raises StoreError."""
        known = self._known
        if known is None or known[0] != day:
            with self._store.write_rows() as connection:
                known = self._known = day, _salt(connection, day)
        return known[1]


ONE_MORE = "on conflict (who, window_at) do update set n = limit_count.n + excluded.n"


def mark(purpose: str, address: str, *, at: datetime, secret: str, salt: bytes) -> Mark:
    """The mark that `address` leaves on its errand `purpose` at that moment."""
    window_at = at - timedelta(seconds=at.timestamp() % WINDOW.total_seconds())
    who = hmac.digest(secret.encode() + salt, f"{purpose}\0{address}".encode(), hashlib.sha256)[:16]
    return Mark(who, window_at.replace(microsecond=0))


def check(connection: Connection, made: Mark, ceiling: int, at: datetime) -> None:
    """Raises TooMany where the mark was counted `ceiling` times; who comes at the same moment may pass too."""
    counted = connection.scalar(COUNTED, {"who": made.who, "window_at": made.window_at})
    if counted is not None and counted >= ceiling:
        raise TooMany(_seconds_left(made, at))


def take(connection: Connection, made: Mark, ceiling: int, at: datetime) -> None:
    """Count one more of `made`; raises TooMany above `ceiling`, and nothing counts if the transaction ends with it."""
    counted = connection.scalar(_one_more(connection.dialect.name), made.row)
    if counted is not None and counted > ceiling:
        raise TooMany(_seconds_left(made, at))


def forget(session: Session, at: datetime) -> None:
    """Delete counts older than an hour and the salts of past days."""
    session.execute(delete(LimitCount).where(LimitCount.window_at < at - KEPT))
    session.execute(delete(LimitSalt).where(LimitSalt.day < (at - KEPT).date()))


def _seconds_left(made: Mark, at: datetime) -> int:
    return max(1, int((made.window_at + WINDOW - at).total_seconds()))


@cache
def _one_more(dialect: str) -> ReturningInsert[int]:
    """The statement of every submission, built once."""
    table = table_of(LimitCount)
    counted = upsert(dialect, table).on_conflict_do_update(
        index_elements=list(table.primary_key), set_={"n": table.c.n + 1}
    )
    return counted.returning(table.c.n)


def _salt(connection: Connection, day: date) -> bytes:
    stored = select(LimitSalt.salt).where(LimitSalt.day == day)
    salt = connection.scalar(stored)
    if salt is None:
        fresh = upsert(connection.dialect.name, table_of(LimitSalt)).values(day=day, salt=secrets.token_bytes(16))
        connection.execute(fresh.on_conflict_do_nothing())
        salt = connection.scalar(stored)
    if salt is None:
        raise RuntimeError("the day's salt was deleted while it was in use")
    return salt
