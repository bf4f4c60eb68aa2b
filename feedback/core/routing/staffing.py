"""Who of those a case goes to is here on the day, and who stands in where nobody is."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from feedback.core.absences import Away
from feedback.core.routing.model import Picture, Purpose, Reason, Route, Unit


def absence_on(person_id: int, day: date, picture: Picture) -> Away | None:
    """The absence of that person on that day, None where they are here."""
    times = picture.away.get(person_id, ())
    return next((away for away in times if away.from_on <= day <= away.until_on), None)


def cover_of(person_id: int, day: date, concerned: frozenset[int], picture: Picture) -> int | None:
    """Who stands in for someone away: here, able to sign in, and free of conflict; None where nobody is."""
    seen = {person_id}
    away = absence_on(person_id, day, picture)
    while away and away.cover_id and away.cover_id not in seen:
        cover_id = away.cover_id
        if cover_id in concerned or cover_id not in picture.able:
            return None
        away = absence_on(cover_id, day, picture)
        if away is None:
            return cover_id
        seen.add(cover_id)
    return None


def staffed(
    route: Route, day: date | None, concerned: frozenset[int], above: Iterable[Unit], picture: Picture
) -> tuple[Route, int | None]:
    """The route told to those who are here, and who handles it in place of managers who are all away.

    The department stays as it is: its managers find everything when they are back. Where nobody stands in, the
    first of the units `above` with someone here is told too.
    """
    if day is None or not picture.away or route.purpose not in (Purpose.HANDLES, Purpose.HOLDS, Purpose.SEEKS):
        return route, None
    here = tuple(reader for reader in route.readers if not absence_on(reader, day, picture))
    if here or not route.readers:
        return replace(route, readers=here), None
    for reader in route.readers if route.purpose == Purpose.HANDLES else ():
        cover_id = cover_of(reader, day, concerned, picture)
        if cover_id is not None:
            why = _covered(reader, cover_id, picture)
            return replace(route, readers=(cover_id,), reasons=(*route.reasons, why)), cover_id
    found = _next_above(route, day, concerned, above, picture)
    return found or route, None


def _next_above(
    route: Route, day: date, concerned: frozenset[int], above: Iterable[Unit], picture: Picture
) -> Route | None:
    """The route told to those above too, who see what is below them and are here."""
    for unit in above:
        here = tuple(m for m in unit.managers if m not in concerned and not absence_on(m, day, picture))
        if here:
            why: Reason = ("all_away", {"department": picture.departments[route.department_id or unit.id].name})
            return replace(route, readers=(*route.readers, *here), reasons=(*route.reasons, why))
    return None


def handed(
    wishes: Sequence[tuple[int, Reason]], day: date | None, concerned: frozenset[int], picture: Picture
) -> tuple[int, tuple[Reason, ...]] | None:
    """The first of the people a rule wants to handle it who may and can, or who stands in for them, and why."""
    for person_id, reason in wishes:
        if person_id in concerned or person_id not in picture.able:
            continue
        if day is None or not absence_on(person_id, day, picture):
            return person_id, (reason,)
        cover_id = cover_of(person_id, day, concerned, picture)
        if cover_id is not None:
            return cover_id, (reason, _covered(person_id, cover_id, picture))
    return None


def _covered(person_id: int, cover_id: int, picture: Picture) -> Reason:
    return "covered", {"person": picture.known_as[person_id][0], "cover": picture.known_as[cover_id][0]}
