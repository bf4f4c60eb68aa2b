"""Short verbs for stories: something arrives, someone is at work, a form is filled in; the cast is in `factories`."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from weakref import WeakKeyDictionary

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from feedback import clock
from feedback.core import accounts, attachments, files, history, intake, routing
from feedback.core.access import Viewer, viewer_of
from feedback.core.accounts import Account
from feedback.core.deadlines import the_pace
from feedback.core.files import Picture
from feedback.core.intake import Scene
from feedback.core.links import link_with_code, offer
from feedback.core.people import Person
from feedback.core.submissions import Concern, Draft
from feedback.db import Store
from feedback.web import NAME
from feedback.web.session import KEPT
from tests.factories import BEGINNING, Cast
from tests.ground.pages import field_pairs, field_values

DOT = b"\xff\xd8\xff not looked at by those who only ask who may have it"
SECRET = "a secret for tests"
NO_IDS = (str(2**63), "9" * 30, "-1", "١٢", "%00", "abc", "1.0", "0x1", "1e3", "%201", "²")
_keys = count(1)
_scenes: WeakKeyDictionary[Store, dict[object, Scene]] = WeakKeyDictionary()


def arrives(
    store: Store, code: str, *, at: datetime | None = None, history: bool = False, mails: bool = True, **said: object
) -> int:
    """A submission through the link `code`, as the form would have sent it; returns its id."""
    said.setdefault("kind", "complaint")
    said.setdefault("message", "The soup was cold")
    number = next(_keys)
    moment = at or BEGINNING + timedelta(seconds=number)  # on one day, however many tests came before
    scene = _scene(store, code, mails)
    plan = intake.plan(
        Draft(**said),  # type: ignore[arg-type]
        scene,
        key=number.to_bytes(16),
        at=moment,
        secret=SECRET,
        is_history=history,
    )
    with store.write_rows() as connection:
        assert intake.keep(connection, plan)
    return plan.submission["id"]


def _scene(store: Store, code: str, mails: bool) -> Scene:
    kept, version = _scenes.setdefault(store, {}), store.version()
    if (code, version, mails) not in kept:
        with store.read() as session:
            link = link_with_code(session, code)
            assert link is not None
            offered = offer(session, link)
            picture = routing.picture_for(session, offered)
            pace = the_pace(session)
        kept[code, version, mails] = Scene.of_link(offered, picture, "UTC", mails=mails, pace=pace)
    return kept[code, version, mails]


def photographed(store: Store, folder: Path, submission_id: int, *, step: int = -1) -> int:
    """Note, later than it arrived, that a photo came with a step of a submission, the last unless said; its id."""
    picture = Picture("jpeg", 40, 30, DOT)
    with store.write() as session:
        event = history.events_of(session, submission_id)[step]
        photo = files.keep(session, folder, picture, BEGINNING)
        attachments.attach(session, event, [photo])
        return photo.id


def concern(store: Store, submission_id: int, person_id: int) -> None:
    """Note, later than it arrived, that a submission concerns a person."""
    with store.write() as session:
        session.add(Concern(submission_id=submission_id, person_id=person_id))


def viewer(store: Store, person_id: int) -> Viewer:
    """How far a person sees at this moment."""
    with store.read() as session:
        return viewer_of(session, session.get_one(Person, person_id), session.get_one(Account, person_id))


def at_once(*works: Callable[[], None]) -> None:
    """Do all works at the same time; the first that fails, fails here."""
    start, failures = threading.Barrier(len(works)), []

    def run(work: Callable[[], None]) -> None:
        start.wait(10)
        try:
            work()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    if failures:
        raise failures[0]


def at_work(app: Flask, cast: Cast, key: str) -> FlaskClient:
    """The browser of one of the cast, signed in without the time that a password takes."""
    browser = app.test_client()
    with app.extensions[NAME].store.write() as session:
        token = accounts.sign_in(session, getattr(cast, key), clock.now())
    with browser.session_transaction() as cookie:
        cookie[KEPT] = token
    return browser


def fill_in(browser: FlaskClient, page: str, action: str, **changes: str) -> TestResponse:
    """Open `page`, change some fields of its form for `action` and send it off, token and all."""
    return browser.post(action, data=form_of(browser, page, action, **changes))


def form_of(browser: FlaskClient, page: str, action: str, **changes: str) -> MultiDict[str, str]:
    """What the form for `action` on `page` would send with some fields changed, to be sent as often as wanted."""
    shown = browser.get(page)
    assert shown.status_code == 200, shown.status
    filled = MultiDict(field_pairs(shown.text, action))
    for name, value in changes.items():
        filled[name] = value
    return filled


def token_for(browser: FlaskClient) -> str:
    """The token that any form of this browser carries against forgery: that of signing out."""
    return field_values(browser.get("/praise/letters").text, "/sign-out")["csrf_token"]


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """The statements the application sends to its store meanwhile."""
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    engine = app.extensions[NAME].store.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
