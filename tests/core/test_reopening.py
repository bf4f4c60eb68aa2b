"""Taking a closed case up again from inside: the same stage, deadlines anew, the first end kept in the history."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from feedback.core import cases, conversations, deadlines, history
from feedback.core.cases import ChangedMeanwhile, Closure, NotAllowed, NotOpen, Reviewer, Says, Status
from feedback.core.deadlines import PRESETS, SEVERITIES
from feedback.core.notices import About, Notice
from feedback.core.people import Person
from feedback.core.submissions import Submission, receipt_of
from feedback.db import Store
from tests.core.test_case_life import DAY, MONDAY, UPHELD, Desk
from tests.factories import Cast
from tests.story import SECRET, concern

AGAIN = MONDAY + 14 * DAY


@pytest.fixture
def desk(store: Store, cast: Cast) -> Desk:
    """A case that Karim answered and Berta closed, and the customer was not content with."""
    made = Desk(store, cast)
    made.does(cases.assign, cast.karim)
    made.does(cases.reply, "Sorry", Says.ANSWERED, by="karim")
    made.does(cases.close, UPHELD, at=MONDAY + 2 * DAY)
    made.customer(cases.judge, is_settled=False, rating=2)
    return made


def test_it_is_in_progress_at_its_stage_with_an_answer_due_from_then(desk: Desk) -> None:
    before = desk.case()
    desk.does(cases.take_up_again, "We promised a refund", at=AGAIN)
    case = desk.case()
    assert (case.status, case.stage, case.handler_id) == (Status.IN_PROGRESS, 1, desk.cast.karim)
    assert case.closed_at is case.answered_at is case.paused_at is case.breached_at is None
    assert (case.acknowledged_at, case.acknowledge_at) == (before.acknowledged_at, before.acknowledge_at)
    assert case.due_at == case.answer_at == datetime(2026, 3, 20, tzinfo=UTC)
    with desk.store.read() as session:
        event = history.events_of(session, desk.number)[-1]
        rows = session.execute(select(Notice.person_id, Notice.channel).where(Notice.event_id == event.id))
        told = sorted((person_id, channel) for person_id, channel in rows)
    assert told == [(desk.cast.karim, "app"), (desk.cast.karim, "mail")]
    assert case.warn_at and AGAIN < case.warn_at < case.due_at


def test_where_no_mail_leaves_its_handler_reads_it_inside(desk: Desk) -> None:
    event = desk.does(cases.take_up_again, "We promised a refund", at=AGAIN, mails=False)
    with desk.store.read() as session:
        rows = session.execute(select(Notice.person_id, Notice.channel).where(Notice.event_id == event.id)).all()
    assert [tuple(row) for row in rows] == [(desk.cast.karim, "app")]


def test_an_answer_that_counts_from_the_acknowledgement_counts_from_then(desk: Desk) -> None:
    with desk.store.write() as session:
        wanted = dict.fromkeys(SEVERITIES, PRESETS["housing"])
        deadlines.promise(session, wanted, by_id=desk.cast.anna, at=MONDAY)
    desk.does(cases.take_up_again, "Why not", at=AGAIN)
    assert desk.case().due_at == datetime(2026, 3, 31, tzinfo=UTC)


def test_the_first_end_is_in_the_history_and_a_new_one_is_judged_anew(desk: Desk) -> None:
    desk.does(cases.take_up_again, "We promised a refund", at=AGAIN)
    with desk.store.read() as session:
        assert session.scalars(select(Closure)).all() == []
        event = history.events_of(session, desk.number)[-1]
    assert (event.name, event.by_id, event.text) == ("taken_up_again", desk.cast.berta, "We promised a refund")
    first = {"stage": "1", "outcome": "upheld", "cause": UPHELD.cause, "remedy": UPHELD.remedy, "note": UPHELD.note}
    assert event.details == first | {"settled": "no", "rating": "2", "handled_by": str(desk.cast.karim)}
    desk.does(cases.close, UPHELD, at=AGAIN)
    desk.customer(cases.judge, is_settled=True, rating=5, at=AGAIN)
    assert desk.steps()[-3:] == ["taken_up_again", "closed", "judged"]


def test_the_customer_sees_it_and_not_why(desk: Desk) -> None:
    desk.does(cases.take_up_again, "We promised a refund", at=AGAIN)
    with desk.store.read() as session:
        receipt = receipt_of(session.get_one(Submission, desk.number).key, SECRET)
        found = conversations.open_with(session, receipt)
    assert found and (found.status, found.closure) == (Status.IN_PROGRESS, None)
    assert found.steps[-1].name == "taken_up_again" and "refund" not in str(found.steps)


def test_the_customers_own_way_stays_and_leads_to_others_than_all_who_decided(desk: Desk) -> None:
    desk.does(cases.take_up_again, "We promised a refund", at=AGAIN)
    desk.does(cases.assign, None, at=AGAIN)
    desk.does(cases.close, UPHELD, by="dora", at=AGAIN)
    desk.customer(cases.reopen, "Still no refund", at=AGAIN)
    with desk.store.read() as session:
        decided = set(session.scalars(select(Reviewer.person_id)))
    assert decided == {desk.cast.karim, desk.cast.berta, desk.cast.dora}
    assert desk.case().stage == 2 and desk.told(About.REOPENED) == {desk.cast.anna}
    desk.does(cases.close, UPHELD, by="anna", at=AGAIN)
    for key in ("berta", "karim"):
        with pytest.raises(NotAllowed):
            desk.does(cases.take_up_again, "Once more", by=key, at=AGAIN)
    desk.does(cases.take_up_again, "Once more", by="anna", at=AGAIN)
    assert desk.case().stage == 2
    desk.does(cases.close, UPHELD, by="anna", at=AGAIN)
    with pytest.raises(NotOpen):
        desk.customer(cases.reopen, "And once more", at=AGAIN)


def test_who_has_left_does_not_get_it_back(desk: Desk) -> None:
    with desk.store.write() as session:
        session.get_one(Person, desk.cast.karim).retired_at = AGAIN
    desk.does(cases.take_up_again, "Why not", at=AGAIN)
    assert desk.case().handler_id is None


def test_only_who_answers_it_and_only_what_is_closed_and_only_as_it_was_shown(desk: Desk) -> None:
    for key in ("maria", "paula", "hans"):
        with pytest.raises(NotAllowed):
            desk.does(cases.take_up_again, "Mine", by=key)
    with pytest.raises(ChangedMeanwhile):
        desk.does(cases.take_up_again, "Why not", version=1)
    concern(desk.store, desk.number, desk.cast.maria)
    desk.does(cases.take_up_again, "Why not", by="karim")
    with pytest.raises(NotOpen):
        desk.does(cases.take_up_again, "Twice")
