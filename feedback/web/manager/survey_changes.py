"""What may become of a survey: each change is a noun of its own, posted to, then back to the sheet of the survey."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, jsonify, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedback import clock
from feedback.core import links
from feedback.core.access import Permission
from feedback.core.surveys import Survey, asking, keeping
from feedback.core.surveys.design import POLLED, TYPES, Design, read
from feedback.core.surveys.model import Asking
from feedback.outbound import questions as words
from feedback.text import gettext as _
from feedback.text import ngettext, number
from feedback.web import house
from feedback.web.forms.address import id_of, whole
from feedback.web.manager import blueprint, survey_forms, survey_sheet
from feedback.web.manager.survey_forms import Wrong
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer

Answer = Response | tuple[str, int]
Change = Callable[[Session, Survey, Design], Design]


@blueprint.post("/surveys/<n>/questions", endpoint="survey_questions")
@needs(Permission.MANAGE_SURVEYS)
def add(n: str) -> Answer:
    """One more question, at the end."""
    type, made = request.form.get("type", ""), [""]

    def change(session: Session, survey: Survey, design: Design) -> Design:
        if type not in (POLLED if survey.is_poll else TYPES):
            raise Wrong({"type": _("Choose from the list.")})
        changed, made[0] = survey_forms.added(design, type, survey_sheet.tags_of(design))
        return changed

    return _changed(n, "add", change, lambda: made[0])


@blueprint.post("/surveys/<n>/questions/<code>", endpoint="survey_question")
@needs(Permission.MANAGE_SURVEYS)
def question(n: str, code: str) -> Answer:
    """Let a question ask something else."""

    def change(session: Session, survey: Survey, design: Design) -> Design:
        before = design.question(code) or abort(404)
        return survey_forms.question(request.form, design, before, survey_sheet.tags_of(design))

    return _changed(n, code, change, lambda: code)


@blueprint.post("/surveys/<n>/questions/<code>/place", endpoint="survey_place")
@needs(Permission.MANAGE_SURVEYS)
def place(n: str, code: str) -> Answer:
    """Ask a question earlier or later."""
    to = id_of(request.form.get("to", ""))

    def change(session: Session, survey: Survey, design: Design) -> Design:
        if design.question(code) is None or to is None:
            abort(404)
        return keeping.moved(design, code, to)

    return _changed(n, "", change)


@blueprint.post("/surveys/<n>/questions/<code>/removal", endpoint="survey_removal")
@needs(Permission.MANAGE_SURVEYS)
def remove(n: str, code: str) -> Answer:
    """Ask a question no more; what was answered to it stays in the results."""

    def change(session: Session, survey: Survey, design: Design) -> Design:
        if design.question(code) is None:
            abort(404)
        return keeping.without(design, code)

    return _changed(n, "", change)


@blueprint.post("/surveys/<n>/settings", endpoint="survey_settings")
@needs(Permission.MANAGE_SURVEYS)
def settings(n: str) -> Answer:
    """Title, closing, one page or one question at a time, until when and for how many."""

    def change(session: Session, survey: Survey, design: Design) -> Design:
        return survey_forms.settings(request.form, design, survey_sheet.tags_of(design), is_poll=survey.is_poll)

    return _changed(n, "settings", change, lambda: "settings")


@blueprint.post("/surveys/<n>/publication", endpoint="survey_publication")
@needs(Permission.MANAGE_SURVEYS)
def publish(n: str) -> Answer:
    """Publish the draft: from then on it never changes."""
    viewer = signed_in_viewer()
    try:
        with house().store.write() as session:
            survey = _held(session, n)
            edition = keeping.publish(session, viewer, survey, clock.now(), seen=_seen())
            told = _("Published as edition %(n)s.") % {"n": number(edition.number)}
    except keeping.ChangedMeanwhile:
        return _meanwhile(n)
    except keeping.NotPublishable as error:
        flash(_("Not published yet: %(why)s") % {"why": words.fault(error.faults[0].name)})
        return _shown(n, 422, open_code=error.faults[0].code)
    flash(told)
    return redirect(url_for("manager.survey", n=n), 303)


@blueprint.post("/surveys/<n>/draft/removal", endpoint="survey_draft_removal")
@needs(Permission.MANAGE_SURVEYS)
def throw_away(n: str) -> Answer:
    """Throw the draft away; the published edition stands."""
    try:
        with house().store.write() as session:
            is_done = keeping.throw_away(session, _held(session, n), seen=_seen())
    except keeping.ChangedMeanwhile:
        return _meanwhile(n)
    flash(_("The draft is thrown away.") if is_done else _("There is no draft beside the first edition."))
    return redirect(url_for("manager.survey", n=n), 303)


@blueprint.post("/surveys/<n>/closure", endpoint="survey_closure")
@needs(Permission.MANAGE_SURVEYS)
def close(n: str) -> Answer:
    """Close it, or open it again."""
    is_open = request.form.get("open") == "yes"
    try:
        with house().store.write() as session:
            keeping.set_open(session, signed_in_viewer(), _held(session, n), is_open, clock.now())
    except keeping.StaysClosed:
        flash(_("It stays closed: its last day is over, or it has as many answers as were wanted. Change that first."))
        return redirect(url_for("manager.survey", n=n, open="settings", _anchor="part-settings"), 303)
    flash(_("It asks again.") if is_open else _("It is closed. Whoever has begun may still finish."))
    return redirect(url_for("manager.survey", n=n), 303)


@blueprint.post("/surveys/<n>/links", endpoint="survey_links")
@needs(Permission.MANAGE_SURVEYS)
def switch(n: str) -> Answer:
    """Let the links that are ticked ask the newest edition from the next scan on."""
    viewer, ids = signed_in_viewer(), [id for id in map(id_of, request.form.getlist("link")) if id]
    with house().store.write() as session:
        survey = keeping.one(session, viewer, whole(n)) or abort(404)
        edition = keeping.published(session, survey.id) or abort(404)
        mine = session.scalars(links.visible_to(viewer).where(links.Link.id.in_(ids))).all()
        switched = 0
        for link in mine:
            found = session.get(Asking, link.id)
            if found and found.survey_id == survey.id and found.edition_id != edition.id:
                asking.switch(session, viewer, link, found, survey, edition, clock.now())
                switched += 1
    told = ngettext("%(num)s link asks it now.", "%(num)s links ask it now.", switched) % {"num": number(switched)}
    flash(told if switched else _("That is how it was already."))
    return redirect(url_for("manager.survey", n=n), 303)


def _changed(n: str, part: str, change: Change, to: Callable[[], str] = lambda: "") -> Answer:
    """Do it to the draft and go back to the part `to`; what cannot be kept stands in the form again."""
    try:
        with house().store.write() as session:
            survey = _held(session, n)
            design = read(keeping.newest(session, survey.id).document)
            edition = keeping.change(session, survey, change(session, survey, design), clock.now(), seen=_seen())
            seen = edition.revision
    except keeping.ChangedMeanwhile:
        return _meanwhile(n, part)
    except Wrong as error:
        return _shown(n, 422, open_code=part, form=request.form, problems=error.problems)
    if request.accept_mimetypes.best == "application/json":  # a script that keeps what is typed as it is typed
        return jsonify(seen=seen)
    part = to()
    return redirect(url_for("manager.survey", n=n, open=part or None, _anchor=f"part-{part}" if part else None), 303)


def _held(session: Session, n: str) -> Survey:
    return keeping.to_change(session, signed_in_viewer(), whole(n)) or abort(404)


def _seen() -> int:
    return id_of(request.form.get("seen", "")) or 0


def _meanwhile(n: str, part: str = "") -> Answer:
    flash(_("Someone changed this survey meanwhile. What they did is below; yours was not kept."))
    return _shown(n, 409, open_code=part, form=request.form if part else None)


def _shown(n: str, status: int, **more: Any) -> Answer:
    with house().store.read() as session:
        survey = keeping.one(session, signed_in_viewer(), whole(n)) or abort(404)
        return survey_sheet.page(session, signed_in_viewer(), survey, **more), status
