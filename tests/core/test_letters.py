"""The letters one takes along: one's own in person, all of them, in order, and in as many statements as pages."""

from datetime import timedelta

from flask import Flask

from feedback.core import letters
from feedback.core.letters import Letter
from feedback.core.people import Person
from feedback.db import Store
from tests.factories import BEGINNING, Cast
from tests.story import arrives, concern, statements, viewer


def taken(store: Store, person_id: int, size: int = letters.PAGE) -> list[Letter]:
    who = viewer(store, person_id)
    with store.read() as session:
        found = list(letters.all_of(session, who, size=size))
        assert letters.count(session, who) == len(found)
        return found


def thanks(store: Store, code: str, words: str, **more: object) -> int:
    return arrives(store, code, kind="compliment", message=words, **more)


def test_a_letter_has_all_that_is_known_of_it(store: Store, cast: Cast) -> None:
    topics = (cast.missing_parts, cast.cold_food)
    thanks(store, cast.table_link, "So kind", person_id=cast.maria, topic_ids=topics, rating=5, at=BEGINNING)
    (letter,) = taken(store, cast.maria)
    assert (letter.words, letter.at, letter.language, letter.rating) == ("So kind", BEGINNING, "en", 5)
    assert (letter.department, letter.place, letter.topics) == ("Kitchen", "Table 4", ("Cold food", "Missing parts"))


def test_only_what_is_ones_own_in_person_is_among_them(store: Store, cast: Cast) -> None:
    thanks(store, cast.maria_link, "for Maria")
    thanks(store, cast.kitchen_link, "for the Kitchen")
    thanks(store, cast.table_link, "for Karim", person_id=cast.karim)
    thanks(store, cast.maria_link, "held", rating=1)
    arrives(store, cast.maria_link, message="a complaint")
    assert [letter.words for letter in taken(store, cast.maria)] == ["for Maria"]
    assert [letter.words for letter in taken(store, cast.karim)] == ["for Karim"]
    assert taken(store, cast.berta) == taken(store, cast.anna) == []


def test_they_stay_ones_own_after_moving_leaving_and_a_complaint(store: Store, cast: Cast) -> None:
    number = thanks(store, cast.maria_link, "for Maria")
    concern(store, number, cast.karim)
    with store.write() as session:
        maria = session.get_one(Person, cast.maria)
        maria.department_id, maria.retired_at = cast.packing, BEGINNING
    assert [(letter.words, letter.department) for letter in taken(store, cast.maria)] == [("for Maria", "Kitchen")]


def test_all_come_once_oldest_first_however_they_are_paged(app: Flask, store: Store, cast: Cast) -> None:
    for n in range(7):
        at = BEGINNING + timedelta(days=n)
        thanks(store, cast.maria_link, str(n), at=at, topic_ids=(cast.cold_food,))
    for size in (1, 3, 7, 500):
        assert [letter.words for letter in taken(store, cast.maria, size)] == list("0123456")


def test_a_page_costs_two_statements_however_many_letters_are_on_it(app: Flask, store: Store, cast: Cast) -> None:
    costs = []
    for many in (1, 9):
        for _ in range(many):
            thanks(store, cast.maria_link, "x", topic_ids=(cast.cold_food,))
        who = viewer(store, cast.maria)
        with statements(app) as seen, app.extensions["firsthand"].store.read() as session:
            assert list(letters.all_of(session, who))
        costs.append(len([statement for statement in seen if "praise" in statement or "topic" in statement]))
    assert costs == [3, 3]  # and one that finds no more
