"""Told once and forgotten: one mail at the first word from inside, and nothing left of the address."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from feedback.core import cases, conversations, told_once
from feedback.core.cases import Case, Cause, Ending, NotOpen, Outcome, Remedy, Says
from feedback.core.notices import About, Notice
from feedback.core.submissions import Contact, Draft, Submission, digest
from feedback.core.told_once import ToldOnce
from feedback.db import Store
from tests.factories import BEGINNING, Cast
from tests.story import arrives, at_once, viewer

IDA, WORK = "ida@home.example", "ida@work.example"
ENDING = Ending(Outcome.UPHELD, Cause.OTHER, Remedy.APOLOGY)


def told(store: Store) -> list[str | None]:
    with store.read() as session:
        return list(session.scalars(select(Notice.address).where(Notice.about == About.ANSWER).order_by(Notice.id)))


def kept(store: Store) -> list[str]:
    with store.read() as session:
        return list(session.scalars(select(ToldOnce.address)))


def does(store: Store, cast: Cast, number: int, act, *what: object, mails: bool = True) -> None:
    berta = viewer(store, cast.berta)
    with store.write() as session:
        case = session.get_one(Case, number)
        act(session, berta, case, *what, version=case.version, at=BEGINNING, mails=mails)


def test_the_first_word_takes_the_address_along(store: Store, cast: Cast) -> None:
    for says in Says:
        number = arrives(store, cast.kitchen_link, tell_once=f"{says}@home.example")
        assert kept(store) == [f"{says}@home.example"]
        for _ in range(2):
            does(store, cast, number, cases.reply, "Hello", says)
            assert kept(store) == []
    assert sorted(map(str, told(store))) == sorted(f"{says}@home.example" for says in Says)


def test_so_does_the_end(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.kitchen_link, tell_once=IDA)
    does(store, cast, number, cases.close, ENDING)
    assert (told(store), kept(store)) == ([IDA], [])


def test_it_is_no_contact_and_nobody_at_work_is_told_of_it(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.kitchen_link, tell_once=IDA)
    with store.read() as session:
        assert session.get(Contact, number) is None
        for id in (cast.berta, cast.anna):
            assert cases.contact_of(session, viewer(store, id), session.get_one(Case, number)) is None


def test_with_leave_to_be_contacted_too_it_is_one_mail(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.kitchen_link, tell_once=IDA, contact_email=WORK, may_contact=True)
    does(store, cast, number, cases.reply, "Hello", Says.REPLIED)
    assert told(store) == [IDA]
    does(store, cast, number, cases.reply, "Hello", Says.ANSWERED)
    assert told(store) == [IDA, WORK]


def test_where_no_mail_leaves_no_address_stays(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.kitchen_link, tell_once=IDA)
    does(store, cast, number, cases.reply, "Hello", Says.REPLIED, mails=False)
    arrives(store, cast.kitchen_link, tell_once=IDA, mails=False)
    assert (told(store), kept(store)) == ([], [])


def test_it_can_be_asked_for_later_anew_and_taken_back(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.kitchen_link)

    def asks(address: str) -> None:
        with store.write() as session:
            conversations.tell_once(session, session.get_one(Submission, number), address)

    at_once(lambda: asks(IDA), lambda: asks(IDA))
    asks(WORK)
    assert kept(store) == [WORK]
    with store.write() as session:
        conversations.tell_no_more(session, session.get_one(Submission, number))
    assert kept(store) == []
    does(store, cast, number, cases.close, ENDING)
    with pytest.raises(NotOpen):
        asks(IDA)


def test_of_two_words_at_once_one_tells(store: Store, cast: Cast) -> None:
    number = arrives(store, cast.kitchen_link, tell_once=IDA)
    found: list[str | None] = []

    def take() -> None:
        with store.write() as session:
            found.append(told_once.take(session, number))

    at_once(take, take)
    assert sorted(map(str, found)) == ["None", IDA]


def test_a_form_without_it_says_what_it_said_before_there_was_one() -> None:
    plain = Draft(kind="complaint", message="Cold")
    assert digest(plain, "s") == digest(replace(plain, tell_once=""), "s") != digest(replace(plain, tell_once=IDA), "s")


def test_who_does_not_ask_leaves_no_row(store: Store, cast: Cast) -> None:
    arrives(store, cast.kitchen_link)
    arrives(store, cast.maria_link, kind="compliment")
    assert kept(store) == []
