"""Saved views: keeping how a list was narrowed, calling it something else, forgetting it; each is one person's own."""

import pytest
from flask import Flask

from feedback.core import views
from feedback.core.cases import Case
from feedback.core.views import SavedView
from feedback.db import Store
from tests.factories import Cast
from tests.ground.pages import links, visible_text, well_formed
from tests.story import NO_IDS, arrives, at_work, concern, fill_in, token_for, viewer

ASKED = "status=open&kind=complaint&q=soup"
KEPT = {"status": "open", "kind": "complaint", "q": "soup"}
on_one = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is refused comes to no store


def kept(store: Store, person: int) -> dict[str, dict[str, str]]:
    with store.read() as session:
        return {view.name: view.filters for view in views.of(session, viewer(store, person))}


@pytest.fixture
def view(app: Flask, store: Store, cast: Cast) -> int:
    """Berta's view of open complaints about soup."""
    arrives(store, cast.kitchen_link)
    fill_in(at_work(app, cast, "berta"), f"/cases?{ASKED}", f"/cases/views?{ASKED}", name=" Cold  soup ")
    with store.read() as session:
        return session.query(SavedView.id).scalar()


def test_a_view_keeps_the_filters_and_says_how_many(app: Flask, store: Store, cast: Cast, view: int) -> None:
    assert kept(store, cast.berta) == {"Cold soup": KEPT}
    berta = at_work(app, cast, "berta")
    page = berta.get("/cases").text
    assert well_formed(page) == []
    (way,) = [link for link in links(page) if link.text.startswith("Cold soup")]
    assert " ".join(way.text.split()) == "Cold soup 1"
    assert sorted(way.href.partition("?")[2].split("&")) == sorted(ASKED.split("&"))
    opened = berta.get(way.href).text
    assert "Change this view" in opened
    assert "Save this view" not in opened
    assert "Cold soup" not in at_work(app, cast, "dora").get("/cases").text


@on_one
def test_a_view_shows_nobody_what_concerns_them(app: Flask, store: Store, cast: Cast, view: int) -> None:
    with store.read() as session:
        (case,) = session.query(Case.id).one()
    concern(store, case, cast.berta)
    page = at_work(app, cast, "berta").get("/cases").text
    assert "Cold soup 0" in " ".join(visible_text(page).split())


def test_a_view_can_be_called_something_else(app: Flask, store: Store, cast: Cast, view: int) -> None:
    berta, way = at_work(app, cast, "berta"), f"/cases/views/{view}/name"
    answer = fill_in(berta, f"/cases?{ASKED}", f"{way}?{ASKED}", name="Soups")
    assert answer.status_code == 303
    assert kept(store, cast.berta) == {"Soups": KEPT}
    assert "Change this view" in berta.get(answer.headers["Location"]).text


def test_a_view_is_deleted_by_name_and_its_filters_stay(app: Flask, store: Store, cast: Cast, view: int) -> None:
    berta = at_work(app, cast, "berta")
    assert "Delete the view “Cold soup”" in berta.get(f"/cases?{ASKED}").text
    answer = fill_in(berta, f"/cases?{ASKED}", f"/cases/views/{view}/removal")
    assert answer.status_code == 303
    assert kept(store, cast.berta) == {}
    page = berta.get(answer.headers["Location"]).text
    assert "“Cold soup” is deleted." in visible_text(page)
    assert "Save this view" in page


@on_one
def test_nobody_changes_the_view_of_another(app: Flask, store: Store, cast: Cast, view: int) -> None:
    for key in ("maria", "anna"):
        browser = at_work(app, cast, key)
        for act in ("name", "removal"):
            sent = {"csrf_token": token_for(browser), "name": "Mine"}
            assert browser.post(f"/cases/views/{view}/{act}", data=sent).status_code == 404
    assert kept(store, cast.berta) == {"Cold soup": KEPT}


@on_one
def test_who_is_not_signed_in_or_comes_from_elsewhere_keeps_nothing(app: Flask, store: Store, cast: Cast) -> None:
    assert app.test_client().post(f"/cases/views?{ASKED}", data={"name": "X"}).status_code in (303, 400)
    assert at_work(app, cast, "berta").post(f"/cases/views?{ASKED}", data={"name": "X"}).status_code == 400
    assert kept(store, cast.berta) == {}


@on_one
def test_a_name_that_is_none_is_typed_again(app: Flask, store: Store, cast: Cast, view: int) -> None:
    berta = at_work(app, cast, "berta")
    sent = {"csrf_token": token_for(berta)}
    for name, said in (
        ("", "Give it a name."),
        ("  ", "Give it a name."),
        ("x" * 61, "This name is too long"),
        ("a\0b", "not text"),
        ("Cold soup", "You have a view of this name."),
    ):
        answer = berta.post("/cases/views?kind=suggestion", data=sent | {"name": name})
        assert answer.status_code == 422, name
        assert said in visible_text(answer.text), name
        assert well_formed(answer.text) == []
    other = berta.post("/cases/views?kind=suggestion", data=sent | {"name": "Ideas"})
    assert other.status_code == 303
    answer = berta.post(f"/cases/views/{view}/name?{ASKED}", data=sent | {"name": "Ideas"})
    assert answer.status_code == 422
    assert 'value="Ideas"' in answer.text
    assert berta.post(f"/cases/views/{view}/name", data=sent | {"name": "Cold soup"}).status_code == 303
    assert kept(store, cast.berta).keys() == {"Cold soup", "Ideas"}


@on_one
def test_a_view_of_nothing_or_of_no_filter_is_not_kept(app: Flask, store: Store, cast: Cast) -> None:
    berta = at_work(app, cast, "berta")
    sent = {"csrf_token": token_for(berta), "name": "All"}
    assert berta.post("/cases/views?after=1&unknown=x&q=+", data=sent).status_code == 422
    assert berta.post("/cases/views?kind=praise", data=sent).status_code == 404
    for number in (*NO_IDS[:2], "1"):
        for act in ("name", "removal"):
            assert berta.post(f"/cases/views/{number}/{act}", data=sent).status_code == 404, number
    assert kept(store, cast.berta) == {}


def test_there_are_only_so_many(app: Flask, store: Store, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    assert views.MOST == 20
    monkeypatch.setattr(views, "MOST", 2)
    berta = at_work(app, cast, "berta")
    sent = {"csrf_token": token_for(berta)}
    for number in range(views.MOST):
        assert berta.post(f"/cases/views?q=word{number}", data=sent | {"name": f"View {number}"}).status_code == 303
    answer = berta.post("/cases/views?q=more", data=sent | {"name": "More"})
    assert answer.status_code == 422
    assert "2 views are as many as fit" in visible_text(answer.text)
    assert len(kept(store, cast.berta)) == views.MOST
