"""GET /q/<code>: one light page with everything in it, without a cookie, for whoever scans, however they type the code."""

import base64
import gzip
import hashlib
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from feedback import clock
from feedback.core.links import MOST_TILES, link_with_code
from feedback.core.people import Person, Topic
from feedback.db import Store, new_id
from tests.factories import Cast, send
from tests.ground.pages import field_names, field_values, links, visible_text, well_formed
from tests.story import at_work, statements
from tests.web.customer.conftest import Standing
from tests.web.customer.hand import rows

LANGUAGES = ("en", "de", "ar")
OUTSIDE = re.compile(r"""(?:src|srcset|poster|background)=|<link|<script|@import|url\(|<iframe|<object|<embed|<base""")


def test_it_names_whom_the_words_are_for(client: FlaskClient, cast: Cast) -> None:
    for code, heading, under in (
        (cast.maria_link, "Maria", "Kitchen"),
        (cast.kitchen_link, "Kitchen", ""),
        (cast.table_link, "Table 4", "Terrace"),
    ):
        page = client.get(f"/q/{code}")
        assert page.status_code == 200
        assert heading in visible_text(page.text) and under in visible_text(page.text)
        assert f"<title>{heading} · Garden House</title>" in page.text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_is_in_order_and_needs_nothing_else(client: FlaskClient, cast: Cast, lang: str) -> None:
    for code in (cast.maria_link, cast.kitchen_link, cast.table_link):
        page = client.get(f"/q/{code}?lang={lang}").text
        assert well_formed(page) == []
        assert OUTSIDE.findall(page) == ["src=", "src="]  # the two that count
        assert page.count(f' src="{code}/') == 2
        assert " style=" not in page and " onclick=" not in page
        assert not [link for link in links(page) if link.href.startswith(("http", "//"))]


def test_it_sets_no_cookie_and_is_kept_nowhere(client: FlaskClient, cast: Cast) -> None:
    page = client.get(f"/q/{cast.table_link}")
    assert "Set-Cookie" not in page.headers
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert {"Accept-Encoding", "Accept-Language"} <= {part.strip() for part in page.headers["Vary"].split(",")}
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_its_policy_allows_its_one_style_and_nothing_else(client: FlaskClient, cast: Cast, lang: str) -> None:
    page = client.get(f"/q/{cast.table_link}?lang={lang}")
    assert_policy(page)
    again = send(client, cast.table_link, kind="complaint", message="")
    assert again.status_code == 422
    assert_policy(again)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_is_at_most_ten_kilobytes_compressed(client: FlaskClient, cast: Cast, lang: str) -> None:
    for code in (cast.maria_link, cast.kitchen_link, cast.table_link):
        page = client.get(f"/q/{code}?lang={lang}", headers={"Accept-Encoding": "br, gzip"})
        assert page.headers["Content-Encoding"] == "gzip"
        assert len(page.data) <= 10_000


def test_it_stays_below_ten_kilobytes_with_all_it_can_offer(alone: Standing) -> None:
    crowd(alone, people=30, topics=40)
    for lang in LANGUAGES:
        page = alone.browser().get(f"/q/{alone.cast.kitchen_link}?lang={lang}", headers={"Accept-Encoding": "gzip"})
        assert len(page.data) <= 10_000, lang


@pytest.mark.parametrize("lang", LANGUAGES)
def test_compressed_it_is_exactly_the_plain_page(client: FlaskClient, cast: Cast, lang: str) -> None:
    for code in (cast.maria_link, cast.table_link):
        plain = client.get(f"/q/{code}?lang={lang}")
        packed = client.get(f"/q/{code}?lang={lang}", headers={"Accept-Encoding": "gzip, deflate"})
        unpacked = gzip.decompress(packed.data)
        token = field_values(unpacked.decode())["token"]
        assert unpacked == plain.data.replace(field_values(plain.text)["token"].encode(), token.encode())
        assert int(packed.headers["Content-Length"]) == len(packed.data)
        assert send(client, code, kind="compliment", token=token).status_code == 303


@pytest.mark.parametrize("accepts", ["", "br", "identity", "gzip;q=0", "deflate, gzip;q=0.0", "*;q=0"])
def test_it_is_plain_for_those_who_do_not_accept_gzip(client: FlaskClient, cast: Cast, accepts: str) -> None:
    page = client.get(f"/q/{cast.maria_link}", headers={"Accept-Encoding": accepts})
    assert "Content-Encoding" not in page.headers
    assert page.text.startswith("<!doctype html>")


@pytest.mark.parametrize("accepts", ["gzip", "gzip;q=0.5", "br;q=0, gzip", "GZIP, gzip"])
def test_it_is_compressed_for_those_who_accept_gzip(client: FlaskClient, cast: Cast, accepts: str) -> None:
    page = client.get(f"/q/{cast.maria_link}", headers={"Accept-Encoding": accepts})
    assert page.headers["Content-Encoding"] == "gzip"


def test_the_code_is_read_however_it_is_typed(client: FlaskClient, cast: Cast, store: Store) -> None:
    code = cast.table_link
    for typed in (code.lower(), code.title(), f"{code[:4]}-{code[4:]}", f"{code[:4]}%20{code[4:]}"):
        for path in (f"/q/{typed}", f"/Q/{typed}"):
            assert "Table 4" in client.get(path).text, path
            assert send(client, code, kind="compliment").status_code == 303
    for path in (f"/Q/{code}", f"/q/{code.lower()}"):
        form = field_values(client.get(path).text)
        assert client.post(path, data=form | {"kind": "compliment"}).status_code == 303


@pytest.mark.parametrize(("code", "typed"), [("10ABCDEF", "lOABCDEF"), ("10ABCDEF", "Ioabcdef"), ("00000000", "oO0oO0oO"),
                                             ("11111111", "iIlL1Ll1")])  # fmt: skip
def test_letters_that_look_like_digits_are_taken_for_them(alone: Standing, code: str, typed: str) -> None:
    rename(alone, code)
    for path in (f"/q/{typed}", f"/Q/{typed}"):
        page = alone.browser().get(path)
        assert page.status_code == 200 and "Maria" in page.text


def test_posting_in_capitals_is_the_same(client: FlaskClient, cast: Cast, store: Store) -> None:
    form = field_values(client.get(f"/Q/{cast.maria_link}").text) | {"kind": "compliment"}
    assert client.post(f"/Q/{cast.maria_link}", data=form).status_code == 303
    assert client.post(f"/q/{cast.maria_link.lower()}", data=form).status_code == 303
    assert rows(store)["submission"] == 1


UNKNOWN = (
    "00000000", "7K3M9PX", "7K3M9PXAA", "UUUUUUUU", "x", "%00", "%ED%A0%80", "%FF", "../../etc", "'", "\u0667" * 8,
    "7K3M9PXA7K3M9PXA" * 200, "🌻" * 8, "ßßßßßßßß", " ", "-", "--------", "{{token}}", "\u0131" * 8,
)  # fmt: skip


@pytest.mark.parametrize("code", UNKNOWN)
def test_an_unknown_code_leads_to_a_page_that_helps(client: FlaskClient, code: str) -> None:
    for answer in (client.get(f"/q/{code}"), client.post(f"/q/{code}", data={"kind": "compliment"})):
        assert answer.status_code == 404
        assert well_formed(answer.text) == []
        assert "eight letters and digits" in visible_text(answer.text)
        assert "Set-Cookie" not in answer.headers
        assert_policy(answer)


@pytest.mark.parametrize("path", ["/q/", "/q", "/Q/", "/q/{code}/", "/q/{code}/x", "/nothing"])
def test_an_address_beside_it_is_not_found(client: FlaskClient, cast: Cast, path: str) -> None:
    answer = client.get(path.format(code=cast.maria_link))
    assert answer.status_code == 404
    assert well_formed(answer.text) == []


def test_the_head_alone_can_be_asked_for(client: FlaskClient, cast: Cast) -> None:
    answer = client.head(f"/q/{cast.maria_link}")
    assert (answer.status_code, answer.data) == (200, b"")


def test_each_name_stands_once_and_nothing_is_required(client: FlaskClient, cast: Cast) -> None:
    page = client.get(f"/q/{cast.table_link}").text
    assert "required" not in re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    assert set(field_names(page)) == {
        "kind", "topic", "person", "person_note", "message", "happened_at", "may_share", "about_management",
        "may_contact", "contact_name", "contact_email", "contact_phone", "rating", "show", "website", "token",
        "photo",
    }  # fmt: skip
    assert field_values(page)["website"] == ""


def test_the_form_of_a_person_offers_no_other(client: FlaskClient, cast: Cast) -> None:
    names = field_names(client.get(f"/q/{cast.maria_link}").text)
    assert "person" not in names and "person_note" not in names


def test_the_trap_is_out_of_everyones_way(client: FlaskClient, cast: Cast) -> None:
    page = client.get(f"/q/{cast.table_link}").text
    (trap,) = re.findall(r"<input[^>]*name=\"website\"[^>]*>", page)
    assert 'type="text"' in trap and 'tabindex="-1"' in trap and 'autocomplete="off"' in trap


def test_people_who_agreed_are_offered_and_nobody_else(client: FlaskClient, cast: Cast) -> None:
    page = client.get(f"/q/{cast.kitchen_link}").text
    assert people_on(page) == {cast.maria, cast.karim}
    for name in ("Berta", "Paula", "Anna", "Lopez", "garden-house.example"):
        assert name not in page


def test_at_most_twelve_people_are_offered(alone: Standing) -> None:
    crowd(alone, people=30, topics=0)
    page = alone.browser().get(f"/q/{alone.cast.kitchen_link}").text
    assert len(people_on(page)) == MOST_TILES == 12
    assert "Someone else" in visible_text(page)


def test_who_has_left_is_not_offered(alone: Standing) -> None:
    with alone.store.write() as session:
        session.get_one(Person, alone.cast.karim).retired_at = clock.now()
        session.get_one(Topic, alone.cast.cold_food).retired_at = clock.now()
    page = alone.browser().get(f"/q/{alone.cast.kitchen_link}").text
    assert people_on(page) == {alone.cast.maria}
    assert "Cold food" not in page


def test_it_says_who_will_read_a_complaint_and_who_will_not(client: FlaskClient, cast: Cast) -> None:
    said = visible_text(client.get(f"/q/{cast.maria_link}").text)
    assert "The managers of Kitchen will read this; Maria will not see it." in said
    assert "You hear back within 3 working days." in said


def test_names_that_look_like_markup_are_shown_as_names(alone: Standing) -> None:
    nasty = "</style><script>alert(1)</script>{{token}}\"'&amp;"
    with alone.store.write() as session:
        session.get_one(Person, alone.cast.maria).public_name = nasty[:80]
        session.get_one(Topic, alone.cast.cold_food).name = nasty
    page = alone.browser().get(f"/q/{alone.cast.maria_link}")
    assert page.status_code == 200
    assert well_formed(page.text) == []
    assert "<script" not in page.text
    assert nasty in visible_text(page.text)


def test_who_is_signed_in_sees_the_same_page(app: Flask, cast: Cast, client: FlaskClient) -> None:
    mine = at_work(app, cast, "berta").get(f"/q/{cast.table_link}").text
    other = client.get(f"/q/{cast.table_link}").text
    assert re.sub(r'name="token" value="[^"]+"', "", mine) == re.sub(r'name="token" value="[^"]+"', "", other)


def test_a_scan_writes_nothing_and_asks_one_thing(app: Flask, client: FlaskClient, cast: Cast, store: Store) -> None:
    client.get(f"/q/{cast.table_link}")
    before = rows(store)
    with statements(app) as seen:
        client.get(f"/q/{cast.table_link}")
    assert seen == []  # beside the organisation's version, which is asked for past the ORM
    assert rows(store) == before


def people_on(page: str) -> set[int]:
    """The ids of the people a form offers."""
    return {int(value) for value in re.findall(r'name="person" value="(\d+)"', page)}


def crowd(house: Standing, *, people: int, topics: int) -> None:
    """More people and topics in the Kitchen."""
    at = clock.now()
    with house.store.write() as session:
        for number in range(people):
            session.add(
                Person(
                    id=new_id(at),
                    name=f"Person {number}",
                    public_name=f"Bartholomäus {number:02}",
                    department_id=house.cast.kitchen,
                    is_shown_on_forms=True,
                )
            )
        for number in range(topics):
            session.add(Topic(id=new_id(at), name=f"A topic with a name {number}", department_id=house.cast.kitchen))


def rename(house: Standing, code: str) -> None:
    """Give Maria's link another code."""
    with house.store.write() as session:
        link = link_with_code(session, house.cast.maria_link)
        assert link is not None
        link.code = code


def assert_policy(page: TestResponse) -> None:
    """From nothing up: the hash of the page's one style, and no more."""
    (style,) = re.findall(r"<style>(.*?)</style>", page.text, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = page.headers["Content-Security-Policy"]
    assert policy.split("; ")[0] == "default-src 'none'"
    assert f"style-src 'sha256-{digest}'" in policy.split("; ")
    assert {"img-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"} <= set(
        policy.split("; ")
    )
    assert "unsafe" not in policy and "script-src" not in policy
