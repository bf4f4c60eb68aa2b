"""Delivering a held letter: once, by those whose letters they are to look at, and the receiver hears of it."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from feedback.core import history
from feedback.core.notices import About, Notice
from feedback.core.praise import Praise
from feedback.db import Store
from feedback.web import NAME
from tests.factories import Cast
from tests.ground.pages import visible_text
from tests.story import NO_IDS, arrives, at_work, fill_in, token_for

WORDS = "Sharp knife, sharp mind"


@pytest.fixture
def held(store: Store, cast: Cast) -> int:
    number = arrives(store, cast.maria_link, kind="compliment", message=WORDS, rating=1, mails=False)
    with store.read() as session:
        return session.scalars(select(Praise.id).where(Praise.submission_id == number)).one()


def steps(store: Store, praise_id: int) -> list[str]:
    with store.read() as session:
        number = session.get_one(Praise, praise_id).submission_id
        return [event.name for event in history.events_of(session, number)]


def test_the_letter_is_then_hers_word_for_word(app: Flask, store: Store, cast: Cast, held: int) -> None:
    berta, maria = at_work(app, cast, "berta"), at_work(app, cast, "maria")
    page = f"/praise?department={cast.kitchen}"
    assert WORDS not in maria.get("/praise").text
    answer = fill_in(berta, page, f"/praise/{held}/delivery")
    assert (answer.status_code, answer.headers["Location"]) == (303, page)
    shown = berta.get(page)
    assert "Delivered. It reached Maria." in visible_text(shown.text)
    assert "Deliver this letter" not in shown.text
    assert WORDS in maria.get("/praise").text
    assert steps(store, held) == ["received", "passed_on"]


def test_it_says_everyone_it_reached(app: Flask, store: Store, cast: Cast) -> None:
    number = arrives(store, cast.maria_link, kind="compliment", rating=1, topic_ids=(cast.missing_parts,))
    with store.read() as session:
        letter = session.scalars(select(Praise.id).where(Praise.submission_id == number)).one()
    berta, page = at_work(app, cast, "berta"), f"/praise?department={cast.kitchen}"
    fill_in(berta, page, f"/praise/{letter}/delivery")
    assert "Delivered. It reached Maria, Packing." in visible_text(berta.get(page).text)
    assert "Also reached Packing" in visible_text(at_work(app, cast, "maria").get("/praise").text)
    assert "Also reached Maria" in visible_text(at_work(app, cast, "hans").get("/praise").text)


def test_those_it_reaches_are_owed_a_mail_where_there_is_mail(app: Flask, store: Store, cast: Cast, held: int) -> None:
    house = app.extensions[NAME]
    app.extensions[NAME] = replace(house, settings=replace(house.settings, smtp_url="smtp://127.0.0.1:1"))
    fill_in(at_work(app, cast, "dora"), f"/praise?department={cast.kitchen}", f"/praise/{held}/delivery")
    with store.read() as session:
        owed = [(n.person_id, n.about) for n in session.scalars(select(Notice).order_by(Notice.id))]
    assert sorted(owed) == sorted([(cast.maria, About.PRAISE), (cast.berta, About.PRAISE)])


def test_without_mail_nothing_is_owed(app: Flask, store: Store, cast: Cast, held: int) -> None:
    fill_in(at_work(app, cast, "berta"), f"/praise?department={cast.kitchen}", f"/praise/{held}/delivery")
    with store.read() as session:
        assert session.scalars(select(Notice)).all() == []


def test_a_second_time_nothing_happens(app: Flask, store: Store, cast: Cast, held: int) -> None:
    berta = at_work(app, cast, "berta")
    token = {"csrf_token": token_for(berta)}
    for _ in range(2):
        answer = berta.post(f"/praise/{held}/delivery", data=token)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/praise?department={cast.kitchen}")
    assert "This letter was delivered before." in visible_text(berta.get("/praise").text)
    assert steps(store, held) == ["received", "passed_on"]


@pytest.mark.parametrize("key", ["maria", "karim", "hans", "paula"])
def test_nobody_else_delivers_it(app: Flask, store: Store, cast: Cast, held: int, key: str) -> None:
    browser = at_work(app, cast, key)
    answer = browser.post(f"/praise/{held}/delivery", data={"csrf_token": token_for(browser)})
    assert answer.status_code == 404
    assert steps(store, held) == ["received"]


def test_no_manager_delivers_what_is_about_them(app: Flask, store: Store, cast: Cast, held: int) -> None:
    with store.write() as session:
        session.get_one(Praise, held).person_id = cast.berta
    berta = at_work(app, cast, "berta")
    assert berta.post(f"/praise/{held}/delivery", data={"csrf_token": token_for(berta)}).status_code == 404
    assert steps(store, held) == ["received"]


def test_no_other_site_delivers_it(app: Flask, store: Store, cast: Cast, held: int) -> None:
    berta = at_work(app, cast, "berta")
    for data in ({}, {"csrf_token": "forged"}, {"csrf_token": token_for(at_work(app, cast, "dora"))}):
        assert berta.post(f"/praise/{held}/delivery", data=data).status_code == 400
    assert steps(store, held) == ["received"]


def test_a_wrong_number_is_nothing(app: Flask, cast: Cast, held: int) -> None:
    berta = at_work(app, cast, "berta")
    token = {"csrf_token": token_for(berta)}
    for number in (*NO_IDS[:6], "1", str(2**63 - 1)):
        assert berta.post(f"/praise/{number}/delivery", data=token).status_code == 404, number


def test_no_address_leads_the_manager_away(app: Flask, cast: Cast, held: int) -> None:
    berta = at_work(app, cast, "berta")
    token = {"csrf_token": token_for(berta)}
    for _ in range(2):
        way = f"/praise/{held}/delivery?_external=1&_scheme=javascript&_anchor=x&endpoint=y&department=1"
        answer = berta.post(way, data=token)
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/praise")
