"""The page of absences: noted, shown, ended; managers for their own people."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from feedback import clock
from feedback.core.absences import Absence
from feedback.core.people import Person
from feedback.db import Store
from tests.factories import Cast, send
from tests.ground.pages import field_pairs, visible_text, well_formed
from tests.story import NO_IDS, at_work, fill_in

PAGE = "/admin/absences"


def today(days: int = 0) -> str:
    return (clock.now().date() + timedelta(days=days)).isoformat()


def held(store: Store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(Absence)) or 0


def test_what_arrives_meanwhile_goes_to_whoever_stands_in(app: Flask, store: Store, cast: Cast) -> None:
    berta, karim = at_work(app, cast, "berta"), at_work(app, cast, "karim")
    assert "Nobody is away" in visible_text(berta.get(PAGE).text)
    fields = {"person": str(cast.berta), "cover": str(cast.karim), "from_on": today(), "until_on": today(4)}
    assert fill_in(berta, PAGE, PAGE, **fields).status_code == 303
    page = berta.get(PAGE)
    text = visible_text(page.text)
    assert "Berta Stein away now" in text and "Stands in: Karim Haddad" in text and well_formed(page.text) == []
    send(app.test_client(), cast.kitchen_link, kind="complaint", message="While Berta is on holiday")
    assert "While Berta is on holiday" in karim.get("/cases").text
    with store.read() as session:
        number = session.scalars(select(Absence.id)).one()
    assert fill_in(berta, PAGE, f"{PAGE}/{number}/return").status_code == 303
    assert "Berta Stein is here again." in visible_text(berta.get(PAGE).text)
    send(app.test_client(), cast.kitchen_link, kind="complaint", message="After her return")
    assert "After her return" not in karim.get("/cases").text
    told = visible_text(at_work(app, cast, "anna").get("/admin/audit").text)
    assert "Karim Haddad stands in" in told and "Berta Stein is back earlier than" in told


def test_one_who_has_not_gone_yet_does_not_come_back(app: Flask, store: Store, cast: Cast) -> None:
    berta = at_work(app, cast, "berta")
    fields = {"person": str(cast.maria), "cover": "", "from_on": today(3), "until_on": today(4)}
    assert fill_in(berta, PAGE, PAGE, **fields).status_code == 303
    with store.read() as session:
        number = session.scalars(select(Absence.id)).one()
    assert fill_in(berta, PAGE, f"{PAGE}/{number}/return").status_code == 303
    assert "Taken away: Maria Lopez stays here." in visible_text(berta.get(PAGE).text)
    assert held(store) == 0


def test_what_is_wrong_is_said_and_the_rest_kept(app: Flask, store: Store, cast: Cast) -> None:
    berta = at_work(app, cast, "berta")
    right = {"person": str(cast.maria), "cover": "", "from_on": today(), "until_on": today(1)}
    for wrong, said in (
        ({"person": ""}, "Choose who is away."),
        ({"person": str(cast.hans)}, "There is nothing of this name to choose."),
        ({"cover": str(cast.maria)}, "Nobody can stand in for themselves."),
        ({"from_on": "soon"}, "Please choose a day."),
        ({"until_on": today(-1)}, "The last day comes before the first."),
        ({"until_on": "9999-01-01"}, "Please choose a day."),
    ):
        answer = fill_in(berta, PAGE, PAGE, **right | wrong)
        assert answer.status_code == 422 and said in visible_text(answer.text), wrong
        assert well_formed(answer.text) == []
        assert dict(field_pairs(answer.text, PAGE))["until_on"] == (right | wrong)["until_on"]
    assert held(store) == 0


def test_others_people_are_not_there(app: Flask, store: Store, cast: Cast) -> None:
    anna, paula = at_work(app, cast, "anna"), at_work(app, cast, "paula")
    fields = {"person": str(cast.maria), "cover": "", "from_on": today(), "until_on": today(1)}
    assert fill_in(anna, PAGE, PAGE, **fields).status_code == 303
    assert "Maria Lopez" not in paula.get(PAGE).text.split('<form class="stack sheet"')[0]
    with store.read() as session:
        number = session.scalars(select(Absence.id)).one()
    token = {"csrf_token": dict(field_pairs(paula.get(PAGE).text, PAGE))["csrf_token"]}
    for address in (number, *NO_IDS):
        assert paula.post(f"{PAGE}/{address}/return", data=token).status_code == 404
    karim = at_work(app, cast, "karim")
    assert karim.get(PAGE).status_code == 404 and karim.post(PAGE, data=fields).status_code in (400, 404)
    assert held(store) == 1


@pytest.mark.parametrize(
    ("manager", "judge"), [("berta", "dora"), ("berta", "anna"), ("berta", "paula"), ("dora", "anna")]
)
def test_nobody_chooses_who_stands_in_for_those_who_judge_them(
    app: Flask, store: Store, cast: Cast, manager: str, judge: str
) -> None:
    away = getattr(cast, judge)
    with store.write() as session:
        session.get_one(Person, away).department_id = cast.kitchen
    browser = at_work(app, cast, manager)
    fields = {"person": str(away), "cover": str(cast.karim), "from_on": today(), "until_on": today(1)}
    assert fill_in(browser, PAGE, PAGE, **fields).status_code == 422 and held(store) == 0
    assert fill_in(at_work(app, cast, "anna"), PAGE, PAGE, **fields).status_code == 303
    with store.read() as session:
        number = session.scalars(select(Absence.id)).one()
    token = {"csrf_token": dict(field_pairs(browser.get(PAGE).text, PAGE))["csrf_token"]}
    assert browser.post(f"{PAGE}/{number}/return", data=token).status_code == 404 and held(store) == 1
