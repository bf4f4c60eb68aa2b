"""The tables of recognition: a manager's line, the mark, and to whom a letter was brought; and the events of it."""

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from feedback.db import Base, id_key, id_ref, moment

LONGEST = 300  # characters of a line or a note

# Events. The notes are nothing else: their words are the event's, and `praise` in its details is the letter.
BROUGHT = "brought"
COMMENDED = "commended"  # whom the letter is for
GIVER_COMMENDED = "giver_commended"  # the customer, who reads it behind the receipt


class ManagerLine(Base):
    """What one manager added to one letter; it can be changed, and is gone once it is emptied."""

    __tablename__ = "manager_line"

    praise_id: Mapped[id_ref] = mapped_column(ForeignKey("praise.id"), primary_key=True)
    by_id: Mapped[id_ref] = mapped_column(ForeignKey("person.id"), primary_key=True)
    at: Mapped[moment]
    text: Mapped[str] = mapped_column(String(LONGEST))


class Mark(Base):
    """That one letter tells of something beyond the call of duty, says whom; one mark a letter."""

    __tablename__ = "mark"

    praise_id: Mapped[id_ref] = mapped_column(ForeignKey("praise.id"), primary_key=True)
    by_id: Mapped[id_ref] = mapped_column(ForeignKey("person.id"))
    at: Mapped[moment]


class Bringing(Base):
    """One letter brought to one of those who manage a department above it."""

    __tablename__ = "bringing"
    __table_args__ = (
        Index(None, "praise_id", "person_id", unique=True, info={"serves": "which letters of a page were brought"}),
        Index(None, "person_id", "id", info={"serves": "what was brought to someone, the newest first"}),
    )

    id: Mapped[id_key]  # rises with the moment, and tells a page where the one before it ended
    praise_id: Mapped[id_ref] = mapped_column(ForeignKey("praise.id"))
    person_id: Mapped[id_ref] = mapped_column(ForeignKey("person.id"))
    by_id: Mapped[id_ref] = mapped_column(ForeignKey("person.id"))
    at: Mapped[moment]
