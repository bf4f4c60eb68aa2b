"""Praise within a complaint: whoever works on it passes the words on, as a letter that tells of nothing else.

It goes to nobody whom the complaint concerns: they would read a part of what does not exist for them, and could guess
the rest. Whoever it is for learns the words alone: not where and when they were written, nor what stood around them.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback.core import history, notices, routing
from feedback.core.access import Viewer
from feedback.core.cases.concerned import nameable
from feedback.core.cases.hands import may_work_on
from feedback.core.cases.model import Case, ChangedMeanwhile, NotAllowed, hold
from feedback.core.cases.telling import mailable
from feedback.core.history import Event
from feedback.core.notices import About, Notice
from feedback.core.people import Department, Person
from feedback.core.praise import Praise
from feedback.core.routing import Reason, Route
from feedback.core.submissions import Concern, Submission
from feedback.db import new_id

PRAISED = "praised"  # the event by which praise within a complaint becomes a letter
LEFT_OUT = "…"
APART = re.compile(r"\n\s*(?:…|\.\.\.|\[…\]|\[\.\.\.\])?\s*\n")


class NotVerbatim(Exception):
    """The words are not the customer's own, in their order."""


class IsWhole(Exception):
    """The words are all that the customer wrote, a complaint and all."""


class NoReceiver(Exception):
    """There is no such person or department to pass praise on to."""


def excerpt_of(message: str, text: str) -> str:
    """What of `message` was chosen: parts in their order, a line apart, each word for word. Raises NotVerbatim."""
    whole, wanted = _lines(message), _lines(text).strip()
    if wanted and wanted in whole:
        return wanted
    parts = [part.strip() for part in APART.split(wanted) if part.strip(f" \n\t{LEFT_OUT}")]
    at = 0
    for part in parts:
        at = whole.find(part, at)
        if at < 0:
            raise NotVerbatim
        at += len(part)
    if not parts:
        raise NotVerbatim
    return f"\n{LEFT_OUT}\n".join(parts)


def pass_on(
    session: Session,
    viewer: Viewer,
    case: Case,
    text: str,
    *,
    at: datetime,
    person_id: int | None = None,
    department_id: int | None = None,
    is_whole: bool = False,
    mails: bool = True,
) -> Event:
    """Pass the praise in `text` on to a person, else to a department, once; those who get it are owed a mail.

    Raises ChangedMeanwhile (it was passed on to them before), IsWhole, NoReceiver, NotAllowed, NotVerbatim.
    """
    if not may_work_on(session, viewer, case):
        raise NotAllowed
    submission = session.get_one(Submission, case.id)
    excerpt = excerpt_of(submission.message, text)
    if excerpt == _lines(submission.message).strip() and not is_whole:
        raise IsWhole
    hold(session, case)  # of two who pass it on, or say whom it is about, the second sees what the first did
    person, department = _receiver(session, viewer, case, person_id, department_id)
    if excerpt in _passed_on(session, case.id, person.id if person else None, department.id):
        raise ChangedMeanwhile
    praise = Praise(
        id=new_id(at),
        submission_id=case.id,
        person_id=person.id if person else None,
        department_id=department.id,
        excerpt=excerpt,
    )
    session.add(praise)
    details = {"praise": str(praise.id), "reader": person.public_name if person else department.name}
    event = history.add(session, submission, PRAISED, at, by_id=viewer.person_id, details=details, text=excerpt)
    if mails and not submission.is_history:
        _owe(session, event, _routes(session, person, department), viewer, at)
    return event


def _receiver(
    session: Session, viewer: Viewer, case: Case, person_id: int | None, department_id: int | None
) -> tuple[Person | None, Department]:
    if person_id is not None:
        offered = nameable(session, viewer, case).where(Person.id == person_id)
        person = session.scalar(select(Person).where(Person.id.in_(offered)))
        if person is None:
            raise NoReceiver
        return person, session.get_one(Department, person.department_id)
    found = select(Department).where(Department.id == department_id, Department.retired_at.is_(None))
    department = session.scalar(found)
    if department is None:
        raise NoReceiver
    return None, department


def _passed_on(session: Session, case_id: int, person_id: int | None, department_id: int) -> set[str | None]:
    """What of the case, which is held, was passed on to them before."""
    same = Praise.person_id == person_id if person_id else Praise.person_id.is_(None)
    before = select(Praise.excerpt).where(Praise.submission_id == case_id, Praise.department_id == department_id, same)
    return set(session.scalars(before))


def _routes(session: Session, person: Person | None, department: Department) -> Sequence[Route]:
    """Whom praise for them reaches, as routing decides it of any."""
    picture = routing.picture(
        session,
        departments={department.id},
        people={person.id: (person.public_name, department.id)} if person else {},
        topics={},
    )
    why: Reason = ("praised_department", {"department": department.name})
    return tuple(routing.delivered(department.id, why, person.id if person else None, (), picture))


def _owe(session: Session, event: Event, routes: Sequence[Route], viewer: Viewer, at: datetime) -> None:
    readers = {reader for route in routes for reader in route.readers} - {viewer.person_id}
    session.flush()
    concerned = select(Concern.person_id).where(Concern.submission_id == event.submission_id)
    reachable = mailable(readers).where(Person.id.not_in(concerned))
    session.add_all(
        Notice(**notices.row(event.id, id, About.PRAISE, at)) for id in session.scalars(reachable.order_by(Person.id))
    )


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
