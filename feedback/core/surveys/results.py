"""What a survey says: counts of whole portions within a filter, question by question, over all its editions."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from feedback.core import links
from feedback.core.access import Viewer
from feedback.core.people import Department, Place, departments_below, places_below, places_run_by, plain
from feedback.core.surveys.counting import PARTIAL
from feedback.core.surveys.design import Question, read
from feedback.core.surveys.keeping import is_whole_for
from feedback.core.surveys.model import NONE, AnswerCount, AnswerText, Edition, Portion, Survey
from feedback.core.surveys.portions import FEWEST

SCOPES = ("department", "place", "link")
MOST_SCOPES = 500  # of each kind that are offered to choose from


@dataclass(frozen=True, slots=True)
class Filter:
    """Which responses are looked at: of one scope ("all" for every), in one language ("" for any), of which weeks."""

    scope: str = "all"
    scope_id: int = NONE
    language: str = ""
    since: date | None = None  # Mondays, both within
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One department, place or link to choose, with the number of its responses."""

    scope: str
    id: int
    name: str
    n: int


@dataclass(slots=True)
class Counts:
    """The counts within one filter: responses, and each question's answers by value; "" counts who answered."""

    complete: int = 0
    partial: int = 0
    answers: dict[str, Counter[str]] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """All responses, the partial ones among them."""
        return self.complete + self.partial

    def of(self, code: str) -> Counter[str]:
        """The answers to one question."""
        return self.answers.get(code, Counter())


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was asked last, and whether it still is."""

    question: Question
    is_asked: bool


def questions_of(session: Session, survey: Survey) -> list[Asked]:
    """Every question that a published edition asks or asked: those of the newest in its order, then the others.

    Options that were taken away stay with their question, behind those that are left.
    """
    found: dict[str, Question] = {}
    newest: Sequence[Question] = ()
    for edition in _published(session, survey.id):
        newest = read(edition.document).questions
        for question in newest:
            found[question.code] = _with_old_options(question, found.get(question.code))
    current = [question.code for question in newest]
    order = [*current, *(code for code in found if code not in current)]
    return [Asked(found[code], code in current) for code in order]


def counts(session: Session, survey_id: int, wanted: Filter) -> Counts:
    """The counts within a filter, in one statement on one range of the key."""
    rows = session.execute(
        select(AnswerCount.question, AnswerCount.value, func.sum(AnswerCount.n))
        .where(_within(survey_id, wanted))
        .group_by(AnswerCount.question, AnswerCount.value)
    )
    found = Counts()
    for question, value, n in rows:
        if question:
            found.answers.setdefault(question, Counter())[value] = int(n)
        elif value == PARTIAL:
            found.partial = int(n)
        else:
            found.complete = int(n)
    return found


def how_many(session: Session, survey_ids: Sequence[int]) -> dict[int, int]:
    """How many responses of each of those surveys are counted, in one statement."""
    rows = session.execute(
        select(AnswerCount.survey_id, func.sum(AnswerCount.n))
        .where(AnswerCount.survey_id.in_(survey_ids), AnswerCount.question == "")
        .where(AnswerCount.scope == "all", AnswerCount.language == "")
        .group_by(AnswerCount.survey_id)
    )
    return {id: int(n) for id, n in rows}


def weeks(session: Session, survey_id: int, wanted: Filter, question: str) -> dict[date, Counter[str]]:
    """The answers to one question week by week, the oldest first; weeks without any are not there."""
    rows = session.execute(
        select(AnswerCount.week, AnswerCount.value, func.sum(AnswerCount.n))
        .where(_within(survey_id, wanted), AnswerCount.question == question)
        .group_by(AnswerCount.week, AnswerCount.value)
        .order_by(AnswerCount.week)
    )
    found: dict[date, Counter[str]] = defaultdict(Counter)
    for week, value, n in rows:
        found[week][value] = int(n)
    return dict(found)


def languages(session: Session, survey_id: int, wanted: Filter) -> list[tuple[str, int]]:
    """The languages that were answered in within the scope of a filter, with the number of responses."""
    rows = session.execute(
        select(AnswerCount.language, func.sum(AnswerCount.n))
        .where(_is_response(survey_id), AnswerCount.language != "")
        .where(AnswerCount.scope == wanted.scope, AnswerCount.scope_id == wanted.scope_id)
        .group_by(AnswerCount.language)
    )
    return [(language, int(n)) for language, n in rows]


def choices(session: Session, viewer: Viewer, survey: Survey, wanted: Filter | None = None) -> list[Choice]:
    """The departments, places and links with responses that the viewer may look at alone, by kind and name.

    Some hundreds of each kind at the most; or only the one that is `wanted`, if it is among them.
    """
    only = [AnswerCount.scope == wanted.scope, AnswerCount.scope_id == wanted.scope_id] if wanted else []
    rows = session.execute(
        select(AnswerCount.scope, AnswerCount.scope_id, func.sum(AnswerCount.n))
        .where(
            _is_response(survey.id),
            AnswerCount.scope.in_(SCOPES),
            AnswerCount.language == "",
            *_reach(viewer, survey),
            *only,
        )
        .group_by(AnswerCount.scope, AnswerCount.scope_id)
        .order_by(AnswerCount.scope, AnswerCount.scope_id)
        .limit(MOST_SCOPES * len(SCOPES))
    )
    n = {(scope, id): int(count) for scope, id, count in rows}
    names = _names(session, list(n))
    found = [Choice(*key, names.get(key, ""), count) for key, count in n.items()]
    return sorted(found, key=lambda one: (SCOPES.index(one.scope), plain(one.name)))


def texts(
    session: Session, survey_id: int, question: str, wanted: Filter, *, q: str = "", after: int | None = None, size: int
) -> Sequence[tuple[int, str, date]]:
    """Up to `size` of the words typed in answer to a question, the newest first: id, words, and their week."""
    statement = (
        select(AnswerText.id, AnswerText.said, Portion.week)
        .join(Portion, Portion.id == AnswerText.portion_id)
        .where(AnswerText.survey_id == survey_id, AnswerText.question == question, *_of_portion(wanted))
        .order_by(AnswerText.id.desc())
        .limit(size)
    )
    for word in plain(q).split():
        statement = statement.where(AnswerText.plain.contains(word, autoescape=True))
    if after:
        statement = statement.where(AnswerText.id < after)
    return [(id, words, week) for id, words, week in session.execute(statement)]


def is_shown(n: int) -> bool:
    """Whether so many are enough to be shown."""
    return n >= FEWEST


def portions_for(viewer: Viewer, survey: Survey) -> Select[int]:
    """The ids of the portions that the viewer may export: all of their own survey, else those of their departments."""
    found = select(Portion.id).where(Portion.survey_id == survey.id)
    return found if is_whole_for(viewer, survey) else found.where(Portion.department_id.in_(viewer.managed))


def _published(session: Session, survey_id: int) -> Sequence[Edition]:
    wanted = select(Edition).where(Edition.survey_id == survey_id, Edition.published_at.is_not(None))
    return session.scalars(wanted.order_by(Edition.number)).all()


def _with_old_options(question: Question, before: Question | None) -> Question:
    if before is None:
        return question
    kept = {one.code for one in question.options}
    rows = {one.code for one in question.rows}
    return replace(
        question,
        options=question.options + tuple(one for one in before.options if one.code not in kept),
        rows=question.rows + tuple(one for one in before.rows if one.code not in rows),
        other=question.other or before.other,
    )


def _within(survey_id: int, wanted: Filter) -> ColumnElement[bool]:
    found = [
        AnswerCount.survey_id == survey_id,
        AnswerCount.scope == wanted.scope,
        AnswerCount.scope_id == wanted.scope_id,
        AnswerCount.language == wanted.language,
    ]
    if wanted.since:
        found.append(AnswerCount.week >= wanted.since)
    if wanted.until:
        found.append(AnswerCount.week <= wanted.until)
    return and_(*found)


def _is_response(survey_id: int) -> ColumnElement[bool]:
    return and_(AnswerCount.survey_id == survey_id, AnswerCount.question == "")


def _reach(viewer: Viewer, survey: Survey) -> list[ColumnElement[bool]]:
    if is_whole_for(viewer, survey):
        return []
    run = places_run_by(viewer.managed, "within_reach")
    own = links.visible_to(viewer).with_only_columns(links.Link.id)
    return [
        or_(
            and_(AnswerCount.scope == "department", AnswerCount.scope_id.in_(viewer.managed)),
            and_(AnswerCount.scope == "place", AnswerCount.scope_id.in_(select(run.c.id))),
            and_(AnswerCount.scope == "link", AnswerCount.scope_id.in_(own)),
        )
    ]


def _of_portion(wanted: Filter) -> list[ColumnElement[bool]]:
    """The portions within a filter, for lists; a scope holds what is below it."""
    found: list[ColumnElement[bool]] = []
    if wanted.scope != "all":
        found.append(_scoped(wanted))
    if wanted.language:
        found.append(Portion.language == wanted.language)
    if wanted.since:
        found.append(Portion.week >= wanted.since)
    if wanted.until:
        found.append(Portion.week <= wanted.until)
    return found


def _scoped(wanted: Filter) -> ColumnElement[bool]:
    """The portions of one department or place and those below it, or of one link."""
    if wanted.scope == "link":
        return Portion.link_id == wanted.scope_id
    if wanted.scope == "place":
        return Portion.place_id.in_(select(places_below([wanted.scope_id]).c.id))
    return Portion.department_id.in_(select(departments_below([wanted.scope_id]).c.id))


def _names(session: Session, keys: Sequence[tuple[str, int]]) -> dict[tuple[str, int], str]:
    ids: Mapping[str, list[int]] = {scope: [id for kind, id in keys if kind == scope] for scope in SCOPES}
    found: dict[tuple[str, int], str] = {}
    for scope, table in (("department", Department), ("place", Place)):
        rows = session.execute(select(table.id, table.name).where(table.id.in_(ids[scope])))
        found |= {(scope, id): name for id, name in rows}
    own = session.scalars(select(links.Link).where(links.Link.id.in_(ids["link"]))).all()
    called = links.names(session, own)
    return found | {("link", link.id): f"{called[link.id][0]} ({link.code})" for link in own}
