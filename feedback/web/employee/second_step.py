"""The second step of signing in: a code of the telephone or a recovery code, after the right password."""

from flask import flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField

from feedback import clock
from feedback.core import accounts, second_factor
from feedback.text import gettext as _
from feedback.text import ngettext, number
from feedback.web import house, session
from feedback.web.employee import blueprint
from feedback.web.employee.entry import let_in
from feedback.web.forms.labels import later
from feedback.web.forms.passwords import LONGEST
from feedback.web.security import count_proof, public


class CodeForm(FlaskForm):
    """One code of either sort."""

    code = StringField(later("Code"))


@blueprint.get("/sign-in/code")
@public
def code_form() -> str | Response:
    """The page that asks for the code; the first step again where that is not done or too long ago."""
    if session.half(clock.now()) is None:
        return redirect(url_for("employee.sign_in_form"), 303)
    return _page(CodeForm(formdata=None))


@blueprint.post("/sign-in/code")
@public
def check_code() -> Response | tuple[str, int]:
    """Come in by a right code, which is used up with it."""
    form, at, here = CodeForm(request.form), clock.now(), house()
    half = session.half(at)
    if half is None:
        flash(_("That took a little long. Please begin again."))
        return redirect(url_for("employee.sign_in_form"), 303)
    count_proof(half.person_id, at)
    if not form.validate():
        return _page(form), 422
    typed = (form.code.data or "")[:LONGEST]
    with here.store.write() as writing:
        account = accounts.account_of(writing, half.person_id, at)
        holds = account is not None and accounts.stamp_of(account) == half.stamp
        key = here.settings.secret_key
        passed = second_factor.check(writing, half.person_id, typed, at, key) if holds else None
    if passed is None:
        form.code.errors = [_("This code does not fit, or was used before. Wait for the next one and type that.")]
        return _page(form), 422
    answer = let_in(half.person_id, half.target)
    if passed.left is not None:
        left = ngettext("%(num)s recovery code is left.", "%(num)s recovery codes are left.", passed.left)
        flash(left % {"num": number(passed.left)})
    return answer


def _page(form: CodeForm) -> str:
    return render_template("employee/sign_in_code.html", form=form)
