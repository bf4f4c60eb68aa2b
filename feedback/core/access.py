"""Who may see and do what: permissions named in one list, and the reach of a signed-in person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from feedback.core.accounts import TAKING_ALONG, Account
from feedback.core.people import Department, Management, Person, departments_above, departments_below

T = TypeVar("T", Department, Person)


class Permission(StrEnum):
    """What a route may ask of the person who calls it."""

    TAKE_PRAISE = "take praise along"
    SEE_RECORD = "see and challenge what is kept about oneself"
    KEEP_ACCOUNT = "keep one's account"
    READ_PRAISE = "read praise"
    MANAGE_PRAISE = "manage praise"
    WORK_ON_CASES = "work on cases"
    MANAGE_LINKS = "manage links"
    MANAGE_PEOPLE = "manage people"
    MANAGE_SURVEYS = "manage surveys"
    ADMINISTER = "administer"


GONE = frozenset({Permission.TAKE_PRAISE, Permission.SEE_RECORD})
EMPLOYEE = GONE | frozenset({Permission.KEEP_ACCOUNT, Permission.READ_PRAISE, Permission.WORK_ON_CASES})
MANAGER = EMPLOYEE | {
    Permission.MANAGE_PRAISE,
    Permission.MANAGE_LINKS,
    Permission.MANAGE_PEOPLE,
    Permission.MANAGE_SURVEYS,
}
ADMIN = MANAGER | {Permission.ADMINISTER}


@dataclass(frozen=True, slots=True)
class Viewer:
    """One signed-in person and how far they see; every list and look-up of a noun begins with it."""

    person_id: int
    name: str
    department_id: int
    own_departments: frozenset[int]  # their own and those above: praise for these is theirs too
    managed: frozenset[int]  # those they manage and all below
    is_admin: bool
    directs: bool = False  # they manage the root, and so every department there is
    until: datetime | None = None  # when the sign-in of someone who has left closes; None while they work here

    @property
    def manages(self) -> bool:
        """Whether any department is theirs to manage."""
        return bool(self.managed)

    @property
    def sees_everything(self) -> bool:
        """Whether departments set no bound for them; rule 2 still does."""
        return self.is_admin or self.directs

    def may(self, permission: Permission) -> bool:
        """Whether their role includes `permission`."""
        if self.until:
            return permission in GONE
        return permission in (ADMIN if self.is_admin else MANAGER if self.manages else EMPLOYEE)


def viewer_of(session: Session, person: Person, account: Account) -> Viewer:
    """The viewer that `person` is at this moment, with their departments looked up once.

    Who has left reaches nothing but their own letters and what is kept about them, whatever they managed.
    """
    if person.retired_at:
        return _gone(person, person.retired_at)
    managed = select(Management.department_id).where(Management.person_id == person.id)
    managing = list(session.scalars(managed))
    above = departments_above(session, [person.department_id])
    return Viewer(
        person_id=person.id,
        name=person.name,
        department_id=person.department_id,
        own_departments=frozenset(above),
        managed=departments_below_managed(session, managing),
        is_admin=account.is_admin,
        directs=any(above[id].parent_id is None for id in managing if id in above),
    )


def _gone(person: Person, left_at: datetime) -> Viewer:
    return Viewer(
        person_id=person.id,
        name=person.name,
        department_id=person.department_id,
        own_departments=frozenset(),
        managed=frozenset(),
        is_admin=False,
        until=left_at + TAKING_ALONG,
    )


def departments_below_managed(session: Session, managed: list[int]) -> frozenset[int]:
    """The departments `managed` and all below them."""
    return frozenset(session.scalars(_with_all_below(), {"ids": managed})) if managed else frozenset()


@cache
def _with_all_below() -> Select[int]:
    """Kept, because writing it anew takes longer than its answer, and every request of a manager asks it."""
    tree = departments_below(bindparam("ids", expanding=True))
    return select(Department.id).where(Department.id.in_(select(tree.c.id)))


def departments_for(session: Session, viewer: Viewer, *, most: int = 100) -> Sequence[Department]:
    """The departments a viewer manages (all, for an admin), by name."""
    statement = _managed(select(Department), Department.id, viewer)
    return session.scalars(statement.order_by(Department.name, Department.id).limit(most)).all()


def department_for(session: Session, viewer: Viewer, department_id: int) -> Department | None:
    """That department, if it is the viewer's to manage."""
    return session.scalar(_managed(select(Department), Department.id, viewer).where(Department.id == department_id))


def people_in(session: Session, viewer: Viewer, department_id: int, *, most: int = 100) -> Sequence[Person]:
    """The people of a department, if it is the viewer's to manage, by name."""
    statement = _managed(select(Person), Person.department_id, viewer).where(Person.department_id == department_id)
    return session.scalars(statement.order_by(Person.name, Person.id).limit(most)).all()


def person_for(session: Session, viewer: Viewer, person_id: int) -> Person | None:
    """That person, if their department is the viewer's to manage."""
    return session.scalar(_managed(select(Person), Person.department_id, viewer).where(Person.id == person_id))


def keeps(viewer: Viewer) -> ColumnElement[bool]:
    """Of persons: whether what is kept of them is the viewer's to change.

    Not so of admins, of those who decide beyond the viewer's departments, and of those to whom a complaint about the
    viewer climbs: else a manager could have their mails or their way in sent to an address of their own.
    """
    if viewer.is_admin:
        return true()
    admins = select(Account.person_id).where(Account.is_admin)
    above = select(Management.person_id).where(Management.department_id.in_(viewer.own_departments))
    others = [Person.id.not_in(admins), Person.id.not_in(above)]
    if not viewer.sees_everything:
        beyond = select(Management.person_id).where(Management.department_id.not_in(viewer.managed))
        others += [Person.department_id.in_(viewer.managed), Person.id.not_in(beyond)]
    return or_(Person.id == viewer.person_id, and_(*others))


def _managed(statement: Select[T], department: InstrumentedAttribute[int], viewer: Viewer) -> Select[T]:
    return statement if viewer.sees_everything else statement.where(department.in_(viewer.managed))
