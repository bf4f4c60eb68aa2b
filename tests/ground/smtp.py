"""A real mail server for the tests, on loopback; what the mails should say is left to the tests."""

import asyncio
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER = "firsthand"
PASSWORD = "p@ss/w:rd 1"  # what has to be quoted in an address, on purpose

# Signed by itself, for 127.0.0.1, valid until 2120. It guards nothing but the tests' own loopback.
CERTIFICATE = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQguqyrV7uaYLAs6JqS
SMZaOyUfqZMDqdkHe6ghMrHFLEyhRANCAASHCvqXrIJVcZD0RW6BH9OT+pUFc50p
Ho3tWPSJl354m7lGDFvAYmpb8BoFevmbTD4Uu0pzfW+zg+ffl1b5cQ12
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBnjCCAUWgAwIBAgIUapYxnkFvzD5whYYR/ClUxevPregwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJMTI3LjAuMC4xMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAx
MDAwMDAwWjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASHCvqXrIJVcZD0RW6BH9OT+pUFc50pHo3tWPSJl354m7lGDFvAYmpb
8BoFevmbTD4Uu0pzfW+zg+ffl1b5cQ12o3MwcTAPBgNVHRMBAf8EBTADAQH/MA4G
A1UdDwEB/wQEAwIChDATBgNVHSUEDDAKBggrBgEFBQcDATAdBgNVHQ4EFgQUOJbc
RQt9UVNIsEwxW+/iEgImGHswGgYDVR0RBBMwEYcEfwAAAYIJbG9jYWxob3N0MAoG
CCqGSM49BAMCA0cAMEQCIEirbuNe+FXwkucppzzJbuJjyxe1Cwb7h+MpXB+MijpT
AiAIDlNuTHmCtKEi0GXPm7e0NSo8EPRA87bmBXQauFtDlA==
-----END CERTIFICATE-----
"""


# Where a conversation can go wrong: before its first word, at each command, and once the words were sent ("data").
At = Literal["greeting", "mail", "rcpt", "ready", "data"]


@dataclass(frozen=True)
class Delivery:
    """One message as it came in: the addresses are the envelope's, not those of the header."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    at: float  # by a clock that only goes forward

    @property
    def message_id(self) -> str:
        """What stands between its brackets, read without reading all of the message."""
        return self.content.partition(b"\r\nMessage-ID: <")[2].partition(b">")[0].decode()

    @cached_property
    def message(self) -> EmailMessage:
        # As a mailbox keeps it: the line ends of the wire are not the message's.
        return message_from_bytes(self.content.replace(b"\r\n", b"\n"), policy=policy.default)

    def reached(self, address: str) -> bool:
        return address.casefold() in (recipient.casefold() for recipient in self.recipients)


@dataclass(frozen=True)
class Refusal:
    """What is said instead of 250 OK, where, and to whom (to everyone if no address is given)."""

    code: int
    text: str
    at: At
    address: str | None

    def concerns(self, at: str, *addresses: str) -> bool:
        mine = self.address is None or self.address.casefold() in map(str.casefold, addresses)
        return self.at == at and mine


class Mailbox:
    """What a mail server got. Filled by the server's thread, read and steered by the test's."""

    def __init__(self) -> None:
        self.url = ""
        self.certificate: Path | None = None
        self.refused: list[tuple[str, ...]] = []
        self.pause = 0.0  # seconds it takes over each message
        self._deliveries: list[Delivery] = []
        self._refusal: Refusal | None = None
        self._hangs: At | None = None
        self._hangs_up: Literal["", "unanswered", "answered"] = ""
        self.end_all: Callable[[], None] = lambda: None
        self.is_kept_waiting = threading.Event()  # somebody is, by a server that hangs
        self._changed = threading.Condition()

    @property
    def deliveries(self) -> list[Delivery]:
        with self._changed:
            return list(self._deliveries)

    @property
    def moments(self) -> list[float]:
        """When each came in."""
        return [delivery.at for delivery in self.deliveries]

    @property
    def messages(self) -> list[EmailMessage]:
        return [delivery.message for delivery in self.deliveries]

    def to(self, address: str) -> list[EmailMessage]:
        """The messages handed over for this address, oldest first, blind copies included."""
        return [found.message for found in self.deliveries if found.reached(address)]

    def wait_for(self, address: str, count: int = 1, timeout: float = 5) -> list[EmailMessage]:
        """At least `count` messages to the address; AssertionError if they don't come in time."""
        with self._changed:
            if self._changed.wait_for(lambda: len(self.to(address)) >= count, timeout):
                return self.to(address)
            arrived = [(d.recipients, d.message["subject"]) for d in self._deliveries]
        found = len(self.to(address))
        raise AssertionError(f"{found} of {count} mails to {address} within {timeout} s; arrived: {arrived}")

    def refuse(
        self,
        code: int,
        text: str,
        *,
        at: At = "rcpt",
        address: str | None = None,
    ) -> None:
        """From now on answers with a code: 4xx for "later", 5xx for "never"; 421 ends the conversation too."""
        self._refusal = Refusal(code, text, at, address)

    def hang(self, at: At) -> None:
        """From now on says nothing there, and waits."""
        self._hangs = at

    def hang_up(self, *, answered: bool) -> None:
        """From now on takes each message and hangs up, with or without having said so."""
        self._hangs_up = "answered" if answered else "unanswered"

    def accept(self) -> None:
        """From now on takes everything again."""
        self._refusal, self._hangs, self._hangs_up = None, None, ""
        self.is_kept_waiting.clear()

    def drop_all(self) -> None:
        """End every conversation under way, from now on taking everything again."""
        self.accept()
        self.end_all()

    def clear(self) -> None:
        with self._changed:
            self._deliveries.clear()
            self.refused.clear()

    def _keep(self, delivery: Delivery) -> None:
        with self._changed:
            self._deliveries.append(delivery)
            self._changed.notify_all()

    async def _perhaps_hang(self, at: At) -> None:
        if self._hangs == at:
            self.is_kept_waiting.set()
            await asyncio.sleep(3600)  # the client hangs up before

    def _refuses(self, at: str, *addresses: str) -> str | None:
        refusal = self._refusal
        if refusal is None or not refusal.concerns(at, *addresses):
            return None
        with self._changed:
            self.refused.append(addresses)
        return f"{refusal.code} {refusal.text}"


@contextmanager
def mailbox(*, secure: bool = False) -> Iterator[Mailbox]:
    """A mailbox with its server. A `secure` one insists on STARTTLS and then on signing in; its
    certificate is trusted by a client whose SSL_CERT_FILE names `Mailbox.certificate`."""
    box = Mailbox()
    with tempfile.TemporaryDirectory(prefix="firsthand-smtp-") as folder:
        context = None
        if secure:
            box.certificate = Path(folder, "certificate.pem")
            box.certificate.write_text(CERTIFICATE)
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(box.certificate)
        server = _Server(box, context)
        port = server.start()
        box.end_all = server.end_all
        user = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}@" if secure else ""
        box.url = f"smtp://{user}127.0.0.1:{port}" + ("?starttls=1" if secure else "")
        try:
            yield box
        finally:
            server.stop()


class _Hooks:
    """What aiosmtpd asks while a message comes in."""

    def __init__(self, box: Mailbox) -> None:
        self.box = box

    async def handle_MAIL(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await self.box._perhaps_hang("mail")
        refusal = self.box._refuses("mail")
        if refusal is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return refusal or "250 OK"

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await self.box._perhaps_hang("rcpt")
        refusal = self.box._refuses("rcpt", address)
        if refusal is None:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return refusal or "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        recipients = tuple(envelope.rcpt_tos)
        await asyncio.sleep(self.box.pause)
        await self.box._perhaps_hang("data")
        refusal = self.box._refuses("data", *recipients)
        if refusal is None:
            self.box._keep(
                Delivery(envelope.mail_from or "", recipients, envelope.original_content or b"", time.monotonic())
            )
            if self.box._hangs_up == "unanswered" and isinstance(server.transport, asyncio.Transport):
                server.transport.abort()
        return refusal or "250 OK"


class _Connection(SMTP):
    """One conversation, which can go wrong where aiosmtpd asks nobody: at its first word, at DATA and after an answer."""

    box: Mailbox
    has_greeted = False

    async def push(self, status: str | bytes) -> None:
        if not self.has_greeted:
            self.has_greeted = True
            await self.box._perhaps_hang("greeting")
            status = self.box._refuses("greeting") or status
        ends = self.box._hangs_up == "answered" and bool(self.envelope and self.envelope.original_content)
        await super().push(status)
        code = status if isinstance(status, str) else status.decode()
        if (ends or code.startswith("421")) and self.transport is not None:
            self.transport.close()

    async def smtp_DATA(self, arg: str) -> None:
        await self.box._perhaps_hang("ready")
        refusal = self.box._refuses("ready", *(self.envelope.rcpt_tos if self.envelope else ()))
        if refusal:
            await self.push(refusal)
        else:
            await super().smtp_DATA(arg)


class _Server:
    """The server's thread. aiosmtpd's own Controller can't be given port 0, nor ends the
    connections that clients left open."""

    def __init__(self, box: Mailbox, context: ssl.SSLContext | None) -> None:
        self._hooks = _Hooks(box)
        self._context = context
        self._connections: list[SMTP] = []
        self._started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event, int]] = Future()
        self._thread = threading.Thread(target=self._run, name="mail server", daemon=True)

    def start(self) -> int:
        self._thread.start()
        return self._started.result(timeout=10)[2]

    def stop(self) -> None:
        loop, stopping, _ = self._started.result()
        loop.call_soon_threadsafe(stopping.set)
        self._thread.join(timeout=10)

    def end_all(self) -> None:
        loop = self._started.result()[0]
        loop.call_soon_threadsafe(self._abort)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as error:
            self._started.set_exception(error)

    async def _serve(self) -> None:
        loop, stopping = asyncio.get_running_loop(), asyncio.Event()
        server = await loop.create_server(self._connection, "127.0.0.1", 0)
        self._started.set_result((loop, stopping, server.sockets[0].getsockname()[1]))
        await stopping.wait()
        server.close()
        self._abort()

    def _abort(self) -> None:
        for connection in self._connections:
            if isinstance(connection.transport, asyncio.Transport):
                connection.transport.abort()

    def _connection(self) -> SMTP:
        connection = _Connection(
            self._hooks,
            hostname="localhost",  # else it asks the name service for this machine's name
            enable_SMTPUTF8=True,
            tls_context=self._context,
            require_starttls=self._context is not None,
            auth_required=self._context is not None,
            authenticator=_authenticate,
            loop=asyncio.get_running_loop(),
        )
        connection.box = self._hooks.box
        self._connections.append(connection)
        return connection


def _authenticate(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object) -> AuthResult:
    expected = LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=data == expected, handled=False)
