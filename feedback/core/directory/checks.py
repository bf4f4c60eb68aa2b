"""What can be wrong with an entry of the directory; each problem has a name, and is worded where it is shown."""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from feedback.core.directory.record import SETS, Noun, Value, Values, tree_of
from feedback.core.directory.tree import depth_above, height_below, ids_above
from feedback.core.people import DEEPEST, Department
from feedback.core.submissions import is_address

LONGEST = {"name": 200, "public_name": 80, "also_called": 200, "reference": 100}
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}")
NO_TEXT = re.compile("[\0-\x08\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, with the field it is about and the names its sentence needs."""

    field: str
    name: str
    details: Mapping[str, str] = dataclasses.field(default_factory=dict)


class NotTaken(ValueError):
    """Nothing was kept; `problems` say why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(", ".join(f"{problem.field}: {problem.name}" for problem in problems))
        self.problems = tuple(problems)


class ChangedMeanwhile(Exception):
    """Someone else changed it after it was shown; nothing was kept."""


def tidied(noun: Noun, given: Mapping[str, Value]) -> tuple[Values, list[Problem]]:
    """The values in the form in which they are kept, and what is wrong with their shape."""
    values: Values = dict(given)
    for name in ("name", "public_name", "also_called", "email", "language", "reference"):
        if name in values:
            values[name] = " ".join(str(values[name] or "").split()) or None
    if noun.name == "person" and values.get("name") and not values.get("public_name"):
        values["public_name"] = str(values["name"]).split()[0][: LONGEST["public_name"]]
    found = [problem for name in values if (problem := _shape(name, values[name]))]
    if not values.get("name"):
        found.insert(0, Problem("name", "name_missing"))
        values["name"] = ""
    return values, found


def _shape(name: str, value: Value) -> Problem | None:
    if not isinstance(value, str):
        return None
    if NO_TEXT.search(value):
        return Problem(name, "not_text")
    if len(value) > LONGEST.get(name, 320):
        return Problem(name, "too_long", {"most": str(LONGEST.get(name, 320))})
    if name == "email" and not is_address(value):
        return Problem(name, "no_address", {"text": value[:60]})
    if name == "language" and not LANGUAGE.fullmatch(value):
        return Problem(name, "no_language", {"text": value[:60]})
    return None


def meant_wrongly(session: Session, noun: Noun, id: int | None, values: Values, before: Values | None) -> list[Problem]:
    """What is wrong with well-formed values, as the directory is now; `id` is None for a new entry."""
    checks = (
        _reference(session, noun, id, values),
        _above(session, noun, id, values, before) if noun.is_tree else None,
        _department(session, noun, values, before),
        _namesake(session, noun, id, values, before),
        *(_members(session, name, values, before) for name in noun.sets),
    )
    return [problem for problem in checks if problem]


def _reference(session: Session, noun: Noun, id: int | None, values: Values) -> Problem | None:
    table = noun.table
    if not values["reference"]:
        return None
    other = session.scalar(
        select(table.name).where(table.reference == values["reference"], table.id != (id or 0)).limit(1)
    )
    return Problem("reference", "reference_taken", {"name": other}) if other is not None else None


def _above(session: Session, noun: Noun, id: int | None, values: Values, before: Values | None) -> Problem | None:
    table, parent = tree_of(noun), values["parent_id"]
    if before and parent == before["parent_id"]:
        return None
    if parent is None:
        return _as_top(session, noun)
    row = session.execute(select(table.name, table.retired_at).where(table.id == parent)).one_or_none()
    if row is None:
        return Problem("parent_id", f"unknown_{noun.name}", {"text": ""})
    if row.retired_at is not None:
        return Problem("parent_id", "is_retired", {"name": row.name})
    if id and id in ids_above(session, table, int(str(parent))):
        return Problem("parent_id", "loop", {"name": str(values["name"])})
    if depth_above(session, table, int(str(parent))) + (height_below(session, table, id) if id else 1) > DEEPEST:
        return Problem("parent_id", "too_deep", {"most": str(DEEPEST)})
    return None


def _as_top(session: Session, noun: Noun) -> Problem | None:
    """Places may stand by themselves; of departments there is one at the top, whose manager directs everything."""
    if noun.table is not Department or not session.scalar(select(literal(1)).select_from(Department).limit(1)):
        return None
    return Problem("parent_id", "one_top")


def _department(session: Session, noun: Noun, values: Values, before: Values | None) -> Problem | None:
    wanted = values.get("department_id")
    if "department_id" not in noun.columns or (before and wanted == before["department_id"]):
        return None
    if wanted is None:
        return None if noun.name == "place" else Problem("department_id", "department_missing")
    row = session.execute(select(Department.name, Department.retired_at).where(Department.id == wanted)).one_or_none()
    if row is None:
        return Problem("department_id", "unknown_department", {"text": ""})
    return Problem("department_id", "is_retired", {"name": row.name}) if row.retired_at else None


def _namesake(session: Session, noun: Noun, id: int | None, values: Values, before: Values | None) -> Problem | None:
    """Two of one name side by side could not be told apart; people can share theirs."""
    if noun.name == "person":
        return None
    table, beside = noun.table, "parent_id" if noun.is_tree else "department_id"
    if before and (before["name"], before[beside]) == (values["name"], values[beside]):
        return None
    same = select(table.id).where(
        getattr(table, beside) == values[beside] if values[beside] is not None else getattr(table, beside).is_(None),
        func.lower(table.name) == str(values["name"]).lower(),
        table.retired_at.is_(None),
        table.id != (id or 0),
    )
    return Problem("name", "namesake", {"name": str(values["name"])}) if session.scalar(same.limit(1)) else None


def _members(session: Session, name: str, values: Values, before: Values | None) -> Problem | None:
    table = SETS[name][3]
    wanted, had = values[name], before[name] if before else frozenset()
    come = (wanted if isinstance(wanted, frozenset) else frozenset()) - (had if isinstance(had, frozenset) else set())
    if not come:
        return None
    rows = session.execute(select(table.name, table.retired_at).where(table.id.in_(come))).all()
    if len(rows) < len(come):
        return Problem(name, f"unknown_{table.__tablename__}", {"text": ""})
    retired = next((row.name for row in rows if row.retired_at), None)
    return Problem(name, "is_retired", {"name": retired}) if retired is not None else None
