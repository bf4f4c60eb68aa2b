"""Searching in one's own letters: what is shown of a find, of none, and of a look back that did not reach the end."""

import re
from datetime import timedelta

import pytest
from flask import Flask

from feedback.core import lookback
from feedback.db import Store
from tests.core.test_praise import thanks
from tests.factories import BEGINNING, Cast
from tests.ground.pages import links, visible_text, well_formed
from tests.story import arrives, at_work, statements
from tests.web.employee.test_praise import older, texts

FOUND = "/praise?whose=own&q=rain"


def test_what_is_found_is_marked_and_stays_as_it_was_written(app: Flask, store: Store, cast: Cast) -> None:
    thanks(store, cast.maria_link, message="Through the <b>RAIN</b> & rainbows")
    thanks(store, cast.maria_link, message="Sun")
    page = at_work(app, cast, "maria").get(FOUND).text
    assert "Through the &lt;b&gt;<mark>RAIN</mark>&lt;/b&gt; &amp; <mark>rainbows</mark></p>" in page
    assert "Sun" not in page and well_formed(page) == []
    assert 'value="rain"' in page and "<title>Search for rain ·" in page


def test_place_and_topic_are_marked_where_they_are_what_was_found(app: Flask, store: Store, cast: Cast) -> None:
    arrives(store, cast.table_link, kind="compliment", topic_ids=(cast.cold_food,), person_id=cast.maria)
    maria = at_work(app, cast, "maria")
    assert "<mark>Table</mark> 4" in maria.get("/praise?whose=own&q=table").text
    assert "Cold <mark>food</mark>" in maria.get("/praise?whose=own&q=food").text
    assert "Cold food" not in maria.get("/praise?whose=own&q=table").text


def test_what_was_typed_is_never_markup(app: Flask, store: Store, cast: Cast) -> None:
    thanks(store, cast.maria_link)
    for q in ("<script>", "%22%3E%3Cmark", "a%00b", "%F0%9F%98%8A", "x" * 5000, "%20%20"):
        page = at_work(app, cast, "maria").get(f"/praise?whose=own&q={q}")
        assert (page.status_code, well_formed(page.text)) == (200, []), q
        assert "<script>" not in page.text and '"><mark' not in page.text


def test_no_hit_says_so_and_offers_to_clear(app: Flask, store: Store, cast: Cast) -> None:
    thanks(store, cast.maria_link, message="Sun")
    maria = at_work(app, cast, "maria")
    for whose in ("own", "to-me", "team", "favourites"):
        page = maria.get(f"/praise?whose={whose}&q=rain").text
        assert "Nothing found" in visible_text(page)
        assert (f"/praise?whose={whose}", "Clear the search") in links(page)


def test_each_list_is_searched_by_itself(app: Flask, store: Store, cast: Cast) -> None:
    thanks(store, cast.maria_link, message="rain for Maria")
    thanks(store, cast.kitchen_link, message="rain for the Kitchen")
    maria = at_work(app, cast, "maria")
    assert len(texts(maria, FOUND)) == 2
    for whose, words in (("to-me", "Maria"), ("team", "the Kitchen")):
        assert texts(maria, f"/praise?whose={whose}&q=rain") == [f"<mark>rain</mark> for {words}"]
    assert texts(maria, "/praise?whose=favourites&q=rain") == []
    assert texts(maria, "/praise?q=rain") == texts(maria, FOUND)


def test_the_letters_of_others_are_not_searched(app: Flask, store: Store, cast: Cast) -> None:
    thanks(store, cast.maria_link, message="rain")
    berta = at_work(app, cast, "berta")
    assert texts(berta, FOUND) == []
    for way in ("whose=departments", f"department={cast.kitchen}", f"person={cast.maria}", "whose=kept-back"):
        assert berta.get(f"/praise?{way}&q=rain").status_code == 404
        assert 'name="q"' not in berta.get(f"/praise?{way}").text


def test_it_says_how_far_it_looked_and_looks_on(
    app: Flask, store: Store, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookback, "MOST", 3)
    for days, words in ((0, "rain at first"), *((day, "sun") for day in (70, 71, 72, 73)), (74, "rain at last")):
        thanks(store, cast.maria_link, message=words, at=BEGINNING + timedelta(days=days))
    maria, way, told = at_work(app, cast, "maria"), FOUND, list[str]()
    assert "Looked back to March 2026. Look further back" in " ".join(visible_text(maria.get(way).text).split())
    while way:
        page = maria.get(way).text
        assert well_formed(page) == []
        told += texts(maria, way)
        way = next((link.href for link in links(page) if link.text == "Look further back"), "")
    assert [re.sub("</?mark>", "", words) for words in told] == ["rain at last", "rain at first"]


def test_finds_are_paged(app: Flask, store: Store, cast: Cast) -> None:
    for number in range(32):
        thanks(store, cast.maria_link, message=f"rain {number}")
    maria = at_work(app, cast, "maria")
    assert len(texts(maria, FOUND)) == 30
    way = older(maria, FOUND)
    assert way and "q=rain" in way
    assert [re.sub("</?mark>", "", words) for words in texts(maria, way)] == ["rain 1", "rain 0"]


def test_a_search_costs_the_same_whatever_it_finds(app: Flask, store: Store, cast: Cast) -> None:
    maria, costs = at_work(app, cast, "maria"), []
    for many in (2, 25):
        for _ in range(many):
            thanks(store, cast.maria_link, message="rain")
        maria.get(FOUND)
        with statements(app) as said:
            maria.get(FOUND)
        costs.append(len(said))
    assert costs[0] == costs[1] < 24
