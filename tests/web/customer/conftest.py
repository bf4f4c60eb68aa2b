"""One installation for all these tests, swept after each; `alone` is another one, for a test that changes the cast."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, update

from feedback import create_app
from feedback.config import Settings
from feedback.core.links import Link
from feedback.core.organisation import changed
from feedback.db import Store
from feedback.migrations import metadata
from feedback.web import NAME
from tests.conftest import STORES
from tests.factories import Cast, cast_of
from tests.ground import postgres as servers
from tests.story import SECRET
from tests.web.customer.hand import KEPT, rows

SURVEYS = {"survey", "edition", "asking", "portion", "answer_count", "answer_text", "audit"}
_names = (f"standing{number}" for number in itertools.count())


@dataclass(frozen=True, slots=True)
class Standing:
    """An application on a store with the cast in it."""

    app: Flask
    store: Store
    cast: Cast
    settings: Settings

    def browser(self) -> FlaskClient:
        """A customer's browser."""
        return self.app.test_client()


@contextmanager
def opened(settings: Settings) -> Iterator[Flask]:
    """One more process of the installation with those settings."""
    app = create_app(settings)
    app.testing = True
    try:
        yield app
    finally:
        app.extensions[NAME].store.close()


@contextmanager
def standing(url: str, folder: Path, **more: object) -> Iterator[Standing]:
    """An installation with the cast, on the empty store at `url`."""
    usual = {"secret_key": SECRET, "data_dir": folder, "database_url": url, "base_url": "http://localhost"}
    settings = Settings(**(usual | more))  # type: ignore[arg-type]
    store = Store(url)
    try:
        with opened(settings) as app:
            yield Standing(app, store, cast_of(store), settings)
    finally:
        store.close()


def sweep(store: Store) -> None:
    """Take away what customers sent and what they were asked; the organisation stays."""
    with store.write() as session:
        gone = {
            table.name
            for table in reversed(metadata.sorted_tables)
            if table.name in KEPT | SURVEYS and session.execute(delete(table)).rowcount
        }
        if gone & SURVEYS:
            session.execute(update(Link).values(is_internal=False))
            changed(session)


@pytest.fixture(scope="session", params=STORES)
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """The installation that all tests share, on either kind of store."""
    folder = tmp_path_factory.mktemp("standing")
    if request.param == "sqlite":
        file = folder / "firsthand.db"
        file.write_bytes(request.getfixturevalue("migrated_file"))
        with standing(f"sqlite:///{file}", folder) as made:
            yield made
        return
    server, name = request.getfixturevalue("postgres_server"), next(_names)
    url = servers.create_database(server, name, template=request.getfixturevalue("migrated_template"))
    with standing(url, folder) as made:
        yield made
    servers.drop_database(server, name)


@pytest.fixture
def store(house: Standing) -> Iterator[Store]:
    """The shared store, with nothing from customers in it."""
    yield house.store
    sweep(house.store)


@pytest.fixture
def app(house: Standing, store: Store) -> Flask:
    """The shared application."""
    return house.app


@pytest.fixture
def cast(house: Standing) -> Cast:
    """The shared cast; not to be changed."""
    return house.cast


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A customer's browser."""
    return app.test_client()


@pytest.fixture
def nothing_kept(house: Standing) -> Iterator[None]:
    """Around a test after which the store is as it was."""
    before = rows(house.store)
    yield
    assert rows(house.store) == before


@pytest.fixture
def alone(database_url: str, tmp_path: Path) -> Iterator[Standing]:
    """An installation of the test's own, which it may change as it likes."""
    with standing(database_url, tmp_path) as made:
        yield made
