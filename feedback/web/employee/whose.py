"""Whose letters a page shows: what its address asks for, and what of it one may read. The lists are in lists.py."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import abort, request
from sqlalchemy.orm import Session

from feedback.core import access, lookback
from feedback.core.access import Viewer
from feedback.core.index import Asked, asked
from feedback.core.lookback import Placed
from feedback.core.people import Department
from feedback.core.praise import Letter
from feedback.web.employee.lists import DEPARTMENTS, LISTS, OWN, List, Narrowed
from feedback.web.forms.address import id_in

SIZE = 30
LONGEST_SEARCH = 200
NAMES = ("whose", "department", "person", "q", "after")  # what the address of a page of letters can say


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which letters are shown: a list, narrowed to a department or a person in it, and what is searched for in it."""

    list: List
    narrowed: Narrowed = field(default_factory=Narrowed)
    after: int | None = None
    q: str = ""
    is_instead: bool = False  # of one's own, because there are none

    @property
    def is_own(self) -> bool:
        """Whether they are one's own: all of them, or some."""
        return self.list.is_own

    @property
    def is_start(self) -> bool:
        """Whether it is the first page of all of one's own."""
        return self.list.whose == OWN and self.after is None and not self.q

    @property
    def is_narrowed(self) -> bool:
        """Whether they are those of a department or a person."""
        return self.list.whose == DEPARTMENTS and self.narrowed != Narrowed()

    @property
    def names_departments(self) -> bool:
        """Whether letters of several departments stand together, so that each has to say whose it is."""
        return not self.is_own and not self.is_narrowed

    @property
    def asked(self) -> Asked:
        """The words that are searched for."""
        return asked(self.q)

    @property
    def whole(self) -> dict[str, Any]:
        """What the address of the list says, whatever is on it tomorrow."""
        if self.is_narrowed:
            return {"department": self.narrowed.department_id, "person": self.narrowed.person_id}
        return {"whose": self.list.whose}

    @property
    def address(self) -> dict[str, Any]:
        """What the address of these letters says, with what is searched for."""
        return self.whole | ({"q": self.q} if self.q else {})


@dataclass(frozen=True, slots=True)
class Page:
    """The letters of one page, and where the next begins."""

    letters: list[Letter]
    after: int | None = None  # None where no page follows
    looked_to: datetime | None = None  # how far was looked back, where that was not to the end
    topics: Mapping[int, Sequence[str]] = field(default_factory=dict)  # of what was found, by submission


def found(session: Session, viewer: Viewer, departments: Sequence[Department]) -> tuple[Wanted, Page]:
    """The letters that the address asks for; where it asks for none, one's own, else those one manages."""
    wanted = _wanted()
    _check(session, viewer, wanted)
    page = _page(session, viewer, wanted)
    if page.letters or not departments or any(request.args.get(name) for name in NAMES):
        return wanted, page
    only = departments[0].id if len(departments) == 1 else None
    wanted = Wanted(LISTS[DEPARTMENTS], Narrowed(only), is_instead=True)
    return wanted, _page(session, viewer, wanted)


def _wanted() -> Wanted:
    """What the address asks for; only one's own letters can be searched."""
    narrowed = Narrowed(id_in("department"), id_in("person"))
    whose = request.args.get("whose") or (OWN if narrowed == Narrowed() else DEPARTMENTS)
    q = request.args.get("q", "").replace("\0", " ").strip()[:LONGEST_SEARCH]
    if whose not in LISTS or (q and not LISTS[whose].is_own):
        abort(404)
    return Wanted(LISTS[whose], narrowed, id_in("after"), q)


def _page(session: Session, viewer: Viewer, wanted: Wanted) -> Page:
    def read(after: int | None, size: int) -> list[Placed]:
        return wanted.list.read(session, viewer, wanted.narrowed, after, size)

    if wanted.q:
        hits = lookback.look_back(session, read, wanted.asked, after=wanted.after, size=SIZE)
        return Page(hits.letters, hits.after, hits.looked_to, hits.topics)
    placed = read(wanted.after, SIZE + 1)
    return Page([letter for _, letter in placed[:SIZE]], placed[SIZE - 1][0] if len(placed) > SIZE else None)


def _check(session: Session, viewer: Viewer, wanted: Wanted) -> None:
    """What is not the viewer's to read or manage does not exist for them."""
    if not viewer.may(wanted.list.permission):
        abort(404)
    if wanted.is_own:
        return
    of, by = wanted.narrowed.department_id, wanted.narrowed.person_id
    if of is not None and not access.department_for(session, viewer, of):
        abort(404)
    if by is not None and not access.person_for(session, viewer, by):
        abort(404)


def kept() -> dict[str, Any]:
    """What the address of the page of letters asked for, for ways that lead back to the same letters."""
    return {name: request.args[name] for name in NAMES if request.args.get(name)}
