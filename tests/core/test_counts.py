"""Counts: one row for each day, link, department, kind and rating, whoever counts at the same time."""

from datetime import date, timedelta

from sqlalchemy import select, text

from feedback.core import counts
from feedback.core.counts import NONE, DayCount
from feedback.core.organisation import Organisation
from feedback.db import Store
from tests.factories import BEGINNING, Cast
from tests.story import arrives, at_once

DAY = date(2026, 1, 5)


def count(store: Store, **changes: object) -> None:
    one: dict[str, object] = {"day": DAY, "link_id": 7, "department_id": 8, "kind": "compliment", "rating": 5}
    row = counts.row(**one | changes)  # type: ignore[arg-type]
    named = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    with store.write_rows() as connection:
        connection.execute(text(f"insert into day_count ({named}) values ({values}) {counts.ONE_MORE}"), row)


def counted(store: Store) -> dict[tuple[object, ...], int]:
    with store.read() as session:
        rows = session.scalars(select(DayCount)).all()
        return {(r.day, r.link_id, r.department_id, r.kind, r.rating): r.n for r in rows}


def test_the_same_is_counted_in_one_row(store: Store) -> None:
    count(store)
    count(store)
    assert counted(store) == {(DAY, 7, 8, "compliment", 5): 2}


def test_what_differs_is_counted_apart(store: Store) -> None:
    for changes in ({}, {"day": DAY + timedelta(1)}, {"link_id": 9}, {"department_id": 9}, {"kind": "complaint"}):
        count(store, **changes)
    count(store, rating=4)
    assert list(counted(store).values()) == [1] * 6


def test_nothing_is_counted_as_nothing(store: Store) -> None:
    for _ in range(2):
        count(store, link_id=None, department_id=None, rating=None)
    assert counted(store) == {(DAY, NONE, NONE, "compliment", NONE): 2}


def test_those_who_count_at_once_are_all_counted(store: Store) -> None:
    at_once(*[lambda: [count(store) for _ in range(5)]] * 6)
    assert list(counted(store).values()) == [30]


def test_a_submission_is_counted_for_its_day_link_and_department(store: Store, cast: Cast) -> None:
    arrives(store, cast.maria_link, kind="compliment", message="", rating=5, at=BEGINNING)
    arrives(store, cast.maria_link, person_id=cast.maria, at=BEGINNING)
    link = cast.link_ids["maria"]
    assert counted(store) == {
        (DAY, link, cast.kitchen, "compliment", 5): 1,
        (DAY, link, cast.kitchen, "complaint", NONE): 1,
    }


def test_a_complaint_is_counted_where_it_is_answered(store: Store, cast: Cast) -> None:
    """Otherwise the numbers of a department would tell its manager of a complaint about them."""
    with store.write() as session:
        session.get_one(Organisation, 1).outside_reader = "ombud@example.org"
    arrives(store, cast.kitchen_link, about_management=True, at=BEGINNING)
    assert [key[2] for key in counted(store)] == [cast.root]
