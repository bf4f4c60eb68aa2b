"""Coming in by an invitation: one chooses a sign-in name and a password, and is in."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import StopValidation

from feedback import clock
from feedback.core import accounts, invitations
from feedback.text import gettext as _
from feedback.web import house, session
from feedback.web.employee import blueprint
from feedback.web.forms.labels import later
from feedback.web.forms.passwords import long_enough
from feedback.web.security import count_try, public


class JoinForm(FlaskForm):
    """How one wants to sign in from now on."""

    name = StringField(later("Sign-in name"))
    password = PasswordField(later("Password"), [long_enough])

    def validate_name(self, field: Any) -> None:
        """Something that can be typed again, in one word."""
        text = (field.data or "").strip()
        if not invitations.SHORTEST_NAME <= len(text) <= invitations.LONGEST_NAME or not _is_word(text):
            raise StopValidation(_("Choose a name of three characters or more, without spaces; your e-mail will do."))


@blueprint.get("/join/<token>")
@public
def join(token: str) -> str | tuple[str, int]:
    """The page to choose name and password, or how to get another invitation."""
    with house().store.read() as reading:
        person = invitations.invited(reading, token, clock.now())
        usual = invitations.usual_name(reading, person) if person else ""
    if person is None:
        return render_template("employee/join.html", form=None), 404
    return _page(token, JoinForm(formdata=None, data={"name": usual}), person.name)


@blueprint.post("/join/<token>")
@public
def joined(token: str) -> Response | tuple[str, int]:
    """Use the invitation up: from now on the person signs in this way, and in no other."""
    form, at = JoinForm(request.form), clock.now()
    count_try("join", at)
    with house().store.read() as reading:
        person = invitations.invited(reading, token, at)
    if person is None:
        return render_template("employee/join.html", form=None), 404
    if not form.validate():
        return _page(token, form, person.name), 422
    password_hash = accounts.hashed(form.password.data or "")  # slow by design, hence before the store is held
    try:
        with house().store.write() as writing:
            person_id = invitations.accept(writing, token, form.name.data or "", password_hash, at)
            begun = accounts.sign_in(writing, person_id, at) if person_id else None
    except invitations.NameTaken:
        form.name.errors = [_("Someone else signs in by this name. Please choose another.")]
        return _page(token, form, person.name), 422
    if begun is None:
        return render_template("employee/join.html", form=None), 404
    session.begin(begun)
    flash(_("You are in. From now on you sign in with this name and password."))
    return redirect(url_for("employee.start"), 303)


def _page(token: str, form: JoinForm, name: str) -> str:
    return render_template("employee/join.html", form=form, name=name, action=url_for("employee.joined", token=token))


def _is_word(text: str) -> bool:
    return text.isprintable() and not any(sign.isspace() for sign in text)
