"""Column types: a moment is one moment, whatever zone it is written in and whichever store keeps it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, update

from feedback.core.organisation import Organisation
from feedback.db import Store
from tests.factories import BEGINNING


@pytest.fixture(autouse=True)
def organisation(store: Store) -> None:
    with store.write() as session:
        session.add(Organisation(name="Garden House", made_at=BEGINNING))


@pytest.mark.parametrize(
    "at",
    [BEGINNING, BEGINNING.replace(microsecond=1), datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC),
     BEGINNING.astimezone(timezone(timedelta(hours=-11, minutes=-30)))],
)  # fmt: skip
def test_a_moment_comes_back_as_the_same_moment_in_utc(store: Store, at: datetime) -> None:
    with store.write_rows() as connection:
        connection.execute(update(Organisation).values(demo_at=at))
    with store.read() as session:
        found = session.scalars(select(Organisation.demo_at)).one()
    assert found is not None and (found, found.tzinfo) == (at, UTC)


def test_a_moment_without_its_zone_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match="time zone"), store.write_rows() as connection:
        connection.execute(update(Organisation).values(demo_at=datetime(2026, 1, 1)))
