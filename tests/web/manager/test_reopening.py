"""POST /cases/<n>/reopening: a closed case taken up again by those who answer it, for a reason."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from feedback.core import cases, history
from feedback.core.cases import LONGEST_NOTE, Case, Cause, Ending, Outcome, Remedy
from feedback.db import Store
from tests.conftest import fresh
from tests.factories import BEGINNING, Cast
from tests.ground.pages import visible_text, well_formed
from tests.story import arrives, at_work, fill_in, token_for, viewer

WHY = "We promised a refund"


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """One kind of store: what a page says does not depend on it, and what is kept is core's, tested on both."""
    with fresh(request, "sqlite", tmp_path) as url:
        yield url


@pytest.fixture
def case(store: Store, cast: Cast) -> int:
    number = arrives(store, cast.maria_link)
    with store.write() as session:
        ending = Ending(Outcome.UPHELD, Cause.PROCESS, Remedy.APOLOGY)
        found = session.get_one(Case, number)
        cases.close(session, viewer(store, cast.berta), found, ending, version=1, at=BEGINNING, mails=False)
    return number


def steps(store: Store, case: int) -> list[str]:
    with store.read() as session:
        return [event.name for event in history.events_of(session, case)]


def test_it_is_open_again_and_says_how_it_had_ended(app: Flask, store: Store, cast: Cast, case: int) -> None:
    berta, page = at_work(app, cast, "berta"), f"/cases/{case}"
    answer = fill_in(berta, page, f"{page}/reopening", reason=f" {WHY}\n")
    assert (answer.status_code, answer.location) == (303, page)
    shown = berta.get(page)
    text = visible_text(shown.text)
    assert well_formed(shown.text) == [] and WHY in text and "Send to the customer" in text
    assert "Berta Stein took this up again; it had ended with “The customer was right”" in text
    assert "How it ended" not in text and steps(store, case) == ["received", "closed", "taken_up_again"]


def test_nobody_else_does_it(app: Flask, store: Store, cast: Cast, case: int) -> None:
    for key in ("maria", "karim", "paula"):
        browser = at_work(app, cast, key)
        fields = {"csrf_token": token_for(browser), "version": "2", "reason": WHY}
        assert browser.post(f"/cases/{case}/reopening", data=fields).status_code == 404
    assert steps(store, case) == ["received", "closed"]


def test_what_is_wrong_is_said_and_the_words_stay(app: Flask, store: Store, cast: Cast, case: int) -> None:
    berta, page = at_work(app, cast, "berta"), f"/cases/{case}"
    for reason, said in ((" ", "Write something first"), ("x\0", "not text"), ("x" * (LONGEST_NOTE + 1), "too long")):
        answer = fill_in(berta, page, f"{page}/reopening", reason=reason)
        assert answer.status_code == 422 and said in visible_text(answer.text) and well_formed(answer.text) == []
    stale = fill_in(berta, page, f"{page}/reopening", reason=WHY, version="1")
    assert stale.status_code == 409 and WHY in stale.text
    assert steps(store, case) == ["received", "closed"]


def test_what_is_open_cannot_be_taken_up_again(app: Flask, store: Store, cast: Cast) -> None:
    berta, case = at_work(app, cast, "berta"), arrives(store, cast.kitchen_link)
    assert "/reopening" not in berta.get(f"/cases/{case}").text
    fields = {"csrf_token": token_for(berta), "version": "1", "reason": WHY}
    answer = berta.post(f"/cases/{case}/reopening", data=fields)
    assert answer.status_code == 409 and "Your words, not sent" in visible_text(answer.text) and WHY in answer.text
    assert steps(store, case) == ["received"]
