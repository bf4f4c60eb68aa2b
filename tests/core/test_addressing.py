"""Addressing: praise for somebody described waits for a manager's word, is never lost, and goes back when it was not them."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from feedback.core import addressing, conversations, history, praise, recognition, routing, walls, withholding
from feedback.core.absences import Absence
from feedback.core.accounts import Account
from feedback.core.addressing import NotChosen
from feedback.core.notices import About
from feedback.core.people import Management, Person, PersonPlace
from feedback.core.praise import AlreadyDelivered, Praise, Reading
from feedback.core.routing import Purpose
from feedback.core.submissions import Submission
from feedback.db import Store, new_id
from feedback.outbound import wording
from tests.core.test_praise import deliver, holders, letters_of, overseers, routes_of, told
from tests.factories import BEGINNING, Cast
from tests.story import SECRET, arrives, at_once, viewer

NOTE = "tall man at till 4, about three"
LATER = BEGINNING + timedelta(days=1)
WEEK = timedelta(days=7)


def describes(store: Store, code: str, **said: object) -> int:
    """A compliment for somebody described; returns the id of its submission."""
    given: dict[str, object] = {"kind": "compliment", "message": "So kind", "person_note": NOTE}
    return arrives(store, code, **(given | said))


def letter_of(store: Store, number: int) -> int:
    return letters_of(store, number)[0].id


def give(store: Store, who: int, letter: int, person_id: int | None) -> Praise | None:
    with store.write() as session:
        return addressing.give(session, viewer(store, who), letter, person_id, LATER)


def disown(store: Store, who: int, letter: int) -> Praise | None:
    with store.write() as session:
        return addressing.disown(session, viewer(store, who), letter, LATER)


def purposes(store: Store, number: int) -> list[str]:
    return [str(route[0]) for route in routes_of(store, number)]


def events(store: Store, number: int) -> list[str]:
    with store.read() as session:
        return [event.name for event in history.events_of(session, number)]


def offered(store: Store, who: int, letter: int) -> list[str]:
    with store.read() as session:
        found = praise.letters(session, select(Praise.id).where(Praise.id == letter))
        guesses = addressing.guesses(session, viewer(store, who), found)
        return [guess.name for guess in guesses.waiting.get(letter, [])]


def named(store: Store, who: int, letter: int) -> list[str]:
    with store.read() as session:
        found = praise.letters(session, select(Praise.id).where(Praise.id == letter))
        return [guess.name for guess in addressing.guesses(session, viewer(store, who), found).named.get(letter, [])]


def sender_reads(store: Store, number: int, at: datetime = LATER) -> list[str]:
    """Who reads it, as the thank-you page and the receipt say."""
    with store.read() as session:
        routes = praise.as_if_delivered(session, routing.routes_of(session, number), at)
        names = conversations._names(session, routes)
        return wording.readers(routes, kind=wording_kind(session.get_one(Submission, number)), names=names)


def wording_kind(submission: Submission) -> conversations.Kind:
    return conversations.Kind(submission.kind)


FINDS = "The managers of Kitchen find out whom you mean, and pass your words on to them."


def test_praise_for_somebody_described_waits_for_the_manager(store: Store, cast: Cast) -> None:
    number = describes(store, cast.table_link)
    letter = letter_of(store, number)
    assert purposes(store, number) == [Purpose.SEEKS]
    assert holders(store, cast, letter) == set()
    assert overseers(store, cast, letter) == {"berta", "dora", "anna"}
    assert told(store, number, About.SOUGHT) == {cast.berta} and told(store, number, About.PRAISE) == set()
    assert sender_reads(store, number) == [FINDS]


def test_one_tap_delivers_it(store: Store, cast: Cast) -> None:
    number = describes(store, cast.table_link)
    letter = letter_of(store, number)
    assert give(store, cast.berta, letter, cast.karim)
    assert holders(store, cast, letter) == {"karim"}
    assert purposes(store, number) == [Purpose.SEEKS, Purpose.DELIVERS, Purpose.TELLS]
    assert told(store, number, About.PRAISE) == {cast.karim}
    with store.read() as session:
        found = history.events_of(session, number)[-1]
    assert (found.name, found.by_id, found.details["person"]) == ("found", cast.berta, "Karim Haddad")
    assert sender_reads(store, number) == ["Karim will read this.", "The managers of Kitchen will read it too."]


def test_the_receipt_says_who_read_it(store: Store, cast: Cast) -> None:
    number = describes(store, cast.table_link)
    letter = letter_of(store, number)
    give(store, cast.berta, letter, cast.karim)
    with store.write() as session:
        praise.mark_read(session, viewer(store, cast.karim), [letter], LATER)
    with store.read() as session:
        steps = conversations._steps(
            session, session.get_one(Submission, number), history.events_of(session, number), {}
        )
    assert [(step.name, step.details.get("reader")) for step in steps] == [("received", None), ("read", "Karim")]


def test_somebody_of_another_department_gets_it_there(store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.add(PersonPlace(person_id=cast.hans, place_id=cast.terrace))
    number = describes(store, cast.table_link)
    letter = letter_of(store, number)
    assert give(store, cast.berta, letter, cast.hans)
    assert holders(store, cast, letter) == {"hans"}
    assert overseers(store, cast, letter) == {"paula", "dora", "anna"}
    assert told(store, number, About.PRAISE) == {cast.hans, cast.paula}
    with pytest.raises(AlreadyDelivered) as error:
        give(store, cast.berta, letter, cast.maria)
    assert error.value.department_id == cast.kitchen


@pytest.mark.parametrize("key", ["maria", "karim", "hans", "paula"])
def test_nobody_else_says_whom_it_is_for(store: Store, cast: Cast, key: str) -> None:
    letter = letter_of(store, describes(store, cast.table_link))
    assert give(store, getattr(cast, key), letter, cast.karim) is None
    assert holders(store, cast, letter) == set()


@pytest.mark.parametrize("wrong", [None, 1, "hans", "left"])
def test_only_somebody_within_reach_is_chosen(store: Store, cast: Cast, wrong: int | str | None) -> None:
    letter = letter_of(store, describes(store, cast.table_link))
    with store.write() as session:
        session.get_one(Person, cast.karim).retired_at = LATER
    person = {"hans": cast.hans, "left": cast.karim}.get(str(wrong), wrong if isinstance(wrong, int) else None)
    with pytest.raises(NotChosen):
        give(store, cast.berta, letter, person)
    assert holders(store, cast, letter) == set()


def test_it_can_be_for_the_whole_team(store: Store, cast: Cast) -> None:
    number = describes(store, cast.table_link)
    letter = letter_of(store, number)
    assert deliver(store, viewer(store, cast.berta), letter)
    assert holders(store, cast, letter) == {"maria", "karim", "berta"}
    assert purposes(store, number) == [Purpose.SEEKS, Purpose.DELIVERS]
    assert told(store, number, About.PRAISE) == {cast.maria, cast.karim}
    assert sender_reads(store, number) == ["Everyone in Kitchen will read this."]


def test_of_two_managers_at_once_one_decides(store: Store, cast: Cast) -> None:
    number, outcomes = describes(store, cast.table_link), []
    letter = letter_of(store, number)

    def work(who: int, person_id: int) -> None:
        try:
            outcomes.append("given" if give(store, who, letter, person_id) else "none")
        except AlreadyDelivered:
            outcomes.append("was given")

    at_once(
        lambda: work(cast.berta, cast.karim), lambda: work(cast.dora, cast.hans), lambda: work(cast.anna, cast.maria)
    )
    assert sorted(outcomes) == ["given", "was given", "was given"]
    assert events(store, number) == ["received", "found"]


@pytest.mark.parametrize("said", [{"rating": 1}, {"message": "You look so sexy in that uniform"}])
def test_what_may_not_be_kind_is_looked_at_first_and_then_finds_its_person(
    store: Store, cast: Cast, said: dict[str, object]
) -> None:
    number = describes(store, cast.table_link, topic_ids=(cast.missing_parts,), **said)
    letter = letter_of(store, number)
    kindly = describes(store, cast.table_link, topic_ids=(cast.missing_parts,))
    assert purposes(store, number) == [Purpose.HOLDS] and told(store, number, About.HELD) == {cast.berta}
    assert sender_reads(store, number) == sender_reads(store, kindly)
    assert give(store, cast.berta, letter, cast.karim) is None
    found = deliver(store, viewer(store, cast.dora), letter)
    assert found and found.is_held
    assert purposes(store, number) == [Purpose.HOLDS, Purpose.SEEKS, Purpose.DELIVERS]
    assert told(store, number, About.SOUGHT) == {cast.berta}
    assert told(store, number, About.PRAISE) == {cast.hans, cast.paula}
    assert holders(store, cast, letter) == set()
    assert give(store, cast.berta, letter, cast.karim)
    assert events(store, number) == ["received", "released", "found"]


def back_of_house(cast: Cast, shape: str) -> tuple[str, dict[str, object], set[str]]:
    """A link, what is said, and who has the first letter at once."""
    return {
        "place": (cast.table_link, {}, {"maria", "karim", "berta"}),
        "department": (cast.kitchen_link, {}, {"maria", "karim", "berta"}),
        "badge": (cast.maria_link, {}, {"maria"}),
        "person": (cast.table_link, {"person_id": cast.karim}, {"karim"}),
        "described": (cast.table_link, {"person_note": NOTE}, set()),
        "described at a badge": (cast.maria_link, {"person_note": NOTE}, {"maria"}),
    }[shape]


@pytest.mark.parametrize("shape", ["place", "department", "badge", "person", "described", "described at a badge"])
def test_praise_for_work_behind_the_scenes_reaches_those_who_did_it_at_once(
    store: Store, cast: Cast, shape: str
) -> None:
    link, said, first = back_of_house(cast, shape)
    number = arrives(store, link, kind="compliment", topic_ids=(cast.missing_parts,), **said)
    letters = {letter.department_id: letter for letter in letters_of(store, number)}
    assert holders(store, cast, letters[cast.packing].id) == {"hans", "paula"}
    assert holders(store, cast, letters[cast.kitchen].id) == first
    assert {cast.hans, cast.paula} <= told(store, number, About.PRAISE)


def test_its_own_topic_makes_no_letter_before_the_person_is_found(store: Store, cast: Cast) -> None:
    number = describes(store, cast.table_link, topic_ids=(cast.cold_food,))
    assert len(letters_of(store, number)) == 1 and purposes(store, number) == [Purpose.SEEKS]


def test_where_nobody_inside_could_say_the_whole_department_has_it_at_once(store: Store, cast: Cast) -> None:
    with store.write() as session:
        for department, key in (("kitchen", "berta"), ("root", "dora")):
            session.delete(session.get_one(Management, (getattr(cast, department), getattr(cast, key))))
        session.get_one(Account, cast.anna).is_admin = False
    number = describes(store, cast.table_link)
    assert purposes(store, number) == [Purpose.DELIVERS]


def test_without_a_manager_of_their_own_the_sender_hears_that_we_find_out(store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.delete(session.get_one(Management, (cast.kitchen, cast.berta)))
    number = describes(store, cast.table_link)
    assert told(store, number, About.SOUGHT) == {cast.dora}
    assert sender_reads(store, number) == ["We find out whom you mean, and pass your words on to them."]


def test_history_is_nobodys_task(store: Store, cast: Cast) -> None:
    number = describes(store, cast.table_link, history=True)
    assert purposes(store, number) == [Purpose.DELIVERS]


def test_likely_people_are_offered_first(store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.add(PersonPlace(person_id=cast.hans, place_id=cast.terrace))
        session.get_one(Person, cast.karim).also_called = "Kari, Big K"
        session.add(absence(cast.maria, BEGINNING.date()))
    number = describes(store, cast.table_link, person_note="Kari at the till")
    assert offered(store, cast.berta, letter_of(store, number)) == [
        "Karim Haddad",
        "Hans Weber",
        "Berta Stein",
        "Maria Lopez",
    ]
    assert offered(store, cast.maria, letter_of(store, number)) == []


def absence(person_id: int, day: date) -> Absence:
    return Absence(id=new_id(BEGINNING), person_id=person_id, from_on=day, until_on=day)


def test_at_most_six_are_offered(store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.add_all(
            Person(id=new_id(BEGINNING), name=f"Cook {n}", public_name="Cook", department_id=cast.kitchen)
            for n in range(9)
        )
    letter = letter_of(store, describes(store, cast.table_link))
    assert len(offered(store, cast.berta, letter)) == addressing.MOST_OFFERED == 6


def test_others_are_found_by_name_or_what_they_are_called(store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.get_one(Person, cast.karim).also_called = "Big K"
    number = letter_of(store, describes(store, cast.table_link))
    with store.read() as session:
        berta = viewer(store, cast.berta)
        letter = addressing.to_address(session, berta, number)
        assert letter
        assert [name for _, name, _ in addressing.to_choose(session, berta, letter, "big k")] == ["Karim Haddad"]
        assert {name for _, name, _ in addressing.to_choose(session, berta, letter, "")} >= {
            "Maria Lopez",
            "Berta Stein",
        }
        assert addressing.to_choose(session, berta, letter, "Hans") == []


def test_whom_it_does_not_mean_sends_it_back(store: Store, cast: Cast) -> None:
    number = describes(store, cast.table_link, topic_ids=(cast.missing_parts,))
    letter = letter_of(store, number)
    before, was = sender_reads(store, number), routes_of(store, number)
    give(store, cast.berta, letter, cast.karim)
    with store.write() as session:
        praise.mark_read(session, viewer(store, cast.karim), [letter], LATER)
    assert disown(store, cast.karim, letter)
    assert holders(store, cast, letter) == set()
    assert (sender_reads(store, number), routes_of(store, number)) == (before, was)
    assert "Karim Haddad" not in offered(store, cast.berta, letter)
    with store.read() as session:
        assert session.scalars(select(Reading)).all() == []
    with pytest.raises(NotChosen):
        give(store, cast.berta, letter, cast.karim)
    assert give(store, cast.berta, letter, cast.maria)
    assert events(store, number) == ["received", "found", "disowned", "found"]
    assert disown(store, cast.karim, letter) is None


def test_what_was_added_for_one_person_is_not_the_next_ones(store: Store, cast: Cast) -> None:
    number = describes(store, cast.table_link, may_share=True, message="So kind")
    letter = letter_of(store, number)
    give(store, cast.berta, letter, cast.karim)
    berta, karim, dora = (viewer(store, id) for id in (cast.berta, cast.karim, cast.dora))
    with store.write() as session:
        wall = walls.make(session, dora, cast.kitchen, "Staff room", "en", LATER, SECRET)
        assert walls.put_up(session, karim, letter, LATER) and recognition.mark(session, berta, letter, LATER)
        assert recognition.say(session, berta, letter, "Well done", LATER)
        assert recognition.bring(session, berta, letter, LATER) and recognition.note(session, dora, letter, "", LATER)
    disown(store, cast.karim, letter)
    give(store, cast.berta, letter, cast.maria)
    with store.write() as session:
        assert wall and walls.shown(session, wall) == []
        (found,) = praise.letters(session, select(Praise.id).where(Praise.id == letter))
        assert recognition.among(session, [found]) == {}
        assert recognition.bring(session, berta, letter, LATER + timedelta(days=1))
        assert recognition.among(session, [found])[letter].notes == []


def test_one_from_another_department_goes_back_to_where_it_waited(store: Store, cast: Cast) -> None:
    number = describes(store, cast.table_link)
    letter = letter_of(store, number)
    give(store, cast.anna, letter, cast.hans)
    assert disown(store, cast.hans, letter)
    assert overseers(store, cast, letter) == {"berta", "dora", "anna"}
    assert told(store, number, About.SOUGHT) == {cast.berta}


def test_what_the_customer_addressed_is_not_sent_back(store: Store, cast: Cast) -> None:
    direct = letter_of(store, arrives(store, cast.maria_link, kind="compliment", person_note=NOTE))
    found = letter_of(store, describes(store, cast.table_link))
    give(store, cast.berta, found, cast.karim)
    assert disown(store, cast.maria, direct) is None
    assert disown(store, cast.maria, found) is None
    assert disown(store, cast.berta, found) is None
    assert disown(store, cast.karim, 12345) is None


def lapse(store: Store, at: datetime) -> int:
    with store.write() as session:
        return addressing.let_lapse(session, at)


def test_what_nobody_decided_on_goes_to_everyone_after_a_week(store: Store, cast: Cast) -> None:
    number = describes(store, cast.table_link, at=BEGINNING)
    letter = letter_of(store, number)
    assert lapse(store, BEGINNING + WEEK - timedelta(minutes=1)) == 0
    with store.read() as session:
        assert addressing.lapses_at(session, [number]) == {number: BEGINNING + WEEK}
        assert addressing.is_any_lapsed(session, BEGINNING + WEEK + timedelta(minutes=1))
    assert lapse(store, BEGINNING + WEEK + timedelta(minutes=1)) == 1
    assert holders(store, cast, letter) == {"maria", "karim", "berta"}
    assert told(store, number, About.PRAISE) == {cast.maria, cast.karim, cast.berta}
    assert routes_of(store, number)[-1][3] == [["nobody_found", {"department": "Kitchen"}]]
    assert events(store, number) == ["received", "lapsed"]
    assert sender_reads(store, number) == ["Everyone in Kitchen will read this."]
    assert lapse(store, BEGINNING + 2 * WEEK) == 0


def test_a_copy_of_what_went_to_everyone_never_waits(store: Store, cast: Cast) -> None:
    number = describes(store, cast.table_link, at=BEGINNING)
    letter = letter_of(store, number)
    lapse(store, BEGINNING + WEEK + timedelta(minutes=1))
    copy = give(store, cast.berta, letter, cast.karim)
    assert copy and copy.id != letter
    assert disown(store, cast.karim, copy.id) is None
    assert events(store, number) == ["received", "lapsed", "named"]


def test_its_sender_cannot_tell_whether_it_is_held(store: Store, cast: Cast) -> None:
    said = {"topic_ids": (cast.missing_parts,), "at": BEGINNING}
    openly, rudely, kept = (describes(store, cast.table_link, **said, **more) for more in ({}, {"rating": 1}, {}))
    with store.write() as session:
        assert withholding.keep_back(session, viewer(store, cast.berta), letter_of(store, kept), "Not for us", LATER)
    after = BEGINNING + WEEK + timedelta(minutes=1)
    for at, has_lapsed in ((LATER, False), (after, True)):
        if has_lapsed:
            lapse(store, after)
        told = [sender_reads(store, number, at) for number in (openly, rudely, kept)]
        assert told[0] == told[1] == told[2] and (FINDS in told[0]) is not has_lapsed


def test_the_week_begins_anew_where_it_begins_to_wait_again(store: Store, cast: Cast) -> None:
    number = describes(store, cast.table_link, at=BEGINNING)
    letter = letter_of(store, number)
    give(store, cast.berta, letter, cast.karim)
    disown(store, cast.karim, letter)
    assert lapse(store, BEGINNING + WEEK + timedelta(minutes=1)) == 0
    with store.read() as session:
        assert addressing.lapses_at(session, [number]) == {number: LATER + WEEK}
    assert lapse(store, LATER + WEEK + timedelta(minutes=1)) == 1


def test_what_waits_for_another_reason_or_is_kept_back_never_lapses(store: Store, cast: Cast) -> None:
    describes(store, cast.table_link, rating=1, at=BEGINNING)
    kept = letter_of(store, describes(store, cast.table_link, at=BEGINNING))
    with store.write() as session:
        assert withholding.keep_back(session, viewer(store, cast.berta), kept, "Not for us", LATER)
    assert lapse(store, BEGINNING + 2 * WEEK) == 0
    assert give(store, cast.berta, kept, cast.karim)


def test_a_name_in_the_words_of_a_departments_letter_is_suggested(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.table_link, kind="compliment", message="Karim was so kind to us")
    letter = letter_of(store, number)
    assert named(store, cast.berta, letter) == ["Karim Haddad"]
    assert named(store, cast.dora, letter) == named(store, cast.anna, letter) == ["Karim Haddad"]
    assert named(store, cast.karim, letter) == named(store, cast.paula, letter) == []
    assert give(store, cast.berta, letter, cast.karim)
    assert named(store, cast.berta, letter) == []
    assert sorted(holders(store, cast, one.id) for one in letters_of(store, number)) == sorted(
        [{"karim"}, {"maria", "karim", "berta"}]
    )
    assert purposes(store, number) == [Purpose.DELIVERS, Purpose.DELIVERS, Purpose.TELLS]
    assert told(store, number, About.PRAISE) == {cast.maria, cast.karim, cast.berta}
    assert events(store, number) == ["received", "named"]
    with pytest.raises(AlreadyDelivered):
        give(store, cast.berta, letter, cast.karim)


def test_it_is_suggested_to_those_alone_who_may_see_that_person(store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.add(PersonPlace(person_id=cast.hans, place_id=cast.terrace))
    letter = letter_of(store, arrives(store, cast.table_link, kind="compliment", message="Hans was so kind to us"))
    assert named(store, cast.berta, letter) == []
    assert named(store, cast.dora, letter) == ["Hans Weber"]
    with pytest.raises(NotChosen):
        give(store, cast.berta, letter, cast.hans)


def test_nobody_is_suggested_who_works_elsewhere(store: Store, cast: Cast) -> None:
    letter = letter_of(store, arrives(store, cast.table_link, kind="compliment", message="Hans was so kind to us"))
    assert named(store, cast.dora, letter) == []


def test_not_them_is_remembered(store: Store, cast: Cast) -> None:
    letter = letter_of(store, arrives(store, cast.table_link, kind="compliment", message="Karim was so kind to us"))
    for key, done in (("paula", False), ("karim", False), ("berta", True), ("berta", True)):
        with store.write() as session:
            found = addressing.dismiss(session, viewer(store, getattr(cast, key)), letter, cast.karim, LATER)
            assert bool(found) is done
    with store.read() as session:
        (kept,) = session.scalars(select(addressing.NotMeant))
        assert (kept.person_id, kept.by_id, kept.at) == (cast.karim, cast.berta, LATER)
    assert named(store, cast.berta, letter) == []
    with store.write() as session, pytest.raises(NotChosen):
        addressing.dismiss(session, viewer(store, cast.berta), letter, 1, LATER)


def test_letters_that_wait_are_counted_for_those_who_decide(store: Store, cast: Cast) -> None:
    describes(store, cast.table_link)
    describes(store, cast.table_link, rating=1)
    with store.read() as session:
        for key, n in (("berta", 2), ("dora", 2), ("anna", 2), ("paula", 0), ("maria", 0)):
            assert addressing.count(session, viewer(store, getattr(cast, key))) == n, key
