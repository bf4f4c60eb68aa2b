"""How often one address may send or try to sign in, kept as keyed hashes for an hour and no longer."""

import hashlib
import hmac
import secrets
from datetime import date, datetime, timedelta
from functools import cache

from sqlalchemy import Connection, Date, Index, LargeBinary, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.dml import ReturningInsert

from feedback.db import Base, moment, table_of, upsert

WINDOW = timedelta(minutes=10)
KEPT = timedelta(hours=1)
SUBMISSIONS = 600  # of one address through one link in a window: a full hall behind one router passes
SIGN_INS = 60  # of one address in a window


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


def take(connection: Connection, *, purpose: str, address: str, ceiling: int, at: datetime, secret: str) -> None:
    """Count one more of `purpose` for `address`; raises TooMany above `ceiling` in the window of `at`."""
    window_at = at - timedelta(seconds=at.timestamp() % WINDOW.total_seconds())
    window_at = window_at.replace(microsecond=0)
    salt = _salt(connection, at.date())
    message = f"{purpose}\0{address}".encode()
    who = hmac.digest(secret.encode() + salt, message, hashlib.sha256)[:16]
    one = {"who": who, "window_at": window_at, "n": 1}
    counted = connection.scalar(_one_more(connection.dialect.name), one)
    if counted is not None and counted > ceiling:
        raise TooMany(max(1, int((window_at + WINDOW - at).total_seconds())))


def forget(session: Session, at: datetime) -> None:
    """Delete counts older than an hour and the salts of past days."""
    session.execute(delete(LimitCount).where(LimitCount.window_at < at - KEPT))
    session.execute(delete(LimitSalt).where(LimitSalt.day < (at - KEPT).date()))


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
