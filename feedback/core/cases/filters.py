"""How a list of cases is narrowed, as conditions on one table."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Dialect, TextClause, text
from sqlalchemy.orm import InstrumentedAttribute

from feedback.core import index
from feedback.core.cases.model import IS_OPEN, UNUSUAL, Case, Status
from feedback.core.routing import NORMAL

Condition = ColumnElement[bool] | TextClause
OPEN = "open"  # a status to narrow by, though no case has it: everything not closed
NOBODY = 0  # a handler to narrow by, though nobody is: what is open and in nobody's hands


class By(StrEnum):
    """What a list is walked by: the index that a statement is to use, so that no planner has to guess."""

    DATE = "date"
    DEPARTMENT = "department"
    HANDLER = "handler"
    PLACE = "place"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Filters:
    """How a list of cases is narrowed; None leaves a filter out.

    `status` may be "open": everything not closed. `handler_id` may be NOBODY, which takes in nothing closed either.
    """

    status: str | None = None
    department_id: int | None = None
    place_id: int | None = None
    kind: str | None = None
    handler_id: int | None = None
    severity: int | None = None
    overdue_at: datetime | None = None  # those whose deadline has passed by then
    q: str = ""

    @property
    def is_open(self) -> bool:
        """Whether only open cases are wanted."""
        return self.is_unassigned or (self.status is not None and self.status != Status.CLOSED)

    @property
    def is_unassigned(self) -> bool:
        """Whether only cases are wanted that nobody handles."""
        return self.handler_id == NOBODY

    def in_use(self) -> list[str]:
        """The names of the filters in use, as addresses have them; the words apart."""
        return [name for name, field in FIELDS.items() if getattr(self, field) is not None]

    def without(self, name: str) -> "Filters":
        """The same without the filter of that name."""
        cleared: dict[str, Any] = {FIELDS[name]: None}
        return replace(self, **cleared)

    def walked_by(self, *, in_departments: bool = False) -> By:
        """The filter that leaves the fewest cases, as organisations go."""
        if self.handler_id:
            return By.HANDLER
        if self.place_id is not None:
            return By.PLACE
        if self.department_id is not None or in_departments:
            return By.DEPARTMENT
        if self.status is not None and self.status not in (OPEN, Status.CLOSED):
            return By.STATUS
        return By.DATE

    def conditions(self, dialect: Dialect, by: By) -> list[Condition]:
        """What a case has to be; the words are left to the search."""
        aside = dialect.name == "sqlite"
        wanted: list[tuple[InstrumentedAttribute[int | None], int | None, By]] = [
            (Case.handler_id, self.handler_id or None, By.HANDLER),
            (Case.place_id, self.place_id, By.PLACE),
            (Case.department_id, self.department_id, By.DEPARTMENT),
            (Case.severity, self.severity, By.DEPARTMENT),
        ]
        found: list[Condition] = [
            _is(column, value, aside and by != walk) for column, value, walk in wanted if value is not None
        ]
        if by == By.DEPARTMENT and self.severity not in (None, NORMAL):
            found.append(text(f'"case".{UNUSUAL}'))
        if self.is_unassigned:
            found.append(Case.handler_id.is_(None))
        if self.kind is not None:
            found.append(Case.kind == self.kind)
        if self.overdue_at is not None:
            found.append(Case.due_at <= self.overdue_at)
        return [*found, *self._status(aside and by != By.STATUS)]

    def marks(self) -> list[list[str]]:
        """The same as groups of marks in the index, of each of which a case has one; what is overdue is open."""
        named = {
            "kind": self.kind,
            "place": self.place_id,
            "department": self.department_id,
            "handler": self.handler_id or None,
            "severity": self.severity,
            "status": self.status if self.status != OPEN else None,
        }
        found = [[index.mark(name, value)] for name, value in named.items() if value is not None]
        is_open = self.status == OPEN or self.is_unassigned or self.overdue_at is not None
        return [*found, [index.mark("open", "")]] if is_open else found

    def _status(self, aside: bool) -> list[Condition]:
        # Written out, because no value of a parameter tells a planner that a partial index fits.
        is_open: list[Condition] = [text(f'"case".{IS_OPEN}')]
        if self.status is None:
            return is_open if self.is_unassigned else []
        if self.status == OPEN:
            return is_open
        column = Case.status.concat("") if aside else Case.status
        return [column == self.status, *(is_open if self.is_open else [])]


FIELDS = {
    "status": "status",
    "kind": "kind",
    "department": "department_id",
    "place": "place_id",
    "handler": "handler_id",
    "severity": "severity",
    "overdue": "overdue_at",
}


def _is(column: InstrumentedAttribute[int | None], value: int, aside: bool) -> ColumnElement[bool]:
    """That the column has the value; `aside` keeps SQLite, which knows no numbers of rows, from walking by it."""
    return (column + 0 if aside else column) == value
