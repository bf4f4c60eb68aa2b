"""Digests: what waits for one, when it comes, what it says, and that it is one message however often it is tried."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from feedback import clock
from feedback.config import Settings
from feedback.core import cases, conversations, digests, notices, rhythms
from feedback.core.cases import Case
from feedback.core.digests import MOST_AN_HOUR
from feedback.core.notices import LEASE, PAUSES, About, Notice
from feedback.core.people import Person
from feedback.core.rhythms import Rhythm
from feedback.core.submissions import Concern, Draft, Kind, Submission, receipt_of
from feedback.db import Store
from feedback.outbound import digests as telling
from feedback.outbound import mail, worker
from tests.factories import Cast
from tests.ground.smtp import Mailbox
from tests.outbound.arrivals import BERTA, COMPLAINT, MARIA, PRAISE, WORDS, Watch, arrive, once, owed, pile
from tests.outbound.mails import html, plain

HOUR = timedelta(hours=1)
ON_ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # where the store makes no difference


def chooses(store: Store, person: int, **chosen: object) -> None:
    with store.write() as session:
        usual: dict[str, object] = {"cases": "at_once", "praise": "at_once", "hour": 8, "weekday": 0}
        rhythms.choose(session, Rhythm(person_id=person, **usual | chosen))


def told(store: Store, person: int) -> list[tuple[str, datetime | None]]:
    """What that person is owed mails of, and when each was sent."""
    return [(notice.about, notice.sent_at) for notice in owed(store) if notice.person_id == person]


def critical(store: Store, number: int) -> None:
    with store.write() as session:
        session.get_one(Case, number).severity = 4


def test_who_chose_a_daily_digest_gets_all_of_a_day_in_one(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch
) -> None:
    chooses(store, cast.berta, cases="daily", praise="daily")
    numbers = [arrive(store, mailing, cast.maria_link, COMPLAINT) for _ in range(3)]
    arrive(store, mailing, cast.maria_link, PRAISE)
    assert once(store, mailing) == 1 and len(mailbox.to(MARIA)) == 1  # her praise comes at once
    watch.forward(22 * HOUR)
    assert once(store, mailing) == 0
    watch.forward(HOUR)
    assert once(store, mailing) == 1
    (digest,) = mailbox.to(BERTA)
    assert digest["Subject"] == "Garden House: 3 new cases, 1 word of thanks"
    for number in numbers:
        assert f"{mailing.base_url}/cases/{number}" in plain(digest) and f"/cases/{number}" in html(digest)
    assert plain(digest).count(WORDS) == 4 and "It is about Maria, who works in Kitchen" in plain(digest)
    assert plain(digest).index("New for you") < plain(digest).index("Praise")
    assert digest["Date"].datetime == watch.at
    assert all(sent_at == watch.at for _, sent_at in told(store, cast.berta))
    watch.forward(24 * HOUR)
    assert once(store, mailing) == 0


@ON_ONE
def test_cases_and_praise_are_chosen_apart_and_the_week_has_its_day(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch
) -> None:
    chooses(store, cast.berta, praise="weekly", weekday=2, hour=17)
    arrive(store, mailing, cast.maria_link, PRAISE)
    arrive(store, mailing, cast.maria_link, COMPLAINT)
    assert once(store, mailing) == 2 and len(mailbox.to(BERTA)) == 1
    watch.at = datetime(2026, 1, 7, 17, tzinfo=UTC)
    assert once(store, mailing) == 1
    assert mailbox.to(BERTA)[1]["Subject"] == "Garden House: 1 word of thanks"


def test_in_quiet_hours_mails_wait_until_these_are_over_where_the_reader_is(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch
) -> None:
    chooses(store, cast.berta, quiet_from=22, quiet_until=7, timezone="Asia/Tokyo")
    watch.at = datetime(2026, 1, 5, 13, 30, tzinfo=UTC)  # half past ten at night there
    for _ in range(2):
        arrive(store, mailing, cast.maria_link, COMPLAINT)
    assert once(store, mailing) == 0
    watch.at = datetime(2026, 1, 5, 22, tzinfo=UTC)
    assert once(store, mailing) == 1
    assert mailbox.to(BERTA)[0]["Subject"] == "Garden House: 2 new cases"
    arrive(store, mailing, cast.maria_link, COMPLAINT)
    assert once(store, mailing) == 1 and "Please look at this" in mailbox.to(BERTA)[1]["Subject"]


@ON_ONE
def test_critical_cases_wait_for_nothing(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch
) -> None:
    chooses(store, cast.berta, cases="weekly", quiet_from=0, quiet_until=23)
    critical(store, arrive(store, mailing, cast.maria_link, COMPLAINT))
    arrive(store, mailing, cast.maria_link, COMPLAINT)
    assert once(store, mailing) == 1 and len(mailbox.to(BERTA)) == 1


@ON_ONE
def test_critical_cases_do_not_wait_for_a_flood_to_pass_either(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch
) -> None:
    for _ in range(MOST_AN_HOUR + 2):
        arrive(store, mailing, cast.maria_link, COMPLAINT)
    assert once(store, mailing) == len(mailbox.to(BERTA)) == MOST_AN_HOUR
    critical(store, arrive(store, mailing, cast.maria_link, COMPLAINT))
    assert once(store, mailing) == 1 and len(mailbox.to(BERTA)) == MOST_AN_HOUR + 1


@ON_ONE
def test_deadlines_wait_for_quiet_hours_and_for_no_digest(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch
) -> None:
    chooses(store, cast.berta, cases="weekly", weekday=6, quiet_from=9, quiet_until=11)
    number = arrive(store, mailing, cast.maria_link, COMPLAINT)
    with store.write() as session:
        session.get_one(Case, number).due_at = watch.at
        assert cases.watch(session, watch.at, mails=True) == 1
    assert once(store, mailing) == 1 and mailbox.to(BERTA) == []  # to those above
    watch.forward(2 * HOUR)
    assert once(store, mailing) == 1
    (digest,) = mailbox.to(BERTA)
    assert digest["Subject"] == "Garden House: 1 overdue"


@ON_ONE
def test_what_customers_and_the_invited_wait_for_is_never_put_off(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch
) -> None:
    number = arrive(store, mailing, cast.maria_link, PRAISE)
    with store.write() as session:
        receipt = receipt_of(session.get_one(Submission, number).key, mailing.secret_key)
        conversations.mail_receipt(session, receipt, "guest@example.org", "en", clock.now())
    chooses(store, cast.maria, praise="daily", quiet_from=0, quiet_until=23)
    chooses(store, cast.berta, praise="daily", quiet_from=0, quiet_until=23)
    assert once(store, mailing) == 1 and len(mailbox.to("guest@example.org")) == 1


@ON_ONE
def test_seven_hundred_complaints_in_an_hour_are_a_few_mails(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch
) -> None:
    pile(store, mailing, cast.maria_link, COMPLAINT, 700)
    assert once(store, mailing) == 10
    watch.forward(HOUR)
    assert once(store, mailing) == 1
    *single, digest = mailbox.to(BERTA)
    assert len(single) == 10 and digest["Subject"] == "Garden House: 690 new cases"
    assert "And 665 more." in plain(digest) and f"{mailing.base_url}/notices" in plain(digest)
    assert len(digest.as_bytes()) < 100_000
    assert len(told(store, cast.berta)) == 701 and all(sent_at for _, sent_at in told(store, cast.berta))
    assert once(store, mailing) == 0


WITHDRAWALS: dict[str, Callable[[Store, Cast, list[int]], None]] = {
    "one concerns them now": lambda store, cast, numbers: concern(store, cast, numbers[:1]),
    "all concern them now": lambda store, cast, numbers: concern(store, cast, numbers),
}


def concern(store: Store, cast: Cast, numbers: list[int]) -> None:
    with store.write() as session:
        session.add_all(Concern(submission_id=number, person_id=cast.berta) for number in numbers)


@ON_ONE
@pytest.mark.parametrize("name", WITHDRAWALS)
def test_a_digest_tells_nothing_that_its_reader_may_no_longer_see(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch, name: str
) -> None:
    chooses(store, cast.berta, cases="daily")
    numbers = [
        arrive(store, mailing, cast.maria_link, Draft(kind=Kind.COMPLAINT, message=f"{WORDS} {n}.")) for n in range(3)
    ]
    once(store, mailing)
    WITHDRAWALS[name](store, cast, numbers)
    watch.forward(24 * HOUR)
    is_all = name.startswith("all")
    assert once(store, mailing) == int(not is_all)
    found = {notice.about: [] for notice in owed(store)}
    for notice in owed(store):
        found[notice.about].append((bool(notice.sent_at), bool(notice.given_up_at)))
    gone, sent = (False, True), (True, False)
    assert found["complaint"] == ([gone] * 3 if is_all else [gone, sent, sent])
    assert found["digest"] == [gone if is_all else sent]
    if not is_all:
        (digest,) = mailbox.to(BERTA)
        assert digest["Subject"] == "Garden House: 2 new cases" and f"{WORDS} 0." not in plain(digest) + html(digest)


@ON_ONE
def test_of_a_letter_that_waits_for_a_look_a_digest_tells_no_words(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch
) -> None:
    chooses(store, cast.berta, cases="daily")
    arrive(store, mailing, cast.maria_link, Draft(kind=Kind.COMPLIMENT, message=WORDS, rating=1))
    watch.forward(24 * HOUR)
    assert once(store, mailing) == 0  # put off only now
    watch.forward(24 * HOUR)
    assert once(store, mailing) == 1
    (digest,) = mailbox.to(BERTA)
    assert digest["Subject"] == "Garden House: 1 compliment to look at" and WORDS not in plain(digest) + html(digest)


def test_a_digest_that_was_sent_but_not_marked_comes_again_as_the_same_message(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    chooses(store, cast.berta, cases="daily", quiet_from=9, quiet_until=10)
    arrive(store, mailing, cast.maria_link, COMPLAINT)
    once(store, mailing)
    watch.at = datetime(2026, 1, 6, 8, tzinfo=UTC)
    with monkeypatch.context() as killed:
        killed.setattr(worker, "_keep", lambda *given: None)
        worker.send_due(store, mailing, threading.Event())
    arrive(store, mailing, cast.maria_link, COMPLAINT)  # it joins the next one: this one may be out
    assert once(store, mailing) == 0
    watch.forward(HOUR)  # in quiet hours, but somebody may have it already
    assert once(store, mailing) == 1
    first, second = mailbox.to(BERTA)
    assert first["Message-ID"] == second["Message-ID"] and first["Date"] == second["Date"]
    assert plain(first) == plain(second) and html(first) == html(second)
    watch.at = datetime(2026, 1, 7, 8, tzinfo=UTC)
    assert once(store, mailing) == 1 and mailbox.to(BERTA)[2]["Message-ID"] != first["Message-ID"]


@ON_ONE
def test_a_digest_that_is_refused_for_good_takes_along_what_it_would_have_told(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch
) -> None:
    chooses(store, cast.berta, cases="daily")
    for _ in range(2):
        arrive(store, mailing, cast.maria_link, COMPLAINT)
    once(store, mailing)
    watch.forward(24 * HOUR)
    mailbox.refuse(450, "4.2.2 later", address=BERTA)
    assert once(store, mailing) == 0
    mailbox.refuse(550, "5.1.1 unknown", address=BERTA)
    watch.forward(PAUSES[0])
    assert once(store, mailing) == 0
    assert {(notice.problem, notice.given_up_at) for notice in owed(store)} == {("550 5.1.1 unknown", watch.at)}


def test_whoever_lost_the_lease_of_a_digest_marks_nothing_that_it_tells_of(
    store: Store, mailing: Settings, cast: Cast, watch: Watch
) -> None:
    chooses(store, cast.berta, cases="daily")
    arrive(store, mailing, cast.maria_link, COMPLAINT)
    with store.write() as session:
        assert digests.sort(session, notices.claim(session, watch.at), watch.at) == []
    watch.forward(24 * HOUR)
    with store.write() as session:
        (late,) = notices.claim(session, watch.at)
    watch.forward(LEASE)
    with store.write() as session:
        (other,) = notices.claim(session, watch.at)
        assert (other.id, other.was_begun, late.was_begun) == (late.id, True, False)
        digests.sent(session, late, watch.at, {})
        digests.failed(session, late, watch.at, "refused", for_good=True)
    assert {(notice.sent_at, notice.given_up_at) for notice in owed(store)} == {(None, None)}


@ON_ONE
def test_after_an_outage_what_gathered_comes_as_one_too(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch
) -> None:
    for _ in range(15):
        arrive(store, mailing, cast.maria_link, COMPLAINT)
    mailbox.refuse(421, "4.3.2 down", at="greeting")
    assert once(store, mailing) == 0
    mailbox.accept()
    watch.forward(PAUSES[0])
    once(store, mailing)
    watch.forward(HOUR)
    once(store, mailing)
    sizes = Counter("Please look" in message["Subject"] for message in mailbox.to(BERTA))
    assert sizes == {True: 10, False: 1}


@ON_ONE
def test_a_digest_speaks_the_language_of_its_reader(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch
) -> None:
    with store.write() as session:
        session.get_one(Person, cast.berta).language = "ar"
    chooses(store, cast.berta, cases="daily")
    arrive(store, mailing, cast.maria_link, COMPLAINT)
    once(store, mailing)
    watch.forward(24 * HOUR)
    once(store, mailing)
    (digest,) = mailbox.to(BERTA)
    assert digest["Content-Language"] == "ar" and 'dir="rtl"' in html(digest) and "\u2068Maria\u2069" in plain(digest)


def test_every_group_has_its_words_and_every_sort_its_group() -> None:
    at_once = {About.RECEIPT, About.ANSWER, About.THANKED, About.INVITATION, About.DIGEST}
    mailed = set(About) - notices.INSIDE - at_once
    assert mailed == {about for sorts in telling.GROUPS.values() for about in sorts} == set(telling.SENTENCES)
    assert set(telling.GROUPS) == set(telling.HEADINGS) == set(telling.COUNTS)
    assert mail.MOST_ENTRIES * len(telling.GROUPS) <= 200
    assert Notice.was_begun is False
