"""Cases that say the same: linked both ways, seen by whom both exist for, closed with the same answer."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from feedback.core import cases, history
from feedback.core.cases import Case, Cause, ChangedMeanwhile, Ending, NotAllowed, NotOpen, Outcome, Remedy, duplicates
from feedback.core.cases.duplicates import NamesCustomer, NotTheSame
from feedback.core.history import Event
from feedback.core.notices import About, Notice
from feedback.core.submissions import Contact
from feedback.db import Store
from tests.factories import Cast
from tests.story import arrives, concern, viewer

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
LATER = MONDAY + timedelta(days=1)
ENDING = Ending(Outcome.UPHELD, Cause.PROCESS, Remedy.APOLOGY, "only for us")


class Three:
    """Three cases of the Kitchen, each by another customer."""

    def __init__(self, store: Store, cast: Cast) -> None:
        self.store, self.cast = store, cast
        names = ("Max Muster", "Ada", "Nasr")
        self.first, self.second, self.third = (
            arrives(
                store,
                cast.table_link,
                at=MONDAY + timedelta(hours=n),
                message=f"The oven smelled badly, says guest {n}",
                contact_name=name,
                contact_email=f"guest{n}@customer.example",
                may_contact=True,
            )
            for n, name in enumerate(names)
        )

    def link(self, number: int, other: int, *, by: str = "berta") -> Event:
        who = viewer(self.store, getattr(self.cast, by))
        with self.store.write() as session:
            case, main = session.get_one(Case, number), session.get_one(Case, other)
            return duplicates.link(session, who, case, main, version=case.version, at=LATER)

    def unlink(self, number: int, *, by: str = "berta") -> Event:
        who = viewer(self.store, getattr(self.cast, by))
        with self.store.write() as session:
            case = session.get_one(Case, number)
            return duplicates.unlink(session, who, case, version=case.version, at=LATER)

    def seen(self, number: int, *, by: str = "berta") -> tuple[int | None, list[int]]:
        """The first of them and the others, as that person sees them from one case."""
        who = viewer(self.store, getattr(self.cast, by))
        with self.store.read() as session:
            found = duplicates.linked(session, who, session.get_one(Case, number))
            return found.first and found.first.id, [case.id for case in found.others]

    def close(self, number: int, *, outcome: Ending = ENDING) -> None:
        who = viewer(self.store, self.cast.berta)
        with self.store.write() as session:
            case = session.get_one(Case, number)
            says = cases.Says.ANSWERED
            cases.reply(session, who, case, "It is mended.", says, version=case.version, at=LATER, mails=False)
            cases.close(session, who, case, outcome, version=case.version, at=LATER, mails=False)

    def close_others(self, text: str, *numbers: int, by: str = "berta", older: int = 0) -> list[Event]:
        who = viewer(self.store, getattr(self.cast, by))
        with self.store.write() as session:
            versions = {number: session.get_one(Case, number).version for number in numbers}
            versions[numbers[-1]] -= older
            main = session.get_one(Case, self.first)
            return duplicates.close_with(session, who, main, text, versions, at=LATER)

    def steps(self, number: int) -> list[str]:
        with self.store.read() as session:
            return [event.name for event in history.events_of(session, number)]


@pytest.fixture
def three(store: Store, cast: Cast) -> Three:
    return Three(store, cast)


def test_both_know_of_each_other_and_chains_lead_to_the_first(three: Three) -> None:
    three.link(three.second, three.first)
    three.link(three.third, three.second)
    assert three.seen(three.first) == (None, [three.second, three.third])
    assert three.seen(three.second) == (three.first, [three.third])
    assert three.seen(three.third) == (three.first, [])
    assert (three.steps(three.first), three.steps(three.second)) == (
        ["received", "linked"],
        ["received", *["linked"] * 2],
    )
    three.unlink(three.second)
    assert three.seen(three.first) == (None, []) and three.seen(three.third) == (three.second, [])
    with pytest.raises(ChangedMeanwhile):
        three.unlink(three.second)


def test_nothing_is_the_same_as_itself_or_as_what_is_the_same_as_it(three: Three) -> None:
    three.link(three.second, three.first)
    three.link(three.third, three.second)
    for number, other in ((three.first, three.first), (three.first, three.second), (three.first, three.third)):
        with pytest.raises(NotTheSame):
            three.link(number, other)
    with pytest.raises(ChangedMeanwhile):  # it is linked already
        three.link(three.third, three.first)


def test_a_link_tells_nobody_of_a_case_that_is_about_them(three: Three) -> None:
    three.link(three.second, three.first, by="dora")
    three.link(three.third, three.second, by="dora")
    concern(three.store, three.second, three.cast.berta)
    assert three.seen(three.first) == (None, [three.third]) and three.seen(three.third) == (three.first, [])
    assert three.seen(three.first, by="dora") == (None, [three.second, three.third])
    berta = viewer(three.store, three.cast.berta)
    with three.store.read() as session:
        events = history.events_of(session, three.third)
        assert [event.name for event in events if event.id in duplicates.hidden(session, berta, events)] == ["linked"]
        assert duplicates.hidden(session, viewer(three.store, three.cast.dora), events) == set()
        offered = duplicates.likely(session, berta, session.get_one(Case, three.first))
        assert three.second not in {case.id for case, _ in offered}


def test_only_who_works_on_it_links_and_parts(three: Three) -> None:
    with pytest.raises(NotAllowed):
        three.link(three.second, three.first, by="paula")
    three.link(three.second, three.first)
    with pytest.raises(NotAllowed):
        three.unlink(three.second, by="maria")


def test_likely_are_those_of_the_same_place_or_with_the_same_words(three: Three) -> None:
    cast = three.cast
    alike = arrives(three.store, cast.kitchen_link, at=MONDAY, message="Badly smelled that oven")
    other = arrives(three.store, cast.kitchen_link, at=MONDAY, message="Nobody smiled")
    long_ago = arrives(three.store, cast.table_link, at=MONDAY - timedelta(days=30))
    with three.store.read() as session:
        berta = viewer(three.store, cast.berta)
        found = duplicates.likely(session, berta, session.get_one(Case, three.first))
    assert [case.id for case, _ in found] == [three.third, three.second, alike]
    assert {other, long_ago}.isdisjoint(case.id for case, _ in found)


def test_they_are_closed_with_the_same_answer_each_with_its_own_history(three: Three) -> None:
    for number in (three.second, three.third):
        three.link(number, three.first)
    three.close(three.first)
    three.close_others("The oven is mended.", three.second, three.third)
    for number in (three.second, three.third):
        assert three.steps(number) == ["received", "linked", "answered", "closed"]
        with three.store.read() as session:
            case, closure = session.get_one(Case, number), session.get_one(cases.Closure, (number, 1))
            said = history.events_of(session, number)[2]
        assert (case.status, case.due_at, case.answered_at, case.acknowledged_at) == ("closed", None, LATER, LATER)
        assert (closure.outcome, closure.cause, closure.remedy, closure.note) == ("duplicate", "process", "apology", "")
        assert said.text == "The oven is mended."
    with three.store.read() as session:
        owed = session.scalars(select(Notice.address).where(Notice.about == About.ANSWER)).all()
    assert sorted(str(address) for address in owed) == ["guest1@customer.example", "guest2@customer.example"]


def test_nothing_of_one_customer_goes_to_another(three: Three) -> None:
    three.link(three.second, three.first)
    three.close(three.first)
    for text in ("Dear Max Muster, it is mended.", "We wrote to GUEST0@customer.example", "Dear ada, sorry"):
        with pytest.raises(NamesCustomer):
            three.close_others(text, three.second)
    assert three.steps(three.second) == ["received", "linked"]
    three.close_others("Adapted and mended", three.second)  # only a whole word names anybody


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_name_is_known_however_it_is_spaced_and_in_a_greeting_by_a_part_of_it(three: Three) -> None:
    with three.store.write() as session:
        contact = session.get_one(Contact, three.first)
        contact.name, contact.phone = "Max  Muster de Vries", "+49 (30) 123-45"
    three.link(three.second, three.first)
    three.close(three.first)
    for text in ("For Max Muster\nde Vries", "Dear Mr Muster,\nit is mended", "Hello Max!", "We called 0049 3012345."):
        with pytest.raises(NamesCustomer):
            three.close_others(text, three.second)
    three.close_others("Merci de nous écrire, the max was 20 and the number 123.", three.second)


def test_all_are_closed_or_none(three: Three) -> None:
    for number in (three.second, three.third):
        three.link(number, three.first)
    with pytest.raises(NotOpen):  # first the first
        three.close_others("Mended", three.second)
    three.close(three.first)
    with pytest.raises(ChangedMeanwhile):
        three.close_others("Mended", three.second, three.third, older=1)
    with pytest.raises(NotAllowed):
        three.close_others("Mended", three.second, by="paula")
    three.close(three.third)
    with pytest.raises(NotOpen):
        three.close_others("Mended", three.second, three.third)
    assert three.steps(three.second) == ["received", "linked"]
