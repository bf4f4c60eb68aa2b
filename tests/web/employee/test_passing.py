"""Passing praise on under a letter: line, mark, bringing and notes, over HTTP; and the whole story once."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from feedback.core import recognition
from feedback.db import Store
from tests.core.test_praise import thanks
from tests.core.test_recognition import bring, passed
from tests.factories import BEGINNING, Cast
from tests.ground.pages import visible_text, well_formed
from tests.story import NO_IDS, at_work, fill_in, statements, token_for

LINE = "You noticed before I did."
ACTS = ("line", "beyond", "beyond/removal", "bringing", "notes/employee", "notes/customer")
ON_ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def praised(store: Store, cast: Cast) -> int:
    """The number of a letter to Maria."""
    return thanks(store, cast.maria_link, message="So kind")


def page_of(cast: Cast) -> str:
    return f"/praise?department={cast.kitchen}"


def press(browser: FlaskClient, page: str, number: int, act: str, **fields: str) -> None:
    """Press the button of that act under a letter of `page`, and come back to the letter."""
    query = page.partition("?")[2]
    action = f"/praise/{number}/{act}" + (f"?{query}" if query else "")
    answer = fill_in(browser, page, action, **fields)
    assert (answer.status_code, answer.location) == (303, f"{page}#letter-{number}")


def test_a_line_and_a_mark_stand_under_the_letter(app: Flask, store: Store, cast: Cast, praised: int) -> None:
    berta, page, way = at_work(app, cast, "berta"), page_of(cast), f"/praise/{praised}/line"
    assert fill_in(berta, way, way, words=f" {LINE}\n").status_code == 303
    press(berta, page, praised, "beyond")
    shown = at_work(app, cast, "maria").get("/praise").text
    assert well_formed(shown) == []
    text = visible_text(shown)
    assert LINE in text and "Berta Stein" in text and "Beyond the call of duty" in text and "Pass it on" not in text
    press(berta, page, praised, "beyond/removal")
    assert LINE in berta.get(way).text  # to be changed
    fill_in(berta, way, way, words="")
    text = visible_text(at_work(app, cast, "maria").get("/praise").text)
    assert LINE not in text and "Beyond the call of duty" not in text


def test_a_director_thanks_by_one_tap_and_the_customer_by_another(
    app: Flask, store: Store, cast: Cast, praised: int
) -> None:
    press(at_work(app, cast, "berta"), page_of(cast), praised, "bringing")
    dora, page = at_work(app, cast, "dora"), "/praise?whose=passed-on"
    shown = dora.get(page).text
    assert "Berta Stein brought you this" in visible_text(shown) and well_formed(shown) == []
    for reader in ("employee", "customer"):
        press(dora, page, praised, f"notes/{reader}")
    assert "/notes/" not in dora.get(page).text
    found = passed(store, praised)
    assert [one.words for one in found.notes + found.giver_notes] == ["", ""]
    text = visible_text(at_work(app, cast, "maria").get("/praise").text)
    assert "Dora Lang read this and says thank you" in text and "It is good to read what you do for people." in text


def test_own_words(app: Flask, store: Store, cast: Cast, praised: int) -> None:
    bring(store, cast.berta, praised)
    dora, way = at_work(app, cast, "dora"), f"/praise/{praised}/notes/employee"
    assert fill_in(dora, way, way, words=LINE).status_code == 303
    assert dora.get(way).status_code == 404  # said is said
    assert LINE in at_work(app, cast, "maria").get("/praise").text


@pytest.mark.parametrize("words", ["4" * (recognition.LONGEST + 1), "a\0b"])
@pytest.mark.parametrize("act", ["line", "notes/employee", "notes/customer"])
def test_what_is_no_line_is_said_and_stays(
    app: Flask, store: Store, cast: Cast, praised: int, act: str, words: str
) -> None:
    bring(store, cast.berta, praised)
    before, way = passed(store, praised), f"/praise/{praised}/{act}"
    answer = fill_in(at_work(app, cast, "dora"), way, way, words=words)
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text
    assert words.replace("\0", "") in answer.text.replace("\0", "") and passed(store, praised) == before


@pytest.mark.parametrize("key", ["maria", "karim", "paula", "anna"])
def test_for_others_there_is_no_way(app: Flask, store: Store, cast: Cast, praised: int, key: str) -> None:
    browser = at_work(app, cast, key)
    token = token_for(browser)
    for act in ACTS:
        assert browser.post(f"/praise/{praised}/{act}", data={"csrf_token": token}).status_code == 404
    for act in ("line", "notes/employee", "notes/customer"):
        assert browser.get(f"/praise/{praised}/{act}").status_code == 404
    assert "Pass it on" not in browser.get("/praise").text and passed(store, praised) == recognition.Passed()


@pytest.mark.parametrize("act", ACTS)
def test_no_other_site_passes_on(app: Flask, store: Store, cast: Cast, praised: int, act: str) -> None:
    bring(store, cast.berta, praised)
    before = passed(store, praised)
    assert at_work(app, cast, "dora").post(f"/praise/{praised}/{act}").status_code == 400
    assert passed(store, praised) == before


@ON_ONE
def test_numbers_and_readers_that_are_none(app: Flask, cast: Cast, praised: int) -> None:
    browser = at_work(app, cast, "dora")
    token = token_for(browser)
    for act in ACTS:
        for n in ("0", *NO_IDS):
            assert browser.post(f"/praise/{n}/{act}", data={"csrf_token": token}).status_code == 404
    assert browser.get(f"/praise/{praised}/notes/all").status_code == 404


def test_what_was_brought_costs_as_many_statements_however_much_it_is(app: Flask, store: Store, cast: Cast) -> None:
    dora, counted = at_work(app, cast, "dora"), []
    for _ in range(2):
        for _ in range(3):
            bring(store, cast.berta, thanks(store, cast.maria_link, message="So kind"))
        with statements(app) as seen:
            assert dora.get("/praise?whose=passed-on").status_code == 200
        counted.append(len(seen))
    assert counted[0] == counted[1]


@ON_ONE
def test_what_was_brought_is_paged(app: Flask, store: Store, cast: Cast) -> None:
    for n in range(32):
        number = thanks(store, cast.maria_link, message=f"Letter {n}.")
        bring(store, cast.berta, number, BEGINNING + timedelta(days=1, minutes=n))
    page = at_work(app, cast, "dora").get("/praise?whose=passed-on").text
    assert page.count("<article") == 30 and "Letter 31." in page and "Letter 1." not in page
    assert 'rel="next"' in page


@ON_ONE
def test_news_lead_to_what_was_brought_and_to_the_note(app: Flask, store: Store, cast: Cast) -> None:
    number = thanks(store, cast.maria_link, message="So kind", at=None)
    press(at_work(app, cast, "berta"), page_of(cast), number, "bringing")
    dora, maria = at_work(app, cast, "dora"), at_work(app, cast, "maria")
    shown = dora.get("/notices").text
    assert "Praise brought to you" in visible_text(shown) and 'href="/praise?whose=passed-on"' in shown
    press(dora, "/praise?whose=passed-on", number, "notes/employee")
    shown = maria.get("/notices").text
    assert "A director thanks you" in visible_text(shown) and f'href="/praise#letter-{number}"' in shown
