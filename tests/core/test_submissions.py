"""What a submission may hold, what makes two of them the same, and the receipt with which one comes back."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as some
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError, IntegrityError

from feedback.core import submissions
from feedback.core.links import Chip, Offer, Tile
from feedback.core.submissions import (
    Contact,
    Draft,
    Given,
    Kind,
    Submission,
    digest,
    normal_receipt,
    problems,
    receipt_hash,
    receipt_of,
    topic_names,
    with_receipt,
)
from feedback.db import Store, table_of
from tests.factories import BEGINNING, Cast
from tests.story import SECRET, arrives

MARIA, COLD = Tile(1, "Maria", "M", 10), Chip(2, "Cold food", 10)
OFFER = Offer(
    link_id=5, code="7K3M9PXA", points_at="department", heading="Kitchen", under="", language=None, person=None,
    department_id=10, place_id=None, people=(MARIA,), topics=(COLD,),
)  # fmt: skip


@pytest.mark.parametrize("kind", list(Kind))
def test_a_draft_in_order_has_no_problems(kind: str) -> None:
    draft = Draft(kind=kind, message="m", person_id=1, topic_ids=(2,), rating=5, contact_email="a@b.example")
    assert problems(draft, OFFER) == {}


@pytest.mark.parametrize(
    ("draft", "found"),
    [
        (Draft(kind="compliment"), {}),
        (Draft(kind="suggestion"), {}),
        (Draft(kind="complaint"), {"message": "say_what_happened"}),
        (Draft(kind="complaint", message=" \n\u2003"), {"message": "say_what_happened"}),
        (Draft(kind="complaint", photos=("a",)), {}),
        (Draft(kind=""), {"kind": "choose_kind"}),
        (Draft(kind="survey"), {"kind": "choose_kind"}),
        (Draft(kind="compliment", message="x" * 5000), {}),
        (Draft(kind="compliment", message="x" * 5001), {"message": "too_long"}),
        (Draft(kind="compliment", person_id=2), {"person": "not_offered"}),
        (Draft(kind="compliment", person_id=0), {"person": "not_offered"}),
        (Draft(kind="compliment", topic_ids=(1,)), {"topic": "not_offered"}),
        (Draft(kind="complaint", message="m", topic_ids=(2, 3)), {"topic": "not_offered"}),
        (Draft(kind="complaint", message="m", contact_email="ida"), {"contact_email": "not_an_address"}),
        (Draft(kind="complaint", message="m", may_contact=True), {"may_contact": "no_contact"}),
        (Draft(kind="suggestion", contact_name="Ida", may_contact=True), {"may_contact": "no_contact"}),
        (Draft(kind="suggestion", contact_phone="1", may_contact=True), {}),
        (Draft(kind="suggestion", contact_email="a@b.example", may_contact=True), {}),
        (
            Draft(kind="suggestion", contact_email="ida", may_contact=True),
            {"contact_email": "not_an_address"},
        ),
    ],
)
def test_each_problem_is_named_by_its_field(draft: Draft, found: dict[str, str]) -> None:
    assert problems(draft, OFFER) == found


def test_the_person_of_the_link_is_offered_on_it() -> None:
    offer = replace(OFFER, person=Tile(7, "Karim", "K", 10), people=())
    assert problems(Draft(kind="compliment", person_id=7), offer) == {}
    assert problems(Draft(kind="compliment", person_id=1), offer) == {"person": "not_offered"}


@pytest.mark.parametrize(
    ("draft", "held"),
    [
        (Draft(kind="compliment"), False),
        (Draft(kind="compliment", rating=1), True),
        (Draft(kind="compliment", rating=2), False),
        (Draft(kind="compliment", is_trapped=True), True),
        (Draft(kind="complaint", rating=1, is_trapped=True), False),
        (Draft(kind="compliment", is_hasty=True), False),
    ],
)
def test_only_a_compliment_that_may_not_be_one_is_held(draft: Draft, held: bool) -> None:
    assert draft.is_held is held


OTHER: dict[str, Any] = {
    "kind": "complaint", "message": "x", "person_id": 1, "person_note": "x", "topic_ids": (2,), "rating": 3,
    "contact_name": "x", "contact_email": "x@y", "contact_phone": "1", "may_contact": True, "may_share": True,
    "about_management": True, "happened_at": BEGINNING, "is_trapped": True,
    "photos": ("a",), "tell_once": "x@y", "given": Given(1, 2, {"q1": "4"}),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHER)
def test_whatever_is_said_otherwise_makes_another_digest(name: str) -> None:
    draft = Draft(kind="compliment")
    assert digest(replace(draft, **{name: OTHER[name]}), SECRET) != digest(draft, SECRET)


def test_language_and_haste_are_not_said_and_change_nothing() -> None:
    assert {field.name for field in fields(Draft)} - set(OTHER) == {"language", "is_hasty"}
    draft = Draft(kind="compliment", message="Thanks")
    assert digest(replace(draft, language="ar", is_hasty=True), SECRET) == digest(draft, SECRET)


def test_a_digest_needs_the_secret() -> None:
    draft = Draft(kind="compliment")
    assert len(digest(draft, SECRET)) == 16
    assert digest(draft, SECRET) != digest(draft, "another")


def test_words_do_not_run_into_each_other() -> None:
    """What stands in two fields is not the same as all of it in one."""
    one = Draft(kind="complaint", contact_name="a", contact_email="b")
    other = Draft(kind="complaint", contact_name='a", "b', contact_email="")
    assert digest(one, SECRET) != digest(other, SECRET)


@given(key=some.binary(min_size=16, max_size=16))
@tries(derandomize=True, max_examples=50)
def test_a_receipt_is_six_groups_of_four_and_always_the_same(key: bytes) -> None:
    receipt = receipt_of(key, SECRET)
    assert receipt == receipt_of(key, SECRET) == normal_receipt(receipt)
    assert [len(group) for group in receipt.split("-")] == [4] * 6
    assert receipt != receipt_of(key, "another secret")
    assert receipt_hash(receipt) != receipt_hash(receipt_of(key[::-1] + b"x", SECRET))


@pytest.mark.parametrize(
    "text", ["", "ABCD", "0" * 23, "0" * 25, "U" * 24, "é" * 24, "0" * 10_000, "-" * 24, "\0" * 24]
)
def test_what_cannot_be_a_receipt_is_none(text: str) -> None:
    assert normal_receipt(text) is None


def test_a_receipt_finds_its_submission_and_no_other(store: Store, cast: Cast) -> None:
    first, second = arrives(store, cast.maria_link), arrives(store, cast.kitchen_link)
    with store.read() as session:
        keys = {number: session.get_one(Submission, number).key for number in (first, second)}
        for number, key in keys.items():
            found = with_receipt(session, receipt_of(key, SECRET))
            assert found and found.id == number
            assert with_receipt(session, receipt_of(key, "another secret")) is None
        assert with_receipt(session, "") is None


def test_topics_are_told_by_name(store: Store, cast: Cast) -> None:
    with_topics = arrives(store, cast.table_link, topic_ids=(cast.missing_parts, cast.cold_food))
    without = arrives(store, cast.table_link)
    with store.read() as session:
        assert topic_names(session, [with_topics, without]) == {with_topics: ["Cold food", "Missing parts"]}
        assert topic_names(session, []) == {}


ROW = {
    "id": 1, "key": b"k" * 16, "digest": b"d" * 16, "receipt_hash": b"h" * 32, "kind": "compliment", "message": "",
    "language": "en", "person_note": "", "submitted_at": BEGINNING, "may_share": False, "is_trapped": False,
    "is_hasty": False, "is_history": False,
}  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [{"key": b""}, {"key": b"k" * 15}, {"key": None}, {"kind": "praise"}, {"rating": 0}, {"rating": 6}, {"message": None},
     {"link_id": 12345}, {"submitted_at": None}],
)  # fmt: skip
def test_the_store_itself_refuses_what_cannot_be(store: Store, change: dict[str, object]) -> None:
    with pytest.raises((IntegrityError, DBAPIError)), store.write_rows() as connection:
        connection.execute(insert(table_of(Submission)), ROW | change)


def test_the_store_takes_a_key_once(store: Store) -> None:
    with store.write_rows() as connection:
        connection.execute(insert(table_of(Submission)), ROW)
    with pytest.raises(IntegrityError), store.write_rows() as connection:
        connection.execute(insert(table_of(Submission)), ROW | {"id": 2})


def test_no_column_could_tell_who_sent_it() -> None:
    """Rule 6: what is not there cannot leak; whoever adds a column here has to think of it."""
    assert set(table_of(Submission).columns.keys()) == {
        "id", "key", "digest", "receipt_hash", "kind", "message", "language", "link_id", "place_id", "department_id",
        "person_id", "person_note", "rating", "submitted_at", "happened_at", "may_share", "is_trapped", "is_hasty",
        "is_history",
    }  # fmt: skip
    assert set(table_of(Contact).columns.keys()) == {"submission_id", "name", "email", "phone", "may_contact"}


def test_the_longest_of_each_fits_its_column() -> None:
    room = {str(column): getattr(column.type, "length", None) for column in table_of(Submission).c}
    assert room["submission.person_note"] == submissions.MOST_SHORT
    room = {column.name: getattr(column.type, "length", None) for column in table_of(Contact).c}
    assert (room["name"], room["email"], room["phone"]) == (submissions.MOST_SHORT, 320, 40)
