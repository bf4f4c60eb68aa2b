"""Praise is found by those it is for, and by nobody else, wherever they go: every page they can reach and every mail.

Nine visitors, as in the access grid, follow every link they are shown, narrow the letters to everyone and search them.
Each letter has a word of its own. Who may find which is written down here, from the table in the README, not asked of
the house: what is for a person by that person, what is for a department by everyone in it, both by those who manage
it, and what waits for a manager by them alone.
"""

import re
from dataclasses import replace

import pytest
from flask import Flask

from feedback.config import Settings
from feedback.db import Store
from feedback.outbound import worker
from tests.factories import Cast, address_of, send
from tests.ground.smtp import Mailbox
from tests.ground.walk import MOST_PAGES, amiss, walk
from tests.story import arrives, at_work

STAFF = ("maria", "karim", "hans", "berta", "paula", "anna")
KITCHEN, PACKING = {"maria", "karim", "berta", "anna"}, {"hans", "paula", "anna"}  # with those who manage it
# Letter to who of the staff may read it.
MAY = {
    "maria": {"maria", "berta", "anna"},
    "karim": {"karim", "berta", "anna"},  # in person, by his tile on the form of a table
    "kitchen": KITCHEN,
    "behind": KITCHEN | PACKING,  # for the Kitchen, with a topic that is Packing's
    "held": {"berta", "anna"},  # for Maria, with a bottom rating
    "sought": {"berta", "anna"},  # for somebody in the Kitchen, described
    "holder": KITCHEN,  # sent by a browser that kept its receipt
}
SAID, CONTACT = "zz{}said", "zz{}@mail.example"
FOUND = re.compile(r"zz[a-z]+(?:said|@mail\.example)")
LEFT_OUT = re.compile(r"/(static|links/\d+\.|links/print|admin/(people|departments|places|topics)/\d+/|cases\?.*&)")
SEEDS = (
    "/", "/r", "/praise", "/praise?whose=kept-back", "/praise?whose=waiting", "/praise?whose=departments",
    "/praise/letters.json", "/account/record.json", "/notices", "/cases", "/links", "/account",
)  # fmt: skip


@pytest.fixture
def receipt(app: Flask, store: Store, cast: Cast) -> str:
    """Everything that was said; the receipt of what was sent from a browser."""
    by_place = {"person_id": cast.karim}
    for key, code, said in (
        ("maria", cast.maria_link, {}),
        ("karim", cast.table_link, by_place),
        ("kitchen", cast.kitchen_link, {}),
        ("behind", cast.kitchen_link, {"topic_ids": (cast.missing_parts,)}),
        ("held", cast.maria_link, {"rating": 1}),
        ("sought", cast.table_link, {"person_note": "tall man"}),
    ):
        arrives(store, code, kind="compliment", message=SAID.format(key), contact_email=CONTACT.format(key), **said)
    browser = app.test_client()
    said = {"kind": "compliment", "message": SAID.format("holder"), "contact_email": CONTACT.format("holder")}
    assert send(browser, cast.kitchen_link, may_contact="1", **said).status_code == 303
    return re.findall(r"(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}", browser.get("/thanks").text)[0]  # type: ignore[no-any-return]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the rooms have no SQL of their own
@pytest.mark.parametrize("visitor", ["nobody", "holder", *STAFF])
def test_on_no_page_of_anybody_else(app: Flask, cast: Cast, receipt: str, visitor: str) -> None:
    browser = at_work(app, cast, visitor) if visitor in STAFF else app.test_client()
    if visitor == "holder":
        browser.set_cookie("receipt", receipt, path="/r")
    narrowed = [f"/praise?person={getattr(cast, key)}" for key in STAFF]
    narrowed += [f"/praise?department={number}" for number in (cast.root, cast.kitchen, cast.packing)]
    searched = [f"/{page}q=zz{key}" for key in MAY for page in ("praise?whose=own&", "cases?")]
    found = walk(browser, [*SEEDS, *narrowed, *searched], FOUND, left_out=LEFT_OUT)
    expected = {SAID.format(key) for key, may in MAY.items() if visitor in may | {key} & {"holder"}}
    assert amiss(visitor, found.words - ({CONTACT.format("holder")} if visitor == "holder" else set()), expected) == []
    assert len(found.pages) < MOST_PAGES


def test_in_no_mail_of_anybody_else(
    app: Flask, store: Store, receipt: str, settings: Settings, mailbox: Mailbox
) -> None:
    worker.run(store, replace(settings, smtp_url=mailbox.url, mail_from="shop@garden-house.example"), once=True)
    wrong = []
    for key in STAFF:
        told = " ".join(str(mail.get_body(("plain",)).get_content()) for mail in mailbox.to(address_of(key)))
        found = set(re.findall(r"zz[a-z]+(?:said|@mail\.example)", told))
        wrong += [
            line
            for line in amiss(key, found, {SAID.format(k) for k, may in MAY.items() if key in may})
            if "reads" in line
        ]
    assert wrong == [], wrong
