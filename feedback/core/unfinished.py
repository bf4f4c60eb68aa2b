"""Answers that were given step by step and left lying: a day later they become responses that are partial."""

from datetime import datetime

from sqlalchemy.orm import Session

from feedback.core import intake, links, routing
from feedback.core.intake import Plan, Scene
from feedback.core.links import Link
from feedback.core.organisation import the_organisation
from feedback.core.submissions import SURVEY, Draft, Given
from feedback.core.surveys import Edition, begun
from feedback.core.surveys.model import Begun
from feedback.db import Store


def take_in(store: Store, at: datetime, *, secret: str) -> int:
    """Take in what was left lying for a day; the number of responses."""
    taken = 0
    while True:
        with store.write() as session:
            begun.forget_sent(session)
            some = begun.lying(session, at)
            for one in some:
                intake.keep(session.connection(), _plan(session, one, secret))
            begun.forget(session, [one.key for one in some])
        taken += len(some)
        if not some:
            return taken


def _plan(session: Session, one: Begun, secret: str) -> Plan:
    link, organisation = session.get_one(Link, one.link_id), the_organisation(session)
    offer = links.offer(session, link)
    picture, zone = routing.picture_for(session, offer), organisation.timezone if organisation else "UTC"
    edition = session.get_one(Edition, one.edition_id)
    given = Given(edition.survey_id, edition.id, one.answers, is_partial=True)
    draft = Draft(kind=SURVEY, language=one.language, given=given)
    return intake.plan(draft, Scene.of_link(offer, picture, zone, mails=False), key=one.key, at=one.at, secret=secret)
