"""Answers of other systems: the Friends and Family Test from real comments equals what plain Python makes of the file."""

import csv
import io
from collections import Counter
from datetime import UTC, datetime

import pytest

from feedback.core import scores
from feedback.core.imports import column_map, take_feedback
from feedback.core.surveys import counting, results, scoring
from feedback.core.surveys.ready import library
from feedback.core.surveys.results import Filter
from feedback.db import Store
from tests.factories import Cast
from tests.story import SECRET, viewer
from tests.surveys import asked, published

NOW = datetime(2026, 11, 1, tzinfo=UTC)
HEAD = "respondent,date,department,team,rating,comment\n"
WORDS = ("Very good", "Good", "Neither good nor poor", "Poor", "Very poor", "Don’t know")


def lines(n: int) -> str:
    """So many rows in two departments, as the real file has them."""
    rows = io.StringIO()
    writer = csv.writer(rows)
    for k in range(n):
        team = "Ward 3" if k % 3 else "Ward 4"
        day = f"2026-0{1 + k % 9}-{1 + k % 27:02}"
        writer.writerow([f"R{k}", day, "Kitchen", team, WORDS[k * 7 % 6], "" if k % 4 else f"Words, {k}"])
    return HEAD + rows.getvalue()


def test_the_share_positive_per_team_equals_ten_lines_of_plain_python(store: Store, cast: Cast) -> None:
    survey, text = published(store, cast, library()["friends_and_family"].design), lines(240)
    pairs = ["respondent=reference", "rating=q1", "comment=q2"]
    columns = column_map(pairs, [question.code for question in asked(store, survey).design.questions])
    for taken in (240, 0):  # a second time it is there already
        *_, done = take_feedback(
            store, SECRET, io.BytesIO(text.encode()), columns, create_missing=True, now=NOW, asked=asked(store, survey)
        )
        assert (done.taken, done.refused) == (taken, [])
    counting.count_all(store, NOW)
    plain: dict[str, Counter[bool]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        plain.setdefault(row["team"], Counter())[row["rating"] in ("Very good", "Good")] += 1
    with store.read() as session:
        choices = results.choices(session, viewer(store, cast.anna), session.merge(survey))
        for team, told in plain.items():
            one = next(choice for choice in choices if choice.name == team)
            counts = results.counts(session, survey.id, Filter("department", one.id))
            found = scores.friends_and_family(scoring.answers(counts.of("q1")))
            assert found is not None and found.n == told.total() and found.value == told[True] / told.total()


@pytest.mark.parametrize(("cell", "reason"), [("Splendid", "is no answer to q1"), ("", "answers no question")])
def test_what_is_no_answer_is_refused_by_line(store: Store, cast: Cast, cell: str, reason: str) -> None:
    survey = published(store, cast, library()["friends_and_family"].design)
    text = HEAD + f"R1,2026-01-01,Kitchen,,{cell},\n"
    columns = column_map(["rating=q1", "comment=q2"], ["q1", "q2"])
    *_, done = take_feedback(
        store, SECRET, io.BytesIO(text.encode()), columns, create_missing=False, now=NOW, asked=asked(store, survey)
    )
    assert done.taken == 0 and done.refused[0][0] == 2 and reason in done.refused[0][1]
