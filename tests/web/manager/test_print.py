"""/links/print: choose, look, and take one PDF along; of one's own departments only."""

import io

import pypdfium2
import pytest
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from feedback import clock
from feedback.core import files, posters
from feedback.core.links import Link, new_link
from feedback.core.organisation import Organisation
from feedback.core.people import Department, Person
from feedback.core.posters import Wording, shipped
from feedback.db import Store, new_id
from feedback.web import NAME
from tests.factories import BEGINNING, Cast, make_link
from tests.ground.pages import field_names, visible_text, well_formed
from tests.ground.tree import PageText
from tests.story import NO_IDS, at_work, statements


@pytest.fixture
def berta(app: Flask, cast: Cast) -> FlaskClient:
    return at_work(app, cast, "berta")


def codes(made: bytes) -> set[str]:
    """The codes on all pages of a PDF."""
    found = set()
    for page in pypdfium2.PdfDocument(made):
        picture = page.render(scale=150 / 72).to_pil()
        found |= {code.text.rpartition("/")[2] for code in zxingcpp.read_barcodes(picture)}
    return found


def test_a_code_is_chosen_looked_at_and_printed(berta: FlaskClient, cast: Cast) -> None:
    page = berta.get(f"/links/print?link={cast.link_ids['maria']}")
    assert page.status_code == 200 and well_formed(page.text) == []
    assert {"format", "words", "distance", "marks", "link", "all"} <= set(field_names(page.text, "/links/print"))
    assert f'value="{cast.link_ids["maria"]}" checked' in page.text
    shown = next(
        e.attributes["src"] for e in PageText(page.text).elements if "/print.png?" in (e.attributes.get("src") or "")
    )
    look = berta.get(shown or "")
    assert look.mimetype == "image/png" and Image.open(io.BytesIO(look.data)).width > 300
    made = berta.get(f"/links/print?format=a5&words=en&words=ar&link={cast.link_ids['maria']}")
    assert made.mimetype == "application/pdf" and made.headers["Cache-Control"] == "no-store"
    assert f"{cast.maria_link}-a5.pdf" in made.headers["Content-Disposition"]
    assert codes(made.data) == {cast.maria_link}


def test_all_means_all_that_one_may_see_and_that_are_in_use(
    app: Flask, store: Store, cast: Cast, berta: FlaskClient
) -> None:
    with store.read() as session:
        hans = session.get_one(Person, cast.hans)
    theirs = make_link(store, person=hans)
    with store.write() as session:
        session.get_one(Link, cast.link_ids["kitchen"]).retired_at = clock.now()
    assert codes(berta.get("/links/print?format=cards-a4&all=1").data) == {cast.maria_link, cast.table_link}
    anna = at_work(app, cast, "anna").get("/links/print?format=cards-a4&all=1").data
    assert codes(anna) == {cast.maria_link, cast.table_link, theirs.code}


def test_codes_are_printed_in_the_order_they_were_made(store: Store, cast: Cast, berta: FlaskClient) -> None:
    with store.read() as session:
        first, second = (make_link(store, person=session.get_one(Person, id)) for id in (cast.maria, cast.karim))
    made = berta.get(f"/links/print?format=a5&link={second.id}&link={first.id}").data
    pages = [page.render(scale=150 / 72).to_pil() for page in pypdfium2.PdfDocument(made)]
    assert [zxingcpp.read_barcodes(page)[0].text.rpartition("/")[2] for page in pages] == [first.code, second.code]


def test_a_page_says_while_its_codes_open_on_this_machine_only(berta: FlaskClient, cast: Cast) -> None:
    for page in ("/links/print", f"/links/{cast.link_ids['maria']}"):
        assert "This code is only to try" in berta.get(page).text


@pytest.mark.parametrize(
    "address", ["/links/print?format=a4&link={}", "/links/print?link={}", "/links/print.png?link={}"]
)
def test_a_link_of_other_departments_does_not_exist(app: Flask, cast: Cast, address: str) -> None:
    paula = at_work(app, cast, "paula")
    for number in (cast.link_ids["maria"], *NO_IDS[:4]):
        assert paula.get(address.format(number)).status_code == 404
    both = f"{address.format(cast.link_ids['maria'])}&link={cast.link_ids['kitchen']}"
    assert paula.get(both).status_code == 404


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("format=a4", "at least one code"),
        ("format=a3&link={}", "one of the formats"),
        ("format=a4&link={}&distance=far", "distance in metres"),
        ("format=a4&link={}&distance=-1", "distance in metres"),
        ("format=a4&link={}&distance=nan", "distance in metres"),
        ("format=a4&link={}&distance=99", "distance in metres"),
        ("format=a4&link={}&words=tlh", "up to three languages"),
        ("format=a4&link={}&words=en&words=de&words=fr&words=es", "up to three languages"),
    ],
)
def test_what_cannot_be_printed_is_told_beside_its_field(berta: FlaskClient, cast: Cast, query: str, said: str) -> None:
    answer = berta.get("/links/print?" + query.format(cast.link_ids["maria"]))
    assert answer.status_code == 422 and said in visible_text(answer.text)
    assert well_formed(answer.text) == []
    if "link" in query:
        assert f'value="{cast.link_ids["maria"]}" checked' in answer.text


def test_the_logo_is_printed_and_stands_in_the_code_where_wanted(app: Flask, store: Store, cast: Cast) -> None:
    anna, drawn = at_work(app, cast, "anna"), io.BytesIO()
    Image.new("RGB", (300, 300), "#c03030").save(drawn, "PNG")
    address = f"/links/print?format=a4&link={cast.link_ids['maria']}"
    plain = anna.get(address).data
    assert "logo_in_code" not in anna.get("/links/print").text
    with store.write() as session:
        kept = files.keep(
            session, app.extensions[NAME].settings.data_dir, files.prepared(drawn.getvalue(), longest=1024), BEGINNING
        )
        session.flush()
        session.get_one(Organisation, 1).logo_id = kept.id
    assert "logo_in_code" in anna.get("/links/print").text
    for more in ("", "&logo_in_code=1"):
        made = anna.get(address + more).data
        page = pypdfium2.PdfDocument(made)[0].render(scale=1).to_pil().convert("RGB")
        red = [
            (x, y) for x in range(0, page.width, 3) for y in range(0, page.height, 3) if reddish(page.getpixel((x, y)))
        ]
        assert codes(made) == {cast.maria_link}
        assert bool(more) == any(page.height * 0.3 < y < page.height * 0.7 for _, y in red) and red
    assert plain != anna.get(address).data


def reddish(colour: object) -> bool:
    """Whether it is about the colour of the logo."""
    red, green, blue = colour  # type: ignore[misc]
    return 170 < red < 210 and green < 80 and blue < 80


def test_without_scripts_a_look_comes_with_the_page(berta: FlaskClient, cast: Cast) -> None:
    page = berta.get(f"/links/print?format=tent&words=de&link={cast.link_ids['table']}&preview=1")
    assert page.mimetype == "text/html"
    assert "format=tent&amp;words=de" in page.text


def test_where_there_is_no_link_the_page_says_what_will_be_here(app: Flask, store: Store, cast: Cast) -> None:
    assert "Nothing to print yet" in visible_text(at_work(app, cast, "paula").get("/links/print").text)


def test_the_organisations_own_words_come_before_the_shipped(store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.add(Wording(language="de", line="call", text="Na, wie war's?"))
    with store.read() as session:
        german, english = posters.words(session, ["de", "en", "tlh"])
    assert (german.call, german.why) == ("Na, wie war's?", shipped()["de"].why)
    assert english == shipped()["en"]


def test_many_links_ask_for_no_more_statements(app: Flask, store: Store, cast: Cast, berta: FlaskClient) -> None:
    def asked() -> int:
        with statements(app) as seen:
            assert berta.get("/links/print?all=1").status_code == 200
        return len(seen)

    few = asked()
    with store.write() as session:
        for number in range(40):
            below = Department(id=new_id(BEGINNING), name=f"Team {number}", parent_id=cast.kitchen)
            session.add(below)
            session.flush()
            session.add(new_link(BEGINNING, department=below))
    assert asked() == few


def test_a_search_narrows_what_can_be_chosen_and_keeps_what_is(berta: FlaskClient, cast: Cast) -> None:
    way = f"/links/print?format=a4&link={cast.link_ids['maria']}"
    page = berta.get(f"{way}&q=kitc&search=1")
    assert page.mimetype == "text/html" and well_formed(page.text) == []
    assert f'value="{cast.link_ids["maria"]}" checked' in page.text
    assert f'value="{cast.link_ids["kitchen"]}"' in page.text
    assert f'value="{cast.link_ids["table"]}"' not in page.text
    assert codes(berta.get("/links/print?format=cards-a4&all=1&q=kitc").data) == {cast.kitchen_link}
    assert "Nothing matches" in visible_text(berta.get("/links/print?q=%25&all=1&format=a4&search=1").text)
    assert berta.get("/links/print?q=nobody&all=1&format=a4").status_code == 422


def test_more_languages_leave_less_room_for_a_large_code(berta: FlaskClient, cast: Cast) -> None:
    way = f"/links/print?format=a4&distance=1.2&link={cast.link_ids['maria']}&words=en"
    assert berta.get(way).mimetype == "application/pdf"
    refused = berta.get(f"{way}&words=de&words=ar")
    assert refused.status_code == 422 and "distance in metres, up to 1.02" in visible_text(refused.text)


def test_bleed_makes_the_page_larger(berta: FlaskClient, cast: Cast) -> None:
    made = berta.get(f"/links/print?format=a5&bleed=1&link={cast.link_ids['maria']}").data
    assert round(pypdfium2.PdfDocument(made)[0].get_size()[0] / 72 * 25.4) == 148 + 6
