"""A whole installation to be measured: data folder, tables, demo, server; and what customers send to it."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import update

from bench import servers
from bench.servers import Server
from feedback import clock
from feedback.config import Settings
from feedback.core.demo import demo
from feedback.core.submissions import Submission
from feedback.db import Store
from feedback.migrations import migrate
from feedback.web.customer import token

SECRET = "a secret for measurements"
APP = "wsgi:app"
READ_FOR = timedelta(seconds=40)  # how long ago the pages of our customers were loaded
ONE_TAP, _, COMPLAINT = range(3)
EMPTY = dict.fromkeys(
    ("person", "person_note", "rating", "contact_name", "contact_email", "contact_phone", "website"), ""
)
WORDS = (
    "Maria remembered our names, and that Jo cannot eat nuts. We felt at home.",
    "The parcel came a day early and the bag of screws was complete.",
    "Waited forty minutes, nobody told us why, and the soup was cold by then.",
    "Thank you for the calm voice on the phone this morning. It helped more than you know.",
    "The second drawer has no handle in the box; page 4 of the leaflet shows two.",
    "Es war ein schöner Abend, und die Bedienung hatte trotz allem Zeit für uns.",
    "شكرا جزيلا على حسن الاستقبال، كل شيء كان نظيفا ومرتبا.",
)


@dataclass(frozen=True, slots=True)
class Installation:
    """One installation: where its data is, how it is told so, and what its demo made."""

    folder: Path
    environment: dict[str, str]
    codes: dict[str, str]  # 'person', 'department', 'place' to the code of a link
    topics: tuple[str, ...]

    @property
    def database(self) -> Path:
        """The file of its SQLite store."""
        return self.folder / "firsthand.db"

    @property
    def database_url(self) -> str:
        """The address of its store."""
        return self.environment.get("FIRSTHAND_DATABASE_URL") or f"sqlite:///{self.database}"

    @contextmanager
    def running(self, threads: int = servers.THREADS) -> Iterator[Server]:
        """Its web server, for the length of the block."""
        with servers.running(APP, folder=self.folder, environment=self.environment, threads=threads) as server:
            yield server

    def started(self, port: int) -> Server:
        """Its web server on a port where it may have been before; to be stopped by the caller."""
        return servers.start(APP, folder=self.folder, environment=self.environment, port=port)


def installed(folder: Path, *, database_url: str = "", smtp_url: str = "") -> Installation:
    """A fresh installation with the demo in `folder`."""
    settings = {
        "FIRSTHAND_SECRET_KEY": SECRET,
        "FIRSTHAND_DATA_DIR": str(folder),
        "FIRSTHAND_DATABASE_URL": database_url,
        "FIRSTHAND_SMTP_URL": smtp_url,
        "FIRSTHAND_LIMITS": "off",
        "FIRSTHAND_WORKER": "inline",
    }
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FIRSTHAND_")} | settings
    read = Settings.from_environment(environment)
    store = Store(read.database_url)
    try:
        migrate(store)
        made = demo(store, read, clock.now())
        with store.write() as session:  # so that what is measured is told from what was there
            session.execute(update(Submission).values(is_history=True))
    finally:
        store.close()
    codes = {link["points_at"]: link["code"] for link in made["links"]}
    return Installation(folder, environment, codes, tuple(topic["id"] for topic in made["topics"]))


def scan(code: str, *, gzip: bool) -> bytes:
    """What a phone asks after scanning."""
    accept = "Accept-Encoding: gzip, deflate, br\r\n" if gzip else ""
    return (
        f"GET /q/{code} HTTP/1.1\r\nHost: localhost\r\nAccept-Language: en-GB,en;q=0.9\r\n"
        f"Accept: text/html\r\n{accept}\r\n"
    ).encode()


def submissions(here: Installation, count: int, words: Sequence[str] = WORDS) -> list[bytes]:
    """So many different submissions: thanks in one tap, thanks in words, and complaints, in turn."""
    return [posted(code, body) for code, body in (form(here, n, words) for n in range(count))]


def form(here: Installation, number: int, words: Sequence[str] = WORDS) -> tuple[str, str]:
    """The code of a link and the body that a browser sends for its form; each call has a token of its own."""
    kind, said = number % 3, words[number // 3 % len(words)]
    code = here.codes["person" if kind == ONE_TAP else "place"]
    filled = {
        "kind": "complaint" if kind == COMPLAINT else "compliment",
        "message": "" if kind == ONE_TAP else said,
        "topic": here.topics[number % len(here.topics)] if kind == COMPLAINT else "",
    }
    made = token.mint(code, clock.now() - READ_FOR, SECRET)
    return code, urlencode(EMPTY | filled | {"token": made})


def posted(code: str, body: str) -> bytes:
    """The request that sends a form."""
    return (
        f"POST /q/{code} HTTP/1.1\r\nHost: localhost\r\nAccept-Language: en-GB,en;q=0.9\r\nAccept: text/html\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()
