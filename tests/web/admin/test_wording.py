"""/admin/wording: the organisation's own words on print, and the way back to the shipped ones."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from feedback import clock
from feedback.core import audit, posters
from feedback.core.posters import shipped
from feedback.db import Store
from tests.factories import Cast
from tests.ground.pages import field_values, visible_text, well_formed
from tests.story import at_once, at_work, fill_in, token_for

PAGE = "/admin/wording?language=de"


@pytest.fixture
def anna(app: Flask, cast: Cast) -> FlaskClient:
    return at_work(app, cast, "anna")


def said(store: Store, language: str) -> posters.Words:
    with store.read() as session:
        return posters.words(session, [language])[0]


def test_own_words_are_kept_shown_and_in_the_log(store: Store, cast: Cast, anna: FlaskClient) -> None:
    answer = fill_in(anna, PAGE, "/admin/wording/de", call="Na,  wie\nwar's?", hint="")
    assert answer.status_code == 303 and answer.headers["Location"] == PAGE
    assert said(store, "de") == posters.Words("de", "Na, wie war's?", shipped()["de"].hint, shipped()["de"].why)
    page = anna.get(PAGE).text
    assert well_formed(page) == []
    assert field_values(page, "/admin/wording/de")["call"].strip() == "Na, wie war's?"
    assert "Put own words on print (Deutsch)" in visible_text(anna.get("/admin/audit").text)


def test_of_two_who_word_it_at_once_one_is_kept(store: Store, cast: Cast) -> None:
    def reword(text: str) -> None:
        with store.write() as session:
            posters.reword(session, "de", {"call": text}, clock.now(), by_id=cast.anna)

    for n in range(5):
        at_once(lambda n=n: reword(f"Na {n}?"), lambda n=n: reword(f"Und {n}?"))
        assert said(store, "de").call in (f"Na {n}?", f"Und {n}?")


def test_the_shipped_words_come_back(store: Store, anna: FlaskClient) -> None:
    fill_in(anna, PAGE, "/admin/wording/de", call="Na?")
    assert fill_in(anna, PAGE, "/admin/wording/de/reset").status_code == 303
    assert said(store, "de") == shipped()["de"]
    assert "/admin/wording/de/reset" not in anna.get(PAGE).text


def test_words_as_shipped_are_no_change(store: Store, anna: FlaskClient) -> None:
    fill_in(anna, PAGE, "/admin/wording/de")
    with store.read() as session:
        assert not posters.own_lines(session, "de") and not audit.page(session)


@pytest.mark.parametrize(("line", "text"), [("call", "a" * 81), ("hint", "é" * 101), ("why", "x\0y")])
def test_what_cannot_be_printed_is_told_and_kept(store: Store, anna: FlaskClient, line: str, text: str) -> None:
    token = token_for(anna)
    answer = anna.post("/admin/wording/de", data={"csrf_token": token, line: text})
    assert answer.status_code == 422 and well_formed(answer.text) == []
    assert "aria-invalid" in answer.text
    assert text.replace("\0", "") in answer.text.replace("\0", "").replace("\ufffd", "")
    assert said(store, "de") == shipped()["de"]


def test_without_the_token_nothing_is_kept(store: Store, anna: FlaskClient) -> None:
    assert anna.post("/admin/wording/de", data={"call": "Na?"}).status_code in (400, 422)
    assert anna.post("/admin/wording/de/reset").status_code in (400, 422)
    assert said(store, "de") == shipped()["de"]


@pytest.mark.parametrize("language", ["tlh", "xx", "..", "%00"])
def test_a_language_without_words_is_not_there(anna: FlaskClient, language: str) -> None:
    token = token_for(anna)
    assert anna.get(f"/admin/wording?language={language}").status_code == 404
    assert anna.post(f"/admin/wording/{language}", data={"csrf_token": token, "call": "x"}).status_code == 404


@pytest.mark.parametrize("visitor", ["berta", "dora", "maria"])
def test_only_admins_word_print(app: Flask, store: Store, cast: Cast, visitor: str) -> None:
    browser = at_work(app, cast, visitor)
    token = token_for(browser)
    assert browser.get(PAGE).status_code == 404
    for way in ("/admin/wording/de", "/admin/wording/de/reset"):
        assert browser.post(way, data={"csrf_token": token, "call": "x"}).status_code == 404
    assert said(store, "de") == shipped()["de"]


def test_names_and_words_are_never_markup(store: Store, anna: FlaskClient) -> None:
    fill_in(anna, PAGE, "/admin/wording/de", call="<b>#eval</b>")
    assert "<b>#eval" not in anna.get(PAGE).text
    assert said(store, "de").call == "<b>#eval</b>"
