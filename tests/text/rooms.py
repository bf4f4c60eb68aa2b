"""Every page and mail there is, room by room, in the pseudo-language; what they must not hold is for the tests."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from io import BytesIO
from unittest.mock import patch

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from feedback import clock, create_app, migrations
from feedback.config import Settings
from feedback.core import (
    cases,
    challenges,
    devices,
    founding,
    lookback,
    promptness,
    pushes,
    recognition,
    replies,
    slips,
    thanks,
    told_once,
    walls,
)
from feedback.core.absences import Absence
from feedback.core.accounts import Account
from feedback.core.cases import Case, Cause, Ending, Outcome, Remedy, Says
from feedback.core.notices import INSIDE, MAIL, About, Notice
from feedback.core.people import Person
from feedback.core.praise import Praise
from feedback.core.promptness import Promptness
from feedback.core.rhythms import Rhythm
from feedback.core.rules import keeping
from feedback.core.submissions import Submission
from feedback.core.surveys import Asking, When, counting
from feedback.core.surveys.design import TYPES
from feedback.core.walls import Wall
from feedback.db import Store, new_id
from feedback.outbound import digests, mail
from feedback.outbound.errands import Desk, Errand, Withdrawn
from feedback.text.languages import PSEUDO
from feedback.web import NAME
from feedback.web.customer.looks import GIF as DOT
from tests.factories import Cast, token_of
from tests.ground import hostile
from tests.ground.pages import field_pairs
from tests.ground.pushes import PushService, subscription
from tests.story import arrives, at_work, fill_in, photographed, token_for, viewer
from tests.surveys import NUMBERED, NUMBERS, answer, attach, published

ASK = f"?lang={PSEUDO}"
SAID, WORD, NOTE, GUEST = "The soup was cold", "soup", "tall man", "Ilse Winter"
REPLIES = ("/admin/replies", "/admin/replies/new")
LOOKS = ("You moron", "Filthy immigrants", "Nice tits", "I know where you live", "I will kill you", "07700 900461")
STATUSES = (400, 404, 405, 410, 413, 415, 429, 500, 503, 507)

WRONG_SETTINGS = {
    "name": "x" * 201,
    "accent": "red",
    "timezone": "Mars",
    "language": "tlh",
    "languages": "tlh",
    "working_days": "8",
    "answer_days": "61",
    "outside_reader": "x",
    "staff_names": "x",
}

Pages = Iterator[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Scene:
    """An application with the cast in it, and its store."""

    app: Flask
    cast: Cast
    settings: Settings
    store: Store


def sends(browser: FlaskClient, code: str, **fields: str) -> TestResponse:
    """Send a form in the pseudo-language."""
    fields.setdefault("token", token_of(browser, code))
    return browser.post(f"/q/{code}{ASK}", data=fields)


def opened(browser: FlaskClient, address: str) -> str:
    """A page that is there."""
    answer = browser.get(address)
    assert answer.status_code == 200, f"{address}: {answer.status}"
    return answer.text


def forms(scene: Scene) -> Pages:
    browser, cast = scene.app.test_client(), scene.cast
    for name, code in (("person", cast.maria_link), ("department", cast.kitchen_link), ("place", cast.table_link)):
        yield name, opened(browser, f"/q/{code}{ASK}")
    wrong = {"kind": "complaint", "rating": "9", "person": "1", "happened_at": "x", "person_note": NOTE * 99}
    yield "errors", sends(browser, cast.table_link, **wrong).text
    for photos in ([DOT], [b"HEIC"] * 4):
        told = wrong | {"token": token_of(browser, cast.table_link)}
        sent = browser.post(f"/q/{cast.table_link}{ASK}", data=hostile.form(told, photos), content_type=hostile.FORM)
        yield f"errors with {len(photos)} photos", sent.text
    yield "no kind", sends(browser, cast.table_link).text
    yield "no token", sends(browser, cast.table_link, token="", kind="complaint", message=SAID).text
    token = token_of(browser, cast.maria_link)
    sends(browser, cast.maria_link, kind="compliment", token=token)
    yield "other words", sends(browser, cast.maria_link, kind="compliment", message=SAID, token=token).text


def thank_you_pages(scene: Scene) -> Pages:
    browser, cast = scene.app.test_client(), scene.cast
    said = {"message": SAID, "show": "here"}
    for fields in (
        {"kind": "compliment", "person": str(cast.karim)},
        {"kind": "compliment", "topic": str(cast.missing_parts)},
        {"kind": "compliment", "rating": "1"},
        {"kind": "suggestion", "topic": str(cast.missing_parts)},
        {"kind": "complaint", "person": str(cast.karim)},
        {"kind": "complaint", "about_management": "1"},
    ):
        yield str(fields), sends(browser, cast.table_link, **said, **fields).text
    sends(browser, cast.maria_link, kind="compliment")
    yield "with cookie", opened(browser, "/thanks")
    yield "wrong address", browser.post("/thanks/mail", data={"email": "x"}).text
    browser.post("/thanks/mail", data={"email": "guest@customer.example"})
    yield "receipt mailed", opened(browser, "/thanks")
    yield "without cookie", opened(scene.app.test_client(), f"/thanks{ASK}")
    yield "farewell", opened(browser, f"/thanks/farewell{ASK}")


def receipt_pages(scene: Scene) -> Pages:
    browser, cast = scene.app.test_client(), scene.cast
    yield "asked for", opened(browser, f"/r{ASK}")
    yield "unknown", browser.post(f"/r{ASK}", data={"receipt": "x"}).text
    for fields in (
        {"kind": "compliment", "rating": "5", "person_note": NOTE},
        {"kind": "compliment", "person": str(cast.karim)},
        {"kind": "suggestion", "topic": str(cast.cold_food)},
        {"kind": "complaint"},
    ):
        page = sends(browser, cast.table_link, message=SAID, show="here", **fields).text
        at_work(scene.app, cast, "karim").get("/praise")
        browser.post("/r", data={"receipt": re.findall(r"\b\w{4}(?:-\w{4}){5}\b", page)[0]})
        yield str(fields), opened(browser, f"/r{ASK}")
        yield from _thanked(scene, browser) if "person" in fields else ()
    torn = hostile.form({"act": "write", "message": SAID}, [b"x"])
    yield "wrong photo", browser.post(f"/r{ASK}", data=torn, content_type=hostile.FORM).text
    for act in ({"act": "write", "message": ""}, {"act": "judge"}, {"act": "reopen", "reason": NOTE}):
        yield f"wrongly {act}", browser.post(f"/r{ASK}", data=act).text
    yield "no address", browser.post(f"/r{ASK}", data={"act": "tell", "tell_once": "x"}).text
    browser.post("/r", data={"act": "tell", "tell_once": "guest@customer.example"})
    yield "told once", opened(browser, f"/r{ASK}")
    browser.post("/r", data={"act": "write", "message": SAID})
    berta = at_work(scene.app, cast, "berta")
    page = re.findall(r"/cases/\d+", berta.get("/cases").text)[0]
    for says in ("asked", "answered"):
        fill_in(berta, page, f"{page}/replies", text=SAID, says=says)
        photographed(scene.store, scene.settings.data_dir, int(page.rpartition("/")[2]))
        yield says, opened(browser, f"/r{ASK}")
    fill_in(berta, page, f"{page}/closure", outcome="upheld", cause="other", remedy="none")
    yield "closed", opened(browser, f"/r{ASK}")
    browser.post("/r", data={"act": "judge", "settled": "no"})
    browser.post("/r", data={"act": "reopen", "reason": SAID})
    yield "opened again", opened(browser, f"/r{ASK}")


def _thanked(scene: Scene, customer: FlaskClient) -> Pages:
    """Karim thanks for his newest letter with a line, which the customer asked to be told of, and reads."""
    karim = at_work(scene.app, scene.cast, "karim")
    customer.post("/r", data={"act": "tell", "tell_once": "guest@customer.example"})
    yield "told of thanks", opened(customer, f"/r{ASK}")
    way = re.findall(r'href="(/praise/\d+/thanks)"', opened(karim, f"/praise{ASK}"))[0]
    yield "a line", opened(karim, way)
    for words in (NOTE * 200, f"{NOTE}\0"):
        yield "no line", fill_in(karim, way, way, words=words).text
    fill_in(karim, way, way, words=NOTE)
    yield "thanked", opened(karim, "/praise")
    arrives(scene.store, scene.cast.kitchen_link, kind="compliment", message="")
    yield "arrived", f'<main lang="{PSEUDO}">{karim.get("/praise/arrivals").text}</main>'
    yield "seen by the customer", opened(customer, f"/r{ASK}")
    yield from _passed_on(scene, customer, re.findall(r"\d+", way)[0])


def _passed_on(scene: Scene, customer: FlaskClient, n: str) -> Pages:
    """Berta adds to Karim's letter and brings it to Dora, who thanks him and the customer."""
    berta, dora = at_work(scene.app, scene.cast, "berta"), at_work(scene.app, scene.cast, "dora")
    page, line = f"/praise?department={scene.cast.kitchen}", f"/praise/{n}/line"
    yield "to pass on", opened(berta, f"{page}&lang={PSEUDO}")
    yield "nothing brought", opened(dora, f"/praise?whose=passed-on&lang={PSEUDO}")
    yield "to add a line", opened(berta, line)
    for words in (NOTE * 200, f"{NOTE}\0"):
        yield "no line", fill_in(berta, line, line, words=words).text
    token = {"csrf_token": token_for(berta)}
    for act, words in (("line", NOTE), ("beyond", ""), ("bringing", "")):
        data = token | {"words": words}
        yield act, berta.post(f"/praise/{n}/{act}", data=data, follow_redirects=True).text
    yield "to change a line", opened(berta, line)
    yield "taken away", berta.post(line, data=token, follow_redirects=True).text
    berta.post(line, data=token | {"words": NOTE})
    yield "passed on", opened(berta, page)
    yield "brought", opened(dora, "/praise?whose=passed-on")
    yield "news of it", opened(dora, "/notices")
    for reader in ("employee", "customer"):
        way = f"/praise/{n}/notes/{reader}"
        yield "own words", opened(dora, way)
        yield "noted", dora.post(way, data={"csrf_token": token_for(dora)}, follow_redirects=True).text
    karim = at_work(scene.app, scene.cast, "karim")
    yield "read by whom it is for", opened(karim, f"/praise{ASK}")
    yield "news of the note", opened(karim, "/notices")
    yield "noted to the customer", opened(customer, f"/r{ASK}")
    top = arrives(scene.store, scene.cast.kitchen_link, kind="compliment", message="")
    with scene.store.write() as session:
        praise = session.scalars(select(Praise).where(Praise.submission_id == top)).one()
        praise.department_id, number = scene.cast.root, praise.id
    yield (
        "nobody above",
        dora.post(f"/praise/{number}/bringing", data={"csrf_token": token_for(dora)}, follow_redirects=True).text,
    )


def error_pages(scene: Scene, endpoint: str) -> Pages:
    browser = at_work(scene.app, scene.cast, "berta")
    return ((str(status), browser.get(f"/{endpoint}/{status}{ASK}").text) for status in STATUSES)


def doors(scene: Scene) -> Pages:
    stranger = scene.app.test_client()
    yield "sign in", opened(stranger, f"/sign-in{ASK}")
    yield "wrong password", stranger.post("/sign-in", data={"email": "x", "password": "x"}).text
    yield "link", opened(stranger, "/sign-in/none")
    yield "used link", stranger.post("/sign-in/none", follow_redirects=True).text


def praise_pages(scene: Scene) -> Pages:
    cast, browser = scene.cast, at_work(scene.app, scene.cast, "berta")
    kind = {"kind": "compliment", "message": ""}
    arrives(scene.store, cast.table_link, **kind, person_note=NOTE, rating=4, topic_ids=(cast.missing_parts,))
    arrives(scene.store, cast.maria_link, **kind, may_share=True)
    arrives(scene.store, cast.maria_link, kind="compliment", rating=1)
    yield "own", opened(browser, f"/praise{ASK}")
    yield from promptness_pages(scene, browser)
    yield from wall_pages(scene, browser)
    yield from slips_pages(scene, browser)
    yield from addressing_pages(scene, browser)
    yield "department", opened(browser, f"/praise?department={cast.kitchen}")
    yield "person", opened(browser, f"/praise?department={cast.kitchen}&person={cast.maria}")
    yield "nobody's yet", opened(browser, f"/praise?department={cast.kitchen}&person={cast.berta}")
    for look in LOOKS:
        arrives(scene.store, cast.maria_link, kind="compliment", message=look)
    yield "waiting", opened(browser, f"/praise?department={cast.kitchen}")
    keeping = re.findall(r'href="(/praise/\d+/withholding)"', opened(browser, f"/praise?department={cast.kitchen}"))[0]
    yield "to keep back", opened(browser, f"{keeping}{ASK}")
    token = {"csrf_token": token_for(browser)}
    for reason in ("", NOTE * 200, f"{NOTE}\0"):
        yield "no reason", browser.post(keeping, data=token | {"reason": reason}).text
    for _ in range(2):
        yield "kept back", browser.post(keeping, data=token | {"reason": NOTE}, follow_redirects=True).text
    fill_in(browser, "/praise?whose=kept-back", keeping.replace("withholding", "delivery"))
    yield "none kept back", opened(browser, "/praise?whose=kept-back")
    held = re.findall(r'action="(/praise/\d+/delivery)"', opened(browser, f"/praise?department={cast.kitchen}"))[0]
    fill_in(browser, f"/praise?department={cast.kitchen}", held)
    yield "delivered", opened(browser, "/praise")
    yield "a colleague's", opened(at_work(scene.app, cast, "maria"), f"/praise{ASK}")
    yield "none yet", opened(at_work(scene.app, cast, "dora"), f"/praise{ASK}")
    yield from own_letters(scene)


def own_letters(scene: Scene) -> Pages:
    """The lists of one's own letters, with and without anything on them, marked and searched."""
    karim, hans = at_work(scene.app, scene.cast, "karim"), at_work(scene.app, scene.cast, "hans")
    for whose in ("to-me", "team", "favourites"):
        yield f"nothing on {whose}", opened(hans, f"/praise?whose={whose}&lang={PSEUDO}")
    at, said = clock.now(), {"kind": "compliment", "message": SAID, "person_id": scene.cast.karim}
    for _ in range(2):
        arrives(scene.store, scene.cast.table_link, **said, at=at, topic_ids=(scene.cast.cold_food,))
    yield "a sentence of this month", opened(karim, f"/praise{ASK}")
    for whose in ("to-me", "team"):
        yield f"a month of {whose}", opened(karim, f"/praise?whose={whose}")
    found = opened(karim, "/praise?whose=own&q=Cold+food")
    yield "found in a topic", found
    yield "nothing found", opened(karim, "/praise?whose=own&q=404")
    mark = re.findall(r'action="(/praise/\d+/favourite)\?', found)[0]
    token = {"csrf_token": token_for(karim)}
    yield "marked", karim.post(mark, data=token, follow_redirects=True).text
    removal = f"{mark}/removal?whose=favourites"
    yield "no longer marked", karim.post(removal, data=token, follow_redirects=True).text
    with patch.object(lookback, "MOST", 1):
        for words in ("404", "Cold+food"):
            yield f"looked back for {words}", opened(karim, f"/praise?whose=own&q={words}")
    for _ in range(2):
        arrives(scene.store, scene.cast.table_link, **said | {"person_id": scene.cast.paula}, at=_last_month(at))
    yield (
        "a sentence of last month",
        opened(at_work(scene.app, scene.cast, "paula"), f"/praise?whose=own&lang={PSEUDO}"),
    )


def _last_month(at: datetime) -> datetime:
    return at.replace(day=1, hour=12) - timedelta(days=2)


def addressing_pages(scene: Scene, browser: FlaskClient) -> Pages:
    """Letters whose person a manager finds, or sees in the words; and what that person can say."""
    cast, karim = scene.cast, at_work(scene.app, scene.cast, "karim")
    waiting = "/praise?whose=waiting"
    yield "whose person is looked for", opened(browser, waiting)
    way = re.findall(r'action="(/praise/\d+/person)"', opened(browser, waiting))[0]
    token = {"csrf_token": token_for(browser)}
    yield "everyone to choose", opened(browser, way)
    yield "nobody to choose", opened(browser, f"{way}?q=404")
    yield "nobody chosen", browser.post(way, data=token).text
    for _ in range(2):
        answer = browser.post(way, data=token | {"person": str(cast.karim), "list": "waiting"}, follow_redirects=True)
        yield "found", answer.text
    yield "described in words", opened(karim, f"/praise{ASK}")
    again = karim.post(f"{way}/removal", data={"csrf_token": token_for(karim)}, follow_redirects=True)
    yield "not about them", again.text
    fill_in(browser, waiting, way.replace("person", "delivery"))
    arrives(scene.store, cast.table_link, kind="compliment", person_note=NOTE, rating=1)
    yield "may not be kind", opened(browser, waiting)
    held = re.findall(r'action="(/praise/\d+/delivery)"', opened(browser, waiting))[0]
    answer = browser.post(held, data=token | {"list": "waiting"}, follow_redirects=True)
    yield "let through", answer.text
    browser.post(held, data=token)
    yield "nothing waits", opened(browser, waiting)
    arrives(scene.store, cast.table_link, kind="compliment", message="Karim Haddad")
    page = f"/praise?department={cast.kitchen}"
    yield "a name in the words", opened(browser, page)
    dismissed = re.findall(r'action="(/praise/\d+/suggestion/removal)"', opened(browser, page))[0]
    browser.post(dismissed, data=token | {"person": str(cast.karim)})
    yield "not them", opened(browser, page)


def news_pages(scene: Scene) -> Pages:
    """What someone is told inside, each sort of it; and of how much of it they are mailed."""
    cast, berta, maria = scene.cast, at_work(scene.app, scene.cast, "berta"), at_work(scene.app, scene.cast, "maria")
    yield "none yet", opened(maria, f"/notices{ASK}")
    yield "none for a manager", opened(at_work(scene.app, scene.cast, "dora"), f"/notices{ASK}")
    _bring_to_its_end(scene, clock.now())
    number = arrives(scene.store, cast.maria_link, message=SAID, at=clock.now())
    with scene.store.write() as session:
        case, ending = session.get_one(Case, number), Ending(Outcome.UPHELD, Cause.OTHER, Remedy.NONE)
        by = viewer(scene.store, cast.berta)
        cases.close(session, by, case, ending, version=case.version, at=clock.now(), mails=False)
        cases.share(session, by, case, SAID, at=clock.now())
    yield "a case shared", opened(maria, "/notices")
    for _ in range(51):
        arrives(scene.store, cast.kitchen_link, message=SAID, at=clock.now())
    yield "more than a page", opened(berta, f"/notices{ASK}")
    yield "mails", opened(berta, "/account")
    yield "wrong mails", fill_in(berta, "/account", "/account/mails", cases="x", quiet_from="7", timezone="x").text
    fill_in(berta, "/account", "/account/mails", cases="daily")
    yield "mails chosen", opened(berta, "/account")
    fill_in(berta, "/notices", "/notices/reading")
    for who in ("karim", "dora", "berta"):
        yield f"of {who}", opened(at_work(scene.app, cast, who), f"/notices{ASK}")


def promptness_pages(scene: Scene, browser: FlaskClient) -> Pages:
    page, now = "/praise/promptness", clock.now()
    yield "too few to tell", opened(browser, page)
    for age in (timedelta(hours=3), timedelta(days=9)) * 6:
        arrives(scene.store, scene.cast.kitchen_link, kind="compliment", message="", at=now - age)
    at_work(scene.app, scene.cast, "maria").get(f"/praise{ASK}")
    promptness.recount(scene.store, now)
    yield "how praise arrives", opened(browser, page)
    with scene.store.write() as session:
        session.execute(delete(Promptness).where(Promptness.stage.in_(("delivered", "read"))))
    yield "nothing delivered", opened(browser, page)


def wall_pages(scene: Scene, browser: FlaskClient) -> Pages:
    """A wall made, shown, moved, closed; and letters on it, or not."""
    cast, maria = scene.cast, at_work(scene.app, scene.cast, "maria")
    yield "no wall", opened(browser, f"/walls{ASK}")
    for wrong in ({"name": ""}, {"name": NOTE * 80}, {"name": WORD, "language": "tlh"}):
        yield "no name", fill_in(browser, "/walls", "/walls", **wrong).text
    made = fill_in(browser, "/walls", "/walls", name=WORD, department=str(cast.kitchen), language="en").location
    yield "a wall", opened(browser, made)
    yield "walls", opened(browser, "/walls")
    with scene.store.write() as session:
        wall = session.scalars(select(Wall)).one()
        wall.language, screen = PSEUDO, f"/wall/{walls.token_of(wall, scene.settings.secret_key)}"
    yield "empty", opened(browser, screen)
    for words in (SAID, "Karim Haddad", WORD):
        arrives(scene.store, cast.maria_link, kind="compliment", message=words, may_share=True)
    ways = re.findall(r'action="(/praise/\d+/showing)"', opened(maria, f"/praise{ASK}"))
    for way in ways[:3]:
        fill_in(maria, "/praise", way)
        yield "shown or not", opened(maria, "/praise")
    yield "the screen", opened(browser, screen)
    fill_in(maria, "/praise", f"{ways[0]}/removal")
    yield "taken down", opened(maria, "/praise")
    for act in ("address", "closure"):
        fill_in(browser, made, f"{made}/{act}")
        yield act, opened(browser, made)
    yield "closed", opened(browser, "/walls")
    fill_in(browser, made, f"{made}/closure")
    yield "open again", opened(browser, made)


def slips_pages(scene: Scene, browser: FlaskClient) -> Pages:
    page, today = f"/praise/slips{ASK}", clock.now()
    yield "no slips", opened(browser, f"{page}&since={today.date().isoformat()}")
    arrives(scene.store, scene.cast.maria_link, kind="compliment", message="", at=today)
    yield "slips", opened(browser, page)
    with patch.object(slips, "MOST_PEOPLE", 1):
        yield "as many as fit", opened(browser, f"{page}&read=1")
    for since in ("yesterday", "2020-01-01"):
        yield since, browser.get(f"{page}&since={since}").text


def letters_pages(scene: Scene) -> Pages:
    cast, browser = scene.cast, at_work(scene.app, scene.cast, "hans")
    yield "none to take", opened(browser, f"/praise/letters{ASK}")
    for number in range(2):
        arrives(scene.store, cast.table_link, kind="compliment", person_id=cast.hans)
        yield f"{number + 1} to take", opened(browser, "/praise/letters")
    for key in ("hans", "paula"):
        leaver = at_work(scene.app, cast, key)
        with scene.store.write() as session:
            session.get_one(Person, getattr(cast, key)).retired_at = clock.now()
        yield f"{key} has left", opened(leaver, f"/praise/letters{ASK}")
        yield f"what is kept of {key}, who left", opened(leaver, f"/account/record{ASK}")
        with scene.store.write() as session:
            session.get_one(Person, getattr(cast, key)).retired_at = None


def push_pages(scene: Scene) -> Pages:
    """A device that is told, one that cannot be, and one that is told no more."""
    karim, phone = at_work(scene.app, scene.cast, "karim"), subscription(PushService()).form
    yield "no device", opened(karim, f"/account{ASK}")
    for address in ("https://fcm.googleapis.com/x", "https://push.example/x"):
        fill_in(karim, "/account", "/account/push", **phone | {"address": address})
        yield address, opened(karim, "/account")
    yield "kept", opened(karim, "/account/record")
    with scene.store.write() as session:
        (device,) = pushes.of(session, scene.cast.karim)
        pushes.told(session, device.id, clock.now())
    yield "told", opened(karim, "/account")
    fill_in(karim, "/account", f"/account/push/{device.id}/removal")
    yield "taken back", opened(karim, "/account")


def record_pages(scene: Scene) -> Pages:
    cast, anna = scene.cast, at_work(scene.app, scene.cast, "anna")
    page, send, listed = "/account/record", "/account/record/challenges", "/admin/challenges"
    yield "none waits", opened(anna, f"{listed}{ASK}")
    yield "none answered", opened(anna, f"{listed}?answered=yes")
    yield "an admin's", opened(anna, page)
    yield "nobody else", fill_in(anna, page, send, said=SAID).text
    arrives(scene.store, cast.maria_link, kind="compliment", message="")
    today = clock.now()
    with scene.store.write() as session:
        kept = session.get_one(Person, cast.maria)
        kept.reference, kept.language = "7", "de"
        for who, cover in ((cast.maria, cast.karim), (cast.paula, cast.maria), (cast.maria, None)):
            days = {"from_on": today.date(), "until_on": today.date()}
            session.add(Absence(id=new_id(today), person_id=who, cover_id=cover, **days))
        chosen = {"cases": "daily", "praise": "weekly", "hour": 8, "weekday": 0, "quiet_from": 22, "quiet_until": 6}
        session.merge(Rhythm(person_id=cast.maria, **chosen))
        devices.add(session, cast.maria, "hash", today)
        session.get_one(Account, cast.maria).totp_since = today
    maria = at_work(scene.app, cast, "maria")
    maria.get(f"/praise{ASK}")
    yield "a handler's", opened(maria, page)
    for wrong in ({}, {"said": "4" * 2001}, {"part": "404"}):
        yield f"wrong {sorted(wrong)}", fill_in(maria, page, send, **wrong).text
    way = re.findall(r"/account/record\?letter=\d+", maria.get("/praise").text)[0]
    yield "a letter", opened(maria, way)
    for asked in (way, page, page):
        fill_in(maria, asked, send, said=SAID)
    yield "waiting", opened(maria, page)
    yield "they wait", opened(anna, listed)
    ones = re.findall(r"/admin/challenges/\d+", opened(anna, listed))
    for one in ones:
        yield "one of them", opened(anna, one)
    yield "no answer", fill_in(anna, ones[0], f"{ones[0]}/answer", outcome="left").text
    late = {"csrf_token": token_for(anna), "outcome": "corrected", "said": SAID}
    for one, outcome in zip(ones, ("left", "corrected"), strict=False):
        fill_in(anna, one, f"{one}/answer", outcome=outcome, said=SAID)
        yield outcome, opened(anna, one)
    yield "answered meanwhile", anna.post(f"{ones[0]}/answer", data=late).text
    yield "answered", opened(anna, f"{listed}?answered=yes")
    yield "with answers", opened(maria, page)
    yield "in the log", opened(anna, "/admin/audit?noun=person")


def case_lists(scene: Scene) -> Pages:
    cast, browser = scene.cast, at_work(scene.app, scene.cast, "berta")
    wordless = arrives(scene.store, cast.table_link, message="", person_id=cast.maria)
    photographed(scene.store, scene.settings.data_dir, wordless)
    arrives(scene.store, cast.table_link, kind="suggestion", topic_ids=(cast.cold_food,))
    yield "all", opened(browser, f"/cases{ASK}")
    yield "narrowed", opened(browser, f"/cases?status=received&kind=complaint&department={cast.kitchen}&q={WORD}")
    yield "nothing found", opened(browser, "/cases?q=404")
    yield "to be handed over", opened(browser, "/cases?ticked=all")
    sent = {"csrf_token": token_for(browser), "case": "404-1", "handler": str(cast.karim)}
    yield "not handed over", browser.post("/cases/assignments", data=sent).text
    yield "nothing ticked", browser.post("/cases/assignments", data=sent | {"case": ""}).text
    yield "a view without a name", browser.post("/cases/views?status=open&kind=complaint", data=sent).text
    browser.post("/cases/views?status=open&kind=complaint", data=sent | {"name": WORD})
    yield "a view of one's own", opened(browser, "/cases?status=open&kind=complaint")
    yield "a handler's, none", opened(at_work(scene.app, cast, "paula"), f"/cases{ASK}&handler={cast.hans}")


WITHIN = {"message": f"{SAID} {NOTE}"}


def case_pages(scene: Scene) -> Pages:
    cast, browser = scene.cast, at_work(scene.app, scene.cast, "berta")
    browser.get(f"/cases{ASK}")
    told = {"contact_name": GUEST, "contact_email": "guest@customer.example", "contact_phone": "123"}
    whole = {"person_note": NOTE, "topic_ids": (cast.cold_food,), "rating": 2, "is_trapped": True, "is_hasty": True}
    drafts = (
        {**told, **whole, "may_contact": True},
        {**told, "history": True},
        {"message": ""},
        {"kind": "suggestion"},
    )
    for number, fields in enumerate(drafts):
        page = f"/cases/{arrives(scene.store, cast.table_link, **fields)}"  # type: ignore[arg-type]
        yield f"new {number}", opened(browser, page)
    yield "empty note", fill_in(browser, page, f"{page}/notes").text
    fill_in(browser, page, f"{page}/notes", text=SAID)
    for step in (0, 1):
        photographed(scene.store, scene.settings.data_dir, int(page.rpartition("/")[2]), step=step)
    yield "note kept", opened(browser, page)
    for handler in (cast.maria, cast.berta, ""):
        fill_in(browser, page, f"{page}/assignment", handler=str(handler))
        yield f"handed to {handler}", opened(browser, page)
    yield "changed meanwhile", fill_in(browser, page, f"{page}/assignment", version="1").text
    for act, wrong in (("replies", {"text": ""}), ("closure", {}), ("status", {"status": "404"})):
        yield f"wrong {act}", fill_in(browser, page, f"{page}/{act}", **wrong).text
    fill_in(browser, page, f"{page}/status", status="acknowledged")
    yield "acknowledged", opened(browser, page)
    fill_in(browser, page, f"{page}/severity", severity="4")
    for says in ("replied", "asked", "answered"):
        fill_in(browser, page, f"{page}/replies", text=SAID, says=says)
        yield says, opened(browser, page)
    yield "replied meanwhile", fill_in(browser, page, f"{page}/replies", text=SAID, version="1").text
    fill_in(browser, page, f"{page}/closure", outcome="taken_up", cause="other", remedy="none", note=NOTE)
    yield "closed", opened(browser, page)
    page = f"/cases/{arrives(scene.store, cast.maria_link)}"
    fill_in(browser, page, f"{page}/replies", text=SAID, says="answered")
    fill_in(browser, page, f"{page}/closure", outcome="upheld", cause="other", remedy="none")
    yield "to be shared", opened(browser, page)
    yield "wrongly shared", fill_in(browser, page, f"{page}/share", note="4" * 10_001).text
    fill_in(browser, page, f"{page}/share", note=SAID)
    yield "shared", opened(browser, page)
    maria = at_work(scene.app, cast, "maria")
    yield "praise with a case", opened(maria, f"/praise{ASK}")
    yield "a shared case", opened(maria, f"{page}/shared")
    yield "overdue", opened(browser, "/cases?overdue=yes&severity=2")
    yield from connected_pages(scene)


def connected_pages(scene: Scene) -> Pages:
    cast, anna = scene.cast, at_work(scene.app, scene.cast, "anna")
    first, page, third = (f"/cases/{arrives(scene.store, cast.table_link, **WITHIN)}" for _ in range(3))
    for name in ("concerns", "duplicate", "praise"):
        yield name, opened(anna, f"{page}/{name}{ASK}")
        yield f"wrong {name}", fill_in(anna, f"{page}/{name}", f"{page}/{name}", text="", person="404").text
    yield "of none the same", opened(anna, f"{first}/duplicates")
    for whole in ("404", WITHIN["message"]):
        department = {"text": whole, "department": str(cast.kitchen)}
        yield f"praise {whole}", fill_in(anna, f"{page}/praise", f"{page}/praise", **department).text
    fill_in(anna, f"{page}/praise", f"{page}/praise", text=SAID, person=str(cast.maria))
    yield "no such case", fill_in(anna, f"{page}/duplicate", f"{page}/duplicate", other="404").text
    for one in (page, third):
        fill_in(anna, f"{one}/duplicate", f"{one}/duplicate", other=first)
    yield "linked", opened(anna, page)
    fill_in(anna, third, f"{third}/duplicate/removal")
    fill_in(anna, third, f"{third}/closure", outcome="duplicate", cause="other", remedy="none")
    fill_in(anna, f"{third}/concerns", f"{third}/concerns", person=str(cast.karim))
    fill_in(anna, f"{third}/concerns", f"{third}/concerns/{cast.karim}/removal")
    yield "parted and taken back", opened(anna, third)
    fill_in(anna, first, f"{first}/replies", text=SAID, says="answered")
    fill_in(anna, first, f"{first}/closure", outcome="upheld", cause="other", remedy="none")
    yield "closed with others open", opened(anna, first)
    yield "one answer", opened(anna, f"{first}/duplicates")
    yield "no answer", fill_in(anna, f"{first}/duplicates", f"{first}/duplicates", text="").text
    fill_in(anna, f"{first}/duplicates", f"{first}/duplicates")
    yield "closed with the same", opened(anna, first)
    for person in (cast.berta, cast.dora):
        fill_in(anna, f"{page}/concerns", f"{page}/concerns", person=str(person))
    yield "about managers", opened(anna, f"{page}/concerns")
    yield "climbed", opened(anna, page)
    yield "praise of it", opened(at_work(scene.app, cast, "maria"), f"/praise{ASK}")


def link_pages(scene: Scene) -> Pages:
    browser = at_work(scene.app, scene.cast, "berta")
    number = scene.cast.link_ids["table"]
    yield "all", opened(browser, f"/links{ASK}")
    yield "narrowed", opened(browser, f"/links?points_at=place&state=live&department={scene.cast.kitchen}&q=4")
    yield "nothing found", opened(browser, "/links?q=404")
    yield "without", opened(browser, "/links/new")
    yield "nobody without", opened(browser, "/links/new?q=404")
    yield "not pointed", fill_in(browser, f"/links/{number}", f"/links/{number}/target").text
    yield "not said", fill_in(browser, f"/links/{number}", f"/links/{number}/reissue").text
    fill_in(browser, f"/links/{number}", f"/links/{number}/settings", topic=str(scene.cast.cold_food), language="de")
    fill_in(browser, f"/links/{number}", f"/links/{number}/reissue", old="retire")
    yield "replaced", opened(browser, f"/links/{number}")
    yield "led on", browser.get(f"/q/{scene.cast.table_link}{ASK}").text
    yield "words kept", browser.post(f"/q/{scene.cast.table_link}{ASK}", data={"message": SAID}).text
    fill_in(browser, f"/links/{number}", f"/links/{number}/retirement")
    yield from ((name, opened(browser, f"/links/{number}")) for name, number in scene.cast.link_ids.items())
    yield "print", opened(browser, f"/links/print{ASK}&all=1")
    yield "none", opened(at_work(scene.app, scene.cast, "paula"), f"/links{ASK}")


def survey_pages(scene: Scene) -> Pages:
    """Building one, asking it in every way, reading it, and polls."""
    cast, store, anna, guest = scene.cast, scene.store, at_work(scene.app, scene.cast, "anna"), scene.app.test_client()
    yield "none yet", opened(anna, f"/surveys{ASK}")
    yield "a new one", opened(anna, "/surveys/new?ready=hotel")
    yield "a new poll", opened(anna, "/surveys/new?ready=poll")
    for wrong in ({"name": ""}, {"name": "4" * 201}):
        yield f"not made {wrong}", fill_in(anna, "/surveys/new", "/surveys", **wrong).text
    made = fill_in(anna, "/surveys/new", "/surveys", name="404").headers["Location"]
    yield "an empty one", opened(anna, made)
    for type in (*TYPES, "one"):
        fill_in(anna, made, f"{made}/questions", type=type)
    yield "without words", opened(anna, made)
    yield "not published", fill_in(anna, made, f"{made}/publication").text
    whole = published(store, cast, NUMBERED, name="404")
    page, code = f"/surveys/{whole.id}", cast.kitchen_link
    yield "published", opened(anna, page)
    for path, fields in (
        ("settings", {"quota": "x", "closes_on": "x", "title-en": "4" * 301}),
        ("questions/q9", {"text-en": "4" * 301, "least": "x", "option-more": "4\n" * 60, "show_if": "q1:x:1"}),
        ("questions/q9", {"show_if": "q12:contains:"}),
        ("questions", {"type": "404"}),
    ):
        yield (
            f"not kept: {fields}",
            anna.post(f"{page}/{path}", data=token_of_forms(anna) | fields | {"seen": "1"}).text,
        )
    yield "changed meanwhile", anna.post(f"{page}/questions/q1", data=token_of_forms(anna) | {"seen": "7"}).text
    yield "preview", opened(anna, f"{page}/preview?lang={PSEUDO}")
    yield "nowhere yet", opened(anna, f"/links/{cast.link_ids['kitchen']}")
    for moment in (When.INSTEAD, When.BEFORE, When.AFTER):
        attach(store, cast, whole, "kitchen", moment, shows_first=True)
        yield f"first {moment}", opened(guest, f"/q/{code}{ASK}")
        survey = opened(guest, f"/q/{code}{ASK}&survey=1")
        yield f"survey {moment}", survey
        told = dict(field_pairs(survey)) | {"a_q1": "1", "show": "here"}
        yield f"thanks {moment}", guest.post(f"/q/{code}{ASK}", data=told).text
    attach(store, cast, whole, "kitchen", When.AFTER)
    yield "a way to it", opened(guest, f"/q/{code}{ASK}")
    yield "thanks of praise", sends(guest, code, kind="compliment", show="here").text
    yield "of the link", opened(anna, f"/links/{cast.link_ids['kitchen']}")
    for wrong in ({}, *({f"a_q{n}": "x"} for n in (1, 14, 15)), {"a_q10_o1": "2"}, {"a_q9_o1": "1", "a_q9_o2": "1"}):
        told = dict(field_pairs(opened(guest, f"/q/{code}{ASK}&survey=1"))) | wrong
        yield f"no answer {wrong}", guest.post(f"/q/{code}{ASK}", data=told).text
    for n in range(12):
        answer(store, whole, code, NUMBERS, at=clock.now() - timedelta(weeks=n // 6))
    counting.count_all(store, clock.now())
    since = (clock.now() - timedelta(days=6)).date().isoformat()
    for query in ("", f"&since={since}", "&since=404"):
        yield f"results {query}", anna.get(f"{page}/results{ASK}{query}").text
    yield "words", opened(anna, f"{page}/results/words?question=q13")
    yield "no words", opened(anna, f"{page}/results/words?question=q13&q=x")
    yield "what is kept of it", _receipt_of_a_survey(scene, code)
    yield from _steps(scene, code)
    anna.post(f"{page}/closure", data=token_of_forms(anna) | {"open": "no"})
    yield "closed", opened(anna, page)
    yield "over", guest.get(f"/q/{code}{ASK}").text
    yield "log", opened(anna, "/admin/audit")
    yield "of everyone", opened(at_work(scene.app, cast, "paula"), f"{page}{ASK}")
    yield from _polls(scene)
    with store.write() as session:
        for link in session.scalars(select(Asking)):
            session.delete(link)
    yield "no results", opened(anna, f"{made}/results")


def _steps(scene: Scene, code: str) -> Pages:
    guest, design = scene.app.test_client(), replace(NUMBERED, by_steps=True, keeps_partial=True)
    attach(scene.store, scene.cast, published(scene.store, scene.cast, design, name="404"), "kitchen")
    page = opened(guest, f"/q/{code}{ASK}")
    yield "the first step", page
    page = guest.post(f"/q/{code}{ASK}", data=dict(field_pairs(page)) | {"a_q1": "1", "go": "next"}).text
    yield "the second step", page


def _receipt_of_a_survey(scene: Scene, code: str) -> str:
    guest = scene.app.test_client()
    told = dict(field_pairs(opened(guest, f"/q/{code}{ASK}&survey=1"))) | {"a_q1": "1", "a_q11_r1": "o1"}
    guest.post(f"/q/{code}{ASK}", data=told)
    receipt = guest.get("/thanks").text.partition('class="code" dir="ltr">')[2].partition("<")[0]
    guest.post("/r", data={"receipt": receipt})
    return opened(guest, f"/r{ASK}")


def _polls(scene: Scene) -> Pages:
    cast, store, guest = scene.cast, scene.store, scene.app.test_client()
    design = replace(NUMBERED, questions=(replace(NUMBERED.questions[7], code="q1", show_if=None),))
    over = published(store, cast, design, name="404", is_poll=True)
    with store.write() as session:
        session.merge(over).closed_at = clock.now()
    poll = published(store, cast, replace(design, closes_on=date(2099, 1, 1)), name="404", is_poll=True)
    yield "a poll", opened(at_work(scene.app, cast, "anna"), f"/surveys/{poll.id}{ASK}")
    yield "over", opened(guest, f"/poll/{over.code}{ASK}")
    page = opened(guest, f"/poll/{poll.code}{ASK}")
    yield "to vote", page
    yield "no vote", guest.post(f"/poll/{poll.code}{ASK}", data=dict(field_pairs(page)) | {"a_q1": "x"}).text
    guest.post(f"/poll/{poll.code}", data=dict(field_pairs(page)) | {"a_q1": "o1"})
    yield "voted", opened(guest, f"/poll/{poll.code}{ASK}")
    fresh = dict(field_pairs(opened(scene.app.test_client(), f"/poll/{poll.code}{ASK}")))
    yield "voted before", guest.post(f"/poll/{poll.code}{ASK}", data=fresh | {"a_q1": "o2"}).text
    yield "screen", opened(guest, f"/poll/{poll.code}/screen{ASK}")


def token_of_forms(browser: FlaskClient) -> dict[str, str]:
    """The token that every form of this browser carries."""
    return {"csrf_token": token_for(browser)}


def reply_pages(scene: Scene) -> Pages:
    anna, berta, page, new = (*(at_work(scene.app, scene.cast, key) for key in ("anna", "berta")), *REPLIES)
    yield "none yet", opened(anna, f"{page}{ASK}")
    for wrong in ({}, {"en-text": "{404}", "name": "4" * 81}):
        yield f"wrong {wrong}", fill_in(anna, new, new, **wrong).text
    fill_in(anna, new, new, **{"name": WORD, "en-text": SAID})
    yield "one", opened(anna, page)
    with scene.store.read() as session:
        number = replies.all_of(session)[0].id
    yield "a template", opened(anna, f"{page}/{number}")
    berta.get(f"/cases{ASK}")
    case = f"/cases/{arrives(scene.store, scene.cast.kitchen_link, language='de')}"
    filled = dict(field_pairs(opened(berta, case), f"{case}/replies"))
    yield "no template chosen", berta.post(f"{case}/draft", data=filled).text
    yield "put in", berta.post(f"{case}/draft", data=filled | {"template": str(number)}).text
    fill_in(berta, case, f"{case}/closure", outcome="upheld", cause="other", remedy="none")
    yield "too late", berta.post(f"{case}/draft", data=filled | {"template": str(number)}).text
    yield "why not said", fill_in(berta, case, f"{case}/reopening").text
    fill_in(berta, case, f"{case}/reopening", reason=SAID)
    yield "taken up again", opened(berta, case)
    for act in ({"name": NOTE}, {}):
        fill_in(anna, f"{page}/{number}", f"{page}/{number}/details", **act)
        yield f"changed {act}", opened(anna, page)
    fill_in(anna, f"{page}/{number}", f"{page}/{number}/removal")
    fill_in(anna, page, f"{page}/ours")
    yield "ours", opened(anna, page)
    yield "in the log", opened(anna, "/admin/audit")


def wording_pages(scene: Scene) -> Pages:
    browser = at_work(scene.app, scene.cast, "anna")
    yield "shipped", opened(browser, f"/admin/wording{ASK}")
    fill_in(browser, "/admin/wording?language=de", "/admin/wording/de", call="Hm?")
    yield "own", opened(browser, "/admin/wording?language=de")
    yield "too long", fill_in(browser, "/admin/wording?language=de", "/admin/wording/de", call="x" * 99).text
    yield "in the log", opened(browser, "/admin/audit")


@contextmanager
def empty_beside(settings: Settings) -> Iterator[Flask]:
    """An application on a store of its own, in which nothing is."""
    folder = settings.data_dir / "empty"
    folder.mkdir(exist_ok=True)
    app = create_app(replace(settings, data_dir=folder, database_url=f"sqlite:///{folder / 'firsthand.db'}"))
    store = app.extensions[NAME].store
    migrations.migrate(store)
    yield app
    store.close()


def settings_pages(scene: Scene) -> Pages:
    browser, page = at_work(scene.app, scene.cast, "anna"), "/admin/settings"
    yield "as it is", opened(browser, f"{page}{ASK}")
    yield "wrong", fill_in(browser, page, f"{page}/details", **WRONG_SETTINGS).text
    yield "no logo", fill_in(browser, page, f"{page}/logo").text
    yield "no day", fill_in(browser, page, f"{page}/holidays", day="x").text
    for called in (SAID, WORD):
        fill_in(browser, page, f"{page}/holidays", day="2099-12-25", called=called)
        yield f"a holiday, {called}", opened(browser, page)
    fill_in(browser, page, f"{page}/holiday-removal")
    yield "a holiday less", opened(browser, page)
    fill_in(browser, page, f"{page}/details", answer_days="5")
    yield "changed", opened(browser, page)
    fill_in(browser, page, f"{page}/details")
    yield "nothing changed", opened(browser, page)
    yield "in the log", opened(browser, "/admin/audit")


def set_up_pages(scene: Scene) -> Pages:
    """Those of an installation beside this one, which is empty."""
    with empty_beside(scene.settings) as app:
        browser, token = app.test_client(), founding.token(scene.settings.secret_key)
        yield "locked", browser.get(f"/set-up{ASK}").text
        yield "wrong token", browser.get(f"/set-up{ASK}&token=x").text
        page = opened(browser, f"/set-up{ASK}&token={token}")
        yield "open", page
        known = {"token": token, "csrf_token": dict(field_pairs(page, "/set-up"))["csrf_token"]}
        yield "nothing filled in", browser.post("/set-up", data=known).text
        yield "all wrong", browser.post("/set-up", data=known | WRONG_SETTINGS | {"email": "x", "password": "x"}).text


def directory_pages(scene: Scene) -> Pages:
    cast, anna, guest = scene.cast, at_work(scene.app, scene.cast, "anna"), scene.app.test_client()
    yield "people", opened(anna, f"/admin/people{ASK}")
    yield "none retired", opened(anna, "/admin/people?retired=yes")
    yield "nobody found", opened(anna, "/admin/people?q=404")
    yield "new person", opened(anna, "/admin/people/new")
    page = f"/admin/people/{cast.maria}"
    yield "wrong person", fill_in(anna, page, f"{page}/details", name="", email="404").text
    fields = dict(field_pairs(opened(anna, page), f"{page}/details"))
    wrong = fields | {"photo": (BytesIO(b"<svg "), "x.svg")}
    yield "no photo", anna.post(f"{page}/details", data=wrong, content_type="multipart/form-data").text
    whole = fields | {"reference": "7", "photo": (BytesIO(DOT), "x.gif")}
    assert anna.post(f"{page}/details", data=whole, content_type="multipart/form-data").status_code == 303
    yield "person", opened(anna, page)
    yield "people with a photo", opened(anna, "/admin/people")
    yield "a form with a photo", opened(guest, f"/q/{cast.maria_link}{ASK}")
    fill_in(anna, page, f"{page}/details", no_photo="y")
    yield "person without", opened(anna, page)
    asked = fill_in(anna, page, f"{page}/invitation").text
    yield "invitation", asked
    way = "/join/" + asked.partition("/join/")[2].partition("<")[0].strip()
    yield "joining", opened(guest, f"{way}{ASK}")
    yield "joining wrongly", guest.post(f"{way}{ASK}", data=dict(field_pairs(opened(guest, way), way))).text
    yield "no invitation", guest.get(f"/join/x{ASK}").text
    fill_in(anna, page, f"{page}/invitation-mail")
    yield "invited by mail", opened(anna, page)
    yield "codes not said", fill_in(anna, page, f"{page}/retirement").text
    for kind, id in (("departments", cast.kitchen), ("places", cast.table), ("topics", cast.cold_food)):
        yield kind, opened(anna, f"/admin/{kind}")
        yield f"new of {kind}", opened(anna, f"/admin/{kind}/new")
        yield f"one of {kind}", opened(anna, f"/admin/{kind}/{id}")
        yield f"import {kind}", opened(anna, f"/admin/import/{kind}")


def routing_pages(scene: Scene) -> Pages:
    cast, anna = scene.cast, at_work(scene.app, scene.cast, "anna")
    page, new = "/admin/routing", "/admin/routing/new"
    yield "no rules", opened(anna, f"{page}{ASK}")
    arrives(scene.store, cast.kitchen_link, message="404")
    for wrong in ({}, {"words": "404"}, {"words": "404", "codes": "404", "time_from": "404"}):
        yield f"wrong rule {wrong}", fill_in(anna, new, new, **wrong).text
    for kind, rating in (("complaint", "5"), ("compliment", "4"), ("suggestion", "3")):
        said = {"kinds": kind, "words": "404", "languages": "de", "time_from": "22:00", "time_until": "06:00"}
        told = {"topics": str(cast.cold_food), "places": str(cast.terrace), "departments": str(cast.kitchen)}
        done = {"send": str(cast.packing), "hand": str(cast.hans), "grade": rating[-1:].replace("5", "1")}
        more = {"rating_at_least": "1", "rating_at_most": rating, "codes": cast.table_link, "informs": str(cast.root)}
        tried = fill_in(anna, new, new, **said, **told, **done, **more)
        yield f"tried {kind}", tried.text
        anna.post(new, data=MultiDict([*field_pairs(tried.text, new), ("keep", "yes")]))
    tried = fill_in(anna, new, new, words="404", grade="2", hand=str(cast.hans), send=str(cast.packing)).text
    yield "tried", tried
    anna.post(new, data=MultiDict([*field_pairs(tried, new), ("on", "yes")]))
    yield "rules", opened(anna, page)
    with scene.store.read() as session:
        rows = keeping.listed(session)
    yield "rule", opened(anna, f"{page}/{rows[0].id}")
    fill_in(anna, page, f"{page}/{rows[0].id}/position", where="later")
    fill_in(anna, page, f"{page}/{rows[-1].id}/deactivation")
    fill_in(anna, f"{page}/{rows[0].id}", f"{page}/{rows[0].id}/removal")
    promises = "/admin/deadlines"
    yield "deadlines", opened(anna, f"{promises}?preset=housing")
    fill_in(anna, f"{promises}?preset=spso", promises)
    yield "wrong deadline", fill_in(anna, promises, promises, **{"s1-answer": "0"}).text
    away, today = "/admin/absences", clock.now().date().isoformat()
    yield "nobody away", opened(anna, away)
    yield "wrong absence", fill_in(anna, away, away, person="404", from_on="404").text
    who = {"person": str(cast.berta), "cover": str(cast.karim), "from_on": today, "until_on": today}
    fill_in(anna, away, away, **who)
    yield "away", opened(anna, away)
    number = arrives(scene.store, cast.kitchen_link, message="404", at=clock.now())
    yield "case of a rule", opened(anna, f"/cases/{number}")
    yield "log", opened(anna, "/admin/audit")


def owed(scene: Scene) -> Iterator[Errand]:
    """The mails that are owed by now, at least one of each sort."""
    browser, cast = scene.app.test_client(), scene.cast
    for fields in ({}, {"topic_ids": (cast.missing_parts,)}, {"about_management": True}):
        arrives(scene.store, cast.table_link, **fields)
    arrives(scene.store, cast.table_link, kind="compliment", message="", person_note=NOTE)
    for rating in (1, 5):
        arrives(scene.store, cast.maria_link, kind="compliment", message="", rating=rating)
    sends(browser, cast.kitchen_link, kind="compliment")
    browser.post("/thanks/mail", data={"email": "guest@customer.example"})
    with scene.store.write() as session:
        for letter in session.scalars(select(Praise).where(Praise.person_id == cast.maria, ~Praise.is_held)).all():
            told_once.ask(session, letter.submission_id, "guest@customer.example")
            thanks.give(session, viewer(scene.store, cast.maria), letter.id, "", clock.now())
            recognition.bring(session, viewer(scene.store, cast.berta), letter.id, clock.now())
            session.flush()
            recognition.note(session, viewer(scene.store, cast.dora), letter.id, "", clock.now())
    page = f"/admin/people/{cast.karim}"
    fill_in(at_work(scene.app, cast, "anna"), page, f"{page}/invitation-mail")
    _bring_to_its_end(scene)
    _challenge(scene)
    with scene.store.read() as session:
        notices = list(session.scalars(select(Notice).where(Notice.channel == MAIL).order_by(Notice.id)))
        desk = Desk(session, notices)
        for notice in notices:
            with suppress(Withdrawn):  # delivered meanwhile by another story
                yield desk.errand(notice)


def _challenge(scene: Scene) -> None:
    """Two challenges, of which one is answered."""
    maria, anna, at = viewer(scene.store, scene.cast.maria), viewer(scene.store, scene.cast.anna), clock.now()
    with scene.store.write() as session:
        for part in (challenges.Part.MAILS, challenges.Part.RECORD):
            made = challenges.challenge(session, maria, part, SAID, at)
        session.flush()
        challenges.answer(session, anna, made.id, challenges.Outcome.LEFT, SAID, at)


def _bring_to_its_end(scene: Scene, when: datetime | None = None) -> None:
    """Two cases of which everyone is told everything there is to tell; one is with others by the end."""
    cast, store = scene.cast, scene.store
    number = arrives(store, cast.kitchen_link, contact_email="guest@customer.example", may_contact=True, at=when)
    other = arrives(store, cast.kitchen_link, at=when)
    berta, ending = viewer(store, cast.berta), Ending(Outcome.UPHELD, Cause.OTHER, Remedy.NONE)
    with store.write() as session:
        case, said = session.get_one(Case, number), session.get_one(Submission, number)
        at = said.submitted_at
        cases.watch(session, case.warn_at or at, mails=True)
        cases.watch(session, case.due_at or at, mails=True)
        cases.assign(session, berta, case, cast.karim, version=case.version, at=at)
        cases.reply(session, berta, case, SAID, Says.ASKED, version=case.version, at=at)
        cases.write(session, said, SAID, at)
        case, said = session.get_one(Case, other), session.get_one(Submission, other)
        cases.close(session, berta, case, ending, version=case.version, at=at, mails=False)
        cases.reopen(session, said, SAID, at)


def mails(scene: Scene) -> Pages:
    """Every mail, its subject and plain text put before its HTML."""
    found = {(errand.about, repr(errand.told.reasons)): errand for errand in owed(scene)}
    assert {about for about, _ in found} == set(About) - INSIDE - {About.DIGEST}
    told = [errand for errand in found.values() if errand.about in digests.SENTENCES]
    digest = replace(told[0], about=About.DIGEST, entries=tuple(told * (mail.MOST_ENTRIES + 1)))
    for errand in (*found.values(), digest):
        written = mail.written(replace(errand, language=PSEUDO, photos=2), scene.settings)
        plain, html = (written.get_body((part,)).get_content() for part in ("plain", "html"))  # type: ignore[union-attr]
        yield str(errand.about), html.replace("<body>", f"<body><pre>{written['Subject']}\n{plain}</pre>")


def errors_at(endpoint: str) -> Callable[[Scene], Pages]:
    return lambda scene: error_pages(scene, endpoint)


ROOMS: dict[str, Callable[[Scene], Pages]] = {
    "forms": forms,
    "thanks": thank_you_pages,
    "receipts": receipt_pages,
    "errors of customers": errors_at("fails"),
    "errors at work": errors_at("employee.fails"),
    "sign-in": doors,
    "surveys": survey_pages,
    "praise": praise_pages,
    "letters": letters_pages,
    "what is kept": record_pages,
    "devices that are told": push_pages,
    "news": news_pages,
    "cases": case_lists,
    "case": case_pages,
    "links": link_pages,
    "replies": reply_pages,
    "words on print": wording_pages,
    "settings": settings_pages,
    "set-up": set_up_pages,
    "directory": directory_pages,
    "routing": routing_pages,
    "mails": mails,
}
