"""The tables of praise: a letter, who opened it when, and which was kept back."""

from sqlalchemy import Boolean, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from feedback.db import Base, id_key, id_ref, moment, words


class Praise(Base):
    """One compliment for one receiver: a person of a department, or the whole department."""

    __tablename__ = "praise"
    __table_args__ = (
        Index(None, "person_id", "id", info={"serves": "a person's letters, newest first"}),
        Index(None, "department_id", "id", info={"serves": "a department's letters, newest first"}),
        Index(
            "ix_praise_together",
            "department_id",
            "id",
            sqlite_where=text("person_id is null"),
            postgresql_where=text("person_id is null"),
            info={"serves": "letters for a whole department, newest first"},
        ),
        Index(None, "submission_id", info={"serves": "who a submission reached"}),
        Index(
            "ix_praise_waiting",
            "department_id",
            "id",
            sqlite_where=text("is_held = 1"),
            postgresql_where=text("is_held"),
            info={"serves": "letters that wait for the managers of a department, newest first"},
        ),
        Index(
            "ix_praise_held",
            "id",
            sqlite_where=text("is_held = 1"),
            postgresql_where=text("is_held"),
            info={"serves": "all letters that wait: for an admin, and for the one who looks which waited too long"},
        ),
    )

    id: Mapped[id_key]
    submission_id: Mapped[id_ref] = mapped_column(ForeignKey("submission.id"))
    person_id: Mapped[id_ref | None] = mapped_column(ForeignKey("person.id"))
    department_id: Mapped[id_ref] = mapped_column(ForeignKey("department.id"))
    is_held: Mapped[bool] = mapped_column(Boolean(name="is_held"), default=False)
    read_at: Mapped[moment | None]  # when the first of those it is for opened it, which the customer is told
    excerpt: Mapped[words | None]  # of praise within a complaint or suggestion: of which nothing else is theirs


class Reading(Base):
    """One person opened one letter of theirs, alone or with their department; and when they first did."""

    __tablename__ = "reading"
    __table_args__ = (Index(None, "person_id", "read_at", info={"serves": "how much one person opened, and when"}),)

    praise_id: Mapped[id_ref] = mapped_column(ForeignKey("praise.id"), primary_key=True)
    person_id: Mapped[id_ref] = mapped_column(ForeignKey("person.id"), primary_key=True)
    read_at: Mapped[moment]


class Withholding(Base):
    """One letter that a manager kept back instead of delivering it: who, when and why; delivering it undoes that."""

    __tablename__ = "withholding"

    praise_id: Mapped[id_ref] = mapped_column(ForeignKey("praise.id"), primary_key=True)
    by_id: Mapped[id_ref] = mapped_column(ForeignKey("person.id"))
    at: Mapped[moment]
    reason: Mapped[words]
