"""A store with the past of a large organisation: so many cases, of which a few are open, written in bulk.

Three years of 200 departments in ten regions, a thousand places, four hundred handlers; every tenth case is read along
by a second department, every fifth concerns somebody. The indexes are made after the rows, as a restored copy's are.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, text

from bench.saying import Saying
from feedback.core import index
from feedback.core.accounts import Account
from feedback.core.cases import OPEN, Status
from feedback.core.index.days import day_marks
from feedback.core.organisation import Organisation
from feedback.core.people import Department, Management, Person, Place
from feedback.core.routing import Purpose
from feedback.db import Store, new_id
from feedback.db.ids import RANDOM_BITS, first_id

REGIONS, BRANCHES = 10, 20  # departments of a region, the region's own among them
PLACES_EACH, PEOPLE_EACH = 5, 2
YEARS = timedelta(days=3 * 365)
BATCH = 5_000
POOL = 20_000
CASE = (
    "id", "kind", "place_id", "department_id", "handler_id", "status", "severity", "version", "stage", "due_at",
    "is_indexed",
)  # fmt: skip
FIXED: dict[str, Any] = {"version": 1, "stage": 1, "is_indexed": True}
SUBMISSION = (
    "id", "key", "digest", "receipt_hash", "kind", "message", "language", "place_id", "department_id", "person_note",
    "submitted_at", "may_share", "is_trapped", "is_hasty", "is_history",
)  # fmt: skip
ROUTE = ("submission_id", "position", "purpose", "department_id", "reasons")
CONCERN = ("submission_id", "person_id")
NAMED = {
    "kind": "kind",
    "place": "place_id",
    "department": "department_id",
    "handler": "handler_id",
    "severity": "severity",
    "status": "status",
}
RUNNING = (Status.RECEIVED, Status.ACKNOWLEDGED, Status.IN_PROGRESS, Status.ANSWERED)


@dataclass(frozen=True, slots=True)
class House:
    """Who works there, by what they see; and what lists can be narrowed by."""

    viewers: dict[str, int]
    departments: tuple[int, ...]
    places: dict[int, tuple[int, ...]]
    people: dict[int, tuple[int, ...]]


def made(store: Store, count: int, now: datetime, tell: Callable[[str], None]) -> House:
    """Fill an empty, migrated store with an organisation and `count` cases, all of them indexed."""
    with store.write_rows() as connection:
        house = _house(connection, now - YEARS - timedelta(days=1))
    saying = Saying(1)
    pool = _Pool(saying)
    with store.write_rows() as connection:
        again = _without_indexes(connection)
        if not store.is_sqlite:
            connection.execute(text("set local session_replication_role = replica"))  # the ids are our own
            connection.execute(text("set local maintenance_work_mem = '512MB'"))
        writer = _Writer(connection, pool)
        for number, some in enumerate(_batches(house, count, now)):
            writer.write(some)
            if number % 40 == 39:
                tell(f"{(number + 1) * BATCH:,} of {count:,} cases")
        writer.finish()
        connection.execute(insert(index.Word), [{"word": word} for word in sorted(pool.words())])
        for statement in again:
            connection.execute(text(statement))
    with store.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(
            text("pragma wal_checkpoint(truncate)" if store.is_sqlite else "vacuum analyze")
        )
    return house


def _house(connection: Connection, at: datetime) -> House:
    def row(**values: Any) -> dict[str, Any]:
        return {"id": new_id(at), **values}

    root = row(name="Head office", parent_id=None)
    regions = [row(name=f"Region {n}", parent_id=root["id"]) for n in range(REGIONS)]
    leaves = [row(name=f"Branch {r['name']}-{n}", parent_id=r["id"]) for r in regions for n in range(1, BRANCHES)]
    departments = [*regions, *leaves]
    places = [row(name=f"Desk {n}", department_id=d["id"]) for d in departments for n in range(PLACES_EACH)]
    people = [_person(row, f"Handler {n}", d["id"]) for n, d in enumerate(departments * PEOPLE_EACH)]
    heads = {
        name: _person(row, name.title(), d["id"])
        for name, d in (
            ("admin", root),
            ("director", root),
            ("manager of 20", regions[3]),
            ("manager of 1", leaves[50]),
        )
    }
    managed = {"director": root, "manager of 20": regions[3], "manager of 1": leaves[50]}
    connection.execute(insert(Organisation), {"name": "A chain", "made_at": at})
    connection.execute(insert(Department), [root])
    connection.execute(insert(Department), regions)
    connection.execute(insert(Department), leaves)
    connection.execute(insert(Place), places)
    connection.execute(insert(Person), [*people, *heads.values()])
    connection.execute(
        insert(Account),
        [
            {
                "person_id": p["id"],
                "sign_in_name": f"p{p['id']}",
                "password_hash": "-",
                "is_admin": p["name"] == "Admin",
            }
            for p in (*people, *heads.values())
        ],
    )
    connection.execute(
        insert(Management),
        [{"department_id": d["id"], "person_id": heads[name]["id"]} for name, d in managed.items()],
    )
    by_place, by_person = defaultdict(list), defaultdict(list)
    for place in places:
        by_place[place["department_id"]].append(place["id"])
    for person in people:
        by_person[person["department_id"]].append(person["id"])
    return House(
        {name: person["id"] for name, person in heads.items()} | {"handler": by_person[leaves[50]["id"]][0]},
        tuple(d["id"] for d in departments),
        {id: tuple(ids) for id, ids in by_place.items()},
        {id: tuple(ids) for id, ids in by_person.items()},
    )


def _person(row: Callable[..., dict[str, Any]], name: str, department_id: int) -> dict[str, Any]:
    return row(name=name, public_name=name, department_id=department_id)


def _batches(house: House, count: int, now: datetime) -> Iterator[list[dict[str, Any]]]:
    draw, begun = random.Random(2), now - YEARS
    step = YEARS / (count + 1)
    recent = now - YEARS / 20
    for start in range(0, count, BATCH):
        moments = [begun + step * (number + 1) for number in range(start, min(count, start + BATCH))]
        yield [_case(house, at, now, at > recent, draw) for at in moments]


def _case(house: House, at: datetime, now: datetime, is_recent: bool, draw: random.Random) -> dict[str, Any]:
    """One case with all that is asked of it; three in a hundred are open, most of them of the last weeks."""
    department = draw.choice(house.departments)
    is_open = draw.random() < (0.5 if is_recent else 0.0055)
    return {
        "id": first_id(at) | draw.getrandbits(RANDOM_BITS),
        "at": at,
        "kind": "suggestion" if draw.random() < 0.15 else "complaint",
        "place_id": draw.choice(house.places[department]) if draw.random() < 0.7 else None,
        "department_id": department,
        "handler_id": draw.choice(house.people[department]) if draw.random() < 0.6 else None,
        "status": draw.choice(RUNNING) if is_open else Status.CLOSED,
        "severity": draw.choices((1, 2, 3, 4), (2, 88, 7, 3))[0],
        "due_at": now + timedelta(hours=draw.randrange(-120, 480)) if is_open else None,
        "informed": draw.choice(house.departments) if draw.random() < 0.1 else None,
        "concerned": draw.choice(house.people[draw.choice(house.departments)]) if draw.random() < 0.2 else None,
    }


class _Pool:
    """Messages made once and used again, each time with another rare word: making them is most of the work."""

    def __init__(self, saying: Saying) -> None:
        self._draw, self._saying = random.Random(4), saying
        self._texts = [(*saying.text(), "") for _ in range(POOL)]
        self._texts = [(language, said, " ".join(sorted(set(index.folded(said))))) for language, said, _ in self._texts]

    def take(self) -> tuple[str, str, str]:
        """Language, message, and its folded words."""
        language, said, words = self._draw.choice(self._texts)
        rare = self._draw.choice(self._saying.words)
        return language, f"{said} {rare}", words if f" {rare} " in f" {words} " else f"{words} {rare}"

    def words(self) -> set[str]:
        """Every word that can come."""
        return {word for *_, words in self._texts for word in words.split()} | set(self._saying.words)


def _marked(case: dict[str, Any]) -> str:
    marks = [index.mark(name, case[column]) for name, column in NAMED.items() if case[column] is not None]
    marks += [index.mark("reads", department) for department in {case["department_id"], case["informed"]} - {None}]
    return " ".join(marks if case["status"] == Status.CLOSED else [*marks, index.mark(OPEN, "")])


class _Writer:
    """Rows by the thousand into either store."""

    def __init__(self, connection: Connection, pool: _Pool) -> None:
        self._connection, self._pool = connection, pool
        self._on_sqlite = connection.dialect.name == "sqlite"
        if not self._on_sqlite:
            connection.execute(text("create temp table said (case_id bigint, words text) on commit drop"))

    def write(self, cases: list[dict[str, Any]]) -> None:
        said = [self._pool.take() for _ in cases]
        self._into("submission", SUBMISSION, [self._submission(c, *s) for c, s in zip(cases, said, strict=True)])
        self._into(
            "case", CASE, [tuple(self._value(case.get(name, FIXED.get(name))) for name in CASE) for case in cases]
        )
        self._into(
            "route", ROUTE, [(c["id"], 1, str(Purpose.INFORMS), c["informed"], "[]") for c in cases if c["informed"]]
        )
        self._into("concern", CONCERN, [(c["id"], c["concerned"]) for c in cases if c["concerned"]])
        words = [(c["id"], f"{words} {_marked(c)}") for c, (_, _, words) in zip(cases, said, strict=True)]
        if self._on_sqlite:
            self._into("case_words", ("rowid", "words"), words)
        else:
            days = (" ".join(day_marks(c["id"])) for c in cases)
            self._into(
                "said", ("case_id", "words"), [(id, f"{all} {day}") for (id, all), day in zip(words, days, strict=True)]
            )

    def finish(self) -> None:
        if not self._on_sqlite:
            fill = "select case_id, array_to_tsvector(string_to_array(words, ' ')) from said"
            self._connection.execute(text(f"insert into case_words (case_id, words) {fill}"))

    def _submission(self, case: dict[str, Any], language: str, said: str, words: str) -> tuple[Any, ...]:
        id = case["id"]
        no = self._value(False)
        key = id.to_bytes(16, "big")
        return (id, key, b"\0" * 16, key * 2, case["kind"], said, language, case["place_id"], case["department_id"], "",
                self._value(case["at"]), no, no, no, no)  # fmt: skip

    def _value(self, value: Any) -> Any:
        if isinstance(value, datetime):
            return value.strftime("%Y-%m-%d %H:%M:%S.%f") if self._on_sqlite else value
        return int(value) if isinstance(value, bool) and self._on_sqlite else value

    def _into(self, table: str, columns: Sequence[str], values: list[tuple[Any, ...]]) -> None:
        names = ", ".join(columns)
        if self._on_sqlite:
            places = ", ".join("?" for _ in columns)
            self._connection.exec_driver_sql(f'insert into "{table}" ({names}) values ({places})', values)
            return
        cursor: Any = self._connection.connection.cursor()
        with cursor.copy(f'copy "{table}" ({names}) from stdin') as copy:
            for row in values:
                copy.write_row(row)


def _without_indexes(connection: Connection) -> list[str]:
    """Drop the indexes of what is written in bulk; the statements that make them again."""
    on_sqlite = connection.dialect.name == "sqlite"
    listed = (
        "select name, sql from sqlite_master where type = 'index' and sql is not null and tbl_name = :table"
        if on_sqlite
        else "select indexname, indexdef from pg_indexes where tablename = :table and indexname ~ '^ix_'"
    )
    again: list[str] = []
    for table in ("submission", "case", "route", "concern", "case_words"):
        for name, statement in connection.execute(text(listed), {"table": table}).all():
            connection.execute(text(f"drop index {name}"))
            again.append(statement)
    return again
