"""Sharing a closed case with the person it is about: by whoever answers it, once, and nothing but what may be known."""

import pytest
from flask import Flask

from feedback.core import cases, history
from feedback.core.cases import LONGEST_NOTE, Case, Cause, Ending, Outcome, Remedy, Says
from feedback.core.people import Person
from feedback.core.submissions import Contact
from feedback.db import Store
from tests.factories import BEGINNING, Cast
from tests.ground.pages import visible_text, well_formed
from tests.story import NO_IDS, arrives, at_work, fill_in, token_for, viewer


@pytest.fixture
def case(store: Store, cast: Cast) -> int:
    """A closed complaint about Maria with an answer, a note and a contact."""
    number = arrives(store, cast.maria_link, message="Maria did not greet us")
    berta = viewer(store, cast.berta)
    with store.write() as session:
        session.add(Contact(submission_id=number, name="Ida", email="ida@home.example", phone="", may_contact=True))
        found = session.get_one(Case, number)
        cases.note(session, berta, found, "Karim saw it", BEGINNING)
        cases.reply(session, berta, found, "We are sorry.", Says.ANSWERED, version=1, at=BEGINNING, mails=False)
        ending = Ending(Outcome.UPHELD, Cause.PEOPLE, Remedy.APOLOGY, "Talk about mornings")
        cases.close(session, berta, found, ending, version=2, at=BEGINNING, mails=False)
    return number


def test_they_read_what_was_said_and_nothing_else(app: Flask, store: Store, cast: Cast, case: int) -> None:
    maria, berta = at_work(app, cast, "maria"), at_work(app, cast, "berta")
    assert maria.get(f"/cases/{case}/shared").status_code == 404
    assert "was shared with you" not in maria.get("/praise").text
    answer = fill_in(berta, f"/cases/{case}", f"/cases/{case}/share", note="It was a hard day, I know.")
    assert (answer.status_code, answer.location) == (303, f"/cases/{case}")
    assert f'href="/cases/{case}/shared"' in maria.get("/praise").text
    page = maria.get(f"/cases/{case}/shared")
    text = visible_text(page.text)
    assert page.status_code == 200 and well_formed(page.text) == []
    for told in ("Maria did not greet us", "We are sorry.", "It was a hard day, I know.", "Berta Stein shared this"):
        assert told in text
    for hidden in ("Karim saw it", "Talk about mornings", "ida@home.example", "Ida"):
        assert hidden not in page.text
    assert maria.get(f"/cases/{case}").status_code == 404 and str(case) not in maria.get("/cases").text
    shown = visible_text(berta.get(f"/cases/{case}").text)
    assert "Berta Stein shared this with Maria Lopez" in shown and "Share this case" not in shown


@pytest.mark.parametrize("key", ["karim", "hans", "paula", "berta", "anna"])
def test_it_is_shared_with_nobody_else(app: Flask, cast: Cast, case: int, key: str) -> None:
    berta, other = at_work(app, cast, "berta"), at_work(app, cast, key)
    assert fill_in(berta, f"/cases/{case}", f"/cases/{case}/share").status_code == 303
    for number in (case, *NO_IDS, "12345"):
        assert other.get(f"/cases/{number}/shared").status_code == 404


@pytest.mark.parametrize("key", ["maria", "karim", "paula"])
def test_nobody_else_shares_it(app: Flask, store: Store, cast: Cast, case: int, key: str) -> None:
    browser = at_work(app, cast, key)
    assert browser.post(f"/cases/{case}/share", data={"csrf_token": token_for(browser)}).status_code == 404
    with store.read() as session:
        assert "shared" not in [event.name for event in history.events_of(session, case)]


def test_only_what_is_closed_is_shared_and_only_once(app: Flask, store: Store, cast: Cast, case: int) -> None:
    berta = at_work(app, cast, "berta")
    token = {"csrf_token": token_for(berta)}
    still_open = arrives(store, cast.maria_link)
    assert berta.post(f"/cases/{still_open}/share", data=token).status_code == 409
    nobody = arrives(store, cast.kitchen_link, history=True)
    assert berta.post(f"/cases/{nobody}/share", data=token).status_code == 409
    assert "Share this case" not in berta.get(f"/cases/{nobody}").text
    assert berta.post(f"/cases/{case}/share", data=token).status_code == 303
    assert berta.post(f"/cases/{case}/share", data=token).status_code == 409


def test_who_left_is_not_shared_with(app: Flask, store: Store, cast: Cast, case: int) -> None:
    with store.write() as session:
        session.get_one(Person, cast.maria).retired_at = BEGINNING
    berta = at_work(app, cast, "berta")
    assert "Share this case" not in berta.get(f"/cases/{case}").text


@pytest.mark.parametrize(("note", "said"), [("x\0", "not text"), ("x" * (LONGEST_NOTE + 1), "too long")])
def test_what_is_wrong_is_said(app: Flask, cast: Cast, case: int, note: str, said: str) -> None:
    answer = fill_in(at_work(app, cast, "berta"), f"/cases/{case}", f"/cases/{case}/share", note=note)
    assert answer.status_code == 422 and said in visible_text(answer.text) and well_formed(answer.text) == []
