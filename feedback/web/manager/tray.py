"""The list of cases as a mailbox shows it: rows, ways to other lists, filters in use. All it narrows by: `facets`."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any

from flask import abort, render_template, request
from sqlalchemy.orm import Session

from feedback import clock
from feedback.core import attachments, cases, views
from feedback.core.access import Viewer
from feedback.core.cases import Candidates, Filters, Row, Status, duplicates
from feedback.core.submissions import Kind, topic_names
from feedback.outbound import handling, wording
from feedback.text import gettext as _
from feedback.text import pgettext
from feedback.web.forms import narrowing
from feedback.web.forms.address import id_of
from feedback.web.manager import facets, inbox
from feedback.web.manager.inbox import ADDRESS
from feedback.web.text import zone

SIZE = 50
COUNTED = 99  # of a list that is only pointed at: "99+" beside its name says enough
FIRST_WORDS = 240
ALL = "all"


@dataclass(frozen=True, slots=True)
class Picking:
    """Several cases about to be given over: which can be, which are ticked, and who could take which."""

    able: frozenset[int]
    ticked: frozenset[int]
    candidates: Candidates


def page(
    session: Session,
    viewer: Viewer,
    *,
    ticked: Collection[int] | str | None = None,
    refused: Sequence[dict[str, str]] = (),
    problem: str = "",
    naming: dict[str, object] | None = None,
) -> str:
    """The page of the list as the address narrows it; with `ticked`, to tick several of its cases and hand them over.

    What is ticked is named by ids, or as an address says it. `refused` are those that were not handed over and why,
    `problem` is what keeps back all; `naming` is a form of a view that needs another look.
    """
    filters = inbox.asked(viewer)
    found, older = _found(session, viewer, filters)
    picking = _picking(session, viewer, found, ticked) if found and ticked is not None else None
    tally = cases.tally(session, viewer, filters)
    lists = facets.lists(session, viewer)
    return render_template(
        "manager/cases.html",
        tray=_tray(session, viewer, found, older, facets.active(lists), picking=picking) | _ways(session, viewer),
        total=facets.counted(*tally.total),
        facets=facets.shown(lists, tally, viewer),
        picking=picking and _shown_picking(picking, found, viewer),
        pick_url=ADDRESS.with_(ticked="none"),
        request_filters=ADDRESS.kept(),
        refused=refused,
        problem=problem,
        naming=naming or {},
    )


def beside(session: Session, viewer: Viewer, current: int) -> dict[str, object]:
    """The list beside one of its cases; a phone does not show it."""
    filters = inbox.asked(viewer)
    found, older = _found(session, viewer, filters)
    lists = facets.lists(session, viewer, only=request.args)
    return _tray(session, viewer, found, older, facets.active(lists), current=current) | _ways(session, viewer)


def _found(session: Session, viewer: Viewer, filters: Filters) -> tuple[list[Row], str]:
    """The rows of this page, and the address of the older ones, if there are any."""
    try:
        found = cases.page(session, viewer, filters, after=request.args.get("after", ""), size=SIZE + 1)
    except cases.NoSuchPage:
        abort(404)
    older = ADDRESS.with_(after=found[SIZE - 1].cursor) if len(found) > SIZE else ""
    return found[:SIZE], older


def _tray(
    session: Session,
    viewer: Viewer,
    found: Sequence[Row],
    older: str,
    active: list[dict[str, str]],
    *,
    current: int | None = None,
    picking: Picking | None = None,
) -> dict[str, object]:
    at, kept = clock.now(), ADDRESS.kept()
    topics = topic_names(session, [row.case.id for row in found])
    covers = cases.standing_in(session, [row.case for row in found], clock.day(at, zone()))
    ideas = {row.case.id: row.case for row in found if _is_settled_idea(row)}
    ended = {
        id: outcome
        for id, outcome in cases.outcomes_of(session, list(ideas.values())).items()
        if duplicates.is_told(session, viewer, ideas[id], outcome)
    }
    wordless = attachments.counted(session, [row.case.id for row in found if not row.submission.message.strip()])
    able, ticked = (picking.able, picking.ticked) if picking else (frozenset(), frozenset())
    rows = [
        _row(row, topics.get(row.case.id, []), at, kept, ended.get(row.case.id))
        | {
            "first": _first(row, wordless),
            "cover": covers.get(row.case.id),
            "current": row.case.id == current,
            "able": row.case.id in able,
            "ticked": row.case.id in ticked,
        }
        for row in found
    ]
    return {
        "groups": _groups(rows, is_search=bool(narrowing.searched())),
        "older": older,
        "filters": active,
        "q": narrowing.searched(),
        "kept": {name: value for name, value in inbox.in_use().items() if name != "q"},
        "url": inbox.list_url(inbox.in_use()),
    }


def _groups(rows: list[dict[str, Any]], *, is_search: bool) -> list[dict[str, object]]:
    """What is overdue under its own heading, which says so in words, and everything else below it.

    What was searched for stands in the order of its dates, and so does what one only reads along.
    """
    late = [] if is_search else list(takewhile(lambda row: row["is_overdue"], rows))
    named = [("late", _("Overdue"), late), ("rest", _("Everything else"), rows[len(late) :])]
    return [{"id": id, "title": title if late else "", "rows": some} for id, title, some in named if some]


def _first(row: Row, photos: Mapping[tuple[int, int], int]) -> str:
    """The first words; where there are none, how many photos there are instead."""
    return " ".join(row.submission.message.split())[:FIRST_WORDS] or wording.photos(photos.get((row.case.id, 1), 0))


def _is_settled_idea(row: Row) -> bool:
    """Whether a list says of it what came of it, rather than that it is closed."""
    return row.submission.kind == Kind.SUGGESTION and row.case.status == Status.CLOSED


def _row(row: Row, topics: list[str], at: datetime, kept: dict[str, str], outcome: str | None) -> dict[str, object]:
    text, state = handling.due(row.case, at, zone())
    if outcome:
        text = handling.outcome(outcome)
    return {
        "id": row.case.id,
        "version": row.case.version,
        "url": inbox.case_url(row.case.id, kept),
        "topics": topics,
        "place": row.place or "",
        "department": row.department or "",
        "handler": row.handler or "",
        "kind": row.submission.kind,
        "at": row.submission.submitted_at,
        "is_overdue": row.is_overdue,
        "due": {"text": text or wording.status(row.case.status), "state": state},
    }


def _ways(session: Session, viewer: Viewer) -> dict[str, object]:
    """Lists one wants again and again, and those one saved, each with how many cases it has."""
    at, now = clock.now(), inbox.in_use()
    usual: list[tuple[str, dict[str, str]]] = [
        (pgettext("cases", "Open"), {"status": cases.OPEN}),
        (pgettext("cases", "Mine"), {"status": cases.OPEN, "handler": inbox.ME}),
        (pgettext("cases", "Unassigned"), {"status": cases.OPEN, "handler": inbox.NOBODY}),
        (_("Overdue"), {"overdue": "yes"}),
        (pgettext("cases", "All"), {}),
    ]
    saved = views.of(session, viewer)
    lists = [values for _name, values in usual] + [view.filters for view in saved]
    counts = cases.count_each(session, viewer, [inbox.filters_of(values, viewer, at) for values in lists], most=COUNTED)
    shown = [_way(values, count, now) for values, count in zip(lists, counts, strict=True)]
    return {
        "ways": [{"name": name, **way} for (name, _values), way in zip(usual, shown, strict=False)],
        "views": [
            {"name": view.name, "id": view.id, **way} for view, way in zip(saved, shown[len(usual) :], strict=True)
        ],
        "can_save": bool(now) and not any(way["current"] for way in shown) and len(saved) < views.MOST,
    }


def _way(values: dict[str, str], count: tuple[int, bool], now: dict[str, str]) -> dict[str, Any]:
    return {
        "url": inbox.list_url(values),
        "count": facets.short(*count),
        "none": count == (0, False),
        "current": values == now,
    }


def _picking(session: Session, viewer: Viewer, found: Sequence[Row], ticked: Collection[int] | str) -> Picking:
    shown = [row.case for row in found]
    able = cases.workable(session, viewer, shown)
    who = cases.candidates(session, [case for case in shown if case.id in able])
    if isinstance(ticked, str):
        ticked = able if ticked == ALL else {id_of(ticked) or 0}
    return Picking(able, able & frozenset(ticked), who)


def _shown_picking(picking: Picking, found: Iterable[Row], viewer: Viewer) -> dict[str, object]:
    """The choice of handlers, each with those on the page they cannot take, by their place on it."""
    place = {row.case.id: index for index, row in enumerate(found)}
    people = picking.candidates.people
    return {
        "handlers": [
            {
                "id": person.id,
                "name": person.name,
                "unable": " ".join(str(place[id]) for id in sorted(picking.candidates.unable[person.id])),
            }
            for person in people
        ],
        "me": viewer.person_id if any(person.id == viewer.person_id for person in people) else None,
        "places": place,
        "all_url": ADDRESS.with_(ticked=ALL),
        "end_url": ADDRESS.with_(),
    }
