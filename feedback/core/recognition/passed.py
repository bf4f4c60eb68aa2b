"""What was passed on of the letters of a page, read for all of them together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Executable, literal, select, union_all
from sqlalchemy.orm import Session

from feedback.core.history import Event
from feedback.core.people import Person
from feedback.core.praise import Letter
from feedback.core.recognition.model import COMMENDED, GIVER_COMMENDED, Bringing, ManagerLine, Mark


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody did to a letter, and when."""

    by_id: int
    by: str
    at: datetime
    words: str = ""


@dataclass(slots=True)
class Passed:
    """All that became of one letter on its way up."""

    lines: list[Said] = field(default_factory=list)
    mark: Said | None = None
    bringer: Said | None = None  # the first who brought it
    brought_to: set[int] = field(default_factory=set)
    notes: list[Said] = field(default_factory=list)  # to whom it is for
    giver_notes: list[Said] = field(default_factory=list)  # to the customer


def among(session: Session, letters: Sequence[Letter]) -> dict[int, Passed]:
    """What was passed on of those letters, by their ids, of those of which there is any; in two statements."""
    found: dict[int, Passed] = {}
    rows = session.execute(_rows([letter.praise.id for letter in letters])).all() if letters else []
    for sort, praise_id, to_id, by_id, by, at, text in sorted(rows, key=lambda row: row.at):
        _keep(found.setdefault(praise_id, Passed()), sort, to_id, Said(by_id, by, at, text))
    if any(passed.brought_to for passed in found.values()):
        _add_notes(session, letters, found)
    return found


def _rows(ids: Sequence[int]) -> Executable:
    sorts = (
        (ManagerLine, "line", ManagerLine.by_id, ManagerLine.text),
        (Mark, "mark", Mark.by_id, literal("")),
        (Bringing, "brought", Bringing.person_id, literal("")),
    )
    return union_all(
        *(
            select(literal(sort).label("sort"), of.praise_id, to_id, of.by_id, Person.name, of.at, text)
            .join(Person, Person.id == of.by_id)
            .where(of.praise_id.in_(ids))
            for of, sort, to_id, text in sorts
        )
    )


def _keep(passed: Passed, sort: str, to_id: int, said: Said) -> None:
    if sort == "line":
        passed.lines.append(said)
    elif sort == "mark":
        passed.mark = said
    else:
        passed.bringer = passed.bringer or said
        passed.brought_to.add(to_id)


def _add_notes(session: Session, letters: Sequence[Letter], found: Mapping[int, Passed]) -> None:
    submissions = {letter.submission.id for letter in letters if letter.praise.id in found}
    rows = session.execute(
        select(Event, Person.name)
        .join(Person, Person.id == Event.by_id)
        .where(Event.submission_id.in_(submissions), Event.name.in_((COMMENDED, GIVER_COMMENDED)))
        .order_by(Event.id)
    )
    for event, by in rows:
        passed = found.get(int(event.details["praise"]))
        if passed and passed.bringer and event.at >= passed.bringer.at:  # what was said to somebody before is theirs
            notes = passed.notes if event.name == COMMENDED else passed.giver_notes
            notes.append(Said(event.by_id or 0, by, event.at, event.text))
