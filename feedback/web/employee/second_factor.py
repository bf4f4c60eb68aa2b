"""Setting up the second factor: the secret as a QR code and in type, a first code, ten recovery codes shown once."""

from flask import flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from markupsafe import Markup
from werkzeug.wrappers import Response
from wtforms import StringField

from feedback import clock, totp
from feedback.core import accounts
from feedback.core import second_factor as factor
from feedback.core.access import Permission
from feedback.outbound import qr
from feedback.text import gettext as _
from feedback.web import house
from feedback.web.employee import blueprint
from feedback.web.employee.account import ProofForm, page, proves
from feedback.web.forms.labels import later
from feedback.web.forms.passwords import LONGEST
from feedback.web.forms.pins import DIGITS
from feedback.web.security import count_proof, needs
from feedback.web.session import signed_in_viewer
from feedback.web.text import organisation


class FirstCodeForm(FlaskForm):
    """The code that proves that the telephone has the secret."""

    first = StringField(later("The six digits that your telephone shows"), render_kw=DIGITS)


@blueprint.post("/account/second-factor")
@needs(Permission.KEEP_ACCOUNT)
def second_factor_begin() -> Response | tuple[str, int]:
    """Make a secret, which replaces one that was never confirmed."""
    form, here = ProofForm(request.form), house()
    if not form.validate() or not proves(form.proof, clock.now()):
        return page(proof_form=form), 422
    with here.store.write() as writing:
        factor.begin(writing, signed_in_viewer().person_id, here.settings.secret_key)
    return redirect(url_for("employee.second_factor"), 303)


@blueprint.get("/account/second-factor")
@needs(Permission.KEEP_ACCOUNT)
def second_factor() -> str | Response:
    """The secret for the telephone, as long as it is not confirmed."""
    return _page(FirstCodeForm(formdata=None))


@blueprint.post("/account/second-factor/confirmation")
@needs(Permission.KEEP_ACCOUNT)
def second_factor_confirmation() -> str | Response | tuple[str | Response, int]:
    """Switch it on and show the recovery codes, or ask for the code again."""
    form, at, here = FirstCodeForm(request.form), clock.now(), house()
    person_id = signed_in_viewer().person_id
    count_proof(person_id, at)
    codes = None
    if form.validate():
        with here.store.write() as writing:
            codes = factor.confirm(writing, person_id, (form.first.data or "")[:LONGEST], at, here.settings.secret_key)
    if codes:
        return render_template("employee/recovery_codes.html", codes=codes)
    form.first.errors = [_("This code does not fit. Wait for the next one and type that; check the telephone’s clock.")]
    answer = _page(form)
    if isinstance(answer, str):
        return answer, 422
    with here.store.read() as reading:
        is_on = factor.is_on_for(reading, person_id)
    if is_on:  # by a press a moment before, whose answer the browser may never have shown
        flash(_("It is on. If you did not see your recovery codes, switch it off and set it up again."))
    return answer


def _page(form: FirstCodeForm) -> str | Response:
    here, person_id = house(), signed_in_viewer().person_id
    with here.store.read() as reading:
        secret = factor.pending(reading, person_id, here.settings.secret_key)
        account = accounts.account_of(reading, person_id, clock.now())
    if secret is None or account is None:
        return redirect(url_for("employee.account"), 303)
    known = organisation()
    address = totp.uri(secret, known.name if known else "Firsthand", account.sign_in_name)
    return render_template(
        "employee/second_factor.html",
        form=form,
        code=Markup(qr.svg(address, level="M", title=_("The secret for your telephone"))),
        written=totp.written(secret),
        address=address,
    )
