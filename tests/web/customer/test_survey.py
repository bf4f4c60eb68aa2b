"""The survey behind a link: shown, answered without scripts, kept once, with everything kept when something is wrong."""

import gzip
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from feedback import clock
from feedback.core import unfinished
from feedback.core.cases import Case
from feedback.core.submissions import Submission
from feedback.core.surveys import Response, When, asking, counting, keeping, results
from feedback.core.surveys.design import Design, Option
from feedback.core.surveys.model import Begun
from feedback.db import Store
from tests.factories import BEGINNING, Cast
from tests.ground.pages import field_values, visible_text, well_formed
from tests.story import at_work, viewer
from tests.surveys import EVERY_TYPE, ONE_OF_EACH, SHORT, attach, published, question, text

ALL = {
    "a_q1": "4", "a_q2": "5", "a_q3": "10", "a_q4": "2", "a_q5": "7", "a_q6": "dont_know", "a_q7": "no", "a_q8": "o2",
    "a_q9_o1": "1", "a_q9_o3": "1", "a_q10_o1": "2", "a_q10_o2": "1", "a_q11_r1": "o1", "a_q11_r2": "o3",
    "a_q12": "Short", "a_q13": "Long\nwords", "a_q14": "7,5", "a_q15": "2026-01-04",
}  # fmt: skip
TAKEN = {
    "q1": "4", "q2": "5", "q3": "10", "q4": "2", "q5": "7", "q6": "dont_know", "q7": "no", "q8": "o2",
    "q9": ["o1", "o3"], "q10": ["o2", "o1"], "q11": {"r1": "o1", "r2": "o3"}, "q12": "Short", "q13": "Long\nwords",
    "q14": "7.5", "q15": "2026-01-04",
}  # fmt: skip


def answers(store: Store) -> list[dict[str, object]]:
    with store.read() as session:
        return list(session.scalars(select(Response.answers).order_by(Response.submission_id)))


def sends(browser: FlaskClient, code: str, query: str = "", **fields: str):
    page = browser.get(f"/q/{code}{query}")
    held = field_values(page.text)
    told = {name: held[name] for name in ("token", "kind", "edition") if name in held} | fields
    return browser.post(f"/q/{code}", data=told)


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.mark.parametrize("lang", ["en", "de", "ar"])
def test_one_of_every_type_is_asked_and_taken(store: Store, cast: Cast, browser: FlaskClient, lang: str) -> None:
    attach(store, cast, published(store, cast, ONE_OF_EACH), "kitchen")
    page = browser.get(f"/q/{cast.kitchen_link}?lang={lang}")
    assert page.status_code == 200 and well_formed(page.text) == [] and "<script" not in page.text
    mark = "" if lang == "en" else f" ({lang})"
    for n, type in enumerate(EVERY_TYPE, start=1):
        assert f"Question q{n} of {type}{mark}" in page.text
    answer = sends(browser, cast.kitchen_link, f"?lang={lang}", **ALL)
    assert answer.status_code == 303, answer.text
    assert answers(store) == [TAKEN]
    with store.read() as session:
        assert session.scalar(select(Submission.kind)) == "survey"
        assert session.scalar(select(func.count()).select_from(Case)) == 0


def test_ten_questions_stay_light(store: Store, cast: Cast, browser: FlaskClient) -> None:
    ten = replace(ONE_OF_EACH, questions=ONE_OF_EACH.questions[:10])
    attach(store, cast, published(store, cast, ten), "kitchen")
    for lang in ("en", "de", "ar"):
        for _ in range(2):  # made, and prepared
            page = browser.get(f"/q/{cast.kitchen_link}?lang={lang}", headers={"Accept-Encoding": "gzip"})
            assert len(page.data) <= 12_000, (lang, len(page.data))
    assert (
        "Question q10"
        in gzip.decompress(browser.get(f"/q/{cast.kitchen_link}", headers={"Accept-Encoding": "gzip"}).data).decode()
    )


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"a_q1": "6"}, "a_q1"),
        ({"a_q1": "x"}, "a_q1"),
        ({"a_q8": "o9"}, "a_q8"),
        ({"a_q8": "r1"}, "a_q8"),
        ({"a_q9_o1": "2"}, "a_q9"),
        ({"a_q10_o1": "1", "a_q10_o2": "1"}, "a_q10"),
        ({"a_q10_o1": "3"}, "a_q10"),
        ({"a_q10_o1": "١"}, "a_q10"),
        ({"a_q11_r1": "o9"}, "a_q11"),
        ({"a_q12": "x" * 201}, "a_q12"),
        ({"a_q13": "x" * 5001}, "a_q13"),
        ({"a_q14": "seven"}, "a_q14"),
        ({"a_q14": "1e3"}, "a_q14"),
        ({"a_q14": "9" * 12}, "a_q14"),
        ({"a_q15": "yesterday"}, "a_q15"),
        ({"a_q15": "0001-01-01"}, "a_q15"),
        ({"show": "there"}, "show"),
    ],
)
def test_what_is_no_answer_is_said_beside_its_question(
    store: Store, cast: Cast, browser: FlaskClient, fields: dict[str, str], name: str
) -> None:
    attach(store, cast, published(store, cast, ONE_OF_EACH), "kitchen")
    said = {"a_q13": "These words stay"} | fields
    answer = sends(browser, cast.kitchen_link, **said)
    assert answer.status_code == 422 and f'href="#{name}"' in answer.text and f'id="{name}-error"' in answer.text
    assert well_formed(answer.text) == [] and said["a_q13"] in answer.text
    assert answers(store) == []
    again = field_values(answer.text)
    assert again["token"] and again["edition"]


def test_a_needed_answer_is_asked_for_and_nothing_at_all_is_not_taken(
    store: Store, cast: Cast, browser: FlaskClient
) -> None:
    attach(store, cast, published(store, cast), "kitchen")
    answer = sends(browser, cast.kitchen_link, a_q3="My words")
    assert answer.status_code == 422 and "Please answer this question." in answer.text and "My words" in answer.text
    attach(store, cast, published(store, cast, ONE_OF_EACH), "kitchen")
    assert "Please answer at least one question." in sends(browser, cast.kitchen_link).text


def test_an_answer_to_a_question_that_is_hidden_is_not_taken(store: Store, cast: Cast, browser: FlaskClient) -> None:
    attach(store, cast, published(store, cast), "kitchen")
    sends(browser, cast.kitchen_link, a_q1="5", a_q2_o1="1")
    sends(browser, cast.kitchen_link, a_q1="2", a_q2_o1="1", a_q2_other="1", a_q2_said="The chair")
    assert answers(store) == [{"q1": "5"}, {"q1": "2", "q2": ["o1", "other"], "q2_other": "The chair"}]


def test_the_page_hides_it_too_where_a_stylesheet_can(store: Store, cast: Cast, browser: FlaskClient) -> None:
    attach(store, cast, published(store, cast), "kitchen")
    page = browser.get(f"/q/{cast.kitchen_link}").text
    assert ".form:not(:has(#a_q1-1:checked,#a_q1-2:checked)) .if-q2{display:none}" in page
    assert "Only if your answer to" in visible_text(page)


def test_the_same_page_twice_is_one_answer_and_with_others_two(store: Store, cast: Cast, browser: FlaskClient) -> None:
    attach(store, cast, published(store, cast), "kitchen")
    held = field_values(browser.get(f"/q/{cast.kitchen_link}").text)
    told = {name: held[name] for name in ("token", "kind", "edition")}
    for _ in range(2):
        assert browser.post(f"/q/{cast.kitchen_link}", data=told | {"a_q1": "4"}).status_code == 303
    other = browser.post(f"/q/{cast.kitchen_link}", data=told | {"a_q1": "1"})
    assert other.status_code == 409 and field_values(other.text)["token"] != told["token"]
    assert answers(store) == [{"q1": "4"}]


@pytest.mark.parametrize("token", ["", "forged"])
def test_without_a_token_everything_stays(store: Store, cast: Cast, browser: FlaskClient, token: str) -> None:
    attach(store, cast, published(store, cast), "kitchen")
    answer = sends(browser, cast.kitchen_link, token=token, a_q1="4", a_q3="My words")
    assert answer.status_code == 422 and "My words" in answer.text and answers(store) == []


def test_a_page_opened_before_a_new_edition_is_taken_as_it_was_asked(
    store: Store, cast: Cast, browser: FlaskClient
) -> None:
    survey = published(store, cast)
    attach(store, cast, survey, "kitchen")
    held = field_values(browser.get(f"/q/{cast.kitchen_link}").text)
    anna = viewer(store, cast.anna)
    with store.write() as session:
        mine = keeping.to_change(session, anna, survey.id)
        assert mine is not None
        keeping.change(session, mine, keeping.without(SHORT, "q2"), BEGINNING, seen=1)
        keeping.publish(session, anna, mine, BEGINNING, seen=2)
    attach(store, cast, survey, "kitchen")
    assert "Question q2" not in browser.get(f"/q/{cast.kitchen_link}").text
    told = {name: held[name] for name in ("token", "kind", "edition")} | {"a_q1": "1", "a_q2_o2": "1"}
    assert browser.post(f"/q/{cast.kitchen_link}", data=told).status_code == 303
    assert answers(store) == [{"q1": "1", "q2": ["o2"]}]


def test_a_closed_survey_takes_those_who_had_begun(store: Store, cast: Cast, browser: FlaskClient) -> None:
    survey = published(store, cast)
    attach(store, cast, survey, "kitchen")
    held = field_values(browser.get(f"/q/{cast.kitchen_link}").text)
    anna = viewer(store, cast.anna)
    with store.write() as session:
        keeping.set_open(session, anna, session.merge(survey), False, clock.now() + timedelta(seconds=1))
    closed = browser.get(f"/q/{cast.kitchen_link}")
    assert closed.status_code == 410 and "This survey is over" in closed.text
    told = {name: held[name] for name in ("token", "kind", "edition")} | {"a_q1": "4"}
    assert browser.post(f"/q/{cast.kitchen_link}", data=told).status_code == 303
    with store.write() as session:
        found = keeping.one(session, anna, survey.id)
        assert found is not None
        found.closed_at = BEGINNING
    late = sends_late(browser, cast, told)
    assert late.status_code == 409 and "still stand below" in late.text and len(answers(store)) == 1


def sends_late(browser: FlaskClient, cast: Cast, told: dict[str, str]):
    return browser.post(f"/q/{cast.kitchen_link}", data=told)


def test_a_link_that_asks_nothing_any_more_keeps_the_words_on_the_page(
    store: Store, cast: Cast, browser: FlaskClient
) -> None:
    survey = published(store, cast)
    attach(store, cast, survey, "kitchen")
    held = field_values(browser.get(f"/q/{cast.kitchen_link}").text)
    with store.write() as session:
        link = session.get_one(asking.Link, cast.link_ids["kitchen"])
        asking.ask_nothing(session, viewer(store, cast.anna), link, BEGINNING)
    told = {name: held[name] for name in ("token", "kind", "edition")} | {"a_q1": "4", "a_q3": "My words"}
    answer = browser.post(f"/q/{cast.kitchen_link}", data=told)
    assert answer.status_code == 409 and "My words" in answer.text and answers(store) == []


def test_a_link_that_asks_another_survey_by_now_takes_nothing_from_a_page_of_the_first(
    store: Store, cast: Cast, browser: FlaskClient
) -> None:
    attach(store, cast, published(store, cast), "kitchen")
    held = field_values(browser.get(f"/q/{cast.kitchen_link}").text)
    attach(store, cast, published(store, cast, ONE_OF_EACH), "kitchen")
    told = {name: held[name] for name in ("token", "kind", "edition")} | {"a_q1": "4", "a_q3": "My words"}
    answer = browser.post(f"/q/{cast.kitchen_link}", data=told)
    assert answer.status_code == 409 and "My words" in answer.text and answers(store) == []


def test_a_survey_sent_where_there_is_none_is_no_kind(cast: Cast, browser: FlaskClient) -> None:
    held = field_values(browser.get(f"/q/{cast.kitchen_link}").text)["token"]
    told = {"token": held, "kind": "survey", "edition": "12", "a_q1": "4", "message": "Words"}
    answer = browser.post(f"/q/{cast.kitchen_link}", data=told)
    assert answer.status_code == 422 and "Words" in answer.text


def test_before_after_and_instead(store: Store, cast: Cast, browser: FlaskClient) -> None:
    survey = published(store, cast)
    code = cast.kitchen_link
    attach(store, cast, survey, "kitchen", When.BEFORE)
    assert "Question q1" in browser.get(f"/q/{code}").text
    assert 'id="kind-complaint"' in browser.get(f"/q/{code}?form=1").text
    sends(browser, code, a_q1="4")
    assert f"/q/{code}?kind=compliment" in browser.get("/thanks").text
    attach(store, cast, survey, "kitchen", When.AFTER)
    page = browser.get(f"/q/{code}").text
    assert 'id="kind-complaint"' in page and 'href="?survey=1"' in page
    assert "Question q1" in browser.get(f"/q/{code}?survey=1").text
    browser.post(f"/q/{code}", data={"kind": "compliment", "token": field_values(page)["token"]})
    assert f"/q/{code}?survey=1" in browser.get("/thanks").text
    attach(store, cast, survey, "kitchen", When.INSTEAD)
    assert "Question q1" in browser.get(f"/q/{code}?form=1").text


def test_the_first_question_can_stand_on_the_form(store: Store, cast: Cast, browser: FlaskClient) -> None:
    attach(store, cast, published(store, cast), "kitchen", When.AFTER, shows_first=True)
    page = browser.get(f"/q/{cast.kitchen_link}").text
    assert '<button class="face" name="a_q1" value="2">' in page and well_formed(page) == []
    on = browser.get(f"/q/{cast.kitchen_link}?survey=1&a_q1=2").text
    assert field_values(on)["a_q1"] == "2" and well_formed(on) == []


@pytest.mark.parametrize(("rating", "is_offered"), [("2", True), ("3", False)])
def test_a_low_rating_is_asked_what_went_wrong_and_becomes_a_case_when_told(
    store: Store, cast: Cast, browser: FlaskClient, rating: str, is_offered: bool
) -> None:
    attach(store, cast, published(store, cast), "kitchen")
    sends(browser, cast.kitchen_link, a_q1=rating)
    address = f"/q/{cast.kitchen_link}?kind=complaint"
    assert (address in browser.get("/thanks").text) is is_offered
    if is_offered:
        page = browser.get(address).text
        held = field_values(page)
        assert held["kind"] == "complaint" and "Please check" not in page
        told = {"kind": "complaint", "message": "The soup was cold", "token": held["token"]}
        assert browser.post(f"/q/{cast.kitchen_link}", data=told).status_code == 303
        with store.read() as session:
            assert session.scalar(select(func.count()).select_from(Case)) == 1


def stepwise(design: Design = SHORT, **more: bool) -> Design:
    return replace(design, by_steps=True, **more)


def test_one_question_at_a_time_branches_on_the_server(store: Store, cast: Cast, browser: FlaskClient) -> None:
    attach(store, cast, published(store, cast, stepwise()), "kitchen")
    page = browser.get(f"/q/{cast.kitchen_link}").text
    assert "Question q1" in page and "Question q3" not in page and "Question 1 of up to 3" in page
    wrong = on(browser, cast, page)
    assert "Please answer this question." in wrong.text
    second = on(browser, cast, wrong.text, a_q1="1")
    assert second.status_code == 200 and "Question q2" in second.text and well_formed(second.text) == []
    assert ".if-q2{display:none}" not in second.text  # what it hangs on is not on this page
    third = on(browser, cast, second.text, a_q2_o2="1")
    assert "Question q3" in third.text and answers(store) == []
    back = on(browser, cast, third.text, go="back", a_q3="Half a thought")
    assert "Question q2" in back.text and field_values(back.text)["a_q3"] == "Half a thought"
    third = on(browser, cast, on(browser, cast, back.text, go="back").text, a_q1="5")
    assert "Question q3" in third.text  # the second is not asked any more
    assert on(browser, cast, third.text, a_q3="All well").status_code == 303
    assert answers(store) == [{"q1": "5", "q3": "All well"}]


def on(browser: FlaskClient, cast: Cast, page: str, *, go: str = "next", **fields: str):
    told = {name: value for name, value in field_values(page).items() if name != "go"} | {"go": go} | fields
    return browser.post(f"/q/{cast.kitchen_link}", data=told)


@pytest.mark.parametrize("keeps", [True, False])
def test_what_was_begun_is_kept_as_partial_only_where_it_is_to_be(
    store: Store, cast: Cast, browser: FlaskClient, keeps: bool
) -> None:
    attach(store, cast, published(store, cast, stepwise(keeps_partial=keeps)), "kitchen")
    page = browser.get(f"/q/{cast.kitchen_link}").text
    assert ("is kept as you go on" in page) is keeps
    on(browser, cast, page, a_q1="1")
    finished = on(browser, cast, browser.get(f"/q/{cast.kitchen_link}").text, a_q1="5")
    assert on(browser, cast, finished.text, a_q3="Well").status_code == 303
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Begun)) == (2 if keeps else 0)
    unfinished.take_in(store, clock.now(), secret="x")
    later = clock.now() + timedelta(hours=25)
    assert unfinished.take_in(store, later, secret="x") == (1 if keeps else 0)
    assert unfinished.take_in(store, later, secret="x") == 0
    with store.read() as session:
        partial = session.scalars(select(Response.answers).where(Response.is_partial)).all()
        assert partial == ([{"q1": "1"}] if keeps else [])


def test_what_was_begun_with_the_hidden_field_filled_is_not_kept(
    store: Store, cast: Cast, browser: FlaskClient
) -> None:
    attach(store, cast, published(store, cast, stepwise(keeps_partial=True)), "kitchen")
    page = browser.get(f"/q/{cast.kitchen_link}").text
    assert on(browser, cast, page, a_q1="1", website="https://spam.example").status_code == 200
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Begun)) == 0


def test_ten_thousand_options_are_refused_when_it_is_published(store: Store, cast: Cast) -> None:
    many = tuple(Option(f"o{n}", text(f"Option {n}")) for n in range(10_000))
    design = replace(SHORT, questions=(question("q1", "one", options=many),))
    with pytest.raises(keeping.NotPublishable, match="too_many_options"):
        published(store, cast, design)


def test_a_form_with_more_fields_than_a_survey_can_have_is_refused(
    store: Store, cast: Cast, browser: FlaskClient
) -> None:
    attach(store, cast, published(store, cast), "kitchen")
    fields = {f"a_q2_o{n}": "1" for n in range(10_000)}
    assert sends(browser, cast.kitchen_link, a_q1="1", **fields).status_code == 413
    assert answers(store) == []


def test_the_receipt_opens_what_was_answered(store: Store, cast: Cast, browser: FlaskClient) -> None:
    attach(store, cast, published(store, cast), "kitchen")
    sends(browser, cast.kitchen_link, a_q1="2", a_q2_o2="1", a_q3="All in all well", show="here")
    page = sends(browser, cast.kitchen_link, a_q1="2", a_q2_o2="1", a_q3="All in all well", show="here").text
    receipt = page.partition('class="code" dir="ltr">')[2].partition("<")[0]
    browser.post("/r", data={"receipt": receipt})
    shown = visible_text(browser.get("/r").text)
    assert "Question q2 of several" in shown and "Salad" in shown and "All in all well" in shown


def test_an_answer_shows_in_no_inbox(app: Flask, store: Store, cast: Cast, browser: FlaskClient) -> None:
    attach(store, cast, published(store, cast), "kitchen")
    assert sends(browser, cast.kitchen_link, a_q1="1", a_q3="Only for the survey").status_code == 303
    assert answers(store) == [{"q1": "1", "q3": "Only for the survey"}]
    for who in ("anna", "berta"):
        for inbox in ("/cases", "/cases?status=open", "/praise"):
            assert "Only for the survey" not in at_work(app, cast, who).get(inbox).text


def test_what_filled_the_hidden_field_is_kept_and_counts_for_nobody(
    store: Store, cast: Cast, browser: FlaskClient
) -> None:
    survey = published(store, cast, replace(SHORT, quota=5))
    attach(store, cast, survey, "kitchen")
    for n in range(5):
        assert sends(browser, cast.kitchen_link, a_q1=str(n + 1), website="https://spam.example").status_code == 303
    counting.count_all(store, clock.now())
    with store.read() as session:
        assert results.counts(session, survey.id, results.Filter()).n == 0
        assert not keeping.is_filled(session, session.merge(survey))
    assert len(answers(store)) == 5
