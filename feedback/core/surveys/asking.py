"""Which survey a link asks, and what a customer's form needs to know of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback.core import audit
from feedback.core.access import Viewer
from feedback.core.links import Link, visible_to
from feedback.core.submissions import Given
from feedback.core.surveys import answering
from feedback.core.surveys.answering import Answers
from feedback.core.surveys.design import Design, read
from feedback.core.surveys.keeping import published
from feedback.core.surveys.model import Asking, Audience, Edition, Response, Survey, When

ONE_VOTE_MORE = "on conflict (survey_id, value) do update set n = poll_count.n + excluded.n"
MOST_LINKS = 200  # that ask a survey and are listed with it


class NotOfThisAudience(Exception):
    """A survey for customers on a link inside the company, or the other way round."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The edition that a form asks, ready to be shown; `closed_at` is when the survey was closed, if it was."""

    survey_id: int
    edition_id: int
    design: Design
    is_poll: bool
    code: str | None
    closed_at: datetime | None
    moment: When = When.INSTEAD
    shows_first: bool = False

    def is_open(self, at: datetime, timezone: str) -> bool:
        """Whether it asks at the moment `at`."""
        return self.closed_at is None and not self._is_past(at, timezone)

    def is_taken(self, begun_at: datetime, timezone: str) -> bool:
        """Whether answers are taken from a page that was opened at `begun_at`: whoever began in time may finish."""
        was_open = self.closed_at is None or begun_at <= self.closed_at
        return was_open and not self._is_past(begun_at, timezone)

    def _is_past(self, at: datetime, timezone: str) -> bool:
        last = self.design.closes_on
        return last is not None and at.astimezone(ZoneInfo(timezone)).date() > last

    def given(self, answers: Answers, *, is_partial: bool = False) -> Given:
        """What a submission keeps of those answers."""
        votes: tuple[str, ...] = ()
        if self.is_poll:
            question = self.design.questions[0]
            votes = tuple(answering.counted(question, answers[question.code])) if question.code in answers else ()
        return Given(self.survey_id, self.edition_id, answers, is_partial, votes)


def asked_by(session: Session, link_id: int) -> Asked | None:
    """What that link asks; None where it asks nothing."""
    row = session.execute(
        select(Asking, Edition, Survey)
        .join(Edition, Edition.id == Asking.edition_id)
        .join(Survey, Survey.id == Asking.survey_id)
        .where(Asking.link_id == link_id)
    ).first()
    if row is None:
        return None
    asking, edition, survey = row
    return _asked(survey, edition, When(asking.moment), shows_first=asking.shows_first)


def older(session: Session, asked: Asked, edition_id: int) -> Asked | None:
    """Another edition of the same survey, for a page that was opened before the link was switched."""
    edition = session.get(Edition, edition_id)
    if edition is None or edition.survey_id != asked.survey_id or edition.published_at is None:
        return None
    survey = session.get_one(Survey, asked.survey_id)
    return _asked(survey, edition, asked.moment, shows_first=asked.shows_first)


def gone(session: Session, edition_id: int) -> Asked | None:
    """A published edition that is asked no more where it was, so that it can still be shown; it takes no answers."""
    edition = session.get(Edition, edition_id)
    if edition is None or edition.published_at is None:
        return None
    survey = session.get_one(Survey, edition.survey_id)
    return replace(_asked(survey, edition, When.INSTEAD), closed_at=edition.published_at)


def poll_with(session: Session, code: str) -> tuple[Survey, Asked | None] | None:
    """The poll of that code (in its one form), with what it asks once it is published."""
    survey = session.scalar(select(Survey).where(Survey.code == code))
    if survey is None:
        return None
    edition = published(session, survey.id)
    return survey, _asked(survey, edition, When.INSTEAD) if edition else None


@dataclass(frozen=True, slots=True)
class AnsweredWith:
    """What came of a submission that answered a survey: whether a rating was low, and the code of a poll."""

    design: Design
    answers: Answers
    is_low: bool
    code: str | None


def answered_by(session: Session, submission_id: int) -> AnsweredWith | None:
    """What that submission answered; None where it answered nothing."""
    row = session.execute(
        select(Response, Edition, Survey)
        .join(Edition, Edition.id == Response.edition_id)
        .join(Survey, Survey.id == Response.survey_id)
        .where(Response.submission_id == submission_id)
    ).first()
    if row is None:
        return None
    response, edition, survey = row
    design = read(edition.document)
    return AnsweredWith(design, response.answers, answering.is_low(design, response.answers), survey.code)


def ask(
    session: Session,
    viewer: Viewer,
    link: Link,
    survey: Survey,
    edition: Edition,
    moment: When,
    at: datetime,
    *,
    shows_first: bool,
) -> None:
    """Let a link ask that edition from the next scan on. Raises NotOfThisAudience."""
    if (survey.audience == Audience.STAFF) != link.is_internal:
        raise NotOfThisAudience
    asking = session.get(Asking, link.id) or Asking(link_id=link.id)
    asking.survey_id, asking.edition_id = survey.id, edition.id
    asking.moment, asking.shows_first = moment, shows_first
    session.add(asking)
    _note(session, viewer, link, "asks", at, {"survey": survey.name, "number": str(edition.number)})


def switch(
    session: Session, viewer: Viewer, link: Link, asking: Asking, survey: Survey, edition: Edition, at: datetime
) -> None:
    """Let a link ask another edition of the same survey, in all else as before."""
    asking.edition_id = edition.id
    _note(session, viewer, link, "asks", at, {"survey": survey.name, "number": str(edition.number)})


def carry_over(session: Session, link: Link, fresh: Link) -> None:
    """Let a code that was issued anew ask what the one before asks."""
    asking = session.get(Asking, link.id)
    if asking:
        again = {"edition_id": asking.edition_id, "moment": asking.moment, "shows_first": asking.shows_first}
        session.add(Asking(link_id=fresh.id, survey_id=asking.survey_id, **again))


def ask_nothing(session: Session, viewer: Viewer, link: Link, at: datetime) -> None:
    """Let a link ask nothing any more."""
    asking = session.get(Asking, link.id)
    if asking:
        name = session.get_one(Survey, asking.survey_id).name
        session.delete(asking)
        _note(session, viewer, link, "asks_nothing", at, {"survey": name})


def set_internal(session: Session, viewer: Viewer, link: Link, is_internal: bool, at: datetime) -> None:
    """Mark a link as one that asks people inside the company, or customers. Raises NotOfThisAudience."""
    if is_internal == link.is_internal:
        return
    if session.get(Asking, link.id):
        raise NotOfThisAudience
    link.is_internal = is_internal
    _note(session, viewer, link, "made_internal" if is_internal else "made_for_customers", at, {})


def links_that_ask(session: Session, viewer: Viewer, survey_id: int) -> Sequence[tuple[Link, Asking, int]]:
    """The links within the viewer's reach that ask a survey, some hundreds at the most, with the edition each asks."""
    rows = session.execute(
        select(Link, Asking, Edition.number)
        .join(Asking, Asking.link_id == Link.id)
        .join(Edition, Edition.id == Asking.edition_id)
        .where(Asking.survey_id == survey_id, Link.id.in_(visible_to(viewer).with_only_columns(Link.id)))
        .order_by(Link.id)
        .limit(MOST_LINKS)
    )
    return [(link, asking, number) for link, asking, number in rows]


def response_row(submission_id: int, given: Given) -> dict[str, Any]:
    """The row of what a submission answers."""
    return {
        "submission_id": submission_id,
        "survey_id": given.survey_id,
        "edition_id": given.edition_id,
        "answers": dict(given.answers),
        "is_partial": given.is_partial,
        "portion_id": None,
    }


def vote_rows(given: Given) -> list[dict[str, Any]]:
    """The rows that count a vote in a poll; where there is one already, ONE_VOTE_MORE adds to it."""
    return [{"survey_id": given.survey_id, "value": value, "n": 1} for value in given.votes]


def _asked(survey: Survey, edition: Edition, moment: When, *, shows_first: bool = False) -> Asked:
    design = read(edition.document)
    return Asked(survey.id, edition.id, design, survey.is_poll, survey.code, survey.closed_at, moment, shows_first)


def _note(session: Session, viewer: Viewer, link: Link, act: str, at: datetime, details: dict[str, str]) -> None:
    audit.note(session, "link", link.id, act, at, by_id=viewer.person_id, details={"code": link.code} | details)
