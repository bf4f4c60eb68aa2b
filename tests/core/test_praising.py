"""Praise within a complaint: word for word to whom it is for, who learns of nothing else."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from feedback.core import conversations, history, letters, praise
from feedback.core.cases import Case, ChangedMeanwhile, NotAllowed, praising
from feedback.core.cases.praising import IsWhole, NoReceiver, NotVerbatim
from feedback.core.counts import DayCount
from feedback.core.history import Event
from feedback.core.notices import Notice
from feedback.core.praise import Praise
from feedback.core.signing import key_of
from feedback.core.submissions import Submission, receipt_of
from feedback.db import Store
from feedback.outbound import wording
from feedback.outbound.errands import Desk, Errand, Withdrawn
from feedback.outbound.letters import Book, written
from tests.factories import Cast
from tests.story import SECRET, arrives, concern, viewer

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
LATER = datetime(2026, 3, 4, 11, tzinfo=UTC)
SAID = "The soup was cold.\r\nBut Maria was so kind to us!\nThe bill was wrong. The bread: heavenly."
KIND, BREAD = "But Maria was so kind to us!", "The bread: heavenly."


class Matter:
    """One complaint with praise in it, about the Kitchen and from its table."""

    def __init__(self, store: Store, cast: Cast) -> None:
        self.store, self.cast = store, cast
        told = {"rating": 1, "person_note": "the rude one", "topic_ids": (cast.cold_food,), "may_share": True}
        self.number = arrives(store, cast.table_link, at=MONDAY, message=SAID, mails=False, **told)

    def pass_on(
        self, text: str, *, by: str = "berta", to: str = "maria", at: datetime = LATER, **more: object
    ) -> Event:
        who, receiver = viewer(self.store, getattr(self.cast, by)), getattr(self.cast, to)
        key = "department_id" if to in ("kitchen", "packing", "root") else "person_id"
        with self.store.write() as session:
            case = session.get_one(Case, self.number)
            return praising.pass_on(session, who, case, text, at=at, **{key: receiver}, **more)  # type: ignore[arg-type]

    def letters(self, key: str, *, managed: bool = False) -> list[praise.Letter]:
        who = viewer(self.store, getattr(self.cast, key))
        narrowed = {"department_id": None, "person_id": None, "after": None, "size": 9}
        with self.store.read() as session:
            ids = praise.managed(who, **narrowed) if managed else praise.own(who, after=None, size=9)
            return praise.letters(session, ids)

    def mails(self) -> dict[int | None, Errand | str]:
        """What each who is owed a mail gets, or why not."""
        found: dict[int | None, Errand | str] = {}
        with self.store.read() as session:
            owed = session.scalars(select(Notice)).all()
            desk = Desk(session, owed)
            for notice in owed:
                try:
                    found[notice.person_id] = desk.errand(notice)
                except Withdrawn as why:
                    found[notice.person_id] = str(why)
        return found


@pytest.fixture
def matter(store: Store, cast: Cast) -> Matter:
    return Matter(store, cast)


def test_a_letter_has_the_words_and_tells_of_nothing_else(matter: Matter) -> None:
    matter.pass_on(KIND)
    (letter,) = matter.letters("maria")
    assert (letter.words, letter.at, letter.person, letter.department) == (KIND, LATER, "Maria", "Kitchen")
    assert (letter.place, letter.rating, letter.described_as, letter.may_share) == (None, None, "", False)
    assert [one.words for one in matter.letters("berta", managed=True)] == [KIND]
    assert matter.letters("karim") == []


def test_what_is_taken_along_tells_of_nothing_else(matter: Matter) -> None:
    matter.pass_on(KIND)
    maria = viewer(matter.store, matter.cast.maria)
    with matter.store.read() as session:
        found = list(letters.all_of(session, maria))
        assert praise.since(session, maria, MONDAY) == letters.count(session, maria) == 1
        assert praise.reached(session, [matter.number]) == {}
    (letter,) = found
    assert (letter.words, letter.at, letter.place, letter.rating, letter.topics) == (KIND, LATER, None, None, ())
    book = Book("Maria", "Garden House", "#123456", "UTC", LATER, found, key_of(SECRET), "https://praise.example/keys")
    kept = written(book)
    assert json.loads(kept)["signed"]["letters"][0]["words"] == KIND
    assert not any(word in kept.decode() for word in ("cold", "rude", "bill", "Table", str(matter.number)))


def test_a_mail_tells_of_nothing_else(matter: Matter) -> None:
    matter.pass_on(KIND, by="anna")
    mails = matter.mails()
    assert set(mails) == {matter.cast.maria, matter.cast.berta}
    for errand in mails.values():
        assert isinstance(errand, Errand)
        assert (errand.about, errand.words, errand.at, errand.places) == ("praise", KIND, LATER, ())
        said = " ".join([errand.told.heading, errand.told.path, *(wording.reason(*why) for why in errand.told.reasons)])
        assert not any(word in said for word in ("Table", "Cold food", "Topic", "rude", "cases"))


def test_a_department_reads_it_together(matter: Matter) -> None:
    matter.pass_on(BREAD, to="kitchen")
    assert [one.words for one in matter.letters("karim")] == [one.words for one in matter.letters("maria")] == [BREAD]
    mails = matter.mails()
    assert set(mails) == {matter.cast.maria, matter.cast.karim}  # Berta passed it on herself
    (errand, _) = mails.values()
    assert isinstance(errand, Errand)
    assert [wording.reason(*why) for why in errand.told.reasons] == ["The customer thanked Kitchen"]


def test_each_mail_brings_its_own_words(matter: Matter) -> None:
    matter.pass_on(KIND, by="anna")
    matter.pass_on(BREAD, by="anna", to="hans")
    mails = matter.mails()
    words = {id: errand.words for id, errand in mails.items() if isinstance(errand, Errand)}
    cast = matter.cast
    assert words == {cast.maria: KIND, cast.berta: KIND, cast.hans: BREAD, cast.paula: BREAD}


def test_the_words_are_the_customers_own(matter: Matter) -> None:
    for wrong in ("Maria was kind", "But Maria was so kind to us.", f"{BREAD}\n{KIND}", "\n…\n", "  "):
        with pytest.raises(NotVerbatim):
            matter.pass_on(wrong)
    matter.pass_on(f" {KIND}\r\n\r\n{BREAD} ")
    assert [one.words for one in matter.letters("maria")] == [f"{KIND}\n…\n{BREAD}"]
    with pytest.raises(IsWhole):
        matter.pass_on(SAID)
    matter.pass_on(SAID, to="packing", is_whole=True)


def test_the_same_words_are_passed_on_to_the_same_once(matter: Matter) -> None:
    matter.pass_on(KIND)
    with pytest.raises(ChangedMeanwhile):
        matter.pass_on(KIND)
    matter.pass_on(KIND, to="karim")
    with matter.store.read() as session:
        assert session.scalar(select(func.count()).select_from(Praise)) == 2
        assert session.scalar(select(func.sum(DayCount.n))) == 1  # it is one submission, and a complaint


def test_nobody_whom_it_is_about_gets_any_of_it(matter: Matter) -> None:
    concern(matter.store, matter.number, matter.cast.maria)
    with pytest.raises(NoReceiver):
        matter.pass_on(KIND)
    matter.pass_on(BREAD, to="kitchen")
    assert matter.letters("maria") == [] and [one.words for one in matter.letters("karim")] == [BREAD]
    assert set(matter.mails()) == {matter.cast.karim}


def test_a_manager_whom_it_is_about_reads_none_of_it(matter: Matter) -> None:
    concern(matter.store, matter.number, matter.cast.berta)
    matter.pass_on(KIND, by="anna")
    assert matter.letters("berta", managed=True) == [] and len(matter.letters("maria")) == 1
    assert set(matter.mails()) == {matter.cast.maria}


def test_a_mail_owed_to_whom_it_turns_out_to_be_about_is_withdrawn(matter: Matter) -> None:
    matter.pass_on(KIND)
    concern(matter.store, matter.number, matter.cast.maria)
    assert matter.mails() == {matter.cast.maria: "the recipient may not see it any more"}


def test_only_who_works_on_it_passes_it_on_and_to_those_there_are(matter: Matter) -> None:
    for by in ("paula", "karim"):
        with pytest.raises(NotAllowed):
            matter.pass_on(KIND, by=by)
    with matter.store.write() as session, pytest.raises(NoReceiver):
        case = session.get_one(Case, matter.number)
        praising.pass_on(session, viewer(matter.store, matter.cast.berta), case, KIND, department_id=404, at=LATER)


def test_the_customer_sees_that_it_was_passed_on_and_read(matter: Matter) -> None:
    event = matter.pass_on(KIND)
    maria = viewer(matter.store, matter.cast.maria)
    with matter.store.write() as session:
        praise.mark_read(session, maria, [int(event.details["praise"])], LATER + timedelta(hours=1))
    with matter.store.read() as session:
        receipt = receipt_of(session.get_one(Submission, matter.number).key, SECRET)
        found = conversations.open_with(session, receipt)
        events = history.events_of(session, matter.number)
    assert found is not None
    told = [(wording.customer_step(step.name, step.details), step.words) for step in found.steps]
    assert told == [
        ("Received", ""),
        ("Your praise was passed on to Maria", KIND),
        ("Maria read your praise", ""),
    ]
    assert wording.step(events[-1].name, events[-1].details, "Berta") == "Berta passed praise on to Maria"
