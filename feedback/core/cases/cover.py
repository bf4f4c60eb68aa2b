"""Cases in somebody's hands because somebody else is away: for whom, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback.core.absences import Absence
from feedback.core.cases.model import Case
from feedback.core.people import Person
from feedback.core.routing import RouteRow


@dataclass(frozen=True, slots=True)
class StandsIn:
    """For whom a case is handled, and the last day they are away."""

    name: str
    until_on: date


def standing_in(session: Session, cases: Sequence[Case], today: date) -> dict[int, StandsIn]:
    """Of each case that went to a stand-in for someone who is still away: for whom.

    While nobody's stand-in handles any of them this is one small statement.
    """
    handlers = {case.handler_id for case in cases if case.handler_id is not None}
    if not handlers:
        return {}
    away = (
        select(Absence.cover_id, Person.name, Absence.until_on)
        .join(Person, Person.id == Absence.person_id)
        .where(Absence.cover_id.in_(handlers), Absence.from_on <= today, Absence.until_on >= today)
    )
    covered = {(cover_id, name): until_on for cover_id, name, until_on in session.execute(away)}
    covering = {cover_id for cover_id, _name in covered}
    taken = {case.id: case.handler_id for case in cases if case.handler_id in covering}
    if not taken:
        return {}
    routes = session.scalars(select(RouteRow).where(RouteRow.submission_id.in_(taken)))
    told = ((route.submission_id, name) for route in routes for name in _covered(route))
    return {
        case_id: StandsIn(name, covered[taken[case_id], name])
        for case_id, name in told
        if (taken[case_id], name) in covered
    }


def _covered(route: RouteRow) -> list[str]:
    """For whom somebody else stood in, as the reasons of the route say."""
    return [details["person"] for why, details in route.reasons if why == "covered" and isinstance(details, dict)]
