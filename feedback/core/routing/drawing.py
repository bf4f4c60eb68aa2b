"""Drawing the picture that a decision is made from: as much of the organisation as the routes of a form can touch."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedback import clock
from feedback.core import absences
from feedback.core.absences import Away
from feedback.core.accounts import Account, at_work
from feedback.core.links import Offer
from feedback.core.organisation import Organisation
from feedback.core.people import Department, Management, Person, departments_above, places_above
from feedback.core.routing.model import Picture, Unit
from feedback.core.rules import About, Action, Does, Rule, is_about, keeping, named

MOST_KNOWN = 100  # members of a department who are recognised where a customer describes them by name
MOST_MAILED = 100  # members of a department who get a mail of its praise; all see it in their list


def picture_for(session: Session, offer: Offer) -> Picture:
    """The picture behind the form of one link, in a fixed number of statements."""
    topics = {chip.id: (chip.name, chip.department_id) for chip in offer.topics}
    homes = {tile.department_id for tile in offer.everyone} | {department_id for _, department_id in topics.values()}
    return picture(
        session,
        departments=homes | ({offer.department_id} if offer.department_id else set()),
        people={tile.id: (tile.name, tile.department_id) for tile in offer.everyone},
        topics=topics,
        places={offer.place_id} if offer.place_id else (),
    )


def picture(
    session: Session,
    *,
    departments: Iterable[int],
    people: Mapping[int, tuple[str, int]],
    topics: Mapping[int, tuple[str, int]],
    places: Collection[int] = (),
    trying: Sequence[Rule] | None = None,
) -> Picture:
    """The picture of those departments and all above them, with their managers and mailable members.

    The organisation's rules are in it with all they lead to; `trying` takes their place where given.
    """
    root = session.scalar(select(Department.id).where(Department.parent_id.is_(None)).order_by(Department.id).limit(1))
    said = keeping.standing(session) if trying is None else trying
    own = set(departments) | ({root} if root else set())
    wanted = own | named(said, Does.SEND, Does.INFORM)
    found = departments_above(session, wanted)
    managers, admins = _managers(session, found), _admins(session)
    members = _members(session, wanted & set(found))
    organisation = session.scalars(select(Organisation)).one()
    deciding = {*(m for them in managers.values() for m in them), *admins}
    hands = named(said, Does.HAND)
    away, covers = _away(session, deciding | hands, organisation)
    able = _able(session, hands | covers)
    return Picture(
        departments={d.id: Unit(d.id, d.name, d.parent_id, managers.get(d.id, ())) for d in found.values()},
        root=root,
        names={person_id: name for person_id, (name, _) in people.items()},
        people={person_id: home for person_id, (_, home) in people.items()},
        topics=topics,
        members=members,
        admins=admins,
        known_as=_known_as(session, deciding | hands | covers),
        working=_working(session, own & set(found)),
        outside_reader=organisation.outside_reader,
        mailable=_mailable(session, {*deciding, *people, *able, *(m for them in members.values() for m in them)}),
        rules=_workable(said, {d.id for d in found.values() if d.retired_at is None}, able),
        around=_around(session, places) if is_about(said, About.PLACE) else {},
        able=able,
        away=away,
    )


def _away(
    session: Session, people: Collection[int], organisation: Organisation
) -> tuple[Mapping[int, tuple[Away, ...]], set[int]]:
    """Who of `people` is away today or later, and all who stand in for them."""
    away = absences.away(session, people, clock.day(clock.now(), organisation.timezone))
    return away, {time.cover_id for times in away.values() for time in times if time.cover_id}


def _workable(rules: Sequence[Rule], departments: Collection[int], able: Collection[int]) -> tuple[Rule, ...]:
    """The rules without what names somebody who left or a department that is retired."""

    def can_be_done(action: Action) -> bool:
        if action.does == Does.HAND:
            return int(action.value) in able
        return action.does == Does.GRADE or int(action.value) in departments

    left = (replace(rule, actions=tuple(filter(can_be_done, rule.actions))) for rule in rules)
    return tuple(rule for rule in left if rule.actions)


def _around(session: Session, places: Collection[int]) -> dict[int, frozenset[int]]:
    """Each of `places` with all it lies within, itself included."""
    found = places_above(session, places)

    def climb(place_id: int | None) -> Iterator[int]:
        seen: set[int] = set()
        while place_id is not None and place_id in found and place_id not in seen:
            seen.add(place_id)
            yield place_id
            place_id = found[place_id].parent_id

    return {place_id: frozenset(climb(place_id)) for place_id in places}


def _able(session: Session, people: Collection[int]) -> frozenset[int]:
    if not people:
        return frozenset()
    return frozenset(session.scalars(at_work().where(Account.person_id.in_(people))))


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
    return tuple(session.scalars(at_work().where(Account.is_admin).order_by(Account.person_id)))


def _known_as(session: Session, people: Collection[int]) -> dict[int, tuple[str, str]]:
    rows = session.execute(select(Person.id, Person.name, Person.public_name).where(Person.id.in_(list(people))))
    return {person_id: (name, public_name) for person_id, name, public_name in rows}


def _working(session: Session, departments: Collection[int]) -> dict[int, dict[int, tuple[str, str]]]:
    """The names of those who work in each of the departments: they do not decide, but may come to."""
    place = func.row_number().over(partition_by=Person.department_id, order_by=Person.id).label("place")
    columns = (Person.department_id, Person.id, Person.name, Person.public_name)
    there = select(*columns, place).where(Person.department_id.in_(departments), Person.retired_at.is_(None)).subquery()
    rows = session.execute(select(*(there.c[column.key] for column in columns)).where(there.c.place <= MOST_KNOWN))
    found: dict[int, dict[int, tuple[str, str]]] = {}
    for department_id, person_id, name, public_name in rows:
        found.setdefault(department_id, {})[person_id] = (name, public_name)
    return found


def _mailable(session: Session, people: Iterable[int]) -> frozenset[int]:
    here = select(Person.id).where(Person.id.in_(list(people)), Person.retired_at.is_(None))
    return frozenset(session.scalars(here.where(Person.email.is_not(None))))
