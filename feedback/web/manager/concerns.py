"""Whom a case is about: said by whoever works on it, and taken back where it was a mistake."""

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms.validators import StopValidation

from feedback import clock
from feedback.core import cases, people
from feedback.core.access import Permission, Viewer
from feedback.core.cases import Case, ChangedMeanwhile, NobodyLeft, NotAllowed, NotOffered
from feedback.outbound.isolation import isolated
from feedback.text import gettext as _
from feedback.web import house
from feedback.web.forms.address import whole
from feedback.web.forms.choosing import PathField, paths_of_people
from feedback.web.forms.labels import later
from feedback.web.manager import beside, blueprint
from feedback.web.manager.case_forms import VersionedForm
from feedback.web.manager.cases import workable
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer


class ConcernForm(VersionedForm):
    """The person it is about."""

    person = PathField(later("This is about"))

    def offer(self, session: Session, viewer: Viewer, case: Case) -> None:
        """Who can be chosen."""
        paths = paths_of_people(cases.people_for(session, viewer, case))
        self.person.offer(paths, paths.sorted(), _("Choose"))

    def validate_person(self, field: PathField) -> None:
        """Somebody has to be."""
        if field.chosen is None and not field.errors:
            raise StopValidation(_("Choose who it is about."))


@blueprint.get("/cases/<n>/concerns")
@needs(Permission.WORK_ON_CASES)
def concerns(n: str) -> str:
    """Whom the case is about, and the form for one more."""
    return beside.again(n, _page, 200)[0]


@blueprint.post("/cases/<n>/concerns")
@needs(Permission.WORK_ON_CASES)
def concern(n: str) -> Response | tuple[str, int]:
    """Say that it is about someone, for whom it does not exist from then on."""
    form, viewer, here = ConcernForm(request.form), signed_in_viewer(), house()
    with here.store.read() as session:
        case = workable(session, viewer, n)
        form.offer(session, viewer, case)
        if not form.validate() or form.person.chosen is None:
            return _page(session, viewer, case, form), 422
        name = people.person_names(session, {form.person.chosen})[form.person.chosen]
    said = _("Kept. For %(name)s this case does not exist any more.") % {"name": isolated(name)}
    return _kept(n, form.person.chosen, form.version.data or 0, said)


@blueprint.post("/cases/<n>/concerns/own")
@needs(Permission.WORK_ON_CASES)
def own_concern(n: str) -> Response | tuple[str, int]:
    """Say that it is about oneself, which takes it away from whoever says so."""
    form = VersionedForm(request.form)
    if not form.validate():
        return beside.again(n, _page, 422)
    return _kept(n, signed_in_viewer().person_id, form.version.data or 0, "")


@blueprint.post("/cases/<n>/concerns/<person>/removal")
@needs(Permission.WORK_ON_CASES)
def concern_removal(n: str, person: str) -> Response | tuple[str, int]:
    """Take back that it is about someone, where that was a mistake."""
    form, viewer, here = VersionedForm(request.form), signed_in_viewer(), house()
    if not form.validate():
        return beside.again(n, _page, 422)
    version, mails = form.version.data or 0, bool(here.settings.smtp_url)
    try:
        with here.store.write() as session:
            case, person_id = workable(session, viewer, n), whole(person)
            cases.clear(session, viewer, case, person_id, version=version, at=clock.now(), mails=mails)
    except (ChangedMeanwhile, NotAllowed):
        return beside.changed_meanwhile(n, _page)
    flash(_("Taken back."))
    return redirect(url_for("manager.concerns", n=n), 303)


def _kept(n: str, person_id: int, version: int, said: str) -> Response | tuple[str, int]:
    viewer, here = signed_in_viewer(), house()
    mails = bool(here.settings.smtp_url)
    try:
        with here.store.write() as session:
            case = workable(session, viewer, n)
            cases.concern(session, viewer, case, person_id, version=version, at=clock.now(), mails=mails)
            is_seen = cases.one(session, viewer, case.id) is not None
    except NobodyLeft:
        flash(_("Nobody but you could decide it then. Please ask somebody who manages it, or an administrator."))
        return beside.again(n, _page, 409)
    except (ChangedMeanwhile, NotAllowed, NotOffered):
        return beside.changed_meanwhile(n, _page)
    flash(_("Taken away from you. Others decide it now.") if person_id == viewer.person_id else said)
    return redirect(url_for("manager.case", n=n) if is_seen else url_for("manager.cases"), 303)


def _page(session: Session, viewer: Viewer, case: Case, sent: ConcernForm | None = None) -> str:
    form = sent or ConcernForm(formdata=None, data={"version": case.version})
    if sent is None:
        form.offer(session, viewer, case)
    return render_template(
        "manager/concerns.html",
        case=beside.about(session, case),
        form=form,
        own=VersionedForm(formdata=None, data={"version": case.version}),
        concerned=cases.concerned(session, viewer, case),
    )
