"""Pictures people hand in: checked, re-encoded without metadata, kept as files beside the database."""

from sqlalchemy import CheckConstraint, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from feedback.db import Base, id_key, moment


class File(Base):
    """One picture as it was re-encoded; the bytes lie in the data folder under its id."""

    __tablename__ = "file"
    __table_args__ = (CheckConstraint("width > 0 and height > 0 and size > 0", name="measures"),)

    id: Mapped[id_key]
    format: Mapped[str] = mapped_column(String(8))
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    made_at: Mapped[moment]
