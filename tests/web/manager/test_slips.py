"""Slips and certificates as they come out of the printer."""

import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient

from feedback import clock
from feedback.db import Store
from tests.core.test_praise import thanks
from tests.factories import Cast
from tests.ground.pages import visible_text, well_formed
from tests.story import arrives, at_work, statements


def read(browser: FlaskClient, address: str) -> str:
    """All text of a PDF."""
    answer = browser.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    return " ".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(answer.data))


@pytest.fixture
def praised(store: Store, cast: Cast) -> None:
    """Two letters of now, and one that waits."""
    now = clock.now()
    contact = {"contact_email": "guest@mail.example", "may_contact": True}
    arrives(store, cast.maria_link, kind="compliment", message="For Maria alone", at=now, **contact)
    arrives(store, cast.kitchen_link, kind="compliment", message="For the kitchen", at=now)
    arrives(store, cast.maria_link, kind="compliment", message="Held for now", rating=1, at=now)


def test_one_slip_each_with_what_is_theirs(app: Flask, cast: Cast, praised: None) -> None:
    berta = at_work(app, cast, "berta")
    page = berta.get("/praise/slips").text
    assert well_formed(page) == [] and "Maria Lopez" in page and "3 slips" in visible_text(page)
    text = read(berta, f"/praise/slips.pdf?department={cast.kitchen}")
    assert text.count("For Maria alone") == 1 and text.count("For the kitchen") == 3 and "Karim Haddad" in text
    assert "Held" not in text and "guest@mail.example" not in text


def test_what_was_read_can_be_printed_too(app: Flask, cast: Cast, praised: None) -> None:
    at_work(app, cast, "maria").get("/praise")
    berta = at_work(app, cast, "berta")
    assert "For Maria alone" not in read(berta, f"/praise/slips.pdf?department={cast.kitchen}")
    assert "For Maria alone" in read(berta, f"/praise/slips.pdf?department={cast.kitchen}&read=1")


@pytest.mark.parametrize("since", ["yesterday", "2020-01-01", "2999-01-01", "\0"])
def test_a_day_that_is_none_is_said(app: Flask, cast: Cast, since: str) -> None:
    berta = at_work(app, cast, "berta")
    answer = berta.get("/praise/slips", query_string={"since": since})
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text
    assert berta.get("/praise/slips.pdf", query_string={"since": since}).status_code == 404


@pytest.mark.parametrize("key", ["maria", "paula"])
def test_of_ones_own_departments_alone(app: Flask, cast: Cast, praised: None, key: str) -> None:
    browser = at_work(app, cast, key)
    for page in ("/praise/slips", "/praise/slips.pdf"):
        assert browser.get(f"{page}?department={cast.kitchen}").status_code == 404


def test_many_people_cost_the_same(app: Flask, store: Store, cast: Cast, praised: None) -> None:
    berta, costs = at_work(app, cast, "berta"), []
    for many in (1, 9):
        for _ in range(many):
            arrives(store, cast.kitchen_link, kind="compliment", at=clock.now())
        with statements(app) as seen:
            berta.get("/praise/slips")
        costs.append(len(seen))
    assert costs[0] == costs[1] < 24


def test_a_certificate_is_for_whom_it_is_for_and_their_manager(app: Flask, store: Store, cast: Cast) -> None:
    letter = thanks(store, cast.maria_link, message="So kind", contact_email="guest@mail.example")
    way = f"/praise/{letter}/certificate.pdf"
    for key in ("maria", "berta", "anna"):
        text = read(at_work(app, cast, key), way)
        assert "So kind" in text and "Maria" in text and "guest" not in text
    for key in ("karim", "paula", "hans"):
        assert at_work(app, cast, key).get(way).status_code == 404
    assert way in at_work(app, cast, "maria").get("/praise").text


def test_no_certificate_of_what_waits(app: Flask, store: Store, cast: Cast) -> None:
    letter = thanks(store, cast.maria_link, message="So so", rating=1)
    assert at_work(app, cast, "berta").get(f"/praise/{letter}/certificate.pdf").status_code == 404
    assert at_work(app, cast, "berta").get("/praise/x/certificate.pdf").status_code == 404


def test_a_team_has_its_certificate(app: Flask, store: Store, cast: Cast) -> None:
    letter = thanks(store, cast.kitchen_link, message="أحسنتم", language="ar")
    assert "Kitchen" in read(at_work(app, cast, "karim"), f"/praise/{letter}/certificate.pdf")
