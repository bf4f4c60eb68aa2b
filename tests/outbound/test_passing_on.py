"""The whole way of a letter that is passed on: from the customer up to who directs, and back to both ends."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from feedback.config import Settings
from feedback.core import rhythms
from feedback.core.rhythms import Rhythm
from feedback.core.submissions import Kind
from feedback.db import Store
from feedback.web import NAME
from tests.factories import Cast, address_of, send
from tests.ground.pages import visible_text
from tests.ground.smtp import Mailbox
from tests.outbound.arrivals import MARIA, Watch, once
from tests.outbound.mails import html, plain
from tests.story import at_work, fill_in
from tests.web.customer.hand import RECEIPT

WORDS, LINE, NOTE = "She ran after me with my hat.", "Through the rain, too.", "I heard of the hat."


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_letter_goes_up_and_thanks_come_down(
    app: Flask, store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch
) -> None:
    app.extensions[NAME] = replace(app.extensions[NAME], settings=replace(mailing))
    with store.write() as session:
        rhythms.choose(session, Rhythm(person_id=cast.dora, cases="at_once", praise="daily", hour=8, weekday=0))
    customer = app.test_client()
    send(customer, cast.maria_link, kind=Kind.COMPLIMENT, message=WORDS)
    found = RECEIPT.search(customer.get("/thanks").text)
    assert found
    customer.post("/r", data={"receipt": found[0]})
    customer.post("/r", data={"act": "tell", "tell_once": "guest@mail.example"})
    once(store, mailing)

    berta, page = at_work(app, cast, "berta"), f"/praise?department={cast.kitchen}"
    n = re.findall(r'id="letter-(\d+)"', berta.get(page).text)[0]
    fill_in(berta, f"/praise/{n}/line", f"/praise/{n}/line", words=LINE)
    for act in ("beyond", "bringing"):
        assert fill_in(berta, page, f"/praise/{n}/{act}?department={cast.kitchen}").status_code == 303
    once(store, mailing)
    assert [mail["Subject"] for mail in mailbox.to(address_of("dora"))] == []  # she wants one a day
    watch.forward(timedelta(days=1))
    once(store, mailing)
    (digest,) = mailbox.to(address_of("dora"))
    for said in (plain(digest), visible_text(html(digest))):
        assert "A manager brings you what a customer wrote to Maria" in said and WORDS in said
    assert f"{mailing.base_url}/praise?whose=passed-on" in plain(digest)

    dora = at_work(app, cast, "dora")
    own = f"/praise/{n}/notes/employee"
    assert fill_in(dora, own, own, words=NOTE).status_code == 303
    tap = f"/praise/{n}/notes/customer?whose=passed-on"
    assert fill_in(dora, "/praise?whose=passed-on", tap).status_code == 303
    once(store, mailing)
    mail = mailbox.to(MARIA)[-1]
    assert mail["Subject"] == "Dora Lang thanks you" and NOTE in plain(mail)
    (mail,) = mailbox.to("guest@mail.example")
    assert "/r#" in plain(mail) and NOTE not in plain(mail)

    text = visible_text(at_work(app, cast, "maria").get("/praise").text)
    assert all(said in text for said in (WORDS, LINE, "Beyond the call of duty", NOTE, "Dora Lang"))
    text = visible_text(customer.get("/r").text)
    assert "They thank you." in text and LINE not in text and NOTE not in text and "Dora" not in text
