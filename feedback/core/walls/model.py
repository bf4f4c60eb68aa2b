"""The tables of the walls: the screens there are, and the letters that may be shown on them."""

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from feedback.db import Base, id_key, id_ref, moment

LONGEST_NAME = 80


class Wall(Base):
    """One screen: what is received in a department and all below it, at a secret address."""

    __tablename__ = "wall"
    __table_args__ = (Index(None, "department_id", "id", info={"serves": "the walls of the departments one manages"}),)

    id: Mapped[id_key]
    department_id: Mapped[id_ref] = mapped_column(ForeignKey("department.id"))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    language: Mapped[str] = mapped_column(String(35))
    key: Mapped[bytes] = mapped_column(LargeBinary(16))  # from which, with the secret key, the address is derived
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    made_at: Mapped[moment]
    made_by_id: Mapped[id_ref] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[moment | None]


class Showing(Base):
    """One letter that whoever it is for agreed to have shown; that its customer did stands with their words."""

    __tablename__ = "showing"
    __table_args__ = (Index(None, "praise_id", unique=True, info={"serves": "which letters of a page are shown"}),)

    id: Mapped[id_key]  # rises with the moment: the newest on the walls come first
    praise_id: Mapped[id_ref] = mapped_column(ForeignKey("praise.id"))
    agreed_by_id: Mapped[id_ref] = mapped_column(ForeignKey("person.id"))
    at: Mapped[moment]
