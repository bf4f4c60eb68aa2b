"""What every test stands on: real stores, an application, a cast of people, a mail server, a browser."""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from feedback import create_app
from feedback.config import Settings
from feedback.core.demo import making
from feedback.db import Store
from feedback.migrations import migrate
from feedback.text import speak
from tests.factories import Cast, cast_of
from tests.ground import browser as browsers
from tests.ground import lines
from tests.ground import postgres as servers
from tests.ground.once import work_once
from tests.ground.shelf import Shelf
from tests.ground.smtp import Mailbox
from tests.ground.smtp import mailbox as mail_server

work_once()
# Hashing is slow by design, and whom every demo of the same secret is made of has the same passwords.
making.hashed = cache(making.hashed)

STORES = ("sqlite", "postgresql")
STAFF_ROOMS = ("tests.web.admin.", "tests.web.employee.", "tests.web.manager.")


def pytest_configure() -> None:
    """Let the tests' folders lie where writing does not wait for a disk; what waits for one is asserted of the store."""
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(servers.quick_folder()))
    keep_byte_code()


def keep_byte_code() -> None:
    """Let Python keep it beside its sources, as it does unless told otherwise.

    Without it, each worker compiles every test and each server and command that a test starts compiles the house.
    """
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_collection_finish() -> None:
    """Look for garbage seldom, and only among what the tests make: what was loaded for all of them stays anyway."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 5, 5)


@pytest.fixture(autouse=True)
def in_english() -> None:
    """Each test begins in English, whatever language the one before spoke last."""
    speak("en")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A real PostgreSQL for the whole run."""
    lines.share()
    with servers.postgres() as url:
        yield url
        lines.let_go()


@pytest.fixture(scope="session")
def migrated_template(postgres_server: str) -> str:
    """A migrated PostgreSQL database to be cloned for each test."""
    store = Store(servers.create_database(postgres_server, "migrated"))
    migrate(store)
    store.close()
    lines.let_go("migrated")
    return "migrated"


@pytest.fixture(scope="session")
def shelf(postgres_server: str, migrated_template: str) -> Iterator[Shelf]:
    """Migrated, empty PostgreSQL databases, used one after the other."""
    with closing(Shelf(postgres_server, migrated_template)) as shelf:
        yield shelf


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A migrated SQLite database to be copied for each test."""
    file = tmp_path_factory.mktemp("migrated") / "migrated.db"
    store = Store(f"sqlite:///{file}")
    migrate(store)
    store.close()
    return file.read_bytes()


@contextmanager
def fresh(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[str]:
    """The address of a migrated, empty store of one of STORES; a file of it lies in `folder`."""
    if kind == "sqlite":
        file = folder / "firsthand.db"
        file.write_bytes(request.getfixturevalue("migrated_file"))
        file.chmod(0o640)
        yield f"sqlite:///{file}"
    else:
        with request.getfixturevalue("shelf").lent() as url:
            yield url


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test of a store runs on both kinds; one that says which by itself, on that.

    The rooms of those at work have no SQL of their own: what they ask is tested in core on both. There, both are for
    those tests where the store itself matters: several things at once, and a store that is locked or full.
    """
    own = any("database_url" in mark.args[0] for mark in metafunc.definition.iter_markers("parametrize"))
    if "database_url" in metafunc.fixturenames and not own:
        metafunc.parametrize("database_url", STORES if _needs_both(metafunc) else STORES[:1], indirect=True)


def _needs_both(metafunc: pytest.Metafunc) -> bool:
    is_staff_room = metafunc.module.__name__.startswith(STAFF_ROOMS)
    at_once = "at_once" in metafunc.function.__code__.co_names
    return not is_staff_room or at_once or not {"locked", "full", "hasty"}.isdisjoint(metafunc.fixturenames)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh, migrated, empty store."""
    with fresh(request, request.param, tmp_path) as url:
        yield url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A fresh, migrated, empty store."""
    opened = Store(database_url)
    yield opened
    opened.close()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of an installation on a fresh store."""
    return Settings(
        secret_key="a secret for tests", data_dir=tmp_path, database_url=database_url, base_url="http://localhost"
    )


@pytest.fixture
def app(settings: Settings, store: Store) -> Iterator[Flask]:
    """The application on the fresh store."""
    made = create_app(settings)
    made.testing = True
    yield made
    made.extensions["firsthand"].store.close()


@pytest.fixture
def cast(store: Store) -> Cast:
    """The people every story is played by."""
    return cast_of(store)


@pytest.fixture
def client(app: Flask, cast: Cast) -> FlaskClient:
    """A customer's browser, on an organisation with the cast in it."""
    return app.test_client()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real browser for the whole run."""
    with browsers.browser() as opened:
        yield opened


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A real mail server on loopback."""
    with mail_server() as box:
        yield box
