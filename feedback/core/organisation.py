"""The one organisation an installation serves, and the version that tells every process it changed."""

from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, Connection, ForeignKey, SmallInteger, String, event, update
from sqlalchemy.orm import Mapped, Session, UOWTransaction, mapped_column

from feedback.db import Base, id_ref, moment, name

ONLY = 1
DEFAULT_ACCENT = "#1f6f5c"


class StaffNames(StrEnum):
    """How customers are told who answers them."""

    FULL = "full"
    PUBLIC = "public"  # as customers know them
    DEPARTMENT = "department"
    NOBODY = "nobody"


class Pictured:
    """Mark of tables whose change must be seen by the next scan in every process."""


class Organisation(Pictured, Base):
    """One row: who prints the codes and how it wants to be seen."""

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint("id = 1", name="only_one"),
        CheckConstraint("answer_days between 1 and 60", name="answer_days"),
    )

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False, default=ONLY)
    name: Mapped[name]
    accent: Mapped[str] = mapped_column(String(7), default=DEFAULT_ACCENT)
    timezone: Mapped[str] = mapped_column(String(64), default="UTC")
    language: Mapped[str] = mapped_column(String(35), default="en")
    languages: Mapped[list[str]] = mapped_column(JSON, default=lambda: ["en", "de", "ar"])
    answer_days: Mapped[int] = mapped_column(SmallInteger, default=3)
    working_days: Mapped[list[int]] = mapped_column(JSON, default=lambda: [0, 1, 2, 3, 4])  # Monday is 0
    logo_id: Mapped[id_ref | None] = mapped_column(ForeignKey("file.id"))
    outside_reader: Mapped[str | None] = mapped_column(String(320))
    staff_names: Mapped[str] = mapped_column(
        String(12), default=StaffNames.DEPARTMENT, server_default=StaffNames.DEPARTMENT.value
    )
    version: Mapped[int] = mapped_column(default=1)
    made_at: Mapped[moment]
    demo_at: Mapped[moment | None]


def the_organisation(session: Session) -> Organisation | None:
    """The organisation, or None on a store that is not set up yet."""
    return session.get(Organisation, ONLY)


def changed(session: Session) -> None:
    """Raise the version, so that prepared pages and pictures of the organisation are made anew."""
    session.execute(
        update(Organisation).values(version=Organisation.version + 1),
        execution_options={"synchronize_session": False},
    )


def touch(connection: Connection) -> None:
    """Write the one row as it is: the only proof that a write succeeds."""
    connection.execute(update(Organisation).values(version=Organisation.version))


@event.listens_for(Session, "before_flush")
def _notice_change(session: Session, context: UOWTransaction, instances: object) -> None:
    touched = (*session.new, *session.dirty, *session.deleted)
    if any(isinstance(item, Pictured) for item in touched):
        changed(session)
