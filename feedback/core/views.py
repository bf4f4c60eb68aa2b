"""Saved views: the filters of a list of cases, kept by one person under a name. What they find is left to `cases`.

A view holds no case and no count, only what an address would say: whoever opens it sees what they may see at that
moment, and nobody else has it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback.core.access import Viewer
from feedback.core.people import Person
from feedback.db import Base, id_key, id_ref, moment, new_id

MOST = 20  # of one person
LONGEST_NAME = 60


class SavedView(Base):
    """One person's filters by name; `filters` are the names and values of the address."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("person_id", "name"),)

    id: Mapped[id_key]
    person_id: Mapped[id_ref] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    filters: Mapped[dict[str, str]] = mapped_column(JSON)
    made_at: Mapped[moment]


class NameTaken(Exception):
    """The person has a view of that name."""


class TooManyViews(Exception):
    """The person has as many views as anyone can keep in sight."""


def of(session: Session, viewer: Viewer) -> Sequence[SavedView]:
    """The viewer's own views, by name."""
    own = select(SavedView).where(SavedView.person_id == viewer.person_id)
    return session.scalars(own.order_by(SavedView.name)).all()


def one(session: Session, viewer: Viewer, view_id: int) -> SavedView | None:
    """The view of that id, if it is the viewer's own, to be changed: nobody else does until this is done."""
    own = select(SavedView).where(SavedView.person_id == viewer.person_id)
    return session.scalar(own.where(SavedView.id == view_id).with_for_update())


def save(session: Session, viewer: Viewer, name: str, filters: Mapping[str, str], at: datetime) -> SavedView:
    """Keep filters under a name. Raises NameTaken, TooManyViews."""
    _hold(session, viewer)
    _check_free(session, viewer, name)
    own = select(func.count()).select_from(SavedView).where(SavedView.person_id == viewer.person_id)
    if (session.scalar(own) or 0) >= MOST:
        raise TooManyViews
    made = SavedView(id=new_id(at), person_id=viewer.person_id, name=name, filters=dict(filters), made_at=at)
    session.add(made)
    return made


def rename(session: Session, viewer: Viewer, view: SavedView, name: str) -> None:
    """Call it something else. Raises NameTaken."""
    _hold(session, viewer)
    if name != view.name:
        _check_free(session, viewer, name)
    view.name = name


def remove(session: Session, view: SavedView) -> None:
    """Forget it; the cases it showed are where they were."""
    session.delete(view)


def _hold(session: Session, viewer: Viewer) -> None:
    """Let one change of one person's views wait for the other, so that names and number stay as they were found."""
    session.execute(select(Person.id).where(Person.id == viewer.person_id).with_for_update(key_share=True))


def _check_free(session: Session, viewer: Viewer, name: str) -> None:
    same = select(SavedView.id).where(SavedView.person_id == viewer.person_id, SavedView.name == name)
    if session.scalar(same) is not None:
        raise NameTaken
