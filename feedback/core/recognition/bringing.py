"""Bringing a letter to those who direct: the managers of the departments above the one it was written for."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from feedback.core import history, notices, praise
from feedback.core.access import Viewer
from feedback.core.accounts import Account, at_work
from feedback.core.history import Event
from feedback.core.notices import About, Notice
from feedback.core.people import Management, Person, departments_above
from feedback.core.praise import Letter, Praise
from feedback.core.recognition.marking import is_to_pass_on
from feedback.core.recognition.model import BROUGHT, Bringing
from feedback.core.submissions import Submission
from feedback.db import new_id


class NobodyAbove(Exception):
    """Nobody else manages a department above that of the letter."""


def bring(
    session: Session, viewer: Viewer, praise_id: int, at: datetime, *, mails: bool = True, is_past: bool = False
) -> bool:
    """Bring that letter to those who direct; a second time changes nothing. They are told, where it is not the past.

    False where the letter is not the viewer's to pass on. Raises NobodyAbove.
    """
    wanted = select(Praise).where(Praise.id == praise_id, is_to_pass_on(viewer))
    found = session.scalar(wanted.with_for_update(key_share=True))  # who gives it to somebody else meanwhile waits
    if found is None:
        return False
    submission = session.get_one(Submission, found.submission_id)
    session.refresh(submission, with_for_update={"key_share": True})  # the second of two taps waits, and sees the first
    above = _above(session, viewer, found)
    if not above:
        raise NobodyAbove
    known = set(session.scalars(select(Bringing.person_id).where(Bringing.praise_id == praise_id)))
    if fresh := sorted(above - known):
        session.add_all(
            Bringing(id=new_id(at), praise_id=praise_id, person_id=id, by_id=viewer.person_id, at=at) for id in fresh
        )
        event = told_of(session, submission, found, BROUGHT, at, by_id=viewer.person_id, words=found.excerpt or "")
        if not is_past:
            tell(session, event, fresh, About.BROUGHT, mails=mails)
    return True


def brought(session: Session, viewer: Viewer, *, after: int | None, size: int) -> list[tuple[int, Letter]]:
    """The letters brought to the viewer with their places, from `after` on, the newest first."""
    rows = select(Bringing.id, Bringing.praise_id).join(Praise, Praise.id == Bringing.praise_id)
    rows = rows.where(*_is_brought_to(viewer)).order_by(Bringing.id.desc()).limit(size)
    places = session.execute(rows.where(Bringing.id < after) if after else rows).all()
    wanted = select(Praise.id).where(Praise.id.in_([praise_id for _, praise_id in places]))
    found = {letter.praise.id: letter for letter in praise.letters(session, wanted)} if places else {}
    return [(place, found[praise_id]) for place, praise_id in places]


def is_any_brought(session: Session, viewer: Viewer) -> bool:
    """Whether any letter was brought to the viewer."""
    rows = select(Bringing.id).join(Praise, Praise.id == Bringing.praise_id).where(*_is_brought_to(viewer))
    return session.scalar(rows.limit(1)) is not None


def is_brought_to(viewer: Viewer) -> ColumnElement[bool]:
    """The condition that a letter was brought to the viewer, and is still theirs to pass on."""
    theirs = select(Bringing.id).where(Bringing.praise_id == Praise.id, Bringing.person_id == viewer.person_id)
    return and_(theirs.exists(), is_to_pass_on(viewer))


def is_news(viewer: Viewer) -> ColumnElement[bool]:
    """Of notices with their events: whether the letter that one tells of is still the viewer's to know of."""
    here = Praise.submission_id == Event.submission_id
    theirs = select(Praise.id).where(here, is_brought_to(viewer)).exists()
    own = select(Praise.id).where(here, praise.is_own(viewer)).exists()
    return or_(and_(Notice.about == About.BROUGHT, theirs), and_(Notice.about == About.COMMENDED, own))


def told_of(
    session: Session, submission: Submission, of: Praise, name: str, at: datetime, *, by_id: int, words: str
) -> Event:
    """The event `name` of that letter."""
    return history.add(session, submission, name, at, by_id=by_id, text=words, details={"praise": str(of.id)})


def tell(session: Session, event: Event, readers: Collection[int], about: About, *, mails: bool) -> None:
    """Tell those readers of an event inside, where they sign in, and with `mails` by mail, as often as each wishes."""
    session.flush()
    mailable = select(Person.id).where(Person.id.in_(readers), Person.email.is_not(None), Person.retired_at.is_(None))
    inside = session.scalars(at_work().where(Account.person_id.in_(readers)))
    rows = [notices.news(event.id, id, about, event.at) for id in sorted(inside)]
    if mails:
        rows += [notices.row(event.id, id, about, event.at) for id in sorted(session.scalars(mailable))]
    session.add_all(Notice(**row) for row in rows)


def _is_brought_to(viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    return Bringing.person_id == viewer.person_id, is_to_pass_on(viewer)


def _above(session: Session, viewer: Viewer, letter: Praise) -> set[int]:
    above = set(departments_above(session, [letter.department_id])) - {letter.department_id}
    people = select(Management.person_id).where(
        Management.department_id.in_(above), Management.person_id.in_(at_work())
    )
    concerned = {id for _, id in praise.concerned_by(session, [letter.id])}
    return set(session.scalars(people)) - concerned - {viewer.person_id, letter.person_id}
