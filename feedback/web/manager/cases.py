"""Cases: the list as a mailbox, one case with its timeline, assigning it and writing notes."""

from collections.abc import Mapping
from datetime import datetime

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedback import clock
from feedback.core import access, attachments, cases
from feedback.core.access import Permission, Viewer
from feedback.core.cases import Case, Filters, Row, Status
from feedback.core.deadlines import SEVERITIES
from feedback.core.submissions import Kind, topic_names
from feedback.db import StoreError, StoreFull
from feedback.outbound import handling, wording
from feedback.outbound.isolation import filled
from feedback.text import gettext as _
from feedback.text import ngettext, number
from feedback.web import house, pictures
from feedback.web.employee import news
from feedback.web.forms import narrowing
from feedback.web.forms.address import id_in, whole
from feedback.web.forms.narrowing import Address
from feedback.web.forms.organisation import sent
from feedback.web.forms.pictures import ask_again, laid
from feedback.web.manager import blueprint, sheet
from feedback.web.manager.forms import AssignmentForm, NoteForm
from feedback.web.security import needs, takes_photos
from feedback.web.session import signed_in_viewer
from feedback.web.text import zone

KINDS = (Kind.COMPLAINT, Kind.SUGGESTION)
SIZE = 50
FIRST_WORDS = 240
ADDRESS = Address(
    "manager.cases", ("status", "kind", "department", "place", "handler", "severity", "overdue", "q", "after")
)


@blueprint.get("/cases", endpoint="cases")
@needs(Permission.WORK_ON_CASES)
def cases_page() -> str:
    """The cases one may see, narrowed by the address: what is overdue first, then the newest."""
    viewer, at, after = signed_in_viewer(), clock.now(), request.args.get("after", "")
    filters = _filters(at)
    with house().store.read() as session:
        try:
            found = cases.page(session, viewer, filters, after=after, size=SIZE + 1, at=at)
        except cases.NoSuchPage:
            abort(404)
        topics = topic_names(session, [row.case.id for row in found[:SIZE]])
        ideas = [row.case for row in found[:SIZE] if _is_settled_idea(row)]
        ended = cases.outcomes_of(session, ideas)
        wordless = attachments.counted(session, [row.case.id for row in found if not row.submission.message.strip()])
        tally = cases.tally(session, viewer, filters, at=at)
        choices, active = _choices(session, viewer, filters)
    return render_template(
        "manager/cases.html",
        rows=[
            _row(row, topics.get(row.case.id, []), wordless.get((row.case.id, 1), 0), at, ended.get(row.case.id))
            for row in found[:SIZE]
        ],
        filters=active,
        choices=choices,
        counts=_counted(*tally.total),
        older=ADDRESS.with_(after=found[SIZE - 1].cursor) if len(found) > SIZE else "",
    )


@blueprint.get("/cases/<n>", endpoint="case")
@needs(Permission.WORK_ON_CASES)
def case_page(n: str) -> str:
    """One case with everything that happened to it."""
    viewer = signed_in_viewer()
    with house().store.read() as session:
        case = visible(session, viewer, n)
        shown = sheet.page(session, viewer, case)
    if request.method == "GET":
        news.opened(viewer, case.id)
    return shown


@blueprint.post("/cases/<n>/assignment")
@needs(Permission.WORK_ON_CASES)
def assignment(n: str) -> Response | tuple[str, int]:
    """Give the case to someone; of two people at once the second is shown what the first did."""
    viewer, form, here = signed_in_viewer(), AssignmentForm(request.form), house()
    with here.store.read() as session:
        case = workable(session, viewer, n)
        form.offer(cases.possible_handlers(session, case))
        if not form.validate():
            return sheet.page(session, viewer, case, assign=form), 422
    try:
        with here.store.write() as session:
            case = workable(session, viewer, n)
            version, mails = form.version.data or 0, bool(here.settings.smtp_url)
            step = cases.assign(session, viewer, case, form.chosen, version=version, at=clock.now(), mails=mails)
            still_seen = cases.one(session, viewer, whole(n)) is not None
    except (cases.ChangedMeanwhile, cases.NotAllowed):
        flash(_("Someone changed this case meanwhile. What they did is below; yours was not kept."))
        with here.store.read() as session:
            return sheet.page(session, viewer, visible(session, viewer, n)), 409
    flash(_handed_over(step.details, is_own=form.chosen == viewer.person_id))
    if still_seen:
        return redirect(url_for("manager.case", n=n), 303)
    flash(_("You no longer see this case."))
    return redirect(url_for("manager.cases"), 303)


@blueprint.get("/cases/<n>/photos/<photo>")
@needs(Permission.WORK_ON_CASES)
def photo(n: str, photo: str) -> Response:
    """One photo of a case, whichever step it came with."""
    with house().store.read() as session:
        case = visible(session, signed_in_viewer(), n)
        file = attachments.one(session, case.id, whole(photo))
    return pictures.private(file)


@blueprint.post("/cases/<n>/notes")
@needs(Permission.WORK_ON_CASES)
@takes_photos
def notes(n: str) -> Response | tuple[str, int]:
    """Keep an internal note on the case."""
    viewer, form, here = signed_in_viewer(), NoteForm(sent()), house()
    with here.store.read() as session:
        case = workable(session, viewer, n)
        if not form.validate():
            ask_again(form.photos)
            return sheet.page(session, viewer, case, note=form), 422
    if not form.photos.draw():
        with here.store.read() as session:
            return sheet.page(session, viewer, workable(session, viewer, n), note=form), 422
    try:
        with laid(form.photos), here.store.write() as session:
            text, photos = (form.text.data or "").strip(), form.photos.laid
            cases.note(session, viewer, workable(session, viewer, n), text, clock.now(), photos=photos)
    except StoreError as error:
        return _not_kept(error, viewer, n, form)
    flash(_("Note kept."))
    return redirect(url_for("manager.case", n=n), 303)


def _not_kept(error: StoreError, viewer: Viewer, n: str, form: NoteForm) -> Response:
    """The case again with the note still in its field: reading works while writing has to wait."""
    ask_again(form.photos)
    form.text.errors = [_("Not saved yet. Your words are kept here: please send them again in a moment.")]
    with house().store.read() as session:
        page = sheet.page(session, viewer, workable(session, viewer, n), note=form)
    return Response(page, 507 if isinstance(error, StoreFull) else 503, {"Retry-After": "5"})


def visible(session: Session, viewer: Viewer, n: str) -> Case:
    """The case of that number, if the viewer may see it."""
    return cases.one(session, viewer, whole(n)) or abort(404)


def workable(session: Session, viewer: Viewer, n: str) -> Case:
    """The case of that number, if it is the viewer's to work on."""
    case = visible(session, viewer, n)
    return case if cases.may_work_on(session, viewer, case) else abort(404)


def _handed_over(details: Mapping[str, str], *, is_own: bool) -> str:
    """In whose hands the case is now."""
    if "handler" not in details:
        return _("Nobody handles this case now.")
    if is_own:
        return _("You handle this case now.")
    return filled(_("Handed over. %(handler)s handles this case now."), details)


def _filters(at: datetime) -> Filters:
    return Filters(
        status=narrowing.one_of("status", (*cases.Status, cases.OPEN)),
        department_id=id_in("department"),
        place_id=id_in("place"),
        kind=narrowing.one_of("kind", KINDS),
        handler_id=id_in("handler"),
        severity=int(narrowing.one_of("severity", map(str, SEVERITIES)) or 0) or None,
        overdue_at=at if narrowing.one_of("overdue", ("yes",)) else None,
        q=narrowing.searched(),
    )


def _is_settled_idea(row: Row) -> bool:
    """Whether a list says of it what came of it, rather than that it is closed."""
    return row.submission.kind == Kind.SUGGESTION and row.case.status == Status.CLOSED


def _row(row: Row, topics: list[str], photos: int, at: datetime, outcome: str | None) -> dict[str, object]:
    text, state = handling.due(row.case, at, zone())
    if outcome:
        text = handling.outcome(outcome)
    return {
        "id": row.case.id,
        "url": url_for("manager.case", n=row.case.id),
        "first": " ".join(row.submission.message.split())[:FIRST_WORDS] or wording.photos(photos),
        "topics": topics,
        "place": row.place or "",
        "department": row.department or "",
        "handler": row.handler or "",
        "kind": row.submission.kind,
        "status": row.case.status,
        "at": row.submission.submitted_at,
        "severity": row.case.severity,
        "due": {"text": text or wording.status(row.case.status), "state": state},
    }


def _choices(session: Session, viewer: Viewer, now: Filters) -> tuple[dict[str, object], list[dict[str, str]]]:
    """The selects that narrow the list, and the filters in use with the address that takes each away."""
    departments = [(str(d.id), d.name) for d in access.departments_for(session, viewer)]
    places = [(str(p.id), p.name) for p in cases.places_seen(session, viewer)]
    handlers = [(str(p.id), p.name) for p in cases.handlers_seen(session, viewer)]
    lists: dict[str, list[tuple[str, str]]] = {
        "status": [(s, wording.status(s)) for s in cases.Status],
        "kind": [(k, wording.kind(k)) for k in KINDS],
        "department": departments,
        "place": places,
        "handler": handlers,
        "severity": [(str(n), wording.severity(n)) for n in SEVERITIES],
        "overdue": [("yes", _("Overdue"))],
    }
    choices: dict[str, object] = {name: narrowing.select(name, options) for name, options in lists.items() if options}
    return choices | {"q": now.q}, ADDRESS.active(lists)


def _counted(n: int, more: bool) -> str:
    if more:
        return _("%(num)s+ cases") % {"num": number(n)}
    return ngettext("%(num)s case", "%(num)s cases", n) % {"num": number(n)}
