"""Cases: who sees one, who works on it, and what becomes of two who do so at once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from feedback.core import cases, history
from feedback.core.cases import Case, ChangedMeanwhile, Filters, NotAllowed, Status
from feedback.core.people import Department, Person, Place
from feedback.core.submissions import Concern
from feedback.db import Store, new_id
from tests.factories import BEGINNING, Cast
from tests.story import arrives, at_once, concern, viewer

LATER = BEGINNING + timedelta(days=1)
EVERYONE = ("maria", "karim", "berta", "paula", "hans", "dora", "anna")


def seers(store: Store, cast: Cast, case_id: int) -> set[str]:
    """Who of the cast finds the case: by its number, in the list and in the count alike."""
    found = set()
    for key in EVERYONE:
        who = viewer(store, getattr(cast, key))
        with store.read() as session:
            seen = cases.one(session, who, case_id) is not None
            assert seen == (case_id in [row.case.id for row in cases.page(session, who, Filters(), after="", size=9)])
            assert seen == bool(cases.count(session, who, Filters()))
            assert seen == cases.handles_any(session, who)
        found |= {key} if seen else set()
    return found


def assign(store: Store, by: int, case_id: int, handler: int | None, version: int = 1) -> None:
    who = viewer(store, by)
    with store.write() as session:
        cases.assign(session, who, session.get_one(Case, case_id), handler, version=version, at=LATER)


def handlers(store: Store, case_id: int) -> set[int]:
    with store.read() as session:
        return {person.id for person in cases.possible_handlers(session, session.get_one(Case, case_id))}


def listed(store: Store, who: int, **filters: object) -> list[int]:
    with store.read() as session:
        found = viewer(store, who)
        rows = [r.case.id for r in cases.page(session, found, Filters(**filters), size=99, at=BEGINNING)]  # type: ignore[arg-type]
        assert len(rows) == cases.count(session, found, Filters(**filters))  # type: ignore[arg-type]
        return rows


def test_a_case_is_its_managers_and_those_above(store: Store, cast: Cast) -> None:
    assert seers(store, cast, arrives(store, cast.kitchen_link)) == {"berta", "dora", "anna"}


def test_a_case_is_its_handlers_too(store: Store, cast: Cast) -> None:
    case = arrives(store, cast.kitchen_link)
    assign(store, cast.berta, case, cast.karim)
    assert seers(store, cast, case) == {"berta", "dora", "anna", "karim"}


def test_a_department_that_is_informed_reads_along(store: Store, cast: Cast) -> None:
    case = arrives(store, cast.maria_link, topic_ids=(cast.missing_parts,))
    assert seers(store, cast, case) == {"berta", "paula", "dora", "anna"}


def test_a_compliment_is_no_case(store: Store, cast: Cast) -> None:
    assert seers(store, cast, arrives(store, cast.kitchen_link, kind="compliment")) == set()


@pytest.mark.parametrize("kind", ["complaint", "suggestion"])
def test_whoever_it_concerns_never_sees_it(store: Store, cast: Cast, kind: str) -> None:
    about = {key: arrives(store, cast.kitchen_link, kind=kind, topic_ids=(cast.cold_food,)) for key in EVERYONE}
    for key, case in about.items():
        concern(store, case, getattr(cast, key))
    for key in ("berta", "dora", "anna"):
        assert set(listed(store, getattr(cast, key))) == set(about.values()) - {about[key]}
        assert listed(store, getattr(cast, key), q="soup", kind=kind) == listed(store, getattr(cast, key))
    for case in about.values():
        assign(
            store,
            cast.dora if case == about["berta"] else cast.berta,
            case,
            cast.karim if case != about["karim"] else cast.maria,
        )
    assert set(listed(store, cast.karim)) == set(about.values()) - {about["karim"]}


def test_not_even_as_its_handler(store: Store, cast: Cast) -> None:
    case = arrives(store, cast.kitchen_link)
    assign(store, cast.berta, case, cast.maria)
    concern(store, case, cast.maria)
    assert seers(store, cast, case) == {"berta", "dora", "anna"}


def test_about_a_manager_it_is_those_aboves_only(store: Store, cast: Cast) -> None:
    assert seers(store, cast, arrives(store, cast.kitchen_link, about_management=True)) == {"dora", "anna"}


def test_about_the_head_of_all_it_is_the_admins(store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.get_one(Department, cast.kitchen).retired_at = None
    case = arrives(store, cast.kitchen_link)
    concern(store, case, cast.berta)
    concern(store, case, cast.dora)
    assert seers(store, cast, case) == {"anna"}


def test_contact_data_is_for_those_who_answer_where_the_customer_agreed(store: Store, cast: Cast) -> None:
    data = {"contact_name": "Ed", "contact_email": "ed@customer.example", "topic_ids": (cast.cold_food,)}
    agreed = arrives(store, cast.maria_link, **data | {"topic_ids": (cast.missing_parts,)}, may_contact=True)
    refused = arrives(store, cast.maria_link, **data, may_contact=False)
    nameless = arrives(store, cast.maria_link, may_contact=True)
    for case in (agreed, refused):
        assign(store, cast.berta, case, cast.karim)

    def reached(key: str, case: int) -> bool:
        who = viewer(store, getattr(cast, key))
        with store.read() as session:
            return cases.contact_of(session, who, session.get_one(Case, case)) is not None

    assert [key for key in EVERYONE if reached(key, agreed)] == ["karim", "berta", "dora", "anna"]
    assert [key for key in EVERYONE if reached(key, refused)] == ["anna"]
    assert [key for key in EVERYONE if reached(key, nameless)] == []


def test_those_who_read_along_do_not_work_on_it(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.maria_link, topic_ids=(cast.missing_parts,))
    assign(store, cast.berta, number, cast.karim)
    workers = []
    for key in EVERYONE:
        who = viewer(store, getattr(cast, key))
        with store.read() as session:
            workers += [key] if cases.may_work_on(session, who, session.get_one(Case, number)) else []
    assert workers == ["karim", "berta", "dora", "anna"]


def test_handlers_are_near_it_and_free_of_conflict(store: Store, cast: Cast) -> None:
    case = arrives(store, cast.maria_link)
    assert handlers(store, case) == {cast.karim, cast.berta, cast.dora, cast.anna}
    concern(store, case, cast.anna)
    with store.write() as session:
        session.get_one(Person, cast.karim).retired_at = BEGINNING
    assert handlers(store, case) == {cast.berta, cast.dora}


def test_a_case_given_to_someone_is_in_progress_and_says_by_whom(store: Store, cast: Cast) -> None:
    case = arrives(store, cast.kitchen_link)
    assign(store, cast.berta, case, cast.karim)
    assign(store, cast.dora, case, None, version=2)
    with store.read() as session:
        found, events = session.get_one(Case, case), history.events_of(session, case)
    assert (found.handler_id, found.status, found.version) == (None, Status.RECEIVED, 3)
    assert [(e.name, e.by_id, e.details) for e in events[1:]] == [
        ("assigned", cast.berta, {"handler": "Karim Haddad"}),
        ("assigned", cast.dora, {}),
    ]


def test_a_closed_case_stays_closed_when_handed_over(store: Store, cast: Cast) -> None:
    case = arrives(store, cast.kitchen_link, history=True)
    assign(store, cast.berta, case, cast.karim)
    with store.read() as session:
        assert session.get_one(Case, case).status == Status.CLOSED


@pytest.mark.parametrize("key", ["maria", "hans", "paula"])
def test_a_case_is_not_given_to_whom_it_concerns_nor_to_a_stranger(store: Store, cast: Cast, key: str) -> None:
    case = arrives(store, cast.maria_link)
    with pytest.raises(NotAllowed):
        assign(store, cast.berta, case, getattr(cast, key))
    with store.read() as session:
        assert session.get_one(Case, case).handler_id is None
        assert len(history.events_of(session, case)) == 1


@pytest.mark.parametrize("note", ["Maria Lopez", "maria", "the cook, Lopez Maria"])
def test_a_case_is_not_given_to_whom_the_customer_described_by_name(store: Store, cast: Cast, note: str) -> None:
    case_id = arrives(store, cast.kitchen_link, person_note=note)
    assert cast.maria not in handlers(store, case_id) and cast.karim in handlers(store, case_id)
    with pytest.raises(NotAllowed):
        assign(store, cast.berta, case_id, cast.maria)


def test_of_two_who_assign_at_once_the_second_changes_nothing(store: Store, cast: Cast) -> None:
    case, outcomes = arrives(store, cast.kitchen_link), []

    def work(handler: int) -> None:
        try:
            assign(store, cast.berta, case, handler)
            outcomes.append(handler)
        except ChangedMeanwhile:
            outcomes.append(0)

    at_once(lambda: work(cast.maria), lambda: work(cast.karim), lambda: work(cast.berta))
    assert sorted(outcomes)[:2] == [0, 0]
    with store.read() as session:
        assert session.get_one(Case, case).handler_id == max(outcomes)
        assert len(history.events_of(session, case)) == 2


def test_notes_and_assignments_at_once_are_all_kept(store: Store, cast: Cast) -> None:
    case = arrives(store, cast.kitchen_link)
    berta = viewer(store, cast.berta)

    def note() -> None:
        with store.write() as session:
            cases.note(session, berta, session.get_one(Case, case), "Asked the cook", LATER)

    at_once(note, lambda: assign(store, cast.berta, case, cast.karim), note)
    with store.read() as session:
        assert sorted(e.name for e in history.events_of(session, case)) == ["assigned", "noted", "noted", "received"]


def test_each_filter_narrows_the_list_and_the_count(store: Store, cast: Cast) -> None:
    table = arrives(store, cast.table_link)
    packing = arrives(store, cast.table_link, topic_ids=(cast.missing_parts,))
    idea = arrives(store, cast.kitchen_link, kind="suggestion", message="More soup")
    assign(store, cast.berta, table, cast.karim)
    assert listed(store, cast.anna) == [idea, packing, table]
    assert listed(store, cast.anna, status="in_progress") == [table]
    assert listed(store, cast.anna, department_id=cast.packing) == [packing]
    assert listed(store, cast.anna, place_id=cast.table) == [packing, table]
    assert listed(store, cast.anna, kind="suggestion") == [idea]
    assert listed(store, cast.anna, handler_id=cast.karim) == [table]
    assert listed(store, cast.anna, q="more SOUP") == [idea]
    assert listed(store, cast.anna, q="soup", kind="complaint", place_id=cast.table, status="received") == [packing]
    assert listed(store, cast.paula, department_id=cast.kitchen) == []


@pytest.mark.parametrize(
    ("words", "q"),
    [
        ("50 % of it", "50 %"),
        ("till_4 was closed", "till_4"),
        ("الحساء بارد", "بارد"),
        ("汤是冷的", "冷的"),
        ("ซุปเย็น", "เย็น"),
        ("Суп холодный", "холодный"),
        ("Суп холодный", "суп"),
        ("ÜBERALL Haare", "überall h"),
        ("überall Haare", "ÜBERALL"),
        ("Die Soße war kalt", "soße"),
        ("🙏 thanks for nothing", "🙏"),
        ("it's 'quoted' \"twice\"; drop table", "'quoted' \""),
    ],
)
def test_words_of_any_script_are_found_as_they_are(store: Store, cast: Cast, words: str, q: str) -> None:
    wanted = arrives(store, cast.kitchen_link, message=words)
    arrives(store, cast.kitchen_link, message="500 tills, a b c, soup")
    assert listed(store, cast.berta, q=q) == [wanted]


@pytest.mark.parametrize("q", ["%", "_", "%%", "\\", "so%", "s__p", "*", '"', "soup NOT was", "message:soup"])
def test_a_search_knows_no_wildcards(store: Store, cast: Cast, q: str) -> None:
    arrives(store, cast.kitchen_link, message="The soup was cold")
    assert listed(store, cast.berta, q=q) == []


def test_counting_ends_where_nobody_needs_more(store: Store, cast: Cast) -> None:
    for _ in range(4):
        arrives(store, cast.kitchen_link)
    with store.read() as session:
        assert cases.count(session, viewer(store, cast.berta), Filters(), most=3) == 3


def test_choices_to_narrow_by_are_in_reach(store: Store, cast: Cast) -> None:
    with store.write() as session:
        stand = Place(id=new_id(BEGINNING), name="Cake stand", parent_id=cast.table)
        session.add(stand)
    berta, paula, anna = (viewer(store, id) for id in (cast.berta, cast.paula, cast.anna))
    with store.read() as session:
        assert [p.name for p in cases.places_seen(session, berta)] == ["Cake stand", "Table 4", "Terrace"]
        assert cases.places_seen(session, paula) == []
        assert len(cases.places_seen(session, anna)) == 3
        assert {p.id for p in cases.handlers_seen(session, paula)} == {cast.paula, cast.hans}
        assert len(cases.handlers_seen(session, anna)) == len(EVERYONE)


def test_a_case_has_the_number_of_its_submission_so_there_is_never_a_second(store: Store, cast: Cast) -> None:
    case = arrives(store, cast.maria_link)
    with store.read() as session:
        assert session.scalars(select(Case.id)).all() == [case]
        assert session.scalars(select(Concern.person_id)).all() == [cast.maria]
