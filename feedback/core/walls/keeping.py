"""Walls made, found, moved to a new address, closed and opened again; each is its department's managers' own."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from feedback import crockford
from feedback.core import access
from feedback.core.access import Viewer
from feedback.core.people import Department
from feedback.core.walls.model import Wall
from feedback.db import new_id

TOKEN_LENGTH = 26  # letters and digits of 5 bits: 130, which nobody guesses


def make(
    session: Session, viewer: Viewer, department_id: int, name: str, language: str, at: datetime, secret: str
) -> Wall | None:
    """A wall for a department that the viewer manages; None where it is not theirs."""
    if access.department_for(session, viewer, department_id) is None:
        return None
    wall = Wall(
        id=new_id(at),
        department_id=department_id,
        name=name,
        language=language,
        made_at=at,
        made_by_id=viewer.person_id,
    )
    move(wall, secret)
    session.add(wall)
    return wall


def mine(session: Session, viewer: Viewer, *, after: int | None, size: int) -> Sequence[tuple[Wall, str]]:
    """The walls of the departments one manages with the departments' names, the newest first, from `after` on."""
    joined = select(Wall, Department.name).join(Department, Department.id == Wall.department_id)
    statement = joined.where(_managed(viewer), Wall.id < after if after else true())
    rows = session.execute(statement.order_by(Wall.id.desc()).limit(size))
    return [(wall, name) for wall, name in rows]


def one(session: Session, viewer: Viewer, wall_id: int | None) -> Wall | None:
    """That wall, if it is the viewer's to manage; held where the session writes."""
    return session.scalar(select(Wall).where(Wall.id == wall_id, _managed(viewer)))


def move(wall: Wall, secret: str) -> None:
    """Give it another address; whoever has the one before sees nothing any more."""
    wall.key = secrets.token_bytes(16)
    wall.token_hash = _hash(token_of(wall, secret))


def set_open(wall: Wall, is_open: bool, at: datetime) -> None:
    """Close it, so that its screens say so and show nothing; or open it again."""
    wall.closed_at = None if is_open else wall.closed_at or at


def token_of(wall: Wall, secret: str) -> str:
    """What its address ends in."""
    return crockford.encode(hmac.digest(secret.encode(), b"wall\0" + wall.key, hashlib.sha256), TOKEN_LENGTH)


def with_token(session: Session, token: str) -> Wall | None:
    """The wall at that address, closed or not."""
    normal = crockford.normal(token, TOKEN_LENGTH)
    return session.scalar(select(Wall).where(Wall.token_hash == _hash(normal))) if normal else None


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _managed(viewer: Viewer) -> ColumnElement[bool]:
    return true() if viewer.sees_everything else Wall.department_id.in_(viewer.managed)
