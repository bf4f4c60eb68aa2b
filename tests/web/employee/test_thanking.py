"""Thanking whoever praised one, by one tap or one line; and letters that arrive on an open page."""

import re

import pytest
from flask import Flask
from sqlalchemy import func, select

from feedback.core.history import Event
from feedback.core.praise import Reading
from feedback.core.thanks import LONGEST, THANKED
from feedback.db import Store
from tests.core.test_praise import thanks
from tests.factories import Cast
from tests.story import arrives, at_work, fill_in, statements, token_for

LINE = "It was my pleasure."
HERE = "&here=1"  # said by a page that somebody looks at


@pytest.fixture
def praised(store: Store, cast: Cast) -> int:
    """The number of a letter to Maria."""
    return thanks(store, cast.maria_link, message="So kind")


def given(store: Store) -> list[tuple[int | None, str]]:
    """By whom was thanked, and with what."""
    with store.read() as session:
        return [(event.by_id, event.text) for event in session.scalars(select(Event).where(Event.name == THANKED))]


def test_one_tap(app: Flask, store: Store, cast: Cast, praised: int) -> None:
    maria = at_work(app, cast, "maria")
    answer = fill_in(maria, "/praise", f"/praise/{praised}/thanks")
    assert (answer.status_code, answer.location) == (303, f"/praise#letter-{praised}")
    assert "You said thank you" in maria.get("/praise").text
    assert given(store) == [(cast.maria, "")]
    assert f"/praise/{praised}/thanks" not in maria.get("/praise").text


def test_a_line(app: Flask, store: Store, cast: Cast, praised: int) -> None:
    way = f"/praise/{praised}/thanks"
    maria = at_work(app, cast, "maria")
    assert fill_in(maria, way, way, words=f" {LINE} \n").status_code == 303
    assert LINE in maria.get("/praise").text
    assert given(store) == [(cast.maria, LINE)]
    assert maria.get(way).status_code == 404  # said is said


@pytest.mark.parametrize("words", ["4" * (LONGEST + 1), "a\0b"])
def test_what_is_no_line_is_said_and_stays(app: Flask, store: Store, cast: Cast, praised: int, words: str) -> None:
    way = f"/praise/{praised}/thanks"
    answer = fill_in(at_work(app, cast, "maria"), way, way, words=words)
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text
    assert words.replace("\0", "") in answer.text.replace("\0", "") and given(store) == []


@pytest.mark.parametrize("key", ["karim", "berta", "paula", "anna"])
def test_only_whom_it_is_for(app: Flask, store: Store, cast: Cast, praised: int, key: str) -> None:
    browser, way = at_work(app, cast, key), f"/praise/{praised}/thanks"
    answer = browser.post(way, data={"csrf_token": token_for(browser)})
    assert answer.status_code == browser.get(way).status_code == 404
    assert given(store) == [] and way not in browser.get(f"/praise?department={cast.kitchen}").text


@pytest.mark.parametrize("n", ["0", "x", "9" * 20])
def test_a_number_that_is_none(app: Flask, cast: Cast, n: str) -> None:
    browser = at_work(app, cast, "maria")
    answer = browser.post(f"/praise/{n}/thanks", data={"csrf_token": token_for(browser)})
    assert answer.status_code == browser.get(f"/praise/{n}/thanks").status_code == 404


def test_no_other_site_thanks(app: Flask, store: Store, cast: Cast, praised: int) -> None:
    assert at_work(app, cast, "maria").post(f"/praise/{praised}/thanks").status_code == 400
    assert given(store) == []


def read(store: Store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(Reading)) or 0


def asking(text: str) -> str:
    """Where a page, or a piece of one, says that what arrives is asked for next."""
    return re.findall(r'data-arrivals="(/praise/arrivals\?since=\d+)"', text)[0]


def test_what_arrived_is_handed_out_to_those_it_is_for(app: Flask, store: Store, cast: Cast) -> None:
    maria, berta = at_work(app, cast, "maria"), at_work(app, cast, "berta")
    there = asking(maria.get("/praise").text)
    assert maria.get(there + HERE).text == ""
    arrives(store, cast.maria_link, kind="compliment", message="So kind")
    assert berta.get(there).text == ""
    answer = maria.get(there + HERE)
    assert "So kind" in answer.text and "<html" not in answer.text and answer.headers["Cache-Control"] == "no-store"
    assert maria.get(asking(answer.text) + HERE).text == ""
    assert re.findall(r'action="(/praise/\d+/thanks.*?)"', answer.text)[0].endswith("/thanks")  # back to the first page


def test_what_is_shown_where_nobody_is_stays_unread(app: Flask, store: Store, cast: Cast) -> None:
    maria = at_work(app, cast, "maria")
    there = asking(maria.get("/praise").text)
    for n in range(7):
        arrives(store, cast.maria_link, kind="compliment", message=f"So kind {n}")
    shown = list[str]()
    while piece := maria.get(there).text:
        shown, there = shown + re.findall(r"So kind (\d)", piece), asking(piece)
    assert sorted(shown) == list("0123456") and read(store) == 0
    while maria.get(there + HERE).text:
        pass
    assert read(store) == 7


def test_what_was_read_elsewhere_or_got_lost_arrives_all_the_same(app: Flask, store: Store, cast: Cast) -> None:
    phone, tablet = at_work(app, cast, "maria"), at_work(app, cast, "maria")
    there, came = asking(tablet.get("/praise").text), []
    for n in range(7):
        arrives(store, cast.maria_link, kind="compliment", message=f"So kind {n}")
    phone.get("/praise")
    while tablet.get(there).text:
        piece = tablet.get(there).text  # the answer before got lost
        came.append(re.findall(r"So kind (\d)", piece))
        there = asking(piece)
    assert came == [["4", "3", "2", "1", "0"], ["6", "5"]]  # each put before the others, so that the newest is first


def test_what_waits_arrives_once_it_is_delivered(app: Flask, store: Store, cast: Cast) -> None:
    maria, berta = at_work(app, cast, "maria"), at_work(app, cast, "berta")
    there = asking(maria.get("/praise").text)
    held = thanks(store, cast.maria_link, message="So so", rating=1)
    arrives(store, cast.maria_link, kind="compliment", message="So kind")
    piece = maria.get(there + HERE).text
    assert "So kind" in piece and "So so" not in piece
    fill_in(berta, f"/praise?department={cast.kitchen}", f"/praise/{held}/delivery")
    later = maria.get(asking(piece) + HERE).text
    assert "So so" in later and "So kind" not in later and asking(later) == asking(piece)


@pytest.mark.parametrize("since", ["x", "-1", "9" * 20])
def test_a_place_that_is_none(app: Flask, cast: Cast, since: str) -> None:
    assert at_work(app, cast, "maria").get(f"/praise/arrivals?since={since}").status_code == 404


def test_asking_costs_next_to_nothing(app: Flask, store: Store, cast: Cast) -> None:
    maria = at_work(app, cast, "maria")
    for _ in range(40):
        arrives(store, cast.kitchen_link, kind="compliment", message="")
    there = asking(maria.get("/praise").text)
    with statements(app) as seen:
        assert maria.get(there).text == ""
    assert len(seen) <= 8  # with who asks, and beginning and end
