"""A letter that waits for a manager: delivering it, or keeping it back with a reason; the lists are praise.py's."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import StopValidation

from feedback import clock
from feedback.core import praise, withholding
from feedback.core.access import Permission, Viewer
from feedback.core.praise import Letter
from feedback.core.routing import Reason
from feedback.core.withholding import Kept
from feedback.db import StoreError
from feedback.outbound import wording
from feedback.outbound.isolation import isolated
from feedback.text import gettext as _
from feedback.text import pgettext
from feedback.web import house
from feedback.web.employee import blueprint
from feedback.web.errors import not_kept
from feedback.web.forms.address import whole
from feedback.web.forms.labels import later
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer


class WithholdingForm(FlaskForm):
    """Why a letter is delivered to nobody."""

    reason = TextAreaField(later("Why you keep it back"))

    def validate_reason(self, field: Any) -> None:
        """Something to read, text throughout, of bounded length."""
        field.data = (field.data or "").strip()
        if not field.data:
            raise StopValidation(_("Please write down why; a few words are enough."))
        if len(field.data) > withholding.LONGEST:
            raise StopValidation(_("This is too long; please shorten it."))
        if "\0" in field.data:
            raise StopValidation(_("This holds characters that are not text."))


@blueprint.get("/praise/<n>/withholding", endpoint="withholding")
@needs(Permission.MANAGE_PRAISE)
def ask(n: str) -> str:
    """The letter, why it waits, and a field for the reason to keep it back."""
    return _page(n, WithholdingForm())


@blueprint.post("/praise/<n>/withholding", endpoint="withhold")
@needs(Permission.MANAGE_PRAISE)
def keep_back(n: str) -> Response | tuple[str, int]:
    """Deliver it to nobody, for now."""
    form, viewer, at = WithholdingForm(request.form), signed_in_viewer(), clock.now()
    if not form.validate():
        return _page(n, form), 422
    try:
        with house().store.write() as session:
            withholding.keep_back(session, viewer, whole(n), form.reason.data or "", at) or abort(404)
    except praise.AlreadyDelivered as delivered:
        flash(_("This letter was delivered before."))
        return redirect(url_for("employee.praise", department=delivered.department_id), 303)
    except withholding.AlreadyKeptBack:
        flash(_("This letter was kept back before."))
    except StoreError as error:
        return not_kept(error, lambda: _page(n, form))
    else:
        flash(_("Kept back. It stands here, and can still be delivered."))
    return redirect(url_for("employee.praise", whose="kept-back"), 303)


def _page(n: str, form: WithholdingForm) -> str:
    with house().store.read() as session:
        letter = withholding.waiting(session, signed_in_viewer(), whole(n)) or abort(404)
        why = withholding.why_held(session, [letter.submission.id]).get(letter.submission.id)
    return render_template(
        "employee/withholding.html",
        form=form,
        id=letter.praise.id,
        heading=letter.person or letter.department,
        message=letter.submission.message,
        person_note=letter.submission.person_note,
        why=wording.reason(*why) if why else "",
        back_url=url_for("employee.praise", department=letter.praise.department_id),
    )


@blueprint.post("/praise/<n>/delivery")
@needs(Permission.MANAGE_PRAISE)
def deliver(n: str) -> Response:
    """Pass a held compliment on to whom it is for, word for word."""
    here = house()
    mails = bool(here.settings.smtp_url)
    with here.store.write() as session:
        try:
            found = praise.deliver(session, signed_in_viewer(), whole(n), clock.now(), mails=mails)
        except praise.AlreadyDelivered as error:
            flash(_("This letter was delivered before."))
            return redirect(url_for("employee.praise", department=error.department_id), 303)
        if found is None:
            abort(404)
        session.flush()
        reached = praise.reached(session, [found.submission_id]).get(found.submission_id, [])
        is_sought = found.is_held
    back = {"whose": "waiting"} if request.form.get("list") == "waiting" else {"department": found.department_id}
    if is_sought:
        flash(_("Let through. Now it needs the person it is for."))
        return redirect(url_for("employee.praise", **back), 303)
    between = pgettext("between names in a list", ", ")
    names = between.join(isolated(name) for _id, name in reached)
    flash(_("Delivered. It reached %(names)s.") % {"names": names})
    return redirect(url_for("employee.praise", **back), 303)


def part(session: Session, viewer: Viewer, letters: Sequence[Letter]) -> dict[int, dict[str, object]]:
    """What a manager is told of those letters that wait or were kept back, and what they can do about it."""
    held = [letter for letter in letters if letter.praise.is_held]
    if not held:
        return {}
    why = withholding.why_held(session, [letter.submission.id for letter in held])
    kept = withholding.kept(session, [letter.praise.id for letter in held])
    return {letter.praise.id: _held(letter, why.get(letter.submission.id), kept) for letter in held}


def _held(letter: Letter, why: Reason | None, kept: Mapping[int, Kept]) -> dict[str, object]:
    return {
        "why": wording.reason(*why) if why else "",
        "describes": praise.is_described(letter.praise, letter.submission),
        "kept": kept.get(letter.praise.id),
        "release_action": url_for("employee.deliver", n=letter.praise.id),
        "withhold_url": url_for("employee.withholding", n=letter.praise.id),
    }
