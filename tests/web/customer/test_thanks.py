"""GET and POST /thanks: the receipt for half an hour in the browser that sent the words, and nowhere else."""

import re
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from feedback import clock
from feedback.core.submissions import normal_receipt
from feedback.core.submissions import receipt_hash as hash_of
from tests.factories import Cast, send
from tests.ground.pages import field_values, links, visible_text, well_formed
from tests.web.customer.conftest import Standing, standing
from tests.web.customer.hand import WORDS, receipt_on, say, the_submission
from tests.web.customer.test_scan import LANGUAGES, OUTSIDE, assert_policy


def cookie_of(answer: TestResponse) -> dict[str, str]:
    """The attributes of the receipt's cookie."""
    (header,) = answer.headers.getlist("Set-Cookie")
    found = SimpleCookie(header)["receipt"]
    return {name: value for name, value in found.items() if value} | {"value": found.value}


def test_after_sending_a_short_way_leads_to_the_receipt(client: FlaskClient, cast: Cast) -> None:
    answer = send(client, cast.maria_link, kind="compliment")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/thanks")
    cookie = cookie_of(answer)
    assert (cookie["path"], cookie["samesite"], cookie["max-age"]) == ("/thanks", "Lax", "1800")
    assert cookie["httponly"] and "secure" not in cookie and "domain" not in cookie


def test_over_https_the_cookie_is_sent_over_https_only(database_url: str, tmp_path: Path) -> None:
    with standing(database_url, tmp_path, base_url="https://feedback.example") as house:
        cookie = cookie_of(send(house.browser(), house.cast.maria_link, kind="compliment"))
        assert cookie["secure"]


def test_the_receipt_is_shown_in_one_run_of_text_and_opens_what_was_sent(
    client: FlaskClient, cast: Cast, house: Standing
) -> None:
    receipt = say(client, cast.maria_link, message=WORDS)
    page = client.get("/thanks").text
    assert f">{receipt}<" in page
    assert len(receipt) == 29 and normal_receipt(receipt) == receipt
    assert f"http://localhost/r#{receipt}" in [link.href for link in links(page)]
    assert the_submission(house.store).receipt_hash == hash_of(receipt)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_is_in_order_and_needs_nothing_else(client: FlaskClient, cast: Cast, lang: str) -> None:
    say(client, cast.table_link, kind="complaint", message="m")
    page = client.get(f"/thanks?lang={lang}")
    assert well_formed(page.text) == []
    assert f'<html lang="{lang}"' in page.text
    assert not OUTSIDE.search(page.text) and " style=" not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert_policy(page)


def test_it_says_who_reads_it(client: FlaskClient, cast: Cast) -> None:
    say(client, cast.maria_link)
    said = visible_text(client.get("/thanks").text)
    assert "Maria will read this." in said
    say(client, cast.maria_link, kind="complaint", message="m")
    said = visible_text(client.get("/thanks").text)
    assert "The managers of Kitchen read this; Maria does not see it." in said
    assert "You hear back within 3 working days." in said


def test_thanks_that_wait_for_a_manager_do_not_say_so(client: FlaskClient, cast: Cast) -> None:
    say(client, cast.maria_link, rating="1")
    said = visible_text(client.get("/thanks").text)
    assert "Maria will read this." in said and "on its way" not in said


@pytest.mark.parametrize("cookie", ["", "x", "a.b.c", "\xff", "ABCD-EFGH-JKMN-PQRS-TVWX-YZ01", "é" * 500])
def test_without_a_cookie_that_holds_the_words_have_arrived(client: FlaskClient, cookie: str) -> None:
    if cookie:
        client.set_cookie("receipt", cookie, path="/thanks")
    page = client.get("/thanks")
    assert page.status_code == 200
    assert well_formed(page.text) == []
    assert "Your words have arrived." in visible_text(page.text)
    assert "My browser keeps no cookies" in visible_text(page.text)
    assert page.headers["Cache-Control"] == "no-store"


def test_another_browser_sees_nothing_of_it(app: Flask, client: FlaskClient, cast: Cast) -> None:
    receipt = say(client, cast.maria_link)
    assert receipt not in app.test_client().get("/thanks").text


def test_a_cookie_of_another_installation_shows_nothing(client: FlaskClient, cast: Cast, alone: Standing) -> None:
    other = alone.browser()
    say(other, alone.cast.maria_link)
    stolen = other.get_cookie("receipt", path="/thanks")
    assert stolen
    client.set_cookie("receipt", stolen.value, path="/thanks")
    assert client.get("/thanks").status_code in (200, 404)
    assert client.get("/thanks/receipt.png").status_code in (200, 404)


def test_after_half_an_hour_the_browser_has_forgotten(client: FlaskClient, cast: Cast) -> None:
    say(client, cast.maria_link)
    cookie = client.get_cookie("receipt", path="/thanks")
    assert cookie
    with time_machine.travel(clock.now().timestamp() + 31 * 60, tick=False):
        client.set_cookie("receipt", cookie.value, path="/thanks")  # a browser with a clock of its own
        assert "Your words have arrived." in visible_text(client.get("/thanks").text)
        assert client.get("/thanks/receipt.png").status_code == 404


def test_the_second_sending_shows_its_own_receipt(client: FlaskClient, cast: Cast) -> None:
    first, second = say(client, cast.maria_link), say(client, cast.table_link)
    assert first != second
    page = client.get("/thanks").text
    assert second in page and first not in page


def test_shown_here_the_receipt_stands_in_the_answer_itself(client: FlaskClient, cast: Cast, house: Standing) -> None:
    form = field_values(client.get(f"/q/{cast.maria_link}").text) | {"kind": "compliment"}
    first = client.post(f"/q/{cast.maria_link}", data=form)
    assert first.status_code == 303
    receipt = receipt_on(client.get("/thanks"))
    answer = house.browser().post(f"/q/{cast.maria_link}", data=form | {"show": "here"})
    assert receipt_on(answer) == receipt
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert well_formed(answer.text) == []
    assert "/thanks" not in answer.text
    assert_policy(answer)
    the_submission(house.store)


def test_done_forgets_the_receipt(client: FlaskClient, cast: Cast) -> None:
    receipt = say(client, cast.maria_link)
    page = client.get("/thanks").text
    (action,) = re.findall(r'<form method="post" action="(/thanks)">', page)
    answer = client.post(action)
    assert answer.status_code == 303
    assert cookie_of(answer)["path"] == "/thanks"
    farewell = client.get(answer.headers["Location"])
    assert farewell.status_code == 200 and receipt not in farewell.text
    assert well_formed(farewell.text) == []
    assert client.get_cookie("receipt", path="/thanks") is None
    assert receipt not in client.get("/thanks").text


def test_done_without_a_receipt_does_no_harm(client: FlaskClient) -> None:
    for answer in (client.post("/thanks"), client.post("/thanks", data=b"\xff\0", content_type="text/plain")):
        assert answer.status_code == 303
    assert client.get("/thanks/farewell").status_code == 200


def test_every_link_on_the_page_leads_somewhere(client: FlaskClient, cast: Cast) -> None:
    say(client, cast.maria_link)
    for page in ("/thanks", "/thanks/farewell", "/r"):
        for link in links(client.get(page).text):
            target = link.href.removeprefix("http://localhost") if not link.href.startswith("?") else page + link.href
            assert client.get(target.partition("#")[0]).status_code == 200, (page, link)


def test_the_receipt_is_in_no_address(client: FlaskClient, cast: Cast) -> None:
    """What stands behind the # is never sent; nothing else may carry it."""
    receipt = say(client, cast.maria_link, message="Mine alone")
    for link in links(client.get("/thanks").text):
        assert receipt not in link.href.partition("#")[0]
    for address in (f"/thanks?receipt={receipt}", f"/r?receipt={receipt}", f"/r/{receipt}"):
        page = client.application.test_client().get(address)
        assert "Mine alone" not in page.text and "Maria" not in page.text and "Set-Cookie" not in page.headers
