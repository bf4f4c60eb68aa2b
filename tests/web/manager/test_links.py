"""QR links: those of one's departments, each with a code that opens its form when scanned."""

import io
from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree

import pytest
import zxingcpp
from flask import Flask
from PIL import Image, ImageDraw

from feedback import clock, create_app
from feedback.config import Settings
from feedback.core.links import Link, LinkCount, new_link
from feedback.core.people import Department, Person, Place
from feedback.db import Store, new_id
from feedback.web import NAME
from tests.factories import BEGINNING, Cast, make_link
from tests.ground.pages import links, visible_text, well_formed
from tests.ground.tree import PageText
from tests.story import NO_IDS, arrives, at_work, statements


def headings(app: Flask, cast: Cast, key: str) -> set[str]:
    page = at_work(app, cast, key).get("/links")
    assert page.status_code == 200
    return {" ".join(e.text.split()) for e in PageText(page.text).elements if e.tag == "h2"}


def decoded(png: bytes) -> str:
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))
    return found.text


def drawn(svg: str) -> bytes:
    """The picture of our own kind of SVG: squares of one module in a path of runs."""
    root = ElementTree.fromstring(svg)
    size = int(root.attrib["viewBox"].split()[2])
    picture = Image.new("L", (size * 8, size * 8), 255)
    pen = ImageDraw.Draw(picture)
    path = next(e.attrib["d"] for e in root if e.tag.endswith("path"))
    for run in path.split("M")[1:]:
        x, y = run.partition("h")[0].split()
        length = int(run.partition("h")[2].partition("v")[0])
        left, top = int(x) * 8, int(y) * 8
        pen.rectangle((left, top, left + length * 8 - 1, top + 7), fill=0)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def test_each_sees_the_links_of_own_departments(app: Flask, store: Store, cast: Cast) -> None:
    with store.read() as session:
        hans, root = session.get_one(Person, cast.hans), session.get_one(Department, cast.root)
    make_link(store, person=hans)
    make_link(store, department=root)
    assert headings(app, cast, "berta") == {"Maria", "Kitchen", "Table 4"}
    assert headings(app, cast, "paula") == {"Hans"}
    assert (
        headings(app, cast, "dora")
        == headings(app, cast, "anna")
        == {
            "Maria",
            "Kitchen",
            "Table 4",
            "Hans",
            "Garden House",
        }
    )


def test_a_place_belongs_to_the_nearest_department_around_it(app: Flask, store: Store, cast: Cast) -> None:
    with store.write() as session:
        stand = Place(id=new_id(BEGINNING), name="Cake stand", parent_id=cast.table)
        counter = Place(id=new_id(BEGINNING), name="Counter", parent_id=cast.terrace, department_id=cast.packing)
        car_park = Place(id=new_id(BEGINNING), name="Car park")
        session.add_all([stand, counter, car_park])
    for place in (stand, counter, car_park):
        make_link(store, place=place)
    assert headings(app, cast, "berta") >= {"Cake stand", "Table 4"}
    assert not headings(app, cast, "berta") & {"Counter", "Car park"}
    assert headings(app, cast, "paula") == {"Counter"}
    assert "Car park" in headings(app, cast, "anna")


@pytest.mark.parametrize(("name", "says"), [("maria", "Maria"), ("kitchen", "Kitchen"), ("table", "Table 4")])
def test_a_link_has_its_page_with_its_address_and_files(app: Flask, cast: Cast, name: str, says: str) -> None:
    number, code = cast.link_ids[name], getattr(cast, f"{name}_link")
    berta = at_work(app, cast, "berta")
    page = berta.get(f"/links/{number}")
    assert well_formed(page.text) == []
    shown = visible_text(page.text)
    assert says in shown
    assert f"localhost/q/{code}" in shown
    ways = {link.href for link in links(page.text)}
    assert {f"/links/{number}.svg", f"/links/{number}.png", f"/q/{code}"} <= ways
    assert berta.get(f"/q/{code}").status_code == 200


def test_the_code_opens_the_form_when_scanned(app: Flask, cast: Cast) -> None:
    number, berta = cast.link_ids["maria"], at_work(app, cast, "berta")
    png, svg = berta.get(f"/links/{number}.png"), berta.get(f"/links/{number}.svg")
    assert (png.mimetype, svg.mimetype) == ("image/png", "image/svg+xml")
    address = decoded(png.data)
    assert address == f"HTTP://LOCALHOST/Q/{cast.maria_link}" == decoded(drawn(svg.text))
    assert app.test_client().get(address.removeprefix("HTTP://LOCALHOST")).status_code == 200
    for file in (png, svg):
        assert cast.maria_link in file.headers["Content-Disposition"]
        assert file.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in file.headers["Content-Security-Policy"]


def test_below_a_path_the_code_keeps_its_case(settings: Settings, store: Store, cast: Cast) -> None:
    app = create_app(replace(settings, base_url="https://garden-house.example/Say"))
    png = at_work(app, cast, "berta").get(f"/links/{cast.link_ids['maria']}.png").data
    assert decoded(png) == f"https://garden-house.example/Say/q/{cast.maria_link}"
    app.extensions[NAME].store.close()


def test_a_wrong_number_is_nothing(app: Flask, cast: Cast) -> None:
    berta = at_work(app, cast, "berta")
    for number in (*NO_IDS[:6], "1", str(2**63 - 1)):
        for ending in ("", ".svg", ".png"):
            assert berta.get(f"/links/{number}{ending}").status_code == 404, number
    for way in (f"/links/{cast.link_ids['maria']}.pdf", f"/links/{cast.link_ids['maria']}.svg.png", "/links/.svg"):
        assert berta.get(way).status_code == 404, way
    for number in NO_IDS[:5]:
        assert berta.get(f"/links?after={number}").status_code == 404, number


def test_a_retired_link_is_still_in_the_list_and_opens_nothing(app: Flask, store: Store, cast: Cast) -> None:
    with store.write() as session:
        link = new_link(BEGINNING, department=session.get_one(Department, cast.kitchen))
        link.retired_at = BEGINNING
        session.add(link)
    assert at_work(app, cast, "berta").get(f"/links/{link.id}").status_code == 200
    assert app.test_client().get(f"/q/{link.code}").status_code == 410


def test_more_than_a_page_is_paged_without_gap_or_repeat_at_the_same_cost(app: Flask, store: Store, cast: Cast) -> None:
    berta, way, found = at_work(app, cast, "berta"), "/links", []
    berta.get("/links")
    with statements(app) as few:
        berta.get("/links")
    with store.write() as session:
        kitchen = session.get_one(Department, cast.kitchen)
        session.add_all([new_link(BEGINNING, department=kitchen) for _ in range(55)])
        session.add_all([new_link(BEGINNING, person=session.get_one(Person, cast.karim)) for _ in range(5)])
    berta.get("/links")
    with statements(app) as many:
        berta.get("/links")
    assert len(few) == len(many)
    while way:
        page = berta.get(way).text
        found += [
            e.text.strip()
            for e in PageText(page).elements
            if e.tag == "p" and "mono" in (e.attributes.get("class") or "")
        ]
        way = next((link.href for link in links(page) if link.text == "Show older"), "")
    assert len(found) == len(set(found)) == 63


def test_names_are_never_markup(app: Flask, store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.get_one(Person, cast.maria).public_name = "<script>alert(1)</script>"
    for way in ("/links", f"/links/{cast.link_ids['maria']}"):
        assert "<script>alert" not in at_work(app, cast, "berta").get(way).text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=mari", {"Maria"}),
        ("q=LOPEZ", {"Maria"}),
        ("q=table", {"Table 4"}),
        ("q=%25", set()),
        ("points_at=person", {"Maria"}),
        ("points_at=place", {"Table 4"}),
        ("state=retired", {"Kitchen"}),
        ("state=live", {"Maria", "Table 4"}),
        ("state=live&points_at=department", set()),
        ("department={kitchen}", {"Maria", "Kitchen", "Table 4"}),
        ("department={packing}", set()),
    ],
)
def test_the_address_narrows_the_list(app: Flask, store: Store, cast: Cast, query: str, found: set[str]) -> None:
    with store.write() as session:
        session.get_one(Link, cast.link_ids["kitchen"]).retired_at = BEGINNING
    page = at_work(app, cast, "dora").get(f"/links?{query.format(kitchen=cast.kitchen, packing=cast.packing)}")
    assert well_formed(page.text) == []
    shown = {" ".join(e.text.split()) for e in PageText(page.text).elements if e.tag == "h2"}
    assert shown == (found or {"Nothing matches"})


def test_a_code_is_found_as_it_is_typed_or_pasted(app: Flask, cast: Cast) -> None:
    berta, code = at_work(app, cast, "berta"), cast.maria_link
    for typed in (code, code.lower(), f"{code[:4]} {code[4:]}", code[:5], f"https://x.example/q/{code}"):
        shown = PageText(berta.get("/links", query_string={"q": typed}).text).elements
        assert "Maria" in {" ".join(e.text.split()) for e in shown if e.tag == "h2"}, typed


@pytest.mark.parametrize("query", ["points_at=house", "state=x", "department=x", "after=x"])
def test_what_is_asked_for_wrongly_is_not_there(app: Flask, cast: Cast, query: str) -> None:
    assert at_work(app, cast, "berta").get(f"/links?{query}").status_code == 404


def test_a_search_finds_nothing_beyond_own_departments(app: Flask, store: Store, cast: Cast) -> None:
    with store.read() as session:
        hans = session.get_one(Person, cast.hans)
    other = make_link(store, person=hans)
    for query in ("q=hans", f"q={other.code}", f"department={cast.packing}"):
        assert "Nothing matches" in visible_text(at_work(app, cast, "berta").get(f"/links?{query}").text)


def test_the_page_shows_what_was_counted_by_week(app: Flask, store: Store, cast: Cast) -> None:
    number, today = cast.link_ids["maria"], clock.now().date()
    with store.write() as session:
        session.add_all(
            [
                LinkCount(link_id=number, day=today, scans=1200, starts=30),
                LinkCount(link_id=number, day=today - timedelta(weeks=12, days=7), scans=5, starts=5),
            ]
        )
    for kind in ("compliment", "complaint"):
        arrives(store, cast.maria_link, kind=kind, at=clock.now())
    page = at_work(app, cast, "berta").get(f"/links/{number}").text
    assert well_formed(page) == [] and page.count("<rect ") == 3 + 3
    rows = [
        [c.text.strip() for c in e.children if not isinstance(c, str)] for e in PageText(page).elements if e.tag == "tr"
    ]
    assert rows[1][1:] == ["1,200", "30", "2"] and len(rows) == 13
    assert all(row[1:] == ["0", "0", "0"] for row in rows[2:])


def test_a_complaint_about_oneself_is_not_counted_for_oneself(app: Flask, store: Store, cast: Cast) -> None:
    with store.read() as session:
        people = {key: session.get_one(Person, getattr(cast, key)) for key in ("berta", "dora", "anna")}
    for key, person in people.items():
        link = make_link(store, person=person)
        arrives(store, link.code, at=clock.now())
        arrives(store, link.code, kind="compliment", at=clock.now())
        page = at_work(app, cast, key).get(f"/links/{link.id}").text
        sums = [e.text.strip() for e in PageText(page).elements if e.tag == "dd"]
        assert sums == ["0", "0", "1"], key


def test_ten_thousand_links_cost_as_many_statements_as_three(app: Flask, store: Store, cast: Cast) -> None:
    anna = at_work(app, cast, "anna")
    ways = ("/links", "/links?q=a&state=live", f"/links?department={cast.kitchen}")
    costs = []
    for _ in range(2):
        with statements(app) as sent:
            pages = [anna.get(way) for way in ways]
        assert {page.status_code for page in pages} == {200}
        costs.append(len(sent))
        with store.write() as session:
            kitchen = session.get_one(Department, cast.kitchen)
            session.add_all([new_link(BEGINNING, department=kitchen) for _ in range(10_000)])
    assert costs[0] == costs[1]
    assert "1,000+ links" in visible_text(pages[0].text)
