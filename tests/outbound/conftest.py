"""What the tests of the outbox share: a clock that stands still, and settings with a mail server."""

from dataclasses import replace

import pytest

from feedback import clock
from feedback.config import Settings
from feedback.core import digests
from tests.ground.smtp import Mailbox
from tests.outbound.arrivals import Watch


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """The watch that everything in the house looks at."""
    watch = Watch()
    monkeypatch.setattr(clock, "now", lambda: watch.at)
    return watch


@pytest.fixture
def mailing(settings: Settings, mailbox: Mailbox) -> Settings:
    """Settings with a mail server."""
    return replace(settings, smtp_url=mailbox.url)


@pytest.fixture
def undammed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many mails an hour as there are."""
    monkeypatch.setattr(digests, "MOST_AN_HOUR", 10_000)
