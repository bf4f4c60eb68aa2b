"""GET /admin/audit: who changed what, newest first, for admins."""

from datetime import timedelta

import pytest
from flask import Flask

from feedback.core import audit
from feedback.db import Store
from feedback.outbound import changes
from tests.factories import BEGINNING, Cast
from tests.ground.pages import visible_text, well_formed
from tests.story import NO_IDS, at_work, statements


def note(store: Store, cast: Cast, number: int, by: int | None = None) -> None:
    at = BEGINNING + timedelta(minutes=number)
    with store.write() as session:
        audit.note(session, "organisation", 1, "made", at, by_id=by, details={"name": f"<b>No. {number}</b>"})


def test_changes_are_listed_newest_first_with_who_made_them(app: Flask, store: Store, cast: Cast) -> None:
    note(store, cast, 1, cast.anna)
    note(store, cast, 2)
    page = at_work(app, cast, "anna").get("/admin/audit").text
    said = visible_text(page)
    assert said.index("No. 2") < said.index("A command on the server") < said.index("No. 1") < said.rindex("Anna")
    assert "<b>No." not in page and well_formed(page) == []


def test_an_empty_log_says_what_will_be_here(app: Flask, cast: Cast) -> None:
    assert "No changes yet" in visible_text(at_work(app, cast, "anna").get("/admin/audit").text)


def test_the_way_in_leads_to_the_first_section(app: Flask, cast: Cast) -> None:
    answer = at_work(app, cast, "anna").get("/admin")
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/admin/")


def test_a_long_log_is_paged_in_as_many_statements(app: Flask, store: Store, cast: Cast) -> None:
    anna = at_work(app, cast, "anna")
    note(store, cast, 0, cast.anna)
    with statements(app) as few:
        anna.get("/admin/audit")
    for number in range(1, 60):
        note(store, cast, number, cast.anna)
    with statements(app) as many:
        first = anna.get("/admin/audit").text
    assert len(many) == len(few)
    assert "No. 59" in first and "No. 9<" not in first.replace("&lt;", "<")
    older = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert "No. 9" in visible_text(anna.get(older).text)


@pytest.mark.parametrize("query", ["noun=house", *(f"after={text}" for text in NO_IDS)])
def test_what_is_asked_for_wrongly_is_not_there(app: Flask, cast: Cast, query: str) -> None:
    assert at_work(app, cast, "anna").get(f"/admin/audit?{query}").status_code == 404


def test_every_act_has_a_noun() -> None:
    assert {noun for noun, _ in changes.ACTS} == set(changes.NOUNS)
