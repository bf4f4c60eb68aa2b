"""The sheet of one case: the words, the facts beside them, and the timeline of all that happened."""

from flask import render_template, url_for
from sqlalchemy.orm import Session

from feedback.core import cases, history, people, routing
from feedback.core.access import Viewer
from feedback.core.cases import Case
from feedback.core.submissions import Submission, topic_names
from feedback.outbound import wording
from feedback.text import gettext as _
from feedback.text import known
from feedback.web.manager.forms import AssignmentForm, NoteForm

KINDS = {"noted": "note", "assigned": "assignment", "handed_back": "assignment"}
INTERNAL = {"noted", "assigned", "handed_back"}


def page(
    session: Session,
    viewer: Viewer,
    case: Case,
    *,
    assign: AssignmentForm | None = None,
    note: NoteForm | None = None,
) -> str:
    """The page of `case` for `viewer`, with forms that were sent and need another look."""
    submission = session.get_one(Submission, case.id)
    works = cases.may_work_on(session, viewer, case)
    return render_template(
        "manager/case.html",
        case=_facts(session, viewer, case, submission),
        timeline=_timeline(session, submission),
        assign=(assign or _assignment(session, case)) if works else None,
        note=(note or NoteForm(formdata=None)) if works else None,
        back_url=url_for("manager.cases"),
    )


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


def _contact_hint(has_contact: bool, may_contact: bool) -> str:
    if not has_contact:
        return _("Anonymous, or without leave to be contacted.")
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


def _timeline(session: Session, submission: Submission) -> list[dict[str, object]]:
    """Routes with their reasons first, then every event in its order."""
    routes = routing.routes_of(session, submission.id)
    events = history.events_of(session, submission.id)
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
                "text": event.text or wording.step(event.name, event.details, who or None),
                "internal": event.name in INTERNAL,
            }
        )
    return steps[len(routes) : len(routes) + 1] + steps[: len(routes)] + steps[len(routes) + 1 :]
