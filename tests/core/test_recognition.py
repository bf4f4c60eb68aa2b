"""Passing praise on: who may add a line or a mark, bring a letter up, and write a note; and who is told of it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from feedback.core import cases, conversations, recognition, told_once
from feedback.core.accounts import Account
from feedback.core.history import Event
from feedback.core.notices import MAIL, NEWS, About, Notice
from feedback.core.people import Management
from feedback.core.praise import Praise, letters
from feedback.core.recognition import Passed
from feedback.core.submissions import Concern, Submission, receipt_of
from feedback.db import Store
from tests.core.test_praising import KIND, Matter
from tests.factories import BEGINNING, Cast
from tests.story import SECRET, arrives, at_once, concern, viewer

LATER = BEGINNING + timedelta(hours=5)
LINE = "You noticed before I did."


def praised(store: Store, code: str, *, history: bool = False, **said: object) -> int:
    """The number of the first letter of a compliment."""
    submission = arrives(store, code, kind="compliment", message="So kind", at=BEGINNING, history=history, **said)
    with store.read() as session:
        return session.scalars(select(Praise.id).where(Praise.submission_id == submission)).first() or 0


def passed(store: Store, number: int) -> Passed:
    with store.read() as session:
        found = letters(session, select(Praise.id).where(Praise.id == number))
        return recognition.among(session, found).get(number, Passed())


def say(store: Store, by: int, number: int, words: str = LINE) -> bool:
    with store.write() as session:
        return recognition.say(session, viewer(store, by), number, words, LATER)


def mark(store: Store, by: int, number: int) -> bool:
    with store.write() as session:
        return recognition.mark(session, viewer(store, by), number, LATER)


def bring(store: Store, by: int, number: int, at: datetime = LATER) -> bool:
    with store.write() as session:
        return recognition.bring(session, viewer(store, by), number, at)


def note(store: Store, by: int, number: int, words: str = "", *, to_giver: bool = False) -> bool:
    with store.write() as session:
        return recognition.note(session, viewer(store, by), number, words, LATER, to_giver=to_giver)


def told(store: Store, about: About) -> set[tuple[int | None, str]]:
    with store.read() as session:
        rows = session.scalars(select(Notice).where(Notice.about == about))
        return {(row.person_id, row.channel) for row in rows}


def test_a_line_is_said_changed_and_taken_away(store: Store, cast: Cast) -> None:
    number = praised(store, cast.maria_link)
    for words in ("First", LINE):
        assert say(store, cast.berta, number, words)
    assert say(store, cast.dora, number, "I agree")
    assert {(one.by, one.words) for one in passed(store, number).lines} == {
        ("Berta Stein", LINE),
        ("Dora Lang", "I agree"),
    }
    assert say(store, cast.dora, number, "")
    assert [one.by_id for one in passed(store, number).lines] == [cast.berta]


def test_the_first_mark_stays_and_can_be_taken_off(store: Store, cast: Cast) -> None:
    number = praised(store, cast.maria_link)
    assert mark(store, cast.berta, number) and mark(store, cast.dora, number)
    found = passed(store, number).mark
    assert found is not None and (found.by_id, found.at) == (cast.berta, LATER)
    with store.write() as session:
        assert recognition.unmark(session, viewer(store, cast.dora), number)
    assert passed(store, number).mark is None


@pytest.mark.parametrize("key", ["maria", "karim", "hans", "paula", "anna"])
def test_only_managers_of_its_department_pass_it_on(store: Store, cast: Cast, key: str) -> None:
    number, by = praised(store, cast.maria_link), getattr(cast, key)
    assert not say(store, by, number) and not mark(store, by, number) and not bring(store, by, number)
    with store.write() as session:
        assert not recognition.unmark(session, viewer(store, by), number)
    assert passed(store, number) == Passed()


def test_nobody_passes_on_what_is_to_themselves(store: Store, cast: Cast) -> None:
    number = praised(store, cast.kitchen_link)
    with store.write() as session:
        session.get_one(Praise, number).person_id = cast.berta
    assert not say(store, cast.berta, number) and not mark(store, cast.berta, number)
    assert not bring(store, cast.berta, number)
    assert mark(store, cast.dora, number)


def test_what_waits_is_not_passed_on(store: Store, cast: Cast) -> None:
    number = praised(store, cast.maria_link, rating=1)
    assert not say(store, cast.berta, number) and not mark(store, cast.berta, number)


def test_brought_once_to_those_who_direct_who_are_told(store: Store, cast: Cast) -> None:
    number = praised(store, cast.maria_link)

    def tap() -> None:
        assert bring(store, cast.berta, number)

    at_once(tap, tap)
    found = passed(store, number)
    assert found.brought_to == {cast.dora} and found.bringer is not None and found.bringer.by_id == cast.berta
    assert told(store, About.BROUGHT) == {(cast.dora, MAIL), (cast.dora, NEWS)}
    with store.read() as session:
        assert [
            letter.praise.id for _, letter in recognition.brought(session, viewer(store, cast.dora), after=None, size=9)
        ] == [number]
        assert recognition.brought(session, viewer(store, cast.berta), after=None, size=9) == []


def test_where_nobody_is_above_it_cannot_be_brought(store: Store, cast: Cast) -> None:
    number = praised(store, cast.maria_link)
    with store.write() as session:
        session.get_one(Account, cast.dora).closed_at = BEGINNING
    with pytest.raises(recognition.NobodyAbove):
        bring(store, cast.berta, number)


def test_who_directs_no_longer_has_nothing_brought(store: Store, cast: Cast) -> None:
    number = praised(store, cast.maria_link)
    bring(store, cast.berta, number)
    with store.write() as session:
        session.delete(session.get_one(Management, (cast.root, cast.dora)))
    with store.read() as session:
        dora = viewer(store, cast.dora)
        assert recognition.brought(session, dora, after=None, size=9) == []
        assert not recognition.is_any_brought(session, dora)
        assert cases.news.unread(session, dora, LATER) == 0
    assert not note(store, cast.dora, number)


def test_a_note_is_told_and_written_once(store: Store, cast: Cast) -> None:
    number = praised(store, cast.maria_link)
    assert not note(store, cast.dora, number)  # not brought
    bring(store, cast.berta, number)
    assert note(store, cast.dora, number, "I read it twice.") and note(store, cast.dora, number)
    assert [(one.by, one.words) for one in passed(store, number).notes] == [("Dora Lang", "I read it twice.")]
    assert told(store, About.COMMENDED) == {(cast.maria, MAIL), (cast.maria, NEWS)}


@pytest.mark.parametrize("key", ["maria", "berta", "paula", "anna"])
def test_only_to_whom_it_was_brought_writes_notes(store: Store, cast: Cast, key: str) -> None:
    number = praised(store, cast.maria_link)
    bring(store, cast.berta, number)
    assert not note(store, getattr(cast, key), number)
    assert not note(store, getattr(cast, key), number, to_giver=True)
    assert passed(store, number).notes == []


def test_a_note_on_a_letter_to_a_department_reaches_everyone_in_it(store: Store, cast: Cast) -> None:
    number = praised(store, cast.kitchen_link)
    bring(store, cast.berta, number)
    note(store, cast.dora, number)
    assert {id for id, channel in told(store, About.COMMENDED) if channel == NEWS} == {
        cast.maria,
        cast.karim,
        cast.berta,
    }


def test_the_customer_reads_a_note_behind_the_receipt_and_is_told_once(store: Store, cast: Cast) -> None:
    number = praised(store, cast.maria_link)
    bring(store, cast.berta, number)
    with store.write() as session:
        submission = session.get_one(Praise, number).submission_id
        told_once.ask(session, submission, "guest@mail.example")
    assert note(store, cast.dora, number, "Come again", to_giver=True)
    with store.read() as session:
        found = conversations.open_with(session, receipt_of(session.get_one(Submission, submission).key, SECRET))
        assert found is not None
        steps = [step for step in found.steps if step.name == recognition.GIVER_COMMENDED]
        assert [(step.words, step.by) for step in steps] == [("Come again", "Garden House")]
        (notice,) = session.scalars(select(Notice).where(Notice.address.is_not(None)))
        assert (notice.about, notice.address) == (About.THANKED, "guest@mail.example")
        assert {e.name for e in session.scalars(select(Event))} >= {recognition.BROUGHT, recognition.GIVER_COMMENDED}


def test_no_customer_reads_a_note_on_what_was_imported(store: Store, cast: Cast) -> None:
    number = praised(store, cast.maria_link, history=True)
    bring(store, cast.berta, number)
    assert not note(store, cast.dora, number, to_giver=True)
    assert note(store, cast.dora, number)


def test_an_excerpt_tells_nothing_of_the_complaint_nor_anyone_it_concerns(store: Store, cast: Cast) -> None:
    complaint = arrives(store, cast.kitchen_link, message="Cold soup, though Maria was kind", at=BEGINNING)
    with store.write() as session:
        session.add(
            Praise(
                id=complaint + 1,
                submission_id=complaint,
                person_id=cast.maria,
                department_id=cast.kitchen,
                excerpt="Maria was kind",
            )
        )
    assert bring(store, cast.berta, complaint + 1)
    assert not note(store, cast.dora, complaint + 1, to_giver=True)
    assert note(store, cast.dora, complaint + 1)
    with store.read() as session:
        for person_id in (cast.dora, cast.maria):
            items = cases.news.page(session, viewer(store, person_id), LATER, after=None, size=9)
            words = {one.words for one in items if one.praise_id}
            assert words and words <= {"Maria was kind", ""}
    with store.write() as session:
        session.add(Concern(submission_id=complaint, person_id=cast.dora))
    with store.read() as session:
        assert not recognition.is_any_brought(session, viewer(store, cast.dora))


def test_it_is_not_brought_to_whom_it_concerns(store: Store, cast: Cast) -> None:
    matter = Matter(store, cast)
    concern(store, matter.number, cast.dora)
    matter.pass_on(KIND, to="kitchen")
    with store.write() as session, pytest.raises(recognition.NobodyAbove):
        letter = session.scalars(select(Praise.id)).one()
        recognition.bring(session, viewer(store, cast.berta), letter, LATER)
