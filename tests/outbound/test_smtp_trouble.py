"""A mail server in every kind of trouble: each message is at last delivered or given up for all to see, none twice."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from feedback.config import Settings
from feedback.core.notices import LEASE, PAUSES
from feedback.db import Store
from feedback.outbound import smtp
from tests.factories import Cast, address_of, send
from tests.ground import free_port
from tests.ground.smtp import Mailbox
from tests.outbound.arrivals import PRAISE, Watch, arrive, once, owed

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the wire does not know the store
THREE = sorted(address_of(key) for key in ("maria", "karim", "berta"))
Trouble = Callable[[Mailbox], None]


def refusing(code: int, at: str) -> Trouble:
    return lambda box: box.refuse(code, "4.3.0 in trouble", at=at)  # type: ignore[arg-type]


def hanging(at: str) -> Trouble:
    return lambda box: box.hang(at)  # type: ignore[arg-type]


STAGES = ("greeting", "mail", "rcpt", "ready", "data")
TROUBLES: dict[str, Trouble] = {
    **{f"421 at {at}": refusing(421, at) for at in STAGES},
    **{f"450 at {at}": refusing(450, at) for at in STAGES},
    **{f"hangs at {at}": hanging(at) for at in STAGES},
}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that waits for the server no longer than a moment."""
    monkeypatch.setattr(smtp, "SECONDS", 0.05)


def reached(mailbox: Mailbox) -> list[str]:
    return sorted(recipient for delivery in mailbox.deliveries for recipient in delivery.recipients)


@pytest.mark.parametrize("name", TROUBLES)
def test_what_a_server_in_trouble_did_not_take_it_gets_later_and_once(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch, impatient: None, name: str
) -> None:
    arrive(store, mailing, cast.kitchen_link, PRAISE)
    TROUBLES[name](mailbox)
    assert once(store, mailing) == 0
    assert all(notice.problem and notice.due_at and not notice.given_up_at for notice in owed(store))
    mailbox.accept()
    watch.forward(PAUSES[0])
    assert once(store, mailing) == 3
    assert reached(mailbox) == THREE
    assert all(notice.sent_at == watch.at and notice.problem == "" for notice in owed(store))


@pytest.mark.parametrize("name", ["421 at greeting", "450 at data", "hangs at greeting", "hangs at data"])
def test_a_trouble_that_does_not_end_is_given_up_for_all_to_see(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch, impatient: None, name: str
) -> None:
    arrive(store, mailing, cast.maria_link, PRAISE)
    TROUBLES[name](mailbox)
    for pause in (*PAUSES, LEASE):
        assert once(store, mailing) == 0
        watch.forward(pause)
    assert all(notice.given_up_at and notice.problem and notice.due_at is None for notice in owed(store))
    mailbox.accept()
    assert once(store, mailing) == 0 and mailbox.deliveries == []


def test_a_server_that_is_not_there_gets_all_of_it_when_it_is(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch
) -> None:
    arrive(store, mailing, cast.kitchen_link, PRAISE)
    assert once(store, replace(mailing, smtp_url=f"smtp://127.0.0.1:{free_port()}")) == 0
    watch.forward(PAUSES[0])
    assert once(store, mailing) == 3 and reached(mailbox) == THREE


@pytest.mark.parametrize("at", ["rcpt", "ready", "data"])
def test_of_three_the_one_that_is_refused_for_good_is_given_up_and_the_others_have_theirs(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch, at: str
) -> None:
    arrive(store, mailing, cast.kitchen_link, PRAISE)
    mailbox.refuse(550, "5.1.1 nobody here", at=at, address=address_of("karim"))  # type: ignore[arg-type]
    assert once(store, mailing) == 2
    assert reached(mailbox) == [address for address in THREE if address != address_of("karim")]
    told = {notice.person_id: (notice.given_up_at, notice.sent_at, notice.problem) for notice in owed(store)}
    assert told[cast.karim] == (watch.at, None, "550 5.1.1 nobody here")
    assert told[cast.maria] == told[cast.berta] == (None, watch.at, "")


def test_what_was_taken_but_never_confirmed_comes_again_as_the_same_message(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch
) -> None:
    arrive(store, mailing, cast.kitchen_link, PRAISE)
    mailbox.hang_up(answered=False)
    assert once(store, mailing) == 0 and reached(mailbox) == THREE
    mailbox.accept()
    watch.forward(PAUSES[0])
    assert once(store, mailing) == 3 and reached(mailbox) == sorted(THREE * 2)
    assert set(Counter(message["Message-ID"] for message in mailbox.messages).values()) == {2}
    assert len({delivery.content.partition(b"boundary=")[0] for delivery in mailbox.deliveries}) == 3


def test_a_server_that_hangs_up_after_each_answer_gets_each_once(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox
) -> None:
    arrive(store, mailing, cast.kitchen_link, PRAISE)
    mailbox.hang_up(answered=True)
    sent = once(store, mailing)
    mailbox.accept()
    assert sent == 3 and reached(mailbox) == THREE
    assert once(store, mailing) == 0


def test_a_server_that_hangs_holds_up_no_customer(
    app: Flask, store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "SECONDS", 5.0)
    arrive(store, mailing, cast.maria_link, PRAISE)
    mailbox.hang("data")
    worker = threading.Thread(target=once, args=(store, mailing), daemon=True)
    worker.start()
    assert mailbox.is_kept_waiting.wait(10)
    for _ in range(5):
        assert send(app.test_client(), cast.maria_link, kind="compliment").status_code == 303
    assert worker.is_alive() and mailbox.deliveries == []
    mailbox.drop_all()
    worker.join(10)
