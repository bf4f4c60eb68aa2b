"""Who is away from when until when, and who stands in meanwhile."""

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from feedback.core.organisation import Pictured
from feedback.db import Base, id_key, id_ref


class Absence(Pictured, Base):
    """One person away for whole days, first and last included; `cover_id` is who gets their share meanwhile."""

    __tablename__ = "absence"
    __table_args__ = (
        CheckConstraint("from_on <= until_on", name="in_order"),
        CheckConstraint("cover_id <> person_id", name="someone_else"),
        Index(None, "person_id", "until_on", info={"serves": "whether someone is away, and their coming absences"}),
        Index(None, "until_on", info={"serves": "who is away on a day"}),
    )

    id: Mapped[id_key]
    person_id: Mapped[id_ref] = mapped_column(ForeignKey("person.id"))
    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date] = mapped_column(Date)
    cover_id: Mapped[id_ref | None] = mapped_column(ForeignKey("person.id"))
