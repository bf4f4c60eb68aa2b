"""Challenges: to those who keep someone's record and never to oneself alone, answered once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from feedback.core import audit, challenges
from feedback.core.accounts import Account
from feedback.core.challenges import (
    MOST_OPEN,
    AnsweredAlready,
    Challenge,
    NobodyElse,
    NotTheirs,
    Outcome,
    Part,
    TooMany,
)
from feedback.core.notices import About, Notice
from feedback.core.people import Management, Person
from feedback.core.praise import Praise
from feedback.db import Store
from tests.factories import BEGINNING, Cast
from tests.story import arrives, at_once, concern, viewer

LATER = BEGINNING + timedelta(days=1)


def says(store: Store, person_id: int, said: str = "I moved", n: int = 0, **more: object) -> int:
    who, at = viewer(store, person_id), BEGINNING + timedelta(minutes=n)
    with store.write() as session:
        return challenges.challenge(session, who, Part.RECORD, said, at, **more).id  # type: ignore[arg-type]


def answers(store: Store, person_id: int, number: int, said: str = "Done", at: object = LATER) -> Challenge | None:
    who = viewer(store, person_id)
    with store.write() as session:
        return challenges.answer(session, who, number, Outcome.CORRECTED, said, at)  # type: ignore[arg-type]


def told(store: Store, about: About) -> set[int | None]:
    with store.read() as session:
        return set(session.scalars(select(Notice.person_id).where(Notice.about == about)))


def listed(store: Store, person_id: int, *, is_answered: bool = False, size: int = 50) -> list[int]:
    """All that someone is shown, page by page."""
    who, found, after = viewer(store, person_id), list[int](), None
    while True:
        with store.read() as session:
            rows = challenges.page(session, who, is_answered=is_answered, after=after, size=size)
        found += [row.challenge.id for row in rows]
        if len(rows) < size:
            return found
        after = found[-1]


def letter(store: Store, cast: Cast, code: str = "", **said: object) -> int:
    number = arrives(store, code or cast.maria_link, kind="compliment", message="So kind", **said)
    with store.read() as session:
        return session.scalars(select(Praise.id).where(Praise.submission_id == number)).one()


def test_it_goes_to_the_admins_and_the_managers_who_may_change_the_record(store: Store, cast: Cast) -> None:
    number = says(store, cast.maria)
    assert told(store, About.CHALLENGED) == {cast.anna, cast.berta, cast.dora}
    for key in ("anna", "berta", "dora"):
        assert listed(store, getattr(cast, key)) == [number]
    for key in ("maria", "karim", "hans", "paula"):
        assert listed(store, getattr(cast, key)) == [] and answers(store, getattr(cast, key), number) is None


@pytest.mark.parametrize(
    ("who", "readers"), [("berta", ["anna", "dora"]), ("dora", ["anna"]), ("paula", ["anna", "dora"])]
)
def test_nobody_reads_their_own_nor_that_of_whoever_judges_them(
    store: Store, cast: Cast, who: str, readers: list[str]
) -> None:
    number = says(store, getattr(cast, who))
    assert told(store, About.CHALLENGED) == {getattr(cast, key) for key in readers}
    for key in ("maria", "berta", "paula", "dora", "anna"):
        assert listed(store, getattr(cast, key)) == ([number] if key in readers else [])
    assert answers(store, getattr(cast, who), number) is None


def test_where_nobody_else_could_answer_it_is_not_taken(store: Store, cast: Cast) -> None:
    with pytest.raises(NobodyElse):
        says(store, cast.anna)
    with store.write() as session:
        session.get_one(Account, cast.karim).is_admin = True
    assert says(store, cast.anna) and told(store, About.CHALLENGED) == {cast.karim}


def test_who_has_no_address_or_has_left_is_owed_no_mail_and_nobody_where_no_mail_is_sent(
    store: Store, cast: Cast
) -> None:
    with store.write() as session:
        session.get_one(Person, cast.dora).retired_at = BEGINNING
        session.get_one(Person, cast.berta).email = None
    says(store, cast.maria)
    assert told(store, About.CHALLENGED) == {cast.anna}
    says(store, cast.karim, mails=False)
    assert len(listed(store, cast.berta)) == 2 and told(store, About.CHALLENGED) == {cast.anna}


def test_it_is_answered_once_and_the_person_is_told(store: Store, cast: Cast) -> None:
    number = says(store, cast.maria)
    found = answers(store, cast.berta, number)
    assert found and (found.answered_by_id, found.outcome, found.answer) == (cast.berta, "corrected", "Done")
    assert told(store, About.CHALLENGE_ANSWERED) == {cast.maria}
    with pytest.raises(AnsweredAlready):
        answers(store, cast.anna, number, "Too late")
    assert listed(store, cast.anna) == [] and listed(store, cast.anna, is_answered=True) == [number]
    with store.read() as session:
        (mine,) = challenges.own(session, viewer(store, cast.maria), size=5)
        assert mine.answer == "Done"
        assert challenges.own(session, viewer(store, cast.karim), size=5) == []
        acts = [entry.act for entry in audit.of_one(session, "person", cast.maria)]
        assert acts == ["challenge_corrected", "challenged"]


def test_of_two_who_answer_at_once_one_is_heard(store: Store, cast: Cast) -> None:
    number, late = says(store, cast.maria), []

    def try_to(person_id: int, said: str) -> None:
        try:
            answers(store, person_id, number, said)
        except AnsweredAlready:
            late.append(said)

    at_once(lambda: try_to(cast.anna, "Anna"), lambda: try_to(cast.berta, "Berta"))
    with store.read() as session:
        kept = session.get_one(Challenge, number).answer
        owed = session.scalars(select(Notice).where(Notice.about == About.CHALLENGE_ANSWERED)).all()
    assert {kept, *late} == {"Anna", "Berta"} and len(late) == len(owed) == 1


def test_as_many_wait_as_anyone_could_want_also_of_two_at_once(store: Store, cast: Cast) -> None:
    numbers, refused = [says(store, cast.maria, n=n) for n in range(MOST_OPEN - 1)], []

    def one_more(n: int) -> None:
        try:
            says(store, cast.maria, n=n)
        except TooMany:
            refused.append(n)

    at_once(lambda: one_more(50), lambda: one_more(51))
    assert len(refused) == 1
    answers(store, cast.anna, numbers[0])
    says(store, cast.maria, n=60)


def test_a_letter_of_ones_own_can_be_challenged_and_no_other(store: Store, cast: Cast) -> None:
    own = letter(store, cast)
    number = says(store, cast.maria, "Not about me", praise_id=own)
    with store.read() as session:
        found = session.get_one(Challenge, number)
        for key, words in (("anna", "So kind"), ("berta", "So kind")):
            read = challenges.letter_of(session, viewer(store, getattr(cast, key)), found)
            assert read is not None and read.words == words
    others = [
        letter(store, cast, cast.table_link, person_id=cast.karim),
        letter(store, cast, cast.kitchen_link),
        letter(store, cast, rating=1),  # it waits for a manager
        12345,
    ]
    for praise_id in others:
        with pytest.raises(NotTheirs):
            says(store, cast.maria, praise_id=praise_id)


def test_who_may_not_read_the_letter_answers_without_it(store: Store, cast: Cast) -> None:
    own = letter(store, cast)
    with store.write() as session:
        session.get_one(Person, cast.maria).department_id = cast.packing
    number = says(store, cast.maria, praise_id=own)
    with store.read() as session:
        found = challenges.one(session, viewer(store, cast.paula), number)
        assert found is not None and challenges.letter_of(session, viewer(store, cast.paula), found) is None
    assert listed(store, cast.berta) == []


def test_pages_hold_each_once_the_longest_waiting_first_and_the_last_answered_first(store: Store, cast: Cast) -> None:
    people = (cast.maria, cast.karim)
    numbers = [says(store, people[n % 2], n=n) for n in range(12)]
    for size in (1, 5, 50):
        assert listed(store, cast.anna, size=size) == numbers
    for n, number in enumerate(numbers[:7]):
        answers(store, cast.anna, number, at=LATER + timedelta(minutes=n // 2))  # some at the same moment
    done = listed(store, cast.anna, is_answered=True)
    assert set(done) == set(numbers[:7]) and done[0] == numbers[6]
    for size in (1, 3, 50):
        assert listed(store, cast.anna, is_answered=True, size=size) == done
        assert listed(store, cast.anna, size=size) == numbers[7:]


def test_who_keeps_a_record_is_asked_anew(store: Store, cast: Cast) -> None:
    number = says(store, cast.maria)
    with store.write() as session:
        session.delete(session.get_one(Management, (cast.kitchen, cast.berta)))
    assert listed(store, cast.berta) == [] and answers(store, cast.berta, number) is None


def test_a_complaint_about_the_person_changes_nothing_of_who_answers(store: Store, cast: Cast) -> None:
    concern(store, arrives(store, cast.kitchen_link), cast.maria)
    says(store, cast.maria)
    assert told(store, About.CHALLENGED) == {cast.anna, cast.berta, cast.dora}
