"""A bundle: rows of several tables, all of them or none, once; the same on both stores."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from feedback.core.counts import DayCount
from feedback.core.history import Event
from feedback.core.intake import MERGED
from feedback.core.submissions import Submission
from feedback.db import Bundle, Store, bundle, new_id, table_of
from tests.factories import BEGINNING, Cast
from tests.story import at_once

SUBMISSION, EVENT, COUNT = map(table_of, (Submission, Event, DayCount))
WORDS = 'Grüße, "quoted" \\u0000 \\ {} %(x)s :y ? — شكرا 🙂\n\ttab'


def made(store: Store) -> Bundle:
    return bundle(store.dialect, SUBMISSION, (EVENT, COUNT), unless=SUBMISSION.c.key, clauses=MERGED)


def rows(key: bytes = b"k" * 16, **changes: Any) -> dict[Any, list[dict[str, Any]]]:
    number = new_id(BEGINNING)
    submission: dict[str, Any] = dict.fromkeys(column.name for column in SUBMISSION.columns) | {
        "id": number, "key": key, "digest": b"\0\xff" * 8, "receipt_hash": b"r" * 32, "kind": "compliment",
        "message": WORDS, "language": "en", "person_note": "", "submitted_at": BEGINNING, "may_share": True,
        "is_trapped": False, "is_hasty": False, "is_history": False,
    }  # fmt: skip
    event = {
        "id": new_id(BEGINNING), "submission_id": number, "number": 1, "name": "received", "at": BEGINNING,
        "by_id": None, "details": {"who": "Zoë"}, "text": "",
    }  # fmt: skip
    count = {"day": BEGINNING.date(), "link_id": 1, "department_id": 2, "kind": "compliment", "rating": 0, "n": 1}
    return {SUBMISSION: [submission | changes], EVENT: [event], COUNT: [count]}


def found(store: Store) -> tuple[int, int, list[int]]:
    with store.read() as session:
        return (
            len(session.scalars(select(Submission.id)).all()),
            len(session.scalars(select(Event.id)).all()),
            list(session.scalars(select(DayCount.n))),
        )


def test_every_value_comes_back_as_it_was(store: Store, cast: Cast) -> None:
    happened = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)
    assert store.keep(made(store), rows(happened_at=happened, rating=5))
    with store.read() as session:
        (kept,) = session.scalars(select(Submission))
        (event,) = session.scalars(select(Event))
    assert (kept.message, kept.digest, kept.key) == (WORDS, b"\0\xff" * 8, b"k" * 16)
    assert (kept.submitted_at, kept.happened_at) == (BEGINNING, happened)
    assert (kept.rating, kept.link_id, kept.may_share, kept.is_trapped) == (5, None, True, False)
    assert event.details == {"who": "Zoë"} and event.submission_id == kept.id


def test_the_same_again_writes_nothing(store: Store, cast: Cast) -> None:
    assert store.keep(made(store), rows()) is True
    assert store.keep(made(store), rows()) is False
    assert found(store) == (1, 1, [1])


def test_where_a_row_is_there_already_it_is_added_to(store: Store, cast: Cast) -> None:
    for number in range(3):
        assert store.keep(made(store), rows(bytes([number]) * 16))
    assert found(store) == (3, 3, [3])


def test_what_one_table_refuses_no_table_keeps(store: Store, cast: Cast) -> None:
    broken = rows()
    broken[EVENT][0]["submission_id"] = 1
    with pytest.raises(IntegrityError):
        store.keep(made(store), broken)
    assert found(store) == (0, 0, [])


def test_a_row_without_a_column_is_a_fault(store: Store, cast: Cast) -> None:
    broken = rows()
    del broken[EVENT][0]["text"]
    with pytest.raises((KeyError, IntegrityError)):
        store.keep(made(store), broken)
    assert found(store) == (0, 0, [])


def test_twenty_at_once_with_one_key_are_one(store: Store, cast: Cast) -> None:
    told: list[bool] = []
    at_once(*[lambda: told.append(store.keep(made(store), rows()))] * 20)
    assert sorted(told) == [False] * 19 + [True]
    assert found(store) == (1, 1, [1])


def test_within_a_transaction_it_goes_with_it(store: Store, cast: Cast) -> None:
    with pytest.raises(ValueError), store.write_rows() as connection:
        made(store).keep(connection, rows())
        raise ValueError
    assert found(store) == (0, 0, [])
