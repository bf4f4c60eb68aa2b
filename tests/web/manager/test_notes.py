"""Notes on a case: kept for those who work on it, as they were written."""

import pytest
from flask import Flask

from feedback.core import history
from feedback.core.cases import LONGEST_NOTE, Case
from feedback.db import Store
from tests.factories import Cast
from tests.ground.pages import field_values, visible_text, well_formed
from tests.story import arrives, at_work, concern, fill_in, token_for
from tests.web.conftest import Trouble

EMPTY = "Write something first."


@pytest.fixture
def case(store: Store, cast: Cast) -> int:
    """A complaint about Maria that Karim handles and Packing reads along."""
    number = arrives(store, cast.maria_link, topic_ids=(cast.missing_parts,))
    with store.write() as session:
        session.get_one(Case, number).handler_id = cast.karim
    return number


def notes(store: Store, case: int) -> list[tuple[int | None, str]]:
    with store.read() as session:
        return [(e.by_id, e.text) for e in history.events_of(session, case) if e.name == "noted"]


@pytest.mark.parametrize("key", ["karim", "berta", "dora", "anna"])
def test_those_who_work_on_it_write_notes(app: Flask, store: Store, cast: Cast, case: int, key: str) -> None:
    words = "Ask the night cook <b>today</b> & write 'back'\n\nשלום"
    browser = at_work(app, cast, key)
    answer = fill_in(browser, f"/cases/{case}", f"/cases/{case}/notes", text=f"  {words}\n")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/cases/{case}")
    assert notes(store, case) == [(getattr(cast, key), words)]
    page = at_work(app, cast, "karim").get(f"/cases/{case}")
    assert "Ask the night cook &lt;b&gt;today&lt;/b&gt; &amp; write &#39;back&#39;\n\nשלום" in page.text
    assert "Internal note. The customer never sees this." in visible_text(page.text)


@pytest.mark.parametrize("key", ["maria", "hans", "paula"])
def test_nobody_else_does(app: Flask, store: Store, cast: Cast, case: int, key: str) -> None:
    browser = at_work(app, cast, key)
    fields = {"csrf_token": token_for(browser), "text": "I was here"}
    assert browser.post(f"/cases/{case}/notes", data=fields).status_code == 404
    assert notes(store, case) == []


def test_what_could_not_be_kept_is_not_lost_to_its_writer(app: Flask, store: Store, cast: Cast, case: int) -> None:
    """Nor shown to someone whom the case concerns by now."""
    karim = at_work(app, cast, "karim")
    concern(store, case, cast.karim)
    fields = {"csrf_token": token_for(karim), "text": ""}
    assert karim.post(f"/cases/{case}/notes", data=fields).status_code == 404


BAD = {
    "nothing": "",
    "blanks": " \n\t\u3000",
    "NUL": "Ask\0the cook",
    "too long": "x" * (LONGEST_NOTE + 1),
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_bad_input_is_refused_with_the_words_kept(app: Flask, store: Store, cast: Cast, case: int, text: str) -> None:
    answer = fill_in(at_work(app, cast, "berta"), f"/cases/{case}", f"/cases/{case}/notes", text=text)
    assert answer.status_code == 422
    assert well_formed(answer.text) == []
    assert 'aria-invalid="true"' in answer.text
    kept = field_values(answer.text, f"/cases/{case}/notes")["text"]
    assert kept.replace("\r", "").strip("\n") == text.replace("\0", kept[3:4] if "\0" in text else "").strip("\n")
    assert notes(store, case) == []


def test_a_note_may_be_as_long_as_any(app: Flask, store: Store, cast: Cast, case: int) -> None:
    words = "汤" * LONGEST_NOTE
    fill_in(at_work(app, cast, "berta"), f"/cases/{case}", f"/cases/{case}/notes", text=words)
    assert notes(store, case) == [(cast.berta, words)]


def test_bytes_that_are_no_text_break_nothing(app: Flask, store: Store, cast: Cast, case: int) -> None:
    berta = at_work(app, cast, "berta")
    token = token_for(berta).encode()
    for text in (b"%ff%fe", b"%ed%a0%80", b"\xff"):
        body = b"csrf_token=" + token + b"&text=" + text
        answer = berta.post(f"/cases/{case}/notes", data=body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code in (303, 400, 422)


def test_a_body_beyond_all_bounds_is_too_large(app: Flask, store: Store, cast: Cast, case: int) -> None:
    berta = at_work(app, cast, "berta")
    token, much = token_for(berta).encode(), b"x" * 3_000_000
    bodies = {
        "application/x-www-form-urlencoded": b"csrf_token=" + token + b"&text=" + much,
        "multipart/form-data; boundary=b": b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\n'
        + much
        + b"\r\n--b--\r\n",
    }
    for kind, body in bodies.items():
        answer = berta.post(f"/cases/{case}/notes", data=body, content_type=kind)
        assert (answer.status_code, well_formed(answer.text)) == (413, [])
    assert notes(store, case) == []


def test_no_other_site_writes_a_note(app: Flask, store: Store, cast: Cast, case: int) -> None:
    berta = at_work(app, cast, "berta")
    for token in ({}, {"csrf_token": "forged"}, {"csrf_token": token_for(at_work(app, cast, "dora"))}):
        assert berta.post(f"/cases/{case}/notes", data={"text": "x"} | token).status_code == 400
    assert notes(store, case) == []


def test_while_the_store_is_locked_the_words_stay_on_the_page(
    app: Flask, store: Store, cast: Cast, case: int, locked: Trouble, hasty: Flask
) -> None:
    berta = at_work(hasty, cast, "berta")
    page = field_values(berta.get(f"/cases/{case}").text, f"/cases/{case}/notes")
    with locked():
        answer = berta.post(f"/cases/{case}/notes", data=page | {"text": "Asked the cook"})
        assert answer.status_code == 503 and answer.headers["Retry-After"]
        assert "Not saved yet" in visible_text(answer.text) and well_formed(answer.text) == []
    again = field_values(answer.text, f"/cases/{case}/notes")
    assert again["text"].strip() == "Asked the cook" and notes(store, case) == []
    assert berta.post(f"/cases/{case}/notes", data=again).status_code == 303
    assert len(notes(store, case)) == 1


def test_the_same_note_twice_is_two_notes(app: Flask, store: Store, cast: Cast, case: int) -> None:
    for _ in range(2):
        fill_in(at_work(app, cast, "berta"), f"/cases/{case}", f"/cases/{case}/notes", text="Asked again")
    assert len(notes(store, case)) == 2
