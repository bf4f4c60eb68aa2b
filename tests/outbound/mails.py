"""One mail to look at, and its parts as they look after their way over the wire."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from feedback.config import Settings
from feedback.core.notices import INSIDE, About
from feedback.outbound import digests, mail
from feedback.outbound.errands import Errand, Told

WORDS = "Thank you, Maria!\n\nThe soup & the <b>bread</b> were lovely — شكرا جزيلا."
ERRAND = Errand(
    notice_id=77,
    about=About.PRAISE,
    organisation="Garden House",
    recipient="Maria Lopez",
    address="maria@garden-house.example",
    language="en",
    at=datetime(2026, 1, 5, 22, 30, tzinfo=UTC),
    timezone="Europe/Berlin",
    words=WORDS,
    places=("Table 4", "Terrace"),
    key=b"k" * 16,
    told=Told(
        "Maria",
        "/praise",
        (("praised_person", {"person": "Maria"}),),
        until=datetime(2026, 1, 8, 22, 30, tzinfo=UTC),
    ),
)
MAILED = [about for about in About if about not in INSIDE]
BASE = Settings(secret_key="s", data_dir=Path(), database_url="sqlite://", base_url="https://feedback.example.org")


def errand_of(about: About) -> Errand:
    """An errand of that sort; of a digest, with more than it shows of everything that can be put off."""
    entries = [replace(ERRAND, about=sort) for sort in digests.SENTENCES for _ in range(mail.MOST_ENTRIES + 1)]
    return replace(ERRAND, about=about, entries=tuple(entries) if about == About.DIGEST else ())


def sent(errand: Errand, settings: Settings = BASE) -> EmailMessage:
    """The mail as it looks after its way over the wire."""
    return message_from_bytes(mail.written(errand, settings).as_bytes(), policy=policy.default)


def plain(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    content: str = part.get_content()
    return content.replace("\r\n", "\n")


def html(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    content: str = part.get_content()
    return content
