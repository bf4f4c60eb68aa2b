"""What a customer's hand and browser do in these tests: send raw forms, read the receipt, count what was kept."""

import re
from collections.abc import Iterable
from urllib.parse import quote_from_bytes

from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from feedback.core.submissions import Submission
from feedback.db import Store
from feedback.migrations import metadata
from tests.factories import send
from tests.ground.pages import field_values, well_formed

RECEIPT = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){5}")
BOUNDARY = "----firsthand"
STYLES = ("urlencoded", "multipart")
WORDS = "Merci à Maria – „wunderbar“, شكرا, 谢谢 🌻 <b>&amp; & % + = ; \\ ' \""  # what may be typed and must survive

# The tables that a submission writes to, and its handling.
KEPT = {
    "submission", "submission_topic", "contact", "told_once", "concern", "route", "praise", "reading", "case", "event", "notice",
    "closure", "reviewer", "share", "withholding", "attachment", "file", "day_count", "limit_count", "limit_salt",
    "response", "poll_count", "begun",
}  # fmt: skip

Pairs = Iterable[tuple[str, str | bytes]]


def body_of(pairs: Pairs, style: str) -> tuple[bytes, str]:
    """The bytes and the content type with which a browser would send `pairs`, whatever bytes they hold."""
    raw = [(name, value.encode() if isinstance(value, str) else value) for name, value in pairs]
    if style == "urlencoded":
        encoded = "&".join(f"{quote_from_bytes(name.encode())}={quote_from_bytes(value)}" for name, value in raw)
        return encoded.encode(), "application/x-www-form-urlencoded"
    parts = b"".join(
        b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (BOUNDARY.encode(), name.encode(), value)
        for name, value in raw
    )
    return parts + b"--%s--\r\n" % BOUNDARY.encode(), f"multipart/form-data; boundary={BOUNDARY}"


def post(browser: FlaskClient, path: str, pairs: Pairs, style: str = "urlencoded", **options: object) -> TestResponse:
    """Send `pairs` as they are, in either content type."""
    body, content_type = body_of(pairs, style)
    return browser.post(path, data=body, content_type=content_type, **options)


def say(browser: FlaskClient, code: str, **fields: str) -> str:
    """Send a form that is in order and return its receipt."""
    fields.setdefault("kind", "compliment")
    answer = send(browser, code, **fields)
    assert answer.status_code == 303, answer.text
    return receipt_on(browser.get("/thanks"))


def photos_on(text: str) -> list[str]:
    """The addresses of the photos that a conversation shows, each of which leads to itself at full size."""
    shown = re.findall(r'<a href="(/r/photos/\d+)" target="_blank"[^>]*><img src="\1"', text)
    assert len(shown) == text.count("<img src=")
    return shown


def receipt_on(page: TestResponse) -> str:
    """The receipt that a thank-you page shows."""
    found = RECEIPT.search(page.text)
    assert page.status_code == 200 and found, page.text
    return found[0]


def kept_words(page: TestResponse) -> dict[str, str]:
    """What the form that came back holds; the page it stands on is in order."""
    assert well_formed(page.text) == []
    return field_values(page.text)


def rows(store: Store) -> dict[str, int]:
    """How many rows each table holds."""
    tables = list(metadata.tables.values())
    counts = select(*(select(func.count()).select_from(table).scalar_subquery() for table in tables))
    with store.read() as session:
        return dict(zip((table.name for table in tables), session.execute(counts).one(), strict=True))


def submissions(store: Store) -> list[Submission]:
    """Every submission, oldest first."""
    with store.read() as session:
        return list(session.scalars(select(Submission).order_by(Submission.id)))


def the_submission(store: Store) -> Submission:
    """The only submission there is."""
    (found,) = submissions(store)
    return found
