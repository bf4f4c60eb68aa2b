"""Several cases at once: who could take which, and numbers of several lists; the same as of each on its own."""

from datetime import timedelta

from feedback.core import cases
from feedback.core.cases import NOBODY, Case, Filters, Refusal, Reviewer, Status
from feedback.db import Store
from tests.factories import BEGINNING, Cast
from tests.story import arrives, concern, viewer

LATER = BEGINNING + timedelta(days=400)


def some(store: Store, cast: Cast) -> list[int]:
    """Cases of all departments, with everything that keeps somebody from one."""
    found = [
        arrives(store, cast.maria_link),
        arrives(store, cast.kitchen_link, person_note="Karim Haddad"),
        arrives(store, cast.table_link, topic_ids=(cast.missing_parts,)),
        arrives(store, cast.kitchen_link, about_management=True),
        arrives(store, cast.kitchen_link, kind="suggestion"),
    ]
    concern(store, found[2], cast.anna)
    with store.write() as session:
        session.get_one(Case, found[4]).stage = 2
        session.add(Reviewer(case_id=found[4], person_id=cast.berta))
        session.get_one(Case, found[0]).handler_id = cast.hans
    return found


def test_who_could_take_which_is_what_is_said_of_each(store: Store, cast: Cast) -> None:
    found = some(store, cast)
    with store.read() as session:
        many = [session.get_one(Case, id) for id in found]
        together = cases.candidates(session, many)
        each = [{person.id for person in cases.possible_handlers(session, case)} for case in many]
        assert [{person.id for person in together.of(case.id)} for case in many] == each
        assert {person.id for person in together.of_all(found)} == set.intersection(*each)
        for key in ("karim", "berta", "paula", "hans", "dora", "anna"):
            who = viewer(store, getattr(cast, key))
            able = {case.id for case in many if cases.may_work_on(session, who, case)}
            assert cases.workable(session, who, many) == able, key


def test_each_is_refused_for_its_own_reason(store: Store, cast: Cast) -> None:
    found = some(store, cast)
    with store.write() as session:
        wanted = dict.fromkeys([*found, 1], 1) | {found[1]: 2}
        became = cases.assign_each(session, viewer(store, cast.berta), wanted, cast.maria, at=LATER)
    assert [became[id] for id in found] == [
        Refusal.CANNOT,
        Refusal.CHANGED,
        became[found[2]],
        Refusal.GONE,  # it climbed past her
        Refusal.READS_ALONG,  # she decided the first stage
    ]
    assert became[1] == Refusal.GONE


def test_several_lists_are_counted_as_each_is(store: Store, cast: Cast) -> None:
    found = some(store, cast)
    with store.write() as session:
        session.get_one(Case, found[1]).status = Status.CLOSED
    lists = [
        Filters(),
        Filters(status="open"),
        Filters(handler_id=NOBODY),
        Filters(handler_id=NOBODY, status="closed"),
        Filters(handler_id=cast.hans),
        Filters(overdue_at=LATER),
        Filters(department_id=cast.kitchen),
        Filters(place_id=cast.table),
        Filters(q="soup", status="open"),
    ]
    for key in ("berta", "paula", "hans", "anna"):
        who = viewer(store, getattr(cast, key))
        with store.read() as session:
            numbers = [n for n, _more in cases.count_each(session, who, lists, most=100)]
            assert numbers == [cases.count(session, who, one) for one in lists], key
            assert cases.count_each(session, who, lists, most=1) == [(min(n, 1), n > 1) for n in numbers], key
            tally = cases.tally(session, who, Filters())
            assert tally.of("handler", str(NOBODY))[0] == numbers[2], key
