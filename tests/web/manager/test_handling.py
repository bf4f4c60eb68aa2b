"""Handling a case on its page: each step is kept, seen by the customer, refused to others, and never lost."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from feedback.core import cases, history
from feedback.core.cases import LONGEST_NOTE, Case
from feedback.core.submissions import Submission
from feedback.db import Store
from tests.factories import Cast
from tests.ground.pages import field_values, visible_text, well_formed
from tests.story import arrives, at_once, at_work, concern, fill_in, token_for

ENDED = {"outcome": "upheld", "cause": "process", "remedy": "apology", "note": "The oven was off"}
ACTS = {
    "status": {"status": "acknowledged"},
    "severity": {"severity": "4"},
    "replies": {"text": "We are sorry.", "says": "answered"},
    "closure": ENDED,
}


@pytest.fixture
def case(store: Store, cast: Cast) -> int:
    """A complaint about Maria that Karim handles and Packing reads along."""
    number = arrives(store, cast.maria_link, topic_ids=(cast.missing_parts,))
    with store.write() as session:
        session.get_one(Case, number).handler_id = cast.karim
    return number


def steps(store: Store, case: int) -> list[str]:
    with store.read() as session:
        return [event.name for event in history.events_of(session, case)]


def does(browser: FlaskClient, case: int, act: str, **changes: str):
    return fill_in(browser, f"/cases/{case}", f"/cases/{case}/{act}", **(ACTS[act] | changes))


@pytest.mark.parametrize("key", ["karim", "berta", "dora", "anna"])
def test_those_who_answer_bring_it_to_its_end(app: Flask, store: Store, cast: Cast, case: int, key: str) -> None:
    browser = at_work(app, cast, key)
    for act, told in (
        ("status", "The customer can see now that this was read."),
        ("severity", "Its deadlines follow the new severity."),
        ("replies", "Sent. The customer reads it behind the receipt."),
        ("closure", "Closed. The customer can say whether it is settled."),
    ):
        answer = does(browser, case, act)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/cases/{case}"), act
        page = browser.get(f"/cases/{case}")
        assert told in visible_text(page.text) and well_formed(page.text) == []
    assert steps(store, case) == ["received", "acknowledged", "graded", "answered", "closed"]
    shown = visible_text(browser.get(f"/cases/{case}").text)
    assert "We are sorry." in shown and "The oven was off" in shown and "The customer was right" in shown
    assert "from “Normal” to “Critical”" in shown and "Send to the customer" not in shown


@pytest.mark.parametrize("key", ["maria", "hans", "paula"])
@pytest.mark.parametrize("act", ACTS)
def test_nobody_else_does(app: Flask, store: Store, cast: Cast, case: int, key: str, act: str) -> None:
    browser = at_work(app, cast, key)
    fields = ACTS[act] | {"csrf_token": token_for(browser), "version": "1"}
    assert browser.post(f"/cases/{case}/{act}", data=fields).status_code == 404
    assert steps(store, case) == ["received"]


@pytest.mark.parametrize("act", ACTS)
def test_whoever_it_concerns_by_now_does_not_either(app: Flask, store: Store, cast: Cast, case: int, act: str) -> None:
    karim = at_work(app, cast, "karim")
    concern(store, case, cast.karim)
    fields = ACTS[act] | {"csrf_token": token_for(karim), "version": "1"}
    assert karim.post(f"/cases/{case}/{act}", data=fields).status_code == 404
    assert steps(store, case) == ["received"]


@pytest.mark.parametrize(
    ("act", "wrong", "said"),
    [
        ("replies", {"text": " \n"}, "Write something first."),
        ("replies", {"text": "x" * (LONGEST_NOTE + 1)}, "This is too long"),
        ("replies", {"text": "x\0y"}, "characters that are not text"),
        ("replies", {"says": "shouted"}, "Not a valid choice"),
        ("severity", {"severity": "5"}, "Not a valid choice"),
        ("closure", {"outcome": ""}, "Please choose."),
        ("closure", {"cause": "fate"}, "Not a valid choice"),
        ("closure", {"outcome": "taken_up"}, "Not a valid choice"),
        ("closure", {"note": "x\0"}, "characters that are not text"),
        ("status", {"status": "closed"}, ""),
        ("replies", {"version": "9" * 30}, ""),
    ],
)
def test_what_is_wrong_is_said_and_the_words_stay(
    app: Flask, store: Store, cast: Cast, case: int, act: str, wrong: dict[str, str], said: str
) -> None:
    berta = at_work(app, cast, "berta")
    answer = does(berta, case, act, **wrong)
    assert answer.status_code == 422 and said in visible_text(answer.text) and well_formed(answer.text) == []
    if act == "closure":
        assert field_values(answer.text, f"/cases/{case}/closure")["remedy"] == "apology"
    assert steps(store, case) == ["received"]


def test_a_suggestion_ends_with_being_taken_up_or_not(app: Flask, store: Store, cast: Cast) -> None:
    number = arrives(store, cast.kitchen_link, kind="suggestion", message="More chairs")
    berta = at_work(app, cast, "berta")
    assert does(berta, number, "closure", outcome="upheld").status_code == 422
    assert does(berta, number, "closure", outcome="taken_up").status_code == 303


def test_waiting_for_the_customer_shows_and_ends(app: Flask, store: Store, cast: Cast, case: int) -> None:
    berta = at_work(app, cast, "berta")
    assert does(berta, case, "replies", text="Where?", says="asked").status_code == 303
    assert "Waiting for the customer" in visible_text(berta.get(f"/cases/{case}").text)
    assert "Waiting for the customer" in visible_text(berta.get("/cases").text)
    assert does(berta, case, "status", status="in_progress").status_code == 303
    assert steps(store, case) == ["received", "asked", "resumed"]


def test_of_two_at_once_the_second_sees_the_first_and_keeps_their_words(
    app: Flask, store: Store, cast: Cast, case: int
) -> None:
    berta, karim = at_work(app, cast, "berta"), at_work(app, cast, "karim")
    path, fields = f"/cases/{case}", {"says": "answered"}
    shown = [field_values(browser.get(path).text, f"{path}/replies") for browser in (berta, karim)]
    answers: dict[str, object] = {}

    def send(key: str, browser: FlaskClient, page: dict[str, str]) -> None:
        answers[key] = browser.post(f"{path}/replies", data=page | fields | {"text": f"From {key}"})

    at_once(lambda: send("berta", berta, shown[0]), lambda: send("karim", karim, shown[1]))
    by_status = {answer.status_code: key for key, answer in answers.items()}  # type: ignore[attr-defined]
    assert set(by_status) == {303, 409}
    refused = answers[by_status[409]].text  # type: ignore[attr-defined]
    assert f"From {by_status[409]}" in refused and f"From {by_status[303]}" in refused
    again = field_values(refused, f"{path}/replies")
    browser = berta if by_status[409] == "berta" else karim
    assert browser.post(f"{path}/replies", data=again | fields).status_code == 303
    assert steps(store, case) == ["received", "answered", "answered"]


@pytest.mark.parametrize("act", ["replies", "closure"])
def test_words_for_a_case_that_was_closed_meanwhile_are_shown_to_be_copied(
    app: Flask, store: Store, cast: Cast, case: int, act: str
) -> None:
    berta, karim = at_work(app, cast, "berta"), at_work(app, cast, "karim")
    words = {"text": "From Karim", "note": "From Karim"}
    late = field_values(karim.get(f"/cases/{case}").text, f"/cases/{case}/{act}") | ACTS[act] | words
    assert does(berta, case, "closure").status_code == 303
    answer = karim.post(f"/cases/{case}/{act}", data=late)
    shown = visible_text(answer.text)
    assert answer.status_code == 409 and well_formed(answer.text) == []
    assert "Your words, not sent" in shown and "From Karim" in shown and "How it ended" in shown
    assert steps(store, case) == ["received", "closed"]


def test_a_list_says_what_is_due_and_finds_what_is_overdue(app: Flask, store: Store, cast: Cast) -> None:
    old = arrives(store, cast.kitchen_link, message="Long ago")
    new = arrives(store, cast.kitchen_link, message="Just now")
    berta = at_work(app, cast, "berta")
    with store.write() as session:
        session.get_one(Case, new).due_at = None
    page = berta.get("/cases")
    assert "Should have been acknowledged by" in visible_text(page.text)
    late = berta.get("/cases?overdue=yes").text
    assert f"/cases/{old}" in late and f"/cases/{new}" not in late
    assert berta.get("/cases?severity=2").status_code == 200
    assert "Long ago" not in berta.get("/cases?severity=4").text
    assert berta.get("/cases?severity=9").status_code == 404


def test_whoever_decided_before_reads_along_and_no_more(app: Flask, store: Store, cast: Cast, case: int) -> None:
    dora = at_work(app, cast, "dora")
    assert does(dora, case, "closure").status_code == 303
    with store.write() as session:
        said = session.get_one(Submission, case)
        cases.reopen(session, said, "No", session.get_one(Case, case).closed_at)  # type: ignore[arg-type]
    page = dora.get(f"/cases/{case}")
    assert page.status_code == 200 and "Send to the customer" not in page.text
    fields = ACTS["replies"] | {"csrf_token": token_for(dora), "version": "3"}
    assert dora.post(f"/cases/{case}/replies", data=fields).status_code == 404
