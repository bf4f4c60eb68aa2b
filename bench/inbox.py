"""The inbox of a small and of a large store beside each other: lists, filters, numbers and searches, by who asks.

Each question is asked of both stores with the same organisation in them, in turn, so that what else the machine does
falls on both. Measured is the whole answer of `/cases`, as the web server would send it, and its two parts in the core.
"""

import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from bench import past
from bench.installation import SECRET
from bench.past import House
from bench.saying import Saying
from feedback import clock, create_app
from feedback.config import Settings
from feedback.core import accounts, cases
from feedback.core.access import Viewer, viewer_of
from feedback.core.accounts import Account
from feedback.core.cases import OPEN, Filters
from feedback.core.cases.filters import FIELDS
from feedback.core.people import Person
from feedback.db import Store
from feedback.migrations import migrate
from feedback.web.session import KEPT
from tests.ground.postgres import create_database, drop_database, postgres

SMALL = 10_000
WANTED = 2.0  # times as long in the large store, at most
SIZE = 51  # cases of a page, and the one that shows there are more
TIMES = 12  # each question of each person
COMMON, PARTS = "soup ", ("page", "next page", "numbers", "answer")

Ask = Callable[["Questions", Viewer], Filters]


class Questions:
    """What is asked, the same of both stores: their houses are alike but for the ids."""

    def __init__(self, house: House, words: Saying, seed: int) -> None:
        self._house, self._words, self._draw = house, words, random.Random(seed)

    def department(self, viewer: Viewer) -> int:
        """One within reach."""
        some = [id for id in self._house.departments if viewer.sees_everything or id in viewer.managed]
        return self._draw.choice(some or list(self._house.departments))

    def place(self, viewer: Viewer) -> int:
        """A place of such a department."""
        return self._draw.choice(self._house.places[self.department(viewer)])

    def handler(self, viewer: Viewer) -> int:
        """Somebody who works in such a department."""
        return self._draw.choice(self._house.people[self.department(viewer)])

    def word(self, commonest: int, rarest: int) -> str:
        """A word of about that rank."""
        return self._words.ranked(commonest, rarest, self._draw)


ASKED: dict[str, Ask] = {
    "everything": lambda ask, who: Filters(),
    "open": lambda ask, who: Filters(status=OPEN),
    "received": lambda ask, who: Filters(status="received"),
    "closed": lambda ask, who: Filters(status="closed"),
    "suggestions": lambda ask, who: Filters(kind="suggestion"),
    "severity 4": lambda ask, who: Filters(severity=4),
    "overdue": lambda ask, who: Filters(overdue_at=clock.now()),
    "a department": lambda ask, who: Filters(department_id=ask.department(who)),
    "a place": lambda ask, who: Filters(place_id=ask.place(who)),
    "a handler": lambda ask, who: Filters(handler_id=ask.handler(who)),
    "department, open": lambda ask, who: Filters(department_id=ask.department(who), status=OPEN),
    "handler, open": lambda ask, who: Filters(handler_id=ask.handler(who), status=OPEN),
    "severity, kind": lambda ask, who: Filters(severity=3, kind="suggestion"),
    "department, severity, kind": lambda ask, who: Filters(
        department_id=ask.department(who), severity=3, kind="suggestion"
    ),
    "rare word": lambda ask, who: Filters(q=ask.word(20_000, 30_000) + " "),
    "usual word": lambda ask, who: Filters(q=ask.word(50, 500) + " "),
    "common word": lambda ask, who: Filters(q=COMMON),
    "beginning of a word": lambda ask, who: Filters(q="min"),
    "two words": lambda ask, who: Filters(q=f"parcel {ask.word(0, 50)} "),
    "word, beginning of many": lambda ask, who: Filters(q=f"parcel {ask.word(0, 50)[:4]}"),
    "Chinese": lambda ask, who: Filters(q="冷的"),
    "common word, department": lambda ask, who: Filters(q=COMMON, department_id=ask.department(who)),
    "usual word, open": lambda ask, who: Filters(q=ask.word(10, 100) + " ", status=OPEN),
    "common word, kind, place": lambda ask, who: Filters(q=COMMON, kind="suggestion", place_id=ask.place(who)),
}


@dataclass(slots=True)
class Shop:
    """One store under measurement, with everybody's way in."""

    store: Store
    house: House
    app: Flask
    viewers: dict[str, Viewer]
    browsers: dict[str, FlaskClient]
    words: Saying
    seconds: float
    megabytes: float


@dataclass(slots=True)
class Found:
    """Milliseconds of every call: by store, size, part and question."""

    times: dict[tuple[str, int, str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    built: dict[tuple[str, int], tuple[float, float]] = field(default_factory=dict)


def measured(folder: Path, large: int, tell: Callable[[str], None]) -> Found:
    """Both sizes in both kinds of store, one kind after the other; nothing of them is left."""
    found = Found()
    for kind in ("sqlite", "postgresql"):
        with ExitStack() as opened:
            shops = {
                n: opened.enter_context(_shop(kind, folder / f"{kind}-{n}", n, opened, tell)) for n in (SMALL, large)
            }
            found.built |= {(kind, n): (shop.seconds, shop.megabytes) for n, shop in shops.items()}
            for number in range(TIMES + 1):
                tell(f"{kind}: round {number} of {TIMES}")
                for n, shop in shops.items():
                    _round(shop, number, found if number else Found(), kind, n)  # the first warms both up
    return found


def _round(shop: Shop, number: int, found: Found, kind: str, size: int) -> None:
    for name, viewer in shop.viewers.items():
        ask = Questions(shop.house, shop.words, number)
        for title, question in ASKED.items():
            filters = question(ask, viewer)
            for part, took in _timed(shop, viewer, shop.browsers[name], filters):
                found.times[kind, size, part, title].append(took)


def _timed(shop: Shop, viewer: Viewer, browser: FlaskClient, filters: Filters) -> Iterator[tuple[str, float]]:
    with shop.store.read() as session:
        session.connection()
        began = time.perf_counter()
        rows = cases.page(session, viewer, filters, size=SIZE)
        yield "page", _since(began)
        if len(rows) == SIZE:
            began = time.perf_counter()
            cases.page(session, viewer, filters, after=rows[-2].cursor, size=SIZE)
            yield "next page", _since(began)
        began = time.perf_counter()
        cases.tally(session, viewer, filters)
        yield "numbers", _since(began)
    asked = {name: getattr(filters, column) for name, column in FIELDS.items() if getattr(filters, column) is not None}
    began = time.perf_counter()
    answer = browser.get(
        "/cases", query_string=asked | {"overdue": "yes" if filters.overdue_at else "", "q": filters.q}
    )
    yield "answer", _since(began)
    if answer.status_code != 200:
        raise RuntimeError(f"/cases answered {answer.status}")


def _since(began: float) -> float:
    return 1000 * (time.perf_counter() - began)


@contextmanager
def _shop(kind: str, folder: Path, n: int, opened: ExitStack, tell: Callable[[str], None]) -> Iterator[Shop]:
    folder.mkdir()
    server = opened.enter_context(postgres(fsync=True)) if kind == "postgresql" else ""
    url = create_database(server, "measured") if server else f"sqlite:///{folder / 'firsthand.db'}"
    settings = Settings(secret_key=SECRET, data_dir=folder, database_url=url, base_url="http://localhost", worker="off")
    store = Store(url)
    try:
        migrate(store)
        began = time.perf_counter()
        tell(f"{kind}: making {n:,} cases")
        house = past.made(store, n, clock.now(), tell)
        seconds = time.perf_counter() - began
        app = create_app(settings)
        viewers = {name: _viewer(store, id) for name, id in house.viewers.items()}
        browsers = {name: _browser(app, store, id) for name, id in house.viewers.items()}
        yield Shop(store, house, app, viewers, browsers, Saying(1), seconds, _size(store, folder))
        app.extensions["firsthand"].store.close()
    finally:
        store.close()
        for file in folder.glob("firsthand.db*"):
            file.unlink()
        if server:
            drop_database(server, "measured")


def _viewer(store: Store, person_id: int) -> Viewer:
    with store.read() as session:
        return viewer_of(session, session.get_one(Person, person_id), session.get_one(Account, person_id))


def _browser(app: Flask, store: Store, person_id: int) -> FlaskClient:
    with store.write() as session:
        token = accounts.sign_in(session, person_id, clock.now())
    browser = app.test_client()
    with browser.session_transaction() as cookie:
        cookie[KEPT] = token
    return browser


def _size(store: Store, folder: Path) -> float:
    if store.is_sqlite:
        return sum(file.stat().st_size for file in folder.glob("firsthand.db*")) / 1e6
    with store.glance() as connection:
        return float(connection.exec_driver_sql("select pg_database_size(current_database())").scalar() or 0) / 1e6


def lines(found: Found, large: int) -> Iterator[str]:
    """The figures for a reader: medians and 95th percentiles in milliseconds, and the ratio of those."""
    for (kind, n), (seconds, megabytes) in found.built.items():
        yield f"{kind}, {n:,} cases: made in {seconds:.0f} s, {megabytes:,.0f} MB"
    for kind in dict.fromkeys(kind for kind, _ in found.built):
        yield f"{kind:28}{'p50':>8}{'p95':>8}{'p50':>10}{'p95':>8}{'ratio of p95':>14}"
        for part in PARTS:
            for title in ASKED:
                small, big = found.times[kind, SMALL, part, title], found.times[kind, large, part, title]
                if small and big:
                    yield _line(f"{part}: {title}", small, big)
            yield _line(f"{part}: all", *(_all(found, kind, n, part) for n in (SMALL, large)))
    for kind in dict.fromkeys(kind for kind, _ in found.built):
        ratio = _ratio(_all(found, kind, SMALL, "answer"), _all(found, kind, large, "answer"))
        verdict = "met" if ratio <= WANTED else "missed"
        yield f"{verdict:7}{kind}, p95 of the answer beside that of {SMALL:,}: {ratio:.2f}, wanted at most {WANTED:g}"


def as_json(found: Found) -> dict[str, Any]:
    """The figures for build/bench.json."""
    named: dict[str, Mapping[str, float]] = {
        ", ".join(map(str, key)): {"p50": statistics.median(times), "p95": _p95(times)}
        for key, times in found.times.items()
        if times
    }
    return {"milliseconds": named, "built": {f"{kind}, {n}": built for (kind, n), built in found.built.items()}}


def _all(found: Found, kind: str, n: int, part: str) -> list[float]:
    return [took for title in ASKED for took in found.times[kind, n, part, title]]


def _line(title: str, small: list[float], big: list[float]) -> str:
    figures = (statistics.median(small), _p95(small), statistics.median(big), _p95(big))
    return f"{title:36}{figures[0]:8.1f}{figures[1]:8.1f}{figures[2]:10.1f}{figures[3]:8.1f}{_ratio(small, big):10.2f}"


def _ratio(small: list[float], big: list[float]) -> float:
    return _p95(big) / _p95(small)


def _p95(times: list[float]) -> float:
    return sorted(times)[min(len(times) - 1, int(0.95 * len(times)))]
