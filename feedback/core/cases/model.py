"""What a case is: its state, its deadlines, and how it was closed; each state has its event in the history."""

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Select,
    SmallInteger,
    String,
    false,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback.core.routing import NORMAL
from feedback.db import Base, id_key, id_ref, moment, words

LONGEST_NOTE = 10_000
# Conditions of partial indexes: a query has to say the same, in the same words, for SQLite to see that they fit.
IS_OPEN = "status <> 'closed'"
UNUSUAL = f"severity <> {NORMAL}"


class Status(StrEnum):
    """Where the handling stands."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "in_progress"
    ANSWERED = "answered"
    CLOSED = "closed"


class Outcome(StrEnum):
    """What the handling found."""

    UPHELD = "upheld"  # the customer was right
    PARTLY = "partly"
    NOT_UPHELD = "not_upheld"
    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"
    TAKEN_UP = "taken_up"  # of a suggestion
    NOT_TAKEN_UP = "not_taken_up"


SUGGESTED = frozenset({Outcome.TAKEN_UP, Outcome.NOT_TAKEN_UP})  # what comes of a suggestion


class Cause(StrEnum):
    """Why it happened."""

    PEOPLE = "people"  # manner, mistake
    PROCESS = "process"
    PRODUCT = "product"
    SUPPLY = "supply"
    PREMISES = "premises"
    INFORMATION = "information"
    OTHER = "other"
    UNKNOWN = "unknown"


class Remedy(StrEnum):
    """What was done for the customer."""

    APOLOGY = "apology"
    EXPLANATION = "explanation"
    REPAIR = "repair"  # put right, done again, replaced
    REFUND = "refund"
    GOODWILL = "goodwill"
    CHANGE = "change"  # of how things are done
    NONE = "none"


class Case(Base):
    """One complaint's handling; it has the id of its submission, so that there is never a second."""

    __tablename__ = "case"
    __table_args__ = (
        CheckConstraint("status in ('received', 'acknowledged', 'in_progress', 'answered', 'closed')", name="status"),
        Index(None, "department_id", "id", info={"serves": "a department's cases, newest first"}),
        Index(
            None,
            "handler_id",
            "id",
            sqlite_where=text("handler_id is not null"),
            postgresql_where=text("handler_id is not null"),
            info={"serves": "a handler's cases, newest first"},
        ),
        Index(None, "status", "id", info={"serves": "the cases of one status, newest first"}),
        Index(
            None,
            "place_id",
            "id",
            sqlite_where=text("place_id is not null"),
            postgresql_where=text("place_id is not null"),
            info={"serves": "the cases of one place, newest first"},
        ),
        Index(
            "ix_case_severity",
            "department_id",
            "severity",
            "id",
            sqlite_where=text(UNUSUAL),
            postgresql_where=text(UNUSUAL),
            info={"serves": "a department's cases of one severity other than the usual, newest first"},
        ),
        Index(
            "ix_case_open",
            "department_id",
            "id",
            sqlite_where=text(IS_OPEN),
            postgresql_where=text(IS_OPEN),
            info={"serves": "a department's open cases, newest first"},
        ),
        Index(
            "ix_case_unindexed",
            "id",
            sqlite_where=text("is_indexed = 0"),
            postgresql_where=text("not is_indexed"),
            info={"serves": "cases whose words the index does not hold yet: to be searched apart, and put there"},
        ),
        Index(
            "ix_case_due_at",
            "due_at",
            sqlite_where=text("due_at is not null"),
            postgresql_where=text("due_at is not null"),
            info={"serves": "what is overdue, or will be soon"},
        ),
        Index(
            "ix_case_overdue",
            "department_id",
            "due_at",
            sqlite_where=text("due_at is not null"),
            postgresql_where=text("due_at is not null"),
            info={"serves": "what is overdue in a department, the longest first"},
        ),
        Index(
            "ix_case_warn_at",
            "warn_at",
            sqlite_where=text("warn_at is not null"),
            postgresql_where=text("warn_at is not null"),
            info={"serves": "of what somebody has to be reminded next"},
        ),
        Index(
            "ix_case_duplicate_of_id",
            "duplicate_of_id",
            sqlite_where=text("duplicate_of_id is not null"),
            postgresql_where=text("duplicate_of_id is not null"),
            info={"serves": "the cases that say the same as one"},
        ),
    )

    id: Mapped[id_key] = mapped_column(ForeignKey("submission.id"))
    # As the submission has them, which never changes: a list of cases is narrowed within one table. No foreign key, as
    # the submission's own holds the place.
    kind: Mapped[str] = mapped_column(String(12), default="complaint", server_default="complaint")
    place_id: Mapped[id_ref | None]
    department_id: Mapped[id_ref | None] = mapped_column(ForeignKey("department.id"))
    handler_id: Mapped[id_ref | None] = mapped_column(ForeignKey("person.id"))
    status: Mapped[str] = mapped_column(String(12), default=Status.RECEIVED)
    severity: Mapped[int] = mapped_column(SmallInteger, default=NORMAL)
    version: Mapped[int] = mapped_column(default=1)
    closed_at: Mapped[moment | None]
    stage: Mapped[int] = mapped_column(SmallInteger, default=1, server_default="1")  # 2 once a customer reopened it
    acknowledged_at: Mapped[moment | None]  # by a person, in this stage; the receipt is none
    answered_at: Mapped[moment | None]
    paused_at: Mapped[moment | None]  # waiting for the customer since then
    acknowledge_at: Mapped[moment | None]  # the deadlines of this stage
    answer_at: Mapped[moment | None]
    due_at: Mapped[moment | None]  # the one of them that comes next; null while none runs
    warn_at: Mapped[moment | None]  # when whoever handles it is reminded of it; null once that is done
    breached_at: Mapped[moment | None]  # that the one which came next has passed
    duplicate_of_id: Mapped[id_ref | None] = mapped_column(ForeignKey("case.id"))
    # Whether the index holds its words and marks as they are now; what changes either, says no.
    is_indexed: Mapped[bool] = mapped_column(Boolean(name="is_indexed"), default=False, server_default=false())


class Closure(Base):
    """How one stage of a case ended, by whom; and what the customer thought of it."""

    __tablename__ = "closure"
    __table_args__ = (
        CheckConstraint("stage in (1, 2)", name="stage"),
        CheckConstraint("rating between 1 and 5", name="rating"),
    )

    case_id: Mapped[id_ref] = mapped_column(ForeignKey("case.id"), primary_key=True)
    stage: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    at: Mapped[moment]
    by_id: Mapped[id_ref | None] = mapped_column(ForeignKey("person.id"))
    outcome: Mapped[str] = mapped_column(String(12))
    cause: Mapped[str] = mapped_column(String(12))
    remedy: Mapped[str] = mapped_column(String(12))
    note: Mapped[words] = mapped_column(default="")  # for the organisation
    is_settled: Mapped[bool | None] = mapped_column(Boolean(name="is_settled"))  # as the customer said
    rating: Mapped[int | None] = mapped_column(SmallInteger)  # of how it was handled
    rated_at: Mapped[moment | None]


class Reviewer(Base):
    """Someone who handled or closed the first stage: at the second, others decide."""

    __tablename__ = "reviewer"

    case_id: Mapped[id_ref] = mapped_column(ForeignKey("case.id"), primary_key=True)
    person_id: Mapped[id_ref] = mapped_column(ForeignKey("person.id"), primary_key=True)


class ChangedMeanwhile(Exception):
    """Someone else changed the case since it was shown; what they did stands, nothing was overwritten."""


class NotAllowed(Exception):
    """The viewer only reads along, or the person chosen cannot take the case: it concerns them, or cannot sign in."""


def change(session: Session, case: Case, version: int, **values: object) -> None:
    """Change the case, if it is still as it was at `version`. Raises ChangedMeanwhile."""
    changed = session.execute(
        update(Case)
        .where(Case.id == case.id, Case.version == version)
        .values(version=version + 1, is_indexed=False, **values),
        execution_options={"synchronize_session": "evaluate"},
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise ChangedMeanwhile


def hold(session: Session, *found: Case) -> None:
    """Keep others from changing these cases until this is done; they are as whoever did so last left them.

    Cases are held before their histories, and several at once in one order: so nobody waits in a ring.
    """
    session.scalars(_holding([case.id for case in found])).all()


def held(session: Session, case_id: int) -> Case:
    """As hold(), the case of that id."""
    return session.scalars(_holding([case_id])).one()


def _holding(ids: Sequence[int]) -> Select[Case]:
    found = select(Case).where(Case.id.in_(ids)).order_by(Case.id).with_for_update()
    return found.execution_options(populate_existing=True)


def reviewers(session: Session, case_id: int) -> set[int]:
    """Those who handled or closed the first stage of a case that was opened again."""
    return set(session.scalars(select(Reviewer.person_id).where(Reviewer.case_id == case_id)))
