"""The organisation's working calendar: its week, its holidays, and days counted by it."""

from datetime import date

from sqlalchemy import Date
from sqlalchemy.orm import Mapped, mapped_column

from feedback.core.organisation import Pictured
from feedback.db import Base, name


class Holiday(Pictured, Base):
    """A day on which nobody answers, whatever day of the week it is."""

    __tablename__ = "holiday"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    name: Mapped[name]
