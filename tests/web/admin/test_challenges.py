"""The page of challenges: for those who keep the record, each answered once."""

import pytest
from flask import Flask
from sqlalchemy import select

from feedback.core import challenges
from feedback.core.challenges import LONGEST, Challenge, Part
from feedback.core.praise import Praise
from feedback.db import Store
from tests.factories import BEGINNING, Cast
from tests.ground.pages import links, visible_text, well_formed
from tests.story import NO_IDS, arrives, at_work, fill_in, form_of, statements, token_for, viewer
from tests.web.conftest import Trouble

PAGE = "/admin/challenges"


@pytest.fixture
def said(store: Store, cast: Cast) -> str:
    """The address of what Maria said is wrong."""
    who = viewer(store, cast.maria)
    with store.write() as session:
        made = challenges.challenge(session, who, Part.RECORD, "I moved to <b>Packing</b>", BEGINNING)
        return f"{PAGE}/{made.id}"


def kept(store: Store) -> tuple[str | None, str | None]:
    with store.read() as session:
        found = session.scalars(select(Challenge)).one()
        return found.outcome, found.answer


@pytest.mark.parametrize("key", ["anna", "berta", "dora"])
def test_who_keeps_the_record_finds_and_answers_it(app: Flask, store: Store, cast: Cast, said: str, key: str) -> None:
    browser = at_work(app, cast, key)
    listed = browser.get(PAGE)
    assert well_formed(listed.text) == [] and said in {link.href for link in links(listed.text)}
    page = browser.get(said)
    assert well_formed(page.text) == [] and "I moved to <b>Packing</b>" in visible_text(page.text)
    assert fill_in(browser, said, f"{said}/answer", outcome="corrected", said=" You are there now ").status_code == 303
    assert kept(store) == ("corrected", "You are there now")
    shown = visible_text(browser.get(PAGE).text)
    assert "Answered. Maria Lopez reads it" in shown and "Nothing waits" in shown
    done = browser.get(f"{PAGE}?answered=yes")
    assert said in {link.href for link in links(done.text)} and well_formed(done.text) == []
    assert "You are there now" in visible_text(browser.get(said).text)


def test_empty_lists_say_what_will_be_there(app: Flask, cast: Cast) -> None:
    berta = at_work(app, cast, "berta")
    assert "Nothing waits" in visible_text(berta.get(PAGE).text)
    assert "Nothing was answered yet" in visible_text(berta.get(f"{PAGE}?answered=yes").text)
    assert PAGE in {link.href for link in links(berta.get("/admin/people").text)}


@pytest.mark.parametrize("key", ["maria", "karim", "hans", "paula"])
def test_for_all_others_it_is_not_there(app: Flask, store: Store, cast: Cast, said: str, key: str) -> None:
    sent = form_of(at_work(app, cast, "berta"), said, f"{said}/answer", outcome="corrected")
    browser = at_work(app, cast, key)
    assert browser.get(said).status_code == 404
    sent["csrf_token"] = token_for(browser)
    assert browser.post(f"{said}/answer", data=sent).status_code == 404
    assert said not in browser.get(PAGE).text and kept(store) == (None, None)


def test_ones_own_is_not_ones_own_to_answer(app: Flask, store: Store, cast: Cast) -> None:
    with store.write() as session:
        made = challenges.challenge(session, viewer(store, cast.berta), Part.MAILS, "Mine", BEGINNING)
        own = f"{PAGE}/{made.id}"
    berta = at_work(app, cast, "berta")
    assert berta.get(own).status_code == 404 and own not in berta.get(PAGE).text
    sent = {"csrf_token": token_for(berta), "outcome": "corrected"}
    assert berta.post(f"{own}/answer", data=sent).status_code == 404
    assert at_work(app, cast, "dora").get(own).status_code == 200


def test_what_is_wrong_with_an_answer_is_told_beside_its_field(app: Flask, store: Store, cast: Cast, said: str) -> None:
    berta = at_work(app, cast, "berta")
    for wrong, told in (
        ({}, "Please choose one of these."),
        ({"outcome": "burnt"}, "Please choose one of these."),
        ({"outcome": "left"}, "Please write down why it stays as it is."),
        ({"outcome": "corrected", "said": "x" * (LONGEST + 1)}, "This is too long"),
        ({"outcome": "corrected", "said": "x\0"}, "characters that are not text"),
    ):
        answer = fill_in(berta, said, f"{said}/answer", **wrong)
        assert answer.status_code == 422 and told in visible_text(answer.text) and well_formed(answer.text) == []
    for number in NO_IDS:
        sent = {"csrf_token": token_for(berta), "outcome": "corrected"}
        assert berta.get(f"{PAGE}/{number}").status_code == 404
        assert berta.post(f"{PAGE}/{number}/answer", data=sent).status_code == 404
        assert berta.get(f"{PAGE}?after={number}").status_code == 404
    assert berta.post(f"{said}/answer", data={"outcome": "corrected"}).status_code == 400
    assert kept(store) == (None, None)


def test_who_comes_second_is_shown_the_first_answer_and_keeps_their_words(
    app: Flask, store: Store, cast: Cast, said: str
) -> None:
    anna, berta = at_work(app, cast, "anna"), at_work(app, cast, "berta")
    late = form_of(anna, said, f"{said}/answer", outcome="left", said="It is right as it is")
    fill_in(berta, said, f"{said}/answer", outcome="corrected", said="Mended")
    answer = anna.post(f"{said}/answer", data=late)
    shown = visible_text(answer.text)
    assert answer.status_code == 409 and "Someone answered this while you were writing" in shown
    assert "Mended" in shown and "It is right as it is" in shown and well_formed(answer.text) == []
    assert kept(store) == ("corrected", "Mended")


def test_while_the_store_is_locked_the_answer_is_kept_on_the_page(
    hasty: Flask, store: Store, cast: Cast, said: str, full: Trouble
) -> None:
    berta = at_work(hasty, cast, "berta")
    sent = form_of(berta, said, f"{said}/answer", outcome="corrected", said="Mended")
    with full():
        answer = berta.post(f"{said}/answer", data=sent)
    assert answer.status_code == 507 and "Mended" in answer.text and kept(store) == (None, None)


def test_a_letter_stands_beside_what_is_said_of_it(app: Flask, store: Store, cast: Cast) -> None:
    number = arrives(store, cast.maria_link, kind="compliment", message="You carried my bag")
    with store.write() as session:
        letter = session.scalars(select(Praise.id).where(Praise.submission_id == number)).one()
        who = viewer(store, cast.maria)
        made = challenges.challenge(session, who, Part.LETTERS, "Not me", BEGINNING, praise_id=letter)
        one = f"{PAGE}/{made.id}"
    assert "You carried my bag" in visible_text(at_work(app, cast, "berta").get(one).text)


@pytest.mark.parametrize("query", ["", "?answered=yes"])
def test_a_long_list_is_paged_in_as_many_statements(app: Flask, store: Store, cast: Cast, query: str) -> None:
    anna = at_work(app, cast, "anna")
    many_of(store, cast, 1, is_answered=bool(query))
    with statements(app) as few:
        anna.get(PAGE + query)
    many_of(store, cast, 59, is_answered=bool(query))
    with statements(app) as many:
        first = anna.get(PAGE + query).text
    assert len(many) == len(few)
    more = next(link.href for link in links(first) if "after=" in link.href and "lang=" not in link.href)
    found = [visible_text(page).count("word") for page in (first, anna.get(more).text)]
    assert found == [50, 10]


def many_of(store: Store, cast: Cast, many: int, *, is_answered: bool) -> None:
    answer = {"answered_at": BEGINNING, "answered_by_id": cast.berta, "outcome": "corrected", "answer": ""}
    with store.write() as session:
        for n in range(many):
            given = answer if is_answered else {}
            session.add(
                Challenge(id=many * 100 + n, person_id=cast.maria, part="mails", said="word", at=BEGINNING, **given)
            )
