"""The wall's page and feed: public by their address, the same for everyone, silent about everything else."""

import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from feedback.core import walls
from feedback.db import Store
from tests.core.test_praise import thanks
from tests.core.test_walls import wall
from tests.factories import BEGINNING, Cast
from tests.ground.pages import well_formed
from tests.story import SECRET, at_work, fill_in, statements, token_for, viewer


@pytest.fixture
def way(store: Store, cast: Cast) -> str:
    """The address of a wall of the Kitchen, with one letter to Maria on it."""
    made = wall(store, cast)
    letter = thanks(store, cast.maria_link, message="So <b>kind</b>", may_share=True, contact_email="a@b.example")
    with store.write() as session:
        assert walls.put_up(session, viewer(store, cast.maria), letter, BEGINNING)
    return f"/wall/{walls.token_of(made, SECRET)}"


def told(browser: FlaskClient, way: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(browser.get(f"{way}/feed").text)
    return found


def test_it_shows_the_words_and_nothing_of_who_wrote_them(client: FlaskClient, way: str) -> None:
    answer = client.get(way)
    assert (answer.status_code, answer.mimetype) == (200, "text/html") and well_formed(answer.text) == []
    assert "So &lt;b&gt;kind&lt;/b&gt;" in answer.text and "a@b.example" not in answer.text
    assert "Set-Cookie" not in answer.headers and "connect-src 'self'" in answer.headers["Content-Security-Policy"]
    (letter,) = told(client, way)["letters"]
    assert set(letter) == {"id", "words", "lang", "to", "place", "on"}
    assert (letter["words"], letter["to"]) == ("So <b>kind</b>", "Maria")


def test_what_did_not_change_is_not_sent_again(app: Flask, client: FlaskClient, way: str) -> None:
    first = client.get(f"{way}/feed")
    with statements(app) as seen:
        again = client.get(f"{way}/feed", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
    assert sum("FROM" in one for one in seen) <= 4  # the schema's version, the organisation, the wall, what it shows


def test_a_closed_wall_says_so_and_shows_nothing(app: Flask, cast: Cast, client: FlaskClient, way: str) -> None:
    page = manager_page(app, cast)
    berta = at_work(app, cast, "berta")
    fill_in(berta, page, f"{page}/closure")
    for address in (way, f"{way}/feed"):
        answer = client.get(address)
        assert answer.status_code == 410 and "This wall is closed." in answer.text and "kind" not in answer.text
    fill_in(berta, page, f"{page}/closure")
    assert client.get(way).status_code == 200


def test_a_new_address_ends_the_old_one(app: Flask, cast: Cast, client: FlaskClient, way: str) -> None:
    page = manager_page(app, cast)
    fill_in(at_work(app, cast, "berta"), page, f"{page}/address")
    assert client.get(way).status_code == client.get(f"{way}/feed").status_code == 404
    moved = re.findall(r"/wall/\w{26}", at_work(app, cast, "berta").get(page).text)[0]
    assert client.get(moved).status_code == 200


@pytest.mark.parametrize("token", ["x", "0" * 26, "%00"])
def test_what_is_no_address_is_nothing(client: FlaskClient, token: str) -> None:
    assert client.get(f"/wall/{token}").status_code == client.get(f"/wall/{token}/feed").status_code == 404


def test_it_speaks_its_own_language(store: Store, cast: Cast, client: FlaskClient, way: str) -> None:
    with store.write() as session:
        found = walls.with_token(session, way.rpartition("/")[2])
        assert found is not None
        found.language = "ar"
    page = client.get(way, headers={"Accept-Language": "de"}).text
    assert '<html lang="ar" dir="rtl">' in page


def test_an_empty_wall_says_what_will_come(store: Store, cast: Cast, client: FlaskClient) -> None:
    made = wall(store, cast)
    assert "Here the first thank-you will appear" in client.get(f"/wall/{walls.token_of(made, SECRET)}").text


def test_one_tap_each_way(app: Flask, store: Store, cast: Cast, client: FlaskClient, way: str) -> None:
    letter = thanks(store, cast.maria_link, message="And again", may_share=True)
    maria = at_work(app, cast, "maria")
    answer = fill_in(maria, "/praise", f"/praise/{letter}/showing")
    assert (answer.status_code, answer.location) == (303, f"/praise#letter-{letter}")
    assert "And again" in client.get(f"{way}/feed").text
    fill_in(maria, "/praise", f"/praise/{letter}/showing/removal")
    assert "And again" not in client.get(f"{way}/feed").text
    page = f"/praise?department={cast.kitchen}"
    assert f"/praise/{letter}/showing" not in at_work(app, cast, "berta").get(page).text


def test_who_else_is_named_is_said(app: Flask, store: Store, cast: Cast, way: str) -> None:
    letter = thanks(store, cast.maria_link, message="You and Karim Haddad!", may_share=True)
    maria = at_work(app, cast, "maria")
    fill_in(maria, "/praise", f"/praise/{letter}/showing")
    assert "It names somebody else too" in maria.get("/praise").text


@pytest.mark.parametrize("key", ["karim", "paula"])
@pytest.mark.parametrize("act", ["showing", "showing/removal"])
def test_only_whom_it_is_for(app: Flask, store: Store, cast: Cast, way: str, key: str, act: str) -> None:
    letter = thanks(store, cast.maria_link, message="And again", may_share=True)
    browser = at_work(app, cast, key)
    assert browser.post(f"/praise/{letter}/{act}", data={"csrf_token": token_for(browser)}).status_code == 404
    assert browser.post(f"/praise/{letter}/{act}").status_code == 400  # and no other site


def manager_page(app: Flask, cast: Cast) -> str:
    """The page of the one wall there is."""
    return re.findall(r'href="(/walls/\d+)"', at_work(app, cast, "berta").get("/walls").text)[0]
