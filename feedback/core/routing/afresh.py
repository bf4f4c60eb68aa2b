"""Who is told of a case that goes to others later on: those of them who are here, or who stands in for them."""

from collections.abc import Collection, Iterator
from datetime import date

from sqlalchemy.orm import Session

from feedback.core.routing.drawing import picture
from feedback.core.routing.model import Picture, Purpose, Route, Unit
from feedback.core.routing.staffing import staffed


def staffed_on(
    session: Session, department_id: int, readers: Collection[int], taken: Collection[int], day: date
) -> tuple[set[int], int | None]:
    """Of `readers`, who manage that department, those to be told on `day`, and who handles it in place of all.

    Those `taken` neither stand in nor are told.
    """
    drawn = picture(session, departments={department_id}, people={}, topics={})
    route = Route(Purpose.HANDLES, (), department_id, readers=tuple(sorted(readers)))
    told, handler_id = staffed(route, day, frozenset(taken), _above(department_id, drawn), drawn)
    return set(told.readers), handler_id


def _above(department_id: int, drawn: Picture) -> Iterator[Unit]:
    seen, unit = {department_id}, drawn.departments.get(department_id)
    while unit and unit.parent_id and unit.parent_id not in seen:
        seen.add(unit.parent_id)
        unit = drawn.departments.get(unit.parent_id)
        if unit:
            yield unit
