"""Cases of someone who leaves: none is left with them, and each tells what happened."""

from contextlib import suppress

from feedback.core import cases, history
from feedback.core.cases import Case, Status
from feedback.core.people import Person
from feedback.db import Store
from tests.factories import BEGINNING, Cast
from tests.story import arrives, at_once, concern, viewer


def test_who_leaves_hands_open_cases_back_with_an_event_in_each(store: Store, cast: Cast) -> None:
    first, second, closed, others = (arrives(store, cast.table_link) for _ in range(4))
    with store.write() as session:
        for number, handler_id in (
            (first, cast.karim),
            (second, cast.karim),
            (closed, cast.karim),
            (others, cast.berta),
        ):
            case = session.get_one(Case, number)
            case.handler_id, case.status = handler_id, Status.IN_PROGRESS
        session.get_one(Case, closed).status = Status.CLOSED
    who = viewer(store, cast.berta)
    with store.write() as session:
        karim = session.get_one(Person, cast.karim)
        assert cases.open_with(session, who, cast.karim) == 2
        karim.retired_at = BEGINNING
        cases.hand_back(session, karim, BEGINNING, by_id=cast.berta)
    with store.read() as session:
        kept = {number: session.get_one(Case, number) for number in (first, second, closed, others)}
        assert [(case.handler_id, case.status) for case in kept.values()] == [
            (None, "received"),
            (None, "received"),
            (cast.karim, "closed"),
            (cast.berta, "in_progress"),
        ]
        assert [kept[number].version for number in (first, others)] == [2, 1]
        for number in (first, second):
            event = history.events_of(session, number)[-1]
            assert (event.number, event.name, event.by_id) == (2, "handed_back", cast.berta)
            assert event.details == {"handler": "Karim Haddad"}
        assert len(history.events_of(session, closed)) == len(history.events_of(session, others)) == 1
        assert cases.open_with(session, who, cast.karim) == 0
    with store.write() as session:
        cases.hand_back(session, session.get_one(Person, cast.karim), BEGINNING, by_id=cast.berta)


def test_open_cases_are_counted_as_far_as_the_viewer_sees_them(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.table_link)
    concern(store, number, cast.berta)
    with store.write() as session:
        session.get_one(Case, number).handler_id = cast.karim
    with store.read() as session:
        assert cases.open_with(session, viewer(store, cast.berta), cast.karim) == 0
        assert cases.open_with(session, viewer(store, cast.anna), cast.karim) == 1


def test_nobody_is_given_a_case_while_they_are_being_retired(store: Store, cast: Cast) -> None:
    """Whichever comes first, no open case is left with someone who has left."""
    number = arrives(store, cast.table_link)

    def assigns() -> None:
        with suppress(cases.NotAllowed), store.write() as session:
            case = session.get_one(Case, number)
            cases.assign(session, viewer(store, cast.berta), case, cast.karim, version=case.version, at=BEGINNING)

    def retires() -> None:
        with store.write() as session:
            karim = session.get_one(Person, cast.karim)
            karim.retired_at = BEGINNING
            cases.hand_back(session, karim, BEGINNING, by_id=cast.berta)

    at_once(assigns, retires)
    with store.read() as session:
        assert session.get_one(Case, number).handler_id is None
