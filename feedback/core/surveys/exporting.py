"""Answers for other programs: one row a response in stable columns, and a dictionary that says what they mean.

A row says no more of where and when than its portion does, and within a portion rows are mixed: who answered when
cannot be told from their order.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, defer

from feedback.core.links import Link
from feedback.core.people import Department, Place
from feedback.core.surveys.answering import OTHER
from feedback.core.surveys.design import Question, said
from feedback.core.surveys.model import Edition, Portion, Response
from feedback.core.surveys.results import Asked

AT_ONCE = 20  # portions read at a time
FIXED = ("week", "department", "place", "link", "language", "edition", "complete")
Value = str | int | float | None


def columns(asked: Sequence[Asked]) -> list[str]:
    """The names of all columns, in order: those of every export, then those of each question."""
    return [*FIXED, *(name for one in asked for name in _columns(one.question))]


def rows(
    session: Session, portions: Select[int], asked: Sequence[Asked], *, after: int = 0
) -> Iterator[tuple[int, list[Value]]]:
    """The rows of some portions after that one, each with the id of its portion; none where there are no more."""
    ids = session.scalars(portions.where(Portion.id > after).order_by(Portion.id).limit(AT_ONCE)).all()
    found = {portion.id: portion for portion in session.scalars(select(Portion).where(Portion.id.in_(ids)))}
    names = _names(session, list(found.values()))
    surveys = {portion.survey_id for portion in found.values()}
    editions = session.scalars(select(Edition).where(Edition.survey_id.in_(surveys)).options(defer(Edition.document)))
    numbers = {edition.id: edition.number for edition in editions}
    responses = session.scalars(
        select(Response).where(Response.portion_id.in_(ids), Response.survey_id.in_(surveys))
    ).all()
    mixed = sorted(responses, key=lambda one: (one.portion_id, _mixed(one.submission_id)))
    for response in mixed:
        portion = found[response.portion_id or 0]
        fixed: list[Value] = [
            portion.week.isoformat(),
            names["department", portion.department_id],
            names["place", portion.place_id],
            names["link", portion.link_id],
            portion.language,
            numbers[response.edition_id],
            0 if response.is_partial else 1,
        ]
        yield portion.id, [*fixed, *(value for one in asked for value in _values(one.question, response.answers))]


def dictionary(asked: Sequence[Asked], language: str) -> Iterator[tuple[str, str, str, str, str]]:
    """Lines of the dictionary: column, question, type, value and what the value means."""
    for one in asked:
        question = one.question
        text = said(question.text, language)
        meanings = {option.code: said(option.text, language) for option in (*question.options, *question.rows)}
        for column in _columns(question):
            part = column.removeprefix(question.code).removeprefix("_")
            told = f"{text}: {meanings[part]}" if part in meanings else text
            yield column, told, question.type, "", ""
        if question.type in ("several", "ranking"):
            continue
        for value in question.values:
            yield question.code, text, question.type, value, meanings.get(value, value)


def _columns(question: Question) -> list[str]:
    code, said = question.code, [f"{question.code}_said"] if question.other else []
    if question.type == "matrix":
        return [f"{code}_{row.code}" for row in question.rows]
    if question.type in ("several", "ranking"):
        return [*(f"{code}_{value}" for value in question.values), *said]
    return [code, *said]


def _values(question: Question, answers: Mapping[str, Any]) -> list[Value]:
    given = answers.get(question.code)
    said = [answers.get(question.code + OTHER)] if question.other else []
    if question.type == "matrix":
        return [(given or {}).get(row.code) for row in question.rows]
    if question.type == "ranking":
        places = {option: place for place, option in enumerate(given or [], start=1)}
        return [*(places.get(value) for value in question.values), *said]
    if question.type == "several":
        return [*(None if given is None else int(value in given) for value in question.values), *said]
    return [given, *said]


def _mixed(submission_id: int) -> bytes:
    return hashlib.sha256(str(submission_id).encode()).digest()


def _names(session: Session, portions: Sequence[Portion]) -> "_Names":
    found: dict[tuple[str, int | None], str] = {}
    for kind, table, column in (("department", Department, "name"), ("place", Place, "name"), ("link", Link, "code")):
        wanted = {getattr(portion, f"{kind}_id") for portion in portions} - {None}
        told = session.execute(select(table.id, getattr(table, column)).where(table.id.in_(wanted)))
        found |= {(kind, id): name for id, name in told}
    return _Names(found)


class _Names(dict[tuple[str, int | None], str]):
    """Names by kind and id; "" for what a portion does not have."""

    def __missing__(self, key: tuple[str, int | None]) -> str:
        return ""
