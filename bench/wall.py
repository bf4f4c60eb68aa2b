"""A wall in a real browser for ten thousand changes: what it holds in memory, what goes wrong, and whether it outlives
the server. The screen turns much faster than in a staff room; everything else is as there.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, Route
from sqlalchemy import select

from bench.installation import SECRET, Installation, installed
from feedback import clock
from feedback.core import walls
from feedback.core.accounts import Account
from feedback.core.people import Department, Person
from feedback.core.praise import Praise
from feedback.core.submissions import Kind, Submission
from feedback.core.walls import Showing, Wall
from feedback.db import Store, new_id
from tests.ground import free_port
from tests.ground.browser import browser

STAY, POLL = 12, 60  # milliseconds, in a staff room 14,000 and 6,000
SETTLED = 500  # changes after which the first look at the memory is taken
EVERY = 250  # changes between two letters put up or taken down
GROWTH = 1.10  # of the memory, at most
BACK = "We were away, and it was noticed."  # what the newest letter says while the server is down
PATIENCE = 600.0  # seconds for all of it


@dataclass(slots=True)
class Held:
    """What the page holds after its garbage was collected."""

    changes: int
    heap: int  # bytes of JavaScript
    nodes: int
    listeners: int


@dataclass(slots=True)
class Watched:
    """What was seen of the wall."""

    first: Held
    last: Held
    seconds: float
    edits: int = 0
    restarts: int = 0
    came_back: float = 0.0  # seconds after the restart until a change that was made meanwhile was on the screen
    errors: list[str] = field(default_factory=list)

    @property
    def growth(self) -> float:
        """The memory at the end, in units of that at the beginning."""
        return self.last.heap / self.first.heap

    @property
    def is_well(self) -> bool:
        """Whether the memory stayed flat, nothing went wrong, and the restart was survived."""
        flat = self.growth <= GROWTH and self.last.nodes <= self.first.nodes + 2
        return flat and self.last.listeners <= self.first.listeners and not self.errors and self.restarts == 1


def measured(place: Path, changes: int, tell: Callable[[str], None]) -> Watched:
    """Leave a wall open for so many changes, with letters coming and going and one restart of the server."""
    here = installed(place / "wall")
    store = Store(here.database_url)
    try:
        wall = _made(store)
        return _watched(here, store, wall, changes, tell)
    finally:
        store.close()


def lines(found: Watched) -> list[str]:
    """The figures for a reader."""
    first, last = found.first, found.last
    return [
        f"A wall open for {last.changes} changes in {found.seconds:.0f} s, {found.edits} letters coming and going,"
        f" one restart",
        f"  JavaScript heap {first.heap / 1e6:.2f} MB after {first.changes} changes, {last.heap / 1e6:.2f} at the end",
        f"  ratio {found.growth:.3f} (wanted at most {GROWTH})",
        f"  nodes {first.nodes} and {last.nodes}, listeners {first.listeners} and {last.listeners}",
        f"  after the restart what was new was on the screen within {found.came_back:.1f} s",
        f"  errors: {len(found.errors)}" + "".join(f"\n    {error}" for error in found.errors[:5]),
    ]


def as_json(found: Watched) -> dict[str, Any]:
    """The figures for programs."""
    return asdict(found) | {"growth": found.growth}


def _made(store: Store) -> Wall:
    """A wall of everything there is, with every letter on it that its customer did not forbid."""
    with store.write() as session:
        root = session.scalars(select(Department).where(Department.parent_id.is_(None))).one()
        admins = select(Account.person_id).where(Account.is_admin)
        by = session.scalars(select(Person).where(Person.id.in_(admins))).first()
        assert by is not None
        wall = Wall(id=new_id(clock.now()), department_id=root.id, name="Bench", language="en", made_by_id=by.id)
        wall.made_at = clock.now()
        walls.move(wall, SECRET)
        session.add(wall)
        for submission in session.scalars(select(Submission).where(Submission.kind == Kind.COMPLIMENT)):
            submission.may_share = True
        shown = select(Showing.praise_id).where(Showing.praise_id == Praise.id)
        for letter in session.scalars(select(Praise).where(~Praise.is_held, ~shown.exists())).all():
            at = clock.now()
            session.add(Showing(id=new_id(at), praise_id=letter.id, agreed_by_id=by.id, at=at))
    return wall


def _watched(here: Installation, store: Store, wall: Wall, changes: int, tell: Callable[[str], None]) -> Watched:
    way, began = f"/wall/{walls.token_of(wall, SECRET)}", time.monotonic()
    with browser() as opened:
        port = free_port()
        server = here.started(port)
        try:
            page = opened.new_page(viewport={"width": 1920, "height": 1080})
            wrong = _noted(page)
            page.route(f"**{way}", _faster)
            page.goto(f"http://127.0.0.1:{port}{way}")
            session = page.context.new_cdp_session(page)
            _until(page, SETTLED)
            found = Watched(_held(page, session), _held(page, session), 0.0)
            edits = _edits(store)
            for target in range(SETTLED + EVERY, changes + 1, EVERY):
                _until(page, target)
                next(edits)
                found.edits += 1
                if not found.restarts and target >= changes / 2:
                    tell(f"restart after {target} changes")
                    server.stop()
                    page.wait_for_timeout(1500)
                    next(edits)
                    _reworded(store)
                    server = here.started(port)
                    found.restarts, found.came_back = 1, _seen(page, BACK)
            found.last, found.seconds = _held(page, session), time.monotonic() - began
            # That the server could not be reached while it was away is no fault of the screen's.
            found.errors = [error for error in wrong if "ERR_CONNECTION" not in error and "ERR_EMPTY" not in error]
        finally:
            server.stop()
    return found


def _faster(route: Route) -> None:
    """The page as it is, but turning faster."""
    answer = route.fetch()
    text = answer.text()
    for name, was, now in (("stay", 14_000, STAY), ("poll", 6000, POLL)):
        text = text.replace(f'data-{name}="{was}"', f'data-{name}="{now}"')
    route.fulfill(response=answer, body=text)


def _noted(page: Page) -> list[str]:
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    return wrong


def _until(page: Page, changes: int) -> None:
    page.wait_for_function(
        "n => Number(document.body.getAttribute('data-shown')) >= n", arg=changes, timeout=PATIENCE * 1000, polling=50
    )


def _seen(page: Page, words: str) -> float:
    """Seconds until those words are on the screen."""
    began = time.monotonic()
    page.wait_for_function(
        "words => document.getElementById('words').textContent === words", arg=words, timeout=90_000, polling=5
    )
    return time.monotonic() - began


def _held(page: Page, session: CDPSession) -> Held:
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    found = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    shown = int(page.evaluate("Number(document.body.getAttribute('data-shown'))"))
    return Held(shown, int(found["JSHeapUsedSize"]), int(found["Nodes"]), int(found["JSEventListeners"]))


def _reworded(store: Store) -> None:
    """Let the newest letter say what none did before."""
    with store.write() as session:
        newest = session.scalars(select(Showing).order_by(Showing.id.desc()).limit(1)).one()
        session.get_one(Submission, session.get_one(Praise, newest.praise_id).submission_id).message = BACK


def _edits(store: Store) -> Iterator[None]:
    """Take the oldest letter down and put it up again as the newest, without end."""
    at = clock.now()
    while True:
        at += timedelta(seconds=1)
        with store.write() as session:
            oldest = session.scalars(select(Showing).order_by(Showing.id)).first()
            assert oldest is not None
            letter, by = oldest.praise_id, oldest.agreed_by_id
            session.delete(oldest)
            session.flush()
            session.add(Showing(id=new_id(at), praise_id=letter, agreed_by_id=by, at=at))
        yield
