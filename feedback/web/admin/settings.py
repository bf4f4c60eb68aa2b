"""The settings page: everything about the organisation that can be changed later, each change in the log."""

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedback import clock
from feedback.core import calendar
from feedback.core import settings as settled
from feedback.core.access import Permission
from feedback.core.organisation import Organisation, the_organisation
from feedback.outbound.isolation import filled
from feedback.text import gettext as _
from feedback.text import ngettext, number
from feedback.web import accent, house
from feedback.web.admin import blueprint
from feedback.web.forms.days import day_in
from feedback.web.forms.organisation import HolidayForm, LogoForm, SettingsForm, sent
from feedback.web.security import needs, takes_pictures
from feedback.web.session import signed_in_viewer


@blueprint.get("/settings", endpoint="settings")
@needs(Permission.ADMINISTER)
def settings_page() -> str:
    """The organisation as it is."""
    with house().store.read() as session:
        return _page(session)


@blueprint.post("/settings/details", endpoint="settings_details")
@needs(Permission.ADMINISTER)
def change() -> Response | tuple[str, int]:
    """Change what the form says differently."""
    form = SettingsForm(sent())
    if not form.validate():
        return _again(details=form)
    with house().store.write() as session:
        changed = settled.change(session, _known(session), form.said, clock.now(), signed_in_viewer().person_id)
    flash(
        ngettext("%(num)s setting changed.", "%(num)s settings changed.", changed) % {"num": number(changed)}
        if changed
        else _("Nothing was different, so nothing changed.")
    )
    return _back()


@blueprint.post("/settings/logo", endpoint="settings_logo")
@needs(Permission.ADMINISTER)
@takes_pictures
def show_logo() -> Response | tuple[str, int]:
    """Show another logo."""
    form = LogoForm(sent())
    if form.validate() and form.logo.picture is None:
        form.logo.errors = [_("Please choose a picture first.")]
    if form.logo.picture is None:
        return _again(logo=form)
    here, at = house(), clock.now()
    with here.store.write() as session:
        by_id = signed_in_viewer().person_id
        settled.show_logo(session, _known(session), here.settings.data_dir, form.logo.picture, at, by_id)
    flash(_("The new logo is shown from now on."))
    return _back()


@blueprint.post("/settings/logo-removal", endpoint="settings_logo_removal")
@needs(Permission.ADMINISTER)
def remove_logo() -> Response:
    """Show no logo."""
    with house().store.write() as session:
        if settled.remove_logo(session, _known(session), clock.now(), signed_in_viewer().person_id):
            flash(_("The logo is no longer shown."))
    return _back()


@blueprint.post("/settings/holidays", endpoint="settings_holidays")
@needs(Permission.ADMINISTER)
def add_holiday() -> Response | tuple[str, int]:
    """Add one holiday, or call one differently."""
    form = HolidayForm(sent())
    is_whole, day = form.validate(), day_in(form.day.data or "")
    if day is None:
        form.day.errors = [_("Please choose a day. It is written like 2026-12-25.")]
    if day is None or not is_whole:
        return _again(holiday=form)
    called = form.called.data or ""
    with house().store.write() as session:
        settled.add_holiday(session, day, called, clock.now(), signed_in_viewer().person_id)
    flash(filled(_("%(name)s is a holiday now."), {"name": called}))
    return _back("holidays")


@blueprint.post("/settings/holiday-removal", endpoint="settings_holiday_removal")
@needs(Permission.ADMINISTER)
def remove_holiday() -> Response:
    """Make one holiday a day like any other."""
    day = day_in(request.form.get("day", ""))
    with house().store.write() as session:
        if day is None or not settled.remove_holiday(session, day, clock.now(), signed_in_viewer().person_id):
            abort(404)
    flash(_("This day is a day like any other again."))
    return _back("holidays")


def _again(
    *, details: SettingsForm | None = None, logo: LogoForm | None = None, holiday: HolidayForm | None = None
) -> tuple[str, int]:
    with house().store.read() as session:
        return _page(session, details=details, logo=logo, holiday=holiday), 422


def _page(
    session: Session,
    *,
    details: SettingsForm | None = None,
    logo: LogoForm | None = None,
    holiday: HolidayForm | None = None,
) -> str:
    known = _known(session)
    form = details or SettingsForm.of(known)
    return render_template(
        "admin/settings.html",
        form=form,
        logo_form=logo or LogoForm(formdata=None),
        holiday_form=holiday or HolidayForm(formdata=None),
        holidays=calendar.holidays(session, since=clock.day(clock.now(), known.timezone)),
        zones=settled.zones(),
        pairs=accent.pairs(form.accent.data or known.accent),
    )


def _known(session: Session) -> Organisation:
    return the_organisation(session) or abort(404)


def _back(anchor: str | None = None) -> Response:
    return redirect(url_for("admin.settings", _anchor=anchor), 303)
