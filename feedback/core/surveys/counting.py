"""Whole portions are counted: in short turns to write, for everything that each belongs to."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Insert, bindparam, insert, select, update
from sqlalchemy.orm import Session

from feedback import clock
from feedback.core.organisation import the_organisation
from feedback.core.people import departments_above, places_above, plain, upwards
from feedback.core.submissions import Submission
from feedback.core.surveys import answering
from feedback.core.surveys.design import Design, read
from feedback.core.surveys.keeping import fill, is_filled
from feedback.core.surveys.model import NONE, AnswerCount, AnswerText, Edition, Portion, Response, Survey
from feedback.core.surveys.portions import Cut, Waiting, cut
from feedback.db import Store, new_id, table_of, upsert

LOOKED_AT = 50_000  # waiting responses of one survey that one turn looks at
COUNTED = 100  # responses counted in one transaction: customers wait behind one for some hundredths of a second
COMPLETE, PARTIAL = "complete", "partial"  # the values under which the question "" counts responses


def newest(session: Session, submission_id: int) -> int:
    """The id of the newest response after that one, or that one where there is none."""
    newest = select(Response.submission_id).where(Response.submission_id > submission_id)
    return session.scalar(newest.order_by(Response.submission_id.desc()).limit(1)) or submission_id


def surveys_waiting(session: Session) -> Sequence[int]:
    """The ids of surveys of which any response is not counted yet."""
    waits = select(Response.submission_id).where(Response.survey_id == Survey.id, Response.portion_id.is_(None))
    return session.scalars(select(Survey.id).where(waits.exists()).order_by(Survey.id)).all()


def ready(session: Session, survey_id: int, at: datetime, *, from_newest: bool = False) -> list[Cut]:
    """The portions of a survey that are whole now, of the oldest (or newest) LOOKED_AT responses that wait."""
    order = Response.submission_id.desc() if from_newest else Response.submission_id
    organisation = the_organisation(session)
    zone = organisation.timezone if organisation else "UTC"
    rows = session.execute(
        select(
            Submission.id, Submission.submitted_at, Submission.link_id, Submission.department_id, Submission.place_id,
            Submission.language,
        )
        .join(Response, Response.submission_id == Submission.id)
        .where(Response.survey_id == survey_id, Response.portion_id.is_(None))
        .where(~Submission.is_trapped)  # what filled the field that nobody sees is kept, and counts for nobody
        .order_by(order)
        .limit(LOOKED_AT)
    )  # fmt: skip
    waiting = [
        Waiting(id, sent, clock.day(sent, zone), link, unit, place, tag) for id, sent, link, unit, place, tag in rows
    ]
    return cut(waiting, at)


@dataclass(frozen=True, slots=True)
class Sheet:
    """All rows by which some portions are counted, worked out before anyone's turn to write."""

    cuts: Sequence[Cut]
    portions: Sequence[dict[str, Any]]
    marks: Sequence[dict[str, int]]  # which response belongs to which portion
    counts: Sequence[dict[str, Any]]
    texts: Sequence[dict[str, Any]]


def sheet(session: Session, survey_id: int, cuts: Sequence[Cut], at: datetime) -> Sheet:
    """The rows of those portions; a portion of which a response is counted already is left out."""
    designs, above = _designs(session, survey_id), _Above(session, cuts)
    waiting = _answers(session, [member.id for one in cuts for member in one.members])
    whole = [one for one in cuts if all(member.id in waiting for member in one.members)]
    sums: Counter[tuple[Any, ...]] = Counter()
    portions: list[dict[str, Any]] = []
    marks: list[dict[str, int]] = []
    texts: list[dict[str, Any]] = []
    for one in whole:
        responses = [waiting[member.id] for member in one.members]
        portion = _portion(survey_id, one, at)
        portions.append(portion)
        marks += [{"response": member.id, "portion": portion["id"]} for member in one.members]
        values = Counter(_values(responses, designs))
        for scope, scope_id in above.scopes(one):
            for language in {"", portion["language"]}:
                for (question, value), n in values.items():
                    sums[scope, scope_id, language, portion["week"], question, value] += n
        texts += _texts(portion, responses, designs, at)
    names = ("scope", "scope_id", "language", "week", "question", "value")
    counts = [{"survey_id": survey_id, **dict(zip(names, key, strict=True)), "n": n} for key, n in sorted(sums.items())]
    return Sheet(whole, portions, marks, counts, texts)


def count(session: Session, found: Sheet) -> int:
    """Write those rows; the number of responses. Nothing where another process counted one of them meanwhile."""
    ids = [mark["response"] for mark in found.marks]
    held = select(Response.submission_id).where(Response.submission_id.in_(ids), Response.portion_id.is_(None))
    if not ids or len(session.scalars(held.order_by(Response.submission_id).with_for_update()).all()) < len(ids):
        return 0
    connection = session.connection()
    connection.execute(insert(table_of(Portion)), found.portions)
    table = table_of(Response)
    mark = update(table).where(table.c.submission_id == bindparam("response")).values(portion_id=bindparam("portion"))
    connection.execute(mark, found.marks)
    connection.execute(_more(connection.dialect.name), found.counts)
    if found.texts:
        connection.execute(insert(table_of(AnswerText)), found.texts)
    return len(ids)


def batches(cuts: Sequence[Cut]) -> Iterator[list[Cut]]:
    """The portions in batches of about COUNTED responses, of one week and near each other: they share most counts."""
    batch, size = list[Cut](), 0
    for one in sorted(cuts, key=_whereabouts):
        batch.append(one)
        size += len(one.members)
        if size >= COUNTED:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _whereabouts(one: Cut) -> tuple[date, int, int]:
    return one.week, one.common.get("department_id") or NONE, one.common.get("link_id") or NONE


class _Above:
    """The departments and places above those of some portions, looked up once."""

    def __init__(self, session: Session, cuts: Sequence[Cut]) -> None:
        self._departments = departments_above(session, {one.common.get("department_id") or NONE for one in cuts})
        self._places = places_above(session, {one.common.get("place_id") or NONE for one in cuts})

    def scopes(self, one: Cut) -> Iterator[tuple[str, int]]:
        """Every scope that the portion belongs to."""
        yield "all", NONE
        if (department_id := one.common.get("department_id")) is not None:
            yield from (("department", id) for id in upwards(self._departments, department_id))
        step, seen = one.common.get("place_id"), set[int]()
        while step in self._places and step not in seen:
            seen.add(step)
            yield "place", step
            step = self._places[step].parent_id
        if (link_id := one.common.get("link_id")) is not None:
            yield "link", link_id


def _designs(session: Session, survey_id: int) -> dict[int, Design]:
    editions = session.scalars(select(Edition).where(Edition.survey_id == survey_id))
    return {edition.id: read(edition.document) for edition in editions}


def _answers(session: Session, ids: Sequence[int]) -> dict[int, "_Answered"]:
    """What those responses answered that are not counted yet, by the id of their submission."""
    rows = session.execute(
        select(Response.submission_id, Response.edition_id, Response.answers, Response.is_partial).where(
            Response.submission_id.in_(ids), Response.portion_id.is_(None)
        )
    )
    return {id: _Answered(edition_id, answers, is_partial) for id, edition_id, answers, is_partial in rows}


class _Answered(NamedTuple):
    """One response, as far as it is counted."""

    edition_id: int
    answers: Mapping[str, Any]
    is_partial: bool


def _portion(survey_id: int, one: Cut, at: datetime) -> dict[str, Any]:
    common = {name: one.common.get(name) for name in ("link_id", "department_id", "place_id")}
    language = one.common.get("language", "")
    own = {"id": new_id(at), "survey_id": survey_id, "week": one.week, "language": language, "n": len(one.members)}
    return own | common


def _values(responses: Iterable[_Answered], designs: Mapping[int, Design]) -> Iterator[tuple[str, str]]:
    """Question and value of all that is counted of those responses; "" as value counts who answered the question."""
    for response in responses:
        yield "", PARTIAL if response.is_partial else COMPLETE
        for question in designs[response.edition_id].questions:
            if question.code in response.answers:
                yield question.code, ""
                for value in answering.counted(question, response.answers[question.code]):
                    yield question.code, value


def _texts(
    portion: Mapping[str, Any], responses: Iterable[_Answered], designs: Mapping[int, Design], at: datetime
) -> Iterator[dict[str, Any]]:
    found = [
        (question.code, words)
        for response in responses
        for question in designs[response.edition_id].questions
        if (words := answering.texts(question, response.answers))
    ]
    for code, words in sorted(found):  # not in the order they came in
        yield {
            "id": new_id(at),
            "survey_id": portion["survey_id"],
            "portion_id": portion["id"],
            "question": code,
            "said": words,
            "plain": plain(words),
        }


@cache
def _more(dialect: str) -> Insert:
    """The statement that adds to the counts, built once."""
    table = table_of(AnswerCount)
    fresh = upsert(dialect, table)
    return fresh.on_conflict_do_update(index_elements=list(table.primary_key), set_={"n": table.c.n + fresh.excluded.n})


def count_all(store: Store, at: datetime, *, seconds: float = float("inf"), from_newest: bool = False) -> int:
    """Count all portions that are whole, in short transactions, for so many `seconds`; the number of responses.

    Where very many wait, those that came last are looked at first, or those that have waited longest.
    A survey that has as many responses as its quota is closed on the way.
    """
    begun, counted = time.monotonic(), 0
    with store.read() as session:
        waiting = surveys_waiting(session)
    for survey_id in waiting:
        with store.read() as session:
            cuts = ready(session, survey_id, at, from_newest=from_newest)
        for batch in batches(cuts):
            with store.read() as session:
                found = sheet(session, survey_id, batch, clock.now())
            with store.write() as session:
                counted += count(session, found)
            if time.monotonic() - begun > seconds:
                return counted
        _fill(store, survey_id, at)
    return counted


def _fill(store: Store, survey_id: int, at: datetime) -> None:
    with store.read() as session:
        survey = session.get_one(Survey, survey_id)
        is_full = survey.closed_at is None and is_filled(session, survey)
    if is_full:
        with store.write() as session:
            fill(session, session.get_one(Survey, survey_id), at)
