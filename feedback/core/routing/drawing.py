"""Drawing the picture that a decision is made from: as much of the organisation as the routes of a form can touch."""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback.core.accounts import Account
from feedback.core.links import Offer
from feedback.core.organisation import Organisation
from feedback.core.people import Department, Management, Person, departments_above
from feedback.core.routing.model import Picture, Unit

MOST_MAILED = 100  # members of a department who get a mail of its praise; all see it in their list


def picture_for(session: Session, offer: Offer) -> Picture:
    """The picture behind the form of one link, in a fixed number of statements."""
    tiles = (*offer.people, offer.person) if offer.person else offer.people
    topics = {chip.id: (chip.name, chip.department_id) for chip in offer.topics}
    homes = {tile.department_id for tile in tiles} | {department_id for _, department_id in topics.values()}
    return picture(
        session,
        departments=homes | ({offer.department_id} if offer.department_id else set()),
        people={tile.id: (tile.name, tile.department_id) for tile in tiles},
        topics=topics,
    )


def picture(
    session: Session,
    *,
    departments: Iterable[int],
    people: Mapping[int, tuple[str, int]],
    topics: Mapping[int, tuple[str, int]],
) -> Picture:
    """The picture of those departments and all above them, with their managers and mailable members."""
    root = session.scalar(select(Department.id).where(Department.parent_id.is_(None)).order_by(Department.id).limit(1))
    wanted = set(departments) | ({root} if root else set())
    found = departments_above(session, wanted)
    managers = _managers(session, found)
    members = _members(session, wanted)
    admins = _admins(session)
    organisation = session.scalars(select(Organisation)).one()
    told = {m for them in (*managers.values(), *members.values()) for m in them} | set(people) | set(admins)
    return Picture(
        departments={d.id: Unit(d.id, d.name, d.parent_id, managers.get(d.id, ())) for d in found.values()},
        root=root,
        names={person_id: name for person_id, (name, _) in people.items()},
        people={person_id: home for person_id, (_, home) in people.items()},
        topics=topics,
        members=members,
        admins=admins,
        known_as=_known_as(session, {*(m for them in managers.values() for m in them), *admins}),
        outside_reader=organisation.outside_reader,
        mailable=_mailable(session, told),
    )


def _managers(session: Session, departments: Iterable[int]) -> dict[int, tuple[int, ...]]:
    rows = session.execute(
        select(Management.department_id, Management.person_id)
        .join(Person, Person.id == Management.person_id)
        .where(Management.department_id.in_(list(departments)), Person.retired_at.is_(None))
        .order_by(Management.person_id)
    )
    found: dict[int, tuple[int, ...]] = {}
    for department_id, person_id in rows:
        found[department_id] = (*found.get(department_id, ()), person_id)
    return found


def _members(session: Session, departments: Iterable[int]) -> dict[int, tuple[int, ...]]:
    rows = session.execute(
        select(Person.department_id, Person.id)
        .where(Person.department_id.in_(list(departments)))
        .where(Person.retired_at.is_(None), Person.email.is_not(None))
        .order_by(Person.id)
    )
    found: dict[int, tuple[int, ...]] = {}
    for department_id, person_id in rows:
        if len(found.get(department_id, ())) < MOST_MAILED:
            found[department_id] = (*found.get(department_id, ()), person_id)
    return found


def _admins(session: Session) -> tuple[int, ...]:
    open_admins = (
        select(Account.person_id)
        .join(Person, Person.id == Account.person_id)
        .where(Account.is_admin, Account.closed_at.is_(None), Person.retired_at.is_(None))
    )
    return tuple(session.scalars(open_admins.order_by(Account.person_id)))


def _known_as(session: Session, people: Collection[int]) -> dict[int, tuple[str, str]]:
    rows = session.execute(select(Person.id, Person.name, Person.public_name).where(Person.id.in_(list(people))))
    return {person_id: (name, public_name) for person_id, name, public_name in rows}


def _mailable(session: Session, people: Iterable[int]) -> frozenset[int]:
    here = select(Person.id).where(Person.id.in_(list(people)), Person.retired_at.is_(None))
    return frozenset(session.scalars(here.where(Person.email.is_not(None))))
