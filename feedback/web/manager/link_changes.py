"""What may become of a link: each change is a noun of its own, posted to, then back to the page of the link."""

from collections.abc import Callable

from flask import abort, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedback import clock
from feedback.core import links
from feedback.core.access import Permission, Viewer
from feedback.core.links import Link, changing, targets
from feedback.core.people import Topic
from feedback.core.surveys import asking
from feedback.text import gettext as _
from feedback.web import house
from feedback.web.forms.address import whole
from feedback.web.manager import blueprint, link_sheet
from feedback.web.manager.link_forms import RETIRE, ReissueForm, RetirementForm, TargetForm
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer

Answer = Response | tuple[str, int]


class _OutOfReach(Exception):
    """What was chosen is not there, or not the viewer's to point at."""


@blueprint.post("/links/<n>/target")
@needs(Permission.MANAGE_LINKS)
def target(n: str) -> Answer:
    """Point the code elsewhere, within one's reach."""
    viewer, form = signed_in_viewer(), TargetForm(request.form)
    if not form.validate():
        return _again(viewer, n, target=form)

    def point(session: Session, link: Link) -> str:
        chosen = targets.one(session, viewer, *form.chosen)
        if chosen is None:
            raise _OutOfReach
        changing.repoint(session, viewer, link, chosen, seen=form.seen.data or "", at=clock.now())
        return _("From the next scan on, the code leads there.")

    try:
        return _change(viewer, n, point)
    except _OutOfReach:
        form.target.errors = [_("That is not there any more, or not yours to point at.")]
        return _again(viewer, n, target=form)


@blueprint.post("/links/<n>/settings", endpoint="link_settings")
@needs(Permission.MANAGE_LINKS)
def settings(n: str) -> Answer:
    """Choose topic and language of its form beforehand."""
    viewer = signed_in_viewer()
    with house().store.read() as session:
        form = link_sheet.settings_form(session, _visible(session, viewer, n), sent=True)
    if not form.validate():
        return _again(viewer, n, settings=form)

    def set_up(session: Session, link: Link) -> str:
        topic = session.get(Topic, form.topic_id) if form.topic_id else None
        language, seen = form.language.data or None, form.seen.data or ""
        changing.set_up(session, viewer, link, topic=topic, language=language, seen=seen, at=clock.now())
        return _("Kept. The next scan shows it.")

    return _change(viewer, n, set_up)


@blueprint.post("/links/<n>/retirement")
@needs(Permission.MANAGE_LINKS)
def retirement(n: str) -> Answer:
    """Retire the code, or bring it back."""
    viewer, form = signed_in_viewer(), RetirementForm(request.form)
    if not form.validate():
        return _again(viewer, n)
    retires = form.retired.data == "yes"

    def retire(session: Session, link: Link) -> str:
        act = changing.retire if retires else changing.bring_back
        act(session, viewer, link, seen=form.seen.data or "", at=clock.now())
        return _("Retired. Whoever scans the code is helped on.") if retires else _("The code works again.")

    return _change(viewer, n, retire)


@blueprint.post("/links/<n>/reissue")
@needs(Permission.MANAGE_LINKS)
def reissue(n: str) -> Answer:
    """A new code for the same; what becomes of the old one is asked."""
    viewer, form = signed_in_viewer(), ReissueForm(request.form)
    if not form.validate():
        return _again(viewer, n, reissue=form)
    made: list[int] = []

    def issue(session: Session, link: Link) -> str:
        retires = form.old.data == RETIRE
        fresh = changing.reissue(session, viewer, link, retires=retires, seen=form.seen.data or "", at=clock.now())
        asking.carry_over(session, link, fresh)
        made.append(fresh.id)
        return _("This is the new code.")

    return _change(viewer, n, issue, lambda: made[-1])


def _change(
    viewer: Viewer, n: str, change: Callable[[Session, Link], str], to: Callable[[], int] | None = None
) -> Answer:
    """Do it and go on to the page of the link (or of that with the id `to`); of two at once the second is told."""
    try:
        with house().store.write() as session:
            link = changing.to_change(session, viewer, whole(n)) or abort(404)
            said = change(session, link)
    except changing.ChangedMeanwhile:
        flash(_("Someone changed this link meanwhile. What they did is below; yours was not kept."))
        return _shown(viewer, n, 409)
    except changing.NoChange:
        said = _("That is how it was already.")
    flash(said)
    return redirect(url_for("manager.link", n=to() if to else n), 303)


def _again(viewer: Viewer, n: str, **forms: object) -> tuple[str, int]:
    return _shown(viewer, n, 422, **forms)


def _shown(viewer: Viewer, n: str, status: int, **forms: object) -> tuple[str, int]:
    with house().store.read() as session:
        return link_sheet.page(session, viewer, _visible(session, viewer, n), **forms), status  # type: ignore[arg-type]


def _visible(session: Session, viewer: Viewer, n: str) -> Link:
    return links.one(session, viewer, whole(n)) or abort(404)
