"""History: numbered steps that nobody overtakes."""

from feedback.core import history
from feedback.core.submissions import Submission
from feedback.db import Store
from tests.factories import BEGINNING, Cast
from tests.story import arrives, at_once


def test_steps_are_numbered_in_their_order(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.kitchen_link)
    with store.write() as session:
        submission = session.get_one(Submission, number)
        history.add(session, submission, "noted", BEGINNING, by_id=cast.berta, text="Asked the cook")
        session.flush()
        history.add(session, submission, "assigned", BEGINNING, details={"handler": "Hans"})
    with store.read() as session:
        events = history.events_of(session, number)
    assert [(e.number, e.name) for e in events] == [(1, "received"), (2, "noted"), (3, "assigned")]
    assert (events[1].by_id, events[1].text, events[2].details) == (cast.berta, "Asked the cook", {"handler": "Hans"})


def test_steps_of_different_submissions_are_numbered_apart(store: Store, cast: Cast) -> None:
    one, other = arrives(store, cast.kitchen_link), arrives(store, cast.kitchen_link)
    with store.write() as session:
        history.add(session, session.get_one(Submission, one), "noted", BEGINNING)
    with store.read() as session:
        assert [len(history.events_of(session, number)) for number in (one, other)] == [2, 1]


def test_those_who_write_at_once_are_all_kept(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.kitchen_link)

    def note() -> None:
        with store.write() as session:
            history.add(session, session.get_one(Submission, number), "noted", BEGINNING)

    at_once(*[note] * 6)
    with store.read() as session:
        assert [event.number for event in history.events_of(session, number)] == list(range(1, 8))
