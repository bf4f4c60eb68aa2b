"""What was done to one entry of the directory, newest first, as its page tells it."""

from sqlalchemy.orm import Session

from feedback.core import audit, people
from feedback.core.directory import Noun
from feedback.outbound import changes

TOLD = 10


def of(session: Session, noun: Noun, id: int) -> list[dict[str, object]]:
    """The last changes with who made them."""
    entries = audit.of_one(session, noun.name, id, size=TOLD)
    names = people.person_names(session, {entry.by_id for entry in entries})
    return [
        {
            "text": changes.sentence(entry.noun, entry.act, entry.details),
            "who": names.get(entry.by_id or 0, ""),
            "at": entry.at,
        }
        for entry in entries
    ]
