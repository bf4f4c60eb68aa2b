"""The worker of the outbox: claims what is due, sends it outside any transaction, keeps what came of it."""

import fcntl
import logging
import os
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from multiprocessing.util import Finalize
from pathlib import Path

from sqlalchemy.orm import Session

from feedback import clock
from feedback.config import Settings
from feedback.core import addressing, cases, digests, notices, promptness, retention, unfinished
from feedback.core.imports.lists import Waiting
from feedback.core.notices import About, Notice
from feedback.core.surveys import counting
from feedback.core.surveys import keeping as surveys
from feedback.db import Store, StoreError
from feedback.outbound import digests as digesting
from feedback.outbound import mail, pushing
from feedback.outbound.errands import Desk, Errand, Withdrawn
from feedback.outbound.smtp import Line, Outage, Refused

log = logging.getLogger(__name__)

TIDIES = 3600.0  # seconds between two times of forgetting what has run out
WATCHES = 60.0  # seconds between looks at the deadlines of cases
INDEXES = 5.0  # seconds of indexing at a time: after an upgrade there can be an hour of it, and mails are not to wait
COUNTS = 20.0  # seconds of counting how praise arrives at a time, for the same reason
SHARE = 20  # times as long as it took to find no answers to count, before they are looked for again
LOOKS = 2.0  # seconds between looks at the outbox
GRACE = 5.0  # seconds for the mail under way when the process ends; a service has ten for all
ELECTION = 3.0  # seconds between tries to become the one worker of this machine
LONGEST_PAUSE = 60.0  # seconds, when the store or the mail server fails again and again
IN_TIME = timedelta(seconds=60)  # of its lease; a mail is begun only while more of it is left
PATIENCE = timedelta(minutes=10)  # for which the store is asked to keep what became of mails that are out


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one notice; an empty problem means it was sent."""

    notice: Notice
    problem: str = ""
    for_good: bool = False
    is_outage: bool = False
    is_unsure: bool = False  # nobody knows whether the server took it
    dropped: Mapping[int, str] = field(default_factory=dict)  # of a digest: the notices it left out, and why


def run(store: Store, settings: Settings, *, once: bool = False, stop: threading.Event | None = None) -> int:
    """Send what is due until `stop` is set, or with `once` until nothing is due; the number of mails sent.

    Without a mail server there is nothing to send: it waits, and people read inside. Raises StoreError
    only with `once`; otherwise it goes on by itself when the store or the mail server is back.
    """
    stop = stop or threading.Event()
    if once:
        pushing.push_due(store, settings)
        return _until_nothing_is_due(store, settings, stop) if settings.smtp_url else 0
    with pushing.beside(store, settings, stop):
        return _until(stop, store, settings) if settings.smtp_url else _without_mail(stop, store, settings)


def _without_mail(stop: threading.Event, store: Store, settings: Settings) -> int:
    chores = _Chores(store, settings)
    while not stop.is_set():
        if not chores.do(stop):
            stop.wait(LOOKS)
    return 0


def start_inline(store: Store, settings: Settings) -> None:
    """Let one thread of this process stand for election as its machine's worker; call it after any fork.

    When the process ends, the mail under way is finished and noted, and no other is begun.
    """
    stop = threading.Event()
    worker = threading.Thread(target=stand_for_election, args=(store, settings, stop), name="outbox", daemon=True)
    Finalize(None, _let_finish, (worker, stop), exitpriority=0)  # at the end of a forked process atexit does nothing
    worker.start()


def _let_finish(worker: threading.Thread, stop: threading.Event) -> None:
    stop.set()
    worker.join(GRACE)


def stand_for_election(store: Store, settings: Settings, stop: threading.Event) -> None:
    """Work once no other process of this machine does; the kernel frees the place of one that was killed."""
    descriptor = os.open(settings.data_dir / "worker.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        while not stop.is_set():
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                stop.wait(ELECTION)
            else:
                run(store, settings, stop=stop)
    finally:
        os.close(descriptor)


def send_due(store: Store, settings: Settings, stop: threading.Event) -> list[Outcome]:
    """Send one batch of what is due and keep what became of it; empty where nothing was."""
    claimed = _claimed(store)
    if not claimed:
        return []
    outcomes: list[Outcome] = []
    try:
        for outcome in _outcomes(_errands(store, claimed), settings, stop):
            outcomes.append(outcome)
            _keep(store, outcome, stop)  # before the next mail leaves
    finally:
        done = {outcome.notice.id for outcome in outcomes}
        _put_back(store, [notice for notice in claimed if notice.id not in done])
    if outcomes:
        log.info("%d mails sent, %d not.", _count(outcomes), len(outcomes) - _count(outcomes))
    return outcomes


def _claimed(store: Store) -> list[Notice]:
    """One batch of what is to be sent now; what is due but put off is out of its way."""
    while True:
        with store.read() as session:
            due = notices.next_due(session)
        if due is None or due > clock.now():  # the writers' line is joined only for something to do
            return []
        with store.write() as session:
            at = clock.now()
            claimed = notices.claim(session, at)
            now = digests.sort(session, claimed, at)
        if now or not claimed:
            return now


def _put_back(store: Store, unbegun: Sequence[Notice]) -> None:
    """Owe again, at once, what was claimed but not begun; where that fails, its lease runs out."""
    if not unbegun:
        return
    try:
        with store.write() as session:
            for notice in unbegun:
                notices.put_back(session, notice, clock.now())
    except StoreError as error:
        log.warning("Mails wait for their lease to run out: %s.", _named(error))


def _until_nothing_is_due(store: Store, settings: Settings, stop: threading.Event) -> int:
    sent = 0
    while outcomes := send_due(store, settings, stop):
        sent += _count(outcomes)
        if stop.is_set() or _outage(outcomes):
            break
    return sent


def _until(stop: threading.Event, store: Store, settings: Settings) -> int:
    sent, pause, chores = 0, 0.0, _Chores(store, settings)
    while not stop.is_set():
        has_more = chores.do(stop)
        outcomes, trouble = _tried(store, settings, stop)
        sent += _count(outcomes)
        pause = min(max(2 * pause, LOOKS), LONGEST_PAUSE) if trouble else 0.0
        if trouble:
            log.warning("Mails are waiting: %s. Next try in %d seconds.", trouble, pause)
        if trouble or not (outcomes or has_more):
            stop.wait(pause or LOOKS)
    return sent


class _Chores:
    """What is done beside the mails, each at its pace; whatever goes wrong is tried again when its time comes."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self._tidied = self._watched = self._swept = self._next = float("-inf")
        self._newest = 0  # of the responses that were looked at

    def do(self, stop: threading.Event) -> bool:
        """One turn of all that is due; whether there is more to index."""
        if time.monotonic() - self._tidied > TIDIES:
            self._tidied = time.monotonic()
            self._safely("Tidying", lambda: _tidy(self._store, self._settings))
        if time.monotonic() - self._watched > WATCHES:
            self._watched = time.monotonic()
            self._safely("Watching", lambda: _watch(self._store, self._settings))
        self._safely("Counting", self._count)
        return self._safely("Indexing", lambda: index_words(self._store, stop, seconds=INDEXES))

    def _count(self) -> None:
        """Count answers to surveys when new ones came, and once an hour those that waited for others."""
        with self._store.read() as session:
            newest = counting.newest(session, self._newest)
        begun = time.monotonic()
        is_new, is_time = newest != self._newest, begun - self._swept > TIDIES
        if not is_time and not (is_new and begun > self._next):
            return
        counted = counting.count_all(self._store, clock.now(), seconds=INDEXES, from_newest=not is_time)
        took = time.monotonic() - begun
        self._next = begun + took * (2 if counted else SHARE)  # where very many wait for others, looking takes a while
        if not counted:
            self._newest, self._swept = newest, begun if is_time else self._swept

    def _safely(self, name: str, chore: Callable[[], bool | None]) -> bool:
        try:
            return bool(chore())
        except Exception as error:  # whatever it is: a worker that ends takes all later mails with it
            log.warning("%s failed: %s.", name, _named(error))
            return False


def _tidy(store: Store, settings: Settings) -> None:
    """Forget what is to be forgotten within the hour, for installations where nothing calls `jobs`."""
    Waiting(settings.data_dir).forget(clock.now())
    let_lapse(store, mails=bool(settings.smtp_url))
    try:
        with store.write() as session:
            retention.tidy(session, clock.now())
            surveys.close_past(session, clock.now())
        promptness.recount(store, clock.now(), seconds=COUNTS)
        unfinished.take_in(store, clock.now(), secret=settings.secret_key)
    except StoreError as error:
        log.warning("Tidying has to wait: %s.", _named(error))


def let_lapse(store: Store, *, mails: bool) -> None:
    """Deliver to whole departments the letters whose person nobody found in time, in short batches."""
    at = clock.now()
    try:
        with store.read() as session:
            is_any = addressing.is_any_lapsed(session, at)
        while is_any:
            with store.write() as session:
                is_any = addressing.let_lapse(session, at, mails=mails) > 0
    except StoreError as error:
        log.warning("Letters whose person was not found have to wait: %s.", _named(error))


def _watch(store: Store, settings: Settings) -> None:
    """Remind of deadlines and pass on those that passed."""
    at = clock.now()
    try:
        with store.read() as session:
            if not cases.is_anything_due(session, at):  # the writers' line is joined only for something to do
                return
        with store.write() as session:
            cases.watch(session, at, mails=bool(settings.smtp_url))
    except StoreError as error:
        log.warning("Looking at deadlines has to wait: %s.", _named(error))


def index_words(store: Store, stop: threading.Event | None = None, *, seconds: float = float("inf")) -> bool:
    """Bring what was said about cases into the index, in short batches, until all is there, `stop` is set, or it took
    so many `seconds`; whether there is more.

    Nothing depends on when: what is not in it yet is searched by its text.
    """
    begun = time.monotonic()
    try:
        with store.read() as session:
            is_any = cases.is_any_unindexed(session)
        while is_any and not (stop and stop.is_set()) and time.monotonic() - begun < seconds:
            with store.write() as session:
                is_any = cases.index_some(session) > 0
    except StoreError as error:
        log.warning("Indexing has to wait: %s.", _named(error))
        return False
    return is_any


def _tried(store: Store, settings: Settings, stop: threading.Event) -> tuple[list[Outcome], str]:
    """One batch and what keeps more from being sent, "" where nothing does."""
    try:
        outcomes = send_due(store, settings, stop)
    except Exception as error:  # as above
        return [], _named(error)
    return outcomes, _outage(outcomes)


def _errands(store: Store, claimed: Sequence[Notice]) -> list[tuple[Notice, Errand | Outcome]]:
    if not claimed:
        return []
    with store.read() as session:
        desk = Desk(session, claimed)
        return [(notice, _errand(session, desk, notice)) for notice in claimed]


def _errand(session: Session, desk: Desk, notice: Notice) -> Errand | Outcome:
    try:
        return digesting.errand(session, notice) if notice.about == About.DIGEST else desk.errand(notice)
    except Withdrawn as error:
        return Outcome(notice, str(error), for_good=True)
    except Exception as error:  # one notice that cannot be written must not hold up the others
        return Outcome(notice, _named(error))


def _outcomes(
    errands: Sequence[tuple[Notice, Errand | Outcome]], settings: Settings, stop: threading.Event
) -> Iterator[Outcome]:
    outage = ""
    with Line(settings.smtp_url, settings.sender) as line:
        for notice, errand in errands:
            if isinstance(errand, Outcome):
                yield errand
            elif notices.was_tried_enough(notice):
                yield Outcome(notice, "what became of it could not be kept", for_good=True)
            elif outage:
                yield Outcome(notice, outage, is_outage=True)
            elif not stop.is_set() and _has_time(notice):
                outcome = _outcome(line, notice, errand, settings)
                outage = outcome.problem if outcome.is_outage else ""
                yield outcome


def _has_time(notice: Notice) -> bool:
    """Whether enough of the lease is left that nobody else begins with this notice while it is being sent."""
    return notice.due_at is not None and notice.due_at - clock.now() > IN_TIME


def _outcome(line: Line, notice: Notice, errand: Errand, settings: Settings) -> Outcome:
    try:
        line.send(mail.written(errand, settings))
    except mail.Unwritable as error:
        return Outcome(notice, str(error), for_good=True)
    except Refused as error:
        return Outcome(notice, str(error), for_good=error.for_good, is_unsure=error.is_unsure)
    except (Outage, mail.NoSender) as error:
        return Outcome(notice, str(error), is_outage=True)
    except Exception as error:  # as above: the others go on
        return Outcome(notice, _named(error))
    return Outcome(notice, dropped=errand.dropped)


def _keep(store: Store, outcome: Outcome, stop: threading.Event) -> None:
    """Mark what became of a notice. The mail is out, so the store is asked until it takes the news."""
    last = clock.now() + PATIENCE
    while True:
        try:
            with store.write() as session:
                _mark(session, outcome)
        except StoreError:
            if stop.wait(LOOKS) or clock.now() > last:
                raise
        except Exception as error:  # the news itself cannot be kept, so that it would be sent for ever
            outcome = replace(outcome, problem=_named(error) if outcome.problem else "")
            with store.write() as session:
                _mark(session, outcome)
            return
        else:
            return


def _mark(session: Session, outcome: Outcome) -> None:
    notice, at, is_digest = outcome.notice, clock.now(), outcome.notice.about == About.DIGEST
    if outcome.problem and is_digest:
        digests.failed(session, notice, at, outcome.problem, for_good=outcome.for_good)
    elif outcome.problem:
        is_unsure = outcome.is_unsure
        notices.failed(session, notice, at, outcome.problem, for_good=outcome.for_good, is_unsure=is_unsure)
    elif is_digest:
        digests.sent(session, notice, at, outcome.dropped)
    else:
        notices.sent(session, notice, at)


def _count(outcomes: Sequence[Outcome]) -> int:
    return sum(not outcome.problem for outcome in outcomes)


def _outage(outcomes: Sequence[Outcome]) -> str:
    return next((outcome.problem for outcome in outcomes if outcome.is_outage), "")


def _named(error: Exception) -> str:
    """Kind and place of an error without its text, which may hold someone's words."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"
