"""/notices: the news of whoever is signed in, counted on every page, read by opening it or the case."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from feedback import clock
from feedback.core import cases, challenges
from feedback.core.cases import Case
from feedback.core.challenges import Outcome, Part
from feedback.db import Store
from feedback.web.employee import news
from tests.core.test_praise import thanks
from tests.factories import Cast
from tests.ground.pages import visible_text, well_formed
from tests.story import arrives, at_work, concern, fill_in, token_for, viewer
from tests.web.conftest import Trouble

ON_ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # where the store makes no difference


def count(browser: FlaskClient) -> str:
    """What stands beside the way to the news, on a page that has nothing to do with them."""
    found = re.search(r'href="/notices".*?</a>', browser.get("/praise").text, re.S)
    assert found
    number = re.search(r'class="chip fresh">([^<]*)<', found[0])
    return number[1] if number else ""


def assign(store: Store, number: int, by: int, to: int) -> None:
    with store.write() as session:
        case = session.get_one(Case, number)
        cases.assign(session, viewer(store, by), case, to, version=case.version, at=clock.now(), mails=False)


def test_news_lead_to_their_cases_and_are_read_by_looking(app: Flask, store: Store, cast: Cast) -> None:
    number = arrives(store, cast.kitchen_link, message="The soup was <b>cold</b>", at=clock.now())
    assign(store, number, cast.berta, cast.karim)
    for key, happened in (("berta", "A customer wrote"), ("karim", "Yours to handle")):
        browser = at_work(app, cast, key)
        assert count(browser) == "1"
        page = browser.get("/notices")
        assert well_formed(page.text) == [] and page.headers["Cache-Control"] == "no-store"
        text = visible_text(page.text)
        assert happened in text and "The soup was <b>cold</b>" in text and "New" in text
        assert f'href="/cases/{number}"' in page.text
        assert count(browser) == "" and "New\n" not in visible_text(browser.get("/notices").text)


def test_opening_the_case_reads_its_news(app: Flask, store: Store, cast: Cast) -> None:
    number = arrives(store, cast.kitchen_link, at=clock.now())
    arrives(store, cast.kitchen_link, at=clock.now())
    browser = at_work(app, cast, "berta")
    assert count(browser) == "2"
    assert browser.get(f"/cases/{number}").status_code == 200
    assert count(browser) == "1"


@ON_ONE
def test_nobody_reads_in_someone_elses_place(app: Flask, store: Store, cast: Cast) -> None:
    number = arrives(store, cast.maria_link, at=clock.now())
    dora, berta, maria = (at_work(app, cast, key) for key in ("dora", "berta", "maria"))
    assert dora.get(f"/cases/{number}").status_code == 200 and maria.get(f"/cases/{number}").status_code == 404
    dora.get("/notices")
    assert dora.post("/notices/reading", data={"csrf_token": token_for(dora)}).status_code == 303
    assert (count(berta), count(maria)) == ("1", "")
    assert "soup" not in maria.get("/notices").text


def test_whom_it_concerns_since_reads_nothing_of_it(app: Flask, store: Store, cast: Cast) -> None:
    number = arrives(store, cast.kitchen_link, at=clock.now())
    assign(store, number, cast.berta, cast.karim)
    concern(store, number, cast.karim)
    browser = at_work(app, cast, "karim")
    assert count(browser) == "" and "soup" not in browser.get("/notices").text


@ON_ONE
def test_what_is_not_on_the_page_stays_new_until_all_is_marked(
    app: Flask, store: Store, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "SIZE", 2)
    for _ in range(5):
        arrives(store, cast.kitchen_link, at=clock.now())
    browser = at_work(app, cast, "berta")
    page = browser.get("/notices")
    assert "Not read yet, and not on this page: 3" in visible_text(page.text) and well_formed(page.text) == []
    (older,) = re.findall(r'href="(/notices\?after=\d+)"', page.text)
    assert visible_text(browser.get(older).text).count("The soup was cold") == 2
    assert count(browser) == "5"
    answer = fill_in(browser, "/notices", "/notices/reading")
    assert answer.headers["Location"] == "/notices" and count(browser) == ""


def test_a_shared_case_leads_to_what_was_shared(app: Flask, store: Store, cast: Cast) -> None:
    number = arrives(store, cast.maria_link, at=clock.now())
    browser = at_work(app, cast, "maria")
    assert count(browser) == "" and "Nothing new" in visible_text(browser.get("/notices").text)
    with store.write() as session:
        case, berta = session.get_one(Case, number), viewer(store, cast.berta)
        ending = cases.Ending(cases.Outcome.UPHELD, cases.Cause.OTHER, cases.Remedy.NONE)
        cases.close(session, berta, case, ending, version=case.version, at=clock.now(), mails=False)
        session.refresh(case)
        cases.share(session, berta, case, "", at=clock.now())
    assert count(browser) == "1"
    assert browser.get(f"/cases/{number}/shared").status_code == 200 and count(browser) == ""
    assert f'href="/cases/{number}/shared"' in browser.get("/notices").text


def test_a_busy_store_keeps_nobody_from_their_news(hasty: Flask, store: Store, cast: Cast, locked: Trouble) -> None:
    number = arrives(store, cast.kitchen_link, at=clock.now())
    browser = at_work(hasty, cast, "berta")
    with locked():
        assert browser.get("/notices").status_code == browser.get(f"/cases/{number}").status_code == 200


@ON_ONE
@pytest.mark.parametrize("after", ["0", "-1", "x", "9" * 30, "%00"])
def test_an_address_that_means_nothing_is_not_there(app: Flask, cast: Cast, after: str) -> None:
    assert at_work(app, cast, "berta").get(f"/notices?after={after}").status_code in (200, 404)


@ON_ONE
def test_a_forged_mark_is_refused(app: Flask, store: Store, cast: Cast) -> None:
    arrives(store, cast.kitchen_link, at=clock.now())
    browser = at_work(app, cast, "berta")
    assert browser.post("/notices/reading").status_code == 400 and count(browser) == "1"


@ON_ONE
def test_what_waits_is_counted_until_it_is_decided(app: Flask, store: Store, cast: Cast) -> None:
    thanks(store, cast.table_link, message="So kind", person_note="tall, at the till")
    berta = at_work(app, cast, "berta")
    assert count(berta) == "1"
    text = visible_text(berta.get("/notices").text)
    assert "1 letter waits for you" in text and "Nothing new" not in text
    assert count(berta) == "1" and count(at_work(app, cast, "karim")) == ""


@ON_ONE
def test_a_challenge_and_its_answer_are_told_without_mail(app: Flask, store: Store, cast: Cast) -> None:
    maria, anna, seen = at_work(app, cast, "maria"), at_work(app, cast, "anna"), viewer(store, cast.maria)
    with store.write() as session:
        number = challenges.challenge(session, seen, Part.RECORD, "It is Lopes", clock.now(), mails=False).id
    assert count(anna) == "1" and "1 challenge waits for an answer" in visible_text(anna.get("/notices").text)
    with store.write() as session:
        challenges.answer(session, viewer(store, cast.anna), number, Outcome.CORRECTED, "", clock.now(), mails=False)
    assert count(anna) == "" and "Nothing new" in visible_text(anna.get("/notices").text)
    told = "What you said is wrong in what is kept about you was answered"
    assert told in visible_text(maria.get("/notices").text)
