"""The inbox beside a plain computation over all cases: who sees which, in what order, how many, found by what."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import import_module

import pytest
from sqlalchemy import insert, select

from feedback.core import cases
from feedback.core.access import Viewer
from feedback.core.accounts import Account
from feedback.core.cases import OPEN, Case, Filters, NoSuchPage, Status, tally
from feedback.core.cases.filters import FIELDS
from feedback.core.history import Event
from feedback.core.organisation import Organisation
from feedback.core.people import Department, Management, Person, Place
from feedback.core.routing import Purpose, RouteRow
from feedback.core.submissions import Concern, Submission
from feedback.db import Store, new_id
from tests.factories import BEGINNING, Cast
from tests.story import arrives, viewer

NOW = BEGINNING + timedelta(days=30)
WORDS = ("soup", "soups", "cold", "Soße", "kalt", "汤是冷的", "冷汤", "บริการช้า", "الحساء", "بارد", "s")
SEARCHES = ("soup", "soup cold", "so", "s ", "冷", "冷的", "ช้า", "بارد", "SOSSE", "cold kal", "汤 soup", "%")
HEARD = ("noted", "replied", "wrote")


@dataclass
class Told:
    """One case as the plain computation knows it."""

    id: int
    kind: str
    status: str
    severity: int
    due_at: datetime | None
    department: int
    place: int | None
    handler: int | None
    words: list[str]
    informed: set[int] = field(default_factory=set)
    concerned: set[int] = field(default_factory=set)


class House:
    """A random organisation: a tree of five departments, six people, two dozen cases with words in several scripts."""

    def __init__(self, store: Store, seed: int) -> None:
        self.store, self.draw = store, random.Random(seed)
        ids = {name: new_id(BEGINNING) for name in ("root", "a", "b", "aa", "ab")}
        above = {"a": "root", "b": "root", "aa": "a", "ab": "a"}
        self.departments = list(ids.values())
        people = [new_id(BEGINNING) for _ in range(6)]
        self.places = [new_id(BEGINNING) for _ in range(3)]
        self.people = people
        with store.write_rows() as connection:
            connection.execute(insert(Organisation), {"name": "House", "made_at": BEGINNING})
            for name, id in ids.items():
                connection.execute(
                    insert(Department), {"id": id, "name": name, "parent_id": ids.get(above.get(name, ""))}
                )
            connection.execute(
                insert(Person),
                [
                    {"id": id, "name": f"P{n}", "public_name": f"P{n}", "department_id": self.departments[n % 5]}
                    for n, id in enumerate(people)
                ],
            )
            connection.execute(
                insert(Account),
                [
                    {"person_id": id, "sign_in_name": f"p{id}", "is_admin": id == people[0], "password_hash": "-"}
                    for id in people
                ],
            )
            managing = ((people[1], "root"), (people[2], "a"), (people[3], "ab"), (people[4], "aa"), (people[4], "b"))
            connection.execute(
                insert(Management), [{"person_id": id, "department_id": ids[name]} for id, name in managing]
            )
            connection.execute(insert(Place), [{"id": id, "name": f"Place {id}"} for id in self.places])
        self.told = [self._told(n) for n in range(24)]
        self._keep()

    def viewers(self) -> Iterator[Viewer]:
        yield from (viewer(self.store, id) for id in self.people)

    def _told(self, n: int) -> Told:
        draw = self.draw
        status = draw.choice([*Status, Status.CLOSED])
        due = draw.random() < 0.6 and status not in (Status.ANSWERED, Status.CLOSED)
        return Told(
            id=new_id(BEGINNING + timedelta(hours=n)),
            kind=draw.choice(("complaint", "suggestion")),
            status=status,
            severity=draw.randint(1, 4),
            due_at=NOW + timedelta(hours=draw.randint(-5, 5)) if due else None,
            department=draw.choice(self.departments),
            place=draw.choice([*self.places, None]),
            handler=draw.choice([*self.people, None]),
            words=draw.choices(WORDS, k=2),
            informed=set(draw.sample(self.departments, draw.choice((0, 0, 1, 2)))),
            concerned=set(draw.sample(self.people, draw.choice((0, 0, 1)))),
        )

    def _keep(self) -> None:
        """A part is in the index, a part is not yet, and a part has changed since."""
        with self.store.write() as session:
            for told in self.told:
                session.add(
                    Submission(
                        id=told.id, key=told.id.to_bytes(16), digest=b"d" * 16, receipt_hash=told.id.to_bytes(32), kind=told.kind,
                        message=" ".join(told.words), language="en", submitted_at=BEGINNING, place_id=told.place,
                    )
                )  # fmt: skip
            session.flush()
            for told in self.told:
                handler = told.handler if told.id % 3 else None
                session.add(
                    Case(
                        id=told.id, kind=told.kind, place_id=told.place, status=told.status, severity=told.severity,
                        due_at=told.due_at, department_id=told.department, handler_id=handler,
                    )
                )  # fmt: skip
                session.add_all(
                    RouteRow(submission_id=told.id, position=n, purpose=Purpose.INFORMS, department_id=id, reasons=[])
                    for n, id in enumerate(told.informed)
                )
                session.add_all(Concern(submission_id=told.id, person_id=id) for id in told.concerned)
        with self.store.write() as session:
            cases.index_some(session, most=15)
        with self.store.write() as session:
            for n, told in enumerate(self.told):
                if told.id % 3 == 0:
                    session.get_one(Case, told.id).handler_id = told.handler
                if n % 4 == 0:
                    told.words.append(self.draw.choice(WORDS))
                    session.add(
                        Event(
                            id=new_id(NOW),
                            submission_id=told.id,
                            number=1,
                            name=HEARD[n % 3],
                            at=NOW,
                            text=told.words[-1],
                        )
                    )


def is_mine(who: Viewer, told: Told) -> bool:
    return who.sees_everything or told.department in who.managed or told.handler == who.person_id


def sees(who: Viewer, told: Told) -> bool:
    return who.person_id not in told.concerned and (is_mine(who, told) or bool(told.informed & who.managed))


def fits(told: Told, filters: Filters) -> bool:
    wanted = (
        (filters.kind, told.kind), (filters.severity, told.severity), (filters.department_id, told.department),
        (filters.place_id, told.place), (filters.handler_id, told.handler),
    )  # fmt: skip
    is_status = filters.status in (None, told.status) or (filters.status == OPEN and told.status != Status.CLOSED)
    is_late = filters.overdue_at is None or late(told)
    return is_status and is_late and all(asked in (None, value) for asked, value in wanted) and says(told, filters.q)


def late(told: Told) -> bool:
    return told.due_at is not None and told.due_at <= NOW


def says(told: Told, q: str) -> bool:
    """By hand, without the function that the house folds words with: these few words are known."""
    if not q:
        return True
    if q == "%":
        return False
    plain = [word.lower().replace("ß", "ss") for word in told.words]
    *whole, last = q.lower().split(" ")
    of_letters = [asked for asked in (*whole, last) if asked and not asked.isascii() and asked not in ("بارد", "sosse")]
    is_there = [any(asked in word for word in plain) for asked in of_letters]
    is_there += [asked in plain for asked in whole if asked.isascii()]
    is_there += [any(word.startswith(last) for word in plain)] if last and last not in of_letters else []
    return all(is_there)


def expected(house: House, who: Viewer, filters: Filters) -> list[int]:
    found = [told for told in house.told if sees(who, told) and fits(told, filters)]
    first = [told for told in found if late(told) and not filters.q and (filters.overdue_at or is_mine(who, told))]
    rest = [told for told in found if told not in first]
    by_deadline = sorted(first, key=lambda told: (told.due_at or NOW, told.id))
    return [told.id for told in by_deadline] + sorted((told.id for told in rest), reverse=True)


def paged(store: Store, who: Viewer, filters: Filters, size: int) -> list[int]:
    found: list[int] = []
    after = ""
    with store.read() as session:
        while rows := cases.page(session, who, filters, after=after, size=size, at=NOW):
            assert all(row.is_overdue == (row.case.due_at is not None and row.case.due_at <= NOW) for row in rows)
            found += [row.case.id for row in rows]
            after = rows[-1].cursor
    return found


def asked_for(house: House) -> Iterator[Filters]:
    draw = house.draw
    values = {
        "status": [*Status, OPEN], "kind": ["complaint", "suggestion"], "department_id": house.departments,
        "place_id": house.places, "handler_id": house.people, "severity": [1, 2, 3, 4], "overdue_at": [NOW],
    }  # fmt: skip
    yield Filters()
    yield Filters(status=OPEN)
    for n in range(3):
        names = draw.sample(sorted(values), draw.randint(1, 2))
        q = draw.choice(SEARCHES) if n % 3 else ""
        yield Filters(**{name: draw.choice(values[name]) for name in names}, q=q)  # type: ignore[arg-type]
    yield from (Filters(q=q) for q in draw.sample(SEARCHES, 2))


def numbers(house: House, who: Viewer, filters: Filters) -> dict[tuple[str, str], int]:
    """Beside each value, how many there would be with it instead of what is chosen."""
    values = {
        "status": [*map(str, Status), OPEN], "kind": ["complaint", "suggestion"], "department": house.departments,
        "place": house.places, "handler": house.people, "severity": [1, 2, 3, 4], "overdue": [NOW],
    }  # fmt: skip
    return {
        (name, "yes" if name == "overdue" else str(value)): sum(
            sees(who, told) and fits(told, narrowed(filters, name, value)) for told in house.told
        )
        for name, some in values.items()
        for value in some
    }


def narrowed(filters: Filters, name: str, value: object) -> Filters:
    kept = {known: getattr(filters, known) for known in (*FIELDS.values(), "q")}
    return Filters(**kept | {FIELDS[name]: value})


@pytest.mark.parametrize("seed", [1, 2])
def test_the_inbox_is_what_a_plain_look_at_all_cases_gives(store: Store, seed: int) -> None:
    house = House(store, seed)
    for who in house.viewers():
        for filters in asked_for(house):
            wanted = expected(house, who, filters)
            assert paged(store, who, filters, size=house.draw.choice((3, 7, 50))) == wanted, (filters, who)
            with store.read() as session:
                found = tally(session, who, filters, at=NOW)
            assert found.total == (len(wanted), False)
            for (name, value), n in numbers(house, who, filters).items():
                assert found.of(name, value) == (n, False), (name, value, filters, who)


def test_a_case_that_stops_being_overdue_between_two_pages_is_not_lost(store: Store, cast: Cast) -> None:
    """Nor is one that becomes overdue meanwhile shown twice, or not at all."""
    told = [arrives(store, cast.kitchen_link) for _ in range(6)]
    with store.write() as session:
        for number, case in enumerate(session.scalars(select(Case).order_by(Case.id))):
            case.due_at = NOW + timedelta(hours=number - 4)  # the first five are overdue, the last is soon
    who = viewer(store, cast.berta)
    with store.read() as session:
        first = cases.page(session, who, Filters(), size=2, at=NOW)
    assert [row.case.id for row in first] == told[:2] and all(row.is_overdue for row in first)
    with store.write() as session:
        session.get_one(Case, told[3]).due_at = None
    with store.read() as session:
        later = NOW + timedelta(days=1)
        rest = cases.page(session, who, Filters(), after=first[-1].cursor, size=9, at=later)
    assert [row.case.id for row in rest] == [told[2], told[4], told[5], told[3]]


def test_a_plain_number_goes_on_with_everything_older(store: Store, cast: Cast) -> None:
    told = [arrives(store, cast.kitchen_link) for _ in range(4)]
    who = viewer(store, cast.berta)
    with store.read() as session:
        rows = cases.page(session, who, Filters(), after=str(told[2]), size=9, at=NOW)
        assert [(row.case.id, row.cursor) for row in rows] == [(told[1], str(told[1])), (told[0], str(told[0]))]
        for nowhere in ("x", "o1.2", "n1.", "-1", str(2**63), "n" + "9" * 18 + ".1"):
            with pytest.raises(NoSuchPage):
                cases.page(session, who, Filters(), after=nowhere, size=9)


def test_more_than_was_looked_at_is_said_to_be_more(store: Store, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers_of = import_module("feedback.core.cases.tally")
    for name, most in (("LOOKED_AT", 2), ("FOUND", 2), ("MOST_EACH", 3)):
        monkeypatch.setattr(numbers_of, name, most)
    told = [arrives(store, cast.table_link) for _ in range(5)]
    with store.write() as session:
        session.get_one(Case, told[0]).status = Status.CLOSED
    for key in ("anna", "berta"):
        with store.read() as session:
            found = tally(session, viewer(store, getattr(cast, key)), Filters(), at=BEGINNING)
        assert found.total == (3, True) and found.of("kind", "suggestion") == (0, True)
        assert found.of("department", str(cast.kitchen)) == (3, True)
    with store.read() as session:
        found = tally(session, viewer(store, cast.anna), Filters(), at=BEGINNING)
        assert [found.of("status", status) for status in ("received", "closed")] == [(4, False), (1, False)]
        assert tally(session, viewer(store, cast.berta), Filters(q="soup"), at=BEGINNING).total == (3, True)
