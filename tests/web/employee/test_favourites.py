"""Marking letters as favourites on their page, without a script, and coming back to the same place."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from feedback.core import favourites
from feedback.core.people import Person
from feedback.core.praise import Praise
from feedback.db import Store
from tests.core.test_praise import thanks
from tests.factories import Cast
from tests.ground.pages import visible_text, well_formed
from tests.story import NO_IDS, arrives, at_work, fill_in, token_for, viewer
from tests.web.employee.test_praise import texts


def marked(store: Store, who: int) -> list[int]:
    with store.read() as session:
        found = favourites.page(session, viewer(store, who), after=None, size=30)
        return [letter.praise.id for _, letter in found]


def give(store: Store, letter: int, to: int) -> None:
    """Let a letter be to someone else, who is on no form."""
    with store.write() as session:
        session.get_one(Praise, letter).person_id = to


def post(browser: FlaskClient, address: str) -> TestResponse:
    return browser.post(address, data={"csrf_token": token_for(browser)})


def test_one_tap_marks_a_letter_and_another_takes_the_mark_off(app: Flask, store: Store, cast: Cast) -> None:
    letter, maria = thanks(store, cast.maria_link), at_work(app, cast, "maria")
    assert 'aria-pressed="false"' in maria.get("/praise").text
    answer = fill_in(maria, "/praise", f"/praise/{letter}/favourite")
    assert (answer.status_code, answer.location) == (303, f"/praise#letter-{letter}")
    assert marked(store, cast.maria) == [letter]
    page = maria.get("/praise").text
    assert 'aria-pressed="true"' in page and f'id="letter-{letter}"' in page
    answer = fill_in(maria, "/praise", f"/praise/{letter}/favourite/removal")
    assert (answer.status_code, answer.location) == (303, f"/praise#letter-{letter}")
    assert marked(store, cast.maria) == []


@pytest.mark.parametrize(
    "asked", ["whose=to-me", "whose=own&q=rain", "whose=team&after={after}", "department={kitchen}"]
)
def test_one_comes_back_to_the_page_from_which_it_was_marked(app: Flask, store: Store, cast: Cast, asked: str) -> None:
    berta, letter = at_work(app, cast, "berta"), thanks(store, cast.kitchen_link, message="Through the rain")
    if "to-me" in asked:
        give(store, letter, cast.berta)
    asked = asked.format(after=2**62, kitchen=cast.kitchen)
    action = re.search(rf'action="(/praise/{letter}/favourite[^"]*)"', berta.get(f"/praise?{asked}").text)
    assert action
    answer = post(berta, action[1].replace("&amp;", "&"))
    assert answer.location == f"/praise?{asked}#letter-{letter}"


def test_others_and_what_is_none_cannot_be_marked(app: Flask, store: Store, cast: Cast) -> None:
    letter, held = thanks(store, cast.maria_link), thanks(store, cast.maria_link, rating=1)
    for key in ("karim", "hans", "berta", "paula", "dora", "anna"):
        browser = at_work(app, cast, key)
        for way in ("favourite", "favourite/removal"):
            assert post(browser, f"/praise/{letter}/{way}").status_code == 404, key
    maria = at_work(app, cast, "maria")
    for n in (held, 1, *NO_IDS):
        assert post(maria, f"/praise/{n}/favourite").status_code == 404, n
    assert (
        f"/praise/{letter}/favourite" not in at_work(app, cast, "berta").get(f"/praise?department={cast.kitchen}").text
    )
    assert all(marked(store, getattr(cast, key)) == [] for key in ("maria", "karim", "berta"))


def test_it_needs_the_token_of_the_page_and_a_sign_in(app: Flask, store: Store, cast: Cast) -> None:
    letter = thanks(store, cast.maria_link)
    assert at_work(app, cast, "maria").post(f"/praise/{letter}/favourite").status_code == 400
    assert "/sign-in" in app.test_client().post(f"/praise/{letter}/favourite").location
    assert marked(store, cast.maria) == []


def test_the_list_shows_them_and_offers_to_put_back_what_was_taken_off(app: Flask, store: Store, cast: Cast) -> None:
    maria = at_work(app, cast, "maria")
    assert "No favourites yet" in visible_text(maria.get("/praise?whose=favourites").text)
    first, _ = (thanks(store, cast.maria_link, message=words) for words in ("First", "Second"))
    fill_in(maria, "/praise", f"/praise/{first}/favourite")
    page = "/praise?whose=favourites"
    assert texts(maria, page) == ["First"]
    answer = fill_in(maria, page, f"/praise/{first}/favourite/removal?whose=favourites")
    assert answer.location == f"{page}&unmarked={first}"
    shown = maria.get(answer.location).text
    assert "No longer a favourite" in visible_text(shown) and well_formed(shown) == []
    fill_in(maria, answer.location, f"/praise/{first}/favourite?whose=favourites")
    assert texts(maria, page) == ["First"]
    assert "No longer a favourite" not in visible_text(maria.get(answer.location).text)


def test_nobody_is_offered_to_put_back_what_is_not_their_own(app: Flask, store: Store, cast: Cast) -> None:
    letter = thanks(store, cast.maria_link)
    shown = at_work(app, cast, "karim").get(f"/praise?whose=favourites&unmarked={letter}")
    assert shown.status_code == 200 and "No longer a favourite" not in shown.text
    assert at_work(app, cast, "karim").get("/praise?whose=favourites&unmarked=x").status_code == 404


def test_a_letter_of_a_department_one_has_left_is_not_shown(app: Flask, store: Store, cast: Cast) -> None:
    maria, page = at_work(app, cast, "maria"), "/praise?whose=favourites"
    for code in (cast.maria_link, cast.kitchen_link):
        fill_in(maria, "/praise", f"/praise/{thanks(store, code, message=code)}/favourite")
    assert texts(maria, page) == [cast.kitchen_link, cast.maria_link]
    with store.write() as session:
        session.get_one(Person, cast.maria).department_id = cast.packing
    assert texts(maria, page) == [cast.maria_link]


def test_they_are_nobody_elses(app: Flask, store: Store, cast: Cast) -> None:
    arrives(store, cast.kitchen_link, kind="compliment")
    letter, maria = thanks(store, cast.kitchen_link), at_work(app, cast, "maria")
    fill_in(maria, "/praise", f"/praise/{letter}/favourite")
    for key in ("karim", "berta"):
        for address in ("/praise", "/praise?whose=favourites"):
            assert 'aria-pressed="true"' not in at_work(app, cast, key).get(address).text
