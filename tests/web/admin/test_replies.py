"""/admin/replies: templates kept by admins, with what is missing in which language, and how each reads."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from feedback.core import replies
from feedback.core.organisation import Organisation
from feedback.core.replies import LONGEST, SHIPPED, Template
from feedback.db import Store
from tests.conftest import fresh
from tests.factories import Cast
from tests.ground.pages import field_values, visible_text, well_formed
from tests.story import NO_IDS, at_work, fill_in, token_for

PAGE, NEW = "/admin/replies", "/admin/replies/new"
GOOD = {"name": "Thanks", "says": "replied", "en-text": "Dear {customer},\n<b>", "de-text": "Hallo {customer}"}


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """One kind of store: what a page says does not depend on it, and what is kept is core's, tested on both."""
    with fresh(request, "sqlite", tmp_path) as url:
        yield url


@pytest.fixture
def anna(app: Flask, cast: Cast) -> FlaskClient:
    return at_work(app, cast, "anna")


def kept(store: Store) -> list[Template]:
    with store.read() as session:
        return replies.all_of(session)


def test_ours_are_offered_and_taken(anna: FlaskClient, store: Store) -> None:
    page = anna.get(PAGE)
    assert well_formed(page.text) == [] and all(ours.names["en"] in visible_text(page.text) for ours in SHIPPED)
    assert kept(store) == []
    assert fill_in(anna, PAGE, f"{PAGE}/ours").status_code == 303
    assert len(kept(store)) == len(SHIPPED)
    page = anna.get(PAGE).text
    assert "Missing:" not in visible_text(page) and f"{PAGE}/ours" not in page
    anna.post(f"{PAGE}/ours", data={"csrf_token": token_for(anna)})
    assert len(kept(store)) == len(SHIPPED)


def test_one_is_written_looked_at_changed_and_taken_away(anna: FlaskClient, store: Store) -> None:
    assert fill_in(anna, NEW, NEW, **GOOD).status_code == 303
    (one,) = kept(store)
    assert (one.name, one.says, one.texts) == (
        "Thanks", "replied", {"en": "Dear {customer},\n<b>", "de": "Hallo {customer}"},
    )  # fmt: skip
    assert "Missing: العربية" in visible_text(anna.get(PAGE).text)
    page = f"{PAGE}/{one.id}"
    shown = anna.get(page)
    text = visible_text(shown.text)
    assert well_formed(shown.text) == [] and "Missing" in text and "<b>" in text
    assert "Dear Ida Winter," in text and "Dear customer," in text and "{answer_by}" in text
    filled = field_values(shown.text, f"{page}/details") | {"en-text": "Hi {staff}"}
    looked = anna.post(f"{page}/preview", data=filled)
    assert looked.status_code == 200 and "Hi Deliveries" in visible_text(looked.text) and kept(store) == [one]
    assert anna.post(f"{page}/details", data=filled).status_code == 303
    assert kept(store)[0].texts["en"] == "Hi {staff}"
    late = anna.post(f"{page}/details", data=filled | {"en-text": "Too late"})
    assert late.status_code == 409 and "Someone changed this while you were writing" in visible_text(late.text)
    again = field_values(late.text, f"{page}/details")
    assert again["en-text"].strip() == "Too late" and kept(store)[0].texts["en"] == "Hi {staff}"
    assert anna.post(f"{page}/details", data=again).status_code == 303
    assert fill_in(anna, page, f"{page}/removal").status_code == 303 and kept(store) == []
    for act in ("details", "removal", "preview"):
        assert anna.post(f"{page}/{act}", data=filled).status_code == 404
    log = visible_text(anna.get("/admin/audit").text)
    assert all(said in log for said in ("Wrote the reply template Thanks", "Changed the", "Took away the"))


def test_what_is_wrong_is_said_and_the_words_stay(anna: FlaskClient, store: Store) -> None:
    for wrong, said in (
        ({"name": ""}, "Please fill this in."),
        ({"name": "x" * 81}, "too long"),
        ({"says": "shouted"}, "Not a valid choice"),
        ({"en-text": "x" * (LONGEST + 1)}, "too long"),
        ({"en-text": "x\0"}, "not text"),
        ({"en-text": " ", "de-text": ""}, "Write it in one language at least."),
        ({"de-text": "Hallo {kunde} {Kunde}"}, "{kunde} and {Kunde} is no placeholder."),
    ):
        answer = fill_in(anna, NEW, NEW, **(GOOD | wrong))
        assert answer.status_code == 422 and said in visible_text(answer.text), wrong
        assert well_formed(answer.text) == []
        assert "de-text" in wrong or "Hallo {customer}" in answer.text
    looked = fill_in(anna, NEW, NEW, **GOOD) and anna.post(
        f"{NEW}/preview", data=GOOD | {"csrf_token": token_for(anna)}
    )
    assert looked.status_code == 200 and len(kept(store)) == 1


def test_what_is_none_is_not_there(anna: FlaskClient) -> None:
    for number in (*NO_IDS, "12345"):
        assert anna.get(f"{PAGE}/{number}").status_code == 404


def test_only_admins_keep_them(app: Flask, store: Store, cast: Cast) -> None:
    for key in ("maria", "berta", "dora"):
        browser = at_work(app, cast, key)
        for act in ("ours", "new"):
            assert browser.post(f"{PAGE}/{act}", data=GOOD | {"csrf_token": token_for(browser)}).status_code == 404
        assert browser.get(PAGE).status_code == 404 and kept(store) == []


def test_a_text_in_a_language_no_longer_on_offer_is_not_lost(anna: FlaskClient, store: Store) -> None:
    fill_in(anna, NEW, NEW, **GOOD)
    with store.write() as session:
        session.get_one(Organisation, 1).languages = ["en"]
    page = f"{PAGE}/{kept(store)[0].id}"
    assert "No longer on offer" in visible_text(anna.get(page).text)
    assert fill_in(anna, page, f"{page}/details", name="Again").status_code == 303
    assert set(kept(store)[0].texts) == {"en", "de"}
