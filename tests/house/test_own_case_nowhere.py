"""Whose case it is not finds nothing of it, wherever they go: every page they can reach, every search, every mail.

Nine visitors, as in the access grid, follow every link they are shown, type the address of every case and search for
its words. Each case has words of its own in all that was said of it: by the customer, in a note, in the answer, at the
end. What each may find is written down here, from the table in the README, not asked of the house.
"""

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from feedback import clock
from feedback.config import Settings
from feedback.core import cases
from feedback.core.cases import Case, Cause, Ending, Outcome, Remedy, Says
from feedback.core.submissions import Kind
from feedback.db import Store
from feedback.outbound import worker
from tests.factories import Cast, address_of, send
from tests.ground.smtp import Mailbox
from tests.ground.walk import MOST_PAGES, amiss, walk
from tests.story import arrives, at_work, concern, viewer

STAFF = ("maria", "karim", "hans", "berta", "paula", "anna")
CUSTOMERS = ("holder", "other")
# Case to who may find it. Dora, who directs everything and is none of the nine, worked on each.
MAY = {
    "maria": {"karim", "berta", "anna"},  # about her, in Karim's hands
    "karim": {"berta", "anna"},  # by his tile on the form of a table
    "hans": {"berta", "paula", "anna"},  # Packing reads along; that it concerns him was found out later
    "berta": {"anna"},  # about the management of her department
    "paula": {"berta", "anna"},  # as with Hans
    "anna": {"berta"},  # found out later
    "holder": {"holder", "berta", "anna"},
    "other": {"other", "berta", "anna"},
}
SAID, NOTED, ANSWERED, LEARNT, MAIL = "zz{}said", "zz{}noted", "zz{}answered", "zz{}learnt", "zz{}@mail.example"
# Pictures of codes, and lists of cases narrowed by two things at once.
LEFT_OUT = re.compile(r"/(static|links/\d+\.|links/print|cases\?.*&|cases/\d+\?|cases/\d+/\w+\?)")
FOUND = re.compile(r"zz[a-z]+(?:said|noted|answered|learnt|@mail\.example)")
SEEDS = (
    "/", "/r", "/praise", "/praise/letters.json", "/praise?whose=kept-back", "/cases", "/cases?ticked=none", "/notices",
    "/links", "/admin", "/admin/routing", "/account",
)  # fmt: skip


@pytest.fixture
def numbers(app: Flask, store: Store, cast: Cast) -> dict[str, int]:
    """The cases by name, each brought to its end by the director."""
    told = {key: SAID.format(key) for key in MAY}
    packing = {"topic_ids": (cast.cold_food, cast.missing_parts)}
    found = {
        "maria": arrives(store, cast.maria_link, message=told["maria"]),
        "karim": arrives(store, cast.table_link, message=told["karim"], person_id=cast.karim),
        "hans": arrives(store, cast.kitchen_link, message=told["hans"], **packing),
        "berta": arrives(store, cast.kitchen_link, message=told["berta"], about_management=True),
        "paula": arrives(store, cast.kitchen_link, message=told["paula"], **packing),
        "anna": arrives(store, cast.kitchen_link, message=told["anna"], kind=Kind.SUGGESTION),
    }
    for key in ("hans", "paula", "anna"):
        concern(store, found[key], getattr(cast, key))
    for key in CUSTOMERS:
        contact = {"contact_email": MAIL.format(key), "may_contact": "1"}
        found[key] = _sent(app, store, cast.kitchen_link, message=told[key], **contact)
    for key, number in found.items():
        _handled(store, cast, key, number, cast.karim if key == "maria" else cast.dora)
    return found


@pytest.fixture
def receipts(app: Flask) -> dict[str, str]:
    """The cookies with which the customers come back."""
    return app.extensions["tests.receipts"]  # type: ignore[no-any-return]


def _sent(app: Flask, store: Store, code: str, **said: str) -> int:
    """A complaint sent by a customer's browser, whose receipt is kept."""
    browser = app.test_client()
    answer = send(browser, code, kind="complaint", **said)
    assert answer.status_code == 303, answer.text
    receipt = re.findall(r"(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}", browser.get("/thanks").text)[0]
    app.extensions.setdefault("tests.receipts", {})[said["message"].removeprefix("zz").removesuffix("said")] = receipt
    with store.read() as session:
        return max(session.query(Case.id).all())[0]  # type: ignore[no-any-return]


def _handled(store: Store, cast: Cast, key: str, number: int, handler: int) -> None:
    dora, at = viewer(store, cast.dora), clock.now()
    ending = Ending(Outcome.UPHELD, Cause.PROCESS, Remedy.APOLOGY, LEARNT.format(key))
    with store.write() as session:
        case = session.get_one(Case, number)
        cases.assign(session, dora, case, handler, version=case.version, at=at)
        cases.note(session, dora, case, NOTED.format(key), at)
        cases.reply(session, dora, case, ANSWERED.format(key), Says.ANSWERED, version=case.version, at=at)
        cases.close(session, dora, case, ending, version=case.version, at=at)


def test_in_no_page_count_search_or_export(
    app: Flask, store: Store, cast: Cast, numbers: dict[str, int], receipts: dict[str, str]
) -> None:
    wrong = []
    for visitor in ("nobody", *CUSTOMERS, *STAFF):
        browser = _browser(app, cast, visitor, receipts)
        walked = walk(browser, _start(numbers), FOUND, left_out=LEFT_OUT, follows=store.is_sqlite)
        mine = {key for key, may in MAY.items() if visitor in may}
        inside = mine if visitor in STAFF else set()
        expected = {template.format(key) for key in mine for template in (SAID, ANSWERED)}
        expected |= {template.format(key) for key in inside for template in (NOTED, LEARNT)}
        expected |= {MAIL.format(key) for key in inside & set(CUSTOMERS)}
        wrong += amiss(visitor, walked.words, expected)
        wrong += amiss(visitor, _opened(browser, numbers), inside)
        wrong += _miscounted(browser, visitor, len(inside))
        assert len(walked.pages) < MOST_PAGES, (visitor, "has more pages than were looked at")
    assert not wrong, "\n".join(wrong)


def test_in_no_mail(
    app: Flask, store: Store, cast: Cast, numbers: dict[str, int], settings: Settings, mailbox: Mailbox
) -> None:
    worker.run(store, replace(settings, smtp_url=mailbox.url, mail_from="shop@garden-house.example"), once=True)
    told = {key: " ".join(map(str, mailbox.to(address_of(key)))) for key in STAFF}
    found = {
        (key, case) for key, text in told.items() for case in MAY if f"zz{case}" in text or str(numbers[case]) in text
    }
    assert found <= {(key, case) for case, may in MAY.items() for key in may}
    assert ("berta", "karim") in found and ("karim", "maria") in found
    for customer in CUSTOMERS:
        assert not re.search(
            r"zz\w+?(said|noted|answered|learnt)", " ".join(map(str, mailbox.to(MAIL.format(customer))))
        )


def _browser(app: Flask, cast: Cast, visitor: str, receipts: dict[str, str]) -> FlaskClient:
    if visitor in STAFF:
        return at_work(app, cast, visitor)
    browser = app.test_client()
    if visitor in receipts:
        browser.set_cookie("receipt", receipts[visitor], path="/r")
    return browser


def _start(numbers: dict[str, int]) -> list[str]:
    """The start pages, the address of every case, and every search for its words."""
    searched = [f"/cases?q=zz{key}" for key in numbers]  # the page repeats it, and no whole word of ours
    return [*SEEDS, *(f"/cases/{number}" for number in numbers.values()), *searched]


def _opened(browser: FlaskClient, numbers: dict[str, int]) -> set[str]:
    """The cases whose address opens."""
    return {key for key, number in numbers.items() if browser.get(f"/cases/{number}").status_code == 200}


def _miscounted(browser: FlaskClient, visitor: str, n: int) -> list[str]:
    if visitor not in STAFF:
        return []
    found = re.findall(r"(\d+) cases?\b", browser.get("/cases").text)
    return [] if found in ([str(n)], [] if n == 0 else [str(n)]) else [f"{visitor} counts {found}, not {n}"]
