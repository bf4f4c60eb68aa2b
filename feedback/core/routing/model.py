"""The words of routing: what a route is, what it is decided from, and the rows that keep it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, SmallInteger, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback.core.absences import Away
from feedback.core.rules import Rule
from feedback.db import Base, id_ref

Reason = tuple[str, Mapping[str, str]]
NORMAL = 2  # how severe a case is that no rule speaks about


class Purpose(StrEnum):
    """What the receiver of a route is to do."""

    DELIVERS = "delivers"  # praise for this person or department
    TELLS = "tells"  # the manager hears of the praise too
    HOLDS = "holds"  # a compliment waits for a manager's look
    SEEKS = "seeks"  # a compliment waits for a manager to find the person whom the customer described
    HANDLES = "handles"  # this department answers the complaint
    INFORMS = "informs"  # another department's topic: it reads along
    KEEPS = "keeps"  # nobody free of conflict: kept, and said so


WAITING = frozenset({Purpose.HOLDS, Purpose.SEEKS})  # by these a letter is delivered to nobody yet


class RouteRow(Base):
    """One decision about one submission; its reasons are worded when they are shown."""

    __tablename__ = "route"
    __table_args__ = (
        Index(
            None,
            "department_id",
            "purpose",
            "submission_id",
            info={"serves": "cases a department handles or reads along"},
        ),
    )

    submission_id: Mapped[id_ref] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    purpose: Mapped[str] = mapped_column(String(8))
    department_id: Mapped[id_ref | None] = mapped_column(ForeignKey("department.id"))
    person_id: Mapped[id_ref | None] = mapped_column(ForeignKey("person.id"))
    address: Mapped[str | None] = mapped_column(String(320))
    reasons: Mapped[list[list[object]]] = mapped_column(JSON)


@dataclass(frozen=True, slots=True)
class Unit:
    """A department as routing sees it."""

    id: int
    name: str
    parent_id: int | None
    managers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """As much of the organisation as the routes of one form can touch."""

    departments: Mapping[int, Unit]
    root: int | None
    names: Mapping[int, str] = field(default_factory=dict)  # of the people below
    people: Mapping[int, int] = field(default_factory=dict)  # person to department
    topics: Mapping[int, tuple[str, int]] = field(default_factory=dict)  # topic to name and department
    members: Mapping[int, tuple[int, ...]] = field(default_factory=dict)  # department to who is mailed its praise
    admins: tuple[int, ...] = ()
    # Names and public names of those who decide or may have to act, and of those at work in a department.
    known_as: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    working: Mapping[int, Mapping[int, tuple[str, str]]] = field(default_factory=dict)
    outside_reader: str | None = None
    mailable: frozenset[int] = frozenset()
    rules: tuple[Rule, ...] = ()  # those that are on, with only such actions as can be taken
    around: Mapping[int, frozenset[int]] = field(default_factory=dict)  # place to itself and those it lies within
    able: frozenset[int] = frozenset()  # who may be handed a case: those with a sign-in whom rules or covers name
    away: Mapping[int, tuple[Away, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """What the submission was sent to: a person, a place with its department, or a department; and by which link."""

    person_id: int | None = None
    department_id: int | None = None
    place: str = ""  # its name, where the link points at one
    place_id: int | None = None
    link_id: int | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """This submission goes to X, because Y."""

    purpose: Purpose
    reasons: tuple[Reason, ...]
    department_id: int | None = None
    person_id: int | None = None
    address: str | None = None
    readers: tuple[int, ...] = ()  # who is told of it


@dataclass(frozen=True, slots=True)
class Decision:
    """All routes of one submission, the people for whom it does not exist, and how its case begins."""

    routes: tuple[Route, ...]
    concerned: frozenset[int] = frozenset()
    handler_id: int | None = None
    severity: int = NORMAL

    @property
    def department_id(self) -> int | None:
        """The department that answers, or that the praise is for."""
        main = (Purpose.HANDLES, Purpose.HOLDS, Purpose.SEEKS, Purpose.DELIVERS)
        return next((r.department_id for r in self.routes if r.purpose in main and r.department_id), None)


def row(submission_id: int, position: int, route: Route) -> RouteRow:
    """The row that keeps `route` in its place among those of its submission."""
    return RouteRow(
        submission_id=submission_id,
        position=position,
        purpose=route.purpose,
        department_id=route.department_id,
        person_id=route.person_id,
        address=route.address,
        reasons=[[name, dict(details)] for name, details in route.reasons],
    )


def routes_of(session: Session, submission_id: int) -> list[RouteRow]:
    """The routes of a submission as they were decided, in order."""
    statement = select(RouteRow).where(RouteRow.submission_id == submission_id).order_by(RouteRow.position)
    return list(session.scalars(statement))
