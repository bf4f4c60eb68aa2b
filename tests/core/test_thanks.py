"""Thanking whoever praised one: once, seen behind the receipt, told by one mail where that was asked for."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from feedback.core import conversations, retention, thanks, told_once
from feedback.core.conversations import Step
from feedback.core.history import Event
from feedback.core.notices import About, Notice
from feedback.core.organisation import Organisation
from feedback.core.praise import Praise
from feedback.core.submissions import Submission, receipt_of
from feedback.core.told_once import ToldOnce
from feedback.db import Store
from tests.factories import BEGINNING, Cast
from tests.story import SECRET, arrives, at_once, viewer

LATER = BEGINNING + timedelta(hours=5)
LINE, ADDRESS = "It was my pleasure.", "guest@mail.example"


def thank(store: Store, person_id: int, submission: int, words: str = "", *, mails: bool = True) -> bool:
    """Thank for the first letter of the submission."""
    with store.write() as session:
        number = session.scalars(select(Praise.id).where(Praise.submission_id == submission)).first() or 0
        return thanks.give(session, viewer(store, person_id), number, words, LATER, mails=mails)


def seen(store: Store, submission: int) -> list[Step]:
    """The thanks as the customer reads them behind the receipt."""
    with store.read() as session:
        receipt = receipt_of(session.get_one(Submission, submission).key, SECRET)
        found = conversations.open_with(session, receipt)
        assert found is not None
        return [step for step in found.steps if step.name == thanks.THANKED]


def praised(store: Store, code: str, **said: object) -> int:
    return arrives(store, code, kind="compliment", message="", at=BEGINNING, **said)


def test_the_customer_reads_it_behind_the_receipt(store: Store, cast: Cast) -> None:
    number = praised(store, cast.maria_link)
    assert thank(store, cast.maria, number, LINE)
    (step,) = seen(store, number)
    assert (step.words, step.by, step.at) == (LINE, "Kitchen", LATER)


@pytest.mark.parametrize(("how", "signed"), [("public", "Maria"), ("full", "Maria Lopez"), ("nobody", "")])
def test_signed_as_the_organisation_chose(store: Store, cast: Cast, how: str, signed: str) -> None:
    number = praised(store, cast.maria_link)
    with store.write() as session:
        session.scalars(select(Organisation)).one().staff_names = how
    assert thank(store, cast.maria, number)
    assert [(step.words, step.by) for step in seen(store, number)] == [("", signed)]


def test_everyone_of_a_team_thanks_once(store: Store, cast: Cast) -> None:
    number = praised(store, cast.kitchen_link)
    for person_id in (cast.maria, cast.karim, cast.maria):
        assert thank(store, person_id, number, LINE)
    assert len(seen(store, number)) == 2


def test_two_taps_at_once_are_one(store: Store, cast: Cast) -> None:
    number = praised(store, cast.maria_link)
    at_once(*(lambda: thank(store, cast.maria, number) and None for _ in range(2)))
    assert len(seen(store, number)) == 1


@pytest.mark.parametrize("key", ["karim", "berta", "paula", "anna"])
def test_nobody_else_thanks_for_it(store: Store, cast: Cast, key: str) -> None:
    number = praised(store, cast.maria_link)
    assert not thank(store, getattr(cast, key), number)
    assert seen(store, number) == []


def test_what_waits_or_was_imported_is_not_thanked_for(store: Store, cast: Cast) -> None:
    assert not thank(store, cast.maria, praised(store, cast.maria_link, rating=1))
    assert not thank(store, cast.maria, praised(store, cast.maria_link, history=True))


def test_told_once_by_mail_and_then_forgotten(store: Store, cast: Cast) -> None:
    number = praised(store, cast.maria_link)
    with store.write() as session:
        conversations.tell_once(session, session.get_one(Submission, number), ADDRESS)
    thank(store, cast.maria, number)
    with store.read() as session:
        (notice,) = session.scalars(select(Notice).where(Notice.address.is_not(None)))
        assert (notice.about, notice.address, notice.language) == (About.THANKED, ADDRESS, "en")
        assert session.get_one(Event, notice.event_id).name == thanks.THANKED
        assert not told_once.is_asked(session, number)


def test_without_mail_the_address_stays_for_the_day_it_can(store: Store, cast: Cast) -> None:
    number = praised(store, cast.maria_link)
    with store.write() as session:
        told_once.ask(session, number, ADDRESS)
    thank(store, cast.maria, number, mails=False)
    with store.read() as session:
        assert session.scalars(select(Notice).where(Notice.address.is_not(None))).all() == []


def test_who_was_thanked_cannot_ask_to_be_told(store: Store, cast: Cast) -> None:
    number = praised(store, cast.maria_link)
    thank(store, cast.maria, number)
    with store.write() as session, pytest.raises(conversations.NotOpen):
        conversations.tell_once(session, session.get_one(Submission, number), ADDRESS)


def test_an_address_nobody_thanked_is_forgotten_in_time(store: Store, cast: Cast) -> None:
    praise, complaint = praised(store, cast.maria_link), arrives(store, cast.kitchen_link, at=BEGINNING)
    with store.write() as session:
        for number in (praise, complaint):
            told_once.ask(session, number, ADDRESS)
        retention.tidy(session, BEGINNING + retention.THANKS_COME)
        assert session.get(ToldOnce, praise) is not None
        retention.tidy(session, BEGINNING + retention.THANKS_COME + timedelta(minutes=1))
    with store.read() as session:
        assert list(session.scalars(select(ToldOnce.submission_id))) == [complaint]
