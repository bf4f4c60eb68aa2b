"""What a customer sees behind a receipt, and the one mail with it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, update

from feedback.core import conversations, history
from feedback.core.cases import Case, Status
from feedback.core.conversations import Conversation, mail_receipt, open_with
from feedback.core.history import Event
from feedback.core.links import link_with_code
from feedback.core.notices import About, Notice
from feedback.core.organisation import Organisation
from feedback.core.people import Person
from feedback.core.praise import Praise
from feedback.core.submissions import Kind, Submission, receipt_of
from feedback.db import Store
from feedback.outbound import wording
from tests.factories import BEGINNING, Cast
from tests.story import SECRET, arrives, at_once

LATER = BEGINNING + timedelta(hours=1)


def receipt_for(store: Store, submission_id: int) -> str:
    with store.read() as session:
        return receipt_of(session.get_one(Submission, submission_id).key, SECRET)


def opened(store: Store, submission_id: int) -> Conversation:
    receipt = receipt_for(store, submission_id)
    with store.read() as session:
        found = open_with(session, receipt)
    assert found
    return found


def happens(store: Store, submission_id: int, name: str, **more: object) -> None:
    with store.write() as session:
        history.add(session, session.get_one(Submission, submission_id), name, LATER, **more)  # type: ignore[arg-type]


def test_a_receipt_opens_its_conversation(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.table_link, message="Cold", topic_ids=(cast.cold_food, cast.missing_parts), rating=2)
    found = opened(store, number)
    assert (found.submission.id, found.kind, found.status) == (number, Kind.COMPLAINT, Status.RECEIVED)
    assert (found.heading, found.under, found.topics) == ("Table 4", "Terrace", ["Cold food", "Missing parts"])
    assert [step.name for step in found.steps] == ["received"]
    assert (found.answer_days, found.is_mailed) == (3, False)
    assert found.names["departments"] == {cast.kitchen: "Kitchen", cast.packing: "Packing"}


@pytest.mark.parametrize("receipt", ["", "0000-0000-0000-0000-0000-0000", "x"])
def test_what_is_no_receipt_opens_nothing(store: Store, cast: Cast, receipt: str) -> None:
    arrives(store, cast.table_link)
    with store.read() as session:
        assert open_with(session, receipt) is None


def test_a_receipt_made_with_another_secret_opens_nothing(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.table_link)
    with store.read() as session:
        assert open_with(session, receipt_of(session.get_one(Submission, number).key, "another")) is None


@pytest.mark.parametrize(
    ("code", "said", "heading", "under"),
    [
        ("maria_link", {"kind": "compliment"}, "Maria", "Kitchen"),
        ("maria_link", {"kind": "complaint"}, "Maria", "Kitchen"),
        ("kitchen_link", {"kind": "compliment"}, "Kitchen", ""),
        ("table_link", {"kind": "compliment"}, "Table 4", "Terrace"),
    ],
)
def test_it_says_whom_the_words_were_for_wherever_the_link_leads_now(
    store: Store, cast: Cast, code: str, said: dict[str, Any], heading: str, under: str
) -> None:
    number = arrives(store, getattr(cast, code), **said)
    with store.write() as session:
        link = link_with_code(session, getattr(cast, code))
        assert link
        link.department_id = link.place_id = None
        link.person_id = cast.hans
    found = opened(store, number)
    assert (found.heading, found.under) == (heading, under)


def test_words_that_came_without_a_link_open_too(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.kitchen_link, kind="compliment")
    with store.write() as session:
        session.execute(update(Submission).values(link_id=None))
    assert opened(store, number).heading == "Kitchen"
    with store.write() as session:
        session.execute(update(Submission).values(department_id=None))
    assert opened(store, number).heading == ""


def test_only_public_steps_are_told_and_none_with_a_name_of_staff(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.maria_link)
    for name, more in (
        ("noted", {"by_id": cast.berta, "text": "secret"}),
        ("assigned", {"by_id": cast.berta, "details": {"handler": "Karim Haddad"}}),
        ("receipt_mailed", {}),
        ("escalated", {"text": "secret"}),
        ("closed", {"by_id": cast.berta}),
    ):
        happens(store, number, name, **more)
    steps = opened(store, number).steps
    assert [step.name for step in steps] == ["received", "assigned", "closed"]
    assert all("Karim" not in str(step.details) and "Berta" not in str(step.details) for step in steps)


def test_reading_is_told_by_whom_and_in_the_order_of_time(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.maria_link, kind="compliment", at=BEGINNING)
    team = arrives(store, cast.kitchen_link, kind="compliment", at=BEGINNING)
    with store.write() as session:
        session.execute(update(Praise).values(read_at=LATER))
    assert [(step.name, step.details) for step in opened(store, number).steps] == [
        ("received", {}),
        ("read", {"reader": "Maria"}),
    ]
    assert opened(store, team).steps[-1].details == {"reader": "Kitchen"}


def test_that_a_manager_looked_at_held_praise_is_not_told(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.maria_link, kind="compliment", rating=1)
    with store.write() as session:
        session.execute(update(Praise).values(read_at=LATER))
    assert [step.name for step in opened(store, number).steps] == ["received"]


def test_a_closed_case_has_its_status(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.table_link, kind="suggestion")
    with store.write() as session:
        session.execute(update(Case).values(status=Status.CLOSED))
    assert opened(store, number).status == Status.CLOSED


def test_who_left_is_still_named_as_customers_knew_them(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.maria_link, kind="compliment")
    with store.write() as session:
        session.get_one(Person, cast.maria).retired_at = LATER
    assert opened(store, number).names["people"] == {cast.maria: "Maria"}


def test_the_receipt_is_mailed_once(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.maria_link, kind="compliment", mails=False)
    receipt = receipt_for(store, number)
    with store.write() as session:
        assert mail_receipt(session, receipt, "ida@home.example", "ar", LATER)
    with store.write() as session:
        assert not mail_receipt(session, receipt, "eve@home.example", "de", LATER)
    with store.read() as session:
        (notice,) = session.scalars(select(Notice))
        assert (notice.address, notice.person_id, notice.about, notice.language, notice.due_at) == (
            "ida@home.example", None, About.RECEIPT, "ar", LATER,
        )  # fmt: skip
        assert session.scalars(select(Event.name).order_by(Event.number)).all() == ["received", "receipt_mailed"]
    assert opened(store, number).is_mailed
    assert "ida" not in str(opened(store, number))


def test_the_receipt_of_two_taps_at_once_is_mailed_once(store: Store, cast: Cast) -> None:
    receipt = receipt_for(store, arrives(store, cast.maria_link, kind="compliment", mails=False))
    answers: list[bool] = []

    def tap() -> None:
        with store.write() as session:
            answers.append(mail_receipt(session, receipt, "ida@home.example", "en", LATER))

    at_once(*[tap] * 6)
    assert sorted(answers) == [False] * 5 + [True]
    with store.read() as session:
        assert len(session.scalars(select(Notice)).all()) == 1


def test_a_receipt_of_nothing_is_not_mailed(store: Store, cast: Cast) -> None:
    with store.write() as session:
        assert not mail_receipt(session, "0000-0000-0000-0000-0000-0000", "ida@home.example", "en", LATER)
        assert session.scalars(select(Notice)).all() == []


def test_it_takes_a_fixed_number_of_statements(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.maria_link)
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    opened(store, number)
    few = len(seen)
    for _ in range(10):
        happens(store, number, "assigned")
    seen.clear()
    opened(store, number)
    assert len(seen) == few


def test_names_of_what_a_conversation_tells_are_names_it_has(store: Store, cast: Cast) -> None:
    """Each public step has its sentence."""
    for name in conversations.PUBLIC | {"read"}:
        assert wording.customer_step(name, {"reader": "Maria"})


def test_whoever_wrote_signs_as_the_organisation_chose_and_nobody_else_is_named(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.maria_link)
    for name, by in (("assigned", cast.paula), ("noted", cast.paula), ("answered", cast.berta), ("closed", cast.hans)):
        happens(store, number, name, by_id=by, text="Hello", details={"handler": "Paula Novak"})
    signed = {"full": "Berta Stein", "public": "Berta", "department": "Kitchen", "nobody": "", "unheard of": ""}
    for how, name in signed.items():
        with store.write() as session:
            session.execute(update(Organisation).values(staff_names=how))
        steps = opened(store, number).steps
        assert [(step.name, step.by) for step in steps if step.by] == ([("answered", name)] if name else [])
        assert not any(other in str(steps) for other in ("Paula", "Hans"))


def test_the_department_signs_unless_something_else_is_chosen(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.maria_link)
    happens(store, number, "replied", by_id=cast.hans, text="Hello")
    assert opened(store, number).steps[-1].by == "Packing"
