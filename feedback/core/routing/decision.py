"""The decision itself: a pure function from what was said and a picture of the organisation to routes with reasons."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import cast
from unicodedata import category

from feedback.core.people import name_parts, plain
from feedback.core.routing import ruling, staffing
from feedback.core.routing.model import Decision, Picture, Purpose, Reason, Route, RouteRow, Target, Unit
from feedback.core.rules import Does, Rule
from feedback.core.submissions import SURVEY, Draft, Kind

# Reasons of a route on which nobody was passed over because of a conflict of interest.
PLAIN = frozenset(
    {"named_person", "topic", "place", "department", "root", "rule_sends", "rule_grades", "grave_word", "no_manager"}
)


def decide(
    draft: Draft,
    target: Target,
    picture: Picture,
    local: datetime | None = None,
    *,
    concerned: frozenset[int] | None = None,
    is_history: bool = False,
) -> Decision:
    """The routes of `draft`; the first of them is the one that matters most.

    `local` is the moment where the organisation's clocks hang; without it nobody is away and no time of day is known.
    `concerned` are those whom it is known to concern, where it was kept before; None where that is to be found out.
    Nobody is asked to find the person whom praise describes that `is_history`.
    """
    if draft.kind == SURVEY:  # answers are counted; nobody handles them
        return Decision(())
    person_id = draft.person_id or target.person_id
    start, reason = _start(draft, target, picture)
    fitted = _fitted(draft, target, start, picture, local)
    if draft.kind == Kind.COMPLIMENT:
        is_described = bool(draft.person_note) and not is_history
        return Decision(_praise(draft, person_id, (start, reason), fitted, picture, local, is_described=is_described))
    if concerned is None:
        concerned = _concerned(draft, person_id, start, target, picture)
    return _case(draft, concerned, ruling.sent(fitted, picture) or (start, reason), fitted, picture, local)


def _fitted(
    draft: Draft, target: Target, start: int | None, picture: Picture, local: datetime | None
) -> tuple[Rule, ...]:
    above = [unit.id for unit in _upwards(start, picture)] if picture.rules else []
    return ruling.fitting(draft, target, above, picture, local)


def _concerned(
    draft: Draft, person_id: int | None, start: int | None, target: Target, picture: Picture
) -> frozenset[int]:
    """Whom a complaint or suggestion concerns: who is named, who is described, and the management where it is that."""
    found = recognised(draft.person_note, picture.known_as)
    for department_id in _reached(draft, start, target, picture) if draft.person_note else ():
        found |= recognised(draft.person_note, picture.working.get(department_id, {}))
    if person_id:
        found.add(person_id)
    if draft.about_management:
        found |= _management(start, picture) | _management(_here(target, picture), picture)
    return frozenset(found)


def _reached(draft: Draft, start: int | None, target: Target, picture: Picture) -> set[int]:
    """The departments whose managers may read it, now or when others manage them, and those above."""
    beginnings = {start, _here(target, picture), *(picture.topics[topic_id][1] for topic_id in draft.topic_ids)}
    return {unit.id for beginning in beginnings for unit in _upwards(beginning, picture)}


def _case(
    draft: Draft,
    concerned: frozenset[int],
    beginning: tuple[int | None, Reason],
    fitted: Sequence[Rule],
    picture: Picture,
    local: datetime | None,
) -> Decision:
    """Who answers a complaint or suggestion that begins at a department, who handles it, and who reads along."""
    start, _ = beginning
    first = _climb(*beginning, concerned, picture)
    if first.purpose == Purpose.KEEPS:  # then it is said that nobody reads it
        return Decision((first,), concerned)
    severity, graded = ruling.graded(fitted, draft.message)
    first = replace(first, reasons=(*first.reasons, *graded))
    first, handler_id = _handled(first, fitted, concerned, picture, local)
    others = _informed(draft, fitted, {start, first.department_id}, concerned, picture)
    return Decision((first, *others), concerned, handler_id, severity)


def _handled(
    first: Route, fitted: Sequence[Rule], concerned: frozenset[int], picture: Picture, local: datetime | None
) -> tuple[Route, int | None]:
    """The route told to those who are here, and who handles it: whom a rule names, or who stands in.

    What climbed past a conflict is for those it climbed to alone.
    """
    day = local.date() if local else None
    if first.department_id is not None and all(why in PLAIN for why, _ in first.reasons):
        wishes: list[tuple[int, Reason]] = [
            (int(value), ("rule_hands", {"person": picture.known_as[int(value)][0], "rule": rule.told}))
            for value, rule in ruling.asked(fitted, Does.HAND)
        ]
        found = staffing.handed(wishes, day, concerned, picture)
        if found:
            handler_id, reasons = found
            readers = tuple(dict.fromkeys((handler_id, *first.readers)))
            return replace(first, readers=readers, reasons=(*first.reasons, *reasons)), handler_id
    above = _above(first.department_id, picture)
    return staffing.staffed(first, day, concerned, above, picture)


def fitting(draft: Draft, target: Target, picture: Picture, local: datetime) -> tuple[Rule, ...]:
    """The rules of the picture that fit `draft`, in their order."""
    start, _ = _start(draft, target, picture)
    return _fitted(draft, target, start, picture, local)


def passed_on(held: RouteRow, person_id: int | None, topic_ids: Iterable[int], picture: Picture) -> tuple[Route, ...]:
    """The routes of praise that waited by `held` for a manager: those it would have taken at once."""
    name, details = held.reasons[1]  # after why it waited, why it goes where it goes
    reason = (str(name), cast(Mapping[str, str], details))
    return tuple(delivered(held.department_id, reason, person_id, topic_ids, picture))


def _praise(
    draft: Draft,
    person_id: int | None,
    beginning: tuple[int | None, Reason],
    fitted: Sequence[Rule],
    picture: Picture,
    local: datetime | None,
    *,
    is_described: bool,
) -> tuple[Route, ...]:
    """To whom praise goes at once; or, where it waits, the manager nearest to where it would go first.

    It waits where it is held, else where it is for somebody described. A rule never takes praise from the person it
    is for.
    """
    start, reason = beginning if person_id else ruling.sent(fitted, picture) or beginning
    why, day = _why_held(draft), local.date() if local else None
    if why is None:
        if is_described and not person_id:
            routes = seeking(start, reason, draft.topic_ids, picture, day)
        else:
            routes = tuple(delivered(start, reason, person_id, draft.topic_ids, picture))
        return (*routes, *_also_praised(fitted, {route.department_id for route in routes}, picture))
    concerned = frozenset({person_id} if person_id else ())
    first = _climb(start, reason, concerned, picture)
    held = Route(Purpose.HOLDS, (why, *first.reasons), start, address=first.address, readers=first.readers)
    above = _above(first.department_id, picture)
    told, _ = staffing.staffed(held, day, concerned, above, picture)
    return (told,)


def seeking(
    start: int | None, reason: Reason, topic_ids: Iterable[int], picture: Picture, day: date | None
) -> tuple[Route, ...]:
    """The routes of praise for somebody described: first the manager who is to find them, on that `day`.

    The departments of its topics have it at once. So has the whole department where nobody inside could find anyone.
    """
    at_once = tuple(delivered(start, reason, None, topic_ids, picture))
    waits = sought(start, reason, picture, day)
    return (waits, *(route for route in at_once if route.department_id != start)) if waits else at_once


def sought(start: int | None, reason: Reason, picture: Picture, day: date | None) -> Route | None:
    """The route by which praise waits until the nearest manager says whom it describes; None where nobody is there."""
    first = _climb(start, reason, frozenset(), picture)
    if start is None or not first.readers:
        return None
    waits = Route(Purpose.SEEKS, (("described", {}), *first.reasons), start, readers=first.readers)
    above = _above(first.department_id, picture)
    return staffing.staffed(waits, day, frozenset(), above, picture)[0]


def _why_held(draft: Draft) -> Reason | None:
    """Why a manager reads praise before anyone else; None where nothing is against it."""
    if look := draft.abuse:
        return f"looks_like_{look}", {}
    return ("held", {}) if draft.is_held else None


def _also_praised(fitted: Sequence[Rule], already: set[int | None], picture: Picture) -> Iterator[Route]:
    for department_id, reason in ruling.informed(fitted, picture):
        if department_id not in already:
            already.add(department_id)
            yield _department_praise(department_id, reason, picture)


def delivered(
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
        department_id, owned = _owner(topic_id, picture)
        if department_id not in reached:
            reached.add(department_id)
            yield _department_praise(department_id, owned, picture)


def _department_praise(department_id: int, reason: Reason, picture: Picture) -> Route:
    readers = {*picture.members.get(department_id, ()), *picture.departments[department_id].managers}
    return Route(Purpose.DELIVERS, (reason,), department_id, readers=tuple(sorted(readers)))


def _start(draft: Draft, target: Target, picture: Picture) -> tuple[int | None, Reason]:
    """The department it begins at: the named person's, else a complaint's first topic's, else the link's target's."""
    person_id = draft.person_id or target.person_id
    home = picture.people.get(person_id or 0)
    if person_id and home:
        names = {"person": picture.names[person_id], "department": picture.departments[home].name}
        return home, ("named_person", names)
    if draft.topic_ids and draft.kind != Kind.COMPLIMENT:
        return _owner(draft.topic_ids[0], picture)
    start = target.department_id or picture.root
    return start, _target_reason(target, start, picture)


def _owner(topic_id: int, picture: Picture) -> tuple[int, Reason]:
    """The department whose topic it is, and that as a reason."""
    name, department_id = picture.topics[topic_id]
    return department_id, ("topic", {"topic": name, "department": picture.departments[department_id].name})


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
    return "".join(sign for sign in plain(text) if sign.isalnum())


def _upwards(start: int | None, picture: Picture) -> Iterator[Unit]:
    seen: set[int] = set()
    while start is not None and start not in seen and (unit := picture.departments.get(start)):
        seen.add(start)
        yield unit
        start = unit.parent_id


def _above(department_id: int | None, picture: Picture) -> list[Unit]:
    return [*_upwards(department_id, picture)][1:]


def _informed(
    draft: Draft,
    fitted: Sequence[Rule],
    already: set[int | None],
    concerned: frozenset[int],
    picture: Picture,
) -> Iterator[Route]:
    """The departments of other topics and of rules read along, or the first above with managers.

    Nobody does where all of them are concerned.
    """
    owners = (_owner(topic_id, picture) for topic_id in draft.topic_ids)
    for department_id, reason in (*owners, *ruling.informed(fitted, picture)):
        reasons = [reason]
        for unit in _upwards(department_id, picture):
            if unit.id in already:
                break
            already.add(unit.id)
            if unit.managers:
                if readers := tuple(m for m in unit.managers if m not in concerned):
                    yield Route(Purpose.INFORMS, tuple(reasons), unit.id, readers=readers)
                break
            reasons.append(("no_manager", {"department": unit.name}))
