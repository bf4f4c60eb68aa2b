"""What is known about each scanned link, kept in the process until the organisation changes."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime

from feedback.config import Settings
from feedback.core import links, routing, surveys
from feedback.core.deadlines import the_pace
from feedback.core.intake import Scene
from feedback.core.links import Offer, changing
from feedback.core.links.onward import Onward, onward
from feedback.core.organisation import the_organisation
from feedback.core.surveys import Asked, When
from feedback.db import Store
from feedback.web.customer.page import Page
from feedback.web.text import logo_url, offered

MOST_KEPT = 500
FORM, SURVEY, CLOSED = "form", "survey", "closed"  # what can stand behind a door


@dataclass(slots=True)
class Door:
    """One link, ready to be shown and to take what is sent; `pages` are its forms by what is shown and language."""

    offer: Offer
    scene: Scene
    is_retired: bool
    pointed_at: datetime | None  # when the link was last pointed elsewhere
    onward: Onward | None  # where a retired code leads now
    organisation: str
    logo: str
    accent: str
    language: str
    languages: list[str]
    timezone: str
    answer_days: int
    asked: Asked | None = None
    pages: dict[tuple[str, str], Page] = field(default_factory=dict)

    def shows(self, at: datetime) -> str:
        """What someone sees first who scans the code at the moment `at`: the form, the survey, or that it is closed."""
        if self.asked is None or self.asked.moment == When.AFTER:
            return FORM
        if self.asked.is_open(at, self.timezone):
            return SURVEY
        return CLOSED if self.asked.moment == When.INSTEAD else FORM

    def asks(self, at: datetime) -> bool:
        """Whether there is a survey that can be answered at the moment `at`."""
        return self.asked is not None and self.asked.is_open(at, self.timezone)


class Doors:
    """The doors of one process; a change of the organisation's version, read per request, empties them."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._mails = bool(settings.smtp_url)
        self._lock = threading.Lock()
        self._doors: OrderedDict[str, Door] = OrderedDict()
        self._version: int | None = None

    def find(self, code: str) -> Door | None:
        """The door behind a code as typed or scanned; None where there is none."""
        version = self._store.version()
        if version != self._version:
            with self._lock:
                self._doors, self._version = OrderedDict(), version
        code = links.normal_code(code) or ""
        return self._doors.get(code) or self._open(code, version)

    def _open(self, code: str, version: int | None) -> Door | None:
        door = self._load(code) if code else None
        if door is not None:
            with self._lock:
                if version == self._version:
                    self._doors[code] = door
                if len(self._doors) > MOST_KEPT:
                    self._doors.popitem(last=False)
        return door

    def _load(self, code: str) -> Door | None:
        with self._store.read() as session:
            link = links.link_with_code(session, code)
            known = the_organisation(session)
            if link is None or known is None:
                return None
            offer = links.offer(session, link)
            picture = routing.picture_for(session, offer)
            return Door(
                offer=offer,
                scene=Scene.of_link(offer, picture, known.timezone, mails=self._mails, pace=the_pace(session)),
                is_retired=link.retired_at is not None,
                pointed_at=changing.pointed_at(session, link),
                onward=onward(session, link) if link.retired_at else None,
                organisation=known.name,
                logo=logo_url(known.logo_id),
                accent=known.accent,
                language=known.language,
                languages=offered(known),
                timezone=known.timezone,
                answer_days=known.answer_days,
                asked=surveys.asked_by(session, link.id),
            )
