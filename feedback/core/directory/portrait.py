"""The photo of a person, kept apart from what lists and imports say of them."""

from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from feedback.core import audit, files
from feedback.core.files import File, Picture
from feedback.core.people import Person


def show(session: Session, folder: Path, person: Person, picture: Picture, at: datetime, *, by_id: int) -> None:
    """Let `picture`, kept in the data folder `folder`, be their photo; customers see it while they are on forms."""
    person.photo_id = files.keep(session, folder, picture, at).id
    audit.note(session, "person", person.id, "pictured", at, by_id=by_id, details={"name": person.name})


def remove(session: Session, person: Person, at: datetime, *, by_id: int) -> bool:
    """Keep no photo of them; False where there was none."""
    if person.photo_id is None:
        return False
    person.photo_id = None
    audit.note(session, "person", person.id, "unpictured", at, by_id=by_id, details={"name": person.name})
    return True


def of(session: Session, person: Person, file_id: int) -> File | None:
    """The file of their photo, if it is still the one of that id."""
    return session.get(File, file_id) if person.photo_id == file_id else None
