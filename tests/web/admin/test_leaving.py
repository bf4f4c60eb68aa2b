"""Retiring a person: what the form tells beforehand, and what becomes of their cases and their sign-in."""

import pytest
import time_machine
from flask import Flask

from feedback.core import history
from feedback.core.accounts import Account
from feedback.core.cases import Case
from feedback.core.people import Person
from feedback.db import Store
from tests.factories import BEGINNING, Cast
from tests.ground.pages import visible_text, well_formed
from tests.story import arrives, at_work, concern, fill_in, token_for


def given(store: Store, number: int, person_id: int) -> int:
    with store.write() as session:
        session.get_one(Case, number).handler_id = person_id
    return number


def handler(store: Store, number: int) -> int | None:
    with store.read() as session:
        return session.get_one(Case, number).handler_id


def test_the_form_tells_what_happens_and_it_does(app: Flask, store: Store, cast: Cast) -> None:
    numbers = [given(store, arrives(store, cast.table_link), cast.karim) for _ in range(2)]
    with time_machine.travel(BEGINNING, tick=False):
        berta, page = at_work(app, cast, "berta"), f"/admin/people/{cast.karim}"
        shown = berta.get(page).text
        told = visible_text(shown)
        assert well_formed(shown) == [] and "2 open cases are handed back to their departments." in told
        assert "Until February 4, 2026 they can sign in to take their letters along" in told
        assert fill_in(berta, page, f"{page}/retirement").status_code == 303
        assert [handler(store, number) for number in numbers] == [None, None]
        sheet = visible_text(berta.get(f"/cases/{numbers[0]}").text)
        assert "Karim Haddad left, so this went back to its department" in sheet
        assert at_work(app, cast, "karim").get("/").headers["Location"] == "/praise/letters"
        fill_in(berta, page, f"{page}/return")
        assert handler(store, numbers[0]) is None
        assert at_work(app, cast, "karim").get("/praise").status_code == 200
        assert "handed back" not in visible_text(berta.get(page).text)


def test_a_case_that_whoever_retires_them_may_not_see_goes_back_untold(app: Flask, store: Store, cast: Cast) -> None:
    number = given(store, arrives(store, cast.table_link), cast.karim)
    concern(store, number, cast.berta)
    berta, page = at_work(app, cast, "berta"), f"/admin/people/{cast.karim}"
    assert "handed back" not in visible_text(berta.get(page).text)
    assert "1 open case is handed back" in visible_text(at_work(app, cast, "anna").get(page).text)
    fill_in(berta, page, f"{page}/retirement")
    assert handler(store, number) is None
    with store.read() as session:
        assert history.events_of(session, number)[-1].name == "handed_back"


def test_who_never_signed_in_is_to_be_invited_first(app: Flask, store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.get_one(Account, cast.karim).closed_at = BEGINNING
    told = visible_text(at_work(app, cast, "berta").get(f"/admin/people/{cast.karim}").text)
    assert "They have no sign-in" in told and "Until" not in told


@pytest.mark.parametrize(("key", "status"), [("maria", 404), ("paula", 404), ("berta", 422)])
def test_where_nobody_is_retired_nothing_is_handed_back(
    app: Flask, store: Store, cast: Cast, key: str, status: int
) -> None:
    """By an employee, by another department's manager, and by a form that leaves out what becomes of the codes."""
    number = given(store, arrives(store, cast.table_link), cast.maria)
    browser = at_work(app, cast, key)
    fields = {"csrf_token": token_for(browser), "codes": ""}
    assert browser.post(f"/admin/people/{cast.maria}/retirement", data=fields).status_code == status
    assert handler(store, number) == cast.maria
    with store.read() as session:
        assert session.get_one(Person, cast.maria).retired_at is None
