"""Inviting a person to a sign-in of their own: by a QR code and a link that are shown once, or by mail."""

from flask import abort, flash, redirect, render_template, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from feedback import clock
from feedback.core import invitations
from feedback.core.access import Permission
from feedback.outbound import qr
from feedback.outbound.isolation import isolated
from feedback.text import gettext as _
from feedback.web import house
from feedback.web.admin import blueprint
from feedback.web.admin.people import changeable
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer


@blueprint.post("/people/<n>/invitation")
@needs(Permission.MANAGE_PEOPLE)
def person_invitation(n: str) -> str:
    """Make an invitation and show it; going there again makes another, and this one no longer holds."""
    here, at = house(), clock.now()
    with here.store.write() as session:
        person = changeable(session, n)
        try:
            token = invitations.invite(session, signed_in_viewer(), person, at, here.settings.secret_key)
        except invitations.NotInvitable:
            abort(404)
    address = f"{here.settings.base_url}{url_for('employee.join', token=token)}"
    return render_template(
        "admin/invitation.html",
        name=person.name,
        address=address,
        code=Markup(qr.svg(address, level="M", title=person.name)),
        until=at + invitations.LIVES,
        back=url_for("admin.person", n=person.id),
    )


@blueprint.post("/people/<n>/invitation-mail")
@needs(Permission.MANAGE_PEOPLE)
def person_invitation_mail(n: str) -> Response:
    """Owe them a mail with an invitation, where the installation sends mail at all."""
    here = house()
    if not here.settings.smtp_url:
        abort(404)
    with here.store.write() as session:
        person = changeable(session, n)
        try:
            address = invitations.mail(session, signed_in_viewer(), person, clock.now(), here.settings.secret_key)
        except (invitations.NotInvitable, invitations.NoAddress):
            abort(404)
    flash(_("An invitation is on its way to %(address)s.") % {"address": isolated(address)})
    return redirect(url_for("admin.person", n=person.id), 303)
