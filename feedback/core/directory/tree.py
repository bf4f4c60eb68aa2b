"""Trees of departments and places: a page of one as nested levels, its paths in words, and how deep it goes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import CTE, Row, literal, select, tuple_
from sqlalchemy.orm import Session, aliased

from feedback.core.people import DEEPEST, Department, Management, Person, Place, Topic

Tree = type[Department] | type[Place]
STEP = " / "  # between the levels of a path
MOST_SHOWN = 200  # entries of a tree on one page; what lies below more of them is a page further


@dataclass(slots=True)
class Branch:
    """One entry on a page of a tree, with those below it as far as the page has room."""

    id: int
    name: str
    is_retired: bool
    department_id: int | None
    below: list["Branch"] = field(default_factory=list)
    has_more: bool = False  # below it, on a page of its own


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a tree; `last` is the id to go on from at its first level, None at the end."""

    branches: list[Branch]
    last: int | None


def page(session: Session, table: Tree, *, within: int | None, after: int | None, retired: bool) -> Page:
    """The entries below `within` (None: the top) by name, later than `after`, level by level up to MOST_SHOWN."""
    first = _first_level(session, table, within, after, retired)
    branches = [_branch(row) for row in first[:MOST_SHOWN]]
    _fill(session, table, branches, MOST_SHOWN - len(branches), retired)
    return Page(branches, branches[-1].id if len(first) > MOST_SHOWN else None)


def _first_level(
    session: Session, table: Tree, within: int | None, after: int | None, retired: bool
) -> Sequence[Row[tuple[int, str, object, object, int | None]]]:
    statement = _rows(table, retired).where(table.parent_id == within if within else table.parent_id.is_(None))
    if after is not None:
        name = select(table.name).where(table.id == after).scalar_subquery()
        statement = statement.where(tuple_(table.name, table.id) > tuple_(name, literal(after)))
    return session.execute(statement.order_by(table.name, table.id).limit(MOST_SHOWN + 1)).all()


def _fill(session: Session, table: Tree, level: list[Branch], room: int, retired: bool) -> None:
    """Hang the next levels below, as long as one fits on the page as a whole."""
    for _ in range(DEEPEST):
        above = {branch.id: branch for branch in level}
        if not above:
            return
        statement = _rows(table, retired).where(table.parent_id.in_(above)).order_by(table.name, table.id)
        rows = session.execute(statement.limit(room + 1)).all()
        if len(rows) > room:
            _mark_more(session, table, above, retired)
            return
        level = []
        for row in rows:
            level.append(_branch(row))
            above[row.parent_id].below.append(level[-1])
        room -= len(rows)


def _mark_more(session: Session, table: Tree, above: dict[int, Branch], retired: bool) -> None:
    parents = select(table.parent_id).where(table.parent_id.in_(above)).distinct()
    for parent in session.scalars(parents if retired else parents.where(table.retired_at.is_(None))):
        above[parent or 0].has_more = True


def _rows(table: Tree, retired: bool):  # type: ignore[no-untyped-def]
    department = Place.department_id if table is Place else Department.id
    statement = select(table.id, table.name, table.parent_id, table.retired_at, department.label("department_id"))
    return statement if retired else statement.where(table.retired_at.is_(None))


def _branch(row: Row[tuple[int, str, object, object, int | None]]) -> Branch:
    return Branch(row.id, row.name, row.retired_at is not None, row.department_id)


def around(session: Session, table: Tree, id: int, *, after: int | None, retired: bool) -> Page:
    """The entry `id` with the way down to it and what lies below it, where the page of the top does not reach."""
    below = page(session, table, within=id, after=after, retired=retired)
    branches = below.branches
    for above in ids_above(session, table, id):
        row = session.execute(_rows(table, True).where(table.id == above)).one()
        branch = _branch(row)
        branch.below = branches
        branches = [branch]
    return Page(branches, below.last)


def topics(session: Session, *, retired: bool, most: int = 500) -> dict[int, list[Branch]]:
    """The topics of each department by name."""
    statement = select(Topic.id, Topic.name, Topic.retired_at, Topic.department_id).order_by(Topic.name, Topic.id)
    rows = session.execute((statement if retired else statement.where(Topic.retired_at.is_(None))).limit(most))
    found: dict[int, list[Branch]] = defaultdict(list)
    for id, name, retired_at, department_id in rows:
        found[department_id].append(Branch(id, name, retired_at is not None, department_id))
    return found


def managers_of(session: Session, departments: Iterable[int]) -> dict[int, list[str]]:
    """The names of those who manage each of the departments, in one statement."""
    rows = session.execute(
        select(Management.department_id, Person.name)
        .join(Person, Person.id == Management.person_id)
        .where(Management.department_id.in_(list(departments)), Person.retired_at.is_(None))
        .order_by(Person.name)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for department_id, name in rows:
        found[department_id].append(name)
    return found


def possible_managers(session: Session, department_id: int | None, also: Iterable[int]) -> list[tuple[int, str]]:
    """Up to MOST_SHOWN people who could manage a department, those in it and above it first, and all of `also`."""
    near = ids_above(session, Department, department_id) if department_id else []
    in_use = select(Person.id, Person.name).where(Person.retired_at.is_(None))
    nearest_first = in_use.order_by(Person.department_id.in_(near).desc(), Person.name, Person.id).limit(MOST_SHOWN)
    chosen = select(Person.id, Person.name).where(Person.id.in_(list(also)))
    found = {id: name for statement in (chosen, nearest_first) for id, name in session.execute(statement)}
    return sorted(found.items(), key=lambda entry: (folded(entry[1]), entry[0]))


class Paths:
    """Every department, or every place, by its path in words and by its bare name."""

    def __init__(self, rows: Iterable[tuple[int, str, int | None]]) -> None:
        self._names: dict[int, tuple[str, int | None]] = {id: (name, parent) for id, name, parent in rows}
        self.of = {id: STEP.join(self._climb(id)) for id in self._names}
        self._by_path: dict[str, list[int]] = defaultdict(list)
        self._by_name: dict[str, list[int]] = defaultdict(list)
        for id, path in self.of.items():
            self._by_path[folded(path)].append(id)
            self._by_name[folded(self._names[id][0])].append(id)

    def found(self, text: str) -> list[int]:
        """The ids that `text` stands for: of the one with that path, else of all with that name."""
        return self._by_path.get(folded(text)) or self._by_name.get(folded(text)) or []

    def sorted(self) -> list[tuple[int, str]]:
        """Each id with its path, in the order of the tree."""
        return sorted(self.of.items(), key=lambda entry: (folded(entry[1]).split(STEP), entry[0]))

    def _climb(self, id: int | None) -> list[str]:
        steps: list[str] = []
        while id is not None and id in self._names and len(steps) < DEEPEST:
            name, id = self._names[id]
            steps.append(name)
        return steps[::-1]


def paths(session: Session, table: Tree) -> Paths:
    """The paths of all that are in use."""
    rows = session.execute(select(table.id, table.name, table.parent_id).where(table.retired_at.is_(None)))
    return Paths((id, name, parent) for id, name, parent in rows)


def flat_paths(session: Session, table: type[Topic]) -> Paths:
    """The names of all that are in use, of what is no tree."""
    rows = session.execute(select(table.id, table.name).where(table.retired_at.is_(None)))
    return Paths((id, name, None) for id, name in rows)


def folded(text: str) -> str:
    """A name or path as it is compared: single spaces, whatever the case."""
    return " ".join(text.split()).casefold()


def ids_above(session: Session, table: Tree, id: int) -> list[int]:
    """The entry `id` and all above it, nearest first."""
    return list(_upwards(session, table, id))


def depth_above(session: Session, table: Tree, id: int) -> int:
    """How many levels there are down to `id`, itself included."""
    return len(ids_above(session, table, id))


def height_below(session: Session, table: Tree, id: int) -> int:
    """How many levels there are from `id` down, itself included."""
    tree = _descent(table, id)
    return max(session.scalars(select(tree.c.level)), default=0) + 1


def _upwards(session: Session, table: Tree, id: int | None) -> Iterator[int]:
    for _ in range(DEEPEST + 1):
        if id is None:
            return
        yield id
        id = session.scalar(select(table.parent_id).where(table.id == id))


def _descent(table: Tree, id: int) -> CTE:
    tree = select(table.id, literal(0).label("level")).where(table.id == id).cte("descent", recursive=True)
    child = aliased(table)
    return tree.union(
        select(child.id, tree.c.level + 1).join(tree, child.parent_id == tree.c.id).where(tree.c.level < DEEPEST)
    )
