"""Cases: the list as a mailbox, one case with its timeline, assigning it and writing notes."""

from collections.abc import Mapping

from flask import abort, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedback import clock
from feedback.core import attachments, cases
from feedback.core.access import Permission, Viewer
from feedback.core.cases import Case
from feedback.db import StoreError, StoreFull
from feedback.outbound.isolation import filled
from feedback.text import gettext as _
from feedback.web import house, pictures
from feedback.web.employee import news
from feedback.web.forms.address import whole
from feedback.web.forms.organisation import sent
from feedback.web.forms.pictures import ask_again, laid
from feedback.web.manager import blueprint, inbox, sheet, tray
from feedback.web.manager.forms import AssignmentForm, NoteForm
from feedback.web.security import needs, takes_photos
from feedback.web.session import signed_in_viewer

PICKING = "ticked"  # in the address: which cases are ticked to be handed over together, "all" or the id of one


@blueprint.get("/cases", endpoint="cases")
@needs(Permission.WORK_ON_CASES)
def cases_page() -> str:
    """The cases one may see, overdue first, then newest first, narrowed by the address."""
    with house().store.read() as session:
        return tray.page(session, signed_in_viewer(), ticked=request.args.get(PICKING))


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
        if request.form.get("mine"):
            form.handler.data = str(viewer.person_id)
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
    return redirect(inbox.ADDRESS.with_(), 303)


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
