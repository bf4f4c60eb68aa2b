"""POST /admin/people/<n>/invitation-mail: an invitation by mail, owed at once, written by the worker, never kept."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from feedback import clock, create_app
from feedback.config import Settings
from feedback.core import invitations
from feedback.core.accounts import Account, Invitation
from feedback.core.audit import Entry
from feedback.core.notices import About, Notice
from feedback.core.people import Person
from feedback.db import Store
from feedback.outbound import worker
from feedback.web import NAME
from tests.factories import Cast, address_of
from tests.ground.pages import visible_text
from tests.ground.smtp import Mailbox
from tests.story import at_work, fill_in, token_for


@pytest.fixture
def mailing(settings: Settings, mailbox: Mailbox) -> Settings:
    return replace(settings, smtp_url=mailbox.url)


@pytest.fixture
def posted(mailing: Settings, store: Store, cast: Cast) -> Iterator[Flask]:
    """The application with a mail server; Karim has no way in yet."""
    with store.write() as session:
        session.delete(session.get_one(Account, cast.karim))
    app = create_app(mailing)
    app.testing = True
    yield app
    app.extensions[NAME].store.close()


def ask(app: Flask, cast: Cast, by: str = "berta") -> None:
    page = f"/admin/people/{cast.karim}"
    browser = at_work(app, cast, by)
    answer = fill_in(browser, page, f"{page}/invitation-mail")
    assert (answer.status_code, answer.headers["Location"]) == (303, page)
    said = "An invitation is on its way to karim@garden-house.example."
    assert said in visible_text(browser.get(page).text)


def notices(store: Store) -> list[Notice]:
    with store.read() as session:
        return list(session.scalars(select(Notice).order_by(Notice.id)))


def test_the_mail_leads_to_a_way_in(
    posted: Flask, mailing: Settings, store: Store, cast: Cast, mailbox: Mailbox
) -> None:
    ask(posted, cast)
    (owed,) = notices(store)
    assert (owed.about, owed.event_id, owed.person_id, owed.address) == (About.INVITATION, None, cast.karim, None)
    assert worker.run(store, mailing, once=True) == 1
    (message,) = mailbox.messages
    assert message["To"] == f"Karim Haddad <{address_of('karim')}>"
    body = message.get_body(("plain",)).get_content()
    assert "Berta Stein has invited you" in body
    way = re.findall(r"/join/[\w-]+", body)[0]
    assert way in message.get_body(("html",)).get_content()
    assert "Welcome, Karim Haddad" in visible_text(posted.test_client().get(way).text)
    with store.read() as session:
        acts = session.scalars(select(Entry.act)).all()
        kept = [row for table in (Notice, Invitation) for row in session.execute(select(*table.__table__.c)).all()]
    assert acts == ["invited_by_mail"] and way.rpartition("/")[2] not in repr(kept)


def test_a_mail_that_is_written_again_says_the_same(posted: Flask, mailing: Settings, store: Store, cast: Cast) -> None:
    ask(posted, cast)
    with store.read() as session:
        held = session.scalars(select(Invitation)).one()
        token = invitations.token_of(invitations.key_of(held.person_id, held.made_at), mailing.secret_key)
        assert invitations.invited(session, token, clock.now()) is not None
        other = invitations.token_of(invitations.key_of(held.person_id, held.made_at), "another secret")
        assert invitations.invited(session, other, clock.now()) is None


@pytest.mark.parametrize("meanwhile", ["used", "replaced", "left", "no address", "too old"])
def test_what_no_longer_holds_is_not_mailed(
    posted: Flask, mailing: Settings, store: Store, cast: Cast, mailbox: Mailbox, meanwhile: str
) -> None:
    ask(posted, cast)
    later = clock.now()
    if meanwhile == "replaced":
        fill_in(at_work(posted, cast, "berta"), f"/admin/people/{cast.karim}", f"/admin/people/{cast.karim}/invitation")
    elif meanwhile == "too old":
        later += timedelta(hours=73)
    else:
        with store.write() as session:
            person = session.get_one(Person, cast.karim)
            if meanwhile == "used":
                session.delete(session.scalars(select(Invitation)).one())
            elif meanwhile == "left":
                person.retired_at = later
            else:
                person.email = None
    with time_machine.travel(later, tick=False):
        assert worker.run(store, mailing, once=True) == 0
    (notice,) = notices(store)
    assert notice.given_up_at is not None and notice.sent_at is None and notice.problem
    assert mailbox.messages == []


def test_one_asked_for_twice_is_mailed_once(
    posted: Flask, mailing: Settings, store: Store, cast: Cast, mailbox: Mailbox
) -> None:
    ask(posted, cast)
    ask(posted, cast)
    assert worker.run(store, mailing, once=True) == 1
    assert len(mailbox.messages) == 1


def test_it_is_offered_only_where_there_is_an_address_and_a_mail_server(
    app: Flask, posted: Flask, store: Store, cast: Cast
) -> None:
    page = f"/admin/people/{cast.karim}"
    assert "/invitation-mail" in at_work(posted, cast, "berta").get(page).text
    berta = at_work(app, cast, "berta")
    assert "/invitation-mail" not in berta.get(page).text
    assert berta.post(f"{page}/invitation-mail", data={"csrf_token": token_for(berta)}).status_code == 404
    with store.write() as session:
        session.get_one(Person, cast.karim).email = None
    berta = at_work(posted, cast, "berta")
    assert "/invitation-mail" not in berta.get(page).text
    assert berta.post(f"{page}/invitation-mail", data={"csrf_token": token_for(berta)}).status_code == 404
    assert notices(store) == []


@pytest.mark.parametrize(
    ("by", "whom"), [("paula", "karim"), ("maria", "karim"), ("berta", "maria"), ("berta", "anna")]
)
def test_who_may_not_invite_may_not_mail(posted: Flask, store: Store, cast: Cast, by: str, whom: str) -> None:
    browser = at_work(posted, cast, by)
    answer = browser.post(
        f"/admin/people/{getattr(cast, whom)}/invitation-mail", data={"csrf_token": token_for(browser)}
    )
    assert answer.status_code == 404 and notices(store) == []


@pytest.mark.parametrize("n", ["0", "x", "9" * 30])
def test_nobody_there_is_invited(posted: Flask, cast: Cast, n: str) -> None:
    browser = at_work(posted, cast, "anna")
    answer = browser.post(f"/admin/people/{n}/invitation-mail", data={"csrf_token": token_for(browser)})
    assert answer.status_code == 404
