"""Photos of a case at work: added to replies and notes, seen by those who may see the case, and by nobody else."""

import io
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from feedback.core import attachments, cases
from feedback.core.cases import Case, Cause, Ending, Outcome, Remedy, Says
from feedback.core.files import File
from feedback.db import Store
from tests.factories import BEGINNING, Cast
from tests.ground import hostile
from tests.ground.pages import field_pairs, visible_text, well_formed
from tests.story import NO_IDS, arrives, at_work, concern, fill_in, photographed, token_for, viewer


@pytest.fixture
def case(store: Store, cast: Cast) -> int:
    return arrives(store, cast.table_link, message="The soup was cold")


def adds(browser: FlaskClient, case: int, act: str, *data: bytes, **fields: str) -> TestResponse:
    """Fill in a form of the case, with these photos."""
    page, action = f"/cases/{case}", f"/cases/{case}/{act}"
    form = f"/cases/{case}/replies" if act == "draft" else action
    kept = dict(field_pairs(browser.get(page).text, form)) | fields
    return browser.post(action, data=hostile.form(kept, data, name="photos"), content_type=hostile.FORM)


def photos_of(store: Store, case: int) -> list[int]:
    with store.read() as session:
        return [photo.id for some in attachments.of(session, case).values() for photo in some]


def nothing_kept(store: Store, folder: Path) -> bool:
    with store.read() as session:
        return not session.scalars(select(File.id)).all() and not [*(folder / "files").glob("*")]


@pytest.mark.parametrize("act", ["replies", "notes"])
def test_photos_are_added_and_shown_with_their_step(app: Flask, store: Store, cast: Cast, case: int, act: str) -> None:
    berta = at_work(app, cast, "berta")
    shot = hostile.jpeg(comment=hostile.CANARY)
    says = {"says": "asked"} if act == "replies" else {}
    assert adds(berta, case, act, shot, shot, text="Look", **says).status_code == 303
    page = berta.get(f"/cases/{case}")
    first, second = photos_of(store, case)
    assert well_formed(page.text) == [] and 'alt="Photo 2 of 2"' in page.text and page.text.count("<img src=") == 2
    answer = berta.get(f"/cases/{case}/photos/{second}")
    assert answer.mimetype == "image/jpeg" and hostile.faults(shot, answer.data) == []
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (second > first) and adds(berta, case, act, text="No photo this time", **says).status_code == 303


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("act", ["replies", "notes"])
@pytest.mark.parametrize("key", ["karim", "paula", "maria"])
def test_nobody_else_adds_any(app: Flask, settings, store: Store, cast: Cast, case: int, act: str, key: str) -> None:
    concern(store, case, cast.maria)
    browser = at_work(app, cast, key)
    data = {"csrf_token": token_for(browser), "text": "x", "photos": (io.BytesIO(hostile.jpeg()), "x.jpg")}
    assert browser.post(f"/cases/{case}/{act}", data=data).status_code == 404
    assert nothing_kept(store, settings.data_dir)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("act", ["replies", "notes"])
@pytest.mark.parametrize(
    ("data", "said"),
    [([hostile.SVG], "SVG"), ([hostile.jpeg()] * 4, "Three photos"), ([hostile.jpeg() + bytes(8 * 2**20)], "8 MB")],
    ids=["drawing", "four", "large"],
)
def test_what_cannot_be_taken_is_said_and_the_words_stay(
    app: Flask, settings, store: Store, cast: Cast, case: int, act: str, data: list[bytes], said: str
) -> None:
    answer = adds(at_work(app, cast, "berta"), case, act, *data, text="Look at this")
    assert answer.status_code == 422 and said in visible_text(answer.text) and "Look at this" in answer.text
    assert "photos-error" in answer.text and well_formed(answer.text) == []
    assert nothing_kept(store, settings.data_dir)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_page_grown_old_keeps_the_words_and_no_photo(
    app: Flask, settings, store: Store, cast: Cast, case: int
) -> None:
    berta = at_work(app, cast, "berta")
    answer = adds(berta, case, "replies", hostile.jpeg(), text="Look", version="9")
    assert answer.status_code == 409 and "choose your photos once more" in visible_text(answer.text)
    assert "once more" in visible_text(adds(berta, case, "draft", hostile.jpeg() + bytes(3 * 2**20)).text)
    for act in ("replies", "notes"):
        assert "once more" in visible_text(adds(berta, case, act, hostile.jpeg(), text=" ").text)
    assert nothing_kept(store, settings.data_dir)


def test_only_the_photos_of_that_case_are_there(app: Flask, settings, store: Store, cast: Cast, case: int) -> None:
    berta, folder = at_work(app, cast, "berta"), settings.data_dir
    other = photographed(store, folder, arrives(store, cast.table_link))
    own = photographed(store, folder, case)
    assert berta.get(f"/cases/{case}/photos/{own}").status_code == 200
    for number in (other, *NO_IDS, 12345):
        assert berta.get(f"/cases/{case}/photos/{number}").status_code == 404
    concern(store, case, cast.berta)
    assert berta.get(f"/cases/{case}/photos/{own}").status_code == 404


def test_what_is_shared_comes_with_its_photos_and_without_those_of_notes(
    app: Flask, settings, store: Store, cast: Cast
) -> None:
    case, berta = arrives(store, cast.maria_link), viewer(store, cast.berta)
    sent = photographed(store, settings.data_dir, case)
    with store.write() as session:
        found = session.get_one(Case, case)
        cases.reply(session, berta, found, "Like so", Says.ANSWERED, version=1, at=BEGINNING, mails=False)
    told = photographed(store, settings.data_dir, case)
    with store.write() as session:
        cases.note(session, berta, session.get_one(Case, case), "Odd", BEGINNING)
    noted = photographed(store, settings.data_dir, case)
    with store.write() as session:
        ending = Ending(Outcome.UPHELD, Cause.PEOPLE, Remedy.APOLOGY)
        cases.close(session, berta, session.get_one(Case, case), ending, version=2, at=BEGINNING, mails=False)
    maria, shared = at_work(app, cast, "maria"), f"/cases/{case}/shared"
    assert maria.get(f"{shared}/photos/{sent}").status_code == 404
    assert "with the photos of both" in visible_text(at_work(app, cast, "berta").get(f"/cases/{case}").text)
    assert fill_in(at_work(app, cast, "berta"), f"/cases/{case}", f"/cases/{case}/share").status_code == 303
    page = maria.get(shared).text
    assert well_formed(page) == [] and page.count("<img src=") == 2
    answers = {photo: maria.get(f"{shared}/photos/{photo}").status_code for photo in (sent, told, noted, 12345)}
    assert answers == {sent: 200, told: 200, noted: 404, 12345: 404}
    assert maria.get(f"/cases/{case}/photos/{sent}").status_code == 404
    assert at_work(app, cast, "karim").get(f"{shared}/photos/{sent}").status_code == 404


@pytest.mark.parametrize("act", ["replies", "notes", "draft"])
def test_a_file_in_place_of_words_is_no_words(app: Flask, store: Store, cast: Cast, case: int, act: str) -> None:
    berta, page = at_work(app, cast, "berta"), f"/cases/{case}"
    kept = dict(field_pairs(berta.get(page).text, f"{page}/{'notes' if act == 'notes' else 'replies'}"))
    for name in kept:
        sent = hostile.form({key: value for key, value in kept.items() if key != name}, [b"words"], name=name)
        assert berta.post(f"{page}/{act}", data=sent, content_type=hostile.FORM).status_code in (400, 422), name
