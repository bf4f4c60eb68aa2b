"""Who can take a case: people in the department that answers or below it, its managers and those above, admins.

Never whom it concerns, whom the customer described, or who decided it before. Whoever has it in hand keeps it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import case as sql_case
from sqlalchemy import or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from feedback.core.accounts import OPEN, Account
from feedback.core.cases.model import Case, Reviewer
from feedback.core.people import Department, Management, Person, departments_above, departments_below
from feedback.core.routing import recognised
from feedback.core.submissions import Concern, Submission

MOST_OFFERED = 200


@dataclass(frozen=True, slots=True)
class Candidates:
    """People who can take one or more of some cases, by name; `unable` says of each who can not take which."""

    people: Sequence[Person]
    unable: Mapping[int, frozenset[int]]

    def of(self, case_id: int) -> list[Person]:
        """Who can take that case."""
        return [person for person in self.people if case_id not in self.unable[person.id]]

    def of_all(self, case_ids: Sequence[int]) -> list[Person]:
        """Who can take every one of those cases."""
        return [person for person in self.people if self.unable[person.id].isdisjoint(case_ids)]


def candidates(session: Session, cases: Sequence[Case], *, only: int | None = None) -> Candidates:
    """Who could take which of the cases, or whether the one person `only` can; in a handful of statements."""
    if not cases:
        return Candidates((), {})
    ids, homes = [case.id for case in cases], {case.department_id for case in cases if case.department_id}
    ways = _ways_up(session, homes)
    people = _people(session, homes, set[int]().union(*ways.values()), {case.handler_id for case in cases}, only)
    near = _ways_up(session, {person.department_id for person, _ in people})
    managing = pairs(session, Management.department_id, Management.person_id, set[int]().union(*ways.values()))
    barred = pairs(session, Concern.submission_id, Concern.person_id, ids)
    barred |= pairs(session, Reviewer.case_id, Reviewer.person_id, [case.id for case in cases if case.stage > 1])
    known_as = {person.id: (person.name, person.public_name) for person, _ in people}
    notes = select(Submission.id, Submission.person_note).where(Submission.id.in_(ids), Submission.person_note != "")
    for case_id, note in session.execute(notes):
        barred |= {(case_id, person_id) for person_id in recognised(note, known_as)}
    unable = {
        person.id: frozenset(
            case.id
            for case in cases
            if (case.id, person.id) in barred
            or not (
                is_admin
                or case.department_id in near[person.department_id]
                or any(
                    (department_id, person.id) in managing for department_id in ways.get(case.department_id or 0, ())
                )
                or case.handler_id == person.id
            )
        )
        for person, is_admin in people
    }
    return Candidates([person for person, _ in people if len(unable[person.id]) < len(cases)], unable)


def _ways_up(session: Session, ids: Collection[int]) -> dict[int, set[int]]:
    """Of each of those departments: itself and all above it."""
    above: Mapping[int, Department] = departments_above(session, ids) if ids else {}
    found: dict[int, set[int]] = {}
    for start in ids:
        step: int | None = start
        way = found.setdefault(start, set())
        while step is not None and step not in way:
            way.add(step)
            step = above[step].parent_id
    return found


def _people(
    session: Session, homes: set[int], above: set[int], handlers: set[int | None], only: int | None
) -> Sequence[tuple[Person, bool]]:
    """Whoever can take some case of the departments `homes`, or has one in hand, and whether they are an admin.

    By name; of more than are offered, those who decide or have one in hand are among them.
    """
    managers = select(Management.person_id).where(Management.department_id.in_(above))
    by_office = or_(Person.id.in_(managers), Account.is_admin, Person.id.in_(handlers - {None}))
    below = departments_below(homes)
    statement = (
        select(Person, Account.is_admin)
        .join(Account, Account.person_id == Person.id)
        .where(*OPEN)
        .where(or_(Person.department_id.in_(select(below.c.id)), by_office))
    )
    if only is not None:
        statement = statement.where(Person.id == only)
    first = statement.order_by(sql_case((by_office, 0), else_=1), Person.name, Person.id).limit(MOST_OFFERED)
    return sorted(
        ((person, is_admin) for person, is_admin in session.execute(first)), key=lambda row: (row[0].name, row[0].id)
    )


def pairs(
    session: Session, first: InstrumentedAttribute[int], second: InstrumentedAttribute[int], among: Collection[int]
) -> set[tuple[int, int]]:
    """Both columns of each row whose first is `among` those."""
    if not among:
        return set()
    return {(a, b) for a, b in session.execute(select(first, second).where(first.in_(among)))}
