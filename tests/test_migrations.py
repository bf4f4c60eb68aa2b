"""What each version of the tables does with the rows it finds; that the result fits the models, house/ looks at."""

import pytest
from alembic import command
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from feedback.core import notices
from feedback.core.cases import Case, Cause, Closure, Outcome, Remedy, Share
from feedback.core.notices import About, Notice
from feedback.core.people import Department, Person
from feedback.core.praise import Praise, Reading
from feedback.db import Store, new_id
from feedback.migrations import config, is_newest, migrate
from tests.factories import BEGINNING, Cast
from tests.story import arrives

NEXT_DUE = "select min(due_at) from notice where due_at is not null"


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


def test_0004_what_is_owed_stays_owed_and_what_has_no_event_goes_when_undone(store: Store, cast: Cast) -> None:
    arrives(store, cast.maria_link)
    back_to(store, "0003")
    migrate(store)
    with store.write() as session:
        session.add(Notice(**notices.row("today", cast.maria, About.INVITATION, BEGINNING)))
        session.add(Notice(**notices.row("today", cast.karim, About.INVITATION, BEGINNING)))
    assert owed(store) == [(cast.maria, "today"), (cast.karim, "today"), (cast.berta, None)]
    back_to(store, "0003")
    migrate(store)
    assert owed(store) == [(cast.berta, None)]
    with store.write_rows() as connection:
        plan = text(f"{'explain query plan ' if store.is_sqlite else 'explain '}{NEXT_DUE}")
        connection.execute(text("set local enable_seqscan = off") if not store.is_sqlite else text("select 1"))
        assert "ix_notice_due_at" in str(connection.execute(plan).all())


def test_0004_a_notice_has_one_cause_and_the_same_is_owed_once(store: Store, cast: Cast) -> None:
    arrives(store, cast.maria_link)
    with store.write() as session:
        session.add(Notice(**notices.row("today", cast.maria, About.INVITATION, BEGINNING)))
    with store.read() as session:
        event = session.scalars(select(Notice.event_id).where(Notice.event_id.is_not(None))).one()
    once_more = notices.row("today", cast.maria, About.INVITATION, BEGINNING)
    for row in (once_more, once_more | {"occasion": None}, once_more | {"occasion": "other", "event_id": event}):
        with pytest.raises(IntegrityError), store.write() as session:
            session.add(Notice(**row))


def owed(store: Store) -> list[tuple[int | None, str | None]]:
    with store.read() as session:
        return [(n.person_id, n.occasion) for n in session.scalars(select(Notice).order_by(Notice.id))]


def test_every_version_can_be_undone_and_done_again(store: Store) -> None:
    back_to(store, "base")
    assert not is_newest(store)
    migrate(store)
    assert is_newest(store)


def test_0012_to_0006_are_undone_where_other_rows_refer_to_what_loses_columns(store: Store, cast: Cast) -> None:
    for kind in ("complaint", "compliment"):
        arrives(store, cast.maria_link, kind=kind, at=BEGINNING)
    with store.write() as session:
        case_id = session.scalars(select(Case.id)).one()
        read = session.scalars(select(Praise.id)).one()
        session.add(Reading(praise_id=read, person_id=cast.maria, read_at=BEGINNING))
        session.add(Share(case_id=case_id, person_id=cast.maria, at=BEGINNING, by_id=cast.berta))
        ending = {"outcome": Outcome.UPHELD, "cause": Cause.OTHER, "remedy": Remedy.NONE}
        session.add(Closure(case_id=case_id, stage=1, at=BEGINNING, **ending))
        part = Praise(id=new_id(BEGINNING), submission_id=case_id, department_id=cast.kitchen, excerpt="Well done")
        session.add(part)
        session.flush()
        session.add(Reading(praise_id=part.id, person_id=cast.maria, read_at=BEGINNING))
    back_to(store, "0005")
    migrate(store)
    assert is_newest(store)
    with store.read() as session:
        assert session.get_one(Case, case_id).kind == "complaint"
        assert session.get_one(Closure, (case_id, 1)).outcome == Outcome.UPHELD
        assert session.scalars(select(Praise.id)).all() == [read]  # what was part of a complaint would show all of it
        assert session.scalars(select(Reading.praise_id)).all() == [read]


def test_0011_what_was_put_off_is_due_again_when_undone_and_news_go(store: Store, cast: Cast) -> None:
    arrives(store, cast.maria_link, at=BEGINNING)
    with store.write() as session:
        digest = notices.row("2026", cast.berta, About.DIGEST, BEGINNING)
        session.add(Notice(**digest))
        (mail,) = session.scalars(select(Notice).where(Notice.about == About.COMPLAINT))
        mail.due_at, mail.digest_id = None, digest["id"]
        session.add(Notice(**notices.news(mail.event_id or 0, cast.berta, About.ASSIGNED, BEGINNING)))
    back_to(store, "0005")
    migrate(store)
    with store.read() as session:
        (kept,) = session.scalars(select(Notice))
        assert (kept.about, kept.due_at, kept.digest_id) == ("complaint", BEGINNING, None)
