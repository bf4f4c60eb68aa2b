"""The decision itself: a pure function from what was said and a picture of the organisation to routes with reasons."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast
from unicodedata import category, combining, normalize

from feedback.core.people import name_parts
from feedback.core.routing.model import Decision, Picture, Purpose, Reason, Route, RouteRow, Target, Unit
from feedback.core.submissions import Draft, Kind


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
