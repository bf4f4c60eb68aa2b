"""Making links: for one, for a selection, or for everyone who has none; never a second one unless asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, insert, select
from sqlalchemy.orm import Session

from feedback.core import audit
from feedback.core.access import Viewer
from feedback.core.links import Link, new_link
from feedback.core.links.targets import KINDS, TABLES, Target, called, listed, pointing, within
from feedback.core.organisation import changed
from feedback.db import table_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is to get a link: the people, departments or places that fit and have none."""

    kind: str = "person"
    q: str = ""


def without_link(session: Session, viewer: Viewer, wanted: Wanted, *, after: int | None, size: int) -> list[Target]:
    """Up to `size` of those without a link that works, newest first, older than `after`."""
    key = TABLES[wanted.kind].id
    statement = _without(viewer, wanted).order_by(key.desc()).limit(size)
    return listed(session, wanted.kind, statement.where(key < after) if after else statement)


def missing(session: Session, viewer: Viewer, q: str = "") -> dict[str, int]:
    """How many of each kind have no link that works."""
    counts = (_without(viewer, Wanted(kind, q)).with_only_columns(func.count()) for kind in KINDS)
    return dict(zip(KINDS, session.execute(select(*(c.scalar_subquery() for c in counts))).one(), strict=True))


def make_for_all(session: Session, viewer: Viewer, wanted: Wanted, at: datetime) -> list[Link]:
    """A link for everyone who fits and has none; done twice, the second time makes none."""
    _one_at_a_time(session)
    everyone = _without(viewer, wanted).order_by(TABLES[wanted.kind].id)
    return _kept(session, viewer, listed(session, wanted.kind, everyone), at)


def make(session: Session, viewer: Viewer, kind: str, ids: Sequence[int], at: datetime) -> list[Link]:
    """A link for each of `ids` that has none and is within the viewer's reach."""
    _one_at_a_time(session)
    chosen = _without(viewer, Wanted(kind)).where(TABLES[kind].id.in_(ids)).order_by(TABLES[kind].id)
    return _kept(session, viewer, listed(session, kind, chosen), at)


def note_made(session: Session, link: Link, name: str, at: datetime, *, by_id: int | None) -> None:
    """Note that `link` was made for what is called `name`."""
    audit.note(session, "link", link.id, "made", at, by_id=by_id, details={"name": name, "code": link.code})


def _one_at_a_time(session: Session) -> None:
    """Of two who make links at once the second waits here, and then sees those of the first."""
    changed(session)


def _without(viewer: Viewer, wanted: Wanted) -> Select[int, str, str]:
    statement = within(viewer, wanted.kind).where(~pointing(wanted.kind))
    return statement.where(called(wanted.kind, wanted.q)) if wanted.q else statement


def _kept(session: Session, viewer: Viewer, targets: Sequence[Target], at: datetime) -> list[Link]:
    links, notes = [], []
    for target in targets:
        link = new_link(at)
        setattr(link, f"{target.kind}_id", target.id)
        links.append(link)
        notes.append(audit.row("link", link.id, "made", at, by_id=viewer.person_id, details=_details(target, link)))
    if links:
        session.execute(insert(table_of(Link)), [_row(link) for link in links])
        session.execute(insert(table_of(audit.Entry)), notes)
    return links


def _details(target: Target, link: Link) -> dict[str, str]:
    return {"name": target.name, "code": link.code}


def _row(link: Link) -> dict[str, Any]:
    return {column.key: getattr(link, column.key) for column in table_of(Link).columns}
