"""Saying whom a letter is for: one tap, a search, the whole team; and "this was not me" of whom it reached."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from feedback.core.addressing import NotMeant
from feedback.core.people import Person
from feedback.core.praise import Praise
from feedback.db import Store
from tests.factories import BEGINNING, Cast, send
from tests.ground.pages import visible_text
from tests.story import NO_IDS, arrives, at_work, fill_in, statements, token_for
from tests.web.employee.test_delivery import steps

WORDS, NOTE = "Sharp knife, sharp mind", "tall man at till 4"
WAITING = "/praise?whose=waiting"


@pytest.fixture
def sought(store: Store, cast: Cast) -> int:
    return letter(store, arrives(store, cast.table_link, kind="compliment", message=WORDS, person_note=NOTE))


@pytest.fixture
def spoken(store: Store, cast: Cast) -> int:
    return letter(store, arrives(store, cast.table_link, kind="compliment", message="Karim was so kind to us"))


def letter(store: Store, number: int) -> int:
    with store.read() as session:
        return session.scalars(select(Praise.id).where(Praise.submission_id == number)).one()


def receiver(store: Store, praise_id: int) -> int | None:
    with store.read() as session:
        return session.get_one(Praise, praise_id).person_id


def press(browser: FlaskClient, way: str, **fields: str):
    return browser.post(way, data={"csrf_token": token_for(browser)} | fields)


def read(browser: FlaskClient, way: str) -> str:
    return visible_text(browser.get(way).text)


def test_the_manager_finds_the_task_among_what_waits(app: Flask, cast: Cast, sought: int) -> None:
    berta = at_work(app, cast, "berta")
    assert re.search(r"Waiting for you\s*1", read(berta, "/praise?whose=own"))
    shown = read(berta, WAITING)
    for part in (WORDS, NOTE, "Whom is it for?", "Karim Haddad", "Someone else …", "It is for the whole team"):
        assert part in shown, part
    assert "it goes to everyone in Kitchen on Mon, Jan 12" in shown
    assert "Keep it back" in shown and "Deliver this letter" not in shown
    assert "Whom is it for?" in read(berta, f"/praise?department={cast.kitchen}")
    assert WORDS not in read(at_work(app, cast, "maria"), "/praise")


def test_one_tap_delivers_it(app: Flask, store: Store, cast: Cast, sought: int) -> None:
    berta, way = at_work(app, cast, "berta"), f"/praise/{sought}/person"
    answer = fill_in(berta, WAITING, way, person=str(cast.karim))
    assert (answer.status_code, answer.headers["Location"]) == (303, WAITING)
    shown = read(berta, WAITING)
    assert "Delivered. It reached Karim." in shown and "Nothing waits for you" in shown
    assert receiver(store, sought) == cast.karim and steps(store, sought) == ["received", "found"]
    assert WORDS in read(at_work(app, cast, "karim"), "/praise")
    assert WORDS not in read(at_work(app, cast, "maria"), "/praise")


def test_it_can_be_for_the_whole_team_or_kept_back(app: Flask, store: Store, cast: Cast, sought: int) -> None:
    berta, page = at_work(app, cast, "berta"), f"/praise/{sought}/withholding"
    assert fill_in(berta, page, page, reason="Not ours").status_code == 303
    assert WORDS not in read(berta, WAITING)
    assert "Whom is it for?" in read(berta, "/praise?whose=kept-back")
    assert fill_in(berta, "/praise?whose=kept-back", f"/praise/{sought}/delivery").status_code == 303
    assert WORDS in read(at_work(app, cast, "maria"), "/praise")


def test_someone_else_is_found_by_name(app: Flask, store: Store, cast: Cast, sought: int) -> None:
    berta, way = at_work(app, cast, "berta"), f"/praise/{sought}/person"
    assert "Karim Haddad" in read(berta, way) and "Hans Weber" not in read(berta, way)
    assert "Maria Lopez" not in read(berta, f"{way}?q=kar") and "Karim Haddad" in read(berta, f"{way}?q=kar")
    assert "Nobody of that name is found" in read(berta, f"{way}?q=%25")
    assert press(berta, way, person=str(cast.maria)).headers["Location"] == f"/praise?department={cast.kitchen}"
    assert receiver(store, sought) == cast.maria
    assert berta.get(way).status_code == 404


def test_a_second_time_it_says_so(app: Flask, cast: Cast, sought: int) -> None:
    way = f"/praise/{sought}/person"
    press(at_work(app, cast, "dora"), way, person=str(cast.hans))
    berta = at_work(app, cast, "berta")
    assert press(berta, way, person=str(cast.karim)).headers["Location"] == f"/praise?department={cast.kitchen}"
    assert "Someone else was faster: this letter was delivered before." in read(berta, WAITING)


@pytest.mark.parametrize("key", ["maria", "karim", "hans", "paula"])
def test_nobody_else_decides_or_reads_it(app: Flask, store: Store, cast: Cast, sought: int, key: str) -> None:
    browser = at_work(app, cast, key)
    for way in ("person", "person/removal", "suggestion/removal"):
        assert press(browser, f"/praise/{sought}/{way}", person=str(cast.karim)).status_code == 404
    assert browser.get(f"/praise/{sought}/person").status_code == 404
    assert WORDS not in browser.get(WAITING).text
    assert receiver(store, sought) is None and steps(store, sought) == ["received"]


@pytest.mark.parametrize("person", ["", "x", "1", "-1", str(2**63), "hans"])
def test_without_somebody_to_choose_nothing_happens(
    app: Flask, store: Store, cast: Cast, sought: int, person: str
) -> None:
    chosen = str(cast.hans) if person == "hans" else person
    answer = press(at_work(app, cast, "berta"), f"/praise/{sought}/person", person=chosen)
    assert answer.status_code == 422 and "Please choose someone who works here." in visible_text(answer.text)
    assert WORDS in answer.text and receiver(store, sought) is None


def test_a_wrong_number_is_nothing(app: Flask, cast: Cast, sought: int) -> None:
    berta = at_work(app, cast, "berta")
    for number in (*NO_IDS[:3], "1", str(2**63 - 1)):
        for way in ("person", "person/removal", "suggestion/removal"):
            answer = press(berta, f"/praise/{number}/{way}", person=str(cast.karim))
            assert answer.status_code == 404, number


def test_no_other_site_decides(app: Flask, store: Store, cast: Cast, sought: int) -> None:
    berta = at_work(app, cast, "berta")
    for way in ("person", "person/removal", "suggestion/removal"):
        assert berta.post(f"/praise/{sought}/{way}", data={"person": str(cast.karim)}).status_code == 400
    assert receiver(store, sought) is None


def test_what_may_not_be_kind_is_let_through_first(app: Flask, store: Store, cast: Cast) -> None:
    held = letter(store, arrives(store, cast.table_link, kind="compliment", person_note=NOTE, rating=1))
    berta = at_work(app, cast, "berta")
    assert "Whom is it for?" not in read(berta, WAITING) and "then its person is looked for" in read(berta, WAITING)
    fill_in(berta, WAITING, f"/praise/{held}/delivery")
    shown = read(berta, WAITING)
    assert "Let through. Now it needs the person it is for." in shown and "Whom is it for?" in shown
    assert steps(store, held) == ["received", "released"]


def test_this_was_not_me(app: Flask, store: Store, cast: Cast, sought: int) -> None:
    press(at_work(app, cast, "berta"), f"/praise/{sought}/person", person=str(cast.karim))
    karim = at_work(app, cast, "karim")
    assert "This was not me" in read(karim, "/praise")
    assert fill_in(karim, "/praise", f"/praise/{sought}/person/removal").headers["Location"] == "/praise"
    shown = read(karim, "/praise")
    assert WORDS not in shown and "We will look once more whom it is for" in shown
    waiting = at_work(app, cast, "berta").get(WAITING).text
    assert WORDS in waiting and f'value="{cast.maria}"' in waiting and f'value="{cast.karim}"' not in waiting
    assert receiver(store, sought) is None


def test_what_one_was_thanked_for_by_name_is_ones_own(app: Flask, store: Store, cast: Cast) -> None:
    direct = letter(store, arrives(store, cast.maria_link, kind="compliment", person_note=NOTE))
    maria = at_work(app, cast, "maria")
    assert "This was not me" not in read(maria, "/praise")
    assert press(maria, f"/praise/{direct}/person/removal").status_code == 404


def test_a_name_in_the_words_is_suggested_to_the_manager(app: Flask, store: Store, cast: Cast, spoken: int) -> None:
    berta, page = at_work(app, cast, "berta"), f"/praise?department={cast.kitchen}"
    shown = read(berta, page)
    assert "This may be about Karim Haddad." in shown and "Deliver to Karim Haddad too" in shown
    assert "This may be about" not in read(at_work(app, cast, "maria"), "/praise")
    fill_in(berta, page, f"/praise/{spoken}/person", person=str(cast.karim))
    shown = read(berta, page)
    assert "Delivered. It reached Karim, Kitchen." in shown and "This may be about" not in shown
    assert receiver(store, spoken) is None and steps(store, spoken) == ["received", "named"]
    assert "Also reached Kitchen" in read(at_work(app, cast, "karim"), "/praise")


def test_not_them_is_remembered(app: Flask, store: Store, cast: Cast, spoken: int) -> None:
    berta, page = at_work(app, cast, "berta"), f"/praise?department={cast.kitchen}"
    way = f"/praise/{spoken}/suggestion/removal"
    assert fill_in(berta, page, way, person=str(cast.karim)).headers["Location"] == page
    assert "This may be about" not in read(berta, page)
    assert press(berta, way, person="1").status_code == 422
    with store.read() as session:
        assert [(one.person_id, one.by_id) for one in session.scalars(select(NotMeant))] == [(cast.karim, cast.berta)]


def test_an_alias_finds_them_too(app: Flask, store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.get_one(Person, cast.karim).also_called = "Kasimir, Kaz"
    arrives(store, cast.table_link, kind="compliment", message="Kaz was so kind to us")
    assert "This may be about Karim Haddad." in read(at_work(app, cast, "berta"), f"/praise?department={cast.kitchen}")


def test_the_sender_hears_that_someone_is_looked_for_and_never_that_it_may_be_abuse(app: Flask, cast: Cast) -> None:
    said = set()
    for words in (WORDS, "You moron"):
        browser = app.test_client()
        send(browser, cast.table_link, kind="compliment", message=words, person="", person_note=NOTE)
        said.add(read(browser, "/thanks").partition("Your receipt")[0])
    assert all("find out whom you mean" in one for one in said)
    assert len({re.sub(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){5}", "", one) for one in said}) == 1


def test_a_page_costs_the_same_however_many_wait(app: Flask, store: Store, cast: Cast) -> None:
    berta, costs = at_work(app, cast, "berta"), []
    for many in (1, 12):
        for n in range(many):
            at = BEGINNING + timedelta(days=n)
            arrives(store, cast.table_link, kind="compliment", person_note=NOTE, at=at)
            arrives(store, cast.table_link, kind="compliment", message="Karim was so kind to us", at=at)
        for way in (WAITING, f"/praise?department={cast.kitchen}"):
            berta.get(way)
            with statements(app) as seen:
                berta.get(way)
            costs.append(len(seen))
    assert costs[:2] == costs[2:]
    assert max(costs) < 41


def test_what_waits_is_paged(app: Flask, store: Store, cast: Cast) -> None:
    for n in range(31):
        arrives(store, cast.table_link, kind="compliment", message=f"Number {n}.", person_note=NOTE)
    berta = at_work(app, cast, "berta")
    older = re.findall(r'href="(/praise\?whose=waiting&amp;after=\d+)"', berta.get(WAITING).text)
    assert "Number 0." in read(berta, older[0].replace("&amp;", "&"))
    assert "Number 0." not in read(berta, WAITING)


def test_the_store_is_only_read_for_those_who_manage(app: Flask, cast: Cast, spoken: int) -> None:
    maria = at_work(app, cast, "maria")
    with statements(app) as seen:
        maria.get("/praise")
    assert not any("not_meant" in one or "person_place" in one for one in seen)
