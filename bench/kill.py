"""`kill -9` of the whole server under load, again and again: what was acknowledged is there once, nothing twice.

Customers behave as a browser does: where no answer came they send the same form again, token and all, until they
hold a receipt. Losing power is another matter: that the store waits for the disk is asserted where it is opened.
"""

import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import parse_qs

from sqlalchemy import text
from sqlalchemy.orm import Session

from bench.installation import SECRET, WORDS, Installation, form, installed
from feedback import clock
from feedback.core.submissions import receipt_of
from feedback.db import Store
from feedback.web.customer import token
from tests.ground import free_port
from tests.ground.postgres import create_database, postgres

CUSTOMERS = 16
PAUSE = 0.1  # seconds before a form is sent again
PATIENCE = 10.0  # seconds for one answer
GIVE_UP = 60.0  # seconds for one form
UP = (0.3, 1.2)  # seconds from the server's first answer to its end, another each time

# What must not be found; each statement counts it.
FAULTS = {
    "with words that are there twice": """select coalesce(sum(n - 1), 0) from (select count(*) as n from submission
        where not is_history and message <> '' group by message) as same""",
    "without its one first event": """select count(*) from submission s
        where (select count(*) from event e where e.submission_id = s.id and e.number = 1) <> 1""",
    "without a route": """select count(*) from submission s
        where s.kind <> 'survey' and not exists (select 1 from route r where r.submission_id = s.id)""",
    "compliments without praise": """select count(*) from submission s where s.kind = 'compliment'
        and not exists (select 1 from praise p where p.submission_id = s.id)""",
    "complaints without a case": """select count(*) from submission s where s.kind = 'complaint'
        and not exists (select 1 from "case" c where c.id = s.id)""",
    "complaints without their topic": """select count(*) from submission s where not s.is_history
        and s.kind = 'complaint' and not exists (select 1 from submission_topic t where t.submission_id = s.id)""",
    "without a notice": """select count(*) from submission s where not s.is_history
        and not exists (select 1 from event e join notice n on n.event_id = e.id where e.submission_id = s.id)""",
    "kinds whose count is wrong": """select count(*)
        from (select kind, count(*) as n from submission group by kind) as kept
        left join (select kind, sum(n) as n from day_count group by kind) as counted on counted.kind = kept.kind
        where counted.n is null or counted.n <> kept.n""",
}


@dataclass(slots=True)
class Tally:
    """What happened to everything that was sent."""

    store: str
    kills: int = 0
    acknowledged: int = 0
    sent_again: int = 0
    kept: int = 0
    lost: int = 0
    twice: int = 0
    strangers: int = 0  # stored, though nobody was told so
    oddities: list[str] = field(default_factory=list)  # answers that a customer should not have got
    faults: dict[str, int] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        """Whether every acknowledged submission is there, whole, and once."""
        wrong = self.lost or self.twice or self.strangers or self.oddities or any(self.faults.values())
        return self.acknowledged > 0 and not wrong


class Customers:
    """People who send one form after the other, each until it is acknowledged."""

    def __init__(self, here: Installation, port: int) -> None:
        self.here, self.port = here, port
        self.acknowledged: list[bytes] = []
        self.oddities: list[str] = []
        self.sent_again = 0
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._number = 0

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Within the block they send; at its end each finishes what it began."""
        threads = [threading.Thread(target=self._one_after_the_other) for _ in range(CUSTOMERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(2 * GIVE_UP)

    def _one_after_the_other(self) -> None:
        browser = Browser(self.port)
        while not self._stop.is_set():
            with self._lock:
                self._number += 1
                number = self._number
            words = f"{WORDS[number % len(WORDS)]} ({number})"
            code, body = form(self.here, number, (words,))
            try:
                self._send_until_acknowledged(browser, code, body)
            except Odd as error:
                self.oddities.append(str(error))
        browser.close()

    def _send_until_acknowledged(self, browser: "Browser", code: str, body: str) -> None:
        key = token.read(parse_qs(body)["token"][0], code, clock.now(), SECRET).key
        again, cookie = browser.insist("POST", f"/q/{code}", body, wanted=303)
        with self._lock:
            self.acknowledged.append(key)
            self.sent_again += again
        _, page = browser.insist("GET", "/thanks", cookie=cookie, wanted=200)
        if receipt_of(key, SECRET) not in page:
            raise Odd("the receipt on the page is not the one of this form")


class Odd(Exception):
    """An answer that a customer should not have got."""


class Browser:
    """One customer's browser: keeps its connection, and asks again where no answer came."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def insist(self, method: str, path: str, body: str = "", *, cookie: str = "", wanted: int) -> tuple[int, str]:
        """How often it had to be sent again, and the cookie set or the page shown. Raises Odd."""
        deadline, again = time.monotonic() + GIVE_UP, 0
        while time.monotonic() < deadline:
            try:
                status, said = self._ask(method, path, body, cookie)
            except (OSError, HTTPException):
                self.close()
            else:
                if status == wanted:
                    return again, said
                if status != 503:
                    raise Odd(f"{method} {path[:3]} was answered with {status}")
            again += 1
            time.sleep(PAUSE)
        raise Odd(f"no answer within {GIVE_UP:.0f} s")

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _ask(self, method: str, path: str, body: str, cookie: str) -> tuple[int, str]:
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        self._connection.request(method, path, body or None, headers | ({"Cookie": cookie} if cookie else {}))
        answer = self._connection.getresponse()
        page = answer.read().decode()
        return answer.status, (answer.getheader("Set-Cookie") or "").partition(";")[0] or page


def on_both_stores(folder: Path, *, times: int, tell: Callable[[str], None]) -> Iterator[Tally]:
    """The tally of `times` kills on SQLite, then on a PostgreSQL that waits for its disk."""
    yield killed_again_and_again(folder, times=times, tell=tell)
    with postgres(fsync=True) as server:
        yield killed_again_and_again(folder, times=times, database_url=create_database(server, "killed"), tell=tell)


def killed_again_and_again(
    folder: Path, *, times: int, database_url: str = "", tell: Callable[[str], None] = print
) -> Tally:
    """Kill a server `times` over while customers send, then compare what they were told with what is stored."""
    place = Path(tempfile.mkdtemp(prefix="killed-", dir=folder))
    here = installed(place, database_url=database_url, smtp_url=f"smtp://127.0.0.1:{free_port()}")
    chance = random.Random(times)
    server = here.started(free_port())
    try:
        customers = Customers(here, server.port)
        with customers.busy():
            for number in range(times):
                time.sleep(chance.uniform(*UP))
                server.kill()
                tell(f"killed {number + 1} of {times}; {len(customers.acknowledged)} acknowledged so far")
                server = here.started(server.port)
            time.sleep(UP[0])
    finally:
        server.stop()
    return _compared(here, customers, times)


def lines(tally: Tally) -> Iterator[str]:
    """The tally for a reader."""
    yield f"Killed {tally.kills} times under load, {tally.store}: {'clean' if tally.is_clean else 'NOT CLEAN'}"
    yield f"  acknowledged {tally.acknowledged}, forms sent again {tally.sent_again}, stored {tally.kept}"
    yield f"  lost {tally.lost}, stored twice {tally.twice}, stored but never acknowledged {tally.strangers}"
    yield from (f"  {what}: {count}" for what, count in tally.faults.items())
    yield from (f"  odd: {what} ({count} times)" for what, count in Counter(tally.oddities).items())


def as_json(tally: Tally) -> Mapping[str, object]:
    """The tally for build/bench.json."""
    return asdict(tally) | {"is_clean": tally.is_clean}


def _compared(here: Installation, customers: Customers, kills: int) -> Tally:
    store = Store(here.database_url)
    try:
        kept = Counter(_keys(store))
        told = Counter(customers.acknowledged)
        return Tally(
            store="SQLite" if store.is_sqlite else "PostgreSQL",
            kills=kills,
            acknowledged=told.total(),
            sent_again=customers.sent_again,
            kept=kept.total(),
            lost=len(told.keys() - kept.keys()),
            twice=sum(count - 1 for count in kept.values()),
            strangers=len(kept.keys() - told.keys()),
            oddities=customers.oddities,
            faults=_faults(store),
        )
    finally:
        store.close()


def _keys(store: Store) -> list[bytes]:
    with store.read() as session:
        return [bytes(key) for key in session.scalars(text("select key from submission where not is_history"))]


def _faults(store: Store) -> dict[str, int]:
    with store.read() as session:
        found = {what: int(session.scalar(text(statement)) or 0) for what, statement in FAULTS.items()}
        if store.is_sqlite:
            found["broken pages or rows in the file"] = _broken(session)
        return found


def _broken(session: Session) -> int:
    whole = session.scalars(text("pragma integrity_check")).all()
    return (whole != ["ok"]) + len(session.execute(text("pragma foreign_key_check")).all())
