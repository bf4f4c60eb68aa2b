"""The worker with a real mail server: what is due is sent once, outages are outlived, nothing is lost."""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from feedback import clock
from feedback.config import Settings
from feedback.core import conversations, notices
from feedback.core.notices import LEASE, PAUSES
from feedback.core.praise import Praise
from feedback.core.submissions import Concern, Submission, receipt_of
from feedback.db import Store, StoreBusy
from feedback.outbound import worker
from tests.factories import Cast
from tests.ground.smtp import Mailbox
from tests.outbound.arrivals import BERTA, COMPLAINT, MARIA, PRAISE, WORDS, Watch, arrive, once, owed, owed_to


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that looks and tries again at once."""
    monkeypatch.setattr(worker, "LOOKS", 0.02)
    monkeypatch.setattr(worker, "LONGEST_PAUSE", 0.05)


class Unwell:
    """A store of which some writes or reads fail first, as when another program has it locked."""

    def __init__(self, store: Store, fails: Callable[[str, int], bool]) -> None:
        self._store = store
        self._fails = fails
        self.calls: Counter[str] = Counter()

    @contextmanager
    def read(self) -> Iterator[Session]:
        self._perhaps_fail("read")
        with self._store.read() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        self._perhaps_fail("write")
        with self._store.write() as session:
            yield session

    def _perhaps_fail(self, door: str) -> None:
        self.calls[door] += 1
        if self._fails(door, self.calls[door]):
            raise StoreBusy


@contextmanager
def working(store: object, settings: Settings) -> Iterator[threading.Thread]:
    """A worker in a thread, stopped at the end."""
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(store, settings), kwargs={"stop": stop}, daemon=True)
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(timeout=10)
        assert not thread.is_alive()


def test_what_is_due_is_sent_and_marked(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch
) -> None:
    arrive(store, mailing, cast.maria_link, PRAISE)
    watch.forward(timedelta(minutes=3))
    assert once(store, mailing) == 2
    (praise,), (copy,) = mailbox.to(MARIA), mailbox.to(BERTA)
    assert WORDS in praise.get_body(("plain",)).get_content()
    assert WORDS in praise.get_body(("html",)).get_content()
    assert "Maria received this" in copy.get_body(("plain",)).get_content()
    assert praise["Date"].datetime == watch.at - timedelta(minutes=3)
    assert all(notice.sent_at == watch.at and notice.due_at is None for notice in owed(store))
    assert once(store, mailing) == 0 and len(mailbox.deliveries) == 2


def test_more_than_one_batch_is_sent_in_one_go(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, undammed: None
) -> None:
    for _ in range(12):
        arrive(store, mailing, cast.maria_link, PRAISE)
    assert once(store, mailing) == 24


def test_without_a_mail_server_nothing_is_claimed(store: Store, settings: Settings, cast: Cast) -> None:
    arrive(store, settings, cast.maria_link, PRAISE)
    assert once(store, settings) == 0
    with working(store, settings) as thread:
        thread.join(timeout=0.2)
        assert thread.is_alive()
    assert {notice.tries for notice in owed(store)} == {0}


def test_after_the_last_pause_it_is_given_up(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch
) -> None:
    arrive(store, mailing, cast.maria_link, PRAISE)
    mailbox.refuse(452, "4.2.2 Full")
    for pause in PAUSES:
        assert once(store, mailing) == 0
        watch.forward(pause)
    assert once(store, mailing) == 0
    assert all(notice.given_up_at == watch.at for notice in owed(store))
    assert len(mailbox.refused) == 2 * (len(PAUSES) + 1)


def test_two_workers_at_once_send_nothing_twice(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, undammed: None
) -> None:
    for _ in range(20):
        arrive(store, mailing, cast.maria_link, PRAISE)
    other = Store(mailing.database_url)
    sent: list[int] = []
    threads = [threading.Thread(target=lambda one=one: sent.append(once(one, mailing))) for one in (store, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    other.close()
    assert sum(sent) == 40
    assert Counter(Counter(message["Message-ID"] for message in mailbox.messages).values()) == {1: 40}


def test_what_a_killed_worker_had_claimed_is_sent_after_its_lease(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch
) -> None:
    arrive(store, mailing, cast.maria_link, PRAISE)
    with store.write() as session:
        assert len(notices.claim(session, clock.now())) == 2
    assert once(store, mailing) == 0
    watch.forward(LEASE)
    assert once(store, mailing) == 2


def test_what_was_sent_but_not_marked_comes_again_as_the_same_message(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(store, mailing, cast.maria_link, PRAISE)
    with monkeypatch.context() as killed:
        killed.setattr(worker, "_keep", lambda *given: None)
        worker.send_due(store, mailing, threading.Event())
    watch.forward(LEASE)
    assert once(store, mailing) == 2
    first, second = mailbox.to(MARIA)
    assert first["Message-ID"] == second["Message-ID"] and first["Date"] == second["Date"]


def test_with_little_left_of_the_lease_no_mail_is_begun(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(store, mailing, cast.maria_link, PRAISE)
    slow = worker.mail.written

    def written(*given: object) -> object:
        watch.forward(LEASE - worker.IN_TIME)
        return slow(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(worker.mail, "written", written)
    outcomes = worker.send_due(store, mailing, threading.Event())
    assert len(outcomes) == len(mailbox.deliveries) == 1
    assert sorted(notice.sent_at is None for notice in owed(store)) == [False, True]
    (waiting,) = [notice for notice in owed(store) if notice.sent_at is None]
    assert (waiting.due_at, waiting.tries, waiting.lease) == (watch.at, 0, None)


def test_a_store_that_is_busy_afterwards_is_asked_until_it_takes_the_news(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, hasty: None
) -> None:
    arrive(store, mailing, cast.maria_link, PRAISE)
    unwell = Unwell(store, lambda door, n: door == "write" and 2 <= n < 5)  # the first write claims
    assert once(unwell, mailing) == 2  # type: ignore[arg-type]
    assert all(notice.sent_at for notice in owed(store)) and len(mailbox.deliveries) == 2


def test_a_worker_outlives_a_store_that_is_busy(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, hasty: None
) -> None:
    arrive(store, mailing, cast.maria_link, PRAISE)
    unwell = Unwell(store, lambda door, n: n < (4 if door == "read" else 3))
    with working(unwell, mailing):
        mailbox.wait_for(MARIA)
        mailbox.wait_for(BERTA)
    assert len(mailbox.deliveries) == 2


def test_a_worker_outlives_an_outage(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, hasty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(store, mailing, cast.maria_link, PRAISE)
    tries: list[int] = []
    connect = worker.Line._connected

    def connected(line: worker.Line) -> object:
        tries.append(1)
        if len(tries) < 4:
            raise worker.Outage("no connection")
        return connect(line)

    monkeypatch.setattr(worker.Line, "_connected", connected)
    monkeypatch.setattr(notices, "PAUSES", (timedelta(0),) * len(PAUSES))
    with working(store, mailing):
        mailbox.wait_for(MARIA)
        mailbox.wait_for(BERTA)
    assert len(mailbox.deliveries) == 2 and len(tries) >= 4


def test_a_mail_that_cannot_be_written_does_not_hold_up_the_others(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(store, mailing, cast.maria_link, PRAISE)
    write = worker.mail.written

    def written(errand: worker.Errand, settings: Settings) -> object:
        if errand.address == MARIA:
            raise KeyError(errand.words)
        return write(errand, settings)

    monkeypatch.setattr(worker.mail, "written", written)
    assert once(store, mailing) == 1 and mailbox.to(BERTA)
    notice = owed_to(store, cast.maria)
    assert notice.problem.startswith("KeyError at test_worker.py:") and notice.due_at is not None


def test_a_notice_to_someone_whom_it_concerns_meanwhile_is_given_up(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox
) -> None:
    number = arrive(store, mailing, cast.maria_link, COMPLAINT)
    with store.write() as session:
        session.add(Concern(submission_id=number, person_id=cast.berta))
    assert once(store, mailing) == 0
    assert mailbox.deliveries == []
    notice = owed_to(store, cast.berta)
    assert notice.given_up_at and notice.problem == "the recipient may not see it any more"


@pytest.mark.parametrize("refused", [False, True])
def test_a_receipt_is_mailed_once_and_its_address_forgotten(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, refused: bool
) -> None:
    number = arrive(store, mailing, cast.maria_link, PRAISE)
    once(store, mailing)
    with store.write() as session:
        receipt = receipt_of(session.get_one(Submission, number).key, mailing.secret_key)
        conversations.mail_receipt(session, receipt, "guest@example.org", "en", clock.now())
    if refused:
        mailbox.refuse(550, "5.1.1 <guest@example.org> unknown")
    assert once(store, mailing) == int(not refused)
    assert [receipt in message.as_string() for message in mailbox.to("guest@example.org")] == [True] * (not refused)
    assert not any(notice.address or "guest" in notice.problem for notice in owed(store))


def test_the_log_holds_no_words_receipts_or_addresses(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="feedback")
    arrive(store, mailing, cast.maria_link, PRAISE)
    mailbox.refuse(550, f"5.7.1 {MARIA} wrote: {WORDS}", address=MARIA)
    once(store, mailing)
    assert "1 mails sent, 1 not" in caplog.text
    assert not any(secret in caplog.text for secret in (MARIA, BERTA, "maria", WORDS))


def test_a_worker_stops_when_it_is_told_to(store: Store, mailing: Settings, cast: Cast) -> None:
    with working(store, mailing) as thread:
        thread.join(timeout=0.1)
        assert thread.is_alive()


CANDIDATE = """
import sys, threading
from pathlib import Path
from feedback.config import Settings
from feedback.db import Store
from feedback.outbound import worker
worker.ELECTION = worker.LOOKS = 0.1
run = worker.run
def elected(*given, **named):
    print("elected", flush=True)
    return run(*given, **named)
worker.run = elected
folder, url, smtp = sys.argv[1:]
settings = Settings("a secret for tests", Path(folder), url, base_url="http://localhost", smtp_url=smtp)
worker.start_inline(Store(url), settings)
threading.Event().wait()
"""


@contextmanager
def candidate(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """A process of a web server that stands for election."""
    command = [sys.executable, "-c", CANDIDATE, str(settings.data_dir), settings.database_url, settings.smtp_url]
    root = Path(__file__).parent.parent.parent
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        try:
            yield process
        finally:
            process.kill()


def is_elected(process: subprocess.Popen[str]) -> bool:
    """Waits for the word; False where the process ends without it."""
    assert process.stdout is not None
    return process.stdout.readline() == "elected\n"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the lock does not know which store there is
def test_of_the_processes_of_a_machine_one_works_and_another_takes_over_when_it_is_killed(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox
) -> None:
    with candidate(mailing) as first:
        assert is_elected(first)
        with candidate(mailing) as second:
            arrive(store, mailing, cast.maria_link, PRAISE)
            mailbox.wait_for(BERTA, timeout=20)
            os.kill(first.pid, signal.SIGKILL)
            assert is_elected(second)
            arrive(store, mailing, cast.maria_link, PRAISE)
            mailbox.wait_for(BERTA, 2, timeout=20)
    assert Counter(message["Message-ID"] for message in mailbox.messages).most_common(1)[0][1] == 1


def test_each_mail_is_noted_before_the_next_leaves(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a service that is stopped in between sends at most one of them again."""
    arrive(store, mailing, cast.maria_link, PRAISE)
    seen: list[int] = []
    written = worker.mail.written

    def noting(*given: object) -> object:
        seen.append(sum(notice.sent_at is not None for notice in owed(store)))
        return written(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(worker.mail, "written", noting)
    assert once(store, mailing) == 2
    assert seen == [0, 1]


def test_an_outcome_that_cannot_be_kept_as_it_is_is_kept_in_other_words(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(store, mailing, cast.maria_link, PRAISE)
    mailbox.refuse(550, "never", address=MARIA)
    failed = notices.failed

    def fussy(session: Session, notice: object, at: object, problem: str, **more: object) -> None:
        if problem.startswith("550"):
            session.connection().exec_driver_sql("select nothing from nowhere")
        failed(session, notice, at, problem, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(notices, "failed", fussy)
    once(store, mailing)
    assert "Error at" in owed_to(store, cast.maria).problem


def test_when_the_process_ends_the_mail_under_way_is_finished_and_no_other_begun(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        arrive(store, mailing, cast.maria_link, PRAISE)
    begun, go_on, endings = threading.Event(), threading.Event(), []
    written = worker.mail.written

    def slow(*given: object) -> object:
        begun.set()
        go_on.wait(5)
        return written(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(worker.mail, "written", slow)
    monkeypatch.setattr(worker, "Finalize", lambda _, *given, **more: endings.append(given))
    worker.start_inline(store, mailing)
    assert begun.wait(5)
    ((let_finish, (thread, stop)),) = endings
    threading.Timer(0.2, go_on.set).start()
    let_finish(thread, stop)
    assert not thread.is_alive()
    assert len(mailbox.deliveries) == sum(notice.sent_at is not None for notice in owed(store)) == 1


def test_what_was_not_begun_when_the_worker_stopped_is_due_at_once(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch
) -> None:
    arrive(store, mailing, cast.maria_link, PRAISE)
    stop = threading.Event()
    stop.set()
    assert worker.send_due(store, mailing, stop) == []
    assert {(notice.due_at, notice.tries) for notice in owed(store)} == {(watch.at, 0)}
    assert once(store, mailing) == 2


def test_a_mail_whose_sending_can_never_be_noted_is_not_sent_for_ever(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(store, mailing, cast.maria_link, PRAISE)

    def never(*given: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(notices, "sent", never)
        for _ in range(3 * len(PAUSES)):
            with pytest.raises(RuntimeError):
                once(store, mailing)
            watch.forward(LEASE)
            if len(mailbox.deliveries) == 2 * (len(PAUSES) + 1):
                break
        assert once(store, mailing) == 0
    assert len(mailbox.deliveries) == 2 * (len(PAUSES) + 1)
    assert {notice.problem for notice in owed(store)} == {"what became of it could not be kept"}
    assert all(notice.given_up_at for notice in owed(store))


def test_letters_whose_person_nobody_found_go_to_everyone_after_a_week(
    store: Store, settings: Settings, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(store, settings, cast.kitchen_link, replace(PRAISE, person_id=None, person_note="tall man at till 4"))
    for days, waits in ((6, True), (8, False)):
        at = clock.now() + timedelta(days=days)
        with monkeypatch.context() as later:
            later.setattr(clock, "now", lambda at=at: at)
            worker._tidy(store, settings)
        with store.read() as session:
            assert session.query(Praise.is_held).scalar() is waits


@pytest.mark.parametrize("is_mailing", [True, False])
def test_a_chore_that_goes_wrong_ends_nothing(
    store: Store,
    settings: Settings,
    mailing: Settings,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    is_mailing: bool,
) -> None:
    stop, tried = threading.Event(), []

    def broken(*_: object, **__: object) -> None:
        tried.append(1)
        if len(tried) == 6:  # three chores, twice each
            stop.set()
        raise ValueError("not for the log")

    for chore in ("_tidy", "_watch", "index_words"):
        monkeypatch.setattr(worker, chore, broken)
    for pause in ("TIDIES", "WATCHES", "LOOKS"):
        monkeypatch.setattr(worker, pause, 0.0)
    worker.run(store, mailing if is_mailing else settings, stop=stop)
    assert len(tried) == 6
    assert all(f"{name} failed: ValueError" in caplog.text for name in ("Tidying", "Watching", "Indexing"))
    assert "not for the log" not in caplog.text
