"""The error edge: whatever goes wrong, a page says what to do, and nothing of what was written is told to a log."""

import logging
import re
from contextlib import suppress

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.exceptions import MethodNotAllowed, NotFound

from feedback.core import history
from feedback.core.people import Person
from feedback.core.submissions import Contact, Submission
from feedback.db import Store, StoreBusy
from feedback.web import NAME, house
from tests.factories import Cast
from tests.ground.pages import field_values, links, visible_text, well_formed
from tests.story import arrives, at_work, token_for
from tests.web.conftest import Trouble


def test_an_unknown_address_helps_on(app: Flask, cast: Cast) -> None:
    for way in (
        "/nothing",
        "/q",
        "/q/",
        "/q/a/b",
        "/cases/",
        "/static/none.css",
        "/%00",
        "/%ff",
        "/é",
        "/" + "a" * 9000,
    ):
        answer = app.test_client().get(way)
        assert (answer.status_code, well_formed(answer.text)) == (404, []), way
        assert "There is nothing here" in visible_text(answer.text), way
    assert "A code has eight letters and digits." in visible_text(app.test_client().get("/q/00000000").text)


def test_it_does_so_in_the_language_of_the_browser(app: Flask, cast: Cast) -> None:
    english, german = (
        app.test_client().get("/nothing", headers={"Accept-Language": tag}).text for tag in ("en", "de-AT,de;q=0.9")
    )
    assert '<html lang="de"' in german
    assert visible_text(german) != visible_text(english)


@pytest.mark.parametrize(
    ("method", "way"),
    [("DELETE", "/cases"), ("GET", "/sign-out"), ("PUT", "/q/0"), ("POST", "/praise"), ("TRACE", "/")],
)
def test_a_wrong_method_says_which_are_right(app: Flask, cast: Cast, method: str, way: str) -> None:
    answer = app.test_client().open(way, method=method)
    assert (answer.status_code, well_formed(answer.text)) == (405, [])
    assert answer.headers["Allow"]


def test_a_mistake_of_ours_tells_nobody_what_was_written(
    app: Flask, store: Store, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the page nor the log, though the error itself holds all the words."""
    words, email = "Zucchini", "ed@customer.example"
    number = arrives(store, cast.kitchen_link, message=words, contact_email=email)

    def broken() -> str:
        with house().store.write() as session:
            found = session.scalars(select(Submission).where(Submission.id == number)).one()
            session.add(Contact(submission_id=number, name=found.message, email=email, phone="1", may_contact=True))
            session.flush()
        return ""

    def confused() -> str:
        raise RuntimeError(words)

    broken.needs = confused.needs = "public"  # type: ignore[attr-defined]
    app.add_url_rule("/broken/<token>", "broken", lambda token: broken())
    app.add_url_rule("/confused", "confused", confused)
    app.view_functions["broken"].needs = "public"  # type: ignore[attr-defined]
    with caplog.at_level(logging.DEBUG):
        answers = [app.test_client().get(way) for way in ("/broken/K3Y", "/confused")]
    for answer in answers:
        assert (answer.status_code, well_formed(answer.text)) == (500, [])
        assert "It is our fault, not yours." in visible_text(answer.text)
    told = caplog.text + "".join(answer.text for answer in answers)
    assert "broken failed with IntegrityError" in told
    assert "confused failed with RuntimeError" in told
    for secret in (words, email, "K3Y"):
        assert secret not in told


def test_while_the_store_is_locked_reading_works_and_writing_says_not_saved(
    hasty: Flask, store: Store, cast: Cast, locked: Trouble
) -> None:
    number = arrives(store, cast.maria_link)
    arrives(store, cast.maria_link, kind="compliment", message="Thank you for the rain coat")
    berta, maria = at_work(hasty, cast, "berta"), at_work(hasty, cast, "maria")
    note = field_values(berta.get(f"/cases/{number}").text, f"/cases/{number}/notes") | {"text": "Ask the cook"}
    with locked():
        answer = berta.post(f"/cases/{number}/notes", data=note)
        assert (answer.status_code, answer.headers["Retry-After"], well_formed(answer.text)) == (503, "5", [])
        assert "Not saved yet" in visible_text(answer.text)
        assert berta.get(f"/cases/{number}").status_code == 200
        assert "Thank you for the rain coat" in maria.get("/praise").text
    assert berta.post(f"/cases/{number}/notes", data=note).status_code == 303
    with store.read() as session:
        assert [e.name for e in history.events_of(session, number)] == ["received", "noted"]


def test_while_the_disk_is_full_it_says_so(hasty: Flask, store: Store, cast: Cast, full: Trouble) -> None:
    number = arrives(store, cast.maria_link)
    berta = at_work(hasty, cast, "berta")
    note = field_values(berta.get(f"/cases/{number}").text, f"/cases/{number}/notes") | {"text": "Ask the cook"}
    with full():
        answer = berta.post(f"/cases/{number}/notes", data=note)
        assert (answer.status_code, well_formed(answer.text)) == (507, [])
        assert "Not saved yet" in visible_text(answer.text)
        assert berta.get(f"/cases/{number}").status_code == 200
    assert berta.post(f"/cases/{number}/notes", data=note).status_code == 303


def test_with_the_store_gone_every_page_is_still_a_page(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For those signed in as for those who are not."""
    berta, nobody = at_work(app, cast, "berta"), app.test_client()
    token = token_for(berta)

    def gone(*_: object) -> None:
        raise StoreBusy

    store = app.extensions[NAME].store
    for door in ("read", "write", "write_rows", "version"):
        monkeypatch.setattr(type(store), door, gone)
    for browser in (berta, nobody):
        for way in ("/", "/sign-in", "/praise", "/cases", "/links", "/r", f"/q/{cast.maria_link}", "/sign-in/x"):
            answer = browser.get(way)
            assert answer.status_code in (503, 303, 200), (way, answer.status)
            assert answer.status_code == 303 or well_formed(answer.text) == [], way
        assert browser.get("/nothing").status_code in (404, 503)
        assert browser.post("/sign-out", data={"csrf_token": token}).status_code in (503, 400)


def test_a_form_that_came_from_elsewhere_says_what_to_do(app: Flask, cast: Cast) -> None:
    answer = at_work(app, cast, "berta").post("/sign-out")
    assert (answer.status_code, well_formed(answer.text)) == (400, [])
    assert "Load it again." in visible_text(answer.text)
    assert ("/", "To the start page") in links(answer.text)


def test_a_letter_that_becomes_two_in_capitals_breaks_no_page(app: Flask, store: Store, cast: Cast) -> None:
    with store.write() as session:
        person = session.get_one(Person, cast.maria)
        person.name = person.public_name = "ßara"
    assert at_work(app, cast, "maria").get("/praise").status_code == 200
    assert app.test_client().get(f"/q/{cast.kitchen_link}").status_code == 200


@pytest.mark.parametrize(
    ("part", "is_page"),
    [
        ("web.text._viewer", True),
        ("web.session._look_up", True),
        ("web.text.the_organisation", True),
        ("web.customer.paper.plain", False),
    ],
)
def test_whatever_fails_the_answer_to_an_error_does_not(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch, part: str, is_page: bool
) -> None:
    """It goes without the menu, without the name, and at the end it is a sentence."""

    def broken(*given: object, **more: object) -> None:
        raise ZeroDivisionError("secret")

    browser, nobody = at_work(app, cast, "maria"), app.test_client()
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr("feedback.web.text._viewer", broken)
    monkeypatch.setattr(f"feedback.{part}", broken)
    for visitor, way, status in (
        (browser, "/praise", 500),
        (browser, "/cases/1", 404 if part in {"web.text._viewer", "web.customer.paper.plain"} else 500),
        (nobody, "/nothing", 404),
        (nobody, "/q/ABCDEFGH", 404),
    ):
        answer = visitor.get(way)
        assert (answer.status_code, "secret" in answer.text) == (status, False), way
        assert answer.text and (not is_page or well_formed(answer.text) == []), way


def test_no_redirect_is_made_of_the_host_that_a_request_names(client: FlaskClient, cast: Cast) -> None:
    """An empty path is what is left of `GET http://evil.example HTTP/1.1`."""
    code = cast.table_link
    for path in ("", "/", "///", f"/q//{code}", f"/q/{code}/", f"//q/{code}", "/cases//1", "/admin//audit", "/praise/"):
        for method in ("GET", "POST"):
            answer = client.open(environ_overrides={"PATH_INFO": path, "HTTP_HOST": "evil.example"}, method=method)
            assert "evil" not in answer.headers.get("Location", ""), path


def test_no_address_is_corrected_by_a_redirect(app: Flask, cast: Cast) -> None:
    """That would be made of the host that a request names."""
    adapter = app.url_map.bind("evil.example")
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:int:)?[^>]*>", "1", rule.rule)
        for way in (path + "/", path.rstrip("/"), path.replace("/", "//")):
            with suppress(NotFound, MethodNotAllowed):
                adapter.match(way, method=min(rule.methods or ()))  # RequestRedirect would be raised
