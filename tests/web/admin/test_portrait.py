"""Photos of people: chosen on their page, shown to customers while they agree, gone at once when they do not."""

import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from feedback import create_app
from feedback.core import audit
from feedback.core.files import File
from feedback.core.people import Person
from feedback.db import Store
from feedback.web import NAME
from tests.factories import Cast
from tests.ground.pages import field_pairs, well_formed
from tests.story import at_work, fill_in, token_for

SHOWN = re.compile(r'src="(\w{8}/\d+\.jpg)"')
TILES = re.compile(r'class="disc" src="(\w{8}/\d+\.jpg)"')


def photo(colour: str = "red", size: tuple[int, int] = (900, 600), kind: str = "JPEG") -> tuple[io.BytesIO, str]:
    exif = Image.Exif()
    exif[0x010F] = "Secret camera"
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind, exif=exif)
    out.seek(0)
    return out, "me.jpg"


def chooses(browser: FlaskClient, person_id: int, picture: tuple[io.BytesIO, str], **fields: str) -> TestResponse:
    """Choose a picture on someone's page and send it with the rest of the form."""
    page = f"/admin/people/{person_id}"
    kept = dict(field_pairs(browser.get(page).text, f"{page}/details"))
    return browser.post(f"{page}/details", data=kept | fields | {"photo": picture}, content_type="multipart/form-data")


def photo_of(store: Store, person_id: int) -> int | None:
    with store.read() as session:
        return session.get_one(Person, person_id).photo_id


def acts(store: Store, person_id: int) -> list[str]:
    with store.read() as session:
        return [entry.act for entry in audit.of_one(session, "person", person_id)]


def scanned(app: Flask, code: str) -> list[str]:
    """The addresses of the photos on the form of that code."""
    return [f"/q/{path}" for path in SHOWN.findall(app.test_client().get(f"/q/{code}").text)]


def seen(app: Flask, address: str) -> int:
    return app.test_client().get(address).status_code


def test_a_photo_is_on_their_own_form_and_on_tiles_until_it_is_removed(app: Flask, store: Store, cast: Cast) -> None:
    assert scanned(app, cast.maria_link) == scanned(app, cast.table_link) == []
    berta = at_work(app, cast, "berta")
    assert chooses(berta, cast.maria, photo()).status_code == 303
    file_id = photo_of(store, cast.maria)
    own, tile = f"/q/{cast.maria_link}/{file_id}.jpg", f"/q/{cast.table_link}/{file_id}.jpg"
    assert (scanned(app, cast.maria_link), scanned(app, cast.table_link)) == ([own], [tile])
    form = app.test_client().get(f"/q/{cast.table_link}")
    assert len(TILES.findall(form.text)) == 1 and well_formed(form.text) == []
    assert chooses(berta, cast.maria, photo("blue")).status_code == 303
    assert photo_of(store, cast.maria) != file_id and seen(app, own) == 404
    fill_in(berta, f"/admin/people/{cast.maria}", f"/admin/people/{cast.maria}/details", no_photo="y")
    assert photo_of(store, cast.maria) is None and scanned(app, cast.table_link) == []
    assert acts(store, cast.maria) == ["unpictured", "pictured", "pictured"]


def test_another_process_shows_it_with_the_next_scan(app: Flask, store: Store, cast: Cast) -> None:
    second, berta = create_app(app.extensions[NAME].settings), at_work(app, cast, "berta")
    for shown in (True, False):
        assert len(scanned(second, cast.table_link)) != shown
        if shown:
            chooses(berta, cast.maria, photo())
        else:
            fill_in(berta, f"/admin/people/{cast.maria}", f"/admin/people/{cast.maria}/details", no_photo="y")
        assert len(scanned(second, cast.table_link)) == shown
    second.extensions[NAME].store.close()


def test_it_is_square_bare_of_metadata_and_may_be_kept_by_one_browser(app: Flask, store: Store, cast: Cast) -> None:
    chooses(at_work(app, cast, "berta"), cast.maria, photo())
    for address in (scanned(app, cast.maria_link)[0], scanned(app, cast.maria_link)[0].replace("/q/", "/Q/")):
        answer = app.test_client().get(address)
        image = Image.open(io.BytesIO(answer.data))
        assert (answer.mimetype, image.size) == ("image/jpeg", (320, 320))
        assert b"Secret" not in answer.data and not image.getexif() and "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "private, max-age=3600"
    again = app.test_client().get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_without_consent_nobody_outside_sees_it(app: Flask, store: Store, cast: Cast) -> None:
    berta, page = at_work(app, cast, "berta"), f"/admin/people/{cast.maria}"
    chooses(berta, cast.maria, photo())
    own, tile = scanned(app, cast.maria_link)[0], scanned(app, cast.table_link)[0]
    assert (seen(app, own), seen(app, tile)) == (200, 200)
    fields = [pair for pair in field_pairs(berta.get(page).text, f"{page}/details") if pair[0] != "is_shown_on_forms"]
    berta.post(f"{page}/details", data=dict(fields))
    assert scanned(app, cast.maria_link) == scanned(app, cast.table_link) == []
    assert (seen(app, own), seen(app, tile)) == (404, 404)
    assert berta.get(f"{page}/{photo_of(store, cast.maria)}.jpg").status_code == 200


def test_retiring_takes_it_off_every_form_at_once(app: Flask, store: Store, cast: Cast) -> None:
    berta, page = at_work(app, cast, "berta"), f"/admin/people/{cast.maria}"
    chooses(berta, cast.maria, photo())
    own, tile = scanned(app, cast.maria_link)[0], scanned(app, cast.table_link)[0]
    fill_in(berta, page, f"{page}/retirement", codes="lead_on")
    assert scanned(app, cast.maria_link) == scanned(app, cast.table_link) == []
    assert (seen(app, own), seen(app, tile)) == (404, 404)
    fill_in(berta, page, f"{page}/return")
    assert seen(app, own) == 200


def test_only_a_form_that_shows_it_has_it(app: Flask, store: Store, cast: Cast) -> None:
    chooses(at_work(app, cast, "paula"), cast.hans, photo())
    file_id = photo_of(store, cast.hans)
    assert seen(app, f"/q/{cast.maria_link}/{file_id}.jpg") == 404
    for text in ("0", str(2**63), "9" * 30, "-1", "x", f"{file_id}.jpg"):
        assert seen(app, f"/q/{cast.maria_link}/{text}.jpg") == 404, text
    assert seen(app, f"/q/00000000/{file_id}.jpg") == 404


def test_a_photo_on_a_retired_code_is_not_there(app: Flask, store: Store, cast: Cast) -> None:
    berta, page = at_work(app, cast, "berta"), f"/admin/people/{cast.maria}"
    chooses(berta, cast.maria, photo())
    own = scanned(app, cast.maria_link)[0]
    fill_in(berta, page, f"{page}/retirement", codes="retire")
    assert seen(app, own) == 404


def test_at_work_those_who_keep_the_person_see_it(app: Flask, store: Store, cast: Cast) -> None:
    berta = at_work(app, cast, "berta")
    chooses(berta, cast.maria, photo())
    address = f"/admin/people/{cast.maria}/{photo_of(store, cast.maria)}.jpg"
    for page in ("/admin/people", f"/admin/people/{cast.maria}", f"/praise?person={cast.maria}"):
        assert f'src="{address}"' in berta.get(page).text, page
    answers = {key: at_work(app, cast, key).get(address).status_code for key in ("maria", "karim", "berta", "paula")}
    assert answers == {"maria": 404, "karim": 404, "berta": 200, "paula": 404}
    for text in ("0", "x", str(2**63), "²"):
        assert berta.get(f"/admin/people/{cast.maria}/{text}.jpg").status_code == 404
    (app.extensions["firsthand"].settings.data_dir / "files" / str(photo_of(store, cast.maria))).unlink()
    assert berta.get(address).status_code == 404


@pytest.mark.parametrize("data", [b"hello", b"<svg xmlns='x'><script/></svg>", b"\xff\xd8\xff half"])
def test_a_refused_file_is_told_beside_its_field_and_all_else_stays(
    app: Flask, store: Store, cast: Cast, data: bytes
) -> None:
    berta, page = at_work(app, cast, "berta"), f"/admin/people/{cast.maria}"
    answer = chooses(berta, cast.maria, (io.BytesIO(data), "me.jpg"), public_name="Mari", reference="P-7")
    assert answer.status_code == 422 and 'id="photo-error"' in answer.text and well_formed(answer.text) == []
    kept = dict(field_pairs(answer.text, f"{page}/details"))
    assert (kept["public_name"], kept["reference"], kept["name"]) == ("Mari", "P-7", "Maria Lopez")
    assert photo_of(store, cast.maria) is None and acts(store, cast.maria) == []


def test_where_something_else_is_wrong_it_has_to_be_chosen_again(app: Flask, store: Store, cast: Cast) -> None:
    berta = at_work(app, cast, "berta")
    answer = chooses(berta, cast.maria, photo(), name="")
    assert answer.status_code == 422 and "choose the picture once more" in answer.text
    assert photo_of(store, cast.maria) is None
    with store.read() as session:
        assert session.scalars(select(File)).all() == []


def test_someone_new_can_come_with_a_photo(app: Flask, store: Store, cast: Cast) -> None:
    berta, new = at_work(app, cast, "berta"), "/admin/people/new"
    fields = dict(field_pairs(berta.get(new).text, new)) | {"name": "Nora Frei", "department": str(cast.kitchen)}
    answer = berta.post(new, data=fields | {"photo": photo()}, content_type="multipart/form-data")
    made = int(answer.headers["Location"].rpartition("/")[2])
    assert photo_of(store, made) and acts(store, made) == ["pictured", "made"]


@pytest.mark.parametrize("key", ["maria", "hans", "paula"])
def test_nobody_else_gives_anyone_a_photo(app: Flask, store: Store, cast: Cast, key: str) -> None:
    browser, address = at_work(app, cast, key), f"/admin/people/{cast.maria}/details"
    data = {"csrf_token": token_for(browser), "name": "x", "photo": photo()}
    assert browser.post(address, data=data, content_type="multipart/form-data").status_code == 404
    assert photo_of(store, cast.maria) is None


def test_no_other_site_gives_anyone_a_photo(app: Flask, store: Store, cast: Cast) -> None:
    answer = at_work(app, cast, "berta").post(f"/admin/people/{cast.maria}/details", data={"photo": photo()})
    assert answer.status_code == 400 and photo_of(store, cast.maria) is None


def test_the_form_with_twelve_photos_still_fits(app: Flask, store: Store, cast: Cast) -> None:
    chooses(at_work(app, cast, "berta"), cast.maria, photo())
    file_id = photo_of(store, cast.maria)
    with store.write() as session:
        for n in range(12):
            session.add(
                Person(id=n + 1, name=f"Aa {n}", public_name=f"Aa {n}", department_id=cast.kitchen,
                       is_shown_on_forms=True, photo_id=file_id)
            )  # fmt: skip
    for tag in ("en", "de", "ar"):
        headers = {"Accept-Language": tag, "Accept-Encoding": "gzip"}
        answer = app.test_client().get(f"/q/{cast.table_link}", headers=headers)
        assert answer.headers["Content-Encoding"] == "gzip" and len(answer.data) <= 10_000
    assert len(scanned(app, cast.table_link)) == 12


def test_lists_neither_carry_nor_touch_photos(app: Flask, store: Store, cast: Cast) -> None:
    chooses(at_work(app, cast, "berta"), cast.maria, photo())
    exported = at_work(app, cast, "anna").get("/admin/people.csv").text
    assert "photo" not in exported and str(photo_of(store, cast.maria)) not in exported
