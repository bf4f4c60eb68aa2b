"""The two doors of a store: reading never waits, writing is all or nothing, and each trouble has its name."""

import gc
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import event, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from feedback.core.organisation import Organisation, the_organisation
from feedback.core.people import Department
from feedback.db import Store, StoreBusy, StoreError, StoreFull, StoreUnusable, new_id
from feedback.db import store as stores
from feedback.db.driver import sqlite
from feedback.db.store import PRAGMAS, _what_failed
from tests.factories import BEGINNING
from tests.ground import lines

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
only_postgres = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture(autouse=True)
def organisation(store: Store) -> None:
    with store.write() as session:
        session.add(Organisation(name="Garden House", made_at=BEGINNING))


def names(store: Store) -> list[str]:
    with store.read() as session:
        return sorted(session.scalars(select(Department.name)))


def department(name: str) -> Department:
    return Department(id=new_id(BEGINNING), name=name)


def test_what_is_written_is_read(store: Store) -> None:
    with store.write() as session:
        session.add(department("Kitchen"))
    assert names(store) == ["Kitchen"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_write_that_fails_leaves_nothing(store: Store, error: type[BaseException]) -> None:
    with pytest.raises(error), store.write() as session:
        session.add(department("Kitchen"))
        session.flush()
        raise error
    with pytest.raises(error), store.write_rows() as connection:
        connection.execute(update(Organisation).values(name="Other"))
        raise error
    assert names(store) == []
    with store.read() as session:
        assert session.scalars(select(Organisation.name)).all() == ["Garden House"]


def test_what_fails_at_the_end_leaves_nothing(store: Store) -> None:
    same = new_id(BEGINNING)
    with pytest.raises(IntegrityError), store.write() as session:
        session.add(Department(id=same, name="One"))
        session.flush()
        session.expunge_all()
        session.add(Department(id=same, name="Two"))
    assert names(store) == []


def test_reading_keeps_nothing(store: Store) -> None:
    with store.read() as session:
        session.add(department("Kitchen"))
        session.flush()
    assert names(store) == []


def test_a_reader_sees_one_moment_and_does_not_wait_for_a_writer(store: Store) -> None:
    with store.write() as writing:
        writing.add(department("Kitchen"))
        writing.flush()
        began = time.monotonic()
        assert names(store) == []
        assert time.monotonic() - began < 1
    assert names(store) == ["Kitchen"]


def test_a_writer_does_not_wait_for_a_reader(store: Store) -> None:
    with store.read() as reading:
        assert the_organisation(reading)
        began = time.monotonic()
        with store.write() as writing:
            writing.add(department("Kitchen"))
        assert time.monotonic() - began < 1
    assert names(store) == ["Kitchen"]


def test_counting_up_by_many_at_once_loses_nothing(store: Store) -> None:
    """Read, then write: what a transaction that begins deferred loses or refuses."""

    def raise_it() -> None:
        for _ in range(10):
            with store.write() as session:
                seen = session.scalars(select(Organisation.version).with_for_update()).one()
                session.execute(update(Organisation).values(version=seen + 1))

    before = store.version()
    threads = [threading.Thread(target=raise_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert before is not None and store.version() == before + 60


def test_the_version_is_read_as_it_is_and_none_before_the_first_set_up(store: Store) -> None:
    assert store.version() == 1
    with store.write_rows() as connection:
        connection.execute(update(Organisation).values(version=7))
    assert store.version() == 7
    with store.write_rows() as connection:
        connection.execute(text("delete from organisation"))
    assert store.version() is None


def test_threads_that_end_leave_no_connection_behind(store: Store) -> None:
    """Some servers answer each request in a thread of its own."""
    opened: set[object] = set()
    event.listen(store.engine, "connect", lambda connection, record: opened.add(connection))
    for _ in range(30):
        thread = threading.Thread(target=store.version)
        thread.start()
        thread.join()
    gc.collect()
    with store.read() as session:
        if store.is_sqlite:
            file = str(store.url.database)
            folder = Path("/proc/self/fd")
            held = [link for link in folder.iterdir() if link.exists() and str(link.readlink()) == file]
            assert len(held) <= 5
        else:
            open_now = "select count(*) from pg_stat_activity where datname = current_database()"
            assert (session.scalar(text(open_now)) or 0) <= 5


@only_sqlite
def test_sqlite_is_set_as_decided(store: Store) -> None:
    with Store(store.url.render_as_string()).read() as session:
        for name, value in PRAGMAS.items():
            assert session.scalar(text(f"PRAGMA {name}")) == value
    assert (PRAGMAS["journal_mode"], PRAGMAS["synchronous"], PRAGMAS["foreign_keys"]) == ("wal", 2, 1)
    assert sqlite.sqlite_version_info >= stores.SQLITE_NEEDED


@only_sqlite
def test_a_setting_that_does_not_hold_is_told_at_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PRAGMAS, "synchronous", 7)
    other = Store(store.url.render_as_string())
    with pytest.raises(StoreUnusable, match="synchronous"), other.read() as session:
        session.scalar(text("select 1"))
    other.close()


@only_sqlite
def test_an_old_sqlite_is_refused_with_what_to_do(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "SQLITE_NEEDED", (99, 0, 0))
    with pytest.raises(StoreUnusable, match=r"install SQLite 99\.0\.0 or newer, or use PostgreSQL"):
        Store(store.url.render_as_string())


@only_sqlite
def test_reads_begin_deferred_and_writes_immediate(store: Store) -> None:
    begun: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda c, k, statement, *rest: begun.append(statement))
    with store.read() as session:
        session.scalar(text("select 1"))
    with store.write_rows():
        pass
    assert [statement for statement in begun if statement.startswith("BEGIN")] == ["BEGIN", "BEGIN IMMEDIATE"]


@only_sqlite
def test_a_locked_file_is_busy_in_time_and_free_again_by_itself(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "PATIENCE", 0.3)
    other = sqlite.connect(store.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    with pytest.raises(StoreBusy), store.write() as session:
        session.add(department("Kitchen"))
    assert 0.2 < time.monotonic() - began < 2
    assert names(store) == []
    other.rollback()
    other.close()
    with store.write() as session:
        session.add(department("Kitchen"))
    assert names(store) == ["Kitchen"]


@only_sqlite
def test_one_deadline_covers_the_line_and_the_lock(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the patience spent in line leaves the other half for the file, and no more."""
    monkeypatch.setattr(stores, "PATIENCE", 1.0)
    other = sqlite.connect(store.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    spent: list[float] = []

    def write() -> None:
        began = time.monotonic()
        with pytest.raises(StoreBusy), store.write_rows():
            pass
        spent.append(time.monotonic() - began)

    threads = [threading.Thread(target=write) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert max(spent) < 2.2


@only_sqlite
def test_a_full_disk_is_full_and_writable_again_when_there_is_room(store: Store) -> None:
    with store.write_rows() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    with pytest.raises(StoreFull), store.write_rows() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        for _ in range(200):
            connection.execute(insert(Department), {"id": new_id(BEGINNING), "name": "x" * 200})
    assert names(store) == []
    with store.write_rows() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
        connection.execute(insert(Department), {"id": new_id(BEGINNING), "name": "x" * 200})
    assert len(names(store)) == 1


@only_sqlite
def test_a_file_that_may_not_be_written_is_busy(store: Store) -> None:
    with pytest.raises(StoreBusy), store.write_rows() as connection:
        connection.exec_driver_sql("PRAGMA query_only=1")
        try:
            connection.execute(update(Organisation).values(name="Other"))
        finally:
            connection.exec_driver_sql("PRAGMA query_only=0")


@only_postgres
def test_a_locked_table_is_busy_in_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "PATIENCE", 0.3)
    hasty = Store(store.url.render_as_string(hide_password=False))
    with store.write_rows() as connection:
        connection.exec_driver_sql("lock table department in share mode")
        began = time.monotonic()
        with pytest.raises(StoreBusy), hasty.write() as session:
            session.add(department("Kitchen"))
        assert 0.2 < time.monotonic() - began < 2
    hasty.close()


@only_postgres
@pytest.mark.parametrize(
    ("state", "error"),
    [("53100", StoreFull), ("55P03", StoreBusy), ("57014", StoreBusy), ("57P01", StoreBusy), ("53300", StoreBusy),
     ("40001", StoreBusy), ("40P01", StoreBusy), ("22012", DBAPIError), ("42P01", ProgrammingError)],
)  # fmt: skip
def test_what_the_server_says_has_its_name(store: Store, state: str, error: type[Exception]) -> None:
    with pytest.raises(error) as caught, store.write_rows() as connection:
        connection.exec_driver_sql(f"do $$ begin raise exception 'no' using errcode = '{state}'; end $$")
    assert isinstance(caught.value, StoreError) is issubclass(error, StoreError)


@only_postgres
def test_a_connection_that_was_cut_is_busy_once_and_then_replaced(store: Store) -> None:
    assert names(store) == []
    lines.let_go(store.url.database)  # those that wait for another test would be cut as well
    url = store.url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (store.url.database,)
        )
    with pytest.raises(StoreBusy):
        names(store)
    assert names(store) == []


@only_postgres
def test_the_session_speaks_utc(store: Store) -> None:
    with store.read() as session:
        assert session.scalar(text("show timezone")) == "UTC"


@pytest.mark.parametrize("url", ["postgresql+psycopg://postgres@127.0.0.1:9/none"])
def test_a_server_that_is_not_there_is_busy(url: str) -> None:
    away = Store(url)
    doors: list[Callable[[], object]] = [lambda: names(away), away.version, lambda: away.write_rows().__enter__()]
    for door in doors:
        with pytest.raises(StoreBusy):
            door()
    away.close()


def test_a_pool_that_is_used_up_is_busy(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_more() -> None:
        raise PoolTimeout("no connection left")

    monkeypatch.setattr(store.engine.pool, "connect", no_more)
    with pytest.raises(StoreBusy), store.read() as session:
        session.scalar(text("select 1"))
    with pytest.raises(StoreBusy):
        store.version()


def test_a_statement_that_is_wrong_is_not_blamed_on_the_store(store: Store) -> None:
    with pytest.raises(DBAPIError) as caught, store.read() as session:
        session.execute(text("select nothing from nowhere"))
    assert _what_failed(caught.value) is None


def test_the_lock_lies_beside_the_file(store: Store, tmp_path: Path) -> None:
    with store.write_rows():
        pass
    assert (tmp_path / "firsthand.db.writer").exists() is store.is_sqlite
