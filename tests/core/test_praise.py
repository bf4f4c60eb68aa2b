"""Praise: whose letters are whose, what waits, and what was delivered is delivered once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from feedback.core import history, praise, routing
from feedback.core.access import Viewer
from feedback.core.notices import About, Notice
from feedback.core.people import Department, Management, Person, Place
from feedback.core.praise import AlreadyDelivered, Praise, Reading
from feedback.core.routing import Purpose
from feedback.db import Store, new_id
from tests.factories import BEGINNING, Cast, make_link
from tests.story import arrives, at_once, viewer

LATER = BEGINNING + timedelta(days=1)


def thanks(store: Store, code: str, **said: object) -> int:
    """A compliment; returns the id of its first letter."""
    submission_id = arrives(store, code, kind="compliment", **said)
    with store.read() as session:
        found = session.scalars(select(Praise.id).where(Praise.submission_id == submission_id).order_by(Praise.id))
        return found.first() or 0


def own(store: Store, who: int, after: int | None = None, size: int = 30) -> list[int]:
    with store.read() as session:
        ids = praise.own(viewer(store, who), after=after, size=size)
        return [letter.praise.id for letter in praise.letters(session, ids)]


def managed(store: Store, who: int, **narrowed: int) -> list[int]:
    wanted = {"department_id": None, "person_id": None, "after": None, "size": 30} | narrowed
    with store.read() as session:
        ids = praise.managed(viewer(store, who), **wanted)
        return [letter.praise.id for letter in praise.letters(session, ids)]


def deliver(store: Store, who: Viewer, praise_id: int) -> Praise | None:
    with store.write() as session:
        return praise.deliver(session, who, praise_id, LATER)


def letters_of(store: Store, submission_id: int) -> list[Praise]:
    with store.read() as session:
        return list(session.scalars(select(Praise).where(Praise.submission_id == submission_id).order_by(Praise.id)))


def whose(store: Store, submission_id: int) -> list[tuple[int | None, int]]:
    """The receivers of its letters: a person of a department, or a department."""
    return [(letter.person_id, letter.department_id) for letter in letters_of(store, submission_id)]


def routes_by_place(store: Store, submission_id: int) -> list[tuple[object, ...]]:
    with store.read() as session:
        found = routing.routes_of(session, submission_id)
    return [(r.position, r.purpose, r.department_id, r.person_id, r.reasons) for r in found]


def routes_of(store: Store, submission_id: int) -> list[tuple[object, ...]]:
    return [route[1:] for route in routes_by_place(store, submission_id)]


def told(store: Store, submission_id: int, about: About) -> set[int | None]:
    """Who is owed a mail of that sort about it."""
    owed = (
        select(Notice.person_id)
        .join(history.Event, history.Event.id == Notice.event_id)
        .where(history.Event.submission_id == submission_id, Notice.about == about)
    )
    with store.read() as session:
        return set(session.scalars(owed))


def holders(store: Store, cast: Cast, praise_id: int) -> set[str]:
    """Who has the letter among their own."""
    keys = ("maria", "karim", "berta", "paula", "hans", "dora", "anna")
    return {key for key in keys if praise_id in own(store, getattr(cast, key))}


def overseers(store: Store, cast: Cast, praise_id: int) -> set[str]:
    """Who finds the letter among those of their departments."""
    keys = ("berta", "paula", "dora", "anna")
    return {key for key in keys if praise_id in managed(store, getattr(cast, key))}


def test_praise_for_a_person_is_theirs_and_nobody_elses(store: Store, cast: Cast) -> None:
    letter = thanks(store, cast.maria_link)
    assert holders(store, cast, letter) == {"maria"}
    assert overseers(store, cast, letter) == {"berta", "dora", "anna"}


def test_praise_for_a_department_is_everyones_in_it(store: Store, cast: Cast) -> None:
    letter = thanks(store, cast.table_link)
    assert holders(store, cast, letter) == {"maria", "karim", "berta"}
    assert overseers(store, cast, letter) == {"berta", "dora", "anna"}


def test_praise_for_the_department_above_is_its_teams_too(store: Store, cast: Cast) -> None:
    with store.write() as session:
        team = Department(id=new_id(BEGINNING), name="Night team", parent_id=cast.kitchen)
        session.add(team)
        session.flush()
        session.get_one(Person, cast.karim).department_id = team.id
    assert "karim" in holders(store, cast, thanks(store, cast.kitchen_link))


def test_the_department_of_the_topic_gets_a_letter_of_its_own(store: Store, cast: Cast) -> None:
    arrives(store, cast.maria_link, kind="compliment", topic_ids=(cast.missing_parts,))
    assert len(own(store, cast.hans)) == len(own(store, cast.maria)) == 1
    assert own(store, cast.hans) != own(store, cast.maria)


def test_a_held_letter_is_for_the_manager_to_look_at(store: Store, cast: Cast) -> None:
    letter = thanks(store, cast.maria_link, rating=1)
    assert holders(store, cast, letter) == set()
    assert overseers(store, cast, letter) == {"berta", "dora", "anna"}


@pytest.mark.parametrize("key", ["berta", "anna", "dora"])
def test_a_held_letter_is_never_for_the_one_it_is_about(store: Store, cast: Cast, key: str) -> None:
    letter = thanks(store, cast.kitchen_link, person_id=cast.maria, rating=1)
    with store.write() as session:
        session.get_one(Praise, letter).person_id = getattr(cast, key)
    assert key not in overseers(store, cast, letter)
    assert deliver(store, viewer(store, getattr(cast, key)), letter) is None


def test_lists_can_be_narrowed_to_a_department_or_a_person(store: Store, cast: Cast) -> None:
    maria, kitchen = thanks(store, cast.maria_link), thanks(store, cast.kitchen_link)
    karim = thanks(store, cast.kitchen_link, person_id=cast.karim, topic_ids=(cast.missing_parts,))
    (packing,) = own(store, cast.hans)
    assert managed(store, cast.berta, person_id=cast.maria) == [maria]
    assert managed(store, cast.dora, department_id=cast.kitchen) == [karim, kitchen, maria]
    assert managed(store, cast.dora, department_id=cast.packing) == [packing]
    assert managed(store, cast.dora, department_id=cast.packing, person_id=cast.maria) == []
    assert managed(store, cast.berta, department_id=cast.packing) == []
    assert managed(store, cast.maria) == []


def test_own_letters_are_paged_without_gap_or_repeat(store: Store, cast: Cast) -> None:
    for number in range(11):
        thanks(store, cast.maria_link if number % 3 else cast.kitchen_link, at=BEGINNING + timedelta(hours=number % 4))
    whole = own(store, cast.maria)
    assert whole == sorted(whole, reverse=True)
    assert len(whole) == 11
    paged: list[int] = []
    while page := own(store, cast.maria, after=paged[-1] if paged else None, size=3):
        paged += page
    assert paged == whole


def test_since_counts_ones_own_letters_from_that_moment_on(store: Store, cast: Cast) -> None:
    for at in (BEGINNING - timedelta(microseconds=1000), BEGINNING, LATER):
        thanks(store, cast.maria_link, at=at)
    thanks(store, cast.kitchen_link, at=LATER)
    thanks(store, cast.maria_link, at=LATER, rating=1)
    thanks(store, cast.kitchen_link, person_id=cast.karim, at=LATER)
    with store.read() as session:
        assert praise.since(session, viewer(store, cast.maria), BEGINNING) == 3
        assert praise.since(session, viewer(store, cast.hans), BEGINNING) == 0


def test_reached_names_everyone_a_submission_reached_but_whom_it_waits_for(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.maria_link, kind="compliment", topic_ids=(cast.missing_parts,))
    held = arrives(store, cast.maria_link, kind="compliment", rating=1)
    with store.read() as session:
        found = praise.reached(session, [number, held])
    assert [name for _, name in found[number]] == ["Maria", "Packing"]
    assert held not in found


def test_the_first_reading_is_kept(store: Store, cast: Cast) -> None:
    letter = thanks(store, cast.maria_link)
    for at in (BEGINNING, LATER):
        with store.write() as session:
            praise.mark_read(session, viewer(store, cast.maria), [letter], at)
    with store.read() as session:
        assert session.get_one(Praise, letter).read_at == BEGINNING
        assert session.get_one(Reading, (letter, cast.maria)).read_at == BEGINNING


def test_praise_for_a_department_is_read_by_each_for_themselves(store: Store, cast: Cast) -> None:
    letter, other = thanks(store, cast.kitchen_link), thanks(store, cast.kitchen_link)
    with store.write() as session:
        praise.mark_read(session, viewer(store, cast.karim), [letter], BEGINNING)
        praise.mark_read(session, viewer(store, cast.maria), [letter, other], LATER)
    with store.read() as session:
        for key, read in (("karim", {letter}), ("maria", {letter, other}), ("berta", set())):
            assert praise.read_by(session, viewer(store, getattr(cast, key)), [letter, other]) == read
        assert praise.read_by(session, viewer(store, cast.maria), [other]) == {other}
        assert session.get_one(Praise, letter).read_at == BEGINNING


def test_two_screens_of_one_person_may_read_at_once(store: Store, cast: Cast) -> None:
    letter, maria = thanks(store, cast.maria_link), viewer(store, cast.maria)

    def work() -> None:
        with store.write() as session:
            praise.mark_read(session, maria, [letter], LATER)

    at_once(work, work, work)
    with store.read() as session:
        assert praise.read_by(session, maria, [letter]) == {letter}


def test_a_delivered_letter_is_theirs_word_for_word(store: Store, cast: Cast) -> None:
    letter = thanks(store, cast.maria_link, rating=1, message="Sharp knife, sharp mind")
    assert deliver(store, viewer(store, cast.berta), letter)
    assert holders(store, cast, letter) == {"maria"}
    with store.read() as session:
        (found,) = praise.letters(session, praise.own(viewer(store, cast.maria), after=None, size=9))
        assert found.submission.message == "Sharp knife, sharp mind"
        last = history.events_of(session, found.submission.id)[-1]
    assert (last.name, last.by_id, last.at) == ("passed_on", cast.berta, LATER)


@pytest.mark.parametrize(
    ("link", "named", "topics"),
    [
        ("maria", None, ("missing_parts",)),
        ("maria", None, ("missing_parts", "cold_food")),
        ("kitchen", "karim", ("missing_parts",)),
        ("kitchen", None, ()),
        ("table", None, ("missing_parts", "cold_food")),
        ("nowhere", None, ("cold_food",)),
    ],
)
def test_it_reaches_all_whom_it_would_have_reached_at_once(
    store: Store, cast: Cast, link: str, named: str | None, topics: tuple[str, ...]
) -> None:
    with store.write() as session:
        gate = Place(id=new_id(BEGINNING), name="Gate")
        session.add(gate)
    code = make_link(store, place=gate).code if link == "nowhere" else getattr(cast, f"{link}_link")
    said = {
        "kind": "compliment",
        "person_id": getattr(cast, named) if named else None,
        "topic_ids": tuple(sorted(getattr(cast, topic) for topic in topics)),
    }
    straight = arrives(store, code, **said)
    waiting = arrives(store, code, **said, rating=1)
    (letter,) = letters_of(store, waiting)
    assert deliver(store, viewer(store, cast.anna), letter.id)
    assert routes_of(store, waiting)[0][0] == Purpose.HOLDS
    assert routes_of(store, waiting)[1:] == routes_of(store, straight)
    assert [place for place, *_ in routes_by_place(store, waiting)] == list(range(len(routes_of(store, waiting))))
    assert sorted(whose(store, waiting), key=str) == sorted(whose(store, straight), key=str)
    mailed = told(store, waiting, About.PRAISE)
    assert mailed == told(store, straight, About.PRAISE) - {cast.anna}
    assert mailed


def test_who_passes_it_on_is_not_mailed_what_they_just_read(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.table_link, kind="compliment", rating=1)
    deliver(store, viewer(store, cast.berta), letters_of(store, number)[0].id)
    assert told(store, number, About.PRAISE) == {cast.maria, cast.karim}


def test_nobody_is_mailed_what_is_history(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.table_link, kind="compliment", rating=1, history=True)
    assert deliver(store, viewer(store, cast.berta), letters_of(store, number)[0].id)
    assert told(store, number, About.PRAISE) == set()


def test_who_left_meanwhile_is_owed_no_mail_and_their_manager_is(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.maria_link, kind="compliment", rating=1)
    with store.write() as session:
        session.get_one(Person, cast.maria).retired_at = LATER
    deliver(store, viewer(store, cast.dora), letters_of(store, number)[0].id)
    assert told(store, number, About.PRAISE) == {cast.berta}


def test_a_letter_waits_where_it_would_be_delivered_first_whatever_its_topic(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.table_link, kind="compliment", rating=1, topic_ids=(cast.missing_parts,))
    assert whose(store, number) == [(None, cast.kitchen)]
    assert told(store, number, About.HELD) == {cast.berta}


@pytest.mark.parametrize("key", ["maria", "karim", "hans", "paula"])
def test_others_cannot_deliver_it(store: Store, cast: Cast, key: str) -> None:
    letter = thanks(store, cast.maria_link, rating=1)
    assert deliver(store, viewer(store, getattr(cast, key)), letter) is None
    assert holders(store, cast, letter) == set()


def test_a_manager_of_nothing_near_it_cannot_deliver_it_any_more(store: Store, cast: Cast) -> None:
    letter = thanks(store, cast.maria_link, rating=1)
    with store.write() as session:
        session.delete(session.get_one(Management, (cast.kitchen, cast.berta)))
    assert deliver(store, viewer(store, cast.berta), letter) is None


def test_what_does_not_wait_cannot_be_delivered(store: Store, cast: Cast) -> None:
    with pytest.raises(AlreadyDelivered):
        deliver(store, viewer(store, cast.berta), thanks(store, cast.maria_link))
    assert deliver(store, viewer(store, cast.berta), 12345) is None


def test_of_two_who_deliver_at_once_one_does(store: Store, cast: Cast) -> None:
    letter, outcomes = thanks(store, cast.maria_link, rating=1), []

    def work(who: Viewer) -> None:
        try:
            deliver(store, who, letter)
            outcomes.append("delivered")
        except AlreadyDelivered:
            outcomes.append("was delivered")

    berta, dora = viewer(store, cast.berta), viewer(store, cast.dora)
    at_once(lambda: work(berta), lambda: work(dora), lambda: work(berta))
    assert sorted(outcomes) == ["delivered", "was delivered", "was delivered"]
    with store.read() as session:
        submission_id = session.get_one(Praise, letter).submission_id
        names = [event.name for event in history.events_of(session, submission_id)]
    assert names == ["received", "passed_on"]
