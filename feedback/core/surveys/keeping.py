"""The life of a survey: made, edited as a draft, published as an edition that never changes, closed and opened again.

Managers make surveys of their own departments; those of the whole organisation are an admin's, and managers can put
them on their links. Whoever changes a draft says which revision they saw; of two at once the second is refused.
"""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from feedback import crockford
from feedback.core import audit
from feedback.core.access import Viewer
from feedback.core.organisation import Organisation
from feedback.core.submissions import Submission
from feedback.core.surveys.design import Design, Fault, faults, read, written
from feedback.core.surveys.model import CODE_LENGTH, Audience, Edition, Response, Survey
from feedback.db import new_id


class ChangedMeanwhile(Exception):
    """The draft is not as it was shown; nothing was changed."""


class StaysClosed(Exception):
    """Its last day is over, or it has as many responses as are wanted, so that it would close again."""


class NotPublishable(Exception):
    """The draft cannot be published as it is."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(", ".join(fault.name for fault in faults))
        self.faults = faults


def is_whole_for(viewer: Viewer, survey: Survey) -> bool:
    """Whether a survey with all its answers is the viewer's to change and to read."""
    return viewer.sees_everything or survey.department_id in viewer.managed


def visible_to(viewer: Viewer) -> Select[Survey]:
    """The surveys a viewer may see: all for an admin, else those of own departments and of the whole organisation."""
    if viewer.sees_everything:
        return select(Survey)
    return select(Survey).where(or_(Survey.department_id.is_(None), Survey.department_id.in_(viewer.managed)))


def one(session: Session, viewer: Viewer, survey_id: int) -> Survey | None:
    """The survey of that id if the viewer may see it."""
    return session.scalar(visible_to(viewer).where(Survey.id == survey_id))


def to_change(session: Session, viewer: Viewer, survey_id: int) -> Survey | None:
    """The survey of that id if the viewer may change it, held until the transaction ends."""
    found = session.scalar(visible_to(viewer).where(Survey.id == survey_id).with_for_update(of=Survey))
    return found if found and is_whole_for(viewer, found) else None


def page(session: Session, viewer: Viewer, *, after: int | None = None, size: int) -> Sequence[Survey]:
    """Up to `size` surveys that the viewer may see, newest first, older than `after`."""
    statement = visible_to(viewer).order_by(Survey.id.desc()).limit(size)
    return session.scalars(statement.where(Survey.id < after) if after else statement).all()


def to_ask(session: Session, viewer: Viewer, *, is_internal: bool, most: int) -> Sequence[Survey]:
    """The surveys that the viewer can put on a link, newest first: published, open, and for those who scan it."""
    audience = Audience.STAFF if is_internal else Audience.CUSTOMERS
    edition = select(Edition.id).where(Edition.survey_id == Survey.id, Edition.published_at.is_not(None))
    wanted = visible_to(viewer).where(Survey.audience == audience, Survey.closed_at.is_(None), edition.exists())
    return session.scalars(wanted.order_by(Survey.id.desc()).limit(most)).all()


def make(
    session: Session,
    viewer: Viewer,
    design: Design,
    at: datetime,
    *,
    name: str,
    department_id: int | None,
    audience: Audience = Audience.CUSTOMERS,
    is_poll: bool = False,
) -> Survey:
    """A new survey with `design` as its first draft."""
    survey = Survey(
        id=new_id(at),
        name=name,
        department_id=department_id,
        audience=audience,
        code=crockford.encode(secrets.token_bytes(5), CODE_LENGTH) if is_poll else None,
        made_at=at,
        made_by_id=viewer.person_id,
    )
    session.add(survey)
    session.flush()
    session.add(Edition(id=new_id(at), survey_id=survey.id, number=1, document=written(design), revision=1))
    session.flush()
    _note(session, viewer, survey, "made", at)
    return survey


def newest(session: Session, survey_id: int) -> Edition:
    """The newest edition, a draft or not."""
    wanted = select(Edition).where(Edition.survey_id == survey_id).order_by(Edition.number.desc()).limit(1)
    return session.scalars(wanted).one()


def published(session: Session, survey_id: int) -> Edition | None:
    """The newest edition that is published."""
    wanted = select(Edition).where(Edition.survey_id == survey_id, Edition.published_at.is_not(None))
    return session.scalar(wanted.order_by(Edition.number.desc()).limit(1))


def change(session: Session, survey: Survey, design: Design, at: datetime, *, seen: int) -> Edition:
    """Keep `design` as the draft; after a published edition a new draft begins. Raises ChangedMeanwhile.

    `seen` is the revision of the newest edition that was on the screen.
    """
    current = newest(session, survey.id)
    if current.revision != seen:
        raise ChangedMeanwhile
    if current.published_at is None:
        current.document, current.revision = written(design), current.revision + 1
        return current
    number, revision = current.number + 1, current.revision + 1
    draft = Edition(id=new_id(at), survey_id=survey.id, number=number, document=written(design), revision=revision)
    session.add(draft)
    session.flush()
    return draft


def throw_away(session: Session, survey: Survey, *, seen: int) -> bool:
    """Throw the draft away; False where nothing was published yet, so that the survey would be empty."""
    current = newest(session, survey.id)
    if current.revision != seen:
        raise ChangedMeanwhile
    if current.published_at or current.number == 1:
        return False
    session.delete(current)
    return True


def publish(session: Session, viewer: Viewer, survey: Survey, at: datetime, *, seen: int) -> Edition:
    """Publish the draft; from here on it never changes. Raises NotPublishable or ChangedMeanwhile.

    Links go on asking what they asked until they are told to switch.
    """
    draft = newest(session, survey.id)
    if draft.revision != seen:
        raise ChangedMeanwhile
    found = faults(read(draft.document), is_poll=survey.is_poll)
    if found:
        raise NotPublishable(found)
    if draft.published_at is None:
        draft.published_at, draft.published_by_id = at, viewer.person_id
        _note(session, viewer, survey, "published", at, number=draft.number)
    return draft


def set_open(session: Session, viewer: Viewer, survey: Survey, is_open: bool, at: datetime) -> None:
    """Close a survey, or open it again; what was answered stays.

    Raises StaysClosed where its last day is over or it has as many responses as are wanted.
    """
    if is_open != (survey.closed_at is not None):
        return
    if is_open and (_is_past(session, survey, at) or is_filled(session, survey)):
        raise StaysClosed
    survey.closed_at = None if is_open else at
    _note(session, viewer, survey, "opened" if is_open else "closed", at)


def _is_past(session: Session, survey: Survey, at: datetime) -> bool:
    edition = published(session, survey.id)
    last = read(edition.document).closes_on if edition else None
    zone = ZoneInfo(session.scalars(select(Organisation.timezone)).one_or_none() or "UTC")
    return last is not None and last < at.astimezone(zone).date()


def close_past(session: Session, at: datetime) -> int:
    """Close the surveys whose last day is over, so that they stand among those that are; how many."""
    zone = ZoneInfo(session.scalars(select(Organisation.timezone)).one_or_none() or "UTC")
    today, asked = at.astimezone(zone).date(), {}
    rows = session.execute(
        select(Survey, Edition)
        .join(Edition, Edition.survey_id == Survey.id)
        .where(Survey.closed_at.is_(None), Edition.published_at.is_not(None))
        .order_by(Edition.survey_id, Edition.number)
    )
    for survey, edition in rows:
        asked[survey] = read(edition.document).closes_on  # the newest comes last
    past = [(survey, last) for survey, last in asked.items() if last and last < today]
    for survey, last in past:
        survey.closed_at = datetime.combine(last + timedelta(days=1), time(), zone)
        audit.note(session, "survey", survey.id, "ended", at, by_id=None, details={"name": survey.name})
    return len(past)


def is_filled(session: Session, survey: Survey) -> bool:
    """Whether a survey has as many responses as its newest edition wants at the most, the partial ones among them.

    What filled the field that nobody sees is none.
    """
    edition = published(session, survey.id)
    quota = read(edition.document).quota if edition else None
    if quota is None:
        return False
    some = (
        select(Response.submission_id)
        .join(Submission, Submission.id == Response.submission_id)
        .where(Response.survey_id == survey.id, ~Submission.is_trapped)
        .limit(quota)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(some)) == quota


def fill(session: Session, survey: Survey, at: datetime) -> None:
    """Close a survey because it has as many responses as were wanted; whoever has begun may still finish."""
    survey.closed_at = at
    audit.note(session, "survey", survey.id, "filled", at, by_id=None, details={"name": survey.name})


def without(design: Design, code: str) -> Design:
    """The design without that question; its code is not used again."""
    return replace(design, questions=tuple(one for one in design.questions if one.code != code))


def moved(design: Design, code: str, to: int) -> Design:
    """The design with that question at the place `to`, counted from 0."""
    questions = [one for one in design.questions if one.code != code]
    moving = design.question(code)
    if moving is None:
        return design
    questions.insert(max(0, min(to, len(questions))), moving)
    return replace(design, questions=tuple(questions))


def names(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """The names of those surveys by id."""
    return {id: name for id, name in session.execute(select(Survey.id, Survey.name).where(Survey.id.in_(ids)))}


def _note(
    session: Session, viewer: Viewer, survey: Survey, act: str, at: datetime, *, number: int | None = None
) -> None:
    details = {"name": survey.name} | ({"number": str(number)} if number else {})
    audit.note(session, "survey", survey.id, act, at, by_id=viewer.person_id, details=details)
