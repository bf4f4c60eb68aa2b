"""The results of a survey with few and with many responses beside each other, and its export in how much memory.

Both stores hold the same survey of ten questions, asked through forty links of ten departments in three languages over
a year; their responses are counted by the product itself, in portions, as they would have been.
"""

import json
import random
import statistics
import time
import tracemalloc
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import insert

from bench.installation import SECRET
from feedback import clock, create_app
from feedback.config import Settings
from feedback.core import accounts
from feedback.core.access import viewer_of
from feedback.core.accounts import Account
from feedback.core.links import new_link
from feedback.core.organisation import Organisation
from feedback.core.people import Department, Person
from feedback.core.submissions import Submission
from feedback.core.surveys import Response, counting, keeping
from feedback.core.surveys.design import Design, Option, Question
from feedback.db import Store, new_id, table_of
from feedback.migrations import migrate
from feedback.web.session import KEPT
from tests.ground.postgres import create_database, drop_database, postgres

SMALL = 10_000
WANTED = 2.0  # times as long with many responses, at most
TIMES = 40  # each page
DEPARTMENTS, LINKS, WEEKS = 10, 4, 52  # links of each department
LANGUAGES = ("en", "de", "ar")
BATCH = 5_000  # responses written at a time
TYPES = ("faces", "scale", "csat", "ces", "fft", "yes_no", "one", "several", "matrix", "words")


@dataclass(slots=True)
class Shop:
    """One store with a survey in it, and an admin at their browser."""

    store: Store
    survey: int
    department: int
    link: int
    browser: FlaskClient
    made: float  # seconds that writing took
    counted: float  # seconds that counting took


@dataclass(slots=True)
class Found:
    """Milliseconds of every page, by store, size and page; and each export's lines, seconds and most MB."""

    times: dict[tuple[str, int, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    built: dict[tuple[str, int], tuple[float, float]] = field(default_factory=dict)
    exports: dict[tuple[str, int, str], tuple[int, float, float]] = field(default_factory=dict)


def measured(folder: Path, large: int, tell: Callable[[str], None]) -> Found:
    """Both sizes in both kinds of store, one kind after the other; nothing of them is left."""
    found = Found()
    for kind in ("sqlite", "postgresql"):
        with ExitStack() as opened:
            shops = {n: opened.enter_context(_shop(kind, folder / f"{kind}-{n}", n, tell)) for n in (SMALL, large)}
            found.built |= {(kind, n): (shop.made, shop.counted) for n, shop in shops.items()}
            for number in range(TIMES + 1):
                for n, shop in shops.items():
                    for page, query in _pages(shop, number).items():
                        seconds = _asked(shop.browser, f"/surveys/{shop.survey}/results{query}")
                        if number:  # the first warms up
                            found.times[kind, n, page].append(seconds * 1000)
            for n, shop in shops.items():
                for ending in ("csv", "xlsx"):
                    tell(f"{kind}: {ending} of {n:,}")
                    found.exports[kind, n, ending] = _exported(shop, ending)
    return found


def lines(found: Found, large: int) -> Iterator[str]:
    """The figures for a reader."""
    yield f"Results of a survey: p95 with {large:,} responses beside {SMALL:,} (at most {WANTED} times)"
    for kind, page in dict.fromkeys((kind, page) for kind, _, page in found.times):
        few, many = (_p95(found.times[kind, n, page]) for n in (SMALL, large))
        middle = [statistics.median(found.times[kind, n, page]) for n in (SMALL, large)]
        yield (
            f"  {kind:<10} {page:<28} {many / few:5.2f}   ({few:6.1f} and {many:6.1f} ms; "
            f"medians {middle[0]:.1f} and {middle[1]:.1f})"
        )
    yield "Exports: seconds (with every allocation watched), and how many MB Python held for them at the most"
    for (kind, n, ending), (rows, seconds, most) in found.exports.items():
        told = f" in {rows:,} lines" if rows else ""
        yield f"  {kind:<10} {ending:<5} {n:>9,} responses  {seconds:6.1f} s  {most:6.1f} MB{told}"
    for (kind, n), (made, counted) in found.built.items():
        yield f"  {kind:<10} {n:>9,} responses written in {made:.0f} s, counted in {counted:.0f} s"


def as_json(found: Found) -> object:
    """The same for build/bench.json."""
    return {
        "p95": {" ".join(map(str, key)): round(_p95(times), 2) for key, times in found.times.items()},
        "exports": {" ".join(map(str, key)): told for key, told in found.exports.items()},
        "built": {" ".join(map(str, key)): told for key, told in found.built.items()},
    }


def _p95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def _pages(shop: Shop, number: int) -> dict[str, str]:
    since = (clock.now() - timedelta(weeks=4 + number % 8)).date().isoformat()
    return {
        "everything": "",
        "a department": f"?scope=department-{shop.department}",
        "a link in one language": f"?scope=link-{shop.link}&language={LANGUAGES[number % 3]}",
        "the last weeks, compared": f"?since={since}",
    }


def _asked(browser: FlaskClient, address: str) -> float:
    begun = time.perf_counter()
    answer = browser.get(address)
    assert answer.status_code == 200 and len(answer.data) > 10_000, answer.status
    return time.perf_counter() - begun


def _exported(shop: Shop, ending: str) -> tuple[int, float, float]:
    """Drain an export, keeping nothing of it: its rows (of CSV), seconds, and how many MB Python held at the most."""
    begun, rows, size = time.perf_counter(), 0, 0
    tracemalloc.start()
    answer = shop.browser.get(f"/surveys/{shop.survey}/results.{ending}")
    for piece in answer.iter_encoded():
        rows, size = rows + piece.count(b"\n"), size + len(piece)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer.status_code == 200 and size
    answer.close()
    return rows if ending == "csv" else 0, time.perf_counter() - begun, most / 1024 / 1024


@contextmanager
def _shop(kind: str, folder: Path, n: int, tell: Callable[[str], None]) -> Iterator[Shop]:
    folder.mkdir()
    with ExitStack() as opened:
        url = f"sqlite:///{folder / 'firsthand.db'}"
        if kind == "postgresql":
            server = opened.enter_context(postgres())
            url = create_database(server, "surveys")
            opened.callback(drop_database, server, "surveys")
        store = Store(url)
        opened.callback(store.close)
        migrate(store)
        yield opened.enter_context(_filled(store, url, folder, n, tell))


@contextmanager
def _filled(store: Store, url: str, folder: Path, n: int, tell: Callable[[str], None]) -> Iterator[Shop]:
    at = clock.now() - timedelta(weeks=WEEKS)
    with store.write() as session:
        session.add(Organisation(name="Bench", made_at=at))
        departments = [Department(id=new_id(clock.now()), name=f"Department {k}") for k in range(DEPARTMENTS)]
        session.add_all(departments)
        session.flush()
        admin = Person(id=new_id(clock.now()), name="Anna", public_name="Anna", department_id=departments[0].id)
        session.add(admin)
        session.flush()
        account = Account(person_id=admin.id, sign_in_name="anna", password_hash="-", is_admin=True)
        session.add(account)
        links = [new_link(clock.now(), department=one) for one in departments for _ in range(LINKS)]
        session.add_all(links)
        session.flush()
        viewer = viewer_of(session, admin, account)
        survey = keeping.make(session, viewer, _design(), at, name="Bench", department_id=None)
        edition = keeping.publish(session, viewer, survey, at, seen=1)
        token = accounts.sign_in(session, admin.id, clock.now())
        places = [(link.id, link.department_id) for link in links]
        survey_id, edition_id, department, link = survey.id, edition.id, departments[0].id, links[0].id
    begun = time.perf_counter()
    for beginning in range(0, n, BATCH):
        tell(f"{store.dialect.name}: {beginning:,} of {n:,} responses")
        _write(store, survey_id, edition_id, places, beginning, min(BATCH, n - beginning), n)
    made, begun = time.perf_counter() - begun, time.perf_counter()
    tell(f"{store.dialect.name}: counting {n:,}")
    while counting.count_all(store, clock.now()):
        tell(f"{store.dialect.name}: counted for {time.perf_counter() - begun:.0f} s")
    counted = time.perf_counter() - begun
    app = create_app(Settings(secret_key=SECRET, data_dir=folder, database_url=url, base_url="http://localhost"))
    app.testing = True
    browser = app.test_client()
    with browser.session_transaction() as cookie:
        cookie[KEPT] = token
    try:
        yield Shop(store, survey_id, department, link, browser, made, counted)
    finally:
        app.extensions["firsthand"].store.close()


def _design() -> Design:
    options = tuple(Option(f"o{k}", {"en": f"Answer {k}"}) for k in range(1, 6))
    rows = tuple(Option(f"r{k}", {"en": f"Row {k}"}) for k in range(1, 4))
    questions = tuple(
        Question(
            f"q{k}",
            type,
            {"en": f"Question {k}"},
            {},
            options=options if type in ("one", "several", "matrix") else (),
            rows=rows if type == "matrix" else (),
        )
        for k, type in enumerate(TYPES, start=1)
    )
    return Design({"en": "Bench"}, questions, next=99)


def _write(
    store: Store, survey: int, edition: int, places: Sequence[tuple[int, int | None]], beginning: int, some: int, n: int
) -> None:
    chance, first = random.Random(beginning), clock.now() - timedelta(weeks=WEEKS)
    submissions, responses = [], []
    for k in range(beginning, beginning + some):
        at = first + timedelta(weeks=WEEKS) * (k / n)
        link, department = chance.choice(places)
        id = new_id(at)
        submissions.append(_submission(id, k, at, link, department, chance.choice(LANGUAGES)))
        given = {"survey_id": survey, "edition_id": edition, "answers": _answers(chance), "is_partial": False}
        responses.append({"submission_id": id, "portion_id": None} | given)
    with store.write_rows() as connection:
        connection.execute(insert(table_of(Submission)), submissions)
        connection.execute(insert(table_of(Response)), responses)


def _submission(id: int, k: int, at: Any, link: int, department: int | None, language: str) -> dict[str, Any]:
    empty = dict.fromkeys(("place_id", "person_id", "rating", "happened_at"))
    return empty | {
        "id": id,
        "key": k.to_bytes(16),
        "digest": bytes(16),
        "receipt_hash": k.to_bytes(32),
        "kind": "survey",
        "message": "",
        "language": language,
        "link_id": link,
        "department_id": department,
        "person_note": "",
        "submitted_at": at,
        "may_share": False,
        "is_trapped": False,
        "is_hasty": False,
        "is_history": False,
    }


def _answers(chance: random.Random) -> dict[str, Any]:
    options = [f"o{k}" for k in range(1, 6)]
    found: dict[str, Any] = {
        "q1": str(chance.randint(1, 5)),
        "q2": str(chance.randint(0, 10)),
        "q3": str(chance.randint(1, 5)),
        "q4": str(chance.randint(1, 7)),
        "q5": chance.choice(("very_good", "good", "neither", "poor", "very_poor", "dont_know")),
        "q6": chance.choice(("yes", "no")),
        "q7": chance.choice(options),
        "q8": chance.sample(options, 2),
        "q9": {f"r{k}": chance.choice(options) for k in range(1, 4)},
    }
    if chance.random() < 0.2:
        found["q10"] = "The bag of screws was complete."
    return json.loads(json.dumps(found))
