"""Handing a case over: who may, to whom, and what two see who do it at once."""

import pytest
from flask import Flask

from feedback.core import history
from feedback.core.cases import Case
from feedback.db import Store
from tests.factories import Cast
from tests.ground.pages import field_values, visible_text, well_formed
from tests.ground.tree import PageText
from tests.story import NO_IDS, arrives, at_work, concern, fill_in, token_for

MEANWHILE = "Someone changed this case meanwhile. What they did is below; yours was not kept."


@pytest.fixture
def case(store: Store, cast: Cast) -> int:
    """A complaint about Maria, which Packing reads along."""
    return arrives(store, cast.maria_link, topic_ids=(cast.missing_parts,))


def state(store: Store, case: int) -> tuple[int | None, str, int]:
    """Who handles it, where it stands, and how many steps it took."""
    with store.read() as session:
        found = session.get_one(Case, case)
        return found.handler_id, found.status, len(history.events_of(session, case))


def offered(page: str) -> list[str]:
    selects = [e for e in PageText(page).elements if e.attributes.get("name") == "handler"]
    return [e.text for e in selects[0].everything() if e.tag == "option"]


UNTOUCHED = (None, "received", 1)


def test_the_case_is_then_theirs_and_says_who_asked(app: Flask, store: Store, cast: Cast, case: int) -> None:
    berta, karim = at_work(app, cast, "berta"), at_work(app, cast, "karim")
    assert karim.get(f"/cases/{case}").status_code == 404
    answer = fill_in(berta, f"/cases/{case}", f"/cases/{case}/assignment", handler=str(cast.karim))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/cases/{case}")
    assert state(store, case) == (cast.karim, "in_progress", 2)
    shown = visible_text(karim.get(f"/cases/{case}").text)
    assert "Berta Stein asked Karim Haddad to handle this" in shown
    said = visible_text(berta.get(f"/cases/{case}").text)
    assert "Handed over. Karim Haddad handles this case now." in said


@pytest.mark.parametrize(
    ("handler", "said"), [("berta", "You handle this case now."), ("", "Nobody handles this case now.")]
)
def test_what_happened_is_said_as_it_is(
    app: Flask, store: Store, cast: Cast, case: int, handler: str, said: str
) -> None:
    berta = at_work(app, cast, "berta")
    chosen = str(getattr(cast, handler)) if handler else ""
    fill_in(berta, f"/cases/{case}", f"/cases/{case}/assignment", handler=chosen)
    shown = visible_text(berta.get(f"/cases/{case}").text)
    assert said in shown
    assert "Handed over" not in shown


def test_a_handler_takes_it_on_passes_it_on_and_lets_it_go(app: Flask, store: Store, cast: Cast, case: int) -> None:
    berta = at_work(app, cast, "berta")
    for handler in (cast.berta, cast.karim, ""):
        fill_in(berta, f"/cases/{case}", f"/cases/{case}/assignment", handler=str(handler))
    shown = visible_text(berta.get(f"/cases/{case}").text)
    assert "Berta Stein took this on" in shown
    assert "Berta Stein left this without a handler" in shown
    assert state(store, case) == (None, "received", 4)


def test_whoever_passes_it_on_for_good_is_back_at_their_list(app: Flask, store: Store, cast: Cast, case: int) -> None:
    with store.write() as session:
        session.get_one(Case, case).handler_id = cast.karim
    karim = at_work(app, cast, "karim")
    answer = fill_in(karim, f"/cases/{case}", f"/cases/{case}/assignment", handler=str(cast.berta))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/cases")
    said = visible_text(karim.get("/cases").text)
    assert "Handed over. Berta Stein handles this case now." in said
    assert "You no longer see this case." in said


def test_only_those_near_and_free_of_conflict_are_offered(app: Flask, store: Store, cast: Cast, case: int) -> None:
    page = at_work(app, cast, "berta").get(f"/cases/{case}").text
    assert offered(page) == ["Nobody yet", "Anna Berg", "Berta Stein", "Dora Lang", "Karim Haddad"]
    concern(store, case, cast.karim)
    assert "Karim Haddad" not in offered(at_work(app, cast, "berta").get(f"/cases/{case}").text)


@pytest.mark.parametrize("key", ["maria", "karim", "hans", "paula"])
def test_nobody_else_hands_it_over(app: Flask, store: Store, cast: Cast, case: int, key: str) -> None:
    browser = at_work(app, cast, key)
    fields = {"csrf_token": token_for(browser), "handler": str(cast.karim), "version": "1"}
    assert browser.post(f"/cases/{case}/assignment", data=fields).status_code == 404
    assert state(store, case) == UNTOUCHED


def test_a_handler_may_but_not_once_it_concerns_them(app: Flask, store: Store, cast: Cast, case: int) -> None:
    with store.write() as session:
        session.get_one(Case, case).handler_id = cast.karim
    karim = at_work(app, cast, "karim")
    kept = field_values(karim.get(f"/cases/{case}").text, f"/cases/{case}/assignment")
    concern(store, case, cast.karim)
    assert karim.post(f"/cases/{case}/assignment", data=kept | {"handler": ""}).status_code == 404
    assert state(store, case)[0] == cast.karim


def test_not_to_whom_it_concerns_nor_to_a_stranger(app: Flask, store: Store, cast: Cast, case: int) -> None:
    berta = at_work(app, cast, "berta")
    fields = field_values(berta.get(f"/cases/{case}").text, f"/cases/{case}/assignment")
    for handler in (cast.maria, cast.hans, cast.paula, 1, *NO_IDS[:6], "\0", "None", " "):
        answer = berta.post(f"/cases/{case}/assignment", data=fields | {"handler": str(handler)})
        assert answer.status_code == 422, handler
    assert well_formed(answer.text) == []
    assert state(store, case) == UNTOUCHED


def test_a_wrong_version_is_no_version(app: Flask, store: Store, cast: Cast, case: int) -> None:
    berta = at_work(app, cast, "berta")
    fields = {"csrf_token": token_for(berta), "handler": str(cast.karim)}
    for version in (*NO_IDS[:6], "", "0", "-1", str(2**31 - 1), "9" * 5000, "\0"):
        answer = berta.post(f"/cases/{case}/assignment", data=fields | {"version": version})
        assert answer.status_code in (409, 422), version
    assert berta.post(f"/cases/{case}/assignment", data=fields).status_code == 422
    assert berta.post(f"/cases/{case}/assignment", data=fields | {"version": str(2**31 - 2)}).status_code == 409
    assert state(store, case) == UNTOUCHED


def test_json_is_no_form(app: Flask, store: Store, cast: Cast, case: int) -> None:
    berta = at_work(app, cast, "berta")
    headers = {"X-CSRFToken": token_for(berta)}
    for sent in ({"handler": [cast.karim], "version": {"a": 1}}, {"handler": cast.karim, "version": 1}, [1], "x", None):
        assert berta.post(f"/cases/{case}/assignment", json=sent, headers=headers).status_code == 422
        assert berta.post(f"/cases/{case}/notes", json={"text": sent}, headers=headers).status_code == 422
    assert state(store, case) == UNTOUCHED


def test_of_two_at_once_one_wins_and_the_other_sees_what_happened(
    app: Flask, store: Store, cast: Cast, case: int
) -> None:
    berta, dora = at_work(app, cast, "berta"), at_work(app, cast, "dora")
    way = f"/cases/{case}/assignment"
    seen = field_values(dora.get(f"/cases/{case}").text, way)
    fill_in(berta, f"/cases/{case}", way, handler=str(cast.karim))
    answer = dora.post(way, data=seen | {"handler": str(cast.anna)})
    shown = visible_text(answer.text)
    assert answer.status_code == 409
    assert MEANWHILE in shown
    assert "Berta Stein asked Karim Haddad to handle this" in shown
    assert state(store, case) == (cast.karim, "in_progress", 2)
    again = field_values(answer.text, way)
    assert (again["handler"], again["version"]) == (str(cast.karim), "2")
    assert dora.post(way, data=again | {"handler": str(cast.anna)}).status_code == 303
    assert state(store, case)[0] == cast.anna


def test_who_lost_the_right_meanwhile_is_not_shown_the_change(app: Flask, store: Store, cast: Cast, case: int) -> None:
    """The handler passes on a case they have just been relieved of."""
    with store.write() as session:
        session.get_one(Case, case).handler_id = cast.karim
    karim, berta, way = at_work(app, cast, "karim"), at_work(app, cast, "berta"), f"/cases/{case}/assignment"
    seen = field_values(karim.get(f"/cases/{case}").text, way)
    fill_in(berta, f"/cases/{case}", way, handler=str(cast.berta))
    assert karim.post(way, data=seen | {"handler": ""}).status_code == 404


def test_no_other_site_hands_it_over(app: Flask, store: Store, cast: Cast, case: int) -> None:
    berta = at_work(app, cast, "berta")
    fields = {"handler": str(cast.karim), "version": "1"}
    for token in ({}, {"csrf_token": "forged"}, {"csrf_token": token_for(at_work(app, cast, "dora"))}):
        assert berta.post(f"/cases/{case}/assignment", data=fields | token).status_code == 400
    assert state(store, case) == UNTOUCHED


def test_a_wrong_number_is_nothing(app: Flask, cast: Cast, case: int) -> None:
    berta = at_work(app, cast, "berta")
    fields = {"csrf_token": token_for(berta), "handler": "", "version": "1", "text": "x"}
    for number in (*NO_IDS[:6], "1"):
        for way in ("assignment", "notes"):
            assert berta.post(f"/cases/{number}/{way}", data=fields).status_code == 404, number
