"""The one workflow of a submission: all of its rows, or none of them; the same key once."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from sqlalchemy import Row, event, select
from sqlalchemy.exc import DBAPIError

from feedback.core import intake, routing
from feedback.core.cases import Case, Status
from feedback.core.counts import DayCount
from feedback.core.history import Event
from feedback.core.intake import SaidOtherwise, Scene
from feedback.core.links import link_with_code, offer
from feedback.core.notices import About, Notice
from feedback.core.people import Department, Person, Place
from feedback.core.praise import Praise
from feedback.core.routing import Picture, RouteRow, Target
from feedback.core.submissions import Concern, Contact, Draft, Submission, SubmissionTopic
from feedback.db import Store, new_id
from feedback.migrations import metadata
from tests.factories import BEGINNING, Cast, make_link
from tests.story import SECRET, arrives

KEY = b"0123456789abcdef"
Rows = Sequence[Row[Any]]
T = TypeVar("T")


def scene_of(store: Store, code: str, *, zone: str = "UTC", mails: bool = True) -> Scene:
    with store.read() as session:
        link = link_with_code(session, code)
        assert link
        offered = offer(session, link)
        return Scene.of_link(offered, routing.picture_for(session, offered), zone, mails=mails)


def keep(
    store: Store, scene: Scene, draft: Draft, *, key: bytes = KEY, at: datetime = BEGINNING, history: bool = False
) -> bool:
    made = intake.plan(draft, scene, key=key, at=at, secret=SECRET, is_history=history)
    with store.write_rows() as connection:
        return intake.keep(connection, made)


def all_of(store: Store, table: type[T]) -> list[T]:
    with store.read() as session:
        return list(session.scalars(select(table)))


def test_praise_for_a_person_is_kept_delivered_counted_and_told(store: Store, cast: Cast) -> None:
    assert keep(store, scene_of(store, cast.maria_link), Draft(kind="compliment", message="Thanks", rating=5))
    (submission,), (praise,), (first,) = (all_of(store, table) for table in (Submission, Praise, Event))
    assert (submission.person_id, submission.department_id, submission.link_id) == (
        cast.maria, cast.kitchen, cast.link_ids["maria"],
    )  # fmt: skip
    assert (praise.person_id, praise.department_id, praise.is_held, praise.read_at) == (
        cast.maria, cast.kitchen, False, None,
    )  # fmt: skip
    assert (first.name, first.number, first.at, first.submission_id) == ("received", 1, BEGINNING, submission.id)
    assert {notice.person_id: notice.about for notice in all_of(store, Notice)} == {
        cast.maria: About.PRAISE,
        cast.berta: About.PRAISE,
    }
    assert [(count.day, count.n, count.rating) for count in all_of(store, DayCount)] == [(BEGINNING.date(), 1, 5)]
    assert all_of(store, Case) == [] and all_of(store, Concern) == []


def test_a_complaint_about_a_person_is_a_case_and_concerns_them(store: Store, cast: Cast) -> None:
    draft = Draft(kind="complaint", message="m", contact_phone="1", may_contact=True, topic_ids=(cast.missing_parts,))
    assert keep(store, scene_of(store, cast.maria_link), draft)
    (case,), (concern,), (contact,) = (all_of(store, table) for table in (Case, Concern, Contact))
    assert (case.department_id, case.status, case.version, case.closed_at) == (
        cast.kitchen, Status.RECEIVED, 1, None,
    )  # fmt: skip
    assert concern.person_id == cast.maria
    assert (contact.phone, contact.may_contact) == ("1", True)
    assert [found.topic_id for found in all_of(store, SubmissionTopic)] == [cast.missing_parts]
    assert {route.purpose: route.department_id for route in all_of(store, RouteRow)} == {
        "handles": cast.kitchen,
        "informs": cast.packing,
    }
    assert {notice.person_id for notice in all_of(store, Notice)} == {cast.berta, cast.paula}
    assert all_of(store, Praise) == []


def test_praise_that_may_not_be_any_waits_with_the_person_noted(store: Store, cast: Cast) -> None:
    assert keep(store, scene_of(store, cast.maria_link), Draft(kind="compliment", rating=1))
    (praise,) = all_of(store, Praise)
    assert (praise.is_held, praise.person_id) == (True, cast.maria)
    assert {(notice.person_id, notice.about) for notice in all_of(store, Notice)} == {(cast.berta, About.HELD)}


def test_one_recipient_gets_one_notice_however_many_routes_lead_to_them(store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.get_one(Person, cast.berta).is_shown_on_forms = True
    draft = Draft(kind="compliment", topic_ids=(cast.cold_food, cast.missing_parts))
    keep(store, scene_of(store, cast.kitchen_link), draft)
    told = [notice.person_id for notice in all_of(store, Notice)]
    assert len(told) == len(set(told))
    assert {cast.maria, cast.karim, cast.berta, cast.paula, cast.hans} == set(told)


def test_who_has_no_mail_is_not_owed_any(store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.get_one(Person, cast.maria).email = None
    keep(store, scene_of(store, cast.maria_link), Draft(kind="compliment"))
    assert {notice.person_id for notice in all_of(store, Notice)} == {cast.berta}
    assert [praise.person_id for praise in all_of(store, Praise)] == [cast.maria]


def test_an_installation_without_mail_owes_none(store: Store, cast: Cast) -> None:
    keep(store, scene_of(store, cast.maria_link, mails=False), Draft(kind="complaint", message="m"))
    assert all_of(store, Notice) == []
    assert len(all_of(store, Case)) == 1


def test_history_is_closed_and_tells_nobody(store: Store, cast: Cast) -> None:
    keep(store, scene_of(store, cast.maria_link), Draft(kind="complaint", message="m"), history=True)
    (case,), (submission,) = all_of(store, Case), all_of(store, Submission)
    assert (case.status, case.closed_at, submission.is_history) == (Status.CLOSED, BEGINNING, True)
    assert all_of(store, Notice) == []


def test_the_same_key_again_changes_nothing(store: Store, cast: Cast) -> None:
    scene, draft = scene_of(store, cast.maria_link), Draft(kind="complaint", message="m", contact_name="Ida")
    assert keep(store, scene, draft) is True
    before = everything(store)
    assert keep(store, scene, draft, at=BEGINNING + timedelta(hours=1)) is False
    assert everything(store) == before


def test_the_same_key_with_other_words_is_refused_and_changes_nothing(store: Store, cast: Cast) -> None:
    scene = scene_of(store, cast.maria_link)
    keep(store, scene, Draft(kind="complaint", message="m"))
    before = everything(store)
    with pytest.raises(SaidOtherwise):
        keep(store, scene, Draft(kind="complaint", message="n"))
    assert everything(store) == before


@pytest.mark.parametrize("table", ["submission", "praise", "case", "notice", "day_count"])
def test_when_one_row_cannot_be_written_none_is(store: Store, cast: Cast, table: str) -> None:
    kind = "compliment" if table == "praise" else "complaint"
    scene, draft = scene_of(store, cast.maria_link), Draft(kind=kind, message="m", contact_name="Ida")
    before = everything(store)

    def refuse(connection: object, cursor: Any, statement: str, *rest: object) -> None:
        if f"insert into {table} " in statement.replace('"', ""):
            cursor.execute("insert into nowhere values (1)")

    event.listen(store.engine, "before_cursor_execute", refuse)
    try:
        with pytest.raises(Exception, match="nowhere"):
            keep(store, scene, draft)
    finally:
        event.remove(store.engine, "before_cursor_execute", refuse)
    assert everything(store) == before
    assert keep(store, scene, draft) is True


@pytest.mark.parametrize("key", [b"", b"short", b"x" * 17])
def test_a_key_that_is_none_is_refused(store: Store, cast: Cast, key: bytes) -> None:
    with pytest.raises(DBAPIError):
        keep(store, scene_of(store, cast.maria_link), Draft(kind="compliment"), key=key)
    assert all_of(store, Submission) == []


@pytest.mark.parametrize(("zone", "day"), [("UTC", 5), ("Pacific/Auckland", 6), ("America/Los_Angeles", 5)])
def test_it_is_counted_on_the_day_of_the_organisations_clock(store: Store, cast: Cast, zone: str, day: int) -> None:
    scene = scene_of(store, cast.table_link, zone=zone)
    keep(store, scene, Draft(kind="compliment"), at=BEGINNING.replace(hour=12))
    assert [count.day.day for count in all_of(store, DayCount)] == [day]


def test_numbers_add_up_by_link_department_kind_and_rating(store: Store, cast: Cast) -> None:
    for code, said in (
        (cast.table_link, {"kind": "compliment", "rating": 5}),
        (cast.table_link, {"kind": "compliment", "rating": 5}),
        (cast.table_link, {"kind": "compliment"}),
        (cast.table_link, {"kind": "complaint"}),
        (cast.maria_link, {"kind": "complaint"}),
        (cast.table_link, {"kind": "complaint", "topic_ids": (cast.missing_parts,)}),
    ):
        arrives(store, code, **said)
    table, maria = cast.link_ids["table"], cast.link_ids["maria"]
    assert {(c.link_id, c.department_id, c.kind, c.rating): c.n for c in all_of(store, DayCount)} == {
        (table, cast.kitchen, "compliment", 5): 2,
        (table, cast.kitchen, "compliment", 0): 1,
        (table, cast.kitchen, "complaint", 0): 1,
        (maria, cast.kitchen, "complaint", 0): 1,
        (table, cast.packing, "complaint", 0): 1,
    }


@pytest.mark.parametrize("kind", ["compliment", "complaint", "suggestion"])
def test_a_place_in_an_organisation_without_departments_loses_nothing(store: Store, cast: Cast, kind: str) -> None:
    """No department, no manager, nobody to read it: it is kept, and the routes say so."""
    empty = Scene(Target(place="Garden"), Picture(departments={}, root=None), "UTC")
    assert keep(store, empty, Draft(kind=kind, message="m"))
    (submission,) = all_of(store, Submission)
    assert submission.department_id is None
    if kind != "compliment":
        assert [route.purpose for route in all_of(store, RouteRow)] == ["keeps"]
        assert len(all_of(store, Case)) == 1


def test_the_outside_reader_is_told_where_nobody_inside_is_free(store: Store, cast: Cast) -> None:
    picture = Picture(departments={}, root=None, outside_reader="ombud@outside.example")
    keep(store, Scene(Target(), picture, "UTC"), Draft(kind="complaint", message="m"))
    (notice,) = all_of(store, Notice)
    assert (notice.address, notice.person_id, notice.about) == ("ombud@outside.example", None, About.COMPLAINT)


def test_the_longest_of_everything_fits(store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.get_one(Department, cast.kitchen).name = "ü" * 200
        place = Place(id=new_id(BEGINNING), name="🌻" * 200, department_id=cast.kitchen)
        session.add(place)
    link = make_link(store, place=place)
    draft = Draft(
        kind="complaint", message="🌻" * 5000, person_id=cast.karim, person_note="🌻" * 200, contact_name="🌻" * 200,
        contact_email="🌻" * 300 + "@home.example", contact_phone="🌻" * 40, language="x" * 35, rating=5,
        topic_ids=(cast.missing_parts, cast.cold_food), about_management=True, happened_at=BEGINNING,
    )  # fmt: skip
    assert keep(store, scene_of(store, link.code), draft)
    (kept,) = all_of(store, Submission)
    assert (kept.message, kept.person_note, kept.happened_at) == ("🌻" * 5000, "🌻" * 200, BEGINNING)


def everything(store: Store) -> dict[str, Rows]:
    """All rows of all tables."""

    def rows() -> Iterator[tuple[str, Rows]]:
        with store.read() as session:
            for table in metadata.sorted_tables:
                yield table.name, session.execute(table.select()).all()

    return dict(rows())
