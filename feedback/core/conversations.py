"""What a customer sees who comes back with a receipt: their words, who reads them, what became of them.

Whoever wrote to them signs as the organisation chose; nobody else who had a hand in it is named. The choice holds for
all that is shown, also of what was written before it was made.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback import clock
from feedback.core import attachments, history, notices, praise, surveys, told_once
from feedback.core.cases import SUGGESTED, Case, Closure, NotOpen, Says, Status, held
from feedback.core.files import File
from feedback.core.history import Event
from feedback.core.links import Link, names
from feedback.core.notices import About, Notice
from feedback.core.organisation import Organisation
from feedback.core.people import Department, Person, signatures
from feedback.core.praise import Praise
from feedback.core.recognition import GIVER_COMMENDED
from feedback.core.routing import Route, RouteRow, routes_of
from feedback.core.submissions import SURVEY, Contact, Kind, Submission, topic_names, with_receipt
from feedback.core.surveys import AnsweredWith
from feedback.core.thanks import THANKED

# Events a customer may know of, never that praise waited; the words of WRITTEN are theirs to read, and those of SIGNED
# say from whom they are.
SIGNED = frozenset({*Says, THANKED, GIVER_COMMENDED})
WRITTEN = {"replied", "asked", "answered", "wrote", "reopened", "praised", THANKED, GIVER_COMMENDED}
PUBLIC = {"received", "assigned", "acknowledged", "closed", "judged", "taken_up_again", *WRITTEN}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, as far as it is the customer's to know."""

    name: str
    at: datetime
    details: dict[str, str] = field(default_factory=dict)
    words: str = ""
    by: str = ""
    photos: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """A submission as its sender sees it."""

    submission: Submission
    routes: Sequence[Route | RouteRow]
    names: dict[str, dict[int, str]]
    heading: str
    under: str
    topics: list[str]
    steps: list[Step]
    status: str | None
    case: Case | None
    closure: Closure | None  # of the present stage
    answer_days: int
    is_mailed: bool
    is_told: bool  # by a mail whenever there is something to read, as they allowed it
    is_told_once: bool
    given: AnsweredWith | None  # of a survey

    @property
    def kind(self) -> str:
        """What the customer wanted to say."""
        return self.submission.kind


def open_with(session: Session, receipt: str, *, with_photos: bool = False) -> Conversation | None:
    """The conversation behind a receipt in its one form, in a fixed number of statements."""
    submission = with_receipt(session, receipt)
    if submission is None:
        return None
    routes = praise.as_if_delivered(session, routes_of(session, submission.id), clock.now())
    heading, under = _addressee(session, submission)
    events = history.events_of(session, submission.id)
    case = session.get(Case, submission.id)
    photos = attachments.of(session, submission.id) if with_photos else {}
    return Conversation(
        submission=submission,
        routes=routes,
        names=_names(session, routes),
        heading=heading,
        under=under,
        topics=topic_names(session, [submission.id]).get(submission.id, []),
        steps=_steps(session, submission, list(events), photos),
        status=case.status if case else None,
        case=case,
        closure=session.get(Closure, (case.id, case.stage)) if case else None,
        answer_days=session.scalars(select(Organisation.answer_days)).one(),
        is_mailed=any(event.name == "receipt_mailed" for event in events),
        is_told=case is not None and _is_told(session, case),
        is_told_once=told_once.is_asked(session, submission.id),
        given=surveys.answered_by(session, submission.id) if submission.kind == SURVEY else None,
    )


def photo(session: Session, receipt: str, file_id: int) -> File | None:
    """The photo of that id, if it came with a step that whoever holds the receipt may know of."""
    submission = with_receipt(session, receipt)
    return attachments.one(session, submission.id, file_id, among=PUBLIC) if submission else None


def has_case(session: Session, submission_id: int) -> bool:
    """Whether somebody handles it, so that there is a conversation about it."""
    return session.get(Case, submission_id) is not None


def mail_receipt(session: Session, receipt: str, address: str, language: str, at: datetime) -> bool:
    """Owe one mail with the receipt to `address`; False if one was asked for before."""
    submission = with_receipt(session, receipt)
    if submission is None:
        return False
    session.refresh(submission, with_for_update=True)  # the second of two taps at once waits, and sees the first
    if any(event.name == "receipt_mailed" for event in history.events_of(session, submission.id)):
        return False
    event = history.add(session, submission, "receipt_mailed", at)
    session.flush()
    session.add(Notice(**notices.row(event.id, address, About.RECEIPT, at, language)))
    return True


def tell_once(session: Session, submission: Submission, address: str) -> None:
    """Tell the customer once at `address` that there is an answer, or thanks for theirs. Raises NotOpen.

    The address is forgotten then.
    """
    if submission.kind == Kind.COMPLIMENT:
        session.refresh(submission, with_for_update={"key_share": True})  # who thanks meanwhile waits
        if not waits_for_thanks(submission, history.events_of(session, submission.id)):
            raise NotOpen
    elif held(session, submission.id).status == Status.CLOSED:
        raise NotOpen
    told_once.ask(session, submission.id, address)


def waits_for_thanks(submission: Submission, steps: Iterable[Event | Step]) -> bool:
    """Whether somebody may still thank its sender, of which they can be told."""
    is_praise = submission.kind == Kind.COMPLIMENT and not submission.is_history
    return is_praise and not any(step.name == THANKED for step in steps)


def show_no_more(session: Session, submission: Submission) -> None:
    """Take back that the words may be shown on a wall; they are off every wall at once."""
    submission.may_share = False


def tell_no_more(session: Session, submission: Submission) -> None:
    """Forget the address without telling it anything."""
    told_once.take(session, submission.id)


def _is_told(session: Session, case: Case) -> bool:
    contact = session.get(Contact, case.id)
    return bool(contact and contact.may_contact and contact.email)


def _addressee(session: Session, submission: Submission) -> tuple[str, str]:
    """Heading and second line of whom or what the words were for; the link they came by may lead elsewhere now."""
    place_id = submission.place_id
    person_id = None if place_id else submission.person_id
    department_id = None if place_id or person_id else submission.department_id
    if not (place_id or person_id or department_id):
        return "", ""
    then = Link(id=0, place_id=place_id, person_id=person_id, department_id=department_id)
    return names(session, [then])[0]


def _steps(
    session: Session, submission: Submission, events: list[Event], photos: Mapping[int, list[File]]
) -> list[Step]:
    """The public events and each reading of the praise, in the order of time."""
    signed = signatures(session, {event.by_id for event in events if event.name in SIGNED})
    steps = [
        Step(
            _called(event),
            event.at,
            _told(event),
            event.text if event.name in WRITTEN else "",
            signed.get(event.by_id or 0, "") if event.name in SIGNED else "",
            tuple(photos.get(event.id, ())),
        )
        for event in events
        if event.name in PUBLIC and _is_news(event, events)
    ]
    rows = session.execute(
        select(Praise.read_at, Person.public_name, Department.name, Praise.excerpt)
        .join(Department, Department.id == Praise.department_id)
        .outerjoin(Person, Person.id == Praise.person_id)
        .where(Praise.submission_id == submission.id, Praise.read_at.is_not(None), ~Praise.is_held)
    )
    reads = [
        Step("read" if excerpt is None else "praise_read", at, {"reader": person or department})
        for at, person, department, excerpt in rows
        if at
    ]
    for read in reads:
        later = (place for place, step in enumerate(steps) if step.at > read.at)
        steps.insert(max(1, next(later, len(steps))), read)  # events keep their numbers' order, whatever a clock said
    return steps


def _called(event: Event) -> str:
    """The name of the step; the end of a suggestion has that of what came of it."""
    outcome = event.details.get("outcome") if event.name == "closed" else None
    return outcome if outcome in SUGGESTED else event.name


def _told(event: Event) -> dict[str, str]:
    """What of an event's details is the customer's to know: whom their praise was passed on to."""
    return {"reader": event.details["reader"]} if event.name == "praised" else {}


def _is_news(event: Event, events: list[Event]) -> bool:
    """Whether a customer learns something: that someone took it on, once, not from whose hands to whose."""
    if event.name != "assigned":
        return True
    taken = [e for e in events if e.name == "assigned" and "handler" in e.details]
    return event in taken[:1]


def _names(session: Session, routes: Sequence[Route | RouteRow]) -> dict[str, dict[int, str]]:
    departments = select(Department.id, Department.name).where(Department.id.in_({r.department_id for r in routes}))
    people = select(Person.id, Person.public_name).where(Person.id.in_({r.person_id for r in routes}))
    return {
        "departments": {id: name for id, name in session.execute(departments)},
        "people": {id: name for id, name in session.execute(people)},
    }
