"""The sheet of one case: the words, the facts beside them, and the timeline of all that happened."""

from collections.abc import Mapping, Sequence

from flask import render_template, url_for
from sqlalchemy.orm import Session

from feedback import clock
from feedback.core import attachments, cases, history, people, routing
from feedback.core.access import Viewer
from feedback.core.cases import Case, Closure, Status, duplicates
from feedback.core.files import File
from feedback.core.history import Event
from feedback.core.submissions import Kind, Submission, topic_names
from feedback.outbound import handling, wording
from feedback.text import gettext as _
from feedback.text import known
from feedback.web import pictures
from feedback.web.manager import connections, drafting, inbox, tray
from feedback.web.manager.case_forms import (
    ClosureForm,
    ReopeningForm,
    ReplyForm,
    SeverityForm,
    ShareForm,
    StateForm,
    VersionedForm,
)
from feedback.web.manager.forms import AssignmentForm, NoteForm
from feedback.web.text import zone

KINDS = {"noted": "note", "assigned": "assignment", "handed_back": "assignment"}
INTERNAL = {
    "noted", "assigned", "handed_back", "graded", "warned", "breached", "resumed", "shared", "taken_up_again",
    "concerned", "cleared", "rerouted", "linked", "unlinked",
}  # fmt: skip
FROM_CUSTOMERS = {history.RECEIVED, "wrote"}
WRITTEN = {"replied", "asked", "answered", "wrote", "reopened", "shared", "taken_up_again", "praised"}


def page(
    session: Session,
    viewer: Viewer,
    case: Case,
    *,
    assign: AssignmentForm | None = None,
    note: NoteForm | None = None,
    sent: VersionedForm | None = None,
    sharing: ShareForm | None = None,
    is_stale: bool = False,
) -> str:
    """The page of `case` for `viewer`, with forms that were sent and need another look.

    Of one that `is_stale` the words stay, and the version is that of the case as it is shown now.
    """
    submission = session.get_one(Submission, case.id)
    works = cases.may_work_on(session, viewer, case)
    photos = attachments.of(session, case.id)
    if sent is not None and is_stale:
        sent.version.data, sent.version.raw_data = case.version, None  # what was sent would be shown before it
    return render_template(
        "manager/case.html",
        case=_facts(session, viewer, case, submission),
        photos=_received(session, case, photos),
        timeline=_timeline(session, viewer, case, submission, photos),
        beside=connections.of(session, viewer, case, works=works),
        assign=(assign or _assignment(session, case)) if works else None,
        note=(note or NoteForm(formdata=None)) if works else None,
        forms=_forms(session, viewer, case, submission, sent) if works and case.status != Status.CLOSED else None,
        reopening=_reopening(case, sent) if works and case.status == Status.CLOSED else None,
        unsent=_unsent(sent, is_closed=case.status == Status.CLOSED, works=works),
        person=cases.could_share_with(session, viewer, case),
        sharing=sharing or ShareForm(formdata=None),
        me=viewer.person_id,
        back_url=inbox.ADDRESS.with_(),
        tray=tray.beside(session, viewer, case.id),
    )


def _forms(
    session: Session, viewer: Viewer, case: Case, submission: Submission, sent: VersionedForm | None
) -> dict[str, VersionedForm]:
    """The forms of handling it, one of them perhaps as it was sent."""
    fresh = {"version": case.version, "severity": str(case.severity)}
    found: dict[str, VersionedForm] = {
        "state": StateForm(formdata=None, data=fresh),
        "severity": SeverityForm(formdata=None, data=fresh),
        "reply": ReplyForm(formdata=None, data=fresh),
        "closure": ClosureForm(formdata=None, data=fresh),
    }
    for name, form in found.items():
        if isinstance(sent, type(form)):
            found[name] = sent
    for form in found.values():
        if isinstance(form, SeverityForm | ReplyForm):
            form.offer()
        elif isinstance(form, ClosureForm):
            form.offer(submission.kind)
            form.is_linked = duplicates.follows(session, viewer, case)
        if isinstance(form, ReplyForm):
            form.offer_drafts(drafting.drafts(session, viewer, case))
    return found


def _unsent(sent: VersionedForm | None, *, is_closed: bool, works: bool) -> str:
    """What was written in a form that the page no longer has: closed, opened or taken away meanwhile."""
    if isinstance(sent, ReopeningForm):
        return "" if is_closed and works else sent.reason.data or ""
    if works and not is_closed:
        return ""
    if isinstance(sent, ReplyForm):
        return sent.text.data or ""
    return (sent.note.data or "") if isinstance(sent, ClosureForm) else ""


def _reopening(case: Case, sent: VersionedForm | None) -> ReopeningForm:
    fresh = ReopeningForm(formdata=None, data={"version": case.version})
    return sent if isinstance(sent, ReopeningForm) else fresh


def _assignment(session: Session, case: Case) -> AssignmentForm:
    form = AssignmentForm(formdata=None, data={"version": case.version, "handler": str(case.handler_id or "")})
    form.offer(cases.possible_handlers(session, case))
    return form


def _facts(session: Session, viewer: Viewer, case: Case, submission: Submission) -> dict[str, object]:
    names = people.names(session, department_id=case.department_id, place_id=submission.place_id)
    persons = people.person_names(session, {case.handler_id, submission.person_id})
    contact = cases.contact_of(session, viewer, case)
    return {
        "id": case.id,
        "message": submission.message,
        "kind": submission.kind,
        "at": submission.submitted_at,
        "status": wording.status(case.status),
        "due": handling.due(case, clock.now(), zone()),
        "is_acknowledged": case.acknowledged_at is not None,
        "is_paused": case.paused_at is not None,
        "is_second": case.stage > 1,
        "answer_on": handling.last_day(case.answer_at, zone())
        if case.answer_at and (case.due_at or case.paused_at)
        else None,
        "closures": _closures(session, viewer, case, submission.kind),
        "severity": wording.severity(case.severity),
        "handler": persons.get(case.handler_id or 0, ""),
        "department": names["department"],
        "place": names["place"],
        "topics": topic_names(session, [case.id]).get(case.id, []),
        "person": persons.get(submission.person_id or 0, ""),
        "person_note": submission.person_note,
        "rating": submission.rating,
        "language": known(submission.language).name,
        "happened_at": submission.happened_at,
        "contact": contact and {"name": contact.name, "email": contact.email, "phone": contact.phone},
        "contact_hint": _contact_hint(contact is not None, bool(contact and contact.may_contact)),
        "marks": _marks(submission),
    }


def _closures(session: Session, viewer: Viewer, case: Case, kind: str) -> list[dict[str, object]]:
    """How each stage ended, and what the customer thought of it."""
    is_idea = kind == Kind.SUGGESTION  # of which there is no cause, and nothing was done for the customer
    return [
        {
            "stage": closure.stage,
            "outcome": _outcome(session, viewer, case, closure),
            "cause": "" if is_idea else handling.cause(closure.cause),
            "remedy": "" if is_idea else handling.remedy(closure.remedy),
            "note": closure.note,
            "is_settled": closure.is_settled,
            "rating": closure.rating,
        }
        for closure in cases.closures_of(session, case)
    ]


def _outcome(session: Session, viewer: Viewer, case: Case, closure: Closure) -> str:
    """What came of it; nothing where it would tell of a case that does not exist for the viewer."""
    return handling.outcome(closure.outcome) if duplicates.is_told(session, viewer, case, closure.outcome) else ""


def _details(session: Session, viewer: Viewer, case: Case, event: Event) -> dict[str, str]:
    """What is known of a step; not how it had ended where that tells of a case they do not see."""
    if duplicates.is_told(session, viewer, case, event.details.get("outcome", "")):
        return event.details
    return {name: value for name, value in event.details.items() if name != "outcome"}


def _contact_hint(has_contact: bool, may_contact: bool) -> str:
    if not has_contact:
        return _("Gave no name, or does not want to be contacted. Your answer is read with the receipt.")
    return "" if may_contact else _("The customer did not agree to be contacted.")


def _marks(submission: Submission) -> list[str]:
    marks = []
    if submission.is_trapped:
        marks.append(_("Perhaps sent by a program"))
    if submission.is_hasty:
        marks.append(_("Sent within two seconds"))
    if submission.is_history:
        marks.append(_("From an earlier time"))
    return marks


def _received(session: Session, case: Case, photos: Mapping[int, list[File]]) -> list[dict[str, object]]:
    """The photos that the customer sent with the words."""
    first = history.events_of(session, case.id)[0] if photos else None
    return _strip(case.id, "received", photos.get(first.id, []) if first else [])


def _strip(case_id: int, step: str, photos: Sequence[File]) -> list[dict[str, object]]:
    alt = _("Photo %(n)s of %(total)s from the customer") if step in FROM_CUSTOMERS else _("Photo %(n)s of %(total)s")
    return pictures.strip(photos, lambda n: url_for("manager.photo", n=case_id, photo=n), alt)


def _timeline(
    session: Session, viewer: Viewer, case: Case, submission: Submission, photos: Mapping[int, list[File]]
) -> list[dict[str, object]]:
    """Routes with their reasons first, then every event in its order."""
    routes = routing.routes_of(session, submission.id)
    events = history.events_of(session, submission.id)
    hidden = duplicates.hidden(session, viewer, events)
    events = [event for event in events if event.id not in hidden]
    authors = people.person_names(session, {event.by_id for event in events})
    steps: list[dict[str, object]] = [
        {
            "at": submission.submitted_at,
            "who": "",
            "kind": "route",
            "text": wording.route(route),
            "internal": True,
        }
        for route in routes
    ]
    for event in events:
        who = authors.get(event.by_id or 0, "")
        steps.append(
            {
                "at": event.at,
                "who": who,
                "kind": KINDS.get(event.name, event.name),
                "text": wording.step(event.name, _details(session, viewer, case, event), who or None)
                if event.name != "noted"
                else event.text,
                "words": event.text if event.name in WRITTEN else "",
                "internal": event.name in INTERNAL,
                "photos": _strip(submission.id, event.name, photos.get(event.id, []))
                if event.name != history.RECEIVED
                else [],
            }
        )
    return steps[len(routes) : len(routes) + 1] + steps[: len(routes)] + steps[len(routes) + 1 :]
