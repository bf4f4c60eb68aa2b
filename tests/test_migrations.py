"""What each version of the tables does with the rows it finds; that the result fits the models, house/ looks at."""

from alembic import command
from sqlalchemy import select, update

from feedback.core.people import Department, Person
from feedback.core.praise import Praise, Reading
from feedback.db import Store, new_id
from feedback.migrations import config, is_newest, migrate
from tests.factories import BEGINNING, Cast
from tests.story import arrives


def back_to(store: Store, version: str) -> None:
    with store.write_rows() as connection:
        command.downgrade(config(connection), version)


def test_0002_what_was_read_stays_read_by_all_it_was_for(store: Store, cast: Cast) -> None:
    with store.write() as session:
        team = Department(id=new_id(BEGINNING), name="Night team", parent_id=cast.kitchen)
        session.add(team)
        session.flush()
        session.get_one(Person, cast.karim).department_id = team.id
        session.get_one(Person, cast.hans).retired_at = BEGINNING
    for link in (cast.maria_link, cast.kitchen_link):
        arrives(store, link, kind="compliment", topic_ids=(cast.missing_parts,))
    with store.write() as session:
        session.execute(update(Praise).values(read_at=BEGINNING))
    arrives(store, cast.maria_link, kind="compliment")
    back_to(store, "0001")  # only now: today's models know later tables
    migrate(store)
    assert is_newest(store)
    with store.read() as session:
        found = session.execute(
            select(Praise.person_id, Praise.department_id, Reading.person_id, Reading.read_at)
            .join(Reading, Reading.praise_id == Praise.id)
            .order_by(Praise.person_id, Reading.person_id)
        ).all()
    assert sorted(map(str, found)) == sorted(
        str((person, department, reader, BEGINNING))
        for person, department, readers in (
            (cast.maria, cast.kitchen, [cast.maria]),
            (None, cast.packing, [cast.paula]),
            (None, cast.kitchen, [cast.maria, cast.karim, cast.berta]),
            (None, cast.packing, [cast.paula]),
        )
        for reader in readers
    )


def test_every_version_can_be_undone_and_done_again(store: Store) -> None:
    back_to(store, "base")
    assert not is_newest(store)
    migrate(store)
    assert is_newest(store)
