"""A database that serves again is as its template, and a connection that serves again is as a fresh one."""

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from sqlalchemy import create_engine

from tests.ground import lines, postgres
from tests.ground.shelf import Shelf


@pytest.fixture(scope="module")
def shelf(postgres_server: str) -> Iterator[Shelf]:
    url = postgres.create_database(postgres_server, "small")
    with psycopg.connect(plain(url)) as connection:
        connection.execute("create table given (id int); insert into given values (1)")
        connection.execute("create table parent (id int primary key); create table child (id int references parent)")
    with closing(Shelf(postgres_server, "small")) as shelf:
        yield shelf


def plain(url: str) -> str:
    return url.replace("+psycopg", "", 1)


def do(url: str, *statements: str) -> None:
    with psycopg.connect(plain(url), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def test_rows_are_gone_and_what_was_given_stays(shelf: Shelf) -> None:
    with shelf.lent() as first:
        do(first, "insert into parent values (7)", "insert into child values (7)")
    with shelf.lent() as second, psycopg.connect(plain(second)) as connection:
        assert second == first
        counted = "select (select count(*) from parent), (select count(*) from child), (select count(*) from given)"
        assert connection.execute(counted).fetchone() == (0, 0, 1)


@pytest.mark.parametrize(
    "change",
    [
        "update given set id = 2",
        "create table more (id int)",
        "alter table child add column name text",
        "create index on child (id)",
        "drop table child",
        "analyze parent",
        "create function f() returns int language sql as 'select 1'",
        "do $$ begin execute format('alter database %I set work_mem to 64', current_database()); end $$",
    ],
)
def test_where_more_changed_than_rows_there_is_a_new_one(shelf: Shelf, change: str) -> None:
    with shelf.lent() as first:
        do(first, "insert into parent values (1)", change)
    with shelf.lent() as second:
        assert second != first


def test_where_somebody_is_still_connected_there_is_a_new_one(shelf: Shelf) -> None:
    with shelf.lent() as first:
        left = psycopg.connect(plain(first))
        left.execute("insert into parent values (1)")
    with shelf.lent() as second:
        assert second != first
    left.close()


def test_a_connection_that_serves_again_has_forgotten(shelf: Shelf) -> None:
    """Settings, locks, temporary tables and what was begun; the process behind it is the same."""
    with shelf.lent() as url:
        pids = []
        for _ in range(2):
            engine = create_engine(url, connect_args={"options": "-c lock_timeout=77"})
            connection = engine.raw_connection()
            cursor = connection.cursor()
            cursor.execute("select pg_backend_pid(), current_setting('lock_timeout'), current_setting('work_mem')")
            pid, *settings = cursor.fetchone() or ()
            pids.append(pid)
            assert settings == ["77ms", "4MB"]
            cursor.execute("select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()")
            assert cursor.fetchone() == (0,)
            cursor.execute("select to_regclass('pg_temp.mine'), (select count(*) from parent)")
            assert cursor.fetchone() == (None, 0)
            cursor.execute("set lock_timeout = 5; set work_mem = '1MB'; select pg_advisory_lock(3)")
            cursor.execute("create temp table mine (id int)")
            connection.commit()
            cursor.execute("insert into parent values (1)")
            cursor.close()
            connection.close()
            engine.dispose()
        assert pids[0] == pids[1]


def test_a_connection_that_was_cut_does_not_serve_again(shelf: Shelf) -> None:
    with shelf.lent() as url:
        engine = create_engine(url)
        engine.connect().close()
        engine.dispose()
        name = url.rpartition("/")[2]
        assert lines.waiting_at(name)
        do(
            url,
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
        )
        with engine.connect() as connection:
            assert connection.exec_driver_sql("select 1").scalar() == 1
        engine.dispose()
