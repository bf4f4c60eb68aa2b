"""Submissions as the form would keep them, without a browser, and what is owed for them."""

import itertools
from datetime import UTC, datetime, timedelta

from feedback import clock
from feedback.config import Settings
from feedback.core import intake, links, routing
from feedback.core.intake import Scene
from feedback.core.notices import Notice
from feedback.core.submissions import Draft, Kind
from feedback.db import Store
from feedback.outbound import worker
from tests.factories import address_of

WORDS = "The soup was lovely and the tram was late."
PRAISE = Draft(kind=Kind.COMPLIMENT, message=WORDS)
COMPLAINT = Draft(kind=Kind.COMPLAINT, message=WORDS)
MARIA, BERTA = address_of("maria"), address_of("berta")

_keys = itertools.count(1)


class Watch:
    """The clock of these tests; it stands still unless it is put forward."""

    def __init__(self) -> None:
        self.at = datetime(2026, 1, 5, 9, tzinfo=UTC)

    def forward(self, by: timedelta) -> None:
        self.at += by


def arrive(store: Store, settings: Settings, code: str, draft: Draft) -> int:
    """Keep `draft` as sent through the link `code`, with its notices; the id of the submission."""
    return pile(store, settings, code, draft, 1)[0]


def pile(store: Store, settings: Settings, code: str, draft: Draft, count: int) -> list[int]:
    """As arrive(), so often, in one transaction; the ids of the submissions."""
    scene = _scene(store, code)
    plans = [
        intake.plan(draft, scene, key=next(_keys).to_bytes(16), at=clock.now(), secret=settings.secret_key)
        for _ in range(count)
    ]
    with store.write_rows() as connection:
        for plan in plans:
            assert intake.keep(connection, plan)
    return [plan.submission["id"] for plan in plans]


def _scene(store: Store, code: str) -> Scene:
    with store.read() as session:
        link = links.link_with_code(session, code)
        assert link is not None
        offer = links.offer(session, link)
        return Scene.of_link(offer, routing.picture_for(session, offer), "UTC", mails=True)


def once(store: Store, settings: Settings) -> int:
    return worker.run(store, settings, once=True)


def owed(store: Store) -> list[Notice]:
    with store.read() as session:
        return session.query(Notice).order_by(Notice.id).all()


def owed_to(store: Store, person: int) -> Notice:
    return next(notice for notice in owed(store) if notice.person_id == person)
