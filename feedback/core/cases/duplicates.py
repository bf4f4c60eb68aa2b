"""Cases that say the same as another: linked both ways, and closed with the same answer once the first is.

Who may not see a case does not learn of it by a link: every look at one begins with what the viewer may see.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from feedback.core import history
from feedback.core.access import Viewer
from feedback.core.cases.handling import Ending, NotOpen, Says, close, reply
from feedback.core.cases.hands import may_work_on
from feedback.core.cases.model import (
    Case,
    Cause,
    ChangedMeanwhile,
    Closure,
    NotAllowed,
    Outcome,
    Remedy,
    Status,
    change,
    hold,
)
from feedback.core.cases.naming import names_any, tells_number
from feedback.core.cases.reach import one, visible_to
from feedback.core.history import Event
from feedback.core.people import DEEPEST, plain
from feedback.core.submissions import Contact, Submission
from feedback.db import first_id

NEAR = timedelta(days=14)  # within which two cases are likely to be about the same
LOOKED_AT = 60  # of the nearest cases, among which the likeliest are chosen
LIKELY = 5
LINKED, UNLINKED = "linked", "unlinked"
NAMES_OTHER = frozenset({LINKED, UNLINKED})  # events whose details name another case
WORD = re.compile(r"\w{4,}")


class NotTheSame(Exception):
    """A case is not a duplicate of itself, nor of one that is a duplicate of it."""


class NamesCustomer(Exception):
    """Words for several customers name one of them, or how to reach one."""


@dataclass(frozen=True, slots=True)
class Linked:
    """The cases linked with one, as far as the viewer may see them: the first of them, and those that follow it."""

    first: Case | None
    others: Sequence[Case]


def link(session: Session, viewer: Viewer, case: Case, other: Case, *, version: int, at: datetime) -> Event:
    """Note that `case` says the same as `other`, which is the viewer's to see; chains lead to the first.

    Raises ChangedMeanwhile, NotAllowed, NotTheSame.
    """
    if not may_work_on(session, viewer, case):
        raise NotAllowed
    hold(session, case, other)  # so that no two links make a circle
    if case.duplicate_of_id and one(session, viewer, case.duplicate_of_id):
        raise ChangedMeanwhile
    if case.id in _upwards(session, other.id):
        raise NotTheSame
    change(session, case, version, duplicate_of_id=other.id)
    return _both(session, LINKED, case, other, viewer, at)


def unlink(session: Session, viewer: Viewer, case: Case, *, version: int, at: datetime) -> Event:
    """Note that `case` does not say the same as another. Raises ChangedMeanwhile, NotAllowed."""
    if not may_work_on(session, viewer, case):
        raise NotAllowed
    other = one(session, viewer, case.duplicate_of_id) if case.duplicate_of_id else None
    if other is None:
        raise ChangedMeanwhile
    hold(session, case, other)
    change(session, case, version, duplicate_of_id=None)
    return _both(session, UNLINKED, case, other, viewer, at)


def linked(session: Session, viewer: Viewer, case: Case) -> Linked:
    """The first case that `case` says the same as, and those that say the same as it, newest last."""
    above = _upwards(session, case.id)[1:] if case.duplicate_of_id else []
    below = _downwards(session, case.id)
    if not above and not below:
        return Linked(None, ())
    seen = {found.id: found for found in session.scalars(visible_to(viewer).where(Case.id.in_([*above, *below])))}
    first = next((seen[id] for id in reversed(above) if id in seen), None)
    return Linked(first, [seen[id] for id in sorted(below) if id in seen])


def is_told(session: Session, viewer: Viewer, case: Case, outcome: str) -> bool:
    """Whether that outcome tells of no case that does not exist for the viewer."""
    return outcome != Outcome.DUPLICATE or follows(session, viewer, case)


def follows(session: Session, viewer: Viewer, case: Case) -> bool:
    """Whether the viewer sees a case that this one says the same as."""
    return case.duplicate_of_id is not None and linked(session, viewer, case).first is not None


def hidden(session: Session, viewer: Viewer, events: Sequence[Event]) -> set[int]:
    """The ids of those of the events that name a case which does not exist for the viewer."""
    naming = {event.id: int(event.details["case"]) for event in events if event.name in NAMES_OTHER}
    if not naming:
        return set()
    wanted = set(naming.values())
    seen = set(session.scalars(visible_to(viewer).with_only_columns(Case.id).where(Case.id.in_(wanted))))
    return {event_id for event_id, case_id in naming.items() if case_id not in seen}


def likely(session: Session, viewer: Viewer, case: Case, *, most: int = LIKELY) -> list[tuple[Case, Submission]]:
    """Cases of about the same time that may be about the same, the likeliest first.

    Those of the same place, link or person, or with several words in common.
    """
    said = session.get_one(Submission, case.id)
    near = (Case.id >= first_id(said.submitted_at - NEAR), Case.id < first_id(said.submitted_at + NEAR))
    same = or_(
        *(
            column == value
            for column, value in (
                (Submission.place_id, said.place_id),
                (Submission.link_id, said.link_id),
                (Submission.person_id, said.person_id),
                (Case.department_id, case.department_id),
            )
            if value is not None
        )
    )
    statement = visible_to(viewer).join(Submission, Submission.id == Case.id).add_columns(Submission)
    around = statement.where(*near, same, Case.id.not_in([case.id, *_downwards(session, case.id)]))
    rows = session.execute(around.order_by(Case.id.desc()).limit(LOOKED_AT)).all()
    rated = [(_alike(said, theirs), found, theirs) for found, theirs in rows]
    best = sorted((row for row in rated if row[0] > 0), key=lambda row: (-row[0], -row[1].id))
    return [(found, theirs) for _, found, theirs in best[:most]]


def open_among(session: Session, viewer: Viewer, others: Sequence[Case]) -> list[Case]:
    """Those of the cases that are open and the viewer's to work on."""
    return [case for case in others if case.status != Status.CLOSED and may_work_on(session, viewer, case)]


def told(session: Session, found: Sequence[Case]) -> list[tuple[Case, Submission]]:
    """The cases with what their customers wrote, in one statement."""
    ids = [case.id for case in found]
    said = {one.id: one for one in session.scalars(select(Submission).where(Submission.id.in_(ids)))} if ids else {}
    return [(case, said[case.id]) for case in found]


def answer_of(session: Session, case: Case) -> str:
    """The last answer that the customer of `case` was given, "" where there is none."""
    given = [event.text for event in history.events_of(session, case.id) if event.name == Says.ANSWERED]
    return given[-1] if given else ""


def close_with(
    session: Session,
    viewer: Viewer,
    case: Case,
    text: str,
    versions: Mapping[int, int],
    *,
    at: datetime,
    mails: bool = True,
) -> list[Event]:
    """Answer and close cases that say the same as the closed `case`, each with its own history; all or none.

    `versions` are those chosen, with the version that was on the screen. Each customer is owed one mail.
    Raises ChangedMeanwhile, NamesCustomer, NotAllowed, NotOpen.
    """
    if not may_work_on(session, viewer, case):
        raise NotAllowed
    if case.status != Status.CLOSED:
        raise NotOpen
    following = {found.id: found for found in linked(session, viewer, case).others}
    if not versions or not set(versions) <= set(following):
        raise ChangedMeanwhile
    hold(session, case, *(following[id] for id in versions))
    if case.status != Status.CLOSED:  # opened again since it was read
        raise NotOpen
    _check_names_nobody(session, text, {case.id, *versions})
    ended = session.get(Closure, (case.id, case.stage))
    cause, remedy = (Cause(ended.cause), Remedy(ended.remedy)) if ended else (Cause.UNKNOWN, Remedy.NONE)
    ending = Ending(Outcome.DUPLICATE, cause, remedy)
    events = []
    for id, version in sorted(versions.items()):
        found = following[id]
        reply(session, viewer, found, text, Says.ANSWERED, version=version, at=at, mails=mails)
        events.append(close(session, viewer, found, ending, version=found.version, at=at, mails=False))
    return events


def _check_names_nobody(session: Session, text: str, ids: Collection[int]) -> None:
    for contact in session.scalars(select(Contact).where(Contact.submission_id.in_(ids))):
        if names_any(text, (contact.name, contact.email, contact.phone)) or tells_number(text, contact.phone):
            raise NamesCustomer


def _alike(said: Submission, theirs: Submission) -> int:
    """How much two submissions have in common; 0 where nothing but the department."""
    same = sum(
        3
        for mine, other in (
            (said.place_id, theirs.place_id),
            (said.person_id, theirs.person_id),
            (said.link_id, theirs.link_id),
        )
        if mine is not None and mine == other
    )
    shared = len(_words(said.message) & _words(theirs.message))
    return same + shared if same or shared > 1 else 0


def _words(text: str) -> set[str]:
    return set(WORD.findall(plain(text)))


def _both(session: Session, name: str, case: Case, other: Case, viewer: Viewer, at: datetime) -> Event:
    session.flush()
    told = {"case": str(case.id), "of": "other"}
    history.add(session, session.get_one(Submission, other.id), name, at, by_id=viewer.person_id, details=told)
    said, details = session.get_one(Submission, case.id), {"case": str(other.id), "of": "self"}
    return history.add(session, said, name, at, by_id=viewer.person_id, details=details)


def _upwards(session: Session, case_id: int) -> list[int]:
    """The case itself and those it leads to, the first last."""
    found = [case_id]
    for _ in range(DEEPEST):
        above = session.scalar(select(Case.duplicate_of_id).where(Case.id == found[-1]))
        if above is None or above in found:
            break
        found.append(above)
    return found


def _downwards(session: Session, case_id: int) -> list[int]:
    """The cases that lead to it, at any length."""
    found = level = {case_id}
    for _ in range(DEEPEST):
        level = set(session.scalars(select(Case.id).where(Case.duplicate_of_id.in_(level)))) - found
        if not level:
            break
        found = found | level
    return sorted(found - {case_id})
