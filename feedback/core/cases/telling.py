"""Who is told of what happens to a case: whoever answers it, those above where a deadline passed, and the customer."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from feedback.core import notices, told_once
from feedback.core.accounts import Account, at_work
from feedback.core.cases.model import Case, reviewers
from feedback.core.history import Event
from feedback.core.notices import About, Notice
from feedback.core.people import Department, Management, Person
from feedback.core.submissions import Concern, Contact, Submission


def tell(
    session: Session, event: Event, about: About, people: Collection[int], at: datetime, *, mails: bool = True
) -> None:
    """Let each of `people` read it inside, if they sign in to work; with `mails` owe one to each who has an address."""
    session.flush()
    if not mails and session.get_one(Submission, event.submission_id).is_history:
        return  # the past of an import or the demo, as it is written down: news to nobody
    inside = set(session.scalars(at_work().where(Account.person_id.in_(people))))
    rows = [notices.news(event.id, id, about, at) for id in sorted(inside)]
    if mails and about not in notices.INSIDE:
        rows += [notices.row(event.id, id, about, at) for id in session.scalars(mailable(people))]
    session.add_all(Notice(**row) for row in rows)


def tell_each(
    session: Session, events: Collection[Event], about: About, person_id: int, at: datetime, *, mails: bool = True
) -> None:
    """As tell(), one person of each of those events."""
    session.flush()
    kinds = [notices.news] if session.scalar(at_work().where(Account.person_id == person_id)) else []
    if mails and about not in notices.INSIDE and session.scalar(mailable({person_id})) is not None:
        kinds.append(notices.row)
    session.add_all(Notice(**kind(event.id, person_id, about, at)) for event in events for kind in kinds)


def mailable(people: Collection[int]) -> Select[int]:
    """The ids of those of `people` who work here and have an address."""
    return select(Person.id).where(Person.id.in_(people), Person.email.is_not(None), Person.retired_at.is_(None))


def tell_customer(session: Session, event: Event, case_id: int, language: str, at: datetime) -> None:
    """Owe one mail that there is something to read, where the customer left an address for it.

    The address to be told at once goes before that of the contact, and is forgotten here.
    """
    contact = session.get(Contact, case_id)
    address = told_once.take(session, case_id) or (contact.email if contact and contact.may_contact else "")
    if address:
        session.flush()
        session.add(Notice(**notices.row(event.id, address, About.ANSWER, at, language)))


def answering(session: Session, case: Case) -> set[int]:
    """Who has to see to the case: its handler, else the managers it went to, else the admins; nobody it concerns."""
    if case.handler_id is not None:
        return {case.handler_id}
    _, people = free_managers(session, case, case.department_id)
    return people or free_admins(session, case)


def above(session: Session, case: Case) -> set[int]:
    """Those a passed deadline goes up to: the managers of the next department above, at the top the admins."""
    start = case.department_id
    if case.handler_id is None:
        start, _ = free_managers(session, case, start)
    up = session.scalar(select(Department.parent_id).where(Department.id == start)) if start else None
    _, people = free_managers(session, case, up)
    return (people or free_admins(session, case)) - answering(session, case)


def free_managers(session: Session, case: Case, department_id: int | None) -> tuple[int | None, set[int]]:
    """The first department from that one upwards with managers who may decide the case, and who they are."""
    out_of_question = taken(session, case)
    while department_id is not None:
        managers = select(Management.person_id).where(
            Management.department_id == department_id, Management.person_id.in_(at_work())
        )
        if free := set(session.scalars(managers)) - out_of_question:
            return department_id, free
        department_id = session.scalar(select(Department.parent_id).where(Department.id == department_id))
    return None, set()


def free_admins(session: Session, case: Case) -> set[int]:
    """The admins who may decide the case."""
    admins = select(Account.person_id).where(Account.is_admin, Account.person_id.in_(at_work()))
    return set(session.scalars(admins)) - taken(session, case)


def taken(session: Session, case: Case) -> set[int]:
    """Those whom it concerns, and those who decided it before."""
    concerned = select(Concern.person_id).where(Concern.submission_id == case.id)
    return set(session.scalars(concerned)) | reviewers(session, case.id)
