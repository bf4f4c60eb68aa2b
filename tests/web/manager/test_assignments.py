"""Handing several cases over at once: who may, to whom, and what is said of those that could not be."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from feedback import create_app
from feedback.config import Settings
from feedback.core import history
from feedback.core.cases import Case
from feedback.core.notices import MAIL, About, Notice
from feedback.db import Store
from tests.factories import Cast
from tests.ground.pages import field_pairs, visible_text, well_formed
from tests.ground.tree import PageText
from tests.story import NO_IDS, arrives, at_work, concern, fill_in, token_for

WAY = "/cases/assignments"
on_one = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is refused comes to no store


@pytest.fixture
def three(store: Store, cast: Cast) -> tuple[int, int, int]:
    """Complaints that the Kitchen answers; the first is about Maria."""
    first = arrives(store, cast.maria_link, message="About Maria", topic_ids=(cast.missing_parts,))
    return (
        first,
        arrives(store, cast.kitchen_link, message="Cold soup"),
        arrives(store, cast.table_link, message="Late"),
    )


def handlers(store: Store, *cases: int) -> list[int | None]:
    with store.read() as session:
        return [session.get_one(Case, case).handler_id for case in cases]


def offered(page: str) -> list[str]:
    (select,) = [e for e in PageText(page).elements if e.attributes.get("id") == "picking-handler"]
    return [e.text for e in select.everything() if e.tag == "option"][2:]


def unable(page: str, name: str) -> list[str]:
    """The first words of those on the page that a person cannot take."""
    tree = PageText(page)
    (option,) = [e for e in tree.elements if e.tag == "option" and e.text == name and "value" in e.attributes]
    places = (option.attributes.get("data-unable") or "").split()
    ticks = {e.attributes["data-place"]: e.attributes["value"] for e in tree.elements if "data-place" in e.attributes}
    return [ticks[place] for place in places]


def hand_over(browser: FlaskClient, handler: int | str, *cases: int, **others: str) -> TestResponse:
    """Tick those cases on the page and press."""
    page = browser.get("/cases?ticked=all")
    pairs = field_pairs(page.text, WAY)
    ticked = [value for name, value in pairs if name == "case" and int(value.partition("-")[0]) in cases]
    token = dict(pairs)["csrf_token"]
    return browser.post(WAY, data={"csrf_token": token, "case": ticked, "handler": str(handler)} | others)


def test_all_that_are_ticked_are_theirs_at_one_press(
    app: Flask, store: Store, cast: Cast, three: tuple[int, int, int]
) -> None:
    first, soup, late = three
    berta = at_work(app, cast, "berta")
    answer = hand_over(berta, cast.karim, soup, late)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/cases")
    assert handlers(store, *three) == [None, cast.karim, cast.karim]
    assert "2 cases handed over to Karim Haddad." in visible_text(berta.get("/cases").text)
    with store.read() as session:
        assert session.get_one(Case, soup).status == "in_progress"
        assert [event.name for event in history.events_of(session, soup)] == ["received", "assigned"]
    assert hand_over(berta, "none", soup).status_code == 303
    assert hand_over(berta, "", first, soup, mine="yes").status_code == 303
    assert handlers(store, *three) == [cast.berta, cast.berta, cast.karim]
    assert "2 cases are yours now." in visible_text(berta.get("/cases").text)


@on_one
def test_each_is_told_in_a_notice_of_its_own(
    settings: Settings, store: Store, cast: Cast, three: tuple[int, int, int]
) -> None:
    mailing = create_app(settings.__class__(**{**settings_of(settings), "smtp_url": "smtp://127.0.0.1:9"}))
    mailing.testing = True
    hand_over(at_work(mailing, cast, "berta"), cast.karim, *three)
    with store.read() as session:
        told = select(func.count()).where(
            Notice.channel == MAIL, Notice.about == About.ASSIGNED, Notice.person_id == cast.karim
        )
        assert session.scalar(told) == 3
    mailing.extensions["firsthand"].store.close()


def settings_of(settings: Settings) -> dict[str, object]:
    return {name: getattr(settings, name) for name in settings.__slots__}


@on_one
def test_the_list_stays_as_it_was_narrowed(app: Flask, cast: Cast, three: tuple[int, int, int]) -> None:
    berta = at_work(app, cast, "berta")
    answer = fill_in(berta, "/cases?q=soup&ticked=all", f"{WAY}?q=soup", handler=str(cast.karim))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/cases?q=soup")


@on_one
def test_who_cannot_take_one_of_them_is_known_beforehand(
    app: Flask, store: Store, cast: Cast, three: tuple[int, int, int]
) -> None:
    first, soup, _late = three
    concern(store, soup, cast.karim)
    page = at_work(app, cast, "berta").get("/cases?ticked=none").text
    assert well_formed(page) == []
    assert offered(page) == ["Anna Berg", "Berta Stein", "Dora Lang", "Karim Haddad", "Maria Lopez"]
    assert unable(page, "Karim Haddad") == [f"{soup}-1"]
    assert unable(page, "Maria Lopez") == [f"{first}-1"]
    assert unable(page, "Anna Berg") == []


def test_what_cannot_be_handed_over_is_named_and_the_others_are_done(
    app: Flask, store: Store, cast: Cast, three: tuple[int, int, int]
) -> None:
    first, soup, late = three
    berta = at_work(app, cast, "berta")
    with store.write() as session:
        session.get_one(Case, late).version = 5
    token = token_for(berta)
    sent = {"csrf_token": token, "case": [f"{first}-1", f"{soup}-1", f"{late}-4"], "handler": str(cast.maria)}
    answer = berta.post(WAY, data=sent)
    assert answer.status_code == 409
    assert well_formed(answer.text) == []
    shown = visible_text(answer.text)
    assert "1 case handed over to Maria Lopez." in shown
    assert "2 cases were not handed over" in shown
    assert "About Maria Maria Lopez cannot take it." in shown
    assert "Late Someone changed it meanwhile" in shown
    assert handlers(store, *three) == [None, cast.maria, None]
    ticked = [value for name, value in field_pairs(answer.text, WAY) if name == "case"]
    assert sorted(ticked) == sorted([f"{first}-1", f"{late}-5"])


def test_nobody_gets_what_concerns_them_whoever_asks(
    app: Flask, store: Store, cast: Cast, three: tuple[int, int, int]
) -> None:
    first, *_others = three
    for key in ("berta", "anna"):
        browser = at_work(app, cast, key)
        sent = {"csrf_token": token_for(browser), "case": f"{first}-1", "handler": str(cast.maria)}
        answer = browser.post(WAY, data=sent)
        assert answer.status_code == 409
        assert "Maria Lopez" not in "".join(re.findall(r'<div class="notice.*?</ul>', answer.text, re.DOTALL))
    assert handlers(store, first) == [None]


@on_one
@pytest.mark.parametrize("key", ["maria", "paula"])
def test_to_a_stranger_a_case_is_no_more_than_no_case(
    app: Flask, store: Store, cast: Cast, three: tuple[int, int, int], key: str
) -> None:
    """Paula reads the first along; of the others nobody here knows, nor whether they exist."""
    browser = at_work(app, cast, key)
    token = token_for(browser)
    said = []
    for case in (three[1], 1, 2**62):
        answer = browser.post(WAY, data={"csrf_token": token, "case": f"{case}-1", "handler": str(getattr(cast, key))})
        assert answer.status_code == 409
        said.append(re.sub(r"\d{9,}", "", visible_text(answer.text)))
    assert said[0] == said[1] == said[2]
    assert "It is not in your list any more." in said[0]
    assert "Cold soup" not in said[0]
    reading = browser.post(WAY, data={"csrf_token": token, "case": f"{three[0]}-1", "handler": str(cast.hans)})
    assert ("You only read along." in reading.text) == (key == "paula")
    assert handlers(store, *three) == [None, None, None]


@on_one
def test_those_who_read_along_have_nothing_to_tick(app: Flask, cast: Cast, three: tuple[int, int, int]) -> None:
    page = at_work(app, cast, "paula").get("/cases?ticked=all").text
    assert "About Maria" in page
    assert 'name="case"' not in page


@on_one
def test_who_left_or_is_not_signed_in_hands_nothing_over(
    app: Flask, store: Store, cast: Cast, three: tuple[int, int, int]
) -> None:
    berta = at_work(app, cast, "berta")
    assert berta.post(WAY, data={"case": f"{three[1]}-1", "handler": str(cast.karim)}).status_code == 400
    stranger = app.test_client()
    sent = {"csrf_token": token_for(berta), "case": f"{three[1]}-1", "handler": str(cast.karim)}
    assert stranger.post(WAY, data=sent).status_code in (303, 400)
    assert handlers(store, *three) == [None, None, None]


@on_one
def test_what_is_no_case_or_nobody_is_said(app: Flask, store: Store, cast: Cast, three: tuple[int, int, int]) -> None:
    berta = at_work(app, cast, "berta")
    sent = {"csrf_token": token_for(berta), "case": f"{three[1]}-1"}
    for case in ("", "-", f"{three[1]}", f"{three[1]}-", f"{three[1]}-{2**31}", *NO_IDS[:2]):
        answer = berta.post(WAY, data=sent | {"case": case, "handler": str(cast.karim)})
        assert answer.status_code == 422, case
        assert "Tick the cases to hand over first." in visible_text(answer.text)
    for handler in ("", *NO_IDS[:2]):
        answer = berta.post(WAY, data=sent | {"handler": handler})
        assert answer.status_code == 422, handler
        assert f'value="{three[1]}-1" data-place="1" checked' in answer.text, handler
    for handler in (cast.hans, 1):
        assert berta.post(WAY, data=sent | {"handler": str(handler)}).status_code == 409
    assert handlers(store, *three) == [None, None, None]
