"""The set-up page: where everything leads before there is an organisation, for those with the token; closed for good."""

import io
import os
from contextlib import redirect_stderr
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from feedback import clock, create_app
from feedback.config import Settings
from feedback.core import founding, limits
from feedback.core.files import MOST_BYTES
from feedback.core.founding import Charter
from feedback.core.organisation import Organisation, the_organisation
from feedback.core.people import Person
from feedback.db import Store
from feedback.web import NAME, first_run
from feedback.web.admin import set_up
from tests.core.test_founding import CHARTER
from tests.factories import Cast
from tests.ground.pages import field_pairs, visible_text, well_formed
from tests.story import SECRET, at_once

TOKEN = founding.token(SECRET)
SAID = {"name": "Corner Bakery", "admin_name": "Ada Byron", "email": "Ada@bakery.example", "password": "a long secret"}


def png(colour: str = "red") -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (60, 30), colour).save(out, "PNG")
    out.seek(0)
    return out


def sets_up(browser: FlaskClient, **changes: object) -> TestResponse:
    """Open the page, fill it in, and send it."""
    filled: MultiDict[str, object] = MultiDict(field_pairs(browser.get(f"/set-up?token={TOKEN}").text, "/set-up"))
    for name, value in (SAID | changes).items():
        value = FileStorage(value[0], value[1], name) if isinstance(value, tuple) else value
        filled.setlist(name, value if isinstance(value, list) else [value])
    boundary, body = encode_multipart(filled)  # not left to the browser, which would leave a file open
    return browser.post("/set-up", data=body, content_type=f"multipart/form-data; boundary={boundary}")


def is_empty(store: Store) -> bool:
    with store.read() as session:
        return the_organisation(session) is None and not session.scalar(select(func.count(Person.id)))


@pytest.mark.parametrize(
    "way", ["/", "/sign-in", "/cases", "/admin/settings", "/q/7K3M9PXA", "/r", "/nothing", "/logo"]
)
def test_before_it_every_way_leads_there(app: Flask, way: str) -> None:
    answer = app.test_client().get(way)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/set-up")


def test_what_machines_ask_for_answers_as_ever(app: Flask) -> None:
    browser = app.test_client()
    for way in ("/healthz", "/favicon.ico", "/static/css/base.css"):
        assert browser.get(way, buffered=True).status_code == 200


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], TOKEN + "0", "%00", "%ff", "0" * 5000])
def test_without_the_token_it_says_where_that_is(app: Flask, token: str) -> None:
    answer = app.test_client().get(f"/set-up?token={token}")
    assert answer.status_code == 404 and well_formed(answer.text) == []
    assert "/set-up?token=" in visible_text(answer.text)
    assert TOKEN not in (answer.text.replace(token, "") if token else answer.text)
    assert "admin_name" not in answer.text


def test_the_page_is_filled_in_as_far_as_can_be_guessed(app: Flask) -> None:
    page = app.test_client().get(f"/set-up?token={TOKEN.lower()}", headers={"Accept-Language": "de"})
    assert page.status_code == 200 and well_formed(page.text) == []
    assert page.headers["Cache-Control"] == "no-store"
    pairs = MultiDict(field_pairs(page.text, "/set-up"))
    assert (pairs["language"], pairs.getlist("working_days")) == ("de", ["0", "1", "2", "3", "4"])
    assert set(pairs.getlist("languages")) == {"en", "de", "ar"} and pairs["timezone"]


def test_all_of_it_is_there_at_once_and_one_is_signed_in(app: Flask, store: Store) -> None:
    browser = app.test_client()
    answer = sets_up(browser, timezone="europe/berlin", accent="#8C3030", languages=["ar"], logo=(png(), "logo.png"))
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/links/")
    page = visible_text(browser.get(answer.headers["Location"]).text)
    assert "print this one" in page and "Corner Bakery" in page
    with store.read() as session:
        known = session.get_one(Organisation, 1)
        assert (known.name, known.timezone, known.accent) == ("Corner Bakery", "Europe/Berlin", "#8c3030")
        assert (known.language, known.languages) == ("en", ["en", "ar"])
    logo = app.test_client().get("/logo")
    assert logo.status_code == 200 and Image.open(io.BytesIO(logo.data)).size == (60, 30)
    assert browser.get("/admin/settings").status_code == 200
    assert "Set up Corner Bakery" in visible_text(browser.get("/admin/audit").text)
    stranger = app.test_client()
    data = {"email": "ada@BAKERY.example", "password": SAID["password"]}
    assert stranger.post("/sign-in", data=data).status_code == 303


def test_afterwards_it_is_closed_for_good(app: Flask, store: Store, settings: Settings) -> None:
    browser = app.test_client()
    opened = field_pairs(browser.get(f"/set-up?token={TOKEN}").text, "/set-up")
    assert sets_up(app.test_client()).status_code == 303
    again = create_app(settings)  # another process, which has seen nothing yet
    for visitor in (browser, app.test_client(), again.test_client()):
        assert visitor.get(f"/set-up?token={TOKEN}").status_code == 404
        assert visitor.get("/set-up").text == visitor.get("/nothing").text or visitor.get("/set-up").status_code == 404
    assert browser.post("/set-up", data=MultiDict([*opened, *SAID.items()])).status_code == 404
    again.extensions[NAME].store.close()
    with store.read() as session:
        assert session.scalar(select(func.count(Person.id))) == 1


def test_with_an_organisation_there_it_never_was(app: Flask, cast: Cast) -> None:
    browser = app.test_client()
    assert browser.get(f"/set-up?token={TOKEN}").status_code == 404
    assert browser.post("/set-up", data={"token": TOKEN} | SAID).status_code in (400, 404)


def test_of_two_at_the_same_moment_one_wins_and_the_other_is_told(app: Flask, store: Store) -> None:
    answers: list[TestResponse] = []
    browsers = [app.test_client() for _ in range(2)]
    sent = [MultiDict(field_pairs(b.get(f"/set-up?token={TOKEN}").text, "/set-up")) for b in browsers]

    def send(browser: FlaskClient, filled: MultiDict[str, str]) -> None:
        for name, value in SAID.items():
            filled[name] = value
        answers.append(browser.post("/set-up", data=filled))

    at_once(*[lambda b=b, f=f: send(b, f) for b, f in zip(browsers, sent, strict=True)])
    assert sorted(answer.status_code for answer in answers) in ([303, 409], [303, 404])
    with store.read() as session:
        assert session.scalar(select(func.count(Person.id))) == 1


def test_who_comes_a_moment_too_late_is_told(
    app: Flask, store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(**said: object) -> Charter:
        with store.write() as session:
            founding.found(session, replace(CHARTER, name="The Faster One"), settings.data_dir, clock.now())
        return Charter(**said)  # type: ignore[arg-type]

    monkeypatch.setattr(set_up, "Charter", meanwhile)
    answer = sets_up(app.test_client())
    assert answer.status_code == 409 and "Somebody was faster" in visible_text(answer.text)
    with store.read() as session:
        assert session.get_one(Organisation, 1).name == "The Faster One"
        assert session.scalar(select(func.count(Person.id))) == 1


BAD = {
    "no name": ({"name": "  "}, "name"),
    "a name too long": ({"name": "x" * 201}, "name"),
    "a name with NUL": ({"name": "a\0b"}, "name"),
    "no admin": ({"admin_name": ""}, "admin_name"),
    "no address": ({"email": "ada"}, "email"),
    "an address that grows": ({"email": "a@" + "ΐ" * 200}, "email"),
    "a short password": ({"password": "short"}, "password"),
    "a password of a million": ({"password": "x" * 400_000}, "password"),
    "a colour in words": ({"accent": "red"}, "accent"),
    "a colour with a style": ({"accent": "#fff;}*{x:y"}, "accent"),
    "no such zone": ({"timezone": "Mars/Base"}, "timezone"),
    "a zone out of the house": ({"timezone": "../../etc/passwd"}, "timezone"),
    "a language nobody speaks": ({"language": "tlh"}, "language"),
    "languages nobody speaks": ({"languages": ["en", "tlh"]}, "languages"),
    "no working day": ({"working_days": []}, "working_days"),
    "an eighth day": ({"working_days": ["7"]}, "working_days"),
    "a day that is none": ({"working_days": ["٣"]}, "working_days"),
}


@pytest.mark.parametrize(("changes", "field"), BAD.values(), ids=BAD)
def test_bad_input_is_told_beside_its_field_with_the_words_kept(
    app: Flask, store: Store, changes: dict[str, object], field: str
) -> None:
    answer = sets_up(app.test_client(), **changes)
    assert answer.status_code == 422 and well_formed(answer.text) == []
    assert f'id="{field}-error"' in answer.text and answer.text.count('class="error"') == 1
    kept = MultiDict(field_pairs(answer.text, "/set-up"))
    assert kept["token"] == TOKEN and kept["password"] == ""
    assert {name: kept[name] for name in SAID if name not in (field, "password")} == {
        name: value for name, value in SAID.items() if name not in (field, "password")
    }
    assert is_empty(store)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (SVG, "save it as PNG"),
        (b"hello", "choose a PNG, JPEG, WebP or GIF"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 99, "may be damaged"),
        (b"\x89PNG" + b"x" * MOST_BYTES, "larger than 8 MB"),
    ],
)
def test_a_logo_that_cannot_be_one_is_told_and_nothing_is_half_done(
    app: Flask, store: Store, settings: Settings, data: bytes, says: str
) -> None:
    answer = sets_up(app.test_client(), logo=(io.BytesIO(data), "logo.png"))
    assert answer.status_code == 422 and says in visible_text(answer.text)
    assert is_empty(store) and not (settings.data_dir / "files").exists()


def test_a_good_logo_is_asked_for_again_where_something_else_is_wrong(app: Flask) -> None:
    answer = sets_up(app.test_client(), logo=(png(), "logo.png"), email="ada")
    assert answer.status_code == 422 and "choose the picture once more" in visible_text(answer.text)


def test_a_body_beyond_all_bounds_is_too_large(app: Flask, store: Store) -> None:
    assert sets_up(app.test_client(), logo=(io.BytesIO(b"x" * 10_000_000), "logo.png")).status_code == 413
    assert is_empty(store)


def test_neither_a_wrong_token_nor_a_missing_one_gets_in_by_post(app: Flask, store: Store) -> None:
    for token in ("", "wrong", TOKEN[::-1]):
        assert sets_up(app.test_client(), token=token).status_code == 404
    assert sets_up(app.test_client(), csrf_token="x").status_code == 400
    assert app.test_client().post("/set-up", json={"token": TOKEN} | SAID).status_code == 400
    assert is_empty(store)


def test_who_tries_without_end_is_slowed_down(app: Flask, store: Store) -> None:
    house, at = app.extensions[NAME], clock.now()
    for moment in (at, at + timedelta(minutes=10)):  # the window may turn meanwhile
        salt = house.salts.of(moment.date())
        mark = limits.mark("set up", "127.0.0.1", at=moment, secret=house.settings.secret_key, salt=salt)
        for _ in range(limits.SIGN_INS):
            with store.write_rows() as connection:
                limits.take(connection, mark, limits.SIGN_INS, moment)
    assert sets_up(app.test_client()).status_code == 429
    assert is_empty(store)


def test_names_are_never_markup(app: Flask) -> None:
    browser = app.test_client()
    answer = sets_up(browser, name="<script>alert(1)</script>", admin_name="<b>Ada")
    page = browser.get(answer.headers["Location"]).text + browser.get("/admin/settings").text
    assert "<script>alert" not in page and "<b>Ada" not in page


def said_by_first_request(app: Flask) -> str:
    """What the log holds after two requests."""
    first_run.tell_on_first_request(app)
    with redirect_stderr(io.StringIO()) as log:
        app.test_client().get("/healthz")
        app.test_client().get("/healthz")
    return log.getvalue()


def test_the_log_says_once_where_to_set_up(settings: Settings, store: Store) -> None:
    app = create_app(replace(settings, base_url="https://say.example"))
    assert said_by_first_request(app) == f"Firsthand: set it up at https://say.example/set-up?token={TOKEN}\n"
    app.extensions[NAME].store.close()


def test_the_log_says_nothing_where_it_is_set_up_or_told_already(app: Flask, store: Store) -> None:
    app.extensions[first_run.TOLD] = True
    assert said_by_first_request(app) == ""
    del app.extensions[first_run.TOLD]
    assert sets_up(app.test_client()).status_code == 303
    assert said_by_first_request(app) == ""


def test_no_file_is_left_open_to_others(app: Flask, settings: Settings) -> None:
    sets_up(app.test_client(), logo=(png(), "logo.png"))
    folder = Path(settings.data_dir) / "files"
    assert [os.stat(path).st_mode & 0o007 for path in (folder, *folder.iterdir())] == [0, 0]
