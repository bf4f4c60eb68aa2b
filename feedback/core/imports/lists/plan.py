"""What a file would do to the directory: which rows are new, which change something, what is wrong in which line."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback.core.directory import NotTaken, Noun, Paths, Problem, Values, paths
from feedback.core.directory.checks import tidied
from feedback.core.directory.record import SETS
from feedback.core.directory.tree import STEP, folded
from feedback.core.imports.lists.sheet import Row, Sheet
from feedback.core.people import DEEPEST, Department, Place
from feedback.db import new_id

YES = {"yes", "y", "true", "1", "x", "ja", "نعم"}
NO = {"", "no", "n", "false", "0", "nein", "لا"}
TEXTS = ("name", "public_name", "also_called", "email", "language", "reference")
Tell = Callable[[int], None]
ABOVE = {"department": "below", "place": "within"}  # the column that says what is above an entry


@dataclass(slots=True)
class Planned:
    """One row, understood: what the entry is before (None: new) and after."""

    line: int
    id: int
    before: Values | None
    after: Values

    @property
    def is_changed(self) -> bool:
        """Whether an entry that is there becomes different."""
        return self.before is not None and self.before != self.after


@dataclass(slots=True)
class Plan:
    """All rows of a file, in its order; nothing can be kept while there are problems."""

    noun: Noun
    rows: list[Planned] = field(default_factory=list)
    problems: list[tuple[int, Problem]] = field(default_factory=list)
    read: int = 0

    @property
    def new(self) -> list[Planned]:
        """The rows that become new entries."""
        return [row for row in self.rows if row.before is None]

    @property
    def changed(self) -> list[Planned]:
        """The rows that change an entry."""
        return [row for row in self.rows if row.is_changed]

    @property
    def digest(self) -> str:
        """What tells this plan from one that does something else."""
        said = [(row.line, row.id if row.before else 0, row.is_changed) for row in self.rows]
        return hashlib.sha256(repr((said, [line for line, _ in self.problems])).encode()).hexdigest()[:16]


def plan(session: Session, noun: Noun, sheet: Sheet, at: datetime, tell: Tell = lambda rows: None) -> Plan:
    """What `sheet` would do to the directory as `session` sees it; `tell` hears how many rows are understood."""
    return _Planning(session, noun, at, tell).plan(sheet)


class _Planning:
    def __init__(self, session: Session, noun: Noun, at: datetime, tell: Tell) -> None:
        self._noun, self._at, self._tell = noun, at, tell
        self._understood_rows = 0
        self._known = _everything(session, noun)
        self._retired = set(session.scalars(select(noun.table.id).where(noun.table.retired_at.is_not(None))))
        self._departments = paths(session, Department)
        self._places = paths(session, Place)
        self._by_reference = {str(v["reference"]): id for id, v in self._known.items() if v["reference"]}
        self._by_place: dict[object, int] = {
            self._beside(v): id for id, v in self._known.items() if id not in self._retired
        }
        self._made = Plan(noun)
        self._lines: dict[int, int] = {}  # of each entry, the line that is about it
        self._references: dict[str, int] = {}

    def plan(self, sheet: Sheet) -> Plan:
        rows = [row for row in sheet.rows if self._is_readable(row)]
        self._made.read = len(sheet.rows)
        if self._noun.is_tree:
            self._settle_tree(rows)
            self._check_tree()
        else:
            for row in rows:
                self._settle(row, {})
        self._made.rows.sort(key=lambda planned: planned.line)
        self._made.problems.sort(key=lambda problem: problem[0])
        return self._made

    def _is_readable(self, row: Row) -> bool:
        if row.problem:
            self._made.problems.append((row.line, row.problem))
        return row.problem is None

    def _beside(self, values: Mapping[str, object]) -> tuple[object, str]:
        """What an entry without a reference is found again by: its name, and where it stands."""
        where = values["parent_id"] if self._noun.is_tree else values["department_id"]
        return where, folded(str(values["name"]))

    def _settle(self, row: Row, given: Values) -> Planned | None:
        """Understand one row; what is `given` is known already."""
        self._understood_rows += 1
        self._tell(self._understood_rows)
        try:
            planned = self._understood(row, given)
        except NotTaken as error:
            self._made.problems += [(row.line, problem) for problem in error.problems]
            return None
        self._made.rows.append(planned)
        return planned

    def _understood(self, row: Row, given: Values) -> Planned:
        values, problems = tidied(self._noun, {n: row.cells[n] for n in TEXTS if n in row.cells})
        if problems:
            raise NotTaken(problems)
        values |= given | self._looked_up(row)
        id = self._found(values)
        before = self._known[id] if id else None
        if not values.get("reference"):
            values["reference"] = before["reference"] if before else None
        if "public_name" not in row.cells and before and self._noun.name == "person":
            values["public_name"] = before["public_name"]
        after = (before or _empty(self._noun)) | values
        planned = Planned(row.line, id or new_id(self._at), before, after)
        self._check_once(planned)
        return planned

    def _found(self, values: Values) -> int | None:
        """The entry that a row is about, by its reference, else by name and place."""
        id = self._by_reference.get(str(values.get("reference") or ""))
        if id is None:
            id = self._by_place.get(self._beside(values))
            if id and values.get("reference") and self._known[id]["reference"]:
                id = None if self._noun.name == "person" else id  # two people can share a name
        if id in self._retired:
            raise NotTaken([Problem("reference", "is_retired", {"name": str(values["name"])})])
        return id

    def _check_once(self, planned: Planned) -> None:
        first = self._lines.setdefault(planned.id, planned.line)
        reference = planned.after["reference"]
        if reference:
            first = min(first, self._references.setdefault(str(reference), planned.line))
        if first != planned.line:
            raise NotTaken([Problem("reference", "same_as_line", {"line": str(first)})])
        if planned.before is None and self._noun.name == "person" and not reference:
            key = hash(self._beside(planned.after))
            first = self._lines.setdefault(key, planned.line)
            if first != planned.line:
                raise NotTaken([Problem("name", "same_as_line", {"line": str(first)})])

    def _looked_up(self, row: Row) -> Values:
        """The ids that the cells of a row name."""
        found: Values = {}
        cells = row.cells
        if "department" in cells:
            text = cells["department"].strip()
            if text:
                found["department_id"] = _only(self._departments, text, "department")
            elif self._noun.name == "place":
                found["department_id"] = None
            else:
                raise NotTaken([Problem("department_id", "department_missing")])
        if "places" in cells:
            found["places"] = frozenset(_each(self._places, cells["places"], "place"))
        if "manages" in cells:
            found["manages"] = frozenset(_each(self._departments, cells["manages"], "department"))
        if "shown_on_forms" in cells:
            found["is_shown_on_forms"] = _yes_or_no(cells["shown_on_forms"])
        return found

    # Trees: a row can lie below an entry that is there, or one of the same file, wherever it stands in it.

    def _settle_tree(self, rows: list[Row]) -> None:
        column = ABOVE[self._noun.name]
        self._paths: dict[str, list[int]] = defaultdict(list)  # of the rows settled, by path and by bare name
        self._path_of: dict[int, str] = {}
        waiting: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            if column in row.cells:
                waiting[folded(row.cells[column])].append(row)
            else:
                self._settle_as_it_is(row)
        self._release(waiting, "", None)
        existing = self._departments if self._noun.table is Department else self._places
        for text in [text for text in waiting if text]:
            found = self._paths.get(text) or existing.found(text)
            if len(set(found)) == 1:
                self._release(waiting, text, found[0])
        for text, left in waiting.items():
            name = (
                "several"
                if len(set(self._paths.get(text) or existing.found(text))) > 1
                else f"no_{self._noun.name}_called"
            )
            self._made.problems += [(row.line, Problem("parent_id", name, {"text": text[:80]})) for row in left]

    def _settle_as_it_is(self, row: Row) -> None:
        """A row of a file that does not say what is above."""
        id = self._by_reference.get(" ".join(row.cells.get("reference", "").split()))
        self._settle(row, {"parent_id": self._known[id]["parent_id"] if id else None})

    def _release(self, waiting: dict[str, list[Row]], text: str, parent: int | None) -> None:
        """Settle the rows below `text`, and with each those that wait for it."""
        ready = [(text, parent)]
        while ready:
            text, parent = ready.pop()
            for row in waiting.pop(text, []):
                planned = self._settle(row, {"parent_id": parent})
                if planned is None:
                    continue
                name = folded(str(planned.after["name"]))
                path = f"{self._path_of[parent]}{STEP}{name}" if parent in self._path_of else name
                if parent is not None and parent not in self._path_of:
                    path = folded(f"{self._existing_path(parent)}{STEP}{name}")
                self._path_of[planned.id] = path
                self._paths[path].append(planned.id)
                if name != path:
                    self._paths[name].append(planned.id)
                if path in waiting:
                    ready.append((path, planned.id))

    def _existing_path(self, id: int) -> str:
        existing = self._departments if self._noun.table is Department else self._places
        return existing.of.get(id, "")

    def _check_tree(self) -> None:
        """No loops, not too deep, one top, and nobody's namesake, as everything would stand afterwards."""
        after: dict[int, Values] = {id: v for id, v in self._known.items() if id not in self._retired}
        after |= {planned.id: planned.after for planned in self._made.rows}
        names: dict[object, int] = {}
        for values in after.values():
            names[self._beside(values)] = names.get(self._beside(values), 0) + 1
        tops = sum(values["parent_id"] is None for values in after.values())
        for planned in self._made.rows:
            problem = self._misplaced(planned, after, names, tops)
            if problem:
                self._made.problems.append((planned.line, problem))

    def _misplaced(
        self, planned: Planned, after: Mapping[int, Values], names: Mapping[object, int], tops: int
    ) -> Problem | None:
        if planned.before is not None and planned.before == planned.after:
            return None
        name = {"name": str(planned.after["name"])}
        if names[self._beside(planned.after)] > 1:
            return Problem("name", "namesake", name)
        if planned.after["parent_id"] is None:
            return Problem("parent_id", "one_top") if self._noun.name == "department" and tops > 1 else None
        above: object = planned.after["parent_id"]
        levels = 1
        while isinstance(above, int) and above in after and levels <= DEEPEST:
            if above == planned.id:
                return Problem("parent_id", "loop", name)
            above, levels = after[above]["parent_id"], levels + 1
        return Problem("parent_id", "too_deep", {"most": str(DEEPEST)}) if levels > DEEPEST else None


def _empty(noun: Noun) -> Values:
    values: Values = dict.fromkeys(noun.columns)
    if noun.name == "person":
        values["is_shown_on_forms"] = False
    return values | {name: frozenset() for name in noun.sets}


def _everything(session: Session, noun: Noun) -> dict[int, Values]:
    """Every entry of a noun with its values, in as many statements as it has sets and one."""
    columns = [getattr(noun.table, name) for name in noun.columns]
    rows = session.execute(select(noun.table.id, *columns))
    found: dict[int, Values] = {row[0]: dict(zip(noun.columns, row[1:], strict=True)) for row in rows}
    for name in noun.sets:
        table, owner, member, _ = SETS[name]
        sets: dict[int, set[int]] = defaultdict(set)
        for id, one in session.execute(select(getattr(table, owner), getattr(table, member))):
            sets[id].add(one)
        for id, values in found.items():
            values[name] = frozenset(sets.get(id, ()))
    return found


def _only(known: Paths, text: str, what: str) -> int:
    found = known.found(text)
    if not found:
        raise NotTaken([Problem(f"{what}_id", f"no_{what}_called", {"text": text[:80]})])
    if len(found) > 1:
        raise NotTaken([Problem(f"{what}_id", "several", {"text": text[:80]})])
    return found[0]


def _each(known: Paths, text: str, what: str) -> Iterator[int]:
    parts: Iterable[str] = [text] if known.found(text) else text.split(";")
    return (_only(known, part.strip(), what) for part in parts if part.strip())


def _yes_or_no(text: str) -> bool:
    word = text.strip().casefold()
    if word not in YES | NO:
        raise NotTaken([Problem("is_shown_on_forms", "yes_or_no", {"text": text[:60]})])
    return word in YES
