"""POST /q/<code> with photos: drawn anew and shown behind the receipt, or told of with every word kept."""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from feedback import clock
from feedback.core.attachments import MOST, Attachment
from feedback.core.files import File, drawing
from feedback.core.links import Link
from feedback.db import Store
from feedback.web.customer import token as tokens
from feedback.web.forms import arrival, body
from tests.factories import BEGINNING, Cast, token_of
from tests.ground import hostile
from tests.ground.pages import visible_text, well_formed
from tests.story import SECRET, at_work
from tests.web.customer.conftest import Standing
from tests.web.customer.hand import (
    WORDS,
    kept_words,
    photos_on,
    receipt_on,
    rows,
    submissions,
    the_submission,
)

SHOT = hostile.jpeg(comment=hostile.CANARY)


def complain(browser: FlaskClient, code: str, *photos: hostile.Hostile | bytes, **fields: str) -> TestResponse:
    """A complaint with these photos."""
    said = {"kind": "complaint", "message": WORDS, **fields}
    said = said if "token" in said else said | {"token": token_of(browser, code)}
    return browser.post(f"/q/{code}", data=hostile.form(said, photos), content_type=hostile.FORM)


def conversation(browser: FlaskClient) -> TestResponse:
    """What the receipt of what this browser just sent opens."""
    browser.post("/r", data={"receipt": receipt_on(browser.get("/thanks"))})
    return browser.get("/r")


@pytest.fixture
def laid(house: Standing, store: Store) -> Iterator[Path]:
    """Where the photos lie; after the test each of them has its row."""
    folder = house.settings.data_dir / "files"
    for old in folder.glob("*"):
        old.unlink()
    yield folder
    with store.read() as session:
        assert {path.name for path in folder.glob("*")} == {str(number) for number in session.scalars(select(File.id))}


def test_a_complaint_needs_no_words_beside_a_photo(client: FlaskClient, cast: Cast, store: Store, laid: Path) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = hostile.CANARY.decode(), 6
    sent = hostile.saved(hostile.scene(), "MPO", save_all=True, append_images=[hostile.scene()], exif=exif)
    assert complain(client, cast.table_link, sent, SHOT, message=" ").status_code == 303
    page = conversation(client)
    assert well_formed(page.text) == [] and "just thanks" not in page.text
    addresses = photos_on(page.text)
    assert len(addresses) == 2 and 'alt="Your photo 1 of 2"' in page.text and 'loading="lazy"' in page.text
    for address, size in zip(addresses, ((160, 240), (240, 160)), strict=True):
        answer = client.get(address)
        assert (answer.mimetype, answer.headers["Cache-Control"]) == ("image/jpeg", "private, no-store")
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert hostile.faults(b"", answer.data) == [] and Image.open(io.BytesIO(answer.data)).size == size
        assert client.application.test_client().get(address).status_code == 404
    with store.read() as session:
        assert session.scalars(select(Attachment.position).order_by(Attachment.position)).all() == [1, 2]


def test_a_suggestion_can_show_what_it_means_and_thanks_have_no_photo(
    client: FlaskClient, cast: Cast, store: Store, laid: Path
) -> None:
    assert complain(client, cast.table_link, SHOT, kind="suggestion").status_code == 303
    assert len(photos_on(conversation(client).text)) == 1
    assert complain(client, cast.table_link, b"no photo", kind="compliment").status_code == 303
    assert [kept.kind for kept in submissions(store)] == ["suggestion", "compliment"] and rows(store)["file"] == 1


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_a_dozen_hostile_files_are_redrawn_or_refused_in_words(client: FlaskClient, cast: Cast, laid: Path) -> None:
    taken = []
    for one in hostile.a_dozen():
        answer = complain(client, cast.table_link, one)
        assert answer.status_code in (303, 422), one.name
        if answer.status_code == 422:
            assert 'id="photo-error"' in answer.text and kept_words(answer)["message"] == WORDS
            continue
        taken.append(one.name)
        (address,) = photos_on(conversation(client).text)
        assert hostile.faults(one.data, client.get(address).data) == [], one.name
    assert len(taken) == 8 and not any("heic" in name or "svg that" in name for name in taken), taken


def test_no_file_chosen_is_no_photo(client: FlaskClient, cast: Cast, store: Store) -> None:
    none = hostile.Hostile("", b"", "", "application/octet-stream")
    assert complain(client, cast.table_link, none).status_code == 303
    assert complain(client, cast.table_link, none, message="").status_code == 422
    assert complain(client, cast.table_link, none, SHOT, message="").status_code == 303
    assert [kept.message for kept in submissions(store)] == [WORDS, ""] and rows(store)["file"] == 1


REFUSED = {
    "four": ([hostile.jpeg()] * (MOST + 1), "Three photos can be sent at once"),
    "one of more than eight megabytes": ([hostile.jpeg() + bytes(8 * 2**20)], "larger than 8 MB"),
    "an iPhone's own": ([hostile.OTHERS["heic"]], "on an iPhone choose from “Photos”"),
    "a second that is torn": ([hostile.jpeg(), hostile.jpeg()[:900]], "may be damaged"),
    "one of too many pixels": ([hostile.png(6_400, 6_400)], "40 million pixels"),
    "a drawing": ([hostile.SVG], "A drawing in SVG is not taken"),
}


@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("data", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_taken_is_said_beside_its_field(
    client: FlaskClient, cast: Cast, laid: Path, data: list[bytes], said: str
) -> None:
    answer = complain(client, cast.table_link, *data)
    assert answer.status_code == 422 and well_formed(answer.text) == []
    assert visible_text(answer.text).count(said) == 2 and 'href="#photo"' in answer.text
    assert kept_words(answer)["message"] == WORDS


@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_where_something_else_is_wrong_they_have_to_be_chosen_again(client: FlaskClient, cast: Cast) -> None:
    answer = complain(client, cast.table_link, SHOT, rating="6")
    assert answer.status_code == 422 and "choose your photos once more" in visible_text(answer.text)
    assert "once more" not in complain(client, cast.table_link, rating="6").text
    assert complain(client, cast.table_link, photo="x").status_code == 422  # words where a file belongs


def test_the_same_photos_again_are_the_same_submission_and_not_drawn_again(
    client: FlaskClient, cast: Cast, store: Store, laid: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = token_of(client, cast.table_link)
    assert complain(client, cast.table_link, SHOT, token=token).status_code == 303
    receipt = receipt_on(client.get("/thanks"))
    monkeypatch.setattr(drawing, "PATIENCE", 0.0)  # whatever is drawn now fails
    assert complain(client, cast.table_link, SHOT, token=token).status_code == 303
    assert receipt_on(client.get("/thanks")) == receipt
    for others in ([hostile.jpeg()], [], [SHOT, SHOT]):
        answer = complain(client, cast.table_link, *others, token=token)
        assert answer.status_code == 409 and kept_words(answer)["message"] == WORDS
        assert ("choose your photos once more" in answer.text) == bool(others)
    assert the_submission(store).message == WORDS and rows(store)["file"] == rows(store)["attachment"] == 1


def test_photos_sent_by_four_fingers_at_once_are_kept_once(app: Flask, cast: Cast, store: Store, laid: Path) -> None:
    token = token_of(app.test_client(), cast.table_link)

    def send_one(_: int) -> int:
        return complain(app.test_client(), cast.table_link, SHOT, token=token).status_code

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(send_one, range(4))) == [303] * 4
    assert rows(store)["submission"] == rows(store)["file"] == rows(store)["attachment"] == 1


def test_two_different_photos_at_once_leave_nothing_of_the_other(
    app: Flask, cast: Cast, store: Store, laid: Path
) -> None:
    token = token_of(app.test_client(), cast.table_link)

    def send_one(quality: int) -> int:
        sent = hostile.jpeg(quality=quality)
        return complain(app.test_client(), cast.table_link, sent, token=token).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(send_one, (50, 90))) == [303, 409]
    assert rows(store)["file"] == 1


@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_where_too_many_are_drawn_it_is_to_be_sent_again(client: FlaskClient, cast: Cast, laid: Path) -> None:
    with ExitStack() as others:
        for _ in range(drawing.IN_LINE):
            others.enter_context(drawing.LINE)
        answer = complain(client, cast.table_link, SHOT)
        assert complain(client, cast.table_link, rating="6").status_code == 422  # the others are not held up
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "5"
    assert kept_words(answer)["message"] == WORDS and "choose your photos once more" in answer.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_room_it_is_told_so_and_nothing_is_kept(alone: Standing) -> None:
    (alone.settings.data_dir / "files").write_bytes(b"in the way")
    answer = complain(alone.browser(), alone.cast.table_link, SHOT)
    assert answer.status_code == 507 and kept_words(answer)["message"] == WORDS
    assert rows(alone.store)["submission"] == rows(alone.store)["file"] == 0
    assert complain(alone.browser(), alone.cast.table_link).status_code == 303


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_retired_code_tells_that_photos_are_to_be_chosen_again(alone: Standing) -> None:
    browser, code = alone.browser(), alone.cast.table_link
    token = tokens.mint(code, clock.now(), SECRET)
    with alone.store.write() as session:
        session.get_one(Link, alone.cast.link_ids["table"]).retired_at = BEGINNING
    for message in (WORDS, ""):
        answer = complain(browser, code, SHOT, token=token, message=message)
        assert answer.status_code == 410 and "choose your photos once more" in visible_text(answer.text)
    assert rows(alone.store)["file"] == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_those_who_answer_read_of_photos_in_words(alone: Standing) -> None:
    browser = alone.browser()
    assert complain(browser, alone.cast.table_link, SHOT, SHOT, message="").status_code == 303
    berta = at_work(alone.app, alone.cast, "berta")
    assert "2 photos, without words" in visible_text(berta.get("/cases").text)
    page = berta.get(f"/cases/{the_submission(alone.store).id}").text
    assert page.count("<img src=") == 2 and 'alt="Photo 2 of 2 from the customer"' in page


@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_words_beside_photos_are_bounded_as_ever(client: FlaskClient, cast: Cast) -> None:
    answer = complain(client, cast.table_link, SHOT, message="x" * (body.LARGEST + 1))
    assert answer.status_code == 413 and "smaller photos" in visible_text(answer.text)
    assert complain(client, cast.table_link, bytes(body.WITH_PHOTOS)).status_code == 413


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_the_form_asks_for_photos_without_forcing_the_camera(client: FlaskClient, cast: Cast) -> None:
    page = client.get(f"/q/{cast.maria_link}").text
    (field,) = [tag for tag in page.split("<") if 'name="photo"' in tag]
    assert 'type="file"' in field and "multiple" in field and "capture" not in field
    assert 'accept="image/jpeg,image/png,image/webp,image/gif"' in field and "image/*" not in field
    assert 'enctype="multipart/form-data"' in page


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_those_who_send_large_photos_slowly_hold_up_no_form(
    client: FlaskClient, cast: Cast, laid: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrival, "PATIENCE", 0.01)
    large = hostile.jpeg() + bytes(body.LARGEST)
    with ExitStack() as others:
        for _ in range(arrival.LARGE):
            others.enter_context(arrival.turn(arrival.Arriving(io.BytesIO()), is_large=True))
        refused = complain(client, cast.table_link, large)
        assert refused.status_code == 503 and refused.headers["Retry-After"] == "5"
        assert complain(client, cast.table_link, SHOT).status_code == 303
    assert complain(client, cast.table_link, large).status_code == 303
