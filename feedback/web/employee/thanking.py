"""Thanking whoever praised one: by one tap under the letter, or by a line on a page of its own."""

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import StopValidation

from feedback import clock
from feedback.core import thanks
from feedback.core.access import Permission, Viewer
from feedback.core.praise import Letter, is_receiver
from feedback.db import StoreError
from feedback.text import gettext as _
from feedback.web import house
from feedback.web.employee import blueprint
from feedback.web.employee.whose import kept
from feedback.web.errors import not_kept
from feedback.web.forms.address import whole
from feedback.web.forms.labels import later
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer


class ThanksForm(FlaskForm):
    """One line to whoever wrote the letter."""

    words = StringField(later("Your line"))

    def validate_words(self, field: Any) -> None:
        """Text throughout, of bounded length; none at all is one tap."""
        field.data = " ".join((field.data or "").split())
        if len(field.data) > thanks.LONGEST:
            raise StopValidation(_("This is too long; please shorten it."))
        if "\0" in field.data:
            raise StopValidation(_("This holds characters that are not text."))


@blueprint.get("/praise/<n>/thanks", endpoint="thanks")
@needs(Permission.READ_PRAISE)
def ask(n: str) -> str:
    """The letter, and a field for the line."""
    return _page(n, ThanksForm())


@blueprint.post("/praise/<n>/thanks", endpoint="thank")
@needs(Permission.READ_PRAISE)
def thank(n: str) -> Response | tuple[str, int]:
    """Thank whoever wrote it; a second time changes nothing."""
    form, here, at = ThanksForm(request.form), house(), clock.now()
    if not form.validate():
        return _page(n, form), 422
    try:
        with here.store.write() as session:
            words, mails = form.words.data or "", bool(here.settings.smtp_url)
            thanks.give(session, signed_in_viewer(), whole(n), words, at, mails=mails) or abort(404)
    except StoreError as error:
        return not_kept(error, lambda: _page(n, form))
    flash(_("Said. Whoever wrote this reads it when they come back with their receipt."))
    return redirect(url_for("employee.praise", **kept(), _anchor=f"letter-{whole(n)}"), 303)


def part(session: Session, viewer: Viewer, letters: Sequence[Letter]) -> dict[int, dict[str, object]]:
    """Of letters that are the viewer's own, with what they thanked for them, else how they can."""
    own = [letter for letter in letters if is_receiver(viewer, letter) and thanks.is_offered(letter)]
    given = thanks.among(session, viewer, [letter.submission.id for letter in own]) if own else {}
    shown: dict[int, dict[str, object]] = {}
    for letter in own:
        event, n = given.get(letter.submission.id), letter.praise.id
        shown[n] = {"thanks": {"at": event.at, "words": event.text} if event else _ways(n)}
    return shown


def _ways(n: int) -> dict[str, object]:
    return {"action": url_for("employee.thank", n=n, **kept()), "line_url": url_for("employee.thanks", n=n, **kept())}


def _page(n: str, form: ThanksForm) -> str:
    with house().store.read() as session:
        letter = thanks.open_letter(session, signed_in_viewer(), whole(n)) or abort(404)
    return render_template(
        "employee/thanks.html",
        form=form,
        id=letter.praise.id,
        heading=_("You") if letter.praise.person_id else letter.department,
        message=letter.words,
        most=thanks.LONGEST,
        action=url_for("employee.thank", n=letter.praise.id, **kept()),
        back_url=url_for("employee.praise", **kept(), _anchor=f"letter-{letter.praise.id}"),
    )
