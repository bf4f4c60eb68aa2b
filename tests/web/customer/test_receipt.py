"""GET and POST /r: coming back with a receipt, typed in any way; what became of the words, and no more than that."""

import re
from http.cookies import SimpleCookie

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from feedback import clock
from feedback.core import cases, history, praise, withholding
from feedback.core.access import viewer_of
from feedback.core.accounts import Account
from feedback.core.cases import Case, Status
from feedback.core.people import Person
from feedback.core.praise import Praise
from feedback.core.submissions import Submission, normal_receipt
from feedback.db import Store
from tests.factories import Cast
from tests.ground.pages import field_values, links, visible_text, well_formed
from tests.story import at_work, statements, viewer
from tests.web.customer.conftest import Standing
from tests.web.customer.hand import STYLES, WORDS, post, rows, say
from tests.web.customer.test_scan import LANGUAGES, OUTSIDE
from tests.web.customer.test_scan_changes import repoint

UNKNOWN = "0000-0000-0000-0000-0000-0000"


def enter(browser: FlaskClient, receipt: str | bytes, style: str = "urlencoded") -> TestResponse:
    return post(browser, "/r", [("receipt", receipt)], style)


def conversation(browser: FlaskClient, receipt: str) -> str:
    """The page behind a receipt."""
    assert enter(browser, receipt).status_code == 303
    page = browser.get("/r")
    assert page.status_code == 200
    assert well_formed(page.text) == []
    return page.text


@pytest.mark.parametrize("style", STYLES)
def test_a_typed_receipt_opens_the_words(client: FlaskClient, cast: Cast, house: Standing, style: str) -> None:
    said = {"kind": "complaint", "message": WORDS, "person_note": "tall", "topic": str(cast.cold_food), "rating": "5"}
    receipt = say(client, cast.table_link, **said)
    browser = house.browser()
    answer = enter(browser, receipt, style)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/r")
    (header,) = answer.headers.getlist("Set-Cookie")
    cookie = SimpleCookie(header)["receipt"]
    assert (cookie["path"], cookie["samesite"], bool(cookie["httponly"]), cookie["max-age"]) == ("/r", "Lax", True, "")
    page = browser.get("/r")
    shown = visible_text(page.text)
    for words in (WORDS, "Table 4", "Terrace", "tall", "Cold food", "Very good", "Received"):
        assert words in shown
    assert page.headers["Cache-Control"] == "no-store"
    assert receipt not in page.text


def test_any_way_of_typing_is_understood(client: FlaskClient, cast: Cast, house: Standing) -> None:
    receipt = say(client, cast.maria_link)
    plain = receipt.replace("-", "")
    worst = receipt.lower().replace("0", "o").replace("1", "l")
    for typed in (
        plain, receipt.lower(), f"  {receipt}\n", receipt.replace("-", " "), " ".join(plain), worst,
        worst.upper().replace("L", "i"), receipt.replace("-", "--"), "\t".join(receipt.split("-")), f"-{receipt}-",
        receipt.replace("-", "\u00a0"), receipt.replace("-", "\u2003"),
    ):  # fmt: skip
        assert enter(house.browser(), typed).status_code == 303, typed


def test_a_receipt_copied_with_its_address_or_other_hyphens(client: FlaskClient, cast: Cast, house: Standing) -> None:
    receipt = say(client, cast.maria_link)
    for hyphen in ("\u2010", "\u2011", "\u2013", "\u2212", "\u00ad"):
        assert enter(house.browser(), receipt.replace("-", hyphen)).status_code == 303, repr(hyphen)
    assert enter(house.browser(), f" http://localhost/r#{receipt}").status_code == 303


NO_RECEIPT = (
    "", " ", UNKNOWN, "ABCD", "0" * 23, "0" * 25, "U" * 24, "9" * 30, "9223372036854775808", "x" * 2**20, "-" * 24, "'; --",
    "{{receipt}}", "<script>", "\u0660" * 24, "\uff10" * 24, b"\0" * 24, b"\xed\xa0\x80", b"\xff" * 24, "ß" * 12,
)  # fmt: skip


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)  # but for one, none is even looked up
@pytest.mark.parametrize("style", STYLES)
def test_what_is_no_receipt_is_refused_and_kept(client: FlaskClient, house: Standing, style: str) -> None:
    before = rows(house.store)
    for bad in NO_RECEIPT:
        answer = enter(client, bad, style)
        assert answer.status_code == 422, (bad, answer.status)
        assert "Set-Cookie" not in answer.headers
        assert "We know no such receipt" in visible_text(answer.text)
        if isinstance(bad, str):
            assert field_values(answer.text)["receipt"] == bad
    assert well_formed(answer.text) == []
    assert rows(house.store) == before


def test_a_receipt_with_something_unreadable_in_it_is_refused(client: FlaskClient, cast: Cast, house: Standing) -> None:
    receipt = say(client, cast.maria_link)
    for bad in (receipt.encode() + b"\0", b"\xff" + receipt.encode()):
        assert enter(house.browser(), bad).status_code == 422
    answer = post(house.browser(), "/r", [("receipt", receipt), ("receipt", UNKNOWN)])
    assert answer.status_code == 422


def test_bodies_that_are_none_are_refused(client: FlaskClient) -> None:
    assert client.post("/r").status_code == 415
    assert client.post("/r", json={"receipt": UNKNOWN}).status_code == 415
    assert enter(client, "x" * (2 * 2**20)).status_code == 413


@pytest.mark.parametrize("cookie", ["", "x", UNKNOWN, "\xff", "0" * 4000, "'", "%00"])
def test_a_cookie_that_holds_nothing_leads_to_the_page_to_type_one(client: FlaskClient, cookie: str) -> None:
    client.set_cookie("receipt", cookie, path="/r")
    page = client.get("/r")
    assert page.status_code == 200
    assert "receipt" in field_values(page.text)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_to_type_one_is_in_order(client: FlaskClient, lang: str) -> None:
    page = client.get(f"/r?lang={lang}")
    assert page.status_code == 200
    assert well_formed(page.text) == []
    assert f'<html lang="{lang}"' in page.text
    assert field_values(page.text) == {"receipt": ""}
    assert re.findall(r'src="([^"]+)"', page.text) == ["/static/js/receipt.js"]
    assert "script-src 'self'" in page.headers["Content-Security-Policy"].split("; ")
    assert "Set-Cookie" not in page.headers
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("lang", ["de", "ar"])
def test_the_conversation_is_told_in_the_language_asked_for(client: FlaskClient, cast: Cast, lang: str) -> None:
    conversation(client, say(client, cast.maria_link, message=WORDS))
    page = client.get(f"/r?lang={lang}")
    assert f'<html lang="{lang}"' in page.text
    assert well_formed(page.text) == []
    assert WORDS in visible_text(page.text)
    assert "Received" not in visible_text(page.text)
    assert not OUTSIDE.search(page.text)
    for link in links(page.text):
        assert client.get("/r" + link.href).status_code == 200


def test_another_customer_sees_only_their_own(client: FlaskClient, cast: Cast, house: Standing) -> None:
    """Wrong person: each receipt opens one submission."""
    mine = say(client, cast.maria_link, message="Mine alone")
    other = say(house.browser(), cast.maria_link, message="Another’s")
    page = conversation(client, mine)
    assert "Mine alone" in page and "Another’s" not in page
    page = conversation(client, other)
    assert "Another’s" in page and "Mine alone" not in page


def test_being_signed_in_opens_nothing(app: Flask, client: FlaskClient, cast: Cast) -> None:
    """Wrong role: not even an admin comes to a conversation without its receipt."""
    say(client, cast.maria_link, message="Mine alone")
    for key in ("maria", "berta", "anna"):
        page = at_work(app, cast, key).get("/r")
        assert "Mine alone" not in page.text and "receipt" in field_values(page.text)


def test_closing_forgets_it_on_this_device(client: FlaskClient, cast: Cast) -> None:
    receipt = say(client, cast.maria_link, message="Mine alone")
    conversation(client, receipt)
    answer = client.post("/r", data={"forget": "1"})
    assert answer.status_code == 303
    assert client.get_cookie("receipt", path="/r") is None
    assert "Mine alone" not in client.get("/r").text
    assert "Mine alone" in conversation(client, receipt)


def test_the_button_that_closes_is_one_that_works(client: FlaskClient, cast: Cast) -> None:
    page = conversation(client, say(client, cast.maria_link))
    (form,) = re.findall(r"<form.*?</form>", page, flags=re.DOTALL)
    name, value = re.findall(r'<button[^>]*name="(\w+)"[^>]*value="([^"]+)"', form)[0]
    assert client.post("/r", data={name: value}).status_code == 303
    assert client.get_cookie("receipt", path="/r") is None


def test_praise_tells_whom_it_reached_and_that_it_was_read(app: Flask, client: FlaskClient, cast: Cast) -> None:
    receipt = say(client, cast.maria_link, message="Thanks")
    page = visible_text(conversation(client, receipt))
    assert "Your words went to Maria." in page and "read your words" not in page
    assert at_work(app, cast, "maria").get("/praise").status_code == 200
    assert "Maria read your words" in visible_text(client.get("/r").text)


@pytest.mark.parametrize("fate", ["waits", "passed on", "kept back"])
@pytest.mark.parametrize("code", ["maria_link", "table_link"])
def test_praise_that_waits_reads_like_any_other_to_its_sender(
    app: Flask, client: FlaskClient, cast: Cast, house: Standing, code: str, fate: str
) -> None:
    link, words = getattr(cast, code), {"topic": str(cast.missing_parts)} if code == "table_link" else {}
    plain = say(client, link, message="Well done you", **words)
    thanked = seen(client.get("/thanks").text)
    receipt = say(client, link, message="You moron you", **words)
    assert seen(client.get("/thanks").text) == thanked
    berta = viewer(house.store, cast.berta)
    with house.store.write() as session:
        (letter,) = session.scalars(select(Praise).where(Praise.is_held))
        if fate == "passed on":
            praise.deliver(session, berta, letter.id, clock.now())
        elif fate == "kept back":
            withholding.keep_back(session, berta, letter.id, "Insults", clock.now())
    assert seen(conversation(client, receipt)) == seen(conversation(client, plain))


def seen(page: str) -> str:
    """What a page says, without the words and the receipt in it."""
    return re.sub(r"(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}", "", visible_text(page)).replace("You moron", "Well done")


def test_a_complaint_tells_who_reads_it_and_what_became_of_it(client: FlaskClient, cast: Cast, store: Store) -> None:
    receipt = say(client, cast.maria_link, kind="complaint", message="m")
    page = visible_text(conversation(client, receipt))
    assert "Your words have arrived and wait to be taken up." in page
    work_on_it(store, cast)
    page = visible_text(client.get("/r").text)
    assert "Someone is looking into it" in page


def test_what_is_internal_never_shows(client: FlaskClient, cast: Cast, store: Store) -> None:
    receipt = say(client, cast.maria_link, kind="complaint", message="m", contact_email="me@home.example")
    work_on_it(store, cast)
    page = conversation(client, receipt)
    for secret in ("SECRET NOTE", "Karim", "Haddad", "Berta", "Stein", "Lopez", "me@home.example", "noted", "assigned",
                   str(cast.karim), str(cast.maria), "garden-house.example"):  # fmt: skip
        assert secret not in page, secret


def test_a_closed_case_says_so(client: FlaskClient, cast: Cast, store: Store) -> None:
    receipt = say(client, cast.table_link, kind="complaint", message="m")
    with store.write() as session:
        session.execute(update(Case).values(status=Status.CLOSED, closed_at=clock.now()))
        history.add(session, session.scalars(select(Submission)).one(), "closed", clock.now(), by_id=cast.berta)
    page = visible_text(conversation(client, receipt))
    assert "This is closed." in page and "Closed" in page and "Berta" not in page


def test_an_event_that_a_later_version_adds_does_not_break_the_page(
    client: FlaskClient, cast: Cast, store: Store
) -> None:
    receipt = say(client, cast.table_link, kind="complaint", message="m")
    with store.write() as session:
        history.add(session, session.scalars(select(Submission)).one(), "escalated", clock.now(), text="SECRET NOTE")
    assert "SECRET NOTE" not in conversation(client, receipt)


def test_old_words_keep_whom_they_were_for_when_the_link_leads_elsewhere(alone: Standing) -> None:
    browser = alone.browser()
    receipt = say(browser, alone.cast.maria_link, message="Thanks")
    repoint(alone, alone.cast.maria_link, person_id=alone.cast.karim)
    said = visible_text(conversation(browser, receipt))
    assert "Maria" in said and "Karim" not in said


def test_words_are_shown_as_words(client: FlaskClient, cast: Cast) -> None:
    nasty = "</p><script>alert(1)</script>\n\u202e{{7*7}}"
    page = conversation(client, say(client, cast.table_link, message=nasty, person_note=nasty.replace("\n", " ")))
    assert "<script" not in page and "49" not in visible_text(page)


def test_empty_praise_says_so_kindly(client: FlaskClient, cast: Cast) -> None:
    assert "No words, just thanks" in visible_text(conversation(client, say(client, cast.maria_link)))


def test_a_conversation_asks_a_fixed_number_of_things(
    app: Flask, client: FlaskClient, cast: Cast, store: Store
) -> None:
    receipt = say(client, cast.maria_link, kind="complaint", message="m")
    conversation(client, receipt)
    with statements(app) as few:
        client.get("/r")
    for _ in range(10):
        work_on_it(store, cast)
    with statements(app) as many:
        client.get("/r")
    assert len(many) == len(few) <= 20


def test_a_receipt_is_kept_in_one_form(client: FlaskClient, cast: Cast) -> None:
    receipt = say(client, cast.maria_link)
    assert normal_receipt(receipt.lower()) == receipt


def work_on_it(store: Store, cast: Cast) -> None:
    """Berta gives the case to Karim and writes an internal note."""
    with store.write() as session:
        berta = session.get_one(Person, cast.berta)
        viewer = viewer_of(session, berta, session.get_one(Account, cast.berta))
        case = session.scalars(select(Case)).one()
        cases.assign(session, viewer, case, cast.karim, version=case.version, at=clock.now())
        cases.note(session, viewer, case, "SECRET NOTE", clock.now())


TAKE_BACK = {"act": "show_no_more"}


def test_the_customer_takes_back_that_the_words_may_be_shown(client: FlaskClient, store: Store, cast: Cast) -> None:
    receipt = say(client, cast.maria_link, message="So kind", may_share="1")
    client.post("/r", data={"receipt": receipt})
    assert "You allowed your words to be shown on a wall" in visible_text(client.get("/r").text)
    assert client.post("/r", data=TAKE_BACK).status_code == 303
    with store.read() as session:
        assert not session.scalars(select(Submission.may_share)).one()
    page = client.get("/r").text
    assert "You allowed your words" not in visible_text(page) and "So kind" in visible_text(page)


def test_nobody_else_takes_it_back(client: FlaskClient, store: Store, cast: Cast) -> None:
    say(client, cast.maria_link, message="So kind", may_share="1")
    client.delete_cookie("receipt", path="/r")
    client.post("/r", data=TAKE_BACK)
    assert "show_no_more" not in client.get("/r").text
    with store.read() as session:
        assert session.scalars(select(Submission.may_share)).one()
