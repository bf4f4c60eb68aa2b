"""The page of deadlines: a known promise, numbers of one's own, and cases that follow."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from feedback.core.audit import Entry
from feedback.core.cases import Case
from feedback.core.deadlines import PRESETS, SEVERITIES, promised
from feedback.core.submissions import Submission
from feedback.db import Store
from tests.factories import Cast, send
from tests.ground.pages import field_pairs, visible_text, well_formed
from tests.story import at_work, fill_in

PAGE = "/admin/deadlines"


def test_a_known_promise_is_filled_in_then_kept(app: Flask, store: Store, cast: Cast) -> None:
    anna = at_work(app, cast, "anna")
    for name, promise in PRESETS.items():
        shown = anna.get(f"{PAGE}?preset={name}")
        assert well_formed(shown.text) == [] and "not promised yet" in visible_text(shown.text)
        assert fill_in(anna, f"{PAGE}?preset={name}", PAGE).status_code == 303
        with store.read() as session:
            assert promised(session) == dict.fromkeys(SEVERITIES, promise)
    assert "Changed by when cases are acknowledged" in visible_text(anna.get("/admin/audit").text)


def test_the_next_case_follows(app: Flask, store: Store, cast: Cast) -> None:
    anna, customer = at_work(app, cast, "anna"), app.test_client()
    customer.get(f"/q/{cast.kitchen_link}")
    changes = {"s2-unit": "hours", "s2-acknowledge": "4", "s2-answer": "24", "s2-second": "48"}
    assert fill_in(anna, PAGE, PAGE, **changes).status_code == 303
    send(customer, cast.kitchen_link, kind="complaint", message="It was cold")
    with store.read() as session:
        case, submission = session.scalars(select(Case)).one(), session.scalars(select(Submission)).one()
        assert case.due_at == submission.submitted_at + timedelta(hours=4)
        assert case.answer_at == submission.submitted_at + timedelta(hours=24)


def test_the_same_again_changes_nothing(app: Flask, store: Store, cast: Cast) -> None:
    assert fill_in(at_work(app, cast, "anna"), PAGE, PAGE).status_code == 303
    with store.read() as session:
        assert session.scalars(select(Entry)).all() == []


def test_what_is_wrong_is_said_beside_its_field(app: Flask, store: Store, cast: Cast) -> None:
    anna = at_work(app, cast, "anna")
    for name, value in (("s1-answer", "0"), ("s4-acknowledge", "many"), ("s3-second", "9" * 30), ("s2-unit", "weeks")):
        answer = fill_in(anna, PAGE, PAGE, **{name: value})
        assert answer.status_code == 422 and well_formed(answer.text) == []
        assert dict(field_pairs(answer.text, PAGE)).get("s2-answer") == "3"
    with store.read() as session:
        assert session.scalars(select(Entry)).all() == []


def test_only_admins_promise(app: Flask, store: Store, cast: Cast) -> None:
    berta = at_work(app, cast, "berta")
    token = dict(field_pairs(berta.get("/admin/absences").text, "/admin/absences"))["csrf_token"]
    assert berta.get(PAGE).status_code == 404
    assert berta.post(PAGE, data={"csrf_token": token, "s1-answer": "9"}).status_code == 404
