"""What tests of several rooms need: an application that does not wait long for its store."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from flask import Flask
from sqlalchemy import event, text

from feedback import create_app
from feedback.config import Settings
from feedback.db import Store, queue
from feedback.db import store as stores
from feedback.web import NAME

Trouble = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch, settings: Settings, store: Store) -> Iterator[Flask]:
    """The application with a patience of a fifth of a second."""
    for module in (queue, stores):
        monkeypatch.setattr(module, "PATIENCE", 0.2)
    made = create_app(settings)
    made.testing = True
    yield made
    made.extensions[NAME].store.close()


@pytest.fixture
def locked(store: Store) -> Trouble:
    """While this holds, someone else has the only right to write."""

    @contextmanager
    def holding() -> Iterator[None]:
        with store.engine.connect() as other:
            if store.is_sqlite:
                other.execution_options(wait=1)
                with other.begin():
                    yield
            else:
                with other.begin():
                    other.execute(text("lock table organisation, event, sign_in in exclusive mode"))
                    yield

    return holding


@pytest.fixture
def full(hasty: Flask) -> Trouble:
    """While this holds, every write meets a full disk."""

    @contextmanager
    def holding() -> Iterator[None]:
        house = hasty.extensions[NAME]
        driver = house.store.engine.dialect.loaded_dbapi

        def refuse(cursor: object, statement: str, *rest: object) -> None:
            if statement.split()[0].lower() in ("insert", "update", "delete"):
                if house.store.is_sqlite:
                    raise driver.OperationalError("database or disk is full")
                raise driver.errors.DiskFull("could not extend file: No space left on device")

        event.listen(house.store.engine, "do_execute", refuse)
        try:
            yield
        finally:
            event.remove(house.store.engine, "do_execute", refuse)

    return holding
