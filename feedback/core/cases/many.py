"""Several cases at once: giving them over, each as assign() gives one."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import case as sql_case
from sqlalchemy import update
from sqlalchemy.orm import Session

from feedback.core import history
from feedback.core.access import Viewer
from feedback.core.cases.candidates import Candidates, candidates, pairs
from feedback.core.cases.hands import answers, hold_person
from feedback.core.cases.model import Case, Reviewer, Status
from feedback.core.cases.reach import visible_to
from feedback.core.cases.telling import tell_each
from feedback.core.notices import About
from feedback.core.people import Person
from feedback.core.submissions import Submission


class Refusal(StrEnum):
    """Why a case was not given over; it says nothing of whom the case concerns."""

    GONE = "gone"  # not there for the viewer, or not at all: nobody can tell which
    READS_ALONG = "reads_along"
    CHANGED = "changed"
    CANNOT = "cannot"  # the person chosen cannot take it


def workable(session: Session, viewer: Viewer, cases: Sequence[Case]) -> frozenset[int]:
    """Those of some visible cases that the viewer may give over, as may_work_on() says of each."""
    decided = pairs(session, Reviewer.case_id, Reviewer.person_id, [case.id for case in cases if case.stage > 1])
    return frozenset(case.id for case in cases if answers(viewer, case) and (case.id, viewer.person_id) not in decided)


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
    hold_person(session, handler_id)  # and the cases in one order: no ring of waiting
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
