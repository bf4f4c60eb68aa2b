"""One's account: the page of one's password, PINs, second factor and mails, and ending other sessions."""

from datetime import datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField

from feedback import clock
from feedback.core import accounts, audit, devices, rhythms, second_factor
from feedback.core.access import Permission
from feedback.text import gettext as _
from feedback.web import house, session
from feedback.web.employee import blueprint, pins, pushes
from feedback.web.employee import mails as mailing
from feedback.web.employee.mails import MailsForm
from feedback.web.forms.labels import later
from feedback.web.forms.passwords import LONGEST, good_name, long_enough
from feedback.web.forms.pins import NewPin, digits
from feedback.web.security import count_proof, needs
from feedback.web.session import signed_in_viewer


class PasswordForm(FlaskForm):
    """Another name or password; `known` proves that it is oneself."""

    name = StringField(later("Sign-in name"), [good_name])
    known = PasswordField(later("Your password now, or your PIN on this device"))
    password = PasswordField(later("New password"), [long_enough])


class DeviceForm(FlaskForm):
    """A PIN for this browser; `proof` as above."""

    pin = NewPin(later("New PIN"))
    proof = PasswordField(later("Your password, or your PIN on this device until now"))


class ProofForm(FlaskForm):
    """What proves that it is oneself, before a second factor is set up: a browser left open is not enough."""

    proof = PasswordField(later("Your password now, or your PIN on this device"), id="factor-proof")


class CodeForm(FlaskForm):
    """What it takes to switch the second factor off."""

    code = StringField(later("A code of your telephone, a recovery code or your password"))


@blueprint.get("/account")
@needs(Permission.KEEP_ACCOUNT)
def account() -> str:
    """The page as it is."""
    return page()


@blueprint.post("/account/password")
@needs(Permission.KEEP_ACCOUNT)
def password() -> Response | tuple[str, int]:
    """Sign in by another name or password from now on; other sessions end."""
    form, at, person_id = PasswordForm(request.form), clock.now(), signed_in_viewer().person_id
    is_whole = form.validate()
    if not is_whole or not proves(form.known, at):
        return page(password_form=form), 422
    kept = accounts.hashed(form.password.data or "")
    try:
        with house().store.write() as writing:
            accounts.settle(writing, person_id, form.name.data or "", kept)
            accounts.sign_out_others(writing, person_id, session.token())
            _note(writing, "password_changed", at)
    except accounts.NameTaken:
        form.name.errors = [_("Someone else signs in by this name. Please choose another.")]
        return page(password_form=form), 422
    flash(_("Changed. You stay signed in here; everywhere else you were signed out."))
    return _back()


@blueprint.post("/account/mails")
@needs(Permission.KEEP_ACCOUNT)
def mails() -> Response | tuple[str, int]:
    """Be mailed that often from now on."""
    form = MailsForm(request.form)
    if not form.validate():
        return page(mails_form=form), 422
    with house().store.write() as writing:
        rhythms.choose(writing, form.chosen(signed_in_viewer().person_id))
    flash(_("Kept. From now on you are mailed like this."))
    return _back()


@blueprint.post("/account/devices")
@needs(Permission.KEEP_ACCOUNT)
def device() -> Response | tuple[str, int]:
    """Sign in with a PIN in this browser from now on."""
    form, at = DeviceForm(request.form), clock.now()
    is_whole = form.validate()
    if not is_whole or not proves(form.proof, at):
        return page(device_form=form), 422
    kept = accounts.hashed(digits(form.pin.data))
    try:
        with house().store.write() as writing:
            person_id = signed_in_viewer().person_id
            fresh, others = devices.add(writing, person_id, kept, at, tokens=pins.tokens())
    except devices.TooMany:
        form.pin.errors = [_("Eight people have a PIN on this device already.")]
        return page(device_form=form), 422
    flash(_("From now on your PIN signs you in on this device."))
    return pins.keep(_back(), [fresh, *others])


@blueprint.post("/account/devices/<mark>/removal")
@needs(Permission.KEEP_ACCOUNT)
def device_removal(mark: str) -> Response:
    """Sign in with a PIN no more in that browser."""
    with house().store.write() as writing:
        if not devices.remove(writing, signed_in_viewer().person_id, mark, clock.now()):
            abort(404)
    flash(_("Removed. The PIN on that device no longer works."))
    return _back()


@blueprint.post("/account/sign-outs")
@needs(Permission.KEEP_ACCOUNT)
def sign_outs() -> Response:
    """End every session of one's own but this one."""
    with house().store.write() as writing:
        accounts.sign_out_others(writing, signed_in_viewer().person_id, session.token())
        _note(writing, "signed_out_elsewhere", clock.now())
    flash(_("You were signed out everywhere else."))
    return _back()


@blueprint.post("/account/second-factor/removal")
@needs(Permission.KEEP_ACCOUNT)
def second_factor_removal() -> Response | tuple[str, int]:
    """Let the password be enough again, for who still has one of the two."""
    form, at, here = CodeForm(request.form), clock.now(), house()
    person_id, typed = signed_in_viewer().person_id, (form.code.data or "")[:LONGEST]
    count_proof(person_id, at)
    is_whole = form.validate()
    with here.store.read() as reading:
        known = accounts.account_of(reading, person_id, at)
    is_password = is_whole and accounts.is_password_of(known, typed)  # slow by design, hence before the store is held
    with here.store.write() as writing:
        is_oneself = is_password or (
            is_whole and second_factor.check(writing, person_id, typed, at, here.settings.secret_key) is not None
        )
        if is_oneself:
            second_factor.switch_off(writing, person_id, at, by_id=person_id)
    if not is_oneself:
        form.code.errors = [_("This is neither a fresh code nor your password. Please try again.")]
        return page(code_form=form), 422
    flash(_("The second factor is off. Your password alone signs you in."))
    return _back()


def page(
    *,
    password_form: PasswordForm | None = None,
    device_form: DeviceForm | None = None,
    code_form: CodeForm | None = None,
    proof_form: ProofForm | None = None,
    mails_form: MailsForm | None = None,
) -> str:
    """The page, with what was sent wrongly in its form."""
    person_id, held = signed_in_viewer().person_id, {one.mark for one in pins.held()}
    with house().store.read() as reading:
        known = accounts.account_of(reading, person_id, clock.now()) or abort(404)
        listed = [
            {
                "made_at": one.made_at,
                "used_at": one.used_at,
                "is_here": devices.mark_of(one) in held,
                "is_closed": one.tries >= devices.MOST_TRIES,
                "removal": url_for("employee.device_removal", mark=devices.mark_of(one)),
            }
            for one in devices.of(reading, person_id)
        ]
        left = second_factor.codes_left(reading, person_id)
        mailed = mailing.shown(reading, person_id, mails_form)
        push = pushes.part(reading, signed_in_viewer())
    return render_template(
        "employee/account.html",
        sign_in_name=known.sign_in_name,
        password_form=password_form or PasswordForm(formdata=None, data={"name": known.sign_in_name}),
        device_form=device_form or DeviceForm(formdata=None),
        code_form=code_form or CodeForm(formdata=None),
        proof_form=proof_form or ProofForm(formdata=None),
        devices=listed,
        since=known.totp_since,
        codes_left=left,
        push=push,
        **mailed,
    )


def proves(field: PasswordField, at: datetime) -> bool:
    """Whether the field holds one's password or one's PIN in this browser; else it says so."""
    person_id, typed = signed_in_viewer().person_id, (field.data or "")[:LONGEST]
    count_proof(person_id, at)
    with house().store.read() as reading:
        known = accounts.account_of(reading, person_id, at)
    if accounts.is_password_of(known, typed):
        return True
    own = next((one for one in pins.held() if one.person_id == person_id and not one.is_closed), None)
    if own and digits(typed).isdigit() and pins.try_pin(own, typed, at).is_right:
        return True
    field.errors = [_("This is neither your password nor your PIN on this device.")]
    return False


def _note(writing: Session, act: str, at: datetime) -> None:
    viewer = signed_in_viewer()
    audit.note(writing, "person", viewer.person_id, act, at, by_id=viewer.person_id, details={"name": viewer.name})


def _back() -> Response:
    return redirect(url_for("employee.account"), 303)
