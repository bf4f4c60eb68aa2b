"""What printed codes say beside the code: the wording of each language, shipped or the organisation's own."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from feedback.db import Base


class Wording(Base):
    """The organisation's own words for one line of print in one language; without a row the shipped ones hold."""

    __tablename__ = "wording"

    language: Mapped[str] = mapped_column(String(35), primary_key=True)
    line: Mapped[str] = mapped_column(String(40), primary_key=True)
    text: Mapped[str] = mapped_column(String(200))
