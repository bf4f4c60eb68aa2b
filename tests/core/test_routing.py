"""Where submissions go: every rule, with its reason; what holds in all organisations is in `test_routing_anywhere`."""

from dataclasses import replace

import pytest

from feedback.core import routing
from feedback.core.links import link_with_code, offer
from feedback.core.people import Department, Management, Person, Place
from feedback.core.routing import Decision, Picture, Purpose, Route, Target, Unit, decide
from feedback.core.submissions import Draft, Kind
from feedback.db import Store, new_id
from tests.factories import BEGINNING, Cast, make_link

ROOT, KITCHEN, PACKING, TEAM = 1, 2, 3, 4
DORA, BERTA, PAULA, MARIA, KARIM, HANS, ANNA, ADA = range(11, 19)
COLD_FOOD, MISSING_PARTS, SPILLS = 21, 22, 23
HOUSE = Picture(
    departments={
        ROOT: Unit(ROOT, "Garden House", None, (DORA,)),
        KITCHEN: Unit(KITCHEN, "Kitchen", ROOT, (BERTA,)),
        PACKING: Unit(PACKING, "Packing", ROOT, (PAULA,)),
        TEAM: Unit(TEAM, "Night team", KITCHEN),
    },
    root=ROOT,
    names={MARIA: "Maria", BERTA: "Berta", DORA: "Dora", HANS: "Hans", KARIM: "Karim", ANNA: "Anna"},
    people={MARIA: KITCHEN, BERTA: KITCHEN, DORA: ROOT, HANS: PACKING, KARIM: TEAM, ANNA: ROOT},
    topics={
        COLD_FOOD: ("Cold food", KITCHEN),
        MISSING_PARTS: ("Missing parts", PACKING),
        SPILLS: ("Spills", TEAM),
    },
    members={KITCHEN: (MARIA, KARIM), PACKING: (HANS,)},
    admins=(ANNA,),
)
TO_KITCHEN = Target(department_id=KITCHEN)


def decided(target: Target = TO_KITCHEN, picture: Picture = HOUSE, **said: object) -> Decision:
    said.setdefault("kind", Kind.COMPLAINT)
    return decide(Draft(message="-", **said), target, picture)  # type: ignore[arg-type]


def first(target: Target = TO_KITCHEN, picture: Picture = HOUSE, **said: object) -> Route:
    return decided(target, picture, **said).routes[0]


def reasons(route: Route) -> list[str]:
    return [name for name, _ in route.reasons]


def managed_by(unit: int, *managers: int) -> Picture:
    return replace(HOUSE, departments={**HOUSE.departments, unit: replace(HOUSE.departments[unit], managers=managers)})


def test_a_complaint_about_someone_goes_to_their_manager() -> None:
    route = first(Target(department_id=PACKING), person_id=MARIA)
    assert (route.purpose, route.department_id, route.readers) == (Purpose.HANDLES, KITCHEN, (BERTA,))
    assert route.reasons == (("named_person", {"person": "Maria", "department": "Kitchen"}),)


def test_a_complaint_through_someones_own_link_is_about_them() -> None:
    found = decided(Target(person_id=MARIA, department_id=KITCHEN))
    assert found.concerned == {MARIA}
    assert found.routes[0].readers == (BERTA,)


def test_the_person_named_comes_before_the_topic() -> None:
    handles, informs = decided(person_id=MARIA, topic_ids=(MISSING_PARTS,)).routes
    assert (handles.department_id, handles.readers) == (KITCHEN, (BERTA,))
    assert (informs.purpose, informs.department_id, informs.readers) == (Purpose.INFORMS, PACKING, (PAULA,))
    assert informs.reasons == (("topic", {"topic": "Missing parts", "department": "Packing"}),)


def test_a_topic_comes_before_what_the_link_points_at() -> None:
    (route,) = decided(topic_ids=(MISSING_PARTS,)).routes
    assert (route.department_id, route.readers, reasons(route)) == (PACKING, (PAULA,), ["topic"])


def test_each_further_topic_informs_its_department_once() -> None:
    routes = decided(topic_ids=(COLD_FOOD, MISSING_PARTS, MISSING_PARTS, SPILLS)).routes
    assert [(r.purpose, r.department_id) for r in routes] == [
        (Purpose.HANDLES, KITCHEN),
        (Purpose.INFORMS, PACKING),
    ]


def test_a_topic_of_a_team_without_managers_informs_those_above_it() -> None:
    handles, informs = decided(person_id=HANS, topic_ids=(SPILLS,)).routes
    assert (handles.department_id, informs.department_id, informs.readers) == (PACKING, KITCHEN, (BERTA,))
    assert reasons(informs) == ["topic", "no_manager"]
    alone = replace(HOUSE, departments=HOUSE.departments | {KITCHEN: Unit(KITCHEN, "Kitchen", ROOT, (HANS,))})
    assert len(decided(picture=alone, person_id=HANS, topic_ids=(SPILLS,)).routes) == 1


def test_what_is_kept_is_read_by_nobody_through_a_topic_either() -> None:
    alone = replace(managed_by(ROOT, ANNA), admins=(ANNA,))
    (route,) = decided(picture=alone, person_id=ANNA, topic_ids=(MISSING_PARTS,)).routes
    assert route.purpose == Purpose.KEEPS


def test_without_person_and_topic_it_goes_to_what_the_link_points_at() -> None:
    route = first()
    assert (route.department_id, route.readers) == (KITCHEN, (BERTA,))
    assert route.reasons == (("department", {"department": "Kitchen"}),)


def test_at_a_place_it_goes_to_the_department_that_looks_after_it() -> None:
    route = first(Target(department_id=KITCHEN, place="Table 4"))
    assert route.reasons == (("place", {"place": "Table 4", "department": "Kitchen"}),)


def test_at_a_place_of_no_department_it_goes_to_the_root() -> None:
    route = first(Target(place="Car park"))
    assert (route.department_id, route.readers, reasons(route)) == (ROOT, (DORA,), ["root"])


def test_without_any_department_an_administrator_gets_it() -> None:
    route = first(Target(), Picture(departments={}, root=None, admins=(ANNA,)))
    assert (route.department_id, route.readers) == (None, (ANNA,))
    assert reasons(route) == ["no_department", "admin"]


def test_a_department_without_manager_passes_it_up_and_says_so() -> None:
    route = first(Target(department_id=TEAM))
    assert (route.department_id, route.readers) == (KITCHEN, (BERTA,))
    assert route.reasons[1] == ("no_manager", {"department": "Night team"})


def test_a_complaint_about_a_manager_climbs_past_them() -> None:
    found = decided(person_id=BERTA)
    assert found.concerned == {BERTA}
    assert (found.routes[0].department_id, found.routes[0].readers) == (ROOT, (DORA,))
    assert reasons(found.routes[0]) == ["named_person", "managers_concerned"]


def test_the_other_manager_of_the_department_is_free_of_conflict() -> None:
    route = first(picture=managed_by(KITCHEN, BERTA, KARIM), person_id=BERTA)
    assert (route.department_id, route.readers) == (KITCHEN, (KARIM,))


def test_about_the_management_it_climbs_past_all_of_it() -> None:
    found = decided(picture=managed_by(KITCHEN, BERTA, KARIM), about_management=True)
    assert found.concerned == {BERTA, KARIM}
    assert (found.routes[0].department_id, found.routes[0].readers) == (ROOT, (DORA,))
    assert reasons(found.routes[0]) == ["department", "managers_concerned"]


def test_the_management_of_a_team_without_managers_is_that_above_it() -> None:
    found = decided(Target(department_id=TEAM), about_management=True)
    assert found.concerned == {BERTA}
    assert found.routes[0].readers == (DORA,)
    assert reasons(found.routes[0]) == ["department", "no_manager", "managers_concerned"]


def test_about_the_management_of_the_one_named_concerns_both() -> None:
    assert decided(person_id=MARIA, about_management=True).concerned == {MARIA, BERTA}


def test_about_the_head_of_all_it_goes_to_an_admin_who_is_not_concerned() -> None:
    route = first(person_id=DORA)
    assert (route.purpose, route.department_id, route.readers) == (Purpose.HANDLES, None, (ANNA,))
    assert reasons(route) == ["named_person", "managers_concerned", "admin"]


def test_an_admin_who_is_concerned_is_no_way_out() -> None:
    alone = managed_by(ROOT, ANNA)
    assert first(picture=replace(alone, admins=(ANNA, ADA)), person_id=ANNA).readers == (ADA,)
    outside = first(picture=replace(alone, outside_reader="ombud@example.org"), person_id=ANNA)
    assert (outside.purpose, outside.address, outside.readers) == (Purpose.HANDLES, "ombud@example.org", ())
    assert reasons(outside)[-1] == "outside_reader"


def test_where_nobody_is_free_it_is_kept() -> None:
    route = first(picture=managed_by(ROOT, ANNA), person_id=ANNA)
    assert (route.purpose, route.readers, route.address, route.department_id) == (Purpose.KEEPS, (), None, None)
    assert reasons(route)[-1] == "nobody_free"


def test_a_manager_whom_it_concerns_does_not_read_along() -> None:
    both = managed_by(PACKING, MARIA, PAULA)
    assert decided(picture=both, person_id=MARIA, topic_ids=(MISSING_PARTS,)).routes[1].readers == (PAULA,)
    alone = managed_by(PACKING, MARIA)
    assert len(decided(picture=alone, person_id=MARIA, topic_ids=(MISSING_PARTS,)).routes) == 1


def test_the_department_it_climbed_past_does_not_read_along() -> None:
    routes = decided(person_id=BERTA, topic_ids=(COLD_FOOD,)).routes
    assert [route.department_id for route in routes] == [ROOT]


def test_a_suggestion_takes_the_way_of_a_complaint() -> None:
    found = decided(kind=Kind.SUGGESTION, person_id=MARIA)
    assert (found.concerned, found.routes[0].readers) == ({MARIA}, (BERTA,))


def test_praise_goes_to_the_one_named_and_their_manager_hears_of_it() -> None:
    delivers, tells = decided(kind=Kind.COMPLIMENT, person_id=MARIA).routes
    assert (delivers.purpose, delivers.person_id, delivers.readers) == (Purpose.DELIVERS, MARIA, (MARIA,))
    assert delivers.reasons == (("praised_person", {"person": "Maria"}),)
    assert (tells.purpose, tells.department_id, tells.readers) == (Purpose.TELLS, KITCHEN, (BERTA,))
    assert tells.reasons == (("their_manager", {"department": "Kitchen"}),)


def test_praise_for_a_manager_is_told_to_the_one_above() -> None:
    assert decided(kind=Kind.COMPLIMENT, person_id=BERTA).routes[1].readers == (DORA,)


def test_praise_for_the_head_of_all_is_told_to_nobody() -> None:
    assert [r.purpose for r in decided(kind=Kind.COMPLIMENT, person_id=DORA).routes] == [Purpose.DELIVERS]


def test_praise_for_a_department_reaches_everyone_in_it_and_its_managers() -> None:
    (route,) = decided(kind=Kind.COMPLIMENT).routes
    assert (route.purpose, route.person_id, route.department_id) == (Purpose.DELIVERS, None, KITCHEN)
    assert set(route.readers) == {MARIA, KARIM, BERTA}


def test_praise_reaches_the_department_of_its_topic_too_but_never_twice() -> None:
    routes = decided(kind=Kind.COMPLIMENT, person_id=MARIA, topic_ids=(COLD_FOOD, MISSING_PARTS)).routes
    assert [(r.purpose, r.department_id) for r in routes] == [
        (Purpose.DELIVERS, KITCHEN),
        (Purpose.TELLS, KITCHEN),
        (Purpose.DELIVERS, PACKING),
    ]
    assert len(decided(kind=Kind.COMPLIMENT, topic_ids=(COLD_FOOD,)).routes) == 1


def test_praise_concerns_nobody() -> None:
    assert decided(kind=Kind.COMPLIMENT, person_id=MARIA, about_management=True).concerned == set()


@pytest.mark.parametrize("sign", [{"rating": 1}, {"is_trapped": True}])
def test_a_doubtful_compliment_waits_for_the_manager(sign: dict[str, object]) -> None:
    (route,) = decided(kind=Kind.COMPLIMENT, person_id=MARIA, topic_ids=(MISSING_PARTS,), **sign).routes
    assert (route.purpose, route.department_id, route.readers) == (Purpose.HOLDS, KITCHEN, (BERTA,))
    assert reasons(route) == ["held", "named_person"]


def test_a_doubtful_compliment_for_a_manager_waits_for_the_one_above() -> None:
    assert first(kind=Kind.COMPLIMENT, person_id=BERTA, rating=1).readers == (DORA,)


@pytest.mark.parametrize("rating", [None, 2, 5])
def test_any_other_compliment_waits_for_nobody(rating: int | None) -> None:
    assert first(kind=Kind.COMPLIMENT, person_id=MARIA, rating=rating).purpose == Purpose.DELIVERS


def test_the_department_of_a_decision_is_the_one_that_answers_or_earned_it() -> None:
    assert decided(person_id=BERTA).department_id == ROOT
    assert decided(kind=Kind.COMPLIMENT, person_id=MARIA).department_id == KITCHEN
    assert decided(kind=Kind.COMPLIMENT, person_id=MARIA, rating=1).department_id == KITCHEN
    assert decided(person_id=DORA).department_id is None


def pictured(store: Store, code: str) -> tuple[Target, Picture]:
    with store.read() as session:
        link = link_with_code(session, code)
        assert link is not None
        offered = offer(session, link)
        return Target(department_id=offered.department_id), routing.picture_for(session, offered)


def test_the_picture_has_all_above_with_their_managers(store: Store, cast: Cast) -> None:
    _, picture = pictured(store, cast.maria_link)
    assert picture.departments[cast.kitchen] == Unit(cast.kitchen, "Kitchen", cast.root, (cast.berta,))
    assert picture.departments[cast.root].managers == (cast.dora,)
    assert (picture.root, picture.admins) == (cast.root, (cast.anna,))
    assert picture.people[cast.maria] == cast.kitchen


def test_the_department_of_a_place_is_the_nearest_around_it(store: Store, cast: Cast) -> None:
    with store.write() as session:
        stand = Place(id=new_id(BEGINNING), name="Cake stand", parent_id=cast.table)
        own = Place(id=new_id(BEGINNING), name="Counter", parent_id=cast.terrace, department_id=cast.packing)
        session.add_all([stand, own])
    assert pictured(store, make_link(store, place=stand).code)[0].department_id == cast.kitchen
    assert pictured(store, make_link(store, place=own).code)[0].department_id == cast.packing


def test_trees_with_a_loop_end(store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.get_one(Place, cast.terrace).parent_id = cast.table
        session.get_one(Place, cast.terrace).department_id = None
        session.get_one(Department, cast.kitchen).parent_id = cast.packing
        session.get_one(Department, cast.packing).parent_id = cast.kitchen
    assert pictured(store, cast.table_link)[0].department_id is None
    _, picture = pictured(store, cast.kitchen_link)
    assert {cast.kitchen, cast.packing} <= set(picture.departments)


def test_those_who_left_manage_and_administrate_nothing(store: Store, cast: Cast) -> None:
    with store.write() as session:
        for person_id in (cast.berta, cast.anna):
            session.get_one(Person, person_id).retired_at = BEGINNING
    _, picture = pictured(store, cast.kitchen_link)
    assert picture.departments[cast.kitchen].managers == ()
    assert picture.admins == ()


def test_a_new_manager_is_in_the_next_picture(store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.add(Management(department_id=cast.kitchen, person_id=cast.karim))
    _, picture = pictured(store, cast.kitchen_link)
    assert set(picture.departments[cast.kitchen].managers) == {cast.berta, cast.karim}


@pytest.mark.parametrize("said", [{}, {"topic_ids": (MISSING_PARTS,)}, {"person_id": HANS}, {"topic_ids": (SPILLS,)}])
def test_the_management_here_never_reads_what_is_about_it_whatever_else_is_chosen(said: dict[str, object]) -> None:
    for target, managers in ((TO_KITCHEN, {BERTA}), (Target(department_id=ROOT), {DORA}), (Target(), {DORA})):
        found = decided(target, about_management=True, **said)
        assert managers <= found.concerned
        assert not managers & {reader for route in found.routes for reader in route.readers}


def test_on_someones_own_form_here_is_where_they_work() -> None:
    found = decided(Target(person_id=MARIA), about_management=True, topic_ids=(MISSING_PARTS,))
    assert found.concerned == {MARIA, BERTA}


def test_where_nobody_manages_the_admins_are_the_management() -> None:
    unmanaged = replace(HOUSE, departments={ROOT: Unit(ROOT, "Garden House", None)})
    found = decided(Target(), unmanaged, about_management=True)
    assert found.concerned == {ANNA}
    assert found.routes[0].purpose == Purpose.KEEPS
    assert first(Target(), unmanaged).readers == (ANNA,)


KNOWN = replace(
    HOUSE,
    known_as={BERTA: ("Berta Stein", "Berta"), DORA: ("Dora König", "Dodo"), ANNA: ("Anna", "Anna")},
)


@pytest.mark.parametrize(
    "note", ["Berta Stein", "berta", "Stein, Berta", "BERTA STEIN at the till", "Bertá", "the cook, Stein (Berta)"]
)
def test_a_manager_who_is_described_by_name_is_concerned(note: str) -> None:
    found = decided(picture=KNOWN, person_note=note)
    assert found.concerned == {BERTA}
    assert found.routes[0].readers == (DORA,)


@pytest.mark.parametrize("note", ["", "  ", "tall man at till 4", "she knows Berta and Karl", "-", "?!"])
def test_a_description_that_names_nobody_concerns_nobody(note: str) -> None:
    found = decided(picture=KNOWN, person_note=note)
    assert (found.concerned, found.routes[0].readers) == (frozenset(), (BERTA,))


def test_a_name_that_several_have_concerns_them_all() -> None:
    twins = replace(KNOWN, known_as={BERTA: ("Sam Stein", "Sam"), DORA: ("Sam König", "Sam K.")})
    assert decided(picture=twins, person_note="Sam").concerned == {BERTA, DORA}
    assert decided(picture=twins, person_note="the loud Sam K.").concerned == {DORA}


@pytest.mark.parametrize("note", ["Dora Konig was loud", "dodo", "KÖNIG, Dora", "DoraKönig"])
def test_whoever_is_called_otherwise_by_customers_is_known_by_either_name(note: str) -> None:
    assert decided(picture=KNOWN, person_note=note).concerned == {DORA}


@pytest.mark.parametrize(("name", "note"), [("王小明", "王小明很不客气"), ("สมชาย ใจดี", "คุณสมชายใจดีพูดไม่ดี")])
def test_a_name_is_known_where_words_have_no_spaces_between_them(name: str, note: str) -> None:
    known = replace(KNOWN, known_as={BERTA: (name, name)})
    assert decided(picture=known, person_note=note).concerned == {BERTA}


def test_a_name_beside_the_person_chosen_concerns_both() -> None:
    """Without scripts a tile can stay chosen while someone else is described."""
    found = decided(picture=KNOWN, person_id=MARIA, person_note="Berta Stein")
    assert found.concerned == {MARIA, BERTA}
    assert found.routes[0].readers == (DORA,)


def test_the_picture_knows_managers_and_admins_by_their_names(store: Store, cast: Cast) -> None:
    with store.read() as session:
        link = link_with_code(session, cast.table_link)
        assert link
        known = routing.picture_for(session, offer(session, link)).known_as
    assert {cast.berta, cast.dora, cast.anna} <= known.keys() and cast.karim not in known
    assert known[cast.berta] == ("Berta Stein", "Berta")
