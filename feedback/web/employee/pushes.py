"""Being told on a device that a letter arrived, where the browser offers it; and the devices that are told."""

import base64
import binascii
from typing import Any

from flask import abort, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedback import clock
from feedback.core import pushes
from feedback.core.access import Permission, Viewer
from feedback.core.pushes import NoDevice
from feedback.outbound import push
from feedback.text import gettext as _
from feedback.web import house
from feedback.web.employee import blueprint
from feedback.web.forms.address import whole
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer

PART = "pushes"  # of the page of one's account


@blueprint.post("/account/push")
@needs(Permission.KEEP_ACCOUNT)
def subscribe() -> Response:
    """Tell the viewer on the browser that sends this; what its script sends is checked like any form."""
    sent, here = request.form, house()
    try:
        with here.store.write() as session:
            pushes.subscribe(
                session,
                signed_in_viewer(),
                sent.get("address", ""),
                _bytes(sent.get("public_key", "")),
                _bytes(sent.get("secret", "")),
                clock.now(),
                here.settings.push_hosts,
            )
    except NoDevice:
        flash(_("This browser cannot be told: its maker’s service is not among those we trust."))
    else:
        flash(_("This device is told when a letter arrives."))
    return _back()


@blueprint.post("/account/push/<n>/removal")
@needs(Permission.KEEP_ACCOUNT)
def unsubscribe(n: str) -> Response:
    """Tell nothing on that device any more."""
    with house().store.write() as session:
        pushes.unsubscribe(session, signed_in_viewer(), whole(n)) or abort(404)
    flash(_("That device is told nothing any more."))
    return _back()


def part(session: Session, viewer: Viewer) -> dict[str, Any]:
    """What the page of one's account shows of it; without a trusted service nothing is offered."""
    settings = house().settings
    return {
        "key": push.public_key(settings.secret_key) if settings.push_hosts else "",
        "devices": [
            {
                "made_at": device.made_at,
                "told_at": device.told_at,
                "removal": url_for("employee.unsubscribe", n=device.id),
            }
            for device in pushes.of(session, viewer.person_id)
        ],
    }


def _bytes(text: str) -> bytes:
    """What base64 for addresses says, without its padding; b"" where it says nothing."""
    try:
        return base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        return b""


def _back() -> Response:
    return redirect(url_for("employee.account", _anchor=PART), 303)
