"""Handling one case: acknowledging it, writing to the customer, its severity, its end. Reading it is left to cases.py.

Of two people at once the second is shown what the first did, with their own words still in their field.
"""

from collections.abc import Callable
from typing import TypeVar

from flask import flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedback import clock
from feedback.core import cases
from feedback.core.access import Permission, Viewer
from feedback.core.cases import Case, ChangedMeanwhile, NotAllowed, NotOpen, Says, Status, duplicates
from feedback.core.submissions import Submission
from feedback.db import StoreError
from feedback.text import gettext as _
from feedback.web import house
from feedback.web.errors import not_kept
from feedback.web.forms.address import id_of
from feedback.web.forms.organisation import sent
from feedback.web.forms.pictures import PhotosField, ask_again, laid
from feedback.web.manager import blueprint, drafting, sheet
from feedback.web.manager.case_forms import (
    ClosureForm,
    ReopeningForm,
    ReplyForm,
    SeverityForm,
    ShareForm,
    StateForm,
    VersionedForm,
)
from feedback.web.manager.cases import visible, workable
from feedback.web.security import needs, takes_photos
from feedback.web.session import signed_in_viewer

Form = TypeVar("Form", bound=VersionedForm)
Answer = Response | tuple[str, int]


@blueprint.post("/cases/<n>/status")
@needs(Permission.WORK_ON_CASES)
def status(n: str) -> Answer:
    """Tell the customer that it was read, or wait for them no longer."""
    form, at = StateForm(request.form), clock.now()

    def do(session: Session, viewer: Viewer, case: Case) -> None:
        act = cases.acknowledge if form.status.data == "acknowledged" else cases.resume
        act(session, viewer, case, version=form.version.data or 0, at=at)

    said = _("The customer can see now that this was read.") if form.status.data == "acknowledged" else _("It goes on.")
    return _done(n, form, do, said)


@blueprint.post("/cases/<n>/severity")
@needs(Permission.WORK_ON_CASES)
def severity(n: str) -> Answer:
    """Say how severe it is; the deadlines follow."""
    form, at = SeverityForm(request.form), clock.now()
    form.offer()

    def do(session: Session, viewer: Viewer, case: Case) -> None:
        cases.grade(session, viewer, case, int(form.severity.data), version=form.version.data or 0, at=at)

    return _done(n, form, do, _("Its deadlines follow the new severity."))


@blueprint.post("/cases/<n>/replies")
@needs(Permission.WORK_ON_CASES)
@takes_photos
def replies(n: str) -> Answer:
    """Write to the customer."""
    form, at, mails = ReplyForm(sent()), clock.now(), bool(house().settings.smtp_url)
    form.offer()

    def do(session: Session, viewer: Viewer, case: Case) -> None:
        text, says, photos = (form.text.data or "").strip(), Says(form.says.data), form.photos.laid
        version = form.version.data or 0
        cases.reply(session, viewer, case, text, says, version=version, at=at, mails=mails, photos=photos)

    return _done(n, form, do, _("Sent. The customer reads it behind the receipt."), form.photos)


@blueprint.post("/cases/<n>/draft")
@needs(Permission.WORK_ON_CASES)
@takes_photos
def draft(n: str) -> str | tuple[str, int]:
    """The case again with a template in the field of the reply, below what was typed there; nothing is sent."""
    form, viewer = ReplyForm(sent()), signed_in_viewer()
    form.offer()
    ask_again(form.photos)
    with house().store.read() as session:
        case = workable(session, viewer, n)
        if case.status == Status.CLOSED:
            flash(_("Someone changed this case meanwhile. What they did is below; yours was not kept."))
            return sheet.page(session, viewer, case, sent=form), 409
        wanted = id_of(form.template.data or "")
        found = next((draft for draft in drafting.drafts(session, viewer, case) if draft.id == wanted), None)
        if found is None:
            form.template.errors = [_("Please choose.")]
            return sheet.page(session, viewer, case, sent=form), 422
        form.put_in(found)
        return sheet.page(session, viewer, case, sent=form)


@blueprint.post("/cases/<n>/closure")
@needs(Permission.WORK_ON_CASES)
def closure(n: str) -> Answer:
    """End it, with what came of it."""
    form, at, mails = ClosureForm(request.form), clock.now(), bool(house().settings.smtp_url)
    with house().store.read() as session:
        viewer = signed_in_viewer()
        case = workable(session, viewer, n)
        form.offer(session.get_one(Submission, case.id).kind)
        form.is_linked = duplicates.follows(session, viewer, case)

    def do(session: Session, viewer: Viewer, case: Case) -> None:
        cases.close(session, viewer, case, form.ending, version=form.version.data or 0, at=at, mails=mails)

    return _done(n, form, do, _("Closed. The customer can say whether it is settled."))


@blueprint.post("/cases/<n>/reopening")
@needs(Permission.WORK_ON_CASES)
def reopening(n: str) -> Answer:
    """Take a closed case up again, for a reason that stays in the house."""
    form, at, mails = ReopeningForm(request.form), clock.now(), bool(house().settings.smtp_url)

    def do(session: Session, viewer: Viewer, case: Case) -> None:
        reason = (form.reason.data or "").strip()
        cases.take_up_again(session, viewer, case, reason, version=form.version.data or 0, at=at, mails=mails)

    return _done(n, form, do, _("It is open again. The customer sees that you are looking at it again."))


@blueprint.post("/cases/<n>/share")
@needs(Permission.WORK_ON_CASES)
def share(n: str) -> Answer:
    """Let the person a closed case is about read it, with a word of one's own."""
    form, at, viewer, here = ShareForm(request.form), clock.now(), signed_in_viewer(), house()
    if not form.validate():
        with here.store.read() as session:
            return sheet.page(session, viewer, workable(session, viewer, n), sharing=form), 422
    try:
        with here.store.write() as session:
            cases.share(session, viewer, workable(session, viewer, n), (form.note.data or "").strip(), at=at)
    except (ChangedMeanwhile, NotAllowed, NotOpen):
        flash(_("Someone changed this case meanwhile. What they did is below; yours was not kept."))
        with here.store.read() as session:
            return sheet.page(session, viewer, visible(session, viewer, n), sharing=form), 409
    flash(_("Shared. They find it above their letters."))
    return redirect(url_for("manager.case", n=n), 303)


def _done(
    n: str, form: Form, do: Callable[[Session, Viewer, Case], None], said: str, photos: PhotosField | None = None
) -> Answer:
    """Do it to the case and say so; or show the case again, with the form as it was sent."""
    viewer, here = signed_in_viewer(), house()
    with here.store.read() as session:
        case = workable(session, viewer, n)
        if not form.validate():
            ask_again(photos)
            return sheet.page(session, viewer, case, sent=form), 422
    if photos and not photos.draw():
        with here.store.read() as session:
            return sheet.page(session, viewer, workable(session, viewer, n), sent=form), 422
    try:
        with laid(photos), here.store.write() as session:
            do(session, viewer, workable(session, viewer, n))
    except (ChangedMeanwhile, NotAllowed, NotOpen):
        flash(_("Someone changed this case meanwhile. What they did is below; yours was not kept."))
        ask_again(photos)
        with here.store.read() as session:
            return sheet.page(session, viewer, visible(session, viewer, n), sent=form, is_stale=True), 409
    except StoreError as error:
        ask_again(photos)
        return not_kept(error, lambda: _again(n, form))
    flash(said)
    return redirect(url_for("manager.case", n=n), 303)


def _again(n: str, form: VersionedForm) -> str:
    viewer = signed_in_viewer()
    with house().store.read() as session:
        return sheet.page(session, viewer, workable(session, viewer, n), sent=form)
