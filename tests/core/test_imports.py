"""What an imported row becomes, which rows are refused, and that doing it again takes nothing twice."""

import io
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from feedback.core import imports
from feedback.core.cases import Case
from feedback.core.counts import DayCount
from feedback.core.imports import NotReady, Progress, Unreadable
from feedback.core.notices import Notice
from feedback.core.organisation import Organisation
from feedback.core.people import Department, Person, Place, Topic
from feedback.core.praise import Praise
from feedback.core.routing import RouteRow
from feedback.core.submissions import Concern, Submission, SubmissionTopic
from feedback.db import Store
from tests.factories import Cast

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
SECRET = "a secret for tests"


def take(store: Store, text: str | bytes, *pairs: str, create_missing: bool = False, now: datetime = NOW) -> Progress:
    data = text.encode() if isinstance(text, str) else text
    steps = imports.take_feedback(
        store, SECRET, io.BytesIO(data), imports.column_map(pairs), create_missing=create_missing, now=now
    )
    return list(steps)[-1]


def numbers(done: Progress) -> tuple[int, int, int, int]:
    return done.read, done.taken, done.skipped, len(done.refused)


def kept(store: Store) -> list[Submission]:
    with store.read() as session:
        return list(session.scalars(select(Submission).order_by(Submission.id)))


def count(store: Store, table: type) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def names(store: Store, table: type[Department | Topic | Place]) -> set[str]:
    with store.read() as session:
        return set(session.scalars(select(table.name)))


def csv(*lines: str) -> str:
    return "\n".join(lines) + "\n"


def reasons(done: Progress) -> dict[int, str]:
    return dict(done.refused)


def test_columns_with_our_names_map_by_themselves(store: Store, cast: Cast) -> None:
    row = "2026-02-03,Table 4,Kitchen,,Maria Lopez,Cold food,complaint,2,Cold soup,de,r-1"
    done = take(store, csv(",".join(imports.COLUMNS), row))
    (submission,) = kept(store)
    assert numbers(done) == (1, 1, 0, 0)
    assert (submission.kind, submission.rating, submission.message) == ("complaint", 2, "Cold soup")
    assert (submission.language, submission.place_id, submission.person_id) == ("de", cast.table, cast.maria)
    assert submission.is_history and submission.link_id is None
    with store.read() as session:
        assert session.scalars(select(SubmissionTopic.topic_id)).all() == [cast.cold_food]
        assert session.scalars(select(Concern.person_id)).all() == [cast.maria]


def test_their_names_are_mapped_and_joined(store: Store, cast: Cast) -> None:
    text = csv("who,day,q,first,second", "7,2026-02-03,1,Good soup,Slow bill", "7,2026-02-03,2,,Only this")
    done = take(store, text, "day=date", "first+second=message", "who+q=reference")
    assert numbers(done) == (2, 2, 0, 0)
    assert [s.message for s in kept(store)] == ["Good soup\n\nSlow bill", "Only this"]


def test_a_file_of_a_spreadsheet_is_read(store: Store, cast: Cast) -> None:
    text = '\ufeffDate;Message;Rating;Department\r\n2026-02-03;"Two\r\nlines";5\r\n\r\n2026-02-04;One;4;\r\n'
    assert numbers(take(store, text)) == (2, 2, 0, 0)
    assert kept(store)[0].message == "Two\r\nlines"


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ("compliment,1,Well", "compliment"),
        ("Complaint,5,Well", "complaint"),
        (",5,Well", "compliment"),
        (",Very Good,", "compliment"),
        (",good,Well", "compliment"),
        (",Neither good nor poor,Well", "suggestion"),
        (",,Well", "suggestion"),
        (",Don’t know,Well", "suggestion"),
        (",poor,Well", "complaint"),
        (",VERY POOR,Well", "complaint"),
    ],
)
def test_the_kind_is_as_given_else_by_the_rating(store: Store, cast: Cast, cells: str, kind: str) -> None:
    assert numbers(take(store, csv("date,kind,rating,message", f"2026-02-03,{cells}"))) == (1, 1, 0, 0)
    assert kept(store)[0].kind == kind


def test_history_is_counted_on_its_day_and_told_to_nobody(store: Store, cast: Cast) -> None:
    take(store, csv("date,rating,message,department", "2025-07-04,1,Cold,Kitchen", "2025-07-04,5,Warm,Kitchen"))
    with store.read() as session:
        counted = session.execute(select(DayCount.day, DayCount.department_id, DayCount.kind, DayCount.n)).all()
        case = session.scalars(select(Case)).one()
    assert {(str(day), department, kind, n) for day, department, kind, n in counted} == {
        ("2025-07-04", cast.kitchen, "complaint", 1),
        ("2025-07-04", cast.kitchen, "compliment", 1),
    }
    assert (case.status, case.department_id) == ("closed", cast.kitchen)
    assert case.closed_at == kept(store)[0].submitted_at
    assert count(store, Notice) == 0


def test_a_day_is_its_noon_where_the_organisation_is_and_keeps_the_order_of_the_file(store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.get_one(Organisation, 1).timezone = "Asia/Tokyo"
    take(store, csv("date,message", "2026-02-03,first", "2026-02-03,second"))
    first, second = kept(store)
    noon = datetime(2026, 2, 3, 3, 0, tzinfo=UTC)
    assert [first.submitted_at, second.submitted_at] == [noon + timedelta(milliseconds=line) for line in (2, 3)]
    assert [first.message, second.message] == ["first", "second"]


def test_no_moment_lies_in_the_future(store: Store, cast: Cast) -> None:
    morning = NOW.replace(hour=8)
    take(store, csv("date,message", "2026-03-02,today"), now=morning)
    assert kept(store)[0].submitted_at == morning


def test_the_first_day_of_2000_is_taken_everywhere(store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.get_one(Organisation, 1).timezone = "Pacific/Auckland"
    assert numbers(take(store, csv("date,message", "2000-01-01,hello"))) == (1, 1, 0, 0)


def test_what_cannot_be_taken_is_named_by_line_and_reason(store: Store, cast: Cast) -> None:
    rows = {
        "1999-12-31,,,Well,,,": "before 2000",
        "2026-03-03,,,Well,,,": "in the future",
        "31.12.2025,,,Well,,,": "no day like",
        "2026-02-03,,9,Well,,,": "unknown rating",
        "2026-02-03,praise,,Well,,,": "unknown kind",
        "2026-02-03,complaint,,,,,": "without words",
        "2026-02-03,,,Well,Nowhere,,": "no department 'Nowhere'",
        "2026-02-03,,,Well,,Nothing,": "no topic 'Nothing'",
        "2026-02-03,,,Well,,,Nowhere": "no place 'Nowhere'",
        f"2026-02-03,,,{'x' * 5001},,,": "5,001 characters",
        "2026-02-03,,,a\0b,,,": "NUL",
        '2026-02-03,,,"a" b,,,': "not written as CSV",
        "2026-02-03,,,Well,,,,,more": "9 columns where the header has 7",
        f"2026-02-03,,,Well,{'d' * 201},,": "201 characters",
    }
    done = take(store, csv("date,kind,rating,message,department,topics,place", *rows, "2026-02-03,,,Well,,,"))
    assert numbers(done) == (len(rows) + 1, 1, 0, len(rows))
    assert [line for line, _ in done.refused] == list(range(2, len(rows) + 2))
    for (_, reason), expected in zip(done.refused, rows.values(), strict=True):
        assert expected in reason


def test_text_that_is_not_utf_8_is_refused_alone(store: Store, cast: Cast) -> None:
    done = take(store, b"date,message\n2026-02-03,caf\xe9\n2026-02-03,caf\xc3\xa9\n")
    assert reasons(done) == {2: "is not in UTF-8"}
    assert kept(store)[0].message == "café"


def test_a_line_is_the_physical_one_where_the_row_starts(store: Store, cast: Cast) -> None:
    done = take(store, csv("date,message", '2026-02-03,"one', 'two"', "", "1999-01-01,late"))
    assert list(reasons(done)) == [5]


def test_a_second_run_skips_what_is_there(store: Store, cast: Cast) -> None:
    text = csv("date,message,reference", "2026-02-03,one,1", "2026-02-03,two,2")
    assert numbers(take(store, text)) == (2, 2, 0, 0)
    changed = csv("date,message,reference", "2026-02-03,one,1", "2026-02-03,two and more,2", "2026-02-03,three,3")
    assert numbers(take(store, changed)) == (3, 1, 2, 0)
    assert [s.message for s in kept(store)] == ["one", "two", "three"]


def test_identical_rows_without_a_reference_are_each_taken_once(store: Store, cast: Cast) -> None:
    text = csv("date,message", "2026-02-03,Thanks", "2026-02-03,Thanks")
    assert numbers(take(store, text)) == (2, 2, 0, 0)
    assert numbers(take(store, text)) == (2, 0, 2, 0)
    assert numbers(take(store, text + "2026-02-03,Thanks\n")) == (3, 1, 2, 0)


def test_a_reference_stands_for_one_row(store: Store, cast: Cast) -> None:
    text = csv("date,message,reference", "2026-02-03,one,1", "2026-02-03,one,1", "2026-02-03,other,1")
    done = take(store, text)
    assert numbers(done) == (3, 1, 1, 1)
    assert reasons(done) == {4: "has the reference of line 2, but says something else"}


def test_a_refused_row_takes_no_reference(store: Store, cast: Cast) -> None:
    done = take(store, csv("date,message,reference", "1999-02-03,one,1", "2026-02-03,one,1"))
    assert numbers(done) == (2, 1, 0, 1)


def test_missing_names_are_made_where_they_belong(store: Store, cast: Cast) -> None:
    text = csv("date,department,team,topics,place,rating", "2026-02-03,Shop,Tills,Queues; Cold food,Mill Lane,5")
    assert numbers(take(store, text, create_missing=True)) == (1, 1, 0, 0)
    with store.read() as session:
        shop = session.scalars(select(Department).where(Department.name == "Shop")).one()
        tills = session.scalars(select(Department).where(Department.name == "Tills")).one()
        made = session.scalars(select(Topic).where(Topic.department_id == shop.id).order_by(Topic.name)).all()
    assert (shop.parent_id, tills.parent_id) == (cast.root, shop.id)
    assert [topic.name for topic in made] == ["Cold food", "Queues"]  # the Kitchen's own is not the Shop's
    assert kept(store)[0].department_id == tills.id
    assert "Mill Lane" in names(store, Place)


def test_names_are_made_once_whatever_their_case_and_spaces(store: Store, cast: Cast) -> None:
    rows = [f"2026-02-03,{name},Queues,{n}" for n, name in enumerate(["Shop", "shop", " Shop "])]
    take(store, csv("date,department,topics,message", *rows), create_missing=True)
    assert names(store, Department) == {"Garden House", "Kitchen", "Packing", "Shop"}
    assert count(store, Topic) == 3


def test_what_is_there_already_makes_nothing_again(store: Store, cast: Cast) -> None:
    text = csv("date,department,message,reference", "2026-02-03,Shop,Well,1")
    take(store, text, create_missing=True)
    with store.write() as session:
        session.scalars(select(Department).where(Department.name == "Shop")).one().name = "Garden shop"
    assert numbers(take(store, text, create_missing=True)) == (1, 0, 1, 0)
    assert "Shop" not in names(store, Department)


def test_without_making_a_topic_is_the_only_one_of_its_name(store: Store, cast: Cast) -> None:
    done = take(store, csv("date,department,topics,message", "2026-02-03,Kitchen,missing PARTS,Well"))
    assert numbers(done) == (1, 1, 0, 0)
    with store.read() as session:
        assert session.scalars(select(SubmissionTopic.topic_id)).all() == [cast.missing_parts]


def test_a_place_tells_the_department_where_the_row_does_not(store: Store, cast: Cast) -> None:
    take(store, csv("date,place,rating,message", "2026-02-03,Table 4,1,Cold"))
    with store.read() as session:
        route = session.scalars(select(RouteRow)).one()
    assert route.department_id == cast.kitchen
    assert route.reasons == [["place", {"place": "Table 4", "department": "Kitchen"}]]


def test_a_row_without_a_department_goes_to_the_root(store: Store, cast: Cast) -> None:
    take(store, csv("date,message,rating", "2026-02-03,Lovely,5"))
    with store.read() as session:
        assert session.scalars(select(Praise.department_id)).all() == [cast.root]


@pytest.mark.parametrize(
    ("department", "person", "found"),
    [("Kitchen", "Maria", "maria"), ("Packing", "maria lopez", "maria"), ("", "Hans", "hans"), ("", "Nobody", "")],
)
def test_a_person_is_found_by_name_else_noted(
    store: Store, cast: Cast, department: str, person: str, found: str
) -> None:
    take(store, csv("date,department,person,rating,message", f"2026-02-03,{department},{person},5,Thanks"))
    (submission,) = kept(store)
    assert submission.person_id == (getattr(cast, found) if found else None)
    assert submission.person_note == ("" if found else person)


@pytest.mark.parametrize("name", ["Stein, Berta", "BERTA", "berta stein"])
def test_a_manager_is_concerned_however_a_list_writes_their_name(store: Store, cast: Cast, name: str) -> None:
    take(store, csv("date;department;person;rating;message", f"2026-02-03;Kitchen;{name};1;Rude"))
    with store.read() as session:
        assert session.scalars(select(Concern.person_id)).all() == [cast.berta]
        assert session.scalars(select(Case.department_id)).all() == [cast.root]


def test_all_readers_who_could_be_meant_by_a_name_are_concerned(store: Store, cast: Cast) -> None:
    with store.write() as session:
        for key in ("maria", "dora"):
            session.get_one(Person, getattr(cast, key)).public_name = "Grace"
        session.get_one(Person, cast.maria).department_id = cast.packing
    take(store, csv("date,department,person,rating,message", "2026-02-03,Packing,Grace,1,Rude"))
    with store.read() as session:
        assert set(session.scalars(select(Concern.person_id))) == {cast.maria, cast.dora}


def test_several_topics_of_one_department_praise_it_once(store: Store, cast: Cast) -> None:
    text = csv("date,department,team,topics,rating,message", "2026-02-03,Kitchen,Grill,Taste; Looks,5,Good")
    take(store, text, create_missing=True)
    with store.read() as session:
        departments = sorted(session.scalars(select(Praise.department_id)))
    assert len(departments) == 2 and len(set(departments)) == 2


@pytest.mark.parametrize(
    ("text", "pairs", "said"),
    [
        ("", (), "no CSV file"),
        (b"\x89PNG\r\n\x1a\n\0\0", (), "no CSV file"),
        ("message\nWell\n", (), "no column date"),
        ("day,message\n", ("date=date",), "no column 'date'; the file has day, message"),
        ("date,a,a\n", ("a=message",), "there twice"),
        ('date,"mess\n', (), "header is not written as CSV"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_at_once(
    store: Store, cast: Cast, text: str | bytes, pairs: Iterable[str], said: str
) -> None:
    with pytest.raises(Unreadable, match=said):
        take(store, text, *pairs)
    assert kept(store) == []


@pytest.mark.parametrize("pairs", [("comment",), ("comment=words",), ("=message",), ("a=message", "b=message")])
def test_a_map_that_cannot_be_meant_is_told(pairs: tuple[str, ...]) -> None:
    with pytest.raises(Unreadable):
        imports.column_map(pairs)


def test_a_store_without_an_organisation_takes_nothing(store: Store) -> None:
    with pytest.raises(NotReady):
        take(store, "date,message\n2026-02-03,Well\n")


def test_it_goes_in_batches_and_tells_how_far_it_is(store: Store, cast: Cast) -> None:
    data = csv("date,message", *(f"2026-02-03,number {n}" for n in range(250))).encode()
    steps = imports.take_feedback(store, SECRET, io.BytesIO(data), {}, create_missing=False, now=NOW)
    assert [(step.read, step.taken) for step in steps] == [(100, 100), (200, 200), (250, 250)]


def test_a_change_of_the_organisation_on_the_way_is_seen(store: Store, cast: Cast) -> None:
    rows = [f"2026-02-03,{'Kitchen' if n < 100 else 'Grill'},number {n}" for n in range(120)]
    steps = imports.take_feedback(
        store, SECRET, io.BytesIO(csv("date,department,message", *rows).encode()), {}, create_missing=False, now=NOW
    )
    next(steps)
    with store.write() as session:
        session.get_one(Department, cast.kitchen).name = "Grill"
    assert numbers(list(steps)[-1]) == (120, 120, 0, 0)
