"""What each claimed notice needs to become a mail, and whether it may still be one.

Rule 2 is asked again here: what a recipient may not see (any more) is not mailed to them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from feedback import clock
from feedback.core import attachments, cases, challenges, invitations, recognition
from feedback.core import praise as praises
from feedback.core.access import Viewer, viewer_of
from feedback.core.accounts import Account
from feedback.core.cases.praising import PRAISED
from feedback.core.challenges import Challenge
from feedback.core.history import Event
from feedback.core.notices import About, Notice
from feedback.core.organisation import Organisation
from feedback.core.people import Person, Place
from feedback.core.praise import Letter, Praise, Withholding
from feedback.core.routing import Purpose, Reason, RouteRow
from feedback.core.submissions import Concern, Submission
from feedback.outbound.readers import reasons_of
from feedback.text import available, language_of

TO_CUSTOMERS = (About.RECEIPT, About.ANSWER, About.THANKED)
OF_CASES = (
    About.COMPLAINT,
    About.ASSIGNED,
    About.WROTE,
    About.DUE_SOON,
    About.BREACHED,
    About.REOPENED,
)
OF_LETTERS = (About.BROUGHT, About.COMMENDED)
BY_CUSTOMERS = ("wrote", "reopened")  # events whose words are the customer's own


class Withdrawn(Exception):
    """The notice is not to be sent (any more); the text says why and names nobody."""


@dataclass(frozen=True, slots=True)
class Told:
    """The part of a mail that differs by recipient: whom it is about, where to read it, why they get it."""

    heading: str = ""
    path: str = ""  # below the base URL; empty for someone who has no way in
    reasons: tuple[Reason, ...] = ()
    until: datetime | None = None  # how long the way in holds, where it does not for ever


@dataclass(frozen=True, slots=True)
class Errand:
    """One mail to be written: to whom, in which language, and all that it says.

    `key` is what the secret in it is derived from: a receipt, the token of an invitation.
    """

    notice_id: int
    about: About
    organisation: str
    recipient: str
    address: str
    language: str
    at: datetime
    timezone: str
    key: bytes
    told: Told
    words: str = ""
    photos: int = 0
    places: tuple[str, ...] = ()
    entries: "tuple[Errand, ...]" = ()  # of a digest: what it tells of, and is not mailed alone
    dropped: Mapping[int, str] = field(default_factory=dict)  # of a digest: the notices it leaves out, and why


@dataclass(frozen=True, slots=True)
class Matter:
    """A notice with its recipient and the submission it tells of."""

    notice: Notice
    event: Event
    submission: Submission
    person: Person | None
    place: str | None
    site: str | None


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a mail is written now: when that came about, what its secret is derived from, and what it says."""

    at: datetime
    key: bytes
    told: Told
    words: str = ""
    photos: int = 0
    places: tuple[str, ...] = ()
    entries: tuple[Errand, ...] = ()
    dropped: Mapping[int, str] = field(default_factory=dict)


class Desk:
    """Makes the errands of one batch; what several of them need is read once."""

    def __init__(self, session: Session, notices: Sequence[Notice]) -> None:
        self._session = session
        self._organisation = session.scalars(select(Organisation)).one()
        self._matters = _matters(session, [notice.id for notice in notices])
        numbers = {matter.submission.id for matter in self._matters.values()}
        self._routes = _routes(session, numbers)
        self._letters = praises.letters(session, select(Praise.id).where(Praise.submission_id.in_(numbers)))
        self._photos = attachments.counted(session, numbers)
        self._viewers: dict[int, Viewer] = {}
        self._cases: dict[int, frozenset[int]] = {}

    def errand(self, notice: Notice) -> Errand:
        """The errand of a notice. Raises Withdrawn."""
        return self.addressed(notice, self._of_event if notice.occasion is None else self._of_occasion)

    def addressed(self, notice: Notice, why: "Callable[[Notice, Person | None], Cause]") -> Errand:
        """The errand of a notice that says what `why` finds for its recipient. Raises Withdrawn."""
        person = self._session.get(Person, notice.person_id) if notice.person_id else None
        name, address = self._recipient(notice, person)
        cause = why(notice, person)
        return Errand(
            notice_id=notice.id,
            about=About(notice.about),
            organisation=self._organisation.name,
            recipient=name,
            address=address,
            language=self._language(notice, person),
            at=cause.at,
            timezone=self._organisation.timezone,
            words=cause.words,
            photos=cause.photos,
            places=cause.places,
            key=cause.key,
            told=cause.told,
            entries=cause.entries,
            dropped=cause.dropped,
        )

    def _of_event(self, notice: Notice, person: Person | None) -> Cause:
        matter = self._matters[notice.id]
        if matter.event.name == PRAISED:  # and of what it stood in, nothing
            return Cause(matter.event.at, b"", self._told(matter), matter.event.text)
        if matter.notice.about in OF_LETTERS:
            return self._of_letter(matter)
        is_later = matter.event.name in BY_CUSTOMERS
        return Cause(
            matter.event.at,
            matter.submission.key,
            self._told(matter),
            matter.event.text if is_later else matter.submission.message,
            self._photos.get((matter.submission.id, matter.event.number if is_later else 1), 0),
            tuple(name for name in (matter.place, matter.site) if name),
        )

    def _of_letter(self, matter: Matter) -> Cause:
        """What a manager or director did with a letter: the note they wrote, else the words of the letter."""
        if matter.person is None:
            raise Withdrawn("it tells of nothing that is owed to an address outside")
        letter = next(one for one in self._letters if str(one.praise.id) == matter.event.details["praise"])
        viewer, is_brought = self._viewer(matter.person), matter.notice.about == About.BROUGHT
        is_theirs = recognition.is_brought_to(viewer) if is_brought else praises.is_own(viewer)
        if self._session.scalar(select(Praise.id).where(Praise.id == letter.praise.id, is_theirs)) is None:
            raise Withdrawn("the recipient may not see it any more")
        by = self._session.get(Person, matter.event.by_id) if matter.event.by_id else None
        name, path = by.name if by else self._organisation.name, "/praise?whose=passed-on" if is_brought else "/praise"
        told = Told(_heading(letter) if is_brought else name, path)
        words = letter.words if is_brought else matter.event.text
        return Cause(matter.event.at, b"", told, words, places=(letter.place,) if letter.place else ())

    def _of_occasion(self, notice: Notice, person: Person | None) -> Cause:
        if person is None or notice.occasion is None:
            raise Withdrawn("it tells of nothing that is owed to an address outside")
        return OCCASIONS[About(notice.about)](self._session, person, notice.occasion)

    def _recipient(self, notice: Notice, person: Person | None) -> tuple[str, str]:
        address = notice.address
        if person is None:
            if notice.about not in TO_CUSTOMERS and address != self._organisation.outside_reader:
                raise Withdrawn("the outside reader is someone else now")
            return address or "", address or ""
        if person.retired_at is not None:
            raise Withdrawn("the recipient has left")
        if not person.email:
            raise Withdrawn("the recipient has no address any more")
        return person.name, person.email

    def _language(self, notice: Notice, person: Person | None) -> str:
        """The first that we speak of the notice's, the recipient's and the organisation's language."""
        wanted = (notice.language, person.language if person else None, self._organisation.language)
        offered = available()
        return next((tag for want in wanted if want and (tag := language_of(want, offered))), "en")

    def _told(self, matter: Matter) -> Told:
        about = matter.notice.about
        if about in TO_CUSTOMERS:
            return Told()
        if matter.person is None:
            return self._told_outside(matter)
        if about in OF_CASES:
            return self._told_of_case(matter, self._viewer(matter.person))
        if about == About.HELD:
            return self._told_to_look(matter, self._viewer(matter.person))
        if about == About.SOUGHT:
            return self._told_to_find(matter, self._viewer(matter.person))
        return self._told_of_praise(matter, matter.person)

    def _told_outside(self, matter: Matter) -> Told:
        route = self._routes[matter.submission.id][0]
        return Told(self._subject(route), reasons=(*reasons_of(route), *_since(matter.event)))

    def _told_of_case(self, matter: Matter, viewer: Viewer) -> Told:
        if matter.submission.id not in self._seen_by(viewer):
            raise Withdrawn("the recipient may not see it any more")
        routes = self._routes[matter.submission.id]
        route = next((route for route in routes if route.department_id in viewer.managed), routes[0])
        reasons = (*reasons_of(route), *_since(matter.event))
        return Told(self._subject(routes[0]), f"/cases/{matter.submission.id}", reasons)

    def _told_to_find(self, matter: Matter, viewer: Viewer) -> Told:
        self._waiting(matter, viewer)
        route = praises.waiting_by(self._routes[matter.submission.id])
        return Told(matter.submission.person_note, "/praise?whose=waiting", tuple(reasons_of(route)))

    def _told_to_look(self, matter: Matter, viewer: Viewer) -> Told:
        letter, route = self._waiting(matter, viewer), self._routes[matter.submission.id][0]
        return Told(_heading(letter), _list_of(letter), tuple(reasons_of(route)))

    def _waiting(self, matter: Matter, viewer: Viewer) -> Letter:
        """The letter of the submission that waits for the viewer. Raises Withdrawn.

        One that was let through, and waits for its person, is no more one to look at.
        """
        letters = [letter for letter in self._letters_of(matter) if letter.praise.is_held]
        if not letters:
            raise Withdrawn("it was delivered already")
        if self._session.get(Withholding, letters[0].praise.id):
            raise Withdrawn("it was kept back already")
        own = praises.managed_by(viewer).where(Praise.submission_id == matter.submission.id)
        if self._session.scalar(own) is None:
            raise Withdrawn("the recipient may not see it any more")
        is_let_through = praises.waiting_by(self._routes[matter.submission.id]).purpose == Purpose.SEEKS
        if is_let_through and matter.notice.about == About.HELD:
            raise Withdrawn("it was let through already")
        return letters[0]

    def _told_of_praise(self, matter: Matter, person: Person) -> Told:
        letters = [letter for letter in self._letters_of(matter) if not letter.praise.is_held]
        if matter.event.name == PRAISED and self._is_about(person, matter):
            raise Withdrawn("the recipient may not see it any more")
        for letter in letters:
            if letter.praise.person_id == person.id:
                return Told("", "/praise", (("praised_you", {}),))
        for letter in letters:
            if letter.praise.person_id is None and letter.praise.department_id == person.department_id:
                return Told(_heading(letter), "/praise", self._why(letter))
        managed = self._viewer(person).managed
        for letter in letters:
            if letter.praise.department_id in managed:
                return Told(_heading(letter), _list_of(letter), self._why(letter))
        raise Withdrawn("the recipient may not see it any more")

    def _is_about(self, person: Person, matter: Matter) -> bool:
        return self._session.get(Concern, (matter.submission.id, person.id)) is not None

    def _why(self, letter: Letter) -> tuple[Reason, ...]:
        """Why someone gets praise that is not for them alone."""
        department = {"department": letter.department}
        if letter.person:
            return ("received_by", {"person": letter.person}), ("their_manager", department)
        if letter.praise.excerpt is not None:
            return (("praised_department", department),)
        for route in self._routes[letter.submission.id]:
            if route.purpose == Purpose.DELIVERS and route.department_id == letter.praise.department_id:
                return tuple(reasons_of(route))
        return (("department", department),)

    def _subject(self, route: RouteRow) -> str:
        """Whom a complaint is about: the person named, else the department where its route began."""
        _, began = reasons_of(route)[0]
        return began.get("person") or began.get("department") or self._organisation.name

    def _letters_of(self, matter: Matter) -> list[Letter]:
        """The letters of the submission; of what was praised in a complaint that one alone."""
        told = int(matter.event.details["praise"]) if matter.event.name == PRAISED else None
        return [
            letter
            for letter in self._letters
            if letter.submission.id == matter.submission.id
            and (letter.praise.excerpt is None if told is None else letter.praise.id == told)
        ]

    def _seen_by(self, viewer: Viewer) -> frozenset[int]:
        """Those of the batch's cases that the viewer may see, asked once for all of them."""
        if viewer.person_id not in self._cases:
            numbers = [matter.submission.id for matter in self._matters.values() if matter.notice.about in OF_CASES]
            self._cases[viewer.person_id] = cases.seen_among(self._session, viewer, numbers)
        return self._cases[viewer.person_id]

    def _viewer(self, person: Person) -> Viewer:
        if person.id not in self._viewers:
            account = self._session.get(Account, person.id)
            if account is None or account.closed_at is not None:
                account = Account(person_id=person.id, is_admin=False)  # reaches as far as their departments
            self._viewers[person.id] = viewer_of(self._session, person, account)
        return self._viewers[person.id]


def _invitation(session: Session, person: Person, occasion: str) -> Cause:
    found = invitations.of_occasion(session, occasion, clock.now())
    if found is None:
        raise Withdrawn("the invitation was used, replaced or ran out")
    inviter = session.get(Person, found.made_by_id) if found.made_by_id else None
    told = Told(inviter.name if inviter else "", "/join/", until=found.expires_at)
    return Cause(found.made_at, invitations.key_of(person.id, found.made_at), told)


def _challenged(session: Session, person: Person, occasion: str) -> Cause:
    found = session.get_one(Challenge, int(occasion))
    if found.answered_at is not None:
        raise Withdrawn("it was answered already")
    challenger = session.get_one(Person, found.person_id)
    if person.id not in {one.id for one in challenges.keepers(session, challenger)}:
        raise Withdrawn("the recipient may not see it any more")
    return Cause(found.at, b"", Told(challenger.name, f"/admin/challenges/{found.id}"))


def _answered(session: Session, person: Person, occasion: str) -> Cause:
    found = session.get_one(Challenge, int(occasion))
    return Cause(found.answered_at or found.at, b"", Told(path="/account/record"))


# What tells of an occasion instead of an event; each looks it up anew, and withdraws what is past.
OCCASIONS: Mapping[About, Callable[[Session, Person, str], Cause]] = {
    About.INVITATION: _invitation,
    About.CHALLENGED: _challenged,
    About.CHALLENGE_ANSWERED: _answered,
}


def _matters(session: Session, numbers: list[int]) -> dict[int, Matter]:
    site = aliased(Place)
    rows = session.execute(
        select(Notice, Event, Submission, Person, Place.name, site.name)
        .join(Event, Event.id == Notice.event_id)
        .join(Submission, Submission.id == Event.submission_id)
        .outerjoin(Person, Person.id == Notice.person_id)
        .outerjoin(Place, Place.id == Submission.place_id)
        .outerjoin(site, site.id == Place.parent_id)
        .where(Notice.id.in_(numbers))
    )
    return {row[0].id: Matter(*row) for row in rows}


def _routes(session: Session, submissions: set[int]) -> dict[int, list[RouteRow]]:
    found: dict[int, list[RouteRow]] = {number: [] for number in submissions}
    statement = select(RouteRow).where(RouteRow.submission_id.in_(submissions)).order_by(RouteRow.position)
    for route in session.scalars(statement):
        found[route.submission_id].append(route)
    return found


def _since(event: Event) -> tuple[Reason, ...]:
    """Why a case came to others later than it arrived."""
    return (("concerned_later", {}),) if event.name == "rerouted" and "back" not in event.details else ()


def _heading(letter: Letter) -> str:
    return letter.person or letter.department


def _list_of(letter: Letter) -> str:
    """Where a manager finds the praise of the letter's department."""
    return f"/praise?department={letter.praise.department_id}"
