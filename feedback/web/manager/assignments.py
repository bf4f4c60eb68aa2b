"""Handing several cases over at once: each as it was on the screen; those that cannot be are named with the reason."""

from collections.abc import Mapping

from flask import flash, redirect, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedback import clock
from feedback.core import cases, people
from feedback.core.access import Permission, Viewer
from feedback.core.cases import Refusal
from feedback.outbound.isolation import filled
from feedback.text import gettext as _
from feedback.text import ngettext, number
from feedback.web import house
from feedback.web.forms.address import id_of
from feedback.web.manager import blueprint, inbox, tray
from feedback.web.manager.case_forms import as_shown
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer

FIRST_WORDS = 80


@blueprint.post("/cases/assignments")
@needs(Permission.WORK_ON_CASES)
def assignments() -> Response | tuple[str, int]:
    """Give all that are ticked to one handler; what was refused is shown again, still ticked."""
    viewer, here, at = signed_in_viewer(), house(), clock.now()
    wanted, handler_id = _wanted(request.form.getlist("case")), _chosen(viewer)
    if problem := _problem(wanted, handler_id):
        with here.store.read() as session:
            return tray.page(session, viewer, ticked=wanted.keys(), problem=problem), 422
    mails = bool(here.settings.smtp_url)
    with here.store.write() as session:
        became = cases.assign_each(session, viewer, wanted, handler_id, at=at, mails=mails)
        is_done = None in became.values()  # else nothing says that the viewer knows of whoever has that id
        name = people.person_names(session, {handler_id}).get(handler_id or 0, "") if is_done else ""
    refused = {id: refusal for id, refusal in became.items() if refusal}
    if is_done:
        flash(_handed_over(len(became) - len(refused), name, is_own=handler_id == viewer.person_id))
    if not refused:
        return redirect(inbox.ADDRESS.with_(), 303)
    with here.store.read() as session:
        named = _named(session, viewer, refused, name)
        return tray.page(session, viewer, ticked=refused.keys(), refused=named), 409


def _wanted(sent: list[str]) -> dict[int, int]:
    """The version of each case that was ticked, as far as it names one; no more than a page has."""
    return dict(shown for text in sent[: tray.SIZE] if (shown := as_shown(text)))


def _chosen(viewer: Viewer) -> int | None:
    """Who is to handle them; None for nobody, and where nobody was chosen."""
    return viewer.person_id if request.form.get("mine") else id_of(request.form.get("handler", ""))


def _problem(wanted: Mapping[int, int], handler_id: int | None) -> str:
    """What has to be said before anything can be handed over, "" where nothing has."""
    if not wanted:
        return _("Tick the cases to hand over first.")
    if handler_id is None and request.form.get("handler") != inbox.NOBODY:
        return _("Choose who is to handle them.")
    return ""


def _named(session: Session, viewer: Viewer, refused: Mapping[int, Refusal], name: str) -> list[dict[str, str]]:
    """Each case that was refused by its first words, and why; of what the viewer does not see only that it is gone."""
    seen = cases.words_of(session, viewer, refused)
    return [
        {
            "first": " ".join(seen[id].split())[:FIRST_WORDS] if id in seen else "",
            "url": inbox.case_url(id, inbox.ADDRESS.kept()) if id in seen else "",
            "why": _why(refusal if id in seen else Refusal.GONE, name),
        }
        for id, refusal in refused.items()
    ]


def _why(refusal: Refusal, name: str) -> str:
    if refusal == Refusal.CHANGED:
        return _("Someone changed it meanwhile; it is shown here as it is now.")
    if refusal == Refusal.READS_ALONG:
        return _("You only read along.")
    if refusal == Refusal.CANNOT:
        return filled(_("%(handler)s cannot take it."), {"handler": name}) if name else _("They cannot take it.")
    return _("It is not in your list any more.")


def _handed_over(n: int, name: str, *, is_own: bool) -> str:
    """How many are in whose hands now."""
    num = {"num": number(n)}
    if not name:
        return ngettext("Nobody handles %(num)s case now.", "Nobody handles these %(num)s cases now.", n) % num
    if is_own:
        return ngettext("%(num)s case is yours now.", "%(num)s cases are yours now.", n) % num
    text = ngettext(
        "%(num)s case handed over to %(handler)s.",
        "%(num)s cases handed over to %(handler)s.",
        n,
    )
    return filled(text, {"handler": name} | num)
