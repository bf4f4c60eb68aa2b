"""The way to the mail server: what its answers mean for a mail, and whom we trust with it."""

import smtplib
from dataclasses import replace
from email.message import EmailMessage

import pytest

from feedback.config import Settings
from feedback.core import notices
from feedback.core.notices import PAUSES
from feedback.core.people import Person
from feedback.db import Store
from feedback.outbound import smtp
from tests.factories import Cast
from tests.ground import free_port
from tests.ground.smtp import Mailbox
from tests.ground.smtp import mailbox as mail_server
from tests.outbound.arrivals import BERTA, MARIA, PRAISE, Watch, arrive, once, owed, owed_to


def test_the_envelope_has_one_recipient_and_the_sender(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox
) -> None:
    arrive(store, mailing, cast.maria_link, PRAISE)
    once(store, replace(mailing, mail_from="Desk <desk@garden-house.example>"))
    assert {delivery.sender for delivery in mailbox.deliveries} == {"desk@garden-house.example"}
    assert sorted(delivery.recipients for delivery in mailbox.deliveries) == [(BERTA,), (MARIA,)]


def test_a_server_that_says_later_gets_the_mail_later(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch
) -> None:
    arrive(store, mailing, cast.maria_link, PRAISE)
    mailbox.refuse(451, "4.7.1 Greylisted, come back", address=MARIA)
    assert once(store, mailing) == 1
    notice = owed_to(store, cast.maria)
    assert (notice.problem, notice.due_at) == ("451 4.7.1 Greylisted, come back", watch.at + PAUSES[0])
    mailbox.accept()
    assert once(store, mailing) == 0
    watch.forward(PAUSES[0])
    assert once(store, mailing) == 1
    notice = owed_to(store, cast.maria)
    assert (notice.sent_at, notice.problem, notice.tries) == (watch.at, "", 2)


@pytest.mark.parametrize("at", ["rcpt", "data"])
def test_a_server_that_says_never_is_believed_and_the_others_get_theirs(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch, at: str
) -> None:
    arrive(store, mailing, cast.maria_link, PRAISE)
    mailbox.refuse(550, f"5.1.1 <{MARIA}>: no such user maria", at=at, address=MARIA)  # type: ignore[arg-type]
    assert once(store, mailing) == 1 and mailbox.to(BERTA)
    notice = owed_to(store, cast.maria)
    assert (notice.given_up_at, notice.due_at, notice.sent_at) == (watch.at, None, None)
    assert notice.problem == "550 5.1.1 <…>: no such user …"
    with store.read() as session:
        assert notices.state(session) == (0, 1)


@pytest.mark.parametrize("at", ["rcpt", "data"])
def test_a_server_that_hangs_up_on_one_mail_still_gets_the_next(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, at: str
) -> None:
    arrive(store, mailing, cast.maria_link, PRAISE)
    mailbox.refuse(421, "4.3.2 Closing", at=at, address=MARIA)  # type: ignore[arg-type]
    assert once(store, mailing) == 1 and mailbox.to(BERTA)
    assert owed_to(store, cast.maria).problem == "421 4.3.2 Closing"


def test_a_server_out_of_reach_costs_no_mail(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch
) -> None:
    arrive(store, mailing, cast.maria_link, PRAISE)
    assert once(store, replace(mailing, smtp_url=f"smtp://127.0.0.1:{free_port()}")) == 0
    assert {notice.problem for notice in owed(store)} == {"no connection: ConnectionRefusedError"}
    watch.forward(PAUSES[0])
    assert once(store, mailing) == 2


def test_a_sender_that_is_no_address_costs_no_mail(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch
) -> None:
    arrive(store, mailing, cast.maria_link, PRAISE)
    assert once(store, replace(mailing, mail_from="the front desk")) == 0
    assert {notice.problem for notice in owed(store)} == {"FIRSTHAND_MAIL_FROM is no address"}
    watch.forward(PAUSES[0])
    assert once(store, mailing) == 2


def test_an_address_that_is_none_is_given_up(store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox) -> None:
    with store.write() as session:
        session.get_one(Person, cast.maria).email = "maria@x\nBcc: everyone@example.org"
    arrive(store, mailing, cast.maria_link, PRAISE)
    assert once(store, mailing) == 1
    assert {delivery.recipients for delivery in mailbox.deliveries} == {(BERTA,)}
    assert owed_to(store, cast.maria).problem == "the address is none"


def test_a_host_in_another_script_is_written_as_servers_do(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox
) -> None:
    with store.write() as session:
        session.get_one(Person, cast.maria).email = "maria@bücher.example"
    arrive(store, mailing, cast.maria_link, PRAISE)
    assert once(store, replace(mailing, base_url="https://bücher.example")) == 2
    (message,) = mailbox.to("maria@xn--bcher-kva.example")
    assert message["Message-ID"].endswith("@xn--bcher-kva.example>")


def test_a_secure_server_is_signed_in_to(
    store: Store, settings: Settings, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(store, settings, cast.maria_link, PRAISE)
    with mail_server(secure=True) as box:
        monkeypatch.setenv("SSL_CERT_FILE", str(box.certificate))
        assert once(store, replace(settings, smtp_url=box.url)) == 2
        assert len(box.to(MARIA)) == 1


@pytest.mark.parametrize("wrong", ["certificate", "password"])
def test_a_server_that_cannot_be_trusted_or_does_not_trust_us_gets_no_mail(
    store: Store, settings: Settings, cast: Cast, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    arrive(store, settings, cast.maria_link, PRAISE)
    with mail_server(secure=True) as box:
        url = box.url.replace("firsthand:", "nobody:") if wrong == "password" else box.url
        if wrong == "password":
            monkeypatch.setenv("SSL_CERT_FILE", str(box.certificate))
        assert once(store, replace(settings, smtp_url=url)) == 0
        assert box.deliveries == []
    assert {notice.problem for notice in owed(store)} <= {
        "no way in: SSLCertVerificationError",
        "no way in: SMTPAuthenticationError",
    }
    assert all(notice.given_up_at is None for notice in owed(store))


@pytest.mark.parametrize("code", [530, 534, 535, 538])
def test_a_server_that_wants_a_sign_in_for_one_address_holds_up_no_other(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, watch: Watch, code: int
) -> None:
    arrive(store, mailing, cast.maria_link, PRAISE)
    mailbox.refuse(code, f"5.7.1 <{MARIA}>: relay needs authentication", address=MARIA)
    assert once(store, mailing) == 1 and mailbox.to(BERTA)
    notice = owed_to(store, cast.maria)
    assert notice.problem == f"{code} 5.7.1 <…>: relay needs authentication"
    assert (notice.given_up_at, notice.due_at) == (None, watch.at + PAUSES[0])


def test_no_answer_of_a_server_brings_an_address_into_the_log(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    arrive(store, mailing, cast.maria_link, PRAISE)
    for at in ("rcpt", "data"):
        for code in (451, 530, 535, 550):
            mailbox.refuse(code, f"no <{MARIA}>", at=at, address=MARIA)  # type: ignore[arg-type]
            once(store, mailing)
    assert MARIA not in caplog.text and all(MARIA not in notice.problem for notice in owed(store))


@pytest.mark.parametrize("said", ["ed.moor+x@mail.example", "EdMoor@mail.example", "ed.moor", "ed.moor+x", "e=m@x"])
def test_an_address_is_left_out_however_the_server_spells_it(said: str) -> None:
    answer = smtp._without("ed.moor+x@mail.example", f"550 5.1.1 <{said}>: unknown, {said} 'RCPT TO:<{said}>'")
    assert answer == "550 5.1.1 <…>: unknown, … 'RCPT TO:<…>'"


@pytest.mark.parametrize("code", [530, 550])
def test_a_server_that_refuses_the_sender_and_names_the_recipient_is_not_quoted(code: int) -> None:
    class Server:
        sock = True

        def send_message(self, *given: object) -> None:
            raise smtplib.SMTPSenderRefused(code, f"not to {MARIA}".encode(), "desk@shop.example")

        def quit(self) -> None:
            """Nobody is there."""

    line = smtp.Line("smtp://127.0.0.1", "desk@shop.example")
    line._server = Server()  # type: ignore[assignment]
    message = EmailMessage()
    message["From"], message["To"] = "desk@shop.example", MARIA
    with pytest.raises(smtp.Outage, match=f"^the sender was refused: {code} not to …$"):
        line.send(message)


def test_what_is_no_text_in_an_answer_is_left_out(
    store: Store, mailing: Settings, cast: Cast, mailbox: Mailbox
) -> None:
    """PostgreSQL keeps no NUL, and what became of a mail has to be kept, or it is sent for ever."""
    arrive(store, mailing, cast.maria_link, PRAISE)
    mailbox.refuse(550, "5.1.1 no\0 such \x07user", address=MARIA)
    assert once(store, mailing) == 1
    assert owed_to(store, cast.maria).problem == "550 5.1.1 no such user"
