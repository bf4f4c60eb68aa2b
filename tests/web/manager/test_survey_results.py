"""Results: equal to what the export gives by itself, within reach, in portions, for other programs."""

import csv
import io
import random
import zipfile
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from feedback import clock
from feedback.core.surveys import Survey, counting, results
from feedback.core.surveys.portions import FEWEST
from feedback.core.surveys.results import Filter
from feedback.db import Store
from tests.factories import BEGINNING, Cast
from tests.ground.pages import visible_text, well_formed
from tests.story import at_work, statements
from tests.surveys import ONE_OF_EACH, SHORT, answer, published, question

OPTIONS = ["o1", "o2", "o3"]


def some_answers(chance: random.Random) -> dict[str, Any]:
    """Answers to one question of every type, some left out."""
    order = chance.sample(OPTIONS, chance.randint(1, 3))
    every: dict[str, Any] = {
        "q1": str(chance.randint(1, 5)),
        "q2": str(chance.randint(1, 5)),
        "q3": str(chance.randint(0, 10)),
        "q4": str(chance.randint(1, 5)),
        "q5": str(chance.randint(1, 7)),
        "q6": chance.choice(["very_good", "good", "neither", "poor", "very_poor", "dont_know"]),
        "q7": chance.choice(["yes", "no"]),
        "q8": chance.choice(OPTIONS),
        "q9": sorted(chance.sample(OPTIONS, chance.randint(1, 3))),
        "q10": order,
        "q11": {"r1": chance.choice(OPTIONS), "r2": chance.choice(OPTIONS)},
        "q12": chance.choice(["fine", "=1+1", "cold"]),
        "q13": "Some words",
        "q14": chance.choice(["1", "2.5", "10"]),
        "q15": "2026-01-04",
    }
    return {code: given for code, given in every.items() if chance.random() < 0.9}


@pytest.fixture
def survey(store: Store, cast: Cast) -> Survey:
    """One of every type with a hundred and twenty responses from three links in three languages."""
    made, chance = published(store, cast, ONE_OF_EACH), random.Random(7)
    for n in range(120):
        code = chance.choice([cast.kitchen_link, cast.table_link, cast.maria_link])
        at, language = BEGINNING + timedelta(days=7 * (n // 40), minutes=n), chance.choice(["en", "de", "ar"])
        answer(store, made, code, some_answers(chance), at=at, language=language)
    counting.count_all(store, clock.now())
    return made


def exported(browser: FlaskClient, survey: Survey) -> list[dict[str, str]]:
    answer = browser.get(f"/surveys/{survey.id}/results.csv")
    assert answer.status_code == 200 and answer.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_results_equal_an_independent_calculation_from_the_export(
    app: Flask, store: Store, cast: Cast, survey: Survey
) -> None:
    anna = at_work(app, cast, "anna")
    rows = exported(anna, survey)
    assert len(rows) == 120
    page = visible_text(anna.get(f"/surveys/{survey.id}/results").text)
    scale = [int(row["q3"]) for row in rows if row["q3"]]
    nps = 100 * (sum(n >= 9 for n in scale) - sum(n <= 6 for n in scale)) / len(scale)
    assert f"{round(nps):+d}".replace("+0", "0") in page
    fft = [row["q6"] for row in rows if row["q6"]]
    assert f"{100 * sum(one in ('very_good', 'good') for one in fft) / len(fft):.0f}%" in page
    for wanted, keep in (
        (Filter(), lambda row: True),
        (Filter(language="de"), lambda row: row["language"] == "de"),
        (Filter("department", cast.kitchen), lambda row: row["department"] == "Kitchen"),
        (
            Filter("link", cast.link_ids["table"], "en"),
            lambda row: row["link"] == cast.table_link and row["language"] == "en",
        ),
    ):
        kept = [row for row in rows if keep(row)]
        with store.read() as session:
            found = results.counts(session, survey.id, wanted)
        assert kept and found.n == len(kept)
        for code in ("q1", "q2", "q3", "q4", "q5", "q6", "q7", "q8", "q14", "q15"):
            told = Counter(row[code] for row in kept if row[code])
            assert {value: n for value, n in found.of(code).items() if value} == dict(told), (wanted, code)
        for option in OPTIONS:
            assert found.of("q9")[option] == sum(row[f"q9_{option}"] == "1" for row in kept)
            for place in "123":
                assert found.of("q10")[f"{option}:{place}"] == sum(row[f"q10_{option}"] == place for row in kept)
            assert found.of("q11")[f"r1:{option}"] == sum(row["q11_r1"] == option for row in kept)


def test_rows_of_the_export_say_no_more_than_their_portion(app: Flask, cast: Cast, survey: Survey) -> None:
    rows = exported(at_work(app, cast, "anna"), survey)
    alike = Counter((row["week"], row["department"], row["place"], row["link"], row["language"]) for row in rows)
    assert min(alike.values()) >= FEWEST


def test_nothing_in_it_is_a_formula_and_every_value_stands_in_the_dictionary(
    app: Flask, cast: Cast, survey: Survey
) -> None:
    anna = at_work(app, cast, "anna")
    rows = exported(anna, survey)
    assert {row["q12"] for row in rows} == {"fine", "'=1+1", "cold", ""}
    told = csv.DictReader(io.StringIO(anna.get(f"/surveys/{survey.id}/dictionary.csv").data.decode("utf-8-sig")))
    known = [(line["column"], line["value"]) for line in told]
    assert {column for column, _ in known} >= {name for name in rows[0] if name.startswith("q")}
    for code in ("q1", "q3", "q6", "q8"):
        assert {row[code] for row in rows if row[code]} <= {value for column, value in known if column == code}


def test_a_workbook_has_the_same_rows(app: Flask, cast: Cast, survey: Survey) -> None:
    answer = at_work(app, cast, "anna").get(f"/surveys/{survey.id}/results.xlsx")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == 121 and "<f>" not in sheet


@pytest.mark.parametrize("lang", ["en", "de", "ar"])
def test_pages_in_every_language(app: Flask, cast: Cast, survey: Survey, lang: str) -> None:
    anna = at_work(app, cast, "anna")
    for query in (
        "",
        "&since=2026-01-12",
        "&language=de",
        f"&scope=department-{cast.kitchen}",
        "&since=2026-01-05&until=2026-01-11",
    ):
        page = anna.get(f"/surveys/{survey.id}/results?lang={lang}{query}")
        assert page.status_code == 200 and well_formed(page.text) == [], query


def test_few_statements_however_many_answers(app: Flask, store: Store, cast: Cast, survey: Survey) -> None:
    anna = at_work(app, cast, "anna")
    anna.get(f"/surveys/{survey.id}/results")
    with statements(app) as seen:
        anna.get(f"/surveys/{survey.id}/results?since=2026-01-12")
    assert len(seen) <= 28, seen


def test_words_are_listed_and_searched(app: Flask, store: Store, cast: Cast) -> None:
    made = published(store, cast, SHORT)
    for n in range(60):
        answer(
            store, made, cast.kitchen_link, {"q1": "1", "q2": ["o1", "other"], "q2_other": "A chair", "q3": f"Café {n}"}
        )
    counting.count_all(store, clock.now())
    anna = at_work(app, cast, "anna")
    page = anna.get(f"/surveys/{made.id}/results/words?question=q3").text
    assert well_formed(page) == [] and page.count("Café") == 50 and "Show more" in page
    assert visible_text(anna.get(f"/surveys/{made.id}/results/words?question=q3&q=CAFE+59").text).count("Café 59") == 1
    assert "Nothing found" in anna.get(f"/surveys/{made.id}/results/words?question=q3&q=100%25").text
    assert "A chair" in anna.get(f"/surveys/{made.id}/results/words?question=q2").text
    for question_ in ("", "q9", "%00"):
        assert anna.get(f"/surveys/{made.id}/results/words?question={question_}").status_code == 404


def test_a_manager_reads_what_their_departments_were_answered(app: Flask, store: Store, cast: Cast) -> None:
    made = published(store, cast, SHORT)
    for n in range(6):
        answer(store, made, cast.kitchen_link, {"q1": "1", "q3": f"Of the kitchen {n}"})
    counting.count_all(store, clock.now())
    berta, paula = at_work(app, cast, "berta"), at_work(app, cast, "paula")
    assert "6 responses" in visible_text(berta.get(f"/surveys/{made.id}/results").text)
    assert len(exported(berta, made)) == 6
    empty = paula.get(f"/surveys/{made.id}/results").text
    assert "0 responses" in visible_text(empty) and "English (" not in empty
    assert "English (6)" in berta.get(f"/surveys/{made.id}/results").text
    assert exported(paula, made) == []
    assert paula.get(f"/surveys/{made.id}/results?scope=department-{cast.kitchen}").status_code == 404
    assert "Of the kitchen" not in paula.get(f"/surveys/{made.id}/results/words?question=q3").text
    ours = published(store, cast, SHORT, key="berta", department_id=cast.kitchen)
    for address in ("", ".csv", ".xlsx", "/words?question=q3"):
        assert paula.get(f"/surveys/{ours.id}/results{address}").status_code == 404
        assert berta.get(f"/surveys/{ours.id}/results{address}").status_code == 200
    assert at_work(app, cast, "maria").get(f"/surveys/{made.id}/results").status_code == 404


@pytest.mark.parametrize(
    "query", ["since=soon", "since=0001-01-01", "since=2026-02-01&until=2026-01-01", "until=9999-12-31"]
)
def test_days_that_are_none_are_said(app: Flask, cast: Cast, survey: Survey, query: str) -> None:
    page = at_work(app, cast, "anna").get(f"/surveys/{survey.id}/results?{query}")
    assert page.status_code == 422 and 'role="alert"' in page.text and well_formed(page.text) == []


@pytest.mark.parametrize("query", ["scope=department-1", "scope=people-1", "scope=link-x", "scope=%00", "scope=-"])
def test_a_scope_that_is_not_there(app: Flask, cast: Cast, survey: Survey, query: str) -> None:
    assert at_work(app, cast, "anna").get(f"/surveys/{survey.id}/results?{query}").status_code == 404


def test_a_removed_question_and_option_stay_in_the_results(app: Flask, store: Store, cast: Cast) -> None:
    from dataclasses import replace

    from feedback.core.surveys import keeping
    from tests.story import viewer

    made = published(store, cast, replace(SHORT, questions=(question("q1", "faces"), question("q5", "one"))))
    for _ in range(5):
        answer(store, made, cast.kitchen_link, {"q1": "5", "q5": "o3"})
    anna = viewer(store, cast.anna)
    with store.write() as session:
        mine = keeping.to_change(session, anna, made.id)
        assert mine is not None
        fewer = replace(SHORT, questions=(question("q1", "faces"),))
        keeping.change(session, mine, fewer, BEGINNING, seen=1)
        keeping.publish(session, anna, mine, BEGINNING, seen=2)
    for _ in range(5):
        answer(store, made, cast.kitchen_link, {"q1": "1"})
    counting.count_all(store, clock.now())
    page = visible_text(at_work(app, cast, "anna").get(f"/surveys/{made.id}/results").text)
    assert "no longer asked" in page and "10 answers" in page and "Cake" in page
