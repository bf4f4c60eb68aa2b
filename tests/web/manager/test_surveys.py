"""Building a survey: made, asked in several languages, published, changed as a new edition; by whom it may be."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from feedback.core.links import Link
from feedback.core.surveys import Edition, Survey, keeping
from feedback.core.surveys.design import TYPES, Design, read
from feedback.core.surveys.ready import library
from feedback.db import Store
from tests.factories import Cast
from tests.ground.pages import field_values, visible_text, well_formed
from tests.story import at_work, fill_in, token_for
from tests.surveys import SHORT, answer, attach, published


def post(browser: FlaskClient, address: str, **options: Any) -> TestResponse:
    """Post with the token that every form of this browser carries."""
    options["data"] = {"csrf_token": token_for(browser)} | options.get("data", {})
    return browser.post(address, **options)


def design(store: Store, survey_id: int) -> Design:
    with store.read() as session:
        return read(keeping.newest(session, survey_id).document)


def made(browser: FlaskClient, store: Store, **fields: str) -> int:
    told = {"name": "Our lunch", "department": "", "audience": "customers", "ready": ""} | fields
    answer = post(browser, "/surveys", data=told)
    assert answer.status_code == 303, visible_text(answer.text)
    with store.read() as session:
        return session.scalars(select(Survey.id).order_by(Survey.id.desc())).first() or 0


def act(browser: FlaskClient, survey: int, path: str, **fields: str):
    """Post with the revision that the sheet shows."""
    seen = field_values(browser.get(f"/surveys/{survey}").text, f"/surveys/{survey}/settings")["seen"]
    return post(browser, f"/surveys/{survey}/{path}", data={"seen": seen} | fields)


def add(browser: FlaskClient, store: Store, survey: int, type: str, **fields: str) -> str:
    assert act(browser, survey, "questions", type=type).status_code == 303
    code = design(store, survey).questions[-1].code
    answer = act(browser, survey, f"questions/{code}", **({"text-en": f"About {type}"} | fields))
    assert answer.status_code == 303, visible_text(answer.text)
    return code


def test_from_nothing_to_a_published_survey(app: Flask, store: Store, cast: Cast) -> None:
    browser = at_work(app, cast, "anna")
    survey = made(browser, store)
    page = browser.get(f"/surveys/{survey}").text
    assert well_formed(page) == [] and "Draft" in page
    first = add(browser, store, survey, "faces", **{"text-de": "Wie war es?", "required": "1"})
    fields = {"option-new1-en": "Soup", "option-new2-en": "Cake", "option-new2-de": "Kuchen", "other": "1", "most": "2"}
    second = add(browser, store, survey, "several", **fields, **{"show_if": f"{first}:at_most:2"})
    found = design(store, survey)
    assert [one.code for one in found.questions] == [first, second] and found.questions[0].required
    assert [dict(one.text) for one in found.questions[1].options] == [{"en": "Soup"}, {"en": "Cake", "de": "Kuchen"}]
    assert found.questions[1].show_if is not None and found.questions[1].most == 2
    page = browser.get(f"/surveys/{survey}").text
    assert well_formed(page) == [] and "In Deutsch" in visible_text(page) and "Missing" in page
    assert act(browser, survey, "publication").status_code == 303
    with store.read() as session:
        assert keeping.published(session, survey) is not None


@pytest.mark.parametrize("type", TYPES)
def test_every_type_can_be_built_and_seen(app: Flask, store: Store, cast: Cast, type: str) -> None:
    browser = at_work(app, cast, "berta")
    survey = made(browser, store, department=str(cast.kitchen))
    fields = {"option-more": "One\nTwo\nThree", "row-new1-en": "Row"}
    add(browser, store, survey, type, **fields)
    for address in (f"/surveys/{survey}", f"/surveys/{survey}/preview"):
        page = browser.get(address)
        assert page.status_code == 200 and well_formed(page.text) == [] and f"About {type}" in page.text
    assert act(browser, survey, "publication").status_code == 303


def test_questions_move_and_go(app: Flask, store: Store, cast: Cast) -> None:
    browser = at_work(app, cast, "anna")
    survey = made(browser, store)
    first, second, third = (add(browser, store, survey, type) for type in ("faces", "line", "date"))
    act(browser, survey, f"questions/{third}/place", to="0")
    assert [one.code for one in design(store, survey).questions] == [third, first, second]
    act(browser, survey, f"questions/{first}/removal")
    assert [one.code for one in design(store, survey).questions] == [third, second]
    assert add(browser, store, survey, "words") not in (first, second, third)  # its code is never used again
    assert act(browser, survey, "questions/q99/removal").status_code == 404


def test_a_condition_that_lost_its_question_is_a_dead_end(app: Flask, store: Store, cast: Cast) -> None:
    browser = at_work(app, cast, "anna")
    survey = made(browser, store)
    first = add(browser, store, survey, "yes_no")
    second = add(browser, store, survey, "words", show_if=f"{first}:is:no")
    assert act(browser, survey, f"questions/{second}/place", to="0").status_code == 303
    answer = act(browser, survey, "publication")
    assert answer.status_code == 422 and "condition can never hold" in visible_text(answer.text)


def test_a_published_edition_never_changes(app: Flask, store: Store, cast: Cast) -> None:
    browser = at_work(app, cast, "anna")
    survey = published(store, cast, SHORT)
    attach(store, cast, survey, "kitchen")
    act(browser, survey.id, "questions/q1", **{"text-en": "Quite another question"})
    with store.read() as session:
        editions = session.scalars(select(Edition).where(Edition.survey_id == survey.id).order_by(Edition.number)).all()
        assert [edition.number for edition in editions] == [1, 2] and read(editions[0].document) == SHORT
    assert "Question q1 of faces" in app.test_client().get(f"/q/{cast.kitchen_link}").text
    act(browser, survey.id, "publication")
    page = browser.get(f"/surveys/{survey.id}").text
    assert "asks edition 1" in visible_text(page)
    link = str(cast.link_ids["kitchen"])
    assert act(browser, survey.id, "links", link=link).status_code == 303
    assert "Quite another question" in app.test_client().get(f"/q/{cast.kitchen_link}").text


def test_a_draft_can_be_thrown_away(app: Flask, store: Store, cast: Cast) -> None:
    browser, survey = at_work(app, cast, "anna"), published(store, cast)
    act(browser, survey.id, "questions/q1", **{"text-en": "Other"})
    act(browser, survey.id, "draft/removal")
    assert design(store, survey.id) == SHORT


def test_settings_are_kept_and_shown(app: Flask, store: Store, cast: Cast) -> None:
    browser = at_work(app, cast, "anna")
    survey = made(browser, store)
    told = {
        "title-en": "Lunch",
        "title-ar": "الغداء",
        "layout": "steps",
        "keeps_partial": "1",
        "closes_on": "2027-01-31",
    }
    act(browser, survey, "settings", **told, **{"quota": "500", "closing-en": "Over"})
    found = design(store, survey)
    assert (found.by_steps, found.keeps_partial, found.quota) == (True, True, 500)
    assert found.title == {"en": "Lunch", "ar": "الغداء"} and str(found.closes_on) == "2027-01-31"


@pytest.mark.parametrize(
    ("path", "fields", "name"),
    [
        ("settings", {"quota": "many"}, "quota"),
        ("settings", {"quota": "0"}, "quota"),
        ("settings", {"closes_on": "soon"}, "closes_on"),
        ("settings", {"title-en": "x" * 301}, "title-en"),
        ("questions/q1", {"text-en": "x" * 301}, "text-en"),
        ("questions/q1", {"text-en": "a\0b"}, "text-en"),
        ("questions/q2", {"text-en": "Why?", "least": "x"}, "least"),
        ("questions/q2", {"text-en": "Why?", "option-more": "x\n" * 60}, "option-more"),
        ("questions/q3", {"text-en": "Why?", "show_if": "q9:is:1"}, "show_if"),
        ("questions/q3", {"text-en": "Why?", "show_if": "q1:was:1"}, "show_if"),
        ("questions", {"type": "riddle"}, "type"),
    ],
)
def test_what_cannot_be_kept_is_said_and_stays_on_the_page(
    app: Flask, store: Store, cast: Cast, path: str, fields: dict[str, str], name: str
) -> None:
    browser, survey = at_work(app, cast, "anna"), published(store, cast)
    told = act(browser, survey.id, path, **fields)
    assert told.status_code == 422 and f'{name}-error"' in told.text and well_formed(told.text) == []
    assert design(store, survey.id) == SHORT


def test_of_two_at_once_the_second_is_told(app: Flask, store: Store, cast: Cast) -> None:
    browser, survey = at_work(app, cast, "anna"), published(store, cast)
    first = post(browser, f"/surveys/{survey.id}/questions/q1", data={"seen": "1", "text-en": "Mine"})
    assert first.status_code == 303
    second = post(
        browser, f"/surveys/{survey.id}/questions/q1", data={"seen": "1", "text-en": "Yours, kept on the page"}
    )
    assert second.status_code == 409 and "Yours, kept on the page" in second.text
    assert design(store, survey.id).questions[0].text["en"] == "Mine"
    for path in ("publication", "draft/removal", "settings", "questions/q1/removal"):
        assert post(browser, f"/surveys/{survey.id}/{path}", data={"seen": "1"}).status_code == 409


def test_what_is_typed_is_kept_by_the_script_too(app: Flask, store: Store, cast: Cast) -> None:
    browser, survey = at_work(app, cast, "anna"), published(store, cast)
    answer = post(
        browser,
        f"/surveys/{survey.id}/questions/q3",
        data={"seen": "1", "text-en": "Typed"},
        headers={"Accept": "application/json"},
    )
    assert answer.json == {"seen": 2}


@pytest.mark.parametrize("ready", library())
def test_a_ready_one_is_ready(app: Flask, store: Store, cast: Cast, ready: str) -> None:
    browser = at_work(app, cast, "anna")
    page = browser.get(f"/surveys/new?ready={ready}").text
    assert well_formed(page) == [] and "It begins with" in page
    survey = made(browser, store, ready=ready, audience=field_values(page, "/surveys")["audience"])
    assert act(browser, survey, "publication").status_code == 303
    for lang in ("en", "de", "ar"):
        assert well_formed(browser.get(f"/surveys/{survey}/preview?lang={lang}").text) == []


def test_a_poll_asks_one_question(app: Flask, store: Store, cast: Cast) -> None:
    browser = at_work(app, cast, "berta")
    survey = made(browser, store, department=str(cast.kitchen), ready="poll", name="Soup or cake?")
    code = design(store, survey).questions[0].code
    act(browser, survey, f"questions/{code}", **{"text-en": "Soup or cake?", "option-more": "Soup\nCake"})
    assert act(browser, survey, "publication").status_code == 303
    with store.read() as session:
        poll = session.get_one(Survey, survey).code
    assert "Soup or cake?" in app.test_client().get(f"/poll/{poll}").text
    act(browser, survey, "questions", type="faces")
    assert act(browser, survey, "publication").status_code == 422


def test_closed_and_opened_again(app: Flask, store: Store, cast: Cast) -> None:
    browser, survey = at_work(app, cast, "anna"), published(store, cast)
    attach(store, cast, survey, "kitchen")
    post(browser, f"/surveys/{survey.id}/closure", data={"open": "no"})
    assert app.test_client().get(f"/q/{cast.kitchen_link}").status_code == 410
    post(browser, f"/surveys/{survey.id}/closure", data={"open": "yes"})
    assert app.test_client().get(f"/q/{cast.kitchen_link}").status_code == 200


@pytest.mark.parametrize("change", [{"closes_on": date(2026, 1, 31)}, {"quota": 1}])
def test_what_would_close_again_stays_closed(app: Flask, store: Store, cast: Cast, change: dict[str, Any]) -> None:
    browser, survey = at_work(app, cast, "anna"), published(store, cast, replace(SHORT, **change))
    answer(store, survey, cast.kitchen_link, {"q1": "5"})
    post(browser, f"/surveys/{survey.id}/closure", data={"open": "no"})
    post(browser, f"/surveys/{survey.id}/closure", data={"open": "yes"})
    assert "It stays closed" in browser.get(f"/surveys/{survey.id}").text
    with store.read() as session:
        assert session.get_one(Survey, survey.id).closed_at is not None


@pytest.mark.parametrize("fields", [{"name": ""}, {"name": "x" * 201}, {"department": "12"}])
def test_a_survey_that_cannot_be_made(app: Flask, cast: Cast, fields: dict[str, str]) -> None:
    told = {"name": "Ours", "department": str(cast.kitchen), "audience": "customers", "ready": ""} | fields
    answer = post(at_work(app, cast, "berta"), "/surveys", data=told)
    assert answer.status_code == 422 and well_formed(answer.text) == []


def test_a_manager_keeps_to_own_departments(app: Flask, store: Store, cast: Cast) -> None:
    ours = published(store, cast, key="berta", department_id=cast.kitchen, name="Of the kitchen")
    whole = published(store, cast, name="Of everyone")
    berta, paula, maria = (at_work(app, cast, key) for key in ("berta", "paula", "maria"))
    assert "Of the kitchen" in berta.get("/surveys").text and "Of the kitchen" not in paula.get("/surveys").text
    assert "Of everyone" in paula.get("/surveys").text
    assert paula.get(f"/surveys/{ours.id}").status_code == 404
    for path in ("questions/q1", "publication", "closure", "settings", "questions", "links"):
        assert post(paula, f"/surveys/{ours.id}/{path}", data={"seen": "1"}).status_code == 404
        if path != "links":
            assert post(paula, f"/surveys/{whole.id}/{path}", data={"seen": "1"}).status_code == 404
    assert "belongs to the whole organisation" in paula.get(f"/surveys/{whole.id}").text
    assert maria.get("/surveys").status_code == 404


def test_a_link_asks_what_it_is_told_to(app: Flask, store: Store, cast: Cast) -> None:
    berta, survey = at_work(app, cast, "berta"), published(store, cast)
    link = cast.link_ids["kitchen"]
    assert "Ask a survey or a poll" in berta.get(f"/links/{link}").text
    told = {"survey": str(survey.id), "moment": "instead"}
    assert post(berta, f"/links/{link}/survey", data=told).status_code == 303
    assert "Question q1" in app.test_client().get(f"/q/{cast.kitchen_link}").text
    page = berta.get(f"/links/{link}").text
    assert well_formed(page) == [] and "edition 1" in visible_text(page)
    assert post(at_work(app, cast, "paula"), f"/links/{link}/survey", data=told).status_code == 404
    assert post(berta, f"/links/{link}/survey", data={"survey": "12", "moment": "instead"}).status_code == 404
    post(berta, f"/links/{link}/survey", data={"survey": str(survey.id), "moment": "never"})
    assert "Not done" in berta.get(f"/links/{link}").text
    post(berta, f"/links/{link}/survey", data={"survey": ""})
    assert 'id="kind-complaint"' in app.test_client().get(f"/q/{cast.kitchen_link}").text


def test_inside_and_outside_stay_apart(app: Flask, store: Store, cast: Cast) -> None:
    from feedback.core.surveys import Audience

    berta, link = at_work(app, cast, "berta"), cast.link_ids["kitchen"]
    inside = published(store, cast, audience=Audience.STAFF, name="Roster desk")
    post(berta, f"/links/{link}/survey", data={"survey": str(inside.id), "moment": "instead"})
    assert "Not done" in berta.get(f"/links/{link}").text
    post(berta, f"/links/{link}/audience", data={"internal": "yes"})
    assert "Roster desk" in berta.get(f"/links/{link}").text
    post(berta, f"/links/{link}/survey", data={"survey": str(inside.id), "moment": "instead"})
    assert "Question q1" in app.test_client().get(f"/q/{cast.kitchen_link}").text
    post(berta, f"/links/{link}/audience", data={"internal": "no"})
    assert "Not done" in berta.get(f"/links/{link}").text


def test_a_code_issued_anew_asks_the_same(app: Flask, store: Store, cast: Cast) -> None:
    attach(store, cast, published(store, cast), "kitchen")
    berta, link = at_work(app, cast, "berta"), f"/links/{cast.link_ids['kitchen']}"
    fill_in(berta, link, f"{link}/reissue", old="retire")
    with store.read() as session:
        fresh = session.get_one(Link, session.get_one(Link, cast.link_ids["kitchen"]).successor_id)
    assert "Question q1" in app.test_client().get(f"/q/{fresh.code}").text
