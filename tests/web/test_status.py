"""The state of the house, as those see it who watch over it: "ok", or one word why not."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from feedback import create_app
from feedback.config import Settings
from feedback.db import Store
from feedback.web import NAME, status
from tests.factories import Cast
from tests.story import statements
from tests.web.conftest import Trouble


@pytest.fixture(autouse=True)
def unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody asked before."""
    forget(monkeypatch)


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status._Last, "at", float("-inf"))


def asked(app: Flask) -> TestResponse:
    return app.test_client().get("/healthz")


def test_all_is_well(app: Flask, cast: Cast) -> None:
    answer = asked(app)
    assert (answer.status_code, answer.text, answer.mimetype) == (200, "ok", "text/plain")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert app.test_client().head("/healthz").status_code == 200
    assert app.test_client().post("/healthz").status_code == 405


def test_before_the_set_up_the_tables_are_missing(tmp_path: Path) -> None:
    file = tmp_path / "new.db"
    app = create_app(Settings(secret_key="x", data_dir=tmp_path, database_url=f"sqlite:///{file}"))
    assert (asked(app).status_code, asked(app).text) == (503, "schema")
    app.extensions[NAME].store.close()


def test_an_older_version_of_the_tables_is_not_well(app: Flask, store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.execute(text("update alembic_version set version_num = '0000'"))
    assert (asked(app).status_code, asked(app).text) == (503, "schema")


def test_a_locked_store_is_busy_and_well_again_by_itself(
    hasty: Flask, cast: Cast, locked: Trouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    with locked():
        assert (asked(hasty).status_code, asked(hasty).text) == (503, "busy")
    forget(monkeypatch)
    assert asked(hasty).text == "ok"


def test_a_full_disk_is_full(hasty: Flask, cast: Cast, full: Trouble, monkeypatch: pytest.MonkeyPatch) -> None:
    with full():
        assert (asked(hasty).status_code, asked(hasty).text) == (503, "full")
    forget(monkeypatch)
    assert asked(hasty).text == "ok"


def test_a_store_out_of_reach_is_busy(store: Store, settings: Settings, cast: Cast) -> None:
    if store.is_sqlite:
        away = f"sqlite:///{settings.data_dir}/no/such/folder/x.db"
    else:
        away = "postgresql+psycopg://postgres@127.0.0.1:1/nowhere"
    app = create_app(replace(settings, database_url=away))
    answer = asked(app)
    assert answer.status_code == 503
    assert answer.text in ("busy", "schema")
    app.extensions[NAME].store.close()


def test_asking_often_costs_one_write(app: Flask, cast: Cast) -> None:
    with statements(app) as seen:
        for _ in range(5):
            assert asked(app).text == "ok"
    assert sum(statement.lower().startswith("update") for statement in seen) == 1


def test_browsers_find_an_icon(app: Flask) -> None:
    answer = app.test_client().get("/favicon.ico", buffered=True)
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
