"""GET /q/<code>/scan.gif and start.gif: what a browser that shows the form asks for, and nothing else, is counted."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from feedback.core.links import LinkCount, link_with_code
from feedback.core.organisation import the_organisation
from feedback.db import StoreBusy
from feedback.web import NAME
from tests.factories import send
from tests.ground.pages import field_values
from tests.story import statements
from tests.web.customer.conftest import Standing

IMAGE = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "image", "Sec-Fetch-Mode": "no-cors"}


def look(browser: FlaskClient, code: str, what: str = "scan", **headers: str):
    return browser.get(
        f"/q/{code}/{what}.gif", headers={name.replace("_", "-"): said for name, said in headers.items()}
    )


def counts(house: Standing) -> dict[int, tuple[int, int]]:
    """Scans and starts by link, once kept."""
    house.app.extensions[NAME].tally.keep()
    with house.store.read() as session:
        return {row.link_id: (row.scans, row.starts) for row in session.scalars(select(LinkCount))}


def shown(**more: str) -> dict[str, str]:
    return {name.replace("-", "_"): said for name, said in IMAGE.items()} | more


def test_who_sees_the_form_counts_once_and_who_begins_it_once_more(alone: Standing) -> None:
    browser, cast = alone.browser(), alone.cast
    browser.get(f"/q/{cast.maria_link}")
    for path in (f"/q/{cast.maria_link}", f"/Q/{cast.maria_link.lower()}", f"/q/{cast.table_link}"):
        answer = browser.get(f"{path}/scan.gif", headers=IMAGE)
        assert (answer.status_code, answer.mimetype, len(answer.data)) == (200, "image/gif", 43)
        assert answer.headers["Cache-Control"] == "no-store" and "Set-Cookie" not in answer.headers
    look(browser, cast.maria_link, "start", **shown())
    assert counts(alone) == {cast.link_ids["maria"]: (2, 1), cast.link_ids["table"]: (1, 0)}
    look(browser, cast.maria_link, **shown())
    assert counts(alone)[cast.link_ids["maria"]] == (3, 1)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Dest": "image"},
        {"Sec_Fetch_Site": "none", "Sec_Fetch_Dest": "document"},
        shown(Sec_Purpose="prefetch;prerender"),
        shown(Purpose="preview"),
        shown(X_Moz="prefetch"),
        {"Referer": "http://chat.example/"},
        {"Referer": "http://["},
    ],
)
def test_what_only_looks_is_not_counted(alone: Standing, headers: dict[str, str]) -> None:
    code = alone.cast.maria_link
    for what in ("scan", "start"):
        assert look(alone.browser(), code, what, **headers).data.startswith(b"GIF89a")
    assert counts(alone) == {}


def test_reading_the_page_counts_nothing(alone: Standing) -> None:
    browser, code = alone.browser(), alone.cast.maria_link
    for _ in range(3):
        browser.get(f"/q/{code}")
        browser.head(f"/q/{code}")
        browser.head(f"/q/{code}/scan.gif", headers=IMAGE)
    assert counts(alone) == {}


def test_a_browser_that_names_the_page_only_counts_too(alone: Standing) -> None:
    code = alone.cast.maria_link
    look(alone.browser(), code, Referer=f"http://192.168.0.7:8000/Q/{code}")
    assert counts(alone) == {alone.cast.link_ids["maria"]: (1, 0)}


def test_whoever_changes_the_language_is_not_counted_again(alone: Standing) -> None:
    browser, code = alone.browser(), alone.cast.maria_link
    look(browser, code, **shown(Referer=f"http://localhost/q/{code}"))
    look(browser, code, **shown(Referer=f"http://localhost/q/{code}?lang=de"))
    look(browser, code, "start", **shown(Referer=f"http://localhost/q/{code}?lang=de"))
    assert counts(alone) == {alone.cast.link_ids["maria"]: (1, 1)}


def test_the_form_holds_both_pictures_and_the_form_again_neither(alone: Standing) -> None:
    browser, code = alone.browser(), alone.cast.maria_link
    page = browser.get(f"/q/{code}").text
    assert page.count(f'src="{code}/scan.gif"') == page.count(f'src="{code}/start.gif"') == 1
    again = send(browser, code, kind="complaint")
    assert again.status_code == 422 and ".gif" not in again.text


def test_nothing_is_written_while_someone_waits(alone: Standing) -> None:
    browser, code = alone.browser(), alone.cast.maria_link
    look(browser, code, **shown())
    with statements(alone.app) as sent:
        look(browser, code, **shown())
    assert sent == []


def test_a_store_that_is_away_loses_no_count_that_was_taken(alone: Standing, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, code, tally = alone.browser(), alone.cast.maria_link, alone.app.extensions[NAME].tally
    look(browser, code, **shown())
    with monkeypatch.context() as away:

        def refuse(*_: object, **__: object) -> None:
            raise StoreBusy

        away.setattr(tally, "_write", refuse)
        with pytest.raises(StoreBusy):
            tally.keep()
    look(browser, code, **shown())
    assert counts(alone) == {alone.cast.link_ids["maria"]: (2, 0)}


def test_without_the_store_the_picture_still_comes(alone: Standing, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(self: object) -> int:
        raise StoreBusy

    monkeypatch.setattr(type(alone.store), "version", away)
    assert look(alone.browser(), alone.cast.maria_link, **shown()).status_code == 200


def test_an_unknown_code_has_no_picture_and_a_retired_one_counts_nothing(alone: Standing) -> None:
    assert look(alone.browser(), "ZZZZZZZZ", **shown()).status_code == 404
    assert alone.browser().get(f"/q/{alone.cast.maria_link}/other.gif").status_code == 404
    assert counts(alone) == {}


def test_a_day_is_the_organisations(alone: Standing) -> None:
    with alone.store.write() as session:
        known = the_organisation(session)
        assert known
        known.timezone = "Pacific/Auckland"
    with time_machine.travel(datetime(2026, 3, 1, 23, tzinfo=UTC), tick=False):
        look(alone.browser(), alone.cast.maria_link, **shown())
        counts(alone)
    with alone.store.read() as session:
        assert session.scalars(select(LinkCount.day)).one() == date(2026, 3, 2)


def test_a_count_of_a_link_that_is_gone_is_dropped(alone: Standing) -> None:
    tally = alone.app.extensions[NAME].tally
    tally.add(1, date(2026, 3, 2), "scans")
    tally.keep()
    look(alone.browser(), alone.cast.maria_link, **shown())
    assert counts(alone) == {alone.cast.link_ids["maria"]: (1, 0)}


def test_a_topic_chosen_beforehand_is_chosen_on_the_form(alone: Standing) -> None:
    browser, code = alone.browser(), alone.cast.table_link
    assert "topic" not in field_values(browser.get(f"/q/{code}").text)
    with alone.store.write() as session:
        link = link_with_code(session, code)
        assert link
        link.topic_id = alone.cast.missing_parts
    assert field_values(browser.get(f"/q/{code}").text)["topic"] == str(alone.cast.missing_parts)
