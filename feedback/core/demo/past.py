"""The demo's history: sixty submissions placed in the last ninety days, and what was done about them."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback import clock
from feedback.core import access, cases, history, intake, recognition, routing, thanks, walls
from feedback.core.access import Viewer
from feedback.core.cases import Case, Status
from feedback.core.demo import cast, derived
from feedback.core.demo.asked import AskedPast
from feedback.core.demo.shop import Shop
from feedback.core.demo.words import Said, Stage, said
from feedback.core.favourites import Favourite
from feedback.core.intake import Scene
from feedback.core.links import nearest_department
from feedback.core.people import Department, departments_above
from feedback.core.praise import Praise, Reading
from feedback.core.routing import Target
from feedback.core.submissions import Draft, Kind, Submission
from feedback.db import moment_of, new_id

OPENS, OPEN_FOR = time(9), 540  # minutes of a day in which customers come
UNREAD = timedelta(days=3)  # praise younger than this still waits to be read
AGREED = timedelta(minutes=7)  # after a letter was read, to have it shown


class Past:
    """Places what was said in a shop that was just made; nobody is told, as with every history."""

    def __init__(self, session: Session, shop: Shop, secret: str, now: datetime) -> None:
        self._session, self._shop, self._secret, self._now = session, shop, secret, now
        self._marked: list[int] = []  # submissions
        self._thanked: dict[int, str] = {}
        self._passed_on: dict[int, Said] = {}
        self._places = {place.id: place for place in shop.places.values()}
        self._picture = routing.picture(
            session,
            departments=[department.id for department in shop.departments.values()],
            people={p.id: (p.public_name, p.department_id) for p in shop.people.values()},
            topics={topic.id: (topic.name, topic.department_id) for topic in shop.topics.values()},
        )
        self._managers = {
            shop.departments[member.manages].id: self._viewer(member.name) for member in cast.PEOPLE if member.manages
        }

    def happen(self) -> None:
        """Everything that was said, oldest first, so that each day's ids rise."""
        for number, words in reversed(list(enumerate(said()))):
            at = self._moment(number, words)
            submission_id = self._send(number, words, at)
            if words.thanked is not None:
                self._thanked[submission_id] = words.thanked
            if words.line or words.beyond or words.brought:
                self._passed_on[submission_id] = words
            if words.favourite:
                self._marked.append(submission_id)
            if words.kind != Kind.COMPLIMENT:
                self._work(self._session.get_one(Case, submission_id), words, at)
        self._read()
        self._mark()
        self._thank()
        self._pass_on()
        self._hang()
        self._ask()

    def _moment(self, number: int, words: Said) -> datetime:
        """A minute of the shop's day, spread over it by number; today's lie in the last hours."""
        day = clock.day(self._now, cast.TIMEZONE) - timedelta(days=words.days)
        opened = datetime.combine(day, OPENS, ZoneInfo(cast.TIMEZONE))
        at = opened + timedelta(minutes=number * 97 % OPEN_FOR)
        return min(at, self._now - timedelta(minutes=20 * (number + 1))) if words.days == 0 else at

    def _send(self, number: int, words: Said, at: datetime) -> int:
        scene, key = self._scene(words), derived.key(self._secret, number)
        is_history = words.kind != Kind.COMPLIMENT  # so that its cases begin closed; its praise is like any other
        plan = intake.plan(self._draft(words), scene, key=key, at=at, secret=self._secret, is_history=is_history)
        intake.keep(self._session.connection(), plan)
        submission_id: int = plan.submission["id"]
        return submission_id

    def _draft(self, words: Said) -> Draft:
        shop = self._shop
        name, email = words.contact
        return Draft(
            kind=words.kind,
            message=words.words,
            person_id=shop.people[words.person].id if words.person else None,
            person_note=words.described,
            topic_ids=(shop.topics[words.topic].id,) if words.topic else (),
            rating=words.rating,
            contact_name=name,
            contact_email=email,
            may_contact=bool(email),
            may_share=words.may_share,
            language=words.language,
        )

    def _scene(self, words: Said) -> Scene:
        """Through a printed code where one points there; else at a place or for a department."""
        shop, where = self._shop, words.where
        link, place = shop.links.get(where), shop.places.get(where)
        person = shop.people.get(where)
        department_id = nearest_department(self._places, place.id) if place else None
        if not place:
            department_id = person.department_id if person else shop.departments[where].id
        target = Target(
            person_id=person.id if person else None,
            department_id=department_id,
            place=place.name if place else "",
            place_id=place.id if place else None,
            link_id=link.id if link else None,
        )
        return Scene(target, self._picture, cast.TIMEZONE, mails=False)

    def _work(self, case: Case, words: Said, at: datetime) -> None:
        """Bring the case as far as its stage says; history began it as closed."""
        if words.stage != Stage.DONE:
            case.status, case.closed_at = Status.RECEIVED, None
        if words.stage == Stage.NEW:
            return
        manager = self._managers[case.department_id or 0]
        handler = self._shop.people[words.handler].id if words.handler else manager.person_id
        taken_at = self._later(at, timedelta(hours=3))
        cases.assign(self._session, manager, case, handler, version=case.version, at=taken_at, mails=False)
        if words.note:
            by = self._viewer(words.handler)
            cases.note(self._session, by, case, words.note, self._later(at, timedelta(hours=27)))
        if words.stage == Stage.DONE:
            self._close(case, handler, self._later(at, timedelta(days=3)))

    def _close(self, case: Case, handler: int, at: datetime) -> None:
        case.status, case.closed_at = Status.CLOSED, at
        submission = self._session.get_one(Submission, case.id)
        history.add(self._session, submission, "closed", at, by_id=handler)

    def _read(self) -> None:
        """Praise was read within a day by all whom it is for; the newest still waits."""
        own = {p.id: departments_above(self._session, [p.department_id]) for p in self._shop.people.values()}
        sent = select(Praise, Submission.submitted_at).join(Submission, Submission.id == Praise.submission_id)
        for praise, at in self._session.execute(sent.where(~Praise.is_held)):
            if at < self._now - UNREAD:
                praise.read_at = self._later(at, timedelta(hours=2 + at.minute % 20))
                together = [person_id for person_id, departments in own.items() if praise.department_id in departments]
                self._session.add_all(
                    Reading(praise_id=praise.id, person_id=person_id, read_at=praise.read_at)
                    for person_id in ([praise.person_id] if praise.person_id else together)
                )

    def _mark(self) -> None:
        """Whom a letter was for in person marked it after reading it."""
        letters = select(Praise).where(Praise.submission_id.in_(self._marked), Praise.person_id.is_not(None))
        for praise in self._session.scalars(letters.order_by(Praise.id)):
            at = self._later(praise.read_at or self._now, timedelta(minutes=5))
            row = Favourite(id=new_id(at), person_id=praise.person_id, praise_id=praise.id, at=at)
            self._session.add(row)

    def _thank(self) -> None:
        """Whom a letter was for in person thanked for it after reading it."""
        names = {person.id: name for name, person in self._shop.people.items()}
        letters = select(Praise).where(Praise.submission_id.in_(self._thanked), Praise.person_id.is_not(None))
        for praise in self._session.scalars(letters.order_by(Praise.id)):
            at = self._later(praise.read_at or self._now, timedelta(minutes=3))
            words = self._thanked[praise.submission_id]
            thanks.give(self._session, self._viewer(names[praise.person_id or 0]), praise.id, words, at, mails=False)

    def _pass_on(self) -> None:
        """The manager of whom a letter was for added to it the same day, and the director answered the day after."""
        letters = select(Praise).where(Praise.submission_id.in_(self._passed_on), Praise.person_id.is_not(None))
        for praise in self._session.scalars(letters.order_by(Praise.id)):
            words, at = self._passed_on[praise.submission_id], self._later(moment_of(praise.id), timedelta(hours=9))
            manager = self._above(praise.department_id)
            if words.line:
                recognition.say(self._session, manager, praise.id, words.line, at)
            if words.beyond:
                recognition.mark(self._session, manager, praise.id, at)
            if words.brought:
                recognition.bring(self._session, manager, praise.id, at, is_past=True)
            self._note(praise, words, self._later(at, timedelta(days=1)))

    def _note(self, praise: Praise, words: Said, at: datetime) -> None:
        director = self._above(self._shop.departments[cast.ORGANISATION].id)
        for note, to_giver in ((words.noted, False), (words.giver_noted, True)):
            if note is not None:
                recognition.note(self._session, director, praise.id, note, at, to_giver=to_giver, is_past=True)

    def _above(self, department_id: int) -> Viewer:
        """Who manages that department, else the nearest above it."""
        department = self._session.get_one(Department, department_id)
        return self._managers.get(department_id) or self._above(department.parent_id or 0)

    def _hang(self) -> None:
        """A wall in the staff room, with the letters on it whose customers agreed and which were read since."""
        head = next(member for member in cast.PEOPLE if member.manages == cast.ORGANISATION)
        root, opened = self._shop.departments[cast.ORGANISATION], self._now - UNREAD
        walls.make(self._session, self._viewer(head.name), root.id, cast.WALL, "en", opened, self._secret)
        names = {person.id: name for name, person in self._shop.people.items()}
        read = select(Praise).join(Submission, Submission.id == Praise.submission_id)
        read = read.where(Submission.may_share, Praise.read_at.is_not(None)).order_by(Praise.id)
        for praise in self._session.scalars(read).all():
            name = names[praise.person_id] if praise.person_id else head.name
            if name in self._shop.accounts:
                at = self._later(praise.read_at or opened, AGREED)
                walls.put_up(self._session, self._viewer(name), praise.id, at)

    def _ask(self) -> None:
        """A survey at the table whose code is printed, and polls, all of them an admin's."""
        admin = next(member for member in cast.PEOPLE if member.is_admin)
        link, place = self._shop.links[cast.LINKED_PLACE], self._shop.places[cast.LINKED_PLACE]
        department_id = nearest_department(self._places, place.id)
        target = Target(department_id=department_id, place=place.name, place_id=place.id, link_id=link.id)
        asked = AskedPast(self._session, self._viewer(admin.name), self._picture, self._secret, self._now)
        asked.happen(link, target)

    def _viewer(self, name: str) -> Viewer:
        return access.viewer_of(self._session, self._shop.people[name], self._shop.accounts[name])

    def _later(self, at: datetime, by: timedelta) -> datetime:
        return min(at + by, self._now)
