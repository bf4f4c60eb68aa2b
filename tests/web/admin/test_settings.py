"""Settings: everything can be changed, each change is in the log, and the next scan shows it."""

import io
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from feedback import clock
from feedback.core import calendar, settings
from feedback.core.audit import Entry
from feedback.core.organisation import Organisation
from feedback.db import Store
from tests.factories import Cast
from tests.ground.pages import field_pairs, visible_text, well_formed
from tests.story import at_once, at_work, fill_in, token_for

PAGE = "/admin/settings"
POSTS = ("details", "logo", "logo-removal", "holidays", "holiday-removal")


def organisation(store: Store) -> Organisation:
    with store.read() as session:
        return session.get_one(Organisation, 1)


def acts(store: Store) -> list[tuple[str, dict[str, str]]]:
    with store.read() as session:
        entries = session.scalars(select(Entry).order_by(Entry.id)).all()
        return [(entry.act, entry.details) for entry in entries]


def png(size: tuple[int, int] = (60, 30)) -> tuple[io.BytesIO, str]:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, "PNG")
    out.seek(0)
    return out, "logo.png"


def shows_logo(browser: FlaskClient, picture: tuple[io.BytesIO, str]):
    """Choose a picture on the page and send it."""
    token = dict(field_pairs(browser.get(PAGE).text, f"{PAGE}/logo"))
    return browser.post(f"{PAGE}/logo", data=token | {"logo": picture}, content_type="multipart/form-data")


def test_the_page_shows_what_is(app: Flask, cast: Cast) -> None:
    page = at_work(app, cast, "anna").get(PAGE)
    assert page.status_code == 200 and well_formed(page.text) == []
    shown = field_pairs(page.text, f"{PAGE}/details")
    assert ("name", "Garden House") in shown and ("answer_days", "3") in shown
    assert [value for name, value in shown if name == "working_days"] == ["0", "1", "2", "3", "4"]
    assert "No holidays to come" in visible_text(page.text)


def test_changes_are_kept_logged_and_shown_with_the_next_scan(app: Flask, store: Store, cast: Cast) -> None:
    customer, anna = app.test_client(), at_work(app, cast, "anna")
    assert "Garden House" in customer.get(f"/q/{cast.maria_link}").text
    new = {"name": "Garden  Hall", "accent": "#8c3030", "timezone": "asia/kathmandu", "answer_days": "5"}
    more = {"outside_reader": "ombud@example.org", "language": "de", "working_days": "6", "staff_names": "nobody"}
    assert fill_in(anna, PAGE, f"{PAGE}/details", **new, **more).status_code == 303
    known = organisation(store)
    assert (known.name, known.accent, known.timezone) == ("Garden Hall", "#8c3030", "Asia/Kathmandu")
    assert (known.answer_days, known.outside_reader, known.working_days) == (5, "ombud@example.org", [6])
    assert {act for act, _ in acts(store)} == {*new, *more}
    assert ("name", {"before": "Garden House", "after": "Garden Hall"}) in acts(store)
    scanned = customer.get(f"/q/{cast.maria_link}", headers={"Accept-Language": "en"}).text
    assert "Garden Hall" in scanned and "#8c3030" in scanned
    assert "8 settings changed." in visible_text(anna.get(PAGE).text)
    assert "Changed the name from Garden House to Garden Hall" in visible_text(anna.get("/admin/audit?lang=en").text)


def test_the_same_again_changes_nothing(app: Flask, store: Store, cast: Cast) -> None:
    before = store.version()
    assert fill_in(at_work(app, cast, "anna"), PAGE, f"{PAGE}/details").status_code == 303
    assert acts(store) == [] and store.version() == before


def test_an_outside_reader_can_be_let_go(app: Flask, store: Store, cast: Cast) -> None:
    anna = at_work(app, cast, "anna")
    for address in ("ombud@example.org", ""):
        fill_in(anna, PAGE, f"{PAGE}/details", outside_reader=address)
    assert organisation(store).outside_reader is None


BAD = {
    "no name": ("name", ""),
    "a colour in words": ("accent", "red"),
    "no such zone": ("timezone", "Mars"),
    "a language nobody speaks": ("language", "tlh"),
    "an eighth day": ("working_days", "7"),
    "never": ("answer_days", "0"),
    "in two months": ("answer_days", "61"),
    "soon": ("answer_days", "soon"),
    "a number beyond all columns": ("answer_days", "9" * 40),
    "no number": ("answer_days", ""),
    "no address": ("outside_reader", "ombud"),
    "an address with NUL": ("outside_reader", "a\0@b.example"),
}


@pytest.mark.parametrize(("field", "value"), BAD.values(), ids=BAD)
def test_bad_input_is_told_beside_its_field(app: Flask, store: Store, cast: Cast, field: str, value: str) -> None:
    anna = at_work(app, cast, "anna")
    answer = fill_in(anna, PAGE, f"{PAGE}/details", **({"name": "Garden Hall"} | {field: value}))
    assert answer.status_code == 422 and well_formed(answer.text) == []
    assert f'id="{field}-error"' in answer.text and answer.text.count('class="error"') == 1
    assert field == "name" or ("name", "Garden Hall") in field_pairs(answer.text, f"{PAGE}/details")
    assert organisation(store).name == "Garden House" and acts(store) == []


@pytest.mark.parametrize("key", ["maria", "hans", "berta", "dora"])
@pytest.mark.parametrize("what", POSTS)
def test_for_all_others_there_is_nothing(app: Flask, store: Store, cast: Cast, key: str, what: str) -> None:
    browser = at_work(app, cast, key)
    data = {"csrf_token": token_for(browser), "name": "Taken", "day": "2099-12-25", "called": "Mine"}
    assert browser.post(f"{PAGE}/{what}", data=data).status_code == 404
    assert browser.get(PAGE).status_code == 404
    assert organisation(store).name == "Garden House" and acts(store) == []


@pytest.mark.parametrize("what", POSTS)
def test_no_other_site_changes_anything(app: Flask, store: Store, cast: Cast, what: str) -> None:
    data = {"name": "Taken", "day": "2099-12-25", "called": "Mine"}
    assert at_work(app, cast, "anna").post(f"{PAGE}/{what}", data=data).status_code == 400
    assert acts(store) == []


def test_a_logo_is_on_every_page_until_it_is_removed(app: Flask, store: Store, cast: Cast) -> None:
    customer, anna = app.test_client(), at_work(app, cast, "anna")
    assert "/logo" not in customer.get(f"/q/{cast.maria_link}").text
    assert shows_logo(anna, png()).status_code == 303
    address = f"/logo?v={organisation(store).logo_id}"
    for page in (customer.get(f"/q/{cast.maria_link}"), customer.get("/r"), anna.get("/cases"), customer.get("/x")):
        assert f'src="{address}"' in page.text and 'alt="Logo of Garden House"' in page.text
        assert well_formed(page.text) == []
    assert fill_in(anna, PAGE, f"{PAGE}/logo-removal").status_code == 303
    assert "/logo" not in customer.get(f"/q/{cast.maria_link}").text
    assert customer.get("/logo").status_code == 404
    anna.post(f"{PAGE}/logo-removal", data={"csrf_token": token_for(anna)})
    assert [act for act, _ in acts(store)] == ["logo", "no_logo"]


def test_the_logo_is_served_as_what_it_is_and_may_be_kept_a_while(app: Flask, store: Store, cast: Cast) -> None:
    shows_logo(at_work(app, cast, "anna"), png((3000, 1000)))
    customer = app.test_client()
    answer = customer.get("/logo")
    assert (answer.mimetype, answer.headers["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert answer.headers["Cache-Control"] == "public, max-age=300" and "Set-Cookie" not in answer.headers
    assert Image.open(io.BytesIO(answer.data)).size == (1024, 341)
    again = customer.get("/logo", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_logo_gone_from_the_disk_is_not_there(app: Flask, store: Store, cast: Cast) -> None:
    shows_logo(at_work(app, cast, "anna"), png())
    (app.extensions["firsthand"].settings.data_dir / "files" / str(organisation(store).logo_id)).unlink()
    assert app.test_client().get("/logo").status_code == 404


def test_the_scan_page_with_a_logo_still_fits(app: Flask, cast: Cast) -> None:
    shows_logo(at_work(app, cast, "anna"), png())
    for tag in ("en", "de", "ar"):
        headers = {"Accept-Language": tag, "Accept-Encoding": "gzip"}
        answer = app.test_client().get(f"/q/{cast.table_link}", headers=headers)
        assert answer.headers["Content-Encoding"] == "gzip" and len(answer.data) <= 10_000


@pytest.mark.parametrize("data", [b"", b"hello", b"<svg xmlns='x'><script/></svg>"])
def test_what_is_no_picture_is_no_logo(app: Flask, store: Store, cast: Cast, data: bytes) -> None:
    answer = shows_logo(at_work(app, cast, "anna"), (io.BytesIO(data), "logo.png"))
    assert answer.status_code == 422 and 'id="logo-error"' in answer.text
    assert organisation(store).logo_id is None and acts(store) == []


def test_holidays_come_and_go(app: Flask, store: Store, cast: Cast) -> None:
    anna = at_work(app, cast, "anna")
    for called in ("Christmas", "Christmas Day"):
        assert fill_in(anna, PAGE, f"{PAGE}/holidays", day="2099-12-25", called=called).status_code == 303
    page = anna.get(PAGE)
    assert "Christmas Day" in visible_text(page.text) and "December 25, 2099" in visible_text(page.text)
    with store.read() as session:
        assert [(day.day, day.name) for day in calendar.holidays(session)] == [(date(2099, 12, 25), "Christmas Day")]
    assert fill_in(anna, PAGE, f"{PAGE}/holiday-removal").status_code == 303
    assert anna.post(f"{PAGE}/holiday-removal", data={"csrf_token": token_for(anna), "day": "x"}).status_code == 404
    assert [act for act, _ in acts(store)] == ["holiday", "holiday", "no_holiday"]
    assert "Christmas Day" in visible_text(anna.get("/admin/audit").text)


def test_two_who_add_one_holiday_at_once_add_one(store: Store, cast: Cast) -> None:
    def add(day: int) -> None:
        with store.write() as session:
            settings.add_holiday(session, date(2099, 12, day), "Christmas", clock.now(), cast.anna)

    for day in range(20, 25):
        at_once(lambda day=day: add(day), lambda day=day: add(day))
    with store.read() as session:
        assert len(calendar.holidays(session)) == 5


@pytest.mark.parametrize(
    ("day", "called", "field"),
    [
        ("", "Christmas", "day"),
        ("25.12.2099", "Christmas", "day"),
        ("2099-02-30", "Christmas", "day"),
        ("0001-01-01", "Christmas", "day"),
        ("2099-12-25", "", "called"),
        ("2099-12-25", "x" * 201, "called"),
        ("2099-12-25", "a\0b", "called"),
    ],
)
def test_a_day_that_is_none_is_no_holiday(
    app: Flask, store: Store, cast: Cast, day: str, called: str, field: str
) -> None:
    answer = fill_in(at_work(app, cast, "anna"), PAGE, f"{PAGE}/holidays", day=day, called=called)
    assert answer.status_code == 422 and f'id="{field}-error"' in answer.text
    assert acts(store) == []
