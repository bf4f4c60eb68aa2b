"""What connects a case with people and other cases, in the browser.

On one kind of store only: the rules, and what is kept of them, are tested in core on both.
"""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from feedback.core import cases
from feedback.core.cases import Case, Status
from feedback.db import Store
from tests.factories import BEGINNING, Cast
from tests.ground.pages import visible_text, well_formed
from tests.story import arrives, at_work, concern, fill_in
from tests.web.conftest import Trouble

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def told_by(page: str) -> str:
    return " ".join(visible_text(page).split())


SAID = "The soup was cold. Maria was kind."


def test_a_person_it_is_about_sees_it_no_more(app: Flask, store: Store, cast: Cast) -> None:
    number = arrives(store, cast.kitchen_link)
    with store.write() as session:
        session.get_one(Case, number).handler_id = cast.karim
    page, berta, karim = f"/cases/{number}", at_work(app, cast, "berta"), at_work(app, cast, "karim")
    assert karim.get(page).status_code == 200 and well_formed(berta.get(f"{page}/concerns").text) == []
    answer = fill_in(berta, f"{page}/concerns", f"{page}/concerns", person=str(cast.karim))
    assert (answer.status_code, answer.location) == (303, page)
    for way in (page, f"{page}/concerns", f"{page}/duplicate", f"{page}/praise", f"{page}/duplicates"):
        assert karim.get(way).status_code == 404
    assert "The soup" not in karim.get("/cases?q=soup").text
    shown = told_by(berta.get(page).text)
    assert "It is about Karim Haddad, who sees nothing of it." in shown
    assert "Berta Stein noted that this is about Karim Haddad, who does not see it any more" in shown


def test_one_can_have_it_taken_away_from_oneself(app: Flask, store: Store, cast: Cast) -> None:
    page, berta = f"/cases/{arrives(store, cast.kitchen_link)}", at_work(app, cast, "berta")
    asked = berta.get(f"{page}/concerns").text
    assert "you no longer see it" in told_by(asked)
    answer = fill_in(berta, f"{page}/concerns", f"{page}/concerns/own")
    assert (answer.status_code, answer.location) == (303, "/cases")
    assert "Taken away from you." in told_by(berta.get("/cases").text) and berta.get(page).status_code == 404
    dora = at_work(app, cast, "dora")
    assert "Berta Stein" in told_by(dora.get(f"{page}/concerns").text)
    assert fill_in(dora, f"{page}/concerns", f"{page}/concerns/{cast.berta}/removal").status_code == 303
    assert berta.get(page).status_code == 200


def test_a_concern_asks_for_somebody_in_reach_and_for_the_case_as_it_was(app: Flask, store: Store, cast: Cast) -> None:
    page, berta = f"/cases/{arrives(store, cast.maria_link)}", at_work(app, cast, "berta")
    form = f"{page}/concerns"
    for person in ("", str(cast.hans), str(cast.maria), "\0"):
        assert fill_in(berta, form, form, person=person).status_code == 422, person
    assert fill_in(berta, form, form, person=str(cast.karim), version="9").status_code == 409
    assert berta.post(f"{form}/{cast.maria}/removal", data={}).status_code in (400, 422)  # no token
    assert "It is not about them" not in berta.get(form).text  # the customer said so


def test_cases_that_say_the_same_lead_to_each_other(app: Flask, store: Store, cast: Cast) -> None:
    first, other = arrives(store, cast.table_link, message="first words"), arrives(store, cast.table_link)
    page, form, berta = f"/cases/{other}", f"/cases/{other}/duplicate", at_work(app, cast, "berta")
    early = fill_in(berta, page, f"{page}/closure", outcome="duplicate", cause="other", remedy="none")
    assert early.status_code == 422 and "Say first which case it says the same as" in told_by(early.text)
    assert "first words" in told_by(berta.get(form).text)
    for wrong in ("", "404", str(other), f"http://localhost/praise/{first}"):
        assert fill_in(berta, form, form, other=wrong).status_code == 422, wrong
    assert fill_in(berta, form, form, likely=str(first), version="9").status_code == 409
    assert fill_in(berta, form, form, other=f"http://localhost/cases/{first}?x=1#y").status_code == 303
    assert "The same as first words" in told_by(berta.get(page).text)
    assert "Also reported by 1 other The soup was cold" in told_by(berta.get(f"/cases/{first}").text)
    assert fill_in(berta, page, f"{page}/duplicate/removal", version="1").status_code == 409
    closed = fill_in(berta, page, f"{page}/closure", outcome="duplicate", cause="other", remedy="none")
    assert closed.status_code == 303 and "The same as another case" in told_by(berta.get(page).text)
    concern(store, first, cast.berta)
    shown = told_by(berta.get(page).text)
    assert not any(told in shown for told in ("The same as", "first words", "noted that this says", str(first)))
    assert fill_in(at_work(app, cast, "dora"), page, f"{page}/duplicate/removal").status_code == 303


def test_they_are_closed_with_the_same_answer(app: Flask, store: Store, cast: Cast) -> None:
    first, *others = (arrives(store, cast.table_link, message=f"case {n}", contact_name="Ada") for n in range(3))
    page, berta = f"/cases/{first}", at_work(app, cast, "berta")
    for other in others:
        fill_in(berta, f"/cases/{other}/duplicate", f"/cases/{other}/duplicate", likely=str(first))
    fill_in(berta, page, f"{page}/replies", text="It is mended.", says="answered")
    fill_in(berta, page, f"{page}/closure", outcome="upheld", cause="other", remedy="none")
    assert "2 of them still wait for an answer." in told_by(berta.get(page).text)
    form = f"{page}/duplicates"
    assert "It is mended." in berta.get(form).text
    for wrong in ({"text": ""}, {"text": "Dear Ada"}, {"chosen": "x"}, {"chosen": f"{others[0]}-9999999999"}):
        assert fill_in(berta, form, form, **wrong).status_code == 422, wrong
    stale = fill_in(berta, form, form, text="My words", chosen=f"{others[0]}-1")
    assert stale.status_code == 409 and "My words" in stale.text
    assert fill_in(berta, form, form).status_code == 303
    assert "2 cases answered and closed." in told_by(berta.get(page).text)
    with store.read() as session:
        assert {session.get_one(Case, other).status for other in others} == {"closed"}


def test_praise_in_it_becomes_a_letter(app: Flask, store: Store, cast: Cast) -> None:
    page, berta = f"/cases/{arrives(store, cast.table_link, message=SAID)}", at_work(app, cast, "berta")
    form, maria = f"{page}/praise", str(cast.maria)
    words = {"text": "Maria was kind."}
    for wrong in (
        {"text": "Maria is kind.", "person": maria},
        {"text": SAID, "person": maria},
        {"text": "", "person": maria},
        {**words},
        {**words, "person": maria, "department": str(cast.kitchen)},
        {**words, "person": str(cast.hans)},
        {**words, "department": "404"},
    ):
        assert fill_in(berta, form, form, **wrong).status_code == 422, wrong
    assert "All of it is praise" in fill_in(berta, form, form, text=SAID, person=maria).text
    assert fill_in(berta, form, form, **words, person=maria).status_code == 303
    assert fill_in(berta, form, form, **words, person=maria).status_code == 409
    letter = told_by(at_work(app, cast, "maria").get("/praise").text)
    assert "Maria was kind." in letter and not any(told in letter for told in ("soup", "Table 4", "Complaint"))
    assert "Berta Stein passed praise on to Maria" in told_by(berta.get(page).text)


def test_a_suggestion_is_taken_up_or_not(app: Flask, store: Store, cast: Cast) -> None:
    number = arrives(store, cast.kitchen_link, kind="suggestion", message="More bread")
    page, berta = f"/cases/{number}", at_work(app, cast, "berta")
    asked = told_by(berta.get(page).text)
    assert "Why it happened" not in asked and "What was done for the customer" not in asked
    assert fill_in(berta, page, f"{page}/closure", outcome="upheld").status_code == 422
    assert fill_in(berta, page, f"{page}/closure", outcome="taken_up", note="From May").status_code == 303
    shown = told_by(berta.get(page).text)
    assert "Berta Stein took this up" in shown and "Outcome Taken up" in shown and "Why it happened" not in shown
    assert "Taken up" in told_by(berta.get("/cases").text)
    with store.read() as session:
        case = session.get_one(Case, number)
        (closure,) = cases.closures_of(session, case)
        assert (closure.outcome, closure.cause, closure.remedy) == ("taken_up", "other", "change")


SAME = "The same as another case"


@pytest.mark.parametrize("kind", ["complaint", "suggestion"])
def test_how_it_ended_tells_nobody_of_a_case_that_is_about_them(
    app: Flask, store: Store, cast: Cast, kind: str
) -> None:
    number, other = (arrives(store, cast.kitchen_link, kind=kind) for _ in range(2))
    concern(store, other, cast.berta)
    page, dora, berta = f"/cases/{number}", at_work(app, cast, "dora"), at_work(app, cast, "berta")
    choice = f'">{SAME}</option>'

    def read_by(reader: FlaskClient) -> list[bool]:
        """Whether the list and the sheet tell of it."""
        return [SAME in reader.get(way).text.replace(choice, "") for way in ("/cases", page)]

    assert fill_in(dora, f"{page}/duplicate", f"{page}/duplicate", other=str(other)).status_code == 303
    ended = {"outcome": "duplicate", "cause": "process", "remedy": "none"}
    assert fill_in(berta, page, f"{page}/closure", **ended).status_code == 422  # as of one that is not linked
    assert fill_in(dora, page, f"{page}/closure", **ended).status_code == 303
    assert (read_by(dora), read_by(berta)) == ([kind == "suggestion", True], [False, False])
    assert fill_in(dora, page, f"{page}/reopening", reason="Not yet").status_code == 303
    assert (read_by(dora), read_by(berta)) == ([False, True], [False, False])


@pytest.mark.parametrize("page", ["praise", "duplicates"])
def test_words_stay_where_the_store_is_busy(store: Store, cast: Cast, locked: Trouble, hasty: Flask, page: str) -> None:
    case, other = arrives(store, cast.kitchen_link, message="Cold soup. Kind cook."), arrives(store, cast.kitchen_link)
    berta = at_work(hasty, cast, "berta")
    with store.write() as session:
        session.get_one(Case, case).status, session.get_one(Case, other).duplicate_of_id = Status.CLOSED, case
        session.get_one(Case, case).closed_at = BEGINNING
    way = f"/cases/{case}/{page}"
    said = {"praise": {"text": "Kind cook.", "department": "Kitchen"}, "duplicates": {"text": "We are sorry."}}[page]
    with locked():
        answer = fill_in(berta, way, way, **said)
    assert answer.status_code == 503 and "Retry-After" in answer.headers
    assert "Not saved yet" in visible_text(answer.text) and said["text"] in answer.text
