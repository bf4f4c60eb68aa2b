"""POST /thanks/mail: the receipt goes once to an address, which is forgotten when the mail has left."""

import itertools
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from feedback.core.notices import About, Notice
from feedback.outbound import worker
from feedback.web.customer import thanks
from tests.ground.pages import field_values, links, visible_text, well_formed
from tests.ground.smtp import Mailbox
from tests.web.customer.conftest import Standing, standing
from tests.web.customer.hand import STYLES, post, rows, say

TO = "ida@home.example"
NO_ADDRESS: tuple[str | bytes, ...] = (
    "", " ", "ida", "ida@", "@home.example", "ida@home@example", "ida@home.example, eve@x.example", "a b@c.example",
    "Ida <ida@home.example>", "ida@home.example\r\nBcc: eve@x.example", "ida@home.example\nX: y",
    b"ida@home.example\0", b"id\xeda@home.example", b"\xed\xa0\x80@home.example", "9" * 30,
    "x" * 400 + "@home.example", "ida@" + "x" * 400, "x" * 2**20, "ida@home.example;eve@x.example",
    '"ida"@home.example', "id\x0ba@home.example", "ida\x1b@home.example", "ida@home\x7f.example",
    "ida@home.example\u2028x@y", "ida@home.example\x85x",
)  # fmt: skip


@pytest.fixture
def mailing(database_url: str, tmp_path: Path, mailbox: Mailbox) -> Iterator[Standing]:
    """An installation that can send mail."""
    with standing(database_url, tmp_path, smtp_url=mailbox.url) as made:
        yield made


def ask(browser: FlaskClient, email: str | bytes = TO, style: str = "urlencoded") -> TestResponse:
    return post(browser, "/thanks/mail", [("email", email)], style)


def owed(house: Standing) -> list[Notice]:
    """The receipts that are to be mailed."""
    with house.store.read() as session:
        return list(session.scalars(select(Notice).where(Notice.about == About.RECEIPT)))


@pytest.mark.parametrize("style", STYLES)
def test_the_receipt_is_mailed_once_and_the_address_forgotten(mailing: Standing, mailbox: Mailbox, style: str) -> None:
    browser = mailing.browser()
    receipt = say(browser, mailing.cast.maria_link)
    page = browser.get("/thanks").text
    assert field_values(page, "/thanks/mail") == {"email": ""}
    answer = ask(browser, f"  {TO} ", style)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/thanks")
    assert [notice.address for notice in owed(mailing)] == [TO]
    worker.run(mailing.store, mailing.settings, once=True)
    (mail,) = mailbox.to(TO)
    for part in mail.walk():
        if not part.is_multipart():
            assert f"http://localhost/r#{receipt}" in part.get_content()
    assert owed(mailing) == []
    said = browser.get("/thanks").text
    assert "on its way" in visible_text(said) and "/thanks/mail" not in said
    assert ask(browser).status_code == 303
    worker.run(mailing.store, mailing.settings, once=True)
    assert len(mailbox.to(TO)) == 1


def test_many_taps_at_once_owe_one_mail(mailing: Standing) -> None:
    browser = mailing.browser()
    say(browser, mailing.cast.maria_link)
    cookie = browser.get_cookie("receipt", path="/thanks")
    assert cookie
    ready = threading.Barrier(8)

    def tap(number: int) -> int:
        other = mailing.browser()
        other.set_cookie("receipt", cookie.value, path="/thanks")
        ready.wait()
        return ask(other, f"ida{number}@home.example").status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(tap, range(8))) == {303}
    assert len(owed(mailing)) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is refused comes to no store
def test_what_is_no_address_is_refused_and_kept(mailing: Standing) -> None:
    browser = mailing.browser()
    receipt = say(browser, mailing.cast.maria_link)
    before = rows(mailing.store)
    for bad, style in zip(NO_ADDRESS, itertools.cycle(STYLES)):
        answer = ask(browser, bad, style)
        assert answer.status_code == 422, (bad, answer.status)
        assert receipt in answer.text
        assert "name@example.org" in visible_text(answer.text)
        if isinstance(bad, str) and bad.isprintable():
            assert field_values(answer.text, "/thanks/mail")["email"] == bad.strip()
    assert well_formed(answer.text) == []
    for link in links(answer.text):
        if "lang=" in link.href:
            assert browser.get(link.href).status_code == 200
    assert rows(mailing.store) == before


def test_two_addresses_are_refused(mailing: Standing) -> None:
    browser = mailing.browser()
    say(browser, mailing.cast.maria_link)
    answer = post(browser, "/thanks/mail", [("email", TO), ("email", "eve@x.example")])
    assert answer.status_code == 422
    assert owed(mailing) == []


def test_unusual_addresses_are_taken(mailing: Standing) -> None:
    for address in ("ida+me@home.example", "o'hara@home.example", "идa@почта.example", "a@b"):
        browser = mailing.browser()
        say(browser, mailing.cast.maria_link)
        assert ask(browser, address).status_code == 303
        assert address in [notice.address for notice in owed(mailing)]


def test_without_the_cookie_nothing_is_sent(mailing: Standing) -> None:
    say(mailing.browser(), mailing.cast.maria_link)
    answer = ask(mailing.browser())
    assert (answer.status_code, answer.headers["Location"]) == (303, "/thanks")
    assert owed(mailing) == []


def test_an_installation_without_mail_does_not_offer_it(client: FlaskClient, house: Standing) -> None:
    say(client, house.cast.maria_link)
    assert "/thanks/mail" not in client.get("/thanks").text
    assert ask(client).status_code == 404
    assert owed(house) == []


def test_bodies_that_are_none_are_refused(mailing: Standing) -> None:
    browser = mailing.browser()
    say(browser, mailing.cast.maria_link)
    assert browser.post("/thanks/mail").status_code == 415
    assert browser.post("/thanks/mail", json={"email": TO}).status_code == 415
    assert ask(browser, "x" * (2 * 2**20)).status_code == 413
    assert owed(mailing) == []


def test_one_address_cannot_have_the_world_mailed(mailing: Standing, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cookie is not a licence to send mail to anyone: a window holds so many of one network address."""
    monkeypatch.setattr(thanks, "MAILS", 2)
    browser = mailing.browser()
    for _ in range(2):
        say(browser, mailing.cast.maria_link)
        assert ask(browser).status_code == 303
    say(browser, mailing.cast.maria_link)
    answer = ask(browser, "one-more@home.example")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert len(owed(mailing)) == 2
