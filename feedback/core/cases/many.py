"""Several cases at once: who could take which of them, and giving them over."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import case as sql_case
from sqlalchemy import or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from feedback.core import history
from feedback.core.access import Viewer
from feedback.core.accounts import OPEN, Account
from feedback.core.cases.model import Case, Reviewer, Status
from feedback.core.cases.reach import visible_to
from feedback.core.cases.telling import tell_each
from feedback.core.notices import About
from feedback.core.people import Management, Person, departments_above, departments_below
from feedback.core.routing import recognised
from feedback.core.submissions import Concern, Submission

MOST_OFFERED = 200  # as of one case


class Refusal(StrEnum):
    """Why a case was not given over; it says nothing of whom the case concerns."""

    GONE = "gone"  # not there for the viewer, or not at all: nobody can tell which
    READS_ALONG = "reads_along"
    CHANGED = "changed"
    CANNOT = "cannot"  # the person chosen cannot take it


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


def workable(session: Session, viewer: Viewer, cases: Sequence[Case]) -> frozenset[int]:
    """Those of some visible cases that the viewer may give over, as may_work_on() says of each."""
    decided = _pairs(session, Reviewer.case_id, Reviewer.person_id, [case.id for case in cases if case.stage > 1])
    return frozenset(
        case.id
        for case in cases
        if (viewer.is_admin or case.handler_id == viewer.person_id or case.department_id in viewer.managed)
        and (case.id, viewer.person_id) not in decided
    )


def candidates(session: Session, cases: Sequence[Case], *, only: int | None = None) -> Candidates:
    """Who could take which of the cases, or whether the one person `only` can.

    The same as possible_handlers() says of each case, in a handful of statements.
    """
    if not cases:
        return Candidates((), {})
    ids, homes = [case.id for case in cases], {case.department_id for case in cases if case.department_id}
    people = _people(session, homes, {case.handler_id for case in cases if case.handler_id}, only)
    near = _near(session, people)
    managing = _pairs(session, Management.department_id, Management.person_id, homes)
    barred = _pairs(session, Concern.submission_id, Concern.person_id, ids)
    barred |= _pairs(session, Reviewer.case_id, Reviewer.person_id, [case.id for case in cases if case.stage > 1])
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
                or (case.department_id, person.id) in managing
                or case.handler_id == person.id
            )
        )
        for person, is_admin in people
    }
    return Candidates([person for person, _ in people if len(unable[person.id]) < len(cases)], unable)


def assign_each(
    session: Session,
    viewer: Viewer,
    wanted: Mapping[int, int],
    handler_id: int | None,
    *,
    at: datetime,
    mails: bool = True,
) -> dict[int, Refusal | None]:
    """Give cases to one handler (None: to nobody), each as it was at the version in `wanted`, in a dozen statements.

    What became of each: None where it is theirs now, else why not; one that is refused keeps back no other.
    """
    # The person before the cases, as whoever retires a handler does, and the cases in one order: no ring of waiting.
    session.execute(select(Person.id).where(Person.id == handler_id).with_for_update(read=True))
    seen = visible_to(viewer).where(Case.id.in_(wanted)).order_by(Case.id).with_for_update(of=Case)
    found = session.scalars(seen.execution_options(populate_existing=True)).all()
    able = workable(session, viewer, found)
    taking = candidates(session, found, only=handler_id) if handler_id is not None else Candidates((), {})
    became: dict[int, Refusal | None] = dict.fromkeys(wanted, Refusal.GONE)
    for case in found:
        became[case.id] = _refusal(case, wanted[case.id], handler_id, able, taking)
    given = [case for case in found if became[case.id] is None and case.handler_id != handler_id]
    if given:
        _give(session, viewer, given, taking.people[0] if taking.people else None, at, mails=mails)
    return became


def _refusal(
    case: Case, version: int, handler_id: int | None, able: frozenset[int], taking: Candidates
) -> Refusal | None:
    if case.id not in able:
        return Refusal.READS_ALONG
    if case.version != version:
        return Refusal.CHANGED
    return None if handler_id is None or taking.of(case.id) else Refusal.CANNOT


def _give(
    session: Session, viewer: Viewer, given: Sequence[Case], handler: Person | None, at: datetime, *, mails: bool
) -> None:
    """As assign() gives one, to each that was found fit for it and is held."""
    ids = [case.id for case in given]
    worked_on = Status.IN_PROGRESS if handler else Status.RECEIVED
    status = sql_case((Case.status.in_((Status.RECEIVED, Status.IN_PROGRESS)), worked_on), else_=Case.status)
    values = {"handler_id": handler and handler.id, "status": status, "version": Case.version + 1, "is_indexed": False}
    session.execute(
        update(Case).where(Case.id.in_(ids)).values(values), execution_options={"synchronize_session": "fetch"}
    )
    details = {"handler": handler.name} if handler else {}
    events = history.add_to_all(session, ids, "assigned", at, by_id=viewer.person_id, details=details)
    if handler and handler.id != viewer.person_id:
        tell_each(session, events, About.ASSIGNED, handler.id, at, mails=mails)


def words_of(session: Session, viewer: Viewer, case_ids: Collection[int]) -> dict[int, str]:
    """The customers' words of those of the cases that the viewer sees."""
    seen = visible_to(viewer).where(Case.id.in_(case_ids)).join(Submission, Submission.id == Case.id)
    rows = session.execute(seen.with_only_columns(Case.id, Submission.message))
    return {id: words for id, words in rows}


def _near(session: Session, people: Sequence[tuple[Person, bool]]) -> dict[int, set[int]]:
    """Of each department that one of `people` works in: itself and all above it."""
    above = departments_above(session, {person.department_id for person, _ in people})
    near: dict[int, set[int]] = {}
    for person, _ in people:
        step: int | None = person.department_id
        way = near.setdefault(person.department_id, set())
        while step is not None and step not in way:
            way.add(step)
            step = above[step].parent_id
    return near


def _people(session: Session, homes: set[int], handlers: set[int], only: int | None) -> Sequence[tuple[Person, bool]]:
    """Whoever can take some case of the departments `homes`, or has one in hand, and whether they are an admin."""
    managers = select(Management.person_id).where(Management.department_id.in_(homes))
    below = departments_below(homes)
    statement = (
        select(Person, Account.is_admin)
        .join(Account, Account.person_id == Person.id)
        .where(*OPEN)
        .where(
            or_(
                Person.department_id.in_(select(below.c.id)),
                Person.id.in_(managers),
                Account.is_admin,
                Person.id.in_(handlers),
            )
        )
    )
    if only is not None:
        statement = statement.where(Person.id == only)
    rows = session.execute(statement.order_by(Person.name, Person.id).limit(MOST_OFFERED))
    return [(person, is_admin) for person, is_admin in rows]


def _pairs(
    session: Session, first: InstrumentedAttribute[int], second: InstrumentedAttribute[int], among: Collection[int]
) -> set[tuple[int, int]]:
    if not among:
        return set()
    return {(a, b) for a, b in session.execute(select(first, second).where(first.in_(among)))}
