"""Two managers press at the same time on one case, again and again: one is heard, the other reads what happened.

Each time both open the case in their browser, write, and send at the same moment. What was answered is compared with
what the store holds: every word that was taken is there once, none that was refused, and the refused one is still in
its field.
"""

import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from html import unescape
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import select

from bench.installation import SECRET, Installation, form, installed
from feedback.core import demo
from feedback.core.cases import Case
from feedback.core.demo import derived
from feedback.core.history import Event
from feedback.db import Store
from tests.ground.pages import field_values, visible_text
from tests.ground.postgres import create_database, postgres

ROUNDS_A_CASE = 20
PATIENCE = 20.0  # seconds for one answer
COMPLAINT = 2  # the third of the forms that installation.form() fills in
FORMS = ("replies", "severity", "closure")  # what the second of the two presses, in turn; the first always replies


@dataclass(slots=True)
class Tally:
    """What happened to everything that two managers pressed."""

    store: str
    rounds: int = 0
    taken: int = 0
    refused: int = 0
    both_taken: int = 0  # one of two changes would have been overwritten unseen
    neither_taken: int = 0
    words_lost: int = 0  # refused, and no longer in their field
    unseen: int = 0  # refused, and the page does not show what the other did
    not_kept: int = 0  # said to be taken, and not in the store
    kept_unsaid: int = 0  # in the store, and not said to be taken
    oddities: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether each time one was heard and the other lost nothing."""
        wrong = self.both_taken, self.neither_taken, self.words_lost, self.unseen, self.not_kept, self.kept_unsaid
        return self.rounds > 0 and not any(wrong) and not self.oddities


@dataclass(frozen=True, slots=True)
class Press:
    """One form sent: to what part of the case, with which words, and what was answered."""

    act: str
    words: str
    version: int  # of the case as it was on the screen
    status: int
    page: str


class Manager:
    """One manager's browser, signed in."""

    def __init__(self, port: int, address: str) -> None:
        self._line = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._cookie = ""
        status, _ = self.send("/sign-in", {"email": address, "password": derived.password(SECRET, address)})
        if status != 303:
            raise RuntimeError(f"signing in was answered with {status}")

    def opened(self, path: str) -> str:
        """The page at `path`."""
        return self._ask("GET", path, "")[1]

    def send(self, path: str, fields: Mapping[str, str]) -> tuple[int, str]:
        """Status and page of a form sent to `path`."""
        return self._ask("POST", path, urlencode(fields))

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def _ask(self, method: str, path: str, body: str) -> tuple[int, str]:
        headers = {"Cookie": self._cookie} | ({"Content-Type": "application/x-www-form-urlencoded"} if body else {})
        self._line.request(method, path, body or None, headers)
        answer = self._line.getresponse()
        page = answer.read().decode()
        if set_cookie := answer.getheader("Set-Cookie"):
            self._cookie = set_cookie.partition(";")[0]
        return answer.status, page


def on_both_stores(folder: Path, *, times: int, tell: Callable[[str], None]) -> Iterator[Tally]:
    """The tally of `times` races on SQLite, then on PostgreSQL."""
    yield raced(folder, times=times, tell=tell)
    with postgres(fsync=True) as server:
        yield raced(folder, times=times, database_url=create_database(server, "raced"), tell=tell)


def raced(folder: Path, *, times: int, database_url: str = "", tell: Callable[[str], None] = print) -> Tally:
    """Let the director and an admin press at the same moment, `times` over, on a real server."""
    here = installed(Path(tempfile.mkdtemp(prefix="raced-", dir=folder)), database_url=database_url)
    store = Store(here.database_url)
    try:
        tally = Tally("SQLite" if store.is_sqlite else "PostgreSQL")
        with here.running() as server:
            managers = [Manager(server.port, f"{name}@{demo.cast.DOMAIN}") for name in ("helen", "ines")]
            case, taken = 0, set[str]()
            for number in range(times):
                if number % ROUNDS_A_CASE == 0:
                    case = _complaint(here, server.port, store, number)
                    tell(f"{tally.store}: {number} of {times} races")
                _race(tally, managers, case, number, taken)
            for manager in managers:
                manager.close()
        _compare(tally, store, taken)
        return tally
    finally:
        store.close()


def lines(tally: Tally) -> Iterator[str]:
    """The tally for a reader."""
    yield f"Two managers on one case, {tally.rounds} times, {tally.store}: {'clean' if tally.is_clean else 'NOT CLEAN'}"
    yield f"  taken {tally.taken}, refused with the other's change shown and the own words kept {tally.refused}"
    yield f"  both taken {tally.both_taken}, neither {tally.neither_taken}, words lost {tally.words_lost}"
    yield f"  the other's change not shown {tally.unseen}"
    yield f"  said to be taken and not kept {tally.not_kept}, kept and not said to be taken {tally.kept_unsaid}"
    yield from (f"  odd: {what}" for what in tally.oddities[:10])


def as_json(tally: Tally) -> Mapping[str, object]:
    """The tally for build/bench.json."""
    return asdict(tally) | {"is_clean": tally.is_clean}


def _complaint(here: Installation, port: int, store: Store, number: int) -> int:
    code, body = form(here, 3 * number + COMPLAINT, (f"The soup was cold ({number}).",))
    line = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    line.request("POST", f"/q/{code}", body, {"Content-Type": "application/x-www-form-urlencoded"})
    if line.getresponse().status != 303:
        raise RuntimeError("a complaint was not taken")
    line.close()
    with store.read() as session:
        return session.scalars(select(Case.id).order_by(Case.id.desc()).limit(1)).one()


def _race(tally: Tally, managers: list[Manager], case: int, number: int, taken: set[str]) -> None:
    """One round: both open the case, both send at once."""
    is_last = number % ROUNDS_A_CASE == ROUNDS_A_CASE - 1
    acts = ("replies", FORMS[2] if is_last else FORMS[number % 2])
    if number % 4 >= 2:
        managers = managers[::-1]
    filled = []
    for manager, act, who in zip(managers, acts, "ab", strict=True):
        words = f"Round {number}, in the words of {who}."
        filled.append((manager, act, words, _filled(manager.opened(f"/cases/{case}"), case, act, words)))
    start, presses = threading.Barrier(len(filled)), list[Press]()

    def press(manager: Manager, act: str, words: str, fields: Mapping[str, str]) -> None:
        start.wait(PATIENCE)
        status, page = manager.send(f"/cases/{case}/{act}", fields)
        presses.append(Press(act, words, int(fields["version"]), status, page))

    threads = [threading.Thread(target=press, args=one) for one in filled]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * PATIENCE)
    _judge(tally, presses, taken)


def _filled(page: str, case: int, act: str, words: str) -> dict[str, str]:
    """The form of one act as somebody fills it in."""
    fields = field_values(page, f"/cases/{case}/{act}")
    if act == "replies":
        return fields | {"text": words, "says": "replied"}
    if act == "closure":
        return fields | {"outcome": "upheld", "cause": "process", "remedy": "apology", "note": words}
    return fields | {"severity": str(int(fields["severity"]) % 4 + 1)}


def _judge(tally: Tally, presses: list[Press], taken: set[str]) -> None:
    heard = [press for press in presses if press.status == 303]
    refused = [press for press in presses if press.status == 409]
    tally.rounds += 1
    tally.taken += len(heard)
    tally.refused += len(refused)
    tally.both_taken += len(heard) == len(presses)
    tally.neither_taken += not heard
    tally.oddities += [
        f"{press.act} answered with {press.status}" for press in presses if press.status not in (303, 409)
    ]
    taken |= {press.words for press in heard if press.act == "replies"}
    for press in refused:
        tally.words_lost += press.act == "replies" and press.words not in unescape(press.page)
        tally.unseen += not all(_shows(press.page, other) for other in heard)


def _shows(page: str, other: Press) -> bool:
    """Whether the page is that of the case as the other press left it."""
    text = visible_text(page)
    if other.act == "closure":
        return "How it ended" in text and other.words in text
    is_next = f'name="version" type="hidden" value="{other.version + 1}"' in page
    return is_next and (other.act == "severity" or other.words in text)


def _compare(tally: Tally, store: Store, taken: set[str]) -> None:
    with store.read() as session:
        kept = session.scalars(select(Event.text).where(Event.name == "replied", Event.text.startswith("Round "))).all()
    tally.not_kept = len(taken - set(kept))
    tally.kept_unsaid = len(set(kept) - taken) + len(kept) - len(set(kept))
