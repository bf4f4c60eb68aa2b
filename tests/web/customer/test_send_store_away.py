"""POST /q/<code> while the store is locked or full: not saved yet, words kept, no receipt; all well again by itself."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from feedback.config import Settings
from feedback.db import Store, queue
from feedback.db import store as stores
from feedback.db.driver import sqlite
from feedback.web import NAME
from tests.factories import send, token_of
from tests.ground.pages import visible_text
from tests.web.customer.conftest import Standing, opened, standing
from tests.web.customer.hand import WORDS, kept_words, receipt_on, rows, say, submissions

PATIENCE = 0.3


@pytest.fixture
def hasty(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Standing]:
    """An installation that waits for its store a moment only."""
    monkeypatch.setattr(queue, "PATIENCE", PATIENCE)
    monkeypatch.setattr(stores, "PATIENCE", PATIENCE)
    with standing(database_url, tmp_path) as made:
        yield made


@contextmanager
def locked(store: Store) -> Iterator[None]:
    """Somebody else holds the store: a writer that does not end, and that knows nothing of our line."""
    if store.is_sqlite:
        # By the same library: locks of one process do not keep another library in it out.
        other = sqlite.connect(store.url.database or "", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
    else:
        other = psycopg.connect(store.url.set(drivername="postgresql").render_as_string(hide_password=False))
        other.execute("LOCK TABLE submission IN SHARE MODE")
    try:
        yield
    finally:
        other.rollback()
        other.close()


def test_a_locked_store_keeps_nobody_waiting_and_loses_nothing(hasty: Standing) -> None:
    browser, code = hasty.browser(), hasty.cast.table_link
    token = token_of(browser, code)
    first = say(browser, code, message="Before")
    with locked(hasty.store):
        began = time.monotonic()
        answer = send(browser, code, kind="complaint", message=WORDS, contact_name="Ida", token=token)
        assert time.monotonic() - began < 6
        again = assert_not_saved(answer, 503)
        assert (again["message"], again["contact_name"], again["token"]) == (WORDS, "Ida", token)
        # Reading works meanwhile.
        assert browser.get(f"/q/{code}").status_code == 200
        assert receipt_on(browser.get("/thanks")) == first
        assert browser.post("/r", data={"receipt": first}).status_code == 303
        assert "Before" in browser.get("/r").text
        assert rows(hasty.store)["submission"] == 1
    assert browser.post(f"/q/{code}", data=again).status_code == 303
    assert [kept.message for kept in submissions(hasty.store)] == ["Before", WORDS]


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)  # PostgreSQL counts its seconds itself
def test_the_store_is_given_five_seconds_and_the_customer_an_answer_within_six(
    house: Standing, client: FlaskClient, store: Store
) -> None:
    """The one test in real time."""
    token = token_of(client, house.cast.table_link)
    with locked(store):
        began = time.monotonic()
        answer = send(client, house.cast.table_link, kind="compliment", token=token)
        assert 4 < time.monotonic() - began < 6
    assert_not_saved(answer, 503)


def test_many_customers_before_a_locked_store_are_all_answered_soon(hasty: Standing) -> None:
    code = hasty.cast.table_link
    tokens = [token_of(hasty.browser(), code) for _ in range(30)]
    with locked(hasty.store):
        began = time.monotonic()
        with ThreadPoolExecutor(30) as pool:
            answers = list(
                pool.map(lambda token: send(hasty.browser(), code, kind="compliment", token=token).status_code, tokens)
            )
        assert time.monotonic() - began < 6
    assert set(answers) == {503}
    assert send(hasty.browser(), code, kind="compliment", token=tokens[0]).status_code == 303


def test_a_lock_that_ends_in_time_is_not_noticed(alone: Standing) -> None:
    token = token_of(alone.browser(), alone.cast.table_link)
    holding, done = threading.Event(), threading.Event()

    def hold() -> None:
        with locked(alone.store):
            holding.set()
            done.wait(0.5)

    holder = threading.Thread(target=hold)
    holder.start()
    holding.wait(5)
    answer = send(alone.browser(), alone.cast.table_link, kind="compliment", token=token)
    holder.join()
    assert answer.status_code == 303


def test_mailing_the_receipt_waits_for_a_locked_store_no_longer(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "PATIENCE", PATIENCE)
    monkeypatch.setattr(stores, "PATIENCE", PATIENCE)
    with standing(database_url, tmp_path, smtp_url="smtp://127.0.0.1:9") as house:
        browser = house.browser()
        say(browser, house.cast.maria_link)
        with _notices_locked(house.store):
            answer = browser.post("/thanks/mail", data={"email": "ida@home.example"})
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert browser.post("/thanks/mail", data={"email": "ida@home.example"}).status_code == 303


@contextmanager
def _notices_locked(store: Store) -> Iterator[None]:
    if store.is_sqlite:
        with locked(store):
            yield
        return
    with psycopg.connect(store.url.set(drivername="postgresql").render_as_string(hide_password=False)) as other:
        other.execute("LOCK TABLE notice IN SHARE MODE")
        yield


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_full_disk_loses_nothing_and_all_is_well_when_there_is_room(alone: Standing) -> None:
    browser, code = alone.browser(), alone.cast.table_link
    first, token = say(browser, code, message="Before"), token_of(browser, code)
    with _full(alone.app):
        answer = send(browser, code, kind="complaint", message=WORDS * 60, token=token)
        again = assert_not_saved(answer, 507)
        assert again["message"] == WORDS * 60
        assert browser.get(f"/q/{code}").status_code == 200
        assert receipt_on(browser.get("/thanks")) == first
        assert rows(alone.store)["submission"] == 1
    assert browser.post(f"/q/{code}", data=again).status_code == 303
    assert len(submissions(alone.store)) == 2


@contextmanager
def _full(app: Flask) -> Iterator[None]:
    """No connection may make the file longer than it is, and nothing is free inside it."""
    engine = app.extensions[NAME].store.engine
    plain = engine.raw_connection()
    plain.cursor().execute("VACUUM")
    plain.close()

    def no_more(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if statement.startswith("BEGIN IMMEDIATE"):
            (pages,) = cursor.execute("PRAGMA page_count").fetchone()  # type: ignore[attr-defined]
            cursor.execute(f"PRAGMA max_page_count={pages}")  # type: ignore[attr-defined]

    event.listen(engine, "before_cursor_execute", no_more)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", no_more)
        engine.dispose()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("state", "status"), [("53100", 507), ("53300", 503), ("57P01", 503), ("40001", 503)])
def test_what_the_server_refuses_is_told_as_not_saved(alone: Standing, state: str, status: int) -> None:
    """The server itself says disk full, too many connections, shut down, or out of turn."""
    with alone.store.write_rows() as connection:
        connection.exec_driver_sql(
            "create function refuse() returns trigger language plpgsql as"
            f" $$ begin raise exception 'no' using errcode = '{state}'; end $$"
        )
        connection.exec_driver_sql("create trigger refuse before insert on submission execute function refuse()")
    browser, code = alone.browser(), alone.cast.table_link
    again = assert_not_saved(send(browser, code, kind="complaint", message=WORDS), status)
    assert browser.get(f"/q/{code}").status_code == 200
    with alone.store.write_rows() as connection:
        connection.exec_driver_sql("drop trigger refuse on submission")
    assert browser.post(f"/q/{code}", data=again).status_code == 303


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_server_that_is_gone_is_told_as_not_saved_and_found_again(alone: Standing) -> None:
    """Its connections are cut, as by a restart; the next request has a fresh one."""
    browser, code = alone.browser(), alone.cast.table_link
    token = token_of(browser, code)
    url = alone.store.url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (alone.store.url.database,)
        )
    statuses = [send(browser, code, kind="compliment", token=token).status_code for _ in range(4)]
    assert set(statuses) <= {303, 503} and statuses[-1] == 303
    alone.store.close()
    assert len(submissions(alone.store)) == 1


def test_a_store_that_is_not_there_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "PATIENCE", 1)
    url = "postgresql+psycopg://postgres@127.0.0.1:9/none"
    settings = Settings("a secret for tests", tmp_path, url, base_url="http://localhost")
    with opened(settings) as app:
        for answer in (
            app.test_client().get("/q/7K3M9PXA"),
            app.test_client().post("/q/7K3M9PXA", data={"kind": "compliment"}),
            app.test_client().get("/r"),
            app.test_client().get("/thanks"),
        ):
            assert answer.status_code == 503
            assert "Not saved yet" in visible_text(answer.text)


def assert_not_saved(answer: TestResponse, status: int) -> dict[str, str]:
    """Said plainly, with everything kept and no receipt; what the form holds."""
    assert answer.status_code == status, answer.status
    assert "Not saved yet" in visible_text(answer.text)
    assert int(answer.headers["Retry-After"]) > 0
    assert "Set-Cookie" not in answer.headers and "Location" not in answer.headers
    return kept_words(answer)
