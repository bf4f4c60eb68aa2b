"""Coming in by an invitation: one chooses a password, or a PIN for this device only, and is in."""

from datetime import datetime
from typing import Any

from flask import flash, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import PasswordField, RadioField, StringField

from feedback import clock
from feedback.core import accounts, devices, invitations, second_factor
from feedback.core.accounts import Account
from feedback.text import gettext as _
from feedback.web import house
from feedback.web.employee import blueprint, pins
from feedback.web.employee.entry import come_in
from feedback.web.forms.labels import later
from feedback.web.forms.passwords import good_name, long_enough
from feedback.web.forms.pins import NewPin, digits
from feedback.web.security import count_try, public

PASSWORD, PIN = "password", "pin"


class NeedsPassword(Exception):
    """The person has a second factor, which a PIN chosen by invitation would lead past."""


class JoinForm(FlaskForm):
    """How one wants to sign in from now on; what belongs to the other way is not looked at."""

    way = RadioField(
        later("How do you want to sign in?"),
        choices={PASSWORD: later("With a password, on any device"), PIN: later("With a PIN, on this device only")},
        default=PASSWORD,
    )
    name = StringField(later("Sign-in name"), [good_name])
    password = PasswordField(later("Password"), [long_enough])
    pin = NewPin(later("PIN"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Look at the fields of the way that was chosen."""
        if self.way.data not in (PASSWORD, PIN):
            self.way.data = PASSWORD
        for field in (self.name, self.password) if self.is_pin else (self.pin,):
            field.validators = ()
        return super().validate(extra_validators)

    @property
    def is_pin(self) -> bool:
        """Whether it is to be a PIN."""
        return bool(self.way.data == PIN)


@blueprint.get("/join/<token>")
@public
def join(token: str) -> str | tuple[str, int]:
    """The page to choose a way in, or how to get another invitation."""
    with house().store.read() as reading:
        person = invitations.invited(reading, token, clock.now())
        usual = invitations.usual_name(reading, person) if person else ""
    if person is None:
        return _no_longer()
    return _page(token, JoinForm(formdata=None, data={"name": usual, "way": PASSWORD}), person.name)


@blueprint.post("/join/<token>")
@public
def joined(token: str) -> Response | tuple[str, int]:
    """Use the invitation up: from now on the person signs in this way, and in no other."""
    form, at = JoinForm(request.form), clock.now()
    count_try("join", at)
    with house().store.read() as reading:
        person = invitations.invited(reading, token, at)
    if person is None:
        return _no_longer()
    if not form.validate():
        return _page(token, form, person.name), 422
    try:
        answer = _with_pin(token, form, at) if form.is_pin else _with_password(token, form, at)
    except accounts.NameTaken:
        form.name.errors = [_("Someone else signs in by this name. Please choose another.")]
        return _page(token, form, person.name), 422
    except NeedsPassword:
        form.pin.errors = [_("You have a second factor, which goes with a password. Please choose a password.")]
        return _page(token, form, person.name), 422
    except devices.TooMany:
        form.pin.errors = [_("Eight people have a PIN on this device already. Please choose a password.")]
        return _page(token, form, person.name), 422
    return answer or _no_longer()


def _with_password(token: str, form: JoinForm, at: datetime) -> Response | None:
    password_hash = accounts.hashed(form.password.data or "")  # slow by design, hence before the store is held
    with house().store.write() as writing:
        account = _accepted(writing, token, form.name.data or "", password_hash, at)
    if account is None:
        return None
    answer = come_in(account)
    if not second_factor.is_on(account):
        flash(_("You are in. From now on you sign in with this name and password."))
    return answer


def _with_pin(token: str, form: JoinForm, at: datetime) -> Response | None:
    password_hash, pin_hash = accounts.unguessable(), accounts.hashed(digits(form.pin.data))
    with house().store.write() as writing:
        account = _accepted(writing, token, "", password_hash, at)
        if account is None:
            return None
        if second_factor.is_on(account):
            raise NeedsPassword
        fresh, kept = devices.add(writing, account.person_id, pin_hash, at, tokens=pins.tokens())
    answer = pins.keep(come_in(account), [fresh, *kept])
    flash(_("You are in. From now on you sign in with this PIN, on this device."))
    return answer


def _accepted(writing: Session, token: str, name: str, password_hash: str, at: datetime) -> Account | None:
    person_id = invitations.accept(writing, token, name, password_hash, at)
    return accounts.account_of(writing, person_id, at) if person_id else None


def _no_longer() -> tuple[str, int]:
    return render_template("employee/join.html", form=None), 404


def _page(token: str, form: JoinForm, name: str) -> str:
    return render_template("employee/join.html", form=form, name=name, action=url_for("employee.joined", token=token))
