"""The one workflow of a submission: record, route, praise or case, counts, notices; all or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Dialect, Table, bindparam, select

from feedback.core import attachments, counts, history, limits, notices, routing, surveys, told_once
from feedback.core.attachments import Attachment
from feedback.core.cases import Case, Status
from feedback.core.deadlines import Pace, Times
from feedback.core.files import File
from feedback.core.limits import Mark
from feedback.core.links import Offer
from feedback.core.notices import About, Notice
from feedback.core.praise import Praise
from feedback.core.routing import Decision, Picture, Purpose, Route, RouteRow, Target
from feedback.core.submissions import (
    SURVEY,
    Concern,
    Contact,
    Draft,
    Kind,
    Submission,
    SubmissionTopic,
    digest,
    receipt_hash,
    receipt_of,
)
from feedback.core.told_once import ToldOnce
from feedback.db import Bundle, Store, bundle, new_id, table_of

Rows = list[dict[str, Any]]
SUBMISSION, TOPIC, CONTACT, CONCERN = map(table_of, (Submission, SubmissionTopic, Contact, Concern))
ROUTE, PRAISE, CASE, EVENT, NOTICE = map(table_of, (RouteRow, Praise, Case, history.Event, Notice))
COUNT, LIMIT, TOLD_ONCE = map(table_of, (counts.DayCount, limits.LimitCount, ToldOnce))
BESIDE = (
    TOPIC,
    CONTACT,
    TOLD_ONCE,
    CONCERN,
    ROUTE,
    PRAISE,
    CASE,
    EVENT,
    NOTICE,
    LIMIT,
    COUNT,
)  # in the order they are kept in
FILE, ATTACHMENT = map(table_of, (File, Attachment))
PHOTOS = (FILE, ATTACHMENT)  # behind them, and only where there are any: most submissions come without
RESPONSE, POLL_COUNT = map(table_of, (surveys.Response, surveys.PollCount))
ANSWERS = (RESPONSE, POLL_COUNT)  # likewise
MERGED = {COUNT: counts.ONE_MORE, LIMIT: limits.ONE_MORE, POLL_COUNT: surveys.ONE_VOTE_MORE}
STORED = select(SUBMISSION.c.digest).where(SUBMISSION.c.key == bindparam("key"))


class SaidOtherwise(Exception):
    """The key was used for a submission with other content; that one stands, this one was not kept."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a submission comes from and what it needs to know to be routed and counted."""

    target: Target
    picture: Picture
    timezone: str
    mails: bool = True
    pace: Pace | None = None  # None where nothing is promised: history has no deadlines

    @classmethod
    def of_link(
        cls, offer: Offer, picture: Picture, timezone: str, *, mails: bool, pace: Pace | None = None
    ) -> "Scene":
        """The scene of one link's form."""
        target = Target(
            person_id=offer.person.id if offer.person else None,
            department_id=offer.department_id,
            place=offer.heading if offer.points_at == "place" else "",
            place_id=offer.place_id,
            link_id=offer.link_id,
        )
        return cls(target, picture, timezone, mails, pace)


@dataclass(frozen=True, slots=True)
class Plan:
    """All rows of one submission, decided before the store is asked to keep them."""

    submission: dict[str, Any]
    rows: dict[Table, Rows]


def plan(
    draft: Draft,
    scene: Scene,
    *,
    key: bytes,
    at: datetime,
    secret: str,
    mark: Mark | None = None,
    is_history: bool = False,
) -> Plan:
    """The rows of `draft`, sent under `key` at the moment `at` by an address that leaves `mark`.

    History gets no notices and a closed case.
    """
    local = at.astimezone(ZoneInfo(scene.timezone))
    decision = routing.decide(draft, scene.target, scene.picture, local, is_history=is_history)
    submission = _submission(draft, scene, decision, key, at, secret, is_history)
    number, event_id = submission["id"], new_id(at)
    rows: dict[Table, Rows] = {
        SUBMISSION: [submission],
        TOPIC: [{"submission_id": number, "topic_id": topic_id} for topic_id in draft.topic_ids],
        CONTACT: _contact(draft, number),
        TOLD_ONCE: told_once.rows(draft, number) if scene.mails else [],
        CONCERN: [_concern(number, person_id) for person_id in sorted(decision.concerned)],
        ROUTE: [_route(number, position, route) for position, route in enumerate(decision.routes)],
        PRAISE: [_praise(number, route, draft, scene, at) for route in decision.routes if _is_praise(route)],
        CASE: []
        if draft.kind in (Kind.COMPLIMENT, SURVEY)
        else [_case(submission, decision, at, scene.pace, is_history)],
        EVENT: [history.first_row(event_id, number, at, {})],
        NOTICE: [] if is_history or not scene.mails else _notices(event_id, draft, decision, scene.picture, at),
        LIMIT: [mark.row] if mark else [],
        COUNT: [counts.row(local.date(), scene.target.link_id, submission["department_id"], draft.kind, draft.rating)],
    }
    if draft.given:
        rows |= {RESPONSE: [surveys.response_row(number, draft.given)], POLL_COUNT: surveys.vote_rows(draft.given)}
    return Plan(submission, rows)


def with_photos(plan: Plan, photos: Sequence[File]) -> Plan:
    """The same plan with the photos that came with it, which lie on disk already."""
    number, event_id = plan.submission["id"], plan.rows[EVENT][0]["id"]
    named = [{column.name: getattr(photo, column.name) for column in FILE.columns} for photo in photos]
    return Plan(plan.submission, plan.rows | {FILE: named, ATTACHMENT: attachments.rows(photos, number, event_id)})


def take_in(store: Store, plan: Plan) -> bool:
    """Keep a customer's submission: its rows are on disk on return. Raises SaidOtherwise or StoreError.

    False if it was there already, so that nothing of this plan was written.
    """
    if store.keep(_bundle_for(store.dialect, plan), plan.rows):
        return True
    with store.glance() as connection:
        is_kept(connection, plan)
    return False


def keep(connection: Connection, plan: Plan) -> bool:
    """Write all rows of `plan`; False if its key was there already with the same content, else SaidOtherwise."""
    return _bundle_for(connection.dialect, plan).keep(connection, plan.rows) or not is_kept(connection, plan)


def is_kept(connection: Connection, plan: Plan) -> bool:
    """Whether the key of `plan` is there with the same content. Raises SaidOtherwise where it is with another."""
    stored = connection.scalar(STORED, {"key": plan.submission["key"]})
    if stored is not None and bytes(stored) != plan.submission["digest"]:
        raise SaidOtherwise
    return stored is not None


def _bundle_for(dialect: Dialect, plan: Plan) -> Bundle:
    photos, answers = PHOTOS if FILE in plan.rows else (), ANSWERS if RESPONSE in plan.rows else ()
    return _bundle(dialect, BESIDE + photos + answers)


@cache
def _bundle(dialect: Dialect, beside: tuple[Table, ...]) -> Bundle:
    """The statements of every submission, worded once."""
    return bundle(dialect, SUBMISSION, beside, unless=SUBMISSION.c.key, clauses=MERGED)


def _submission(
    draft: Draft, scene: Scene, decision: Decision, key: bytes, at: datetime, secret: str, is_history: bool
) -> dict[str, Any]:
    return {
        "id": new_id(at),
        "key": key,
        "digest": digest(draft, secret),
        "receipt_hash": receipt_hash(receipt_of(key, secret)),
        "kind": draft.kind,
        "message": draft.message,
        "language": draft.language,
        "link_id": scene.target.link_id,
        "place_id": scene.target.place_id,
        "department_id": _department(draft, scene, decision),
        "person_id": draft.person_id or scene.target.person_id,
        "person_note": draft.person_note,
        "rating": draft.rating,
        "submitted_at": at,
        "happened_at": draft.happened_at,
        "may_share": draft.may_share,
        "is_trapped": draft.is_trapped,
        "is_hasty": draft.is_hasty,
        "is_history": is_history,
    }


def _department(draft: Draft, scene: Scene, decision: Decision) -> int | None:
    """Whose submission it is; a complaint that went past a department is not counted there either (rule 2)."""
    if decision.department_id is None and draft.kind in (Kind.COMPLIMENT, SURVEY):
        return scene.target.department_id
    return decision.department_id


def _contact(draft: Draft, number: int) -> Rows:
    if not draft.has_contact:
        return []
    return [
        {
            "submission_id": number,
            "name": draft.contact_name,
            "email": draft.contact_email,
            "phone": draft.contact_phone,
            "may_contact": draft.may_contact,
        }
    ]


def _concern(number: int, person_id: int) -> dict[str, Any]:
    added = dict.fromkeys(("added_at", "added_by_id", "taken_from_id"))
    return {"submission_id": number, "person_id": person_id, **added}


def _route(number: int, position: int, route: Route) -> dict[str, Any]:
    return {
        "submission_id": number,
        "position": position,
        "purpose": route.purpose,
        "department_id": route.department_id,
        "person_id": route.person_id,
        "address": route.address,
        "reasons": [[name, dict(details)] for name, details in route.reasons],
    }


def _is_praise(route: Route) -> bool:
    return route.purpose in {Purpose.DELIVERS} | routing.WAITING and route.department_id is not None


def _praise(number: int, route: Route, draft: Draft, scene: Scene, at: datetime) -> dict[str, Any]:
    held = route.purpose in routing.WAITING
    person_id = (draft.person_id or scene.target.person_id) if held else route.person_id
    return {
        "id": new_id(at),
        "submission_id": number,
        "person_id": person_id,
        "department_id": route.department_id,
        "is_held": held,
        "read_at": None,
        "excerpt": None,
    }


def _case(
    submission: dict[str, Any], decision: Decision, at: datetime, pace: Pace | None, is_history: bool
) -> dict[str, Any]:
    due = pace.of(decision.severity, Times(at)) if pace and not is_history else None
    return {
        "id": submission["id"],
        "kind": submission["kind"],
        "place_id": submission["place_id"],
        "department_id": decision.department_id,
        "handler_id": None if is_history else decision.handler_id,
        "status": Status.CLOSED if is_history else Status.RECEIVED,
        "severity": decision.severity,
        "version": 1,
        "closed_at": at if is_history else None,
        "stage": 1,
        **dict.fromkeys(("acknowledged_at", "answered_at", "paused_at", "breached_at", "duplicate_of_id")),
        "acknowledge_at": due and due.acknowledge_at,
        "answer_at": due and due.answer_at,
        "due_at": due and due.acknowledge_at,
        "warn_at": due and due.acknowledge_warning_at,
        "is_indexed": False,
    }


def _notices(event_id: int, draft: Draft, decision: Decision, picture: Picture, at: datetime) -> Rows:
    """One row for each recipient, however many routes lead to them; the first route says what it is about."""
    rows: dict[int | str, dict[str, Any]] = {}
    for route in decision.routes:
        for reader in (*route.readers, *([route.address] if route.address else [])):
            if reader not in rows and (isinstance(reader, str) or reader in picture.mailable):
                rows[reader] = notices.row(event_id, reader, _about(route), at)
    return list(rows.values())


def _about(route: Route) -> About:
    if route.purpose == Purpose.HOLDS:
        return About.HELD
    if route.purpose == Purpose.SEEKS:
        return About.SOUGHT
    return About.PRAISE if route.purpose in (Purpose.DELIVERS, Purpose.TELLS) else About.COMPLAINT
