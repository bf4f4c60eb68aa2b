"""Group commit: those who wait together are kept together, each answers for itself, and nobody before the commit."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, event, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError

from feedback.core.people import Department
from feedback.db import Store, StoreBusy, StoreFull, new_id, table_of
from feedback.db.group import GroupCommit
from tests.factories import BEGINNING

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DEPARTMENT = table_of(Department)


def add(connection: Connection, name: str, number: int | None = None) -> str:
    row = {"id": number or new_id(BEGINNING), "name": name, "parent_id": None, "retired_at": None}
    connection.execute(insert(DEPARTMENT), row)
    return name


def names(store: Store) -> list[str]:
    with store.read() as session:
        return sorted(session.scalars(select(Department.name)))


class Gate:
    """Transactions of a store that can be held back, so that others gather meanwhile; counts them."""

    def __init__(self, store: Store) -> None:
        self.store, self.count = store, 0
        self.is_open, self.is_reached = threading.Event(), threading.Event()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        self.count += 1
        self.is_reached.set()
        self.is_open.wait(10)
        with self.store.write_rows() as connection:
            yield connection


def gathered(gate: Gate, group: GroupCommit, pool: ThreadPoolExecutor, works: list[object]) -> list[Future[object]]:
    """All `works` asked for while the gate is shut; then it opens."""
    asked: list[Future[object]] = []
    for number, work in enumerate(works):
        asked.append(pool.submit(group.keep, work))  # type: ignore[arg-type]
        assert gate.is_reached.wait(5)
        while len(group._gathered) <= number:
            time.sleep(0.001)
    gate.is_open.set()
    return asked


def test_one_alone_is_kept(store: Store) -> None:
    assert GroupCommit(store.write_rows).keep(lambda connection: add(connection, "One")) == "One"
    assert names(store) == ["One"]


def test_those_who_gathered_share_one_transaction(store: Store) -> None:
    gate = Gate(store)
    group = GroupCommit(gate.transaction)
    with ThreadPoolExecutor(8) as pool:
        works = [lambda connection, n=n: add(connection, f"D{n}") for n in range(8)]
        told = [one.result() for one in gathered(gate, group, pool, works)]  # type: ignore[arg-type]
    assert told == names(store) == [f"D{n}" for n in range(8)]
    assert gate.count == 1


def test_what_fails_of_one_takes_nobody_along(store: Store) -> None:
    gate, same = Gate(store), new_id(BEGINNING)
    group = GroupCommit(gate.transaction)

    def both(connection: Connection) -> None:
        add(connection, "Half")
        add(connection, "Taken", same)

    def fault(connection: Connection) -> None:
        add(connection, "Fault")
        raise ValueError

    with ThreadPoolExecutor(4) as pool:
        works = [lambda c: add(c, "First", same), both, fault, lambda c: add(c, "Last")]
        first, second, third, last = gathered(gate, group, pool, works)
        assert (first.result(), last.result()) == ("First", "Last")
        assert isinstance(second.exception(), IntegrityError)
        assert isinstance(third.exception(), ValueError)
    assert names(store) == ["First", "Last"]
    assert gate.count == 1


def test_when_the_store_is_in_trouble_everyone_is_told_and_nothing_is_kept(store: Store) -> None:
    gate = Gate(store)
    group = GroupCommit(gate.transaction)

    def full(connection: Connection) -> None:
        raise OperationalError(None, None, Exception("database or disk is full"))

    with ThreadPoolExecutor(3) as pool:
        works = [lambda c: add(c, "First"), full, lambda c: add(c, "Last")]
        assert all(isinstance(one.exception(), StoreFull) for one in gathered(gate, group, pool, works))
    assert names(store) == []
    assert group.keep(lambda connection: add(connection, "Later")) == "Later"


def test_a_commit_that_fails_is_everyones_failure(store: Store) -> None:
    gate = Gate(store)
    group = GroupCommit(gate.transaction)

    def refuse(connection: Connection) -> None:
        raise OperationalError(None, None, Exception("disk I/O error"))

    event.listen(store.engine, "commit", refuse)
    try:
        with ThreadPoolExecutor(2) as pool:
            works = [lambda c: add(c, "First"), lambda c: add(c, "Last")]
            assert all(isinstance(one.exception(), StoreBusy) for one in gathered(gate, group, pool, works))
    finally:
        event.remove(store.engine, "commit", refuse)
    assert names(store) == []


def test_who_comes_while_a_group_is_written_is_in_the_next(store: Store) -> None:
    gate, is_inside, may_go_on = Gate(store), threading.Event(), threading.Event()
    gate.is_open.set()
    group = GroupCommit(gate.transaction)

    def slow(connection: Connection) -> str:
        is_inside.set()
        may_go_on.wait(5)
        return add(connection, "First")

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(group.keep, slow)
        assert is_inside.wait(5)
        others = [pool.submit(group.keep, lambda c, n=n: add(c, f"N{n}")) for n in range(3)]  # type: ignore[misc]
        while len(group._gathered) < 3:
            time.sleep(0.001)
        assert not first.done()
        may_go_on.set()
        assert first.result() == "First" and [one.result() for one in others] == ["N0", "N1", "N2"]
    assert gate.count == 2


def test_nobody_is_forgotten_in_a_crowd(store: Store) -> None:
    group = GroupCommit(store.write_rows)
    with ThreadPoolExecutor(16) as pool:
        told = list(pool.map(lambda n: group.keep(lambda c: add(c, f"D{n:03}")), range(300)))
    assert told == names(store)
