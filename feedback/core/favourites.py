"""Letters that someone marked among their own, to find them again; nobody else learns which."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback.core import praise
from feedback.core.access import Viewer
from feedback.core.praise import Letter, Praise
from feedback.db import Base, id_key, id_ref, moment, new_id, table_of, upsert


class Favourite(Base):
    """One letter that one person marked, and when."""

    __tablename__ = "favourite"
    __table_args__ = (
        Index(None, "person_id", "praise_id", unique=True, info={"serves": "which letters of a page are marked"}),
        Index(None, "person_id", "id", info={"serves": "a person's favourites, the newest first"}),
    )

    id: Mapped[id_key]  # rises with the moment, and tells a page where the one before it ended
    person_id: Mapped[id_ref] = mapped_column(ForeignKey("person.id"))
    praise_id: Mapped[id_ref] = mapped_column(ForeignKey("praise.id"))
    at: Mapped[moment]


def add(session: Session, viewer: Viewer, praise_id: int, at: datetime) -> bool:
    """Mark a letter; what is marked stays as it is. False where the letter is not the viewer's own."""
    if not is_offered(session, viewer, praise_id):
        return False
    row = {"id": new_id(at), "person_id": viewer.person_id, "praise_id": praise_id, "at": at}
    session.execute(upsert(session.get_bind().dialect.name, table_of(Favourite)).on_conflict_do_nothing(), [row])
    return True


def remove(session: Session, viewer: Viewer, praise_id: int) -> bool:
    """Take the mark off a letter, if it has one. False where the letter is not the viewer's own."""
    if not is_offered(session, viewer, praise_id):
        return False
    session.execute(
        delete(Favourite).where(Favourite.person_id == viewer.person_id, Favourite.praise_id == praise_id),
        execution_options={"synchronize_session": False},
    )
    return True


def is_offered(session: Session, viewer: Viewer, praise_id: int) -> bool:
    """Whether that letter is the viewer's own, and so theirs to mark."""
    return session.scalar(select(Praise.id).where(Praise.id == praise_id, praise.is_own(viewer))) is not None


def among(session: Session, viewer: Viewer, ids: Sequence[int]) -> set[int]:
    """Those of the letters `ids` that the viewer marked."""
    marked = select(Favourite.praise_id).where(Favourite.person_id == viewer.person_id, Favourite.praise_id.in_(ids))
    return set(session.scalars(marked))


def page(session: Session, viewer: Viewer, *, after: int | None, size: int) -> list[tuple[int, Letter]]:
    """The viewer's favourites with their places, from `after` on, the newest first; without what is no longer theirs.

    Letters to a department are theirs as long as they belong to it, and are there again when they come back.
    """
    marked = (
        select(Favourite.id, Favourite.praise_id)
        .join(Praise, Praise.id == Favourite.praise_id)
        .where(Favourite.person_id == viewer.person_id, praise.is_own(viewer))
        .order_by(Favourite.id.desc())
        .limit(size)
    )
    places = session.execute(marked.where(Favourite.id < after) if after else marked).all()
    wanted = select(Praise.id).where(Praise.id.in_([praise_id for _, praise_id in places]))
    found = {letter.praise.id: letter for letter in praise.letters(session, wanted)} if places else {}
    return [(place, found[praise_id]) for place, praise_id in places]
