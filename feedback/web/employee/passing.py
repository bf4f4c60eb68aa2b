"""Passing praise on: a manager's line and mark under a letter, bringing it to who directs, and the director's note."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import StopValidation

from feedback import clock
from feedback.core import recognition
from feedback.core.access import Permission, Viewer
from feedback.core.praise import Letter
from feedback.core.recognition import Passed
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

GIVER = "customer"  # in addresses, the reader of a note who is not at work here
READER = "<any(employee, customer):reader>"


class WordsForm(FlaskForm):
    """One line, of a manager or a director."""

    words = TextAreaField(later("Your line"))

    def validate_words(self, field: Any) -> None:
        """Text throughout, of bounded length; it may be none at all."""
        field.data = " ".join((field.data or "").split())
        if len(field.data) > recognition.LONGEST:
            raise StopValidation(_("This is too long; please shorten it."))
        if "\0" in field.data:
            raise StopValidation(_("This holds characters that are not text."))


@blueprint.get("/praise/<n>/line", endpoint="line")
@needs(Permission.MANAGE_PRAISE)
def ask_line(n: str) -> str:
    """The letter, and a field for the manager's line with what it says now."""
    return _line_page(n)


@blueprint.post("/praise/<n>/line", endpoint="say_line")
@needs(Permission.MANAGE_PRAISE)
def say_line(n: str) -> Response | tuple[str, int]:
    """Put the line under the letter in place of one's last; without words, take it away."""
    form = WordsForm(request.form)
    if not form.validate():
        return _line_page(n, form), 422
    words = form.words.data or ""
    try:
        with house().store.write() as session:
            recognition.say(session, signed_in_viewer(), whole(n), words, clock.now()) or abort(404)
    except StoreError as error:
        return not_kept(error, lambda: _line_page(n, form))
    flash(_("Your line stands under the letter.") if words else _("There is no line of yours under the letter."))
    return _back(n)


@blueprint.post("/praise/<n>/beyond")
@needs(Permission.MANAGE_PRAISE)
def beyond(n: str) -> Response:
    """Mark the letter as beyond the call of duty."""
    return _done(n, lambda session, viewer: recognition.mark(session, viewer, whole(n), clock.now()))


@blueprint.post("/praise/<n>/beyond/removal")
@needs(Permission.MANAGE_PRAISE)
def not_beyond(n: str) -> Response:
    """Take that mark off."""
    return _done(n, lambda session, viewer: recognition.unmark(session, viewer, whole(n)))


@blueprint.post("/praise/<n>/bringing")
@needs(Permission.MANAGE_PRAISE)
def bring(n: str) -> Response:
    """Bring the letter to who directs; a second time changes nothing."""
    mails = bool(house().settings.smtp_url)
    try:
        answer = _done(
            n, lambda session, viewer: recognition.bring(session, viewer, whole(n), clock.now(), mails=mails)
        )
    except recognition.NobodyAbove:
        flash(_("No director signs in here, so there is nobody to bring it to."))
        return _back(n)
    flash(_("Brought to the directors. They can thank whom it is for, and the customer."))
    return answer


@blueprint.get(f"/praise/<n>/notes/{READER}", endpoint="note")
@needs(Permission.MANAGE_PRAISE)
def ask_note(n: str, reader: str) -> str:
    """The letter, and a field for the director's own words."""
    return _note_page(n, reader, WordsForm())


@blueprint.post(f"/praise/<n>/notes/{READER}", endpoint="write_note")
@needs(Permission.MANAGE_PRAISE)
def write_note(n: str, reader: str) -> Response | tuple[str, int]:
    """Thank whom the letter is for, or the customer; a second time changes nothing."""
    form, here, at = WordsForm(request.form), house(), clock.now()
    if not form.validate():
        return _note_page(n, reader, form), 422
    words, mails, to_giver = form.words.data or "", bool(here.settings.smtp_url), reader == GIVER
    try:
        with here.store.write() as session:
            viewer = signed_in_viewer()
            recognition.note(session, viewer, whole(n), words, at, to_giver=to_giver, mails=mails) or abort(404)
    except StoreError as error:
        return not_kept(error, lambda: _note_page(n, reader, form))
    if to_giver:
        flash(_("Said. Whoever wrote this reads it when they come back with their receipt."))
    else:
        flash(_("Said. It stands under the letter, and whom it is for is told."))
    return _back(n)


def part(session: Session, viewer: Viewer, letters: Sequence[Letter]) -> dict[int, dict[str, object]]:
    """What was passed on of those letters, and what the viewer can do to pass them on."""
    found = recognition.among(session, letters)
    return {letter.praise.id: _passed(viewer, letter, found.get(letter.praise.id, Passed())) for letter in letters}


def _passed(viewer: Viewer, letter: Letter, passed: Passed) -> dict[str, object]:
    shown: dict[str, object] = {"passed": passed}
    if recognition.may_pass_on(viewer, letter):
        shown["passing"] = _ways(viewer, letter, passed)
        if viewer.person_id in passed.brought_to:
            shown["noting"] = _notes(viewer, letter, passed)
    return shown


def _ways(viewer: Viewer, letter: Letter, passed: Passed) -> dict[str, object]:
    n, way = letter.praise.id, "employee.not_beyond" if passed.mark else "employee.beyond"
    return {
        "line_url": url_for("employee.line", n=n, **kept()),
        "has_line": any(line.by_id == viewer.person_id for line in passed.lines),
        "mark_action": url_for(way, n=n, **kept()),
        # Who directs everything has nobody to bring it to; who manages less may find out that nobody is there.
        "bring_action": url_for("employee.bring", n=n, **kept())
        if not passed.brought_to and not viewer.directs
        else "",
    }


def _notes(viewer: Viewer, letter: Letter, passed: Passed) -> dict[str, object]:
    """The ways to those notes that the viewer has not written."""
    open_to = {
        "employee": all(said.by_id != viewer.person_id for said in passed.notes),
        GIVER: recognition.can_reach_giver(letter)
        and all(said.by_id != viewer.person_id for said in passed.giver_notes),
    }
    return {
        reader: {
            "action": url_for("employee.write_note", n=letter.praise.id, reader=reader, **kept()),
            "words_url": url_for("employee.note", n=letter.praise.id, reader=reader, **kept()),
        }
        for reader, is_open in open_to.items()
        if is_open
    }


def _done(n: str, do: Callable[[Session, Viewer], bool]) -> Response:
    with house().store.write() as session:
        do(session, signed_in_viewer()) or abort(404)
    return _back(n)


def _back(n: str) -> Response:
    return redirect(url_for("employee.praise", **kept(), _anchor=f"letter-{whole(n)}"), 303)


def _line_page(n: str, form: WordsForm | None = None) -> str:
    viewer = signed_in_viewer()
    with house().store.read() as session:
        letter = recognition.open_letter(session, viewer, whole(n)) or abort(404)
        before = recognition.own_line(session, viewer, letter.praise.id)
    form = form or WordsForm(words=before)
    return _page(
        letter, form, "line", url_for("employee.say_line", n=letter.praise.id, **kept()), has_line=bool(before)
    )


def _note_page(n: str, reader: str, form: WordsForm) -> str:
    with house().store.read() as session:
        letter = recognition.letter_to_note(session, signed_in_viewer(), whole(n), to_giver=reader == GIVER)
    letter = letter or abort(404)
    return _page(letter, form, reader, url_for("employee.write_note", n=letter.praise.id, reader=reader, **kept()))


def _page(letter: Letter, form: WordsForm, sort: str, action: str, *, has_line: bool = False) -> str:
    return render_template(
        "employee/passing.html",
        form=form,
        id=letter.praise.id,
        heading=letter.person or letter.department,
        message=letter.words,
        sort=sort,
        has_line=has_line,
        most=recognition.LONGEST,
        action=action,
        back_url=url_for("employee.praise", **kept(), _anchor=f"letter-{letter.praise.id}"),
    )
