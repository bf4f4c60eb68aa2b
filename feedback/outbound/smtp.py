"""One connection to the mail server, and what its refusals mean; when to try again is left to the worker."""

import re
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import parseaddr
from ipaddress import ip_address
from types import TracebackType
from typing import Self
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

SECONDS = 20.0
PORTS = {"smtp": 25, "smtps": 465}
UNTRUSTED = frozenset({530, 534, 535, 538})  # the server wants another sign-in: the operator's to mend
ADDRESS = re.compile(r"[^\s<>()\[\],;:\"']+@[^\s<>(),;:\"']+")
YES = frozenset({"1", "true", "yes", "on"})


class Outage(Exception):
    """The server cannot be reached or will not talk to us: no fault of any one mail."""


class Refused(Exception):
    """The server did not take this mail; `for_good` if it never will.

    Where `is_unsure` it may have taken it: the connection broke before it said so.
    """

    def __init__(self, answer: str, *, for_good: bool, is_unsure: bool = False) -> None:
        super().__init__(answer)
        self.for_good = for_good
        self.is_unsure = is_unsure


class Line:
    """A connection that opens with the first mail and again after the server closed it."""

    def __init__(self, url: str, sender: str) -> None:
        """`url` as FIRSTHAND_SMTP_URL has it; the host of `sender` is how we call ourselves."""
        self._parts = urlsplit(url)
        self._name = _own_name(sender)
        self._server: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def send(self, message: EmailMessage) -> None:
        """Hand over one mail to its one recipient. Raises Refused for this mail, Outage for all."""
        recipient = message["To"].addresses[0].addr_spec
        if self._server is None or self._server.sock is None:  # smtplib hangs up by itself after a 421
            self._server = self._connected()
        try:
            self._server.send_message(message, message["From"].addresses[0].addr_spec, [recipient])
        except smtplib.SMTPRecipientsRefused as error:
            code, text = error.recipients[recipient]
            raise Refused(_without(recipient, _answer(code, text)), for_good=_is_final(code)) from error
        except smtplib.SMTPDataError as error:
            self._close()  # refused before the words came, smtplib leaves the server waiting for them
            raise _refused(error.smtp_code, error.smtp_error, recipient) from error
        except smtplib.SMTPSenderRefused as error:
            self._close()
            answer = _without(recipient, _answer(error.smtp_code, error.smtp_error))
            raise Outage(f"the sender was refused: {answer}") from error
        except smtplib.SMTPNotSupportedError as error:
            raise Refused("the server cannot write to such an address", for_good=True) from error
        except (smtplib.SMTPException, OSError) as error:
            # Perhaps only this mail made it hang up; the next one gets a fresh connection.
            self._close()
            broke = f"the connection broke: {type(error).__name__}"
            raise Refused(broke, for_good=False, is_unsure=True) from error

    def _connected(self) -> smtplib.SMTP:
        try:
            server = _opened(self._parts, self._name)
        except (smtplib.SMTPException, OSError) as error:
            raise Outage(f"no connection: {type(error).__name__}") from error
        try:
            if parse_qs(self._parts.query).get("starttls", [""])[-1].lower() in YES:
                server.starttls(context=ssl.create_default_context())
            if self._parts.username:
                server.login(unquote(self._parts.username), unquote(self._parts.password or ""))
        except (smtplib.SMTPException, OSError) as error:
            server.close()
            raise Outage(f"no way in: {type(error).__name__}") from error
        return server

    def _close(self) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        try:
            server.quit()
        except (smtplib.SMTPException, OSError):
            server.close()


def _opened(parts: SplitResult, name: str) -> smtplib.SMTP:
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    if parts.scheme == "smtps":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, port, local_hostname=name, timeout=SECONDS, context=context)
    return smtplib.SMTP(host, port, local_hostname=name, timeout=SECONDS)


def _own_name(sender: str) -> str:
    """How we call ourselves; smtplib would ask the name service, which may take its time."""
    host = parseaddr(sender)[1].rpartition("@")[2]
    try:
        return f"[{ip_address(host)}]"
    except ValueError:
        return host if host and host.isascii() else "localhost"


def _refused(code: int, text: bytes | str, recipient: str) -> Refused | Outage:
    answer = _without(recipient, _answer(code, text))
    if code in UNTRUSTED:
        return Outage(f"no way in: {answer}")
    return Refused(answer, for_good=_is_final(code))


def _is_final(code: int) -> bool:
    """Whether the server will never take it; not where it only wants another sign-in, perhaps for this address."""
    return 500 <= code < 600 and code not in UNTRUSTED


def _without(recipient: str, answer: str) -> str:
    """The server's answer without the address that servers like to repeat in it, in their own spelling or in halves."""
    answer = ADDRESS.sub("…", answer)
    local = recipient.rpartition("@")[0]
    for part in (local, local.partition("+")[0]):
        answer = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", "…", answer, flags=re.IGNORECASE)
    return answer


def _answer(code: int, text: bytes | str) -> str:
    said = text.decode(errors="replace") if isinstance(text, bytes) else text
    plain = "".join(sign if sign.isprintable() else " " for sign in said)
    return f"{code} {' '.join(plain.split())}"
