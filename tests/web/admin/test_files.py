"""Importing and exporting in the browser: upload, preview, confirmation; nothing is kept before it is confirmed."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from feedback.core.accounts import Account
from feedback.core.people import Person
from feedback.db import Store
from feedback.web.admin import files
from tests.factories import Cast
from tests.ground.pages import field_values, visible_text, well_formed
from tests.story import at_work, token_for

GOOD = "name,department,reference\nNora Frei,Kitchen,P1\nMaria Lopez,Garden House / Kitchen,P2\n"


def upload(browser: FlaskClient, text: str | bytes, kind: str = "people") -> TestResponse:
    data = text.encode() if isinstance(text, str) else text
    head = '--b\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n'
    token = head.format("csrf_token", "") + token_for(browser) + "\r\n"
    body = (token + head.format("file", '; filename="list.csv"')).encode() + data + b"\r\n--b--\r\n"
    return browser.post(f"/admin/import/{kind}", data=body, content_type="multipart/form-data; boundary=b")


def people(store: Store) -> set[str | None]:
    with store.read() as session:
        return set(session.scalars(select(Person.reference)))


def test_a_file_is_shown_and_then_taken(app: Flask, store: Store, cast: Cast) -> None:
    anna = at_work(app, cast, "anna")
    preview = upload(anna, GOOD).headers["Location"]
    page = anna.get(preview)
    assert all(said in visible_text(page.text) for said in ("1 new", "1 changed", "Nora Frei", "Line 3"))
    assert well_formed(page.text) == [] and people(store) == {None}
    fields = field_values(page.text, f"{preview}/confirmation")
    assert anna.post(f"{preview}/confirmation", data=fields).headers["Location"] == "/admin/people"
    assert people(store) == {None, "P1", "P2"}
    assert "1 new. 1 changed." in visible_text(anna.get("/admin/people").text)
    assert anna.post(f"{preview}/confirmation", data=fields).status_code == 404
    exported = anna.get("/admin/people.csv").data
    again = anna.get(upload(anna, exported).headers["Location"])
    assert "0 new\n0 changed\n8 unchanged" in visible_text(again.text)


def test_problems_are_listed_by_line_and_nothing_can_be_taken(app: Flask, store: Store, cast: Cast) -> None:
    anna = at_work(app, cast, "anna")
    preview = upload(anna, GOOD + "Zoe,Moon,P3\n").headers["Location"]
    page = anna.get(preview).text
    assert "1 problem in line 4" in visible_text(page) and "There is no department “Moon”." in visible_text(page)
    assert well_formed(page) == [] and "/confirmation" not in page
    answer = anna.post(f"{preview}/confirmation", data={"csrf_token": token_for(anna), "shown": ""})
    assert answer.status_code == 409 and people(store) == {None}


def test_what_changed_since_the_preview_is_shown_first(app: Flask, store: Store, cast: Cast) -> None:
    anna = at_work(app, cast, "anna")
    preview = upload(anna, GOOD).headers["Location"]
    fields = field_values(anna.get(preview).text, f"{preview}/confirmation")
    with store.write() as session:
        session.get_one(Person, cast.maria).reference = "P2"
    answer = anna.post(f"{preview}/confirmation", data=fields)
    assert answer.status_code == 409 and "0 changed" in visible_text(answer.text) and people(store) == {None, "P2"}


def test_a_file_is_its_uploaders_alone(app: Flask, store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.get_one(Account, cast.dora).is_admin = True
    preview = upload(at_work(app, cast, "anna"), GOOD).headers["Location"]
    assert at_work(app, cast, "dora").get(preview).status_code == 404


@pytest.mark.parametrize(
    ("data", "status", "said"),
    [(b"", 422, "The file is empty."), (b"a,b\n1,2\n", 422, "is missing"), (b"\x81\x8d", 422, "not a text file"),
     (b"name,department\n" + b"a,b\n" * 10_001, 422, "flask --app wsgi import people FILE"),
     (b"name,department\n" + b"Somebody,Kitchen\n" * 150_000, 413, "flask --app wsgi import people FILE")],
)  # fmt: skip
def test_a_file_that_cannot_be_used_says_what_to_do(
    app: Flask, cast: Cast, data: bytes, status: int, said: str
) -> None:
    answer = upload(at_work(app, cast, "anna"), data)
    assert answer.status_code == status and said in visible_text(answer.text) and well_formed(answer.text) == []


@pytest.mark.parametrize("kind", files.NOUN_OF)
def test_every_kind_has_its_pages(app: Flask, cast: Cast, kind: str) -> None:
    anna = at_work(app, cast, "anna")
    page = anna.get(f"/admin/import/{kind}")
    assert page.status_code == 200 and well_formed(page.text) == []
    exported = anna.get(f"/admin/{kind}.csv")
    assert exported.headers["Content-Disposition"] == f'attachment; filename="{kind}.csv"'
    page = anna.get(upload(anna, exported.data, kind).headers["Location"]).text
    assert "0 new\n0 changed" in visible_text(page)


@pytest.mark.parametrize("key", ["maria", "berta", "dora"])
def test_only_admins_import(app: Flask, store: Store, cast: Cast, key: str) -> None:
    assert upload(at_work(app, cast, key), GOOD).status_code == 404
