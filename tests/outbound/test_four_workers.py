"""Four workers on hundreds of notices at once: each notice is told once, whether by itself or in a digest."""

import threading
from collections import Counter
from datetime import timedelta

import pytest

from feedback import clock
from feedback.config import Settings
from feedback.core.notices import About
from feedback.db import Store
from feedback.outbound import worker
from tests.factories import Cast
from tests.ground.smtp import Mailbox
from tests.outbound.arrivals import COMPLAINT, PRAISE, Watch, once, owed, pile

WORKERS = 4


def work(settings: Settings, store: Store) -> None:
    """Four workers until nothing is due; each has a store of its own, as if in a process of its own."""
    stores = [Store(settings.database_url) for _ in range(WORKERS)]
    threads = [threading.Thread(target=once, args=(one, settings)) for one in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for one in stores:
        one.close()


def test_none_is_sent_twice_and_none_is_lost(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, undammed: None
) -> None:
    pile(store, mailing, cast.table_link, PRAISE, 40)
    work(mailing, store)
    assert Counter(Counter(delivery.message_id for delivery in mailbox.deliveries).values()) == {1: 120}
    assert all(notice.sent_at for notice in owed(store))


def test_of_a_flood_each_worker_counts_what_the_others_send(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch
) -> None:
    pile(store, mailing, cast.maria_link, COMPLAINT, 200)
    work(mailing, store)
    assert len(mailbox.deliveries) == 10
    watch.forward(timedelta(hours=1))
    work(mailing, store)
    assert len(mailbox.deliveries) == 11 and all(notice.sent_at for notice in owed(store))
    told = Counter(bool(notice.digest_id) for notice in owed(store) if notice.about == About.COMPLAINT)
    assert told == {True: 190, False: 10}
    assert mailbox.messages[-1]["Subject"] == "Garden House: 190 new cases"


def test_what_the_killed_had_begun_is_told_by_those_who_live(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    pile(store, mailing, cast.maria_link, COMPLAINT, 30)
    with monkeypatch.context() as killed:
        killed.setattr(worker, "_keep", lambda *given: None)
        worker.send_due(store, mailing, threading.Event())  # ten are out, and nobody noted it
    work(mailing, store)
    watch.forward(timedelta(hours=1))
    work(mailing, store)
    found = Counter(Counter(delivery.message_id for delivery in mailbox.deliveries).values())
    assert found == {2: 10, 1: 1}  # the ten that were taken and not confirmed, and the digest of all others
    assert all(notice.sent_at for notice in owed(store)) and clock.now() == watch.at
