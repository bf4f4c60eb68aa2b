"""A dry run: what rules would have changed about the last submissions; nothing is kept."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from feedback.core.access import Viewer
from feedback.core.links import Link, nearest_department
from feedback.core.organisation import Organisation
from feedback.core.people import Person, Topic, places_above
from feedback.core.routing.decision import decide, fitting
from feedback.core.routing.drawing import picture
from feedback.core.routing.model import Decision, Picture, Target
from feedback.core.rules import Rule, keeping
from feedback.core.submissions import SURVEY, Concern, Draft, Submission, SubmissionTopic, concerns
from feedback.db import Base

MOST = 200

T = TypeVar("T", bound=Base)


@dataclass(frozen=True, slots=True)
class Change:
    """One submission that would have gone another way."""

    submission: Submission
    before: Decision
    after: Decision


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a dry run: how many were looked at, how many of them fit, and what would be different.

    `old` and `new` are the pictures that the two decisions of each change were made from, with all names in them.
    """

    looked_at: int
    fitting: int
    changes: tuple[Change, ...]
    old: Picture
    new: Picture


def run(session: Session, viewer: Viewer, tried: Rule, before: Sequence[Rule], after: Sequence[Rule]) -> Trial:
    """What the rules `after` would have changed, with `tried` among them, beside those of `before`.

    Looks at the last MOST submissions that the viewer may know of (rule 2), in a fixed number of statements.
    """
    memory = _Memory(session, viewer)
    old, new = memory.picture(before), memory.picture(after)
    alone = replace(new, rules=tuple(keeping.with_names(session, [tried])))
    fits, changes = 0, []
    for submission in memory.submissions:
        draft, target = memory.draft(submission), memory.target(submission)
        concerned = memory.concerned.get(submission.id, frozenset())
        local = submission.submitted_at.astimezone(memory.zone)
        fits += bool(fitting(draft, target, alone, local))
        first, then = (decide(draft, target, one, local, concerned=concerned) for one in (old, new))
        if _outcome(first) != _outcome(then):
            changes.append(Change(submission, first, then))
    return Trial(len(memory.submissions), fits, tuple(changes), old, new)


def _outcome(decision: Decision) -> object:
    """Whom it reaches and how, whatever the reasons."""
    routes = [(route.purpose, route.department_id, route.person_id, route.address) for route in decision.routes]
    return routes, decision.handler_id, decision.severity


class _Memory:
    """The last submissions with all that deciding about them needs, read at once."""

    def __init__(self, session: Session, viewer: Viewer) -> None:
        self._session = session
        statement = select(Submission).where(
            Submission.kind != SURVEY,
            ~concerns(Submission.id, viewer.person_id),
            or_(Submission.person_id.is_(None), Submission.person_id != viewer.person_id),
        )
        self.submissions = session.scalars(statement.order_by(Submission.id.desc()).limit(MOST)).all()
        numbers = [submission.id for submission in self.submissions]
        self.zone = ZoneInfo(session.scalars(select(Organisation.timezone)).one())
        self.concerned: dict[int, frozenset[int]] = {}
        for number, person_id in session.execute(
            select(Concern.submission_id, Concern.person_id).where(Concern.submission_id.in_(numbers))
        ):
            self.concerned[number] = self.concerned.get(number, frozenset()) | {person_id}
        self._topics: dict[int, tuple[int, ...]] = {}
        for number, topic_id in session.execute(
            select(SubmissionTopic.submission_id, SubmissionTopic.topic_id)
            .where(SubmissionTopic.submission_id.in_(numbers))
            .order_by(SubmissionTopic.topic_id)
        ):
            self._topics[number] = (*self._topics.get(number, ()), topic_id)
        topics = [id for ids in self._topics.values() for id in ids]
        self._about = {topic.id: topic for topic in _found(session, Topic, topics)}
        self._links = {link.id: link for link in _found(session, Link, [one.link_id for one in self.submissions])}
        linked = [link.place_id for link in self._links.values()]
        self._places = places_above(session, {id for id in (*self._place_ids, *linked) if id})
        people = [one.person_id for one in self.submissions] + [link.person_id for link in self._links.values()]
        self._people = {person.id: person for person in _found(session, Person, people)}

    def picture(self, rules: Sequence[Rule]) -> Picture:
        """The organisation with those rules."""
        departments = {person.department_id for person in self._people.values()}
        departments |= {topic.department_id for topic in self._about.values()}
        departments |= {place.department_id for place in self._places.values() if place.department_id}
        departments |= {link.department_id for link in self._links.values() if link.department_id}
        departments |= {one.department_id for one in self.submissions if one.department_id}
        return picture(
            self._session,
            departments=departments,
            people={p.id: (p.public_name, p.department_id) for p in self._people.values()},
            topics={topic.id: (topic.name, topic.department_id) for topic in self._about.values()},
            places=self._place_ids,
            trying=rules,
        )

    def draft(self, submission: Submission) -> Draft:
        """What was said, as far as it decides anything."""
        return Draft(
            kind=submission.kind,
            message=submission.message,
            person_id=submission.person_id,
            person_note=submission.person_note,
            topic_ids=self._topics.get(submission.id, ()),
            rating=submission.rating,
            language=submission.language,
            is_trapped=submission.is_trapped,
        )

    def target(self, submission: Submission) -> Target:
        """What it was sent to; a link that was pointed elsewhere since is taken as it is now."""
        link = self._links.get(submission.link_id or 0)
        place_id = submission.place_id
        place = self._places.get(place_id or 0)
        return Target(
            department_id=self._department(submission, link),
            place=place.name if place else "",
            place_id=place_id,
            link_id=submission.link_id,
        )

    def _department(self, submission: Submission, link: Link | None) -> int | None:
        if submission.place_id:
            return nearest_department(self._places, submission.place_id)
        if link is None:
            return submission.department_id
        person = self._people.get(link.person_id or 0)
        return person.department_id if person else link.department_id

    @property
    def _place_ids(self) -> set[int]:
        return {one.place_id for one in self.submissions if one.place_id}


def _found(session: Session, table: type[T], ids: Collection[int | None]) -> Sequence[T]:
    wanted = {id for id in ids if id is not None}
    return session.scalars(select(table).where(table.id.in_(wanted))).all()  # type: ignore[attr-defined]
