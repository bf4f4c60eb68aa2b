"""The two pages to sign in, with their forms: name and password, or a PIN where this browser holds someone's device."""

from collections.abc import Sequence
from typing import Any

from flask import render_template, request, url_for
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, RadioField, StringField
from wtforms.validators import StopValidation

from feedback.core.devices import Held
from feedback.outbound.isolation import isolated
from feedback.text import gettext as _
from feedback.web.employee import pins
from feedback.web.forms.labels import later
from feedback.web.forms.pins import Pin


class SignInForm(FlaskForm):
    """Name and password. Without a token: signing in needs no session yet, and where it comes from is checked."""

    class Meta:
        csrf = False

    email = StringField(later("E-mail or sign-in name"))
    password = PasswordField(later("Password"))
    next = HiddenField()


class PinForm(FlaskForm):
    """Who, and their PIN. Without a token, as in SignInForm: where it comes from is checked."""

    class Meta:
        csrf = False

    device = RadioField(later("Who are you?"), validate_choice=False)
    pin = Pin(later("PIN"))
    next = HiddenField()

    def offer(self, people: Sequence[Held]) -> None:
        """Those who can choose themselves; one alone need not."""
        self.device.choices = [(one.mark, isolated(one.name)) for one in people]
        if len(people) == 1 and not self.device.data:
            self.device.data = people[0].mark

    def validate_device(self, field: Any) -> None:
        """One of those."""
        if field.data not in dict(field.choices):
            raise StopValidation(_("Please choose who you are."))


def password_page(form: SignInForm | None = None, *, failed: str = "", target: str | None = None) -> str:
    """The page for name and password, with a word on those whose PIN is closed here."""
    if form is None:
        target = request.args.get("next", "") if target is None else target
        form = SignInForm(formdata=None, data={"next": target})
    people = pins.held()
    has_pins = any(not one.is_closed for one in people)
    return render_template(
        "employee/sign_in.html",
        form=form,
        failed=failed,
        action=url_for("employee.sign_in"),
        closed=[one.name for one in people if one.is_closed],
        pins=url_for("employee.sign_in_form", next=form.next.data or None) if has_pins else "",
    )


def pin_page(people: Sequence[Held], form: PinForm | None = None) -> str:
    """The page that asks for a PIN; `people` are those whose device is open."""
    if form is None:
        form = PinForm(formdata=None, data={"next": request.args.get("next", "")})
        form.offer(people)
    target = form.next.data or None
    return render_template(
        "employee/sign_in_pin.html",
        form=form,
        people=people,
        action=url_for("employee.pin_sign_in"),
        elsewise=url_for("employee.sign_in_form", way="password", next=target),
    )
