"""The page of letters: whose they are, what stands under them, how many at a time."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from feedback.core.people import Management, Person
from feedback.core.praise import Praise
from feedback.db import Store
from tests.factories import BEGINNING, Cast, send
from tests.ground.pages import links, visible_text, well_formed
from tests.story import NO_IDS, arrives, at_work, statements

WORDS = "You carried my bag through the rain"


def texts(browser: FlaskClient, address: str = "/praise") -> list[str]:
    """The words of the letters on one page, newest first."""
    return [
        word.strip() for word in re.findall(r'<p class="words[^>]*>(.*?)</p>', browser.get(address).text, re.DOTALL)
    ]


def older(browser: FlaskClient, address: str) -> str | None:
    return next((link.href for link in links(browser.get(address).text) if link.text == "Show older"), None)


def readers(app: Flask, cast: Cast, words: str) -> set[str]:
    """Who finds these words on their own page."""
    keys = ("maria", "karim", "berta", "paula", "hans", "dora", "anna")
    return {key for key in keys if words in texts(at_work(app, cast, key), "/praise?whose=own")}


def test_a_compliment_with_nothing_but_its_kind_is_on_her_page_and_on_nobody_elses(app: Flask, cast: Cast) -> None:
    assert send(app.test_client(), cast.maria_link, kind="compliment").status_code == 303
    assert readers(app, cast, "No words, just thanks") == {"maria"}
    shown = at_work(app, cast, "maria").get("/praise")
    assert well_formed(shown.text) == []
    assert {"You", "1 letter this month"} <= set(visible_text(shown.text).splitlines())


def test_praise_for_a_department_is_on_the_page_of_everyone_in_it(app: Flask, cast: Cast) -> None:
    send(app.test_client(), cast.table_link, kind="compliment", message=WORDS)
    assert readers(app, cast, WORDS) == {"maria", "karim", "berta"}


def test_praise_through_a_place_for_someone_named_is_theirs(app: Flask, cast: Cast) -> None:
    send(app.test_client(), cast.table_link, kind="compliment", message=WORDS, person=cast.karim, rating="5")
    assert readers(app, cast, WORDS) == {"karim"}
    shown = visible_text(at_work(app, cast, "karim").get("/praise").text)
    assert "Table 4" in shown
    assert "Very good" in shown


def test_nothing_but_compliments_is_praise(app: Flask, cast: Cast) -> None:
    for kind in ("complaint", "suggestion"):
        send(app.test_client(), cast.table_link, kind=kind, message=WORDS)
    assert readers(app, cast, WORDS) == set()


def test_words_are_shown_as_they_were_written_and_never_as_markup(app: Flask, cast: Cast) -> None:
    words = '<script>alert(1)</script> & "שלום" {{ 7*7 }}\n\u202etxt'
    send(app.test_client(), cast.maria_link, kind="compliment", message=words)
    shown = at_work(app, cast, "maria").get("/praise").text
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#34;שלום&#34; {{ 7*7 }}\n\u202etxt</p>" in shown


def test_an_empty_page_says_what_will_appear_and_the_first_step(app: Flask, cast: Cast) -> None:
    assert "ask your manager for a card" in visible_text(at_work(app, cast, "maria").get("/praise").text)
    assert ("/links", "Put up a QR code") in links(at_work(app, cast, "berta").get("/praise").text)


def test_opening_the_page_is_reading_it(app: Flask, store: Store, cast: Cast) -> None:
    arrives(store, cast.maria_link, kind="compliment", message=WORDS)
    maria, berta = at_work(app, cast, "maria"), at_work(app, cast, "berta")

    def read() -> list[object]:
        with store.read() as session:
            return list(session.scalars(select(Praise.read_at)))

    assert WORDS in texts(berta, f"/praise?department={cast.kitchen}")
    assert read() == [None]
    assert ">New</span>" in maria.get("/praise").text
    (first,) = read()
    assert first is not None
    assert ">New</span>" not in maria.get("/praise").text
    assert read() == [first]


def test_what_a_colleague_read_is_still_new_to_the_others(app: Flask, store: Store, cast: Cast) -> None:
    arrives(store, cast.kitchen_link, kind="compliment", message=WORDS)
    for key in ("maria", "karim", "berta"):
        browser = at_work(app, cast, key)
        assert ">New</span>" in browser.get("/praise").text, key
        assert ">New</span>" not in browser.get("/praise").text, key


def test_a_manager_who_looks_at_a_departments_page_reads_what_is_theirs_too(
    app: Flask, store: Store, cast: Cast
) -> None:
    arrives(store, cast.kitchen_link, kind="compliment", message=WORDS)
    berta, dora = at_work(app, cast, "berta"), at_work(app, cast, "dora")
    page = f"/praise?department={cast.kitchen}"
    assert ">New</span>" not in dora.get(page).text
    assert ">New</span>" in berta.get(page).text
    assert ">New</span>" not in berta.get("/praise").text


def test_a_held_letter_is_read_by_the_manager_only(app: Flask, store: Store, cast: Cast) -> None:
    arrives(store, cast.maria_link, kind="compliment", message=WORDS, rating=1)
    assert readers(app, cast, WORDS) == set()
    berta = at_work(app, cast, "berta")
    assert texts(berta, f"/praise?department={cast.kitchen}") == [WORDS]
    assert "Deliver this letter" in visible_text(berta.get(f"/praise?department={cast.kitchen}").text)
    assert "letter this month" not in at_work(app, cast, "maria").get("/praise").text


def test_a_held_letter_about_the_manager_is_not_theirs_to_see(app: Flask, store: Store, cast: Cast) -> None:
    number = arrives(store, cast.kitchen_link, kind="compliment", message=WORDS, rating=1)
    with store.write() as session:
        session.scalars(select(Praise).where(Praise.submission_id == number)).one().person_id = cast.berta
    for way in ("", "?whose=departments", f"?department={cast.kitchen}", f"?person={cast.berta}"):
        assert WORDS not in at_work(app, cast, "berta").get(f"/praise{way}").text
    assert texts(at_work(app, cast, "dora"), f"/praise?person={cast.berta}") == [WORDS]


def current(browser: FlaskClient, address: str = "/praise") -> list[str]:
    """The choices that the page marks as chosen."""
    page = browser.get(address).text
    return re.findall(r'aria-current="true">.*?<bdi>(.*?)</bdi>', page, re.DOTALL)


def test_a_manager_without_letters_of_their_own_begins_with_their_departments(
    app: Flask, store: Store, cast: Cast
) -> None:
    arrives(store, cast.maria_link, kind="compliment", message=WORDS)
    berta, dora, anna = (at_work(app, cast, key) for key in ("berta", "dora", "anna"))
    for browser, title, chosen in (
        (berta, "Praise for Kitchen", "Kitchen"),
        (dora, "Praise for all departments", "All departments"),
        (anna, "Praise for all departments", "All departments"),
    ):
        assert texts(browser) == [WORDS]
        shown = visible_text(browser.get("/praise").text)
        assert title in shown and "You have no letters of your own yet." in shown
        assert current(browser) == [chosen]
        assert well_formed(browser.get("/praise").text) == []
    assert "Maria · Kitchen" in visible_text(dora.get("/praise").text)
    assert current(berta, "/praise?whose=own") == ["My own"]
    assert "Here the first thank-you will appear" in visible_text(berta.get("/praise?whose=own").text)


def test_a_managers_own_letters_come_first_with_the_way_to_the_others(app: Flask, store: Store, cast: Cast) -> None:
    arrives(store, cast.maria_link, kind="compliment", message=WORDS)
    arrives(store, cast.kitchen_link, kind="compliment", person_id=cast.karim, message="for Karim")
    berta = at_work(app, cast, "berta")
    with store.write() as session:
        session.scalars(select(Praise).where(Praise.person_id == cast.karim)).one().person_id = cast.berta
    assert texts(berta) == ["for Karim"]
    assert current(berta) == ["My own", "All of mine"]
    ways = {link.text: link.href for link in links(berta.get("/praise").text)}
    assert texts(berta, ways["Kitchen"]) == ["for Karim", WORDS]
    assert "All departments" not in ways


def test_who_manages_several_departments_reads_them_together(app: Flask, store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.add(Management(department_id=cast.packing, person_id=cast.berta))
    arrives(store, cast.maria_link, kind="compliment", message=WORDS)
    arrives(store, cast.maria_link, kind="compliment", topic_ids=(cast.missing_parts,), message="well packed")
    berta = at_work(app, cast, "berta")
    assert texts(berta) == texts(berta, "/praise?whose=departments") == ["well packed", "well packed", WORDS]
    assert "Praise for your departments" in visible_text(berta.get("/praise").text)
    ways = {link.text: link.href for link in links(berta.get("/praise").text)}
    assert ways["All departments"] == "/praise?whose=departments"


def test_who_manages_nothing_has_only_their_own(app: Flask, store: Store, cast: Cast) -> None:
    arrives(store, cast.maria_link, kind="compliment", message=WORDS)
    hans = at_work(app, cast, "hans")
    assert texts(hans) == []
    assert current(hans) == []
    assert hans.get("/praise?whose=departments").status_code == 404
    assert at_work(app, cast, "berta").get("/praise?whose=everyone").status_code == 404


def test_a_manager_reads_the_praise_of_own_departments(app: Flask, store: Store, cast: Cast) -> None:
    arrives(store, cast.maria_link, kind="compliment", message="for Maria")
    arrives(store, cast.kitchen_link, kind="compliment", message="for the Kitchen")
    berta = at_work(app, cast, "berta")
    assert texts(berta, f"/praise?department={cast.kitchen}") == ["for the Kitchen", "for Maria"]
    assert texts(berta, f"/praise?person={cast.maria}") == ["for Maria"]
    assert texts(berta, f"/praise?department={cast.kitchen}&person={cast.karim}") == []
    ways = {link.text: link.href for link in links(berta.get("/praise").text)}
    assert ways["Kitchen"] == f"/praise?department={cast.kitchen}"
    assert "Packing" not in ways
    assert "Praise for Maria Lopez" in visible_text(berta.get(f"/praise?person={cast.maria}").text)


def test_other_departments_and_what_is_none_do_not_exist(app: Flask, cast: Cast) -> None:
    berta = at_work(app, cast, "berta")
    for way in (
        f"department={cast.packing}",
        f"department={cast.root}",
        f"person={cast.hans}",
        f"person={cast.dora}",
        f"department={cast.kitchen}&person={cast.hans}",
        f"department={cast.packing}&person={cast.maria}",
        *(f"{name}={value}" for name in ("department", "person", "after") for value in NO_IDS[:6]),
    ):
        assert berta.get(f"/praise?{way}").status_code == 404, way


def test_ids_that_do_not_exist_are_no_departments(app: Flask, cast: Cast) -> None:
    for way in ("department=1", "person=1", f"person={2**63 - 1}"):
        assert at_work(app, cast, "anna").get(f"/praise?{way}").status_code == 404


def test_more_than_a_page_is_paged_without_gap_or_repeat(app: Flask, store: Store, cast: Cast) -> None:
    for number in range(65):
        arrives(store, cast.maria_link, kind="compliment", message=f"Letter {number}", at=BEGINNING)
    for key, start in (
        ("maria", "/praise"),
        ("berta", "/praise"),
        ("dora", "/praise?whose=departments"),
        ("berta", f"/praise?department={cast.kitchen}&person={cast.maria}"),
    ):
        browser, way, found = at_work(app, cast, key), start, []
        while way:
            assert way.startswith(start)
            found += texts(browser, way)
            way = older(browser, way) or ""
        assert found == [f"Letter {number}" for number in reversed(range(65))]


def test_a_page_costs_the_same_however_many_letters_there_are(app: Flask, store: Store, cast: Cast) -> None:
    berta = at_work(app, cast, "berta")
    costs = []
    for many in (2, 40):  # above a single letter stands no sentence of the month
        for _ in range(many):
            arrives(store, cast.kitchen_link, kind="compliment", person_id=cast.maria, topic_ids=(cast.missing_parts,))
            arrives(store, cast.kitchen_link, kind="compliment")
        for way in ("/praise", f"/praise?department={cast.kitchen}"):
            berta.get(way)
            with statements(app) as seen:
                berta.get(way)
            costs.append(len(seen))
    assert costs[:2] == costs[2:]
    assert max(costs) < 40


def test_praise_moves_with_nobody(app: Flask, store: Store, cast: Cast) -> None:
    """Who changes departments keeps their letters; the manager left behind keeps those of that time."""
    arrives(store, cast.maria_link, kind="compliment", message=WORDS)
    with store.write() as session:
        session.get_one(Person, cast.maria).department_id = cast.packing
    assert readers(app, cast, WORDS) == {"maria"}
    assert WORDS in texts(at_work(app, cast, "berta"), f"/praise?department={cast.kitchen}")
    assert at_work(app, cast, "berta").get(f"/praise?person={cast.maria}").status_code == 404
    assert texts(at_work(app, cast, "paula"), f"/praise?person={cast.maria}") == []


def test_a_complaint_about_her_hides_none_of_her_praise(app: Flask, store: Store, cast: Cast) -> None:
    arrives(store, cast.maria_link, message="The soup was cold")
    arrives(store, cast.maria_link, kind="compliment", message=WORDS)
    assert texts(at_work(app, cast, "maria")) == [WORDS]


@pytest.mark.parametrize("address", ["/praise?lang=ar", "/praise?lang=de", "/praise?lang=xx", "/praise?lang=qps"])
def test_every_language_has_its_page(app: Flask, store: Store, cast: Cast, address: str) -> None:
    arrives(store, cast.maria_link, kind="compliment", message=WORDS, rating=4)
    shown = at_work(app, cast, "maria").get(address)
    assert (shown.status_code, well_formed(shown.text)) == (200, [])
    assert WORDS in shown.text
