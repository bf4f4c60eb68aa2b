"""Mails about challenges: to whoever keeps the record still, while there is something to answer, and without its words."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from feedback.core import challenges
from feedback.core.challenges import Outcome, Part
from feedback.core.notices import About, Notice
from feedback.core.people import Management, Person
from feedback.db import Store
from feedback.outbound import digests
from feedback.outbound.errands import Desk, Withdrawn
from tests.factories import BEGINNING, Cast
from tests.outbound.mails import html, plain, sent
from tests.story import viewer

SAID = "My name has an accent"


@pytest.fixture
def number(store: Store, cast: Cast) -> int:
    """What Maria said is wrong."""
    who = viewer(store, cast.maria)
    with store.write() as session:
        return challenges.challenge(session, who, Part.RECORD, SAID, BEGINNING).id


def mails(store: Store) -> dict[tuple[str, int | None], str]:
    """What each mail would say, or why it is not sent."""
    found = {}
    with store.read() as session:
        owed = session.scalars(select(Notice)).all()
        desk = Desk(session, owed)
        for notice in owed:
            try:
                message = sent(desk.errand(notice))
                found[notice.about, notice.person_id] = f"{message['Subject']}\n{plain(message)}{html(message)}"
            except Withdrawn as error:
                found[notice.about, notice.person_id] = str(error)
    return found


def answered(store: Store, cast: Cast, number: int) -> None:
    who = viewer(store, cast.berta)
    with store.write() as session:
        challenges.answer(session, who, number, Outcome.LEFT, "It has none", BEGINNING + timedelta(days=1))


def test_they_lead_to_the_page_and_keep_the_words_inside(store: Store, cast: Cast, number: int) -> None:
    told = mails(store)
    assert {person_id for _, person_id in told} == {cast.anna, cast.berta, cast.dora}
    for mail in told.values():
        assert f"/admin/challenges/{number}" in mail and "Maria Lopez" in mail and SAID not in mail


def test_once_answered_the_person_is_told_and_nobody_asked_any_more(store: Store, cast: Cast, number: int) -> None:
    answered(store, cast, number)
    told = mails(store)
    assert {told[About.CHALLENGED, id] for id in (cast.anna, cast.berta, cast.dora)} == {"it was answered already"}
    mail = told[About.CHALLENGE_ANSWERED, cast.maria]
    assert "/account/record" in mail and "It has none" not in mail and "Berta" not in mail


def test_who_keeps_the_record_no_more_gets_no_mail(store: Store, cast: Cast, number: int) -> None:
    with store.write() as session:
        session.delete(session.get_one(Management, (cast.kitchen, cast.berta)))
    assert mails(store)[About.CHALLENGED, cast.berta] == "the recipient may not see it any more"


def test_who_has_left_reads_the_answer_on_their_page_alone(store: Store, cast: Cast, number: int) -> None:
    with store.write() as session:
        session.get_one(Person, cast.maria).retired_at = BEGINNING
    answered(store, cast, number)
    assert mails(store)[About.CHALLENGE_ANSWERED, cast.maria] == "the recipient has left"


def test_a_digest_tells_of_them_in_a_group_of_their_own() -> None:
    assert {digests.group_of(about) for about in (About.CHALLENGED, About.CHALLENGE_ANSWERED)} == {"records"}
