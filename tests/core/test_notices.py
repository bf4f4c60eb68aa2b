"""Notices: owed once, claimed by one, tried again after growing pauses, given up for all to see."""

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from feedback.core import conversations, notices
from feedback.core.history import Event
from feedback.core.notices import LEASE, PAUSES, About, Notice
from feedback.core.people import Person
from feedback.core.submissions import Submission, receipt_of
from feedback.db import Store, new_id
from tests.factories import BEGINNING, Cast
from tests.story import SECRET, arrives, at_once

SOON = timedelta(minutes=1)


def owed(store: Store) -> list[Notice]:
    with store.read() as session:
        return list(session.scalars(select(Notice).order_by(Notice.id)))


def claimed(store: Store, at: datetime, size: int = 20) -> list[Notice]:
    with store.write() as session:
        return list(notices.claim(session, at, size=size))


@pytest.fixture
def notice(store: Store, cast: Cast) -> Notice:
    """The one notice of a complaint about Maria: that to Berta."""
    arrives(store, cast.maria_link, at=BEGINNING)
    (found,) = owed(store)
    assert found.person_id == cast.berta
    return found


def test_what_is_claimed_is_leased_to_one(store: Store, notice: Notice) -> None:
    (mine,) = claimed(store, BEGINNING)
    assert (mine.id, mine.tries) == (notice.id, 1)
    assert claimed(store, BEGINNING + LEASE - SOON) == []


def test_what_is_not_due_yet_is_not_claimed(store: Store, notice: Notice) -> None:
    assert claimed(store, BEGINNING - SOON) == []


def test_a_lease_that_ran_out_is_anyones(store: Store, notice: Notice) -> None:
    (first,) = claimed(store, BEGINNING)
    (second,) = claimed(store, BEGINNING + LEASE)
    assert (second.id, second.tries) == (first.id, 2)
    assert second.lease != first.lease


def test_what_may_be_out_already_is_known_by_the_lease_it_kept(store: Store, notice: Notice) -> None:
    (mine,) = claimed(store, BEGINNING)
    assert not mine.was_begun
    with store.write() as session:
        notices.failed(session, mine, BEGINNING, "the connection broke", for_good=False, is_unsure=True)
    (again,) = claimed(store, BEGINNING + PAUSES[0])
    with store.write() as session:
        notices.put_back(session, again, BEGINNING + PAUSES[0])
    (third,) = claimed(store, BEGINNING + PAUSES[0])
    with store.write() as session:
        notices.failed(session, third, BEGINNING + PAUSES[0], "450 later", for_good=False)
    (fourth,) = claimed(store, BEGINNING + PAUSES[0] + PAUSES[1])
    assert again.was_begun and third.was_begun and fourth.was_begun


def test_what_was_surely_not_taken_is_as_if_it_was_never_begun(store: Store, notice: Notice) -> None:
    (mine,) = claimed(store, BEGINNING)
    with store.write() as session:
        notices.failed(session, mine, BEGINNING, "no connection", for_good=False)
    (again,) = claimed(store, BEGINNING + PAUSES[0])
    assert not again.was_begun


def test_what_was_sent_is_never_due_again(store: Store, notice: Notice) -> None:
    (mine,) = claimed(store, BEGINNING)
    with store.write() as session:
        notices.sent(session, mine, BEGINNING + SOON)
    (kept,) = owed(store)
    assert (kept.due_at, kept.sent_at, kept.lease) == (None, BEGINNING + SOON, None)
    assert claimed(store, BEGINNING + timedelta(days=365)) == []


def test_whoever_lost_the_lease_changes_nothing(store: Store, notice: Notice) -> None:
    (late,) = claimed(store, BEGINNING)
    claimed(store, BEGINNING + LEASE)
    with store.write() as session:
        notices.sent(session, late, BEGINNING + LEASE)
        notices.failed(session, late, BEGINNING + LEASE, "refused", for_good=True)
    (kept,) = owed(store)
    assert (kept.sent_at, kept.given_up_at) == (None, None)
    assert kept.due_at == BEGINNING + LEASE + LEASE


def test_each_pause_is_longer_and_after_the_last_it_is_given_up(store: Store, notice: Notice) -> None:
    at, pauses = BEGINNING, []
    for _ in PAUSES:
        (mine,) = claimed(store, at)
        with store.write() as session:
            notices.failed(session, mine, at, "no answer", for_good=False)
            due = notices.next_due(session)
        assert due is not None
        pauses.append(due - at)
        at = due
    assert tuple(pauses) == PAUSES == tuple(sorted(PAUSES))
    (last,) = claimed(store, at)
    with store.write() as session:
        notices.failed(session, last, at, "x" * 1000, for_good=False)
        assert (notices.next_due(session), notices.state(session)) == (None, (0, 1))
    (kept,) = owed(store)
    assert (kept.given_up_at, len(kept.problem)) == (at, 200)


def test_what_will_never_work_is_given_up_at_once(store: Store, notice: Notice) -> None:
    (mine,) = claimed(store, BEGINNING)
    with store.write() as session:
        assert notices.state(session) == (1, 0)
        notices.failed(session, mine, BEGINNING, "no such mailbox", for_good=True)
        assert notices.state(session) == (0, 1)
    assert owed(store)[0].person_id == notice.person_id


def ask_for_receipt(store: Store, cast: Cast) -> Notice:
    arrives(store, cast.kitchen_link, kind="suggestion", at=BEGINNING, mails=False)
    with store.write() as session:
        key = session.scalars(select(Submission.key)).one()
        assert conversations.mail_receipt(session, receipt_of(key, SECRET), "me@customer.example", "de", BEGINNING)
    (mine,) = claimed(store, BEGINNING)
    assert (mine.address, mine.about, mine.language) == ("me@customer.example", About.RECEIPT, "de")
    return mine


def test_a_customers_address_is_forgotten_when_the_receipt_is_sent(store: Store, cast: Cast) -> None:
    mine = ask_for_receipt(store, cast)
    with store.write() as session:
        notices.sent(session, mine, BEGINNING)
    assert owed(store) == []


def test_a_customers_address_is_forgotten_when_the_receipt_is_given_up(store: Store, cast: Cast) -> None:
    mine = ask_for_receipt(store, cast)
    with store.write() as session:
        notices.failed(session, mine, BEGINNING, "no such mailbox", for_good=True)
        assert notices.state(session) == (0, 1)
    assert [kept.address for kept in owed(store)] == [""]


def test_no_more_is_claimed_than_asked_for_and_the_oldest_first(store: Store, cast: Cast) -> None:
    for minutes in (3, 1, 2):
        arrives(store, cast.maria_link, at=BEGINNING + minutes * SOON)
    found = claimed(store, BEGINNING + 9 * SOON, size=2)
    assert {n.id for n in found} == {n.id for n in owed(store) if n.lease}
    assert len(found) == 2
    (left,) = claimed(store, BEGINNING + 9 * SOON)
    with store.read() as session:
        assert session.get_one(Event, left.event_id).at == BEGINNING + 3 * SOON


def test_two_workers_at_once_claim_different_ones(store: Store, cast: Cast) -> None:
    for _ in range(6):
        arrives(store, cast.maria_link, at=BEGINNING)
    found: list[int] = []
    lock = threading.Lock()

    def work() -> None:
        mine = claimed(store, BEGINNING, size=2)
        with lock:
            found.extend(notice.id for notice in mine)

    at_once(work, work, work)
    assert len(found) == len(set(found)) == 6


def test_nobody_is_owed_the_same_twice(store: Store, cast: Cast, notice: Notice) -> None:
    again = {"id": new_id(BEGINNING), "event_id": notice.event_id, "about": About.COMPLAINT, "due_at": BEGINNING}
    with pytest.raises(IntegrityError), store.write() as session:
        session.add(Notice(**again, person_id=cast.berta))


@pytest.mark.parametrize("both", [True, False])
def test_a_notice_has_one_recipient(store: Store, cast: Cast, notice: Notice, both: bool) -> None:
    to = {"person_id": cast.maria, "address": "a@b.example"} if both else {}
    with pytest.raises(IntegrityError), store.write() as session:
        session.add(Notice(id=new_id(BEGINNING), event_id=notice.event_id, about=About.PRAISE, due_at=BEGINNING, **to))


def test_of_someone_without_mail_nothing_is_owed(store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.get_one(Person, cast.maria).email = None
    arrives(store, cast.maria_link, kind="compliment")
    assert {notice.person_id for notice in owed(store)} == {cast.berta}


def test_history_and_a_house_without_mail_owe_nothing(store: Store, cast: Cast) -> None:
    arrives(store, cast.maria_link, history=True)
    arrives(store, cast.maria_link, mails=False)
    assert owed(store) == []


def test_one_person_is_owed_one_notice_however_many_ways_lead_to_them(store: Store, cast: Cast) -> None:
    arrives(store, cast.kitchen_link, kind="compliment", person_id=cast.maria, topic_ids=(cast.missing_parts,))
    recipients = [notice.person_id for notice in owed(store)]
    assert sorted(recipients) == sorted({cast.maria, cast.berta, cast.paula, cast.hans})
    assert {notice.about for notice in owed(store)} == {About.PRAISE}
