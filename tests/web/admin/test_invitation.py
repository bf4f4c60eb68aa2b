"""POST /admin/people/<n>/invitation and /join/<token>: a way in of one's own, by a QR code, once."""

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from feedback import clock
from feedback.core import accounts, invitations, retention
from feedback.core.accounts import Account, Invitation
from feedback.core.audit import Entry
from feedback.core.people import Person
from feedback.db import Store
from tests.factories import Cast, address_of
from tests.ground.pages import field_values, visible_text, well_formed
from tests.story import at_once, at_work, fill_in, viewer

PASSWORD = "a long enough one"


@pytest.fixture
def newcomer(store: Store, cast: Cast) -> int:
    """Karim, who has no way in yet."""
    with store.write() as session:
        session.delete(session.get_one(Account, cast.karim))
    return cast.karim


def shown(browser: FlaskClient, person: int) -> str:
    """The token on the page of a fresh invitation."""
    page = fill_in(browser, f"/admin/people/{person}", f"/admin/people/{person}/invitation")
    assert page.status_code == 200 and page.headers["Cache-Control"] == "no-store"
    assert well_formed(page.text) == [] and "<svg" in page.text
    return re.findall(r"/join/([\w-]+)", visible_text(page.text))[0]


def joined(app: Flask, token: str, name: str = "karim", password: str = PASSWORD) -> tuple[FlaskClient, int]:
    browser = app.test_client()
    return browser, fill_in(browser, f"/join/{token}", f"/join/{token}", name=name, password=password).status_code


def test_someone_without_an_address_comes_in_by_a_code(app: Flask, store: Store, cast: Cast, newcomer: int) -> None:
    browser, status = joined(app, shown(at_work(app, cast, "berta"), newcomer))
    assert status == 303 and browser.get("/praise").status_code == 200
    later = app.test_client().post("/sign-in", data={"email": "Karim", "password": PASSWORD})
    assert later.status_code == 303
    with store.read() as session:
        account = session.get_one(Account, newcomer)
        assert (account.sign_in_name, account.is_admin) == ("karim", False)
        assert [e.act for e in session.scalars(select(Entry).order_by(Entry.id))] == ["invited", "joined"]


def test_an_invitation_works_once_and_the_newest_alone(app: Flask, cast: Cast, newcomer: int) -> None:
    berta = at_work(app, cast, "berta")
    first, second = shown(berta, newcomer), shown(berta, newcomer)
    assert app.test_client().get(f"/join/{first}").status_code == 404
    assert joined(app, second)[1] == 303
    assert app.test_client().get(f"/join/{second}").status_code == 404
    assert app.test_client().post(f"/join/{second}", data={"name": "eve", "password": PASSWORD}).status_code in (
        400,
        404,
    )


def test_it_runs_out_after_three_days_and_is_forgotten(app: Flask, store: Store, cast: Cast, newcomer: int) -> None:
    token, now = shown(at_work(app, cast, "berta"), newcomer), clock.now()
    with time_machine.travel(now + timedelta(hours=71), tick=False):
        assert app.test_client().get(f"/join/{token}").status_code == 200
    with time_machine.travel(now + timedelta(hours=73), tick=False):
        page = app.test_client().get(f"/join/{token}")
        assert page.status_code == 404 and "Ask whoever gave it to you" in visible_text(page.text)
        with store.write() as session:
            retention.tidy(session, clock.now())
            assert session.scalars(select(Invitation)).all() == []


def test_only_a_hash_of_it_is_kept(app: Flask, store: Store, cast: Cast, newcomer: int) -> None:
    token = shown(at_work(app, cast, "berta"), newcomer)
    with store.read() as session:
        (kept,) = session.scalars(select(Invitation))
        assert kept.made_by_id == cast.berta and token.encode() not in kept.token_hash


def test_who_has_left_is_let_in_no_more(app: Flask, store: Store, cast: Cast, newcomer: int) -> None:
    token = shown(at_work(app, cast, "berta"), newcomer)
    with store.write() as session:
        session.get_one(Person, newcomer).retired_at = clock.now()
    assert app.test_client().get(f"/join/{token}").status_code == 404


@pytest.mark.parametrize(
    ("name", "password", "said"),
    [
        ("", PASSWORD, "three characters"),
        ("ka rim", PASSWORD, "without spaces"),
        ("k\u202erim", PASSWORD, "without spaces"),
        ("x" * 400, PASSWORD, "three characters"),
        ("ß" * 300, PASSWORD, "three characters"),
        ("karim", "short", "ten characters"),
        ("karim", "x" * 1001, "ten characters"),
    ],
)
def test_what_cannot_be_a_way_in_is_told_and_uses_nothing_up(
    app: Flask, cast: Cast, newcomer: int, name: str, password: str, said: str
) -> None:
    token, browser = shown(at_work(app, cast, "berta"), newcomer), app.test_client()
    answer = fill_in(browser, f"/join/{token}", f"/join/{token}", name=name, password=password)
    assert answer.status_code == 422 and said in visible_text(answer.text)
    assert well_formed(answer.text) == []
    assert field_values(answer.text, f"/join/{token}")["name"] == name
    assert password not in answer.text
    assert joined(app, token)[1] == 303


def test_whoever_changes_the_language_after_a_slip_is_still_invited(app: Flask, cast: Cast, newcomer: int) -> None:
    way, browser = f"/join/{shown(at_work(app, cast, 'berta'), newcomer)}", app.test_client()
    answer = fill_in(browser, way, way, name="karim", password="short")
    assert answer.status_code == 422 and 'href="?lang=de"' in answer.text
    assert browser.get(f"{way}?lang=de").status_code == 200


def test_a_name_that_someone_has_is_not_given_twice(app: Flask, cast: Cast, newcomer: int) -> None:
    token = shown(at_work(app, cast, "berta"), newcomer)
    assert joined(app, token, name=address_of("maria").upper())[1] == 422
    assert joined(app, token)[1] == 303


def test_an_address_that_grows_when_it_is_compared_is_no_sign_in_name(
    app: Flask, store: Store, cast: Cast, newcomer: int
) -> None:
    with store.write() as session:
        session.get_one(Person, newcomer).email = f"{'ß' * 60}@{'ß' * 250}.example"
    token, browser = shown(at_work(app, cast, "berta"), newcomer), app.test_client()
    assert fill_in(browser, f"/join/{token}", f"/join/{token}", way="pin", pin="384756").status_code == 303
    with store.read() as session:
        assert session.get_one(Account, newcomer).sign_in_name.startswith("karim-")


def test_of_two_who_choose_one_name_at_once_one_is_told(
    app: Flask, store: Store, cast: Cast, newcomer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, browser, accept = shown(at_work(app, cast, "berta"), newcomer), app.test_client(), invitations.accept

    def meanwhile(session: Session, *given: object) -> int | None:
        taken = update(Account).where(Account.person_id == cast.maria).values(sign_in_name="karim")
        session.connection().execute(taken)  # as if she had it since the page was shown
        return accept(session, *given)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(invitations, "accept", meanwhile)
        answer = fill_in(browser, f"/join/{token}", f"/join/{token}", name="karim", password=PASSWORD)
    assert answer.status_code == 422 and "Someone else signs in by this name" in visible_text(answer.text)
    assert joined(app, token)[1] == 303


def test_of_two_made_at_once_one_holds(store: Store, cast: Cast, newcomer: int) -> None:
    berta = viewer(store, cast.berta)

    def make(later: int) -> None:
        with store.write() as session:
            at = clock.now() + timedelta(seconds=later)
            invitations.invite(session, berta, session.get_one(Person, newcomer), at, "secret")

    for _ in range(5):
        at_once(lambda: make(0), lambda: make(1))
        with store.read() as session:
            assert len(session.scalars(select(Invitation)).all()) == 1


def test_two_who_use_it_at_once_are_one(store: Store, cast: Cast, newcomer: int) -> None:
    at = clock.now()
    with store.write() as session:
        token = invitations.invite(session, viewer(store, cast.berta), session.get_one(Person, newcomer), at, "secret")
    told: list[int | None] = []

    def use(name: str) -> None:
        with store.write() as session:
            told.append(invitations.accept(session, token, name, accounts.hashed(PASSWORD), at))

    at_once(lambda: use("karim"), lambda: use("other"))
    assert sorted(told, key=str) == sorted([newcomer, None], key=str)


def test_an_admin_gives_someone_who_lost_it_a_new_way_in_and_the_old_one_ends(
    app: Flask, store: Store, cast: Cast
) -> None:
    maria, token = at_work(app, cast, "maria"), shown(at_work(app, cast, "anna"), cast.maria)
    assert maria.get("/praise").status_code == 200
    assert joined(app, token, name=address_of("maria"))[1] == 303
    assert maria.get("/praise").status_code == 303


def test_a_manager_gives_no_second_way_in(app: Flask, cast: Cast) -> None:
    berta = at_work(app, cast, "berta")
    assert "/invitation" not in berta.get(f"/admin/people/{cast.maria}").text
    token = field_values(berta.get("/praise").text, "/sign-out")["csrf_token"]
    assert berta.post(f"/admin/people/{cast.maria}/invitation", data={"csrf_token": token}).status_code == 404
