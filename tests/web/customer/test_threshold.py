"""The prepared form is handed over before Flask is asked, and says just what the route would say."""

import re
from collections.abc import Iterable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder

from feedback.db import StoreBusy
from feedback.web import NAME
from tests.factories import Cast
from tests.web.customer.conftest import Standing

TOKEN = re.compile(rb'name="token" value="[^"]+"')


class Asked(Exception):
    """Flask was asked."""


@pytest.fixture
def alone_at_the_door(house: Standing, monkeypatch: pytest.MonkeyPatch) -> Standing:
    """The installation with nobody behind the threshold."""

    def refuse(environ: object, start_response: object) -> Iterable[bytes]:
        raise Asked

    monkeypatch.setattr(house.app.wsgi_app, "_rooms", refuse)
    return house


def scan(house: Standing, path: str, **more: Any) -> tuple[bytes, dict[str, str]]:
    answered: dict[str, str] = {}

    def start(status: str, headers: list[tuple[str, str]], error: object = None) -> None:
        assert status == "200 OK"
        answered.update(headers)

    body = b"".join(house.app.wsgi_app(EnvironBuilder(path, **more).get_environ(), start))  # type: ignore[arg-type]
    return body, answered


def test_a_repeated_scan_does_without_flask(house: Standing, cast: Cast, alone_at_the_door: Standing) -> None:
    for language in ("en", "de", "ar"):
        headers = {"Accept-Language": language}
        with pytest.MonkeyPatch.context() as undone:
            undone.setattr(house.app.wsgi_app, "_rooms", type(house.app).wsgi_app.__get__(house.app))
            first = house.browser().get(f"/q/{cast.table_link}", headers=headers)
        body, told = scan(house, f"/q/{cast.table_link}", headers=headers)
        assert TOKEN.sub(b"", body) == TOKEN.sub(b"", first.data)
        assert told | {"Vary": ""} == dict(first.headers) | {"Vary": ""}  # Flask adds "Cookie" to it
        assert TOKEN.findall(body) != TOKEN.findall(first.data)


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/q/{code}", {"method": "HEAD"}),
        ("/q/{code}", {"method": "POST"}),
        ("/q/{code}?lang=de", {}),
        ("/q/{code}/", {}),
        ("/q/", {}),
        ("/q/ZZZZZZZZ", {}),
        ("/r", {}),
        ("/", {}),
    ],
)
def test_everything_else_goes_on_to_flask(
    client: FlaskClient, cast: Cast, alone_at_the_door: Standing, path: str, more: dict[str, str]
) -> None:
    with pytest.raises(Asked):
        scan(alone_at_the_door, path.format(code=cast.table_link), **more)


def test_so_does_a_scan_while_the_store_is_away(
    cast: Cast, alone_at_the_door: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(self: object) -> int:
        raise StoreBusy

    monkeypatch.setattr(type(alone_at_the_door.app.extensions[NAME].store), "version", away)
    with pytest.raises(Asked):
        scan(alone_at_the_door, f"/q/{cast.table_link}")


def test_nothing_that_one_visitor_asked_for_is_shown_to_the_next(alone: Standing) -> None:
    code, browser = alone.cast.table_link, alone.browser()
    browser.get(f"/q/{code}?lang=de&email=ida%40private.example&x=1")
    for path in (f"/q/{code}?lang=de", f"/q/{code}"):
        page = browser.get(path, headers={"Accept-Language": "de"}).text
        assert "private" not in page and "x=1" not in page
        assert 'href="?lang=ar"' in page
