"""The table of addressing: of whom it was said that a letter is not about them."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from feedback.db import Base, id_ref, moment


class NotMeant(Base):
    """One person whom a letter is not about: who said so, a manager or the person, and when."""

    __tablename__ = "not_meant"

    praise_id: Mapped[id_ref] = mapped_column(ForeignKey("praise.id"), primary_key=True)
    person_id: Mapped[id_ref] = mapped_column(ForeignKey("person.id"), primary_key=True)
    by_id: Mapped[id_ref] = mapped_column(ForeignKey("person.id"))
    at: Mapped[moment]
