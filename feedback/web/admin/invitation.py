"""Inviting a person: a QR code and a link that lead them to a sign-in of their own, shown once."""

from flask import abort, render_template, url_for
from markupsafe import Markup

from feedback import clock
from feedback.core import invitations
from feedback.core.access import Permission
from feedback.outbound import qr
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
            token = invitations.invite(session, signed_in_viewer(), person, at)
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
