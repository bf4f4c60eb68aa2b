"""The life of a case: each state with who and when, deadlines that follow, the customer's part, a second stage."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from feedback.core import cases, history
from feedback.core.access import Viewer
from feedback.core.cases import (
    Case,
    Cause,
    ChangedMeanwhile,
    Closure,
    Ending,
    NotAllowed,
    NotOpen,
    Outcome,
    Remedy,
    Says,
    Status,
)
from feedback.core.deadlines import ServiceLevel
from feedback.core.history import Event
from feedback.core.notices import About, Notice
from feedback.core.people import Management, Person
from feedback.core.submissions import Contact, Submission
from feedback.db import Store
from tests.factories import Cast
from tests.story import arrives, at_once, concern, viewer

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
DAY = timedelta(days=1)
UPHELD = Ending(Outcome.UPHELD, Cause.PROCESS, Remedy.APOLOGY, "The oven was off")


class Desk:
    """One case and those who work on it."""

    def __init__(self, store: Store, cast: Cast) -> None:
        self.store, self.cast = store, cast
        self.number = arrives(store, cast.kitchen_link, at=MONDAY)

    def seen_by(self, key: str) -> Viewer:
        return viewer(self.store, getattr(self.cast, key))

    def case(self) -> Case:
        with self.store.read() as session:
            return session.get_one(Case, self.number)

    def does(
        self, act, *what: object, by: str = "berta", at: datetime = MONDAY + DAY, version: int = 0, **more: object
    ):
        who = self.seen_by(by)
        with self.store.write() as session:
            case = session.get_one(Case, self.number)
            return act(session, who, case, *what, version=version or case.version, at=at, **more)

    def customer(self, act, *what: object, at: datetime = MONDAY + 3 * DAY, **more: object):
        with self.store.write() as session:
            return act(session, session.get_one(Submission, self.number), *what, at=at, **more)

    def steps(self) -> list[str]:
        with self.store.read() as session:
            return [event.name for event in history.events_of(session, self.number)]

    def told(self, about: About) -> set[int | str | None]:
        with self.store.read() as session:
            rows = session.scalars(select(Notice).join(Event).where(Event.submission_id == self.number)).all()
            return {row.person_id or row.address for row in rows if row.about == about}


@pytest.fixture
def desk(store: Store, cast: Cast) -> Desk:
    return Desk(store, cast)


def test_it_begins_with_deadlines_that_no_receipt_meets(desk: Desk) -> None:
    case = desk.case()
    assert (case.status, case.stage, case.acknowledged_at) == (Status.RECEIVED, 1, None)
    assert case.due_at == case.acknowledge_at == datetime(2026, 3, 4, tzinfo=UTC)
    assert case.warn_at is not None and MONDAY < case.warn_at < case.due_at


def test_a_whole_life(desk: Desk) -> None:
    desk.does(cases.acknowledge)
    assert desk.case().status == Status.ACKNOWLEDGED and desk.case().due_at == desk.case().answer_at
    desk.does(cases.reply, "At which table?", Says.ASKED, at=MONDAY + DAY)
    paused = desk.case()
    assert paused.paused_at == MONDAY + DAY and paused.due_at is paused.warn_at is None
    desk.customer(cases.write, "Table 4", at=MONDAY + 3 * DAY)
    resumed = desk.case()
    assert resumed.paused_at is None and resumed.answer_at == datetime(2026, 3, 10, tzinfo=UTC)
    assert desk.told(About.WROTE) == {desk.cast.berta}
    desk.does(cases.reply, "The oven was off, we are sorry.", Says.ANSWERED, at=MONDAY + 4 * DAY)
    assert desk.case().status == Status.ANSWERED and desk.case().due_at is None
    desk.does(cases.close, UPHELD, at=MONDAY + 5 * DAY)
    assert desk.case().status == Status.CLOSED and desk.case().closed_at == MONDAY + 5 * DAY
    desk.customer(cases.judge, is_settled=False, rating=2, at=MONDAY + 6 * DAY)
    desk.customer(cases.reopen, "It happened again", at=MONDAY + 7 * DAY)
    again = desk.case()
    assert (again.status, again.stage, again.handler_id) == (Status.RECEIVED, 2, None)
    assert again.department_id == desk.cast.root and desk.told(About.REOPENED) == {desk.cast.dora}
    assert again.acknowledged_at is again.answered_at is None and again.due_at == again.acknowledge_at
    desk.does(cases.reply, "You are right.", Says.ANSWERED, by="dora", at=MONDAY + 8 * DAY)
    desk.does(cases.close, UPHELD, by="dora", at=MONDAY + 8 * DAY)
    assert desk.steps() == [
        "received",
        "acknowledged",
        "asked",
        "wrote",
        "answered",
        "closed",
        "judged",
        "reopened",
        "answered",
        "closed",
    ]
    with desk.store.read() as session:
        first, second = session.scalars(select(Closure).order_by(Closure.stage)).all()
        assert (first.by_id, first.is_settled, first.rating, first.note) == (desk.cast.berta, False, 2, UPHELD.note)
        assert (second.by_id, second.outcome) == (desk.cast.dora, "upheld")


def test_whoever_decided_first_decides_no_second_time(desk: Desk) -> None:
    desk.does(cases.assign, desk.cast.maria)
    desk.does(cases.close, UPHELD)
    desk.customer(cases.reopen, "No")
    for key in ("berta", "maria"):
        with pytest.raises(NotAllowed):
            desk.does(cases.reply, "Once more", Says.REPLIED, by=key)
    with desk.store.read() as session:
        names = {person.name for person in cases.possible_handlers(session, session.get_one(Case, desk.number))}
    assert names.isdisjoint({"Berta Stein", "Maria Lopez"}) and "Dora Lang" in names


def test_another_manager_of_the_department_is_a_different_reviewer(desk: Desk) -> None:
    with desk.store.write() as session:
        session.add(Management(department_id=desk.cast.kitchen, person_id=desk.cast.karim))
    desk.does(cases.close, UPHELD)
    desk.customer(cases.reopen, "No")
    assert desk.case().department_id == desk.cast.kitchen and desk.told(About.REOPENED) == {desk.cast.karim}


def test_where_there_is_nobody_else_the_same_decide_again(desk: Desk) -> None:
    with desk.store.write() as session:
        for key in ("dora", "anna"):
            session.get_one(Person, getattr(desk.cast, key)).retired_at = MONDAY
    desk.does(cases.close, UPHELD)
    desk.customer(cases.reopen, "No")
    assert (desk.case().stage, desk.case().department_id) == (2, desk.cast.kitchen)
    assert desk.told(About.REOPENED) == {desk.cast.berta}
    assert desk.does(cases.reply, "Once more", Says.ANSWERED).name == "answered"


def test_an_answer_keeps_its_deadline_whatever_is_said_after_it(desk: Desk) -> None:
    desk.does(cases.reply, "We are sorry.", Says.ANSWERED)
    desk.customer(cases.write, "Thank you", at=MONDAY + 60 * DAY)
    assert (desk.case().status, desk.case().due_at) == (Status.IN_PROGRESS, None)
    desk.does(cases.reply, "Gladly", Says.REPLIED, at=MONDAY + 61 * DAY)
    assert (desk.case().status, desk.case().due_at) == (Status.ANSWERED, None)
    assert watched(desk, MONDAY + 99 * DAY) == 0


def test_what_was_imported_has_no_deadline_to_miss(desk: Desk) -> None:
    with desk.store.write() as session:
        session.get_one(Submission, desk.number).is_history = True
        case = session.get_one(Case, desk.number)
        case.due_at = case.warn_at = None
    desk.does(cases.reply, "We saw this late.", Says.REPLIED)
    assert desk.case().due_at is None and watched(desk, MONDAY + 99 * DAY) == 0


def test_it_is_opened_again_once_and_not_for_ever(desk: Desk) -> None:
    with pytest.raises(NotOpen):
        desk.customer(cases.reopen, "Not closed yet")
    desk.does(cases.close, UPHELD, at=MONDAY)
    with pytest.raises(NotOpen):
        desk.customer(cases.reopen, "Too late", at=MONDAY + 61 * DAY)
    desk.customer(cases.reopen, "Now")
    desk.does(cases.close, UPHELD, by="dora")
    with pytest.raises(NotOpen):
        desk.customer(cases.reopen, "Again")


def test_it_is_judged_once_and_only_when_it_ended(desk: Desk) -> None:
    with pytest.raises(NotOpen):
        desk.customer(cases.judge, is_settled=True, rating=None)
    desk.does(cases.close, UPHELD)
    desk.customer(cases.judge, is_settled=True, rating=5)
    with pytest.raises(ChangedMeanwhile):
        desk.customer(cases.judge, is_settled=False, rating=1)


def test_nothing_is_done_to_a_closed_case(desk: Desk) -> None:
    desk.does(cases.close, UPHELD)
    for act, what in ((cases.acknowledge, ()), (cases.reply, ("x", Says.REPLIED)), (cases.close, (UPHELD,))):
        with pytest.raises(NotOpen):
            desk.does(act, *what)
    with pytest.raises(NotOpen):
        desk.customer(cases.write, "Hello?")


@pytest.mark.parametrize("key", ["maria", "paula", "hans"])
def test_only_those_who_answer_it_may(desk: Desk, key: str) -> None:
    for act, what in ((cases.acknowledge, ()), (cases.reply, ("x", Says.REPLIED)), (cases.close, (UPHELD,))):
        with pytest.raises(NotAllowed):
            desk.does(act, *what, by=key)


def test_a_graver_case_is_due_as_soon_as_its_severity_says(desk: Desk) -> None:
    with desk.store.write() as session:
        session.add(
            ServiceLevel(
                severity=4, unit="hours", acknowledge=4, answer=24, second=48, counts_from_acknowledgement=False
            )
        )
    desk.does(cases.grade, 4, at=MONDAY + timedelta(hours=1))
    assert desk.case().due_at == MONDAY + timedelta(hours=4)
    assert desk.does(cases.grade, 4) is None


def test_waiting_can_be_ended_by_hand(desk: Desk) -> None:
    desk.does(cases.reply, "Where?", Says.ASKED, at=MONDAY)
    with desk.store.read() as session:
        assert cases.watch(session, MONDAY + 99 * DAY, mails=True) == 0
    desk.does(cases.resume, at=MONDAY + 2 * DAY)
    assert desk.case().due_at == datetime(2026, 3, 10, tzinfo=UTC)
    with pytest.raises(ChangedMeanwhile):
        desk.does(cases.resume)


def watched(desk: Desk, at: datetime) -> int:
    with desk.store.write() as session:
        return cases.watch(session, at, mails=True)


def test_a_deadline_is_warned_of_then_passed_on_each_once(desk: Desk) -> None:
    case = desk.case()
    assert watched(desk, MONDAY) == 0
    assert watched(desk, case.warn_at) == 1 and watched(desk, case.warn_at) == 0  # type: ignore[arg-type]
    assert desk.told(About.DUE_SOON) == {desk.cast.berta}
    assert watched(desk, case.due_at) == 1 and watched(desk, case.due_at + DAY) == 0  # type: ignore[arg-type,operator]
    assert desk.told(About.BREACHED) == {desk.cast.berta, desk.cast.dora}
    assert desk.steps() == ["received", "warned", "breached"]
    desk.does(cases.acknowledge, at=MONDAY + 9 * DAY)
    assert watched(desk, MONDAY + 99 * DAY) == 1
    assert desk.steps()[-1] == "breached"


def test_nobody_is_reminded_of_what_concerns_them(desk: Desk) -> None:
    concern(desk.store, desk.number, desk.cast.berta)
    watched(desk, MONDAY + 99 * DAY)
    assert desk.told(About.BREACHED) == {desk.cast.dora, desk.cast.anna}


def test_the_customer_is_told_where_they_left_an_address_for_it(desk: Desk) -> None:
    desk.does(cases.reply, "A word", Says.REPLIED)
    assert desk.told(About.ANSWER) == set()
    with desk.store.write() as session:
        session.add(Contact(submission_id=desk.number, name="", email="ida@home.example", phone="", may_contact=True))
    desk.does(cases.reply, "Another", Says.ANSWERED)
    assert desk.told(About.ANSWER) == {"ida@home.example"}
    desk.does(cases.close, UPHELD, mails=False)
    with desk.store.read() as session:
        assert len(session.scalars(select(Notice).where(Notice.about == About.ANSWER)).all()) == 1


def test_of_two_who_answer_at_once_one_wins_and_nothing_is_lost(desk: Desk) -> None:
    version, outcomes = desk.case().version, []

    def answers(text: str) -> None:
        try:
            desk.does(cases.reply, text, Says.ANSWERED, version=version)
            outcomes.append(text)
        except ChangedMeanwhile:
            outcomes.append("meanwhile")

    at_once(lambda: answers("one"), lambda: answers("two"))
    assert sorted(outcomes)[0] == "meanwhile" and len(set(outcomes)) == 2
    assert desk.steps() == ["received", "answered"]


def test_of_two_who_share_it_at_once_the_second_is_told_so(store: Store, cast: Cast) -> None:
    desk, became = Desk(store, cast), list[str]()
    desk.number = arrives(store, cast.maria_link, at=MONDAY)
    desk.does(cases.close, UPHELD)
    berta = desk.seen_by("berta")

    def shares() -> None:
        try:
            with store.write() as session:
                cases.share(session, berta, session.get_one(Case, desk.number), "", at=MONDAY + 2 * DAY)
            became.append("shared")
        except ChangedMeanwhile:
            became.append("changed meanwhile")

    at_once(shares, shares)
    assert sorted(became) == ["changed meanwhile", "shared"]
