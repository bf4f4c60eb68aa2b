"""The outbox under four workers at once, each a process of its own, with a real mail server: none twice, none lost.

Nine tenths of the notices go to a thousand people, nine to each, so that each is a mail. The last tenth are complaints
to one manager within a moment: a few mails, and one digest that is called for at the end.
"""

import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select, update

from bench.installation import Installation, installed
from bench.servers import ROOT
from feedback import clock
from feedback.config import Settings
from feedback.core.links import new_link
from feedback.core.notices import About, Notice
from feedback.core.people import Department, Management, Person
from feedback.core.submissions import Draft, Kind
from feedback.db import Store, new_id
from tests.ground.postgres import create_database, postgres
from tests.ground.smtp import Mailbox, mailbox
from tests.outbound.arrivals import pile

WORKERS = 4
CROWD = 100  # people in one department, all of whom its praise reaches
EACH = 9  # mails to one person: with the tenth in an hour a digest would begin
PATIENCE = 900.0  # seconds for all of it


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of all notices."""

    store: str
    notices: int
    workers: int
    mails: int  # that the server took
    seconds: float  # from the workers' start, which takes each a second or two, to their end
    rate: float  # mails a second, from the first to the last
    twice: int
    lost: int  # neither sent nor told in a digest that was
    to_the_manager: int  # mails, for a tenth of all notices
    by_worker: tuple[int, ...]

    @property
    def is_clean(self) -> bool:
        """Whether each notice was told, and once."""
        return not (self.twice or self.lost)


def on_both_stores(folder: Path, *, count: int, tell: Callable[[str], None]) -> Iterator[Tally]:
    """The tally of `count` notices on SQLite, then on PostgreSQL, both waiting for their disk."""
    yield _told(folder, "", count, tell)
    with postgres(fsync=True) as server:
        yield _told(folder, create_database(server, "outbox"), count, tell)


def lines(tally: Tally) -> Iterator[str]:
    """The tally for a reader."""
    verdict = "none twice, none lost" if tally.is_clean else f"{tally.twice} TWICE, {tally.lost} LOST"
    yield f"{tally.notices} notices, {tally.workers} workers, {tally.store}: {verdict}"
    yield f"  {tally.mails} mails in {tally.seconds:.1f} s, {tally.rate:.0f} a second while they came"
    yield f"  {tally.notices // 10} complaints to one manager: {tally.to_the_manager} mails"
    yield f"  by worker: {', '.join(map(str, tally.by_worker))}"


def as_json(tally: Tally) -> Mapping[str, object]:
    """The tally for build/bench.json."""
    return asdict(tally) | {"is_clean": tally.is_clean}


def _told(folder: Path, database_url: str, count: int, tell: Callable[[str], None]) -> Tally:
    place = Path(tempfile.mkdtemp(prefix="outbox-", dir=folder))
    with mailbox() as box:
        here = installed(place, database_url=database_url, smtp_url=box.url)
        store = Store(here.database_url)
        try:
            manager = _owe(store, here, count)
            tell(f"{count} notices owed; {WORKERS} workers begin")
            begun = time.monotonic()
            by_worker = _work(here, WORKERS)
            seconds, moments = time.monotonic() - begun, box.moments
            _call_for_digests(store)
            _work(here, 1)
            return _compared(store, box, manager, count, seconds, moments, by_worker)
        finally:
            store.close()


def _owe(store: Store, here: Installation, count: int) -> str:
    """Owe `count` notices; the address of the manager who gets a tenth of them."""
    at, settings = clock.now(), Settings.from_environment(here.environment)
    crowds = [Department(id=new_id(at), name=f"Crowd {n}") for n in range(count * 9 // 10 // EACH // CROWD)]
    desk = Department(id=new_id(at), name="Desk")
    people = [_person(n, crowd.id) for crowd in crowds for n in range(CROWD)]
    manager = _person(CROWD, desk.id)
    links = [new_link(at, department=department) for department in (*crowds, desk)]
    with store.write() as session:
        session.add_all([*crowds, desk])
        session.flush()
        session.add_all([*people, manager])
        session.flush()
        session.add_all([Management(department_id=desk.id, person_id=manager.id), *links])
    for link in links[:-1]:
        pile(store, settings, link.code, Draft(kind=Kind.COMPLIMENT, message="Thank you all."), EACH)
    pile(store, settings, links[-1].code, Draft(kind=Kind.COMPLAINT, message="Too slow."), count // 10)
    return manager.email or ""


def _person(number: int, department_id: int) -> Person:
    name = f"Person {number} of {department_id}"
    return Person(
        id=new_id(clock.now()),
        name=name,
        public_name=name,
        email=f"person-{number}@crowd-{department_id}.test",
        department_id=department_id,
        is_shown_on_forms=False,
    )


def _work(here: Installation, count: int) -> tuple[int, ...]:
    """So many workers as they are shipped, until nothing is due; how many mails each says it sent."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker", "--once"]
    processes = [
        subprocess.Popen(command, cwd=ROOT, env=here.environment, stdout=subprocess.PIPE, text=True)
        for _ in range(count)
    ]
    try:
        said = [process.communicate(timeout=PATIENCE)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
    return tuple(int(text.split()[-1]) for text in said)


def _call_for_digests(store: Store) -> None:
    """Let the hour be over for which digests wait."""
    with store.write() as session:
        session.execute(
            update(Notice)
            .where(Notice.about == About.DIGEST, Notice.due_at.is_not(None))
            .values(due_at=clock.now() - timedelta(seconds=1))
        )


def _compared(
    store: Store,
    box: Mailbox,
    manager: str,
    count: int,
    seconds: float,
    moments: Sequence[float],
    by_worker: tuple[int, ...],
) -> Tally:
    taken = Counter(int(delivery.message_id.partition("@")[0]) for delivery in box.deliveries)
    with store.read() as session:
        owed = session.execute(select(Notice.id, Notice.digest_id, Notice.sent_at, Notice.about)).all()
    told = [row for row in owed if row.about in (About.PRAISE, About.COMPLAINT)]
    lost = [row for row in told if row.sent_at is None or not taken[row.digest_id or row.id]]
    return Tally(
        store="SQLite" if store.is_sqlite else "PostgreSQL",
        notices=len(told),
        workers=WORKERS,
        mails=sum(taken.values()),
        seconds=round(seconds, 1),
        rate=round(len(moments) / max(moments[-1] - moments[0], 0.001), 1),
        twice=sum(n - 1 for n in taken.values()),
        lost=len(lost) + max(0, count - len(told)),
        to_the_manager=len([delivery for delivery in box.deliveries if delivery.reached(manager)]),
        by_worker=by_worker,
    )
