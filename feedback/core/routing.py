"""Where a submission goes, and why: a pure decision over a picture of the organisation."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import cast
from unicodedata import category, combining, normalize

from sqlalchemy import JSON, ForeignKey, Index, SmallInteger, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback.core.accounts import Account
from feedback.core.links import Offer
from feedback.core.organisation import Organisation
from feedback.core.people import Department, Management, Person, departments_above, name_parts
from feedback.core.submissions import Draft, Kind
from feedback.db import Base, id_ref

MOST_MAILED = 100  # members of a department who get a mail of its praise; all see it in their list

Reason = tuple[str, Mapping[str, str]]


class Purpose(StrEnum):
    """What the receiver of a route is to do."""

    DELIVERS = "delivers"  # praise for this person or department
    TELLS = "tells"  # the manager hears of the praise too
    HOLDS = "holds"  # a compliment waits for a manager's look
    HANDLES = "handles"  # this department answers the complaint
    INFORMS = "informs"  # another department's topic: it reads along
    KEEPS = "keeps"  # nobody free of conflict: kept, and said so


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
    known_as: Mapping[int, tuple[str, str]] = field(default_factory=dict)  # managers and admins: name, public name
    outside_reader: str | None = None
    mailable: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Target:
    """What the submission was sent to: a person, a place with its department, or a department."""

    person_id: int | None = None
    department_id: int | None = None
    place: str = ""


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
    """All routes of one submission, and the people for whom it does not exist."""

    routes: tuple[Route, ...]
    concerned: frozenset[int] = frozenset()

    @property
    def department_id(self) -> int | None:
        """The department that answers, or that the praise is for."""
        main = (Purpose.HANDLES, Purpose.HOLDS, Purpose.DELIVERS)
        return next((r.department_id for r in self.routes if r.purpose in main and r.department_id), None)


def decide(draft: Draft, target: Target, picture: Picture) -> Decision:
    """The routes of `draft`; the first of them is the one that matters most."""
    person_id = draft.person_id or target.person_id
    if draft.kind == Kind.COMPLIMENT:
        return Decision(_praise(draft, person_id, target, picture))
    start, reason = _start(person_id, draft.topic_ids, target, picture)
    concerned = recognised(draft.person_note, picture.known_as) | ({person_id} if person_id else set())
    if draft.about_management:
        concerned |= _management(start, picture) | _management(_here(target, picture), picture)
    first = _climb(start, reason, frozenset(concerned), picture)
    if first.purpose == Purpose.KEEPS:  # then it is said that nobody reads it
        return Decision((first,), frozenset(concerned))
    others = _informed(draft, {start, first.department_id}, frozenset(concerned), picture)
    return Decision((first, *others), frozenset(concerned))


def passed_on(held: RouteRow, person_id: int | None, topic_ids: Iterable[int], picture: Picture) -> tuple[Route, ...]:
    """The routes of praise that waited by `held` for a manager: those it would have taken at once."""
    name, details = held.reasons[1]  # after why it waited, why it goes where it goes
    reason = (str(name), cast(Mapping[str, str], details))
    return tuple(_delivered(held.department_id, reason, person_id, topic_ids, picture))


def _praise(draft: Draft, person_id: int | None, target: Target, picture: Picture) -> tuple[Route, ...]:
    """To whom praise goes at once; or, where it is held, the manager nearest to where it would go first."""
    start, reason = _start(person_id, (), target, picture)
    if not draft.is_held:
        return tuple(_delivered(start, reason, person_id, draft.topic_ids, picture))
    first = _climb(start, reason, frozenset({person_id} if person_id else ()), picture)
    return (Route(Purpose.HOLDS, (("held", {}), *first.reasons), start, address=first.address, readers=first.readers),)


def _delivered(
    start: int | None, reason: Reason, person_id: int | None, topic_ids: Iterable[int], picture: Picture
) -> Iterator[Route]:
    """Praise for the person named, else for the department `start`; the topics' departments earned it too."""
    if start and person_id and person_id in picture.people:
        thanked: Reason = ("praised_person", {"person": picture.names[person_id]})
        yield Route(Purpose.DELIVERS, (thanked,), start, person_id, readers=(person_id,))
        above = _climb(start, thanked, frozenset({person_id}), picture)
        if above.department_id is not None and above.reasons[-1][0] != "admin":
            told: Reason = ("their_manager", {"department": picture.departments[above.department_id].name})
            yield Route(Purpose.TELLS, (told,), above.department_id, readers=above.readers)
    elif start:
        yield _department_praise(start, reason, picture)
    reached = {start}
    for topic_id in topic_ids:
        name, department_id = picture.topics[topic_id]
        if department_id not in reached:
            reached.add(department_id)
            owned: Reason = ("topic", {"topic": name, "department": picture.departments[department_id].name})
            yield _department_praise(department_id, owned, picture)


def _department_praise(department_id: int, reason: Reason, picture: Picture) -> Route:
    readers = {*picture.members.get(department_id, ()), *picture.departments[department_id].managers}
    return Route(Purpose.DELIVERS, (reason,), department_id, readers=tuple(sorted(readers)))


def _start(
    person_id: int | None, topic_ids: Sequence[int], target: Target, picture: Picture
) -> tuple[int | None, Reason]:
    """The department it begins at: the named person's, else the first topic's, else the link's target's."""
    home = picture.people.get(person_id or 0)
    if person_id and home:
        names = {"person": picture.names[person_id], "department": picture.departments[home].name}
        return home, ("named_person", names)
    if topic_ids:
        name, department_id = picture.topics[topic_ids[0]]
        return department_id, ("topic", {"topic": name, "department": picture.departments[department_id].name})
    start = target.department_id or picture.root
    return start, _target_reason(target, start, picture)


def _target_reason(target: Target, department_id: int | None, picture: Picture) -> Reason:
    if department_id is None:
        return ("no_department", {})
    name = picture.departments[department_id].name
    if target.place and target.department_id:
        return ("place", {"place": target.place, "department": name})
    return ("department", {"department": name}) if target.department_id else ("root", {"department": name})


def _climb(start: int | None, reason: Reason, concerned: frozenset[int], picture: Picture) -> Route:
    """The first department from `start` upwards with a manager free of conflict; then admins; then the end."""
    reasons = [reason]
    for unit in _upwards(start, picture):
        readers = tuple(m for m in unit.managers if m not in concerned)
        if readers:
            return Route(Purpose.HANDLES, tuple(reasons), unit.id, readers=readers)
        why = "managers_concerned" if unit.managers else "no_manager"
        reasons.append((why, {"department": unit.name}))
    admins = tuple(a for a in picture.admins if a not in concerned)
    if admins:
        # Where nobody manages, nobody was passed over, and the department keeps its case.
        is_unmanaged = all(why == "no_manager" for why, _ in reasons[1:])
        return Route(Purpose.HANDLES, (*reasons, ("admin", {})), start if is_unmanaged else None, readers=admins)
    if picture.outside_reader:
        return Route(Purpose.HANDLES, (*reasons, ("outside_reader", {})), None, address=picture.outside_reader)
    return Route(Purpose.KEEPS, (*reasons, ("nobody_free", {})), None)


def _here(target: Target, picture: Picture) -> int | None:
    """The department that the form itself speaks for, whatever is chosen in it."""
    return picture.people.get(target.person_id or 0) or target.department_id or picture.root


def _management(start: int | None, picture: Picture) -> set[int]:
    """The managers of `start`; a team without its own has those of the first above it, and at the end the admins."""
    managers = (set(unit.managers) for unit in _upwards(start, picture) if unit.managers)
    return next(managers, set(picture.admins))


def recognised(note: str, known_as: Mapping[int, tuple[str, str]]) -> set[int]:
    """Whom of `known_as` a description names: by all of their name, or by nothing but a part of it."""
    said, run_together = name_parts(note), _run_together(note)
    if not said:
        return set()
    return {person_id for person_id, names in known_as.items() if _is_named(said, run_together, *names)}


def _is_named(said: frozenset[str], run_together: str, name: str, public_name: str) -> bool:
    full, public = name_parts(name), name_parts(public_name)
    if said <= full | public:
        return True
    wholes = [
        parts for parts in (full, public) if parts == full or len(parts) > 1
    ]  # "Will" alone is a word like others
    if any(parts and parts <= said for parts in wholes):
        return True
    # Some scripts put no spaces between words, some people none into names.
    is_telling = len(full) > 1 or (len(name) > 1 and all(category(sign) == "Lo" for sign in name))
    return is_telling and _run_together(name) in run_together


def _run_together(text: str) -> str:
    plain = "".join(sign for sign in normalize("NFKD", text) if not combining(sign))
    return "".join(sign for sign in plain.casefold() if sign.isalnum())


def _upwards(start: int | None, picture: Picture) -> Iterator[Unit]:
    seen: set[int] = set()
    while start is not None and start not in seen and (unit := picture.departments.get(start)):
        seen.add(start)
        yield unit
        start = unit.parent_id


def _informed(draft: Draft, already: set[int | None], concerned: frozenset[int], picture: Picture) -> Iterator[Route]:
    """The departments of other topics read along, or the first above with managers; not where all are concerned."""
    for topic_id in draft.topic_ids:
        name, department_id = picture.topics[topic_id]
        reasons: list[Reason] = [("topic", {"topic": name, "department": picture.departments[department_id].name})]
        for unit in _upwards(department_id, picture):
            if unit.id in already:
                break
            already.add(unit.id)
            if unit.managers:
                if readers := tuple(m for m in unit.managers if m not in concerned):
                    yield Route(Purpose.INFORMS, tuple(reasons), unit.id, readers=readers)
                break
            reasons.append(("no_manager", {"department": unit.name}))


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
