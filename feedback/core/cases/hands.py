"""In whose hands a case is: who may work on it, who can take it, giving it and handing it back."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from feedback.core import history
from feedback.core.access import Viewer
from feedback.core.cases.candidates import candidates
from feedback.core.cases.model import Case, NotAllowed, Status, change, reviewers
from feedback.core.cases.telling import tell
from feedback.core.notices import About
from feedback.core.people import Person
from feedback.core.submissions import Contact, Submission


def contact_of(session: Session, viewer: Viewer, case: Case) -> Contact | None:
    """How to reach the customer, if they allowed it (an admin sees it in any case); informed readers do not."""
    contact = session.get(Contact, case.id)
    if contact is None or viewer.is_admin:
        return contact
    return contact if contact.may_contact and answers(viewer, case) else None


def may_work_on(session: Session, viewer: Viewer, case: Case) -> bool:
    """Whether the viewer may assign the case, write notes and answer, rather than only read along.

    At the second stage nobody who decided the first may.
    """
    return answers(viewer, case) and not (case.stage > 1 and viewer.person_id in reviewers(session, case.id))


def answers(viewer: Viewer, case: Case) -> bool:
    """Whether a case that the viewer sees is theirs to see to, whatever they decided of it before."""
    return viewer.is_admin or case.handler_id == viewer.person_id or case.department_id in viewer.managed


def possible_handlers(session: Session, case: Case) -> Sequence[Person]:
    """Who can take the case, by name."""
    return candidates(session, [case]).people


def assign(
    session: Session,
    viewer: Viewer,
    case: Case,
    handler_id: int | None,
    *,
    version: int,
    at: datetime,
    mails: bool = True,
) -> history.Event:
    """Give the case to a handler (None: to nobody). Raises ChangedMeanwhile or NotAllowed; keeps who and when."""
    hold_person(session, handler_id)
    handler = next(iter(candidates(session, [case], only=handler_id).people), None) if handler_id else None
    if not may_work_on(session, viewer, case) or (handler_id is not None and handler is None):
        raise NotAllowed
    status = case.status
    if status in (Status.RECEIVED, Status.IN_PROGRESS):
        status = Status.IN_PROGRESS if handler else Status.RECEIVED
    change(session, case, version, handler_id=handler_id, status=status)
    submission = session.get_one(Submission, case.id)
    details = {"handler": handler.name} if handler else {}
    event = history.add(session, submission, "assigned", at, by_id=viewer.person_id, details=details)
    if handler and handler.id != viewer.person_id:
        tell(session, event, About.ASSIGNED, {handler.id}, at, mails=mails)
    return event


def hold_person(session: Session, person_id: int | None) -> None:
    """Let whoever retires that person wait, who hands back only the cases they see; it comes before the cases."""
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update(read=True))


def hand_back(session: Session, handler: Person, at: datetime, *, by_id: int) -> None:
    """Let nobody handle the open cases of someone who leaves: their departments' managers have them again.

    All of them, also those that whoever lets the person go may not see. The person's row is written before, so that
    nobody gives them another case meanwhile.
    """
    session.flush()
    given = select(Case.id).where(Case.handler_id == handler.id, Case.status != Status.CLOSED).order_by(Case.id)
    ids = session.scalars(given.with_for_update()).all()
    if not ids:
        return
    waiting = case({Status.IN_PROGRESS: Status.RECEIVED}, value=Case.status, else_=Case.status)
    session.execute(
        update(Case)
        .where(Case.id.in_(ids))
        .values(handler_id=None, status=waiting, version=Case.version + 1, is_indexed=False),
        execution_options={"synchronize_session": "fetch"},
    )
    history.add_to_all(session, ids, "handed_back", at, by_id=by_id, details={"handler": handler.name})
