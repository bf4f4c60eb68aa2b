"""What is kept of each thing in the directory, as plain values: to compare, to change, and to say what changed."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from feedback.core.people import Department, Management, Person, PersonPlace, Place, Topic

Thing = Department | Person | Place | Topic
Table = type[Department] | type[Person] | type[Place] | type[Topic]
Value = str | int | bool | None | frozenset[int]
Values = dict[str, Value]
Label = Callable[[str, Value], str]
JOINT = ", "
NONE = "–"  # said where there was or is nothing


@dataclass(frozen=True, slots=True)
class Noun:
    """One kind of thing: its table, its own columns, and the sets of others that belong to it."""

    name: str
    table: Table
    columns: tuple[str, ...]
    sets: tuple[str, ...] = ()

    @property
    def is_tree(self) -> bool:
        """Whether one may lie below another."""
        return "parent_id" in self.columns

    @property
    def fields(self) -> tuple[str, ...]:
        """Everything that can be changed."""
        return self.columns + self.sets


NOUNS = {
    noun.name: noun
    for noun in (
        Noun(
            "person",
            Person,
            (
                "name",
                "public_name",
                "also_called",
                "email",
                "language",
                "department_id",
                "is_shown_on_forms",
                "reference",
            ),
            ("places", "manages"),
        ),
        Noun("department", Department, ("name", "parent_id", "reference"), ("managers",)),
        Noun("place", Place, ("name", "parent_id", "department_id", "reference")),
        Noun("topic", Topic, ("name", "department_id", "reference")),
    )
}
# Of each set: the table that holds it, the column of the one it belongs to, the column of its members, who they are.
SETS: dict[str, tuple[type[PersonPlace] | type[Management], str, str, Table]] = {
    "places": (PersonPlace, "person_id", "place_id", Place),
    "manages": (Management, "person_id", "department_id", Department),
    "managers": (Management, "department_id", "person_id", Person),
}
ACTS = {
    "name": "renamed",
    "public_name": "called",
    "also_called": "nicknamed",
    "email": "addressed",
    "language": "spoken_to",
    "department_id": "assigned",
    "parent_id": "moved",
    "is_shown_on_forms": "shown",
    "reference": "referenced",
    "places": "placed",
    "manages": "put_in_charge",
    "managers": "managed",
}
SILENT = {"email"}  # what is noted without the values themselves


def noun_of(thing: Thing) -> Noun:
    """The noun that `thing` is one of."""
    return NOUNS[thing.__tablename__]


def tree_of(noun: Noun) -> type[Department] | type[Place]:
    """The table of a noun that is a tree."""
    return Department if noun.table is Department else Place


def values_of(session: Session, thing: Thing) -> Values:
    """Everything that can be changed of `thing`, as it is."""
    noun = noun_of(thing)
    values: Values = {column: getattr(thing, column) for column in noun.columns}
    return values | {name: members(session, name, thing.id) for name in noun.sets}


def members(session: Session, name: str, id: int) -> frozenset[int]:
    """Who or what belongs to the set `name` of that thing."""
    table, owner, member, _ = SETS[name]
    return frozenset(session.scalars(select(getattr(table, member)).where(getattr(table, owner) == id)))


def mark(values: Mapping[str, Value]) -> str:
    """What tells two states of a thing apart; a form carries that of the state it showed."""
    said = repr([(key, sorted(v) if isinstance(v, frozenset) else v) for key, v in sorted(values.items())])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def steps(noun: Noun, before: Values, after: Values, label: Label) -> Iterator[tuple[str, dict[str, str]]]:
    """Each change from one state to the next as act and details."""
    for field in noun.fields:
        if before[field] == after[field]:
            continue
        act = ACTS[field]
        if field == "is_shown_on_forms" and not after[field]:
            act = "hidden"
        details = {"name": str(after["name"])}
        if field not in SILENT and act not in ("shown", "hidden"):
            details |= {"was": label(field, before[field]) or NONE, "to": label(field, after[field]) or NONE}
        yield act, details


def label_from(session: Session, noun: Noun) -> Label:
    """Words for values, with names looked up where they are ids."""

    def label(field: str, value: Value) -> str:
        if isinstance(value, frozenset):
            table = SETS[field][3]
            return JOINT.join(session.scalars(select(table.name).where(table.id.in_(value)).order_by(table.name)))
        if value is None or isinstance(value, str | bool):
            return str(value or "")
        table = noun.table if field == "parent_id" else Department
        return session.scalar(select(table.name).where(table.id == value)) or ""

    return label


def put(session: Session, thing: Thing, before: Values, after: Values) -> None:
    """Make `thing` what `after` says."""
    noun = noun_of(thing)
    for column in noun.columns:
        if before[column] != after[column]:
            setattr(thing, column, after[column])
    session.flush()
    for name in noun.sets:
        put_set(session, name, thing.id, _ids(before[name]), _ids(after[name]))


def put_set(session: Session, name: str, id: int, before: Iterable[int], after: Iterable[int]) -> None:
    """Let the set `name` of that thing have the members `after`."""
    table, owner, member, _ = SETS[name]
    gone, come = set(before) - set(after), set(after) - set(before)
    if gone:
        session.execute(delete(table).where(getattr(table, owner) == id, getattr(table, member).in_(gone)))
    if come:
        session.execute(insert(table), [{owner: id, member: one} for one in sorted(come)])


def _ids(value: Value) -> frozenset[int]:
    return value if isinstance(value, frozenset) else frozenset()
