"""The directory as files that an import reads again without changing anything."""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback.core.directory import Noun, paths
from feedback.core.directory.record import SETS, Thing
from feedback.core.imports.lists.plan import ABOVE
from feedback.core.imports.lists.sheet import COLUMNS
from feedback.core.people import Department, Person, Place

FORMULA = re.compile(r"'*[=+\-@\t\r]")
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
JOINT = "; "


def export(session: Session, noun: Noun) -> bytes:
    """All entries in use, as CSV in UTF-8 with a mark that spreadsheets know it by."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(COLUMNS[noun.name])
    for row in _rows(session, noun):
        writer.writerow([_guarded(row[column]) for column in COLUMNS[noun.name]])
    return written.getvalue().encode("utf-8-sig")


def _rows(session: Session, noun: Noun) -> list[dict[str, str]]:
    departments, places = paths(session, Department).of, paths(session, Place).of
    sets = {name: _members(session, name) for name in noun.sets}
    above = {"department": departments, "place": places}
    statement = select(noun.table).where(noun.table.retired_at.is_(None)).order_by(noun.table.name, noun.table.id)
    rows = []
    things: Iterable[Thing] = session.scalars(statement)
    for thing in things:
        row = {"name": thing.name, "reference": thing.reference or ""}
        if not isinstance(thing, Department):
            row["department"] = departments.get(thing.department_id or 0, "")
        if isinstance(thing, Department | Place):
            row |= dict.fromkeys(("below", "within"), above[noun.name].get(thing.parent_id or 0, ""))
        if isinstance(thing, Person):
            row |= {
                "public_name": thing.public_name,
                "also_called": thing.also_called or "",
                "email": thing.email or "",
                "language": thing.language or "",
                "shown_on_forms": "yes" if thing.is_shown_on_forms else "no",
                "places": _joined(places, sets["places"][thing.id]),
                "manages": _joined(departments, sets["manages"][thing.id]),
            }
        rows.append(row)
    return sorted(rows, key=lambda row: (row.get(ABOVE.get(noun.name, ""), ""), row["name"]))


def _members(session: Session, name: str) -> dict[int, list[int]]:
    table, owner, member, _ = SETS[name]
    found: dict[int, list[int]] = defaultdict(list)
    for id, one in session.execute(select(getattr(table, owner), getattr(table, member))):
        found[id].append(one)
    return found


def _joined(known: dict[int, str], ids: list[int]) -> str:
    return JOINT.join(sorted(known[id] for id in ids if id in known))


def _guarded(cell: str) -> str:
    return f"'{cell}" if FORMULA.match(cell) and not NUMBER.fullmatch(cell) else cell
