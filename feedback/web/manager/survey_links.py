"""The survey of a QR link: which one it asks and when; and whether it is scanned by customers or by people inside."""

from flask import abort, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedback import clock
from feedback.core.access import Permission
from feedback.core.links import Link, changing
from feedback.core.surveys import When, asking, keeping
from feedback.text import gettext as _
from feedback.web import house
from feedback.web.forms.address import id_of, whole
from feedback.web.manager import blueprint
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer


@blueprint.post("/links/<n>/survey", endpoint="link_survey")
@needs(Permission.MANAGE_LINKS)
def survey(n: str) -> Response:
    """Let the link ask a survey from the next scan on, or none."""
    viewer, chosen = signed_in_viewer(), request.form.get("survey", "")
    moment = request.form.get("moment", "")
    with house().store.write() as session:
        link = _held(session, n)
        if not chosen:
            asking.ask_nothing(session, viewer, link, clock.now())
            flash(_("It asks no survey any more, from the next scan on."))
            return _back(n)
        wanted = keeping.one(session, viewer, id_of(chosen) or 0) or abort(404)
        edition = keeping.published(session, wanted.id)
        if edition is None or moment not in set(When):
            flash(_("Not done: choose a published survey, and when it is asked."))
            return _back(n)
        try:
            first = bool(request.form.get("first"))
            asking.ask(session, viewer, link, wanted, edition, When(moment), clock.now(), shows_first=first)
        except asking.NotOfThisAudience:
            flash(_("Not done: that survey is for others than those who scan this link."))
            return _back(n)
    flash(_("It asks the survey from the next scan on."))
    return _back(n)


@blueprint.post("/links/<n>/audience", endpoint="link_audience")
@needs(Permission.MANAGE_LINKS)
def audience(n: str) -> Response:
    """Say who scans the link: customers, or people inside the company."""
    is_internal = request.form.get("internal") == "yes"
    with house().store.write() as session:
        try:
            asking.set_internal(session, signed_in_viewer(), _held(session, n), is_internal, clock.now())
        except asking.NotOfThisAudience:
            flash(_("Not done: it asks a survey. Take that away first."))
            return _back(n)
    flash(
        _("Kept: people inside scan it, and it stays out of customers’ numbers.")
        if is_internal
        else _("Kept: customers scan it.")
    )
    return _back(n)


def _held(session: Session, n: str) -> Link:
    return changing.to_change(session, signed_in_viewer(), whole(n)) or abort(404)


def _back(n: str) -> Response:
    return redirect(url_for("manager.link", n=n), 303)
