"""The lists of one's own letters side by side, each for those who have something to choose, and the month's sentence."""

from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from feedback.core import favourites
from feedback.core.people import Person
from feedback.db import Store
from tests.core.test_praise import thanks
from tests.factories import BEGINNING, Cast
from tests.ground.pages import links, visible_text, well_formed
from tests.story import arrives, at_work, statements, viewer
from tests.web.employee.test_favourites import give
from tests.web.employee.test_praise import current, older, texts

LISTS = {"All of mine": "own", "To me": "to-me", "To the team": "team", "Favourites": "favourites"}
FITS = "You carried my bag through the rain, all the way."


def offered(browser: FlaskClient, address: str = "/praise") -> list[str]:
    return [link.text for link in links(browser.get(address).text) if link.text in LISTS]


def shown(browser: FlaskClient, address: str) -> str:
    page = browser.get(address)
    assert page.status_code == 200 and well_formed(page.text) == []
    return visible_text(page.text)


def test_each_list_has_its_letters(app: Flask, store: Store, cast: Cast) -> None:
    thanks(store, cast.maria_link, message="for Maria")
    thanks(store, cast.kitchen_link, message="for the Kitchen")
    maria = at_work(app, cast, "maria")
    assert texts(maria) == texts(maria, "/praise?whose=own") == ["for the Kitchen", "for Maria"]
    assert texts(maria, "/praise?whose=to-me") == ["for Maria"]
    assert texts(maria, "/praise?whose=team") == ["for the Kitchen"]
    assert offered(maria) == list(LISTS)
    for name, whose in LISTS.items():
        assert current(maria, f"/praise?whose={whose}") == [name]


def test_nobody_is_offered_what_makes_no_difference(app: Flask, store: Store, cast: Cast) -> None:
    maria, karim, hans = (at_work(app, cast, key) for key in ("maria", "karim", "hans"))
    assert offered(maria) == []
    thanks(store, cast.maria_link)
    assert offered(maria) == ["All of mine", "Favourites"]
    assert offered(maria, "/praise?whose=team") == ["All of mine", "To the team", "Favourites"]
    thanks(store, cast.kitchen_link)
    assert (offered(maria), offered(karim), offered(hans)) == (list(LISTS), ["All of mine", "Favourites"], [])


def test_managers_keep_their_choices_beside_these(app: Flask, store: Store, cast: Cast) -> None:
    give(store, thanks(store, cast.maria_link, message="for Berta"), cast.berta)
    thanks(store, cast.kitchen_link, message="for the Kitchen")
    berta = at_work(app, cast, "berta")
    assert current(berta, "/praise?whose=to-me") == ["My own", "To me"]
    assert texts(berta, "/praise?whose=to-me") == ["for Berta"]
    assert {"My own", "Kitchen"} <= {link.text for link in links(berta.get("/praise?whose=team").text)}
    assert offered(berta, f"/praise?department={cast.kitchen}") == []


@pytest.mark.parametrize(
    ("whose", "said"),
    [
        ("own", "Here the first thank-you will appear"),
        ("to-me", "Here the first thank-you to you will appear"),
        ("team", "Here the first thank-you to your team will appear"),
        ("favourites", "No favourites yet"),
    ],
)
def test_an_empty_list_says_what_will_appear_and_the_first_step(app: Flask, cast: Cast, whose: str, said: str) -> None:
    told = shown(at_work(app, cast, "maria"), f"/praise?whose={whose}")
    assert said in told
    assert "A first step" in told or "Show all of mine" in told
    assert well_formed(at_work(app, cast, "berta").get(f"/praise?whose={whose}").text) == []


def test_counts_are_of_ones_own_and_of_ones_own_team_alone(app: Flask, store: Store, cast: Cast) -> None:
    with time_machine.travel(BEGINNING + timedelta(days=20), tick=False):
        for day, code in (
            (-10, cast.kitchen_link),
            (1, cast.kitchen_link),
            (2, cast.kitchen_link),
            (3, cast.maria_link),
        ):
            arrives(store, code, kind="compliment", at=BEGINNING + timedelta(days=day))
        arrives(store, cast.kitchen_link, kind="compliment", person_id=cast.karim, at=BEGINNING)
        maria = at_work(app, cast, "maria")
        assert "3 letters this month" in shown(maria, "/praise")
        assert "1 letter to you this month" in shown(maria, "/praise?whose=to-me")
        assert "2 letters to the whole team this month" in shown(maria, "/praise?whose=team")
        assert "this month" not in shown(maria, "/praise?whose=favourites")
        assert "this month" not in shown(at_work(app, cast, "hans"), "/praise?whose=team")


@pytest.mark.parametrize("whose", LISTS.values())
def test_hundreds_of_letters_are_paged_and_cost_what_two_cost(app: Flask, store: Store, cast: Cast, whose: str) -> None:
    maria, seen, costs = at_work(app, cast, "maria"), viewer(store, cast.maria), []
    for many in (2, 63):
        for number in range(many):
            ids = [thanks(store, code, message=f"{many} {number}") for code in (cast.maria_link, cast.kitchen_link)]
            with store.write() as session:
                for id in ids:
                    favourites.add(session, seen, id, BEGINNING + timedelta(minutes=100 * many + number))
        maria.get(f"/praise?whose={whose}")
        with statements(app) as said:
            maria.get(f"/praise?whose={whose}")
        costs.append(len(said))
    assert costs[0] == costs[1] < 23
    way, found = f"/praise?whose={whose}", list[str]()
    while way:
        assert way.startswith(f"/praise?whose={whose}")
        found += texts(maria, way)
        way = older(maria, way) or ""
    per = 1 if whose in ("to-me", "team") else 2
    assert len(found) == 65 * per
    assert found[:per] == ["63 62"] * per and found[-per:] == ["2 0"] * per


def test_typed_addresses_show_nobody_anything_else(app: Flask, store: Store, cast: Cast) -> None:
    letter = thanks(store, cast.maria_link, message="for Maria alone")
    for key in ("karim", "hans", "paula", "berta", "dora", "anna"):
        browser = at_work(app, cast, key)
        for whose in LISTS.values():
            for more in ("&q=Maria", f"&after={letter + 1}&person={cast.maria}&department={cast.kitchen}"):
                page = browser.get(f"/praise?whose={whose}{more}")
                assert page.status_code == 200 and "for Maria alone" not in page.text, (key, whose, more)
    for way in ("mine", "team-of-others", "To-Me", "own%00"):
        assert at_work(app, cast, "maria").get(f"/praise?whose={way}").status_code == 404


def test_who_has_left_finds_no_list(app: Flask, store: Store, cast: Cast) -> None:
    thanks(store, cast.maria_link)
    maria = at_work(app, cast, "maria")
    with store.write() as session:
        session.get_one(Person, cast.maria).retired_at = datetime.now(BEGINNING.tzinfo)
    assert {maria.get(f"/praise?whose={whose}").status_code for whose in LISTS.values()} == {404}


def test_a_sentence_of_the_month_stands_above_all_of_ones_own(app: Flask, store: Store, cast: Cast) -> None:
    with time_machine.travel(BEGINNING + timedelta(days=20), tick=False):
        maria = at_work(app, cast, "maria")
        thanks(store, cast.maria_link, message=f"Hello. {FITS} Tom & <b>")
        assert "<blockquote" not in maria.get("/praise").text  # which would say the only letter twice
        thanks(store, cast.maria_link, message="Thanks.")
        page = maria.get("/praise").text
        assert f'<blockquote dir="auto">{FITS}</blockquote>' in page and "this month" in visible_text(page)
        assert well_formed(page) == []
        for way in ("whose=to-me", "whose=own&q=bag", f"whose=own&after={2**62}"):
            assert "<blockquote" not in maria.get(f"/praise?{way}").text
        assert "<blockquote" not in at_work(app, cast, "berta").get(f"/praise?department={cast.kitchen}").text
    with time_machine.travel(BEGINNING + timedelta(days=40), tick=False):
        assert "From a letter to you last month" in shown(at_work(app, cast, "maria"), "/praise")
