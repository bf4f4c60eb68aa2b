"""In and out: the start page, signing in by password or by a single-use link, signing out."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField, PasswordField, StringField

from feedback import clock
from feedback.core import accounts
from feedback.text import gettext as _
from feedback.web import house, session
from feedback.web.employee import blueprint
from feedback.web.forms import labels
from feedback.web.security import count_try, is_from_elsewhere, public


class SignInForm(FlaskForm):
    """Name and password. Without a token: signing in needs no session yet, and where it comes from is checked."""

    class Meta:
        csrf = False

    email = StringField(labels.later("E-mail or sign-in name"))
    password = PasswordField(labels.later("Password"))
    next = HiddenField()


@blueprint.get("/", strict_slashes=False)  # an empty path would be redirected to whatever host the request names
@public
def start() -> Response:
    """One's own start page: the cases for those who manage, the praise for everyone else, as long as they are here."""
    viewer = session.viewer()
    if viewer is None:
        return redirect(url_for("employee.sign_in_form"), 303)
    if viewer.until:
        return redirect(url_for("employee.letters"), 303)
    return redirect(url_for("manager.cases" if viewer.manages else "employee.praise"), 303)


@blueprint.get("/sign-in")
@public
def sign_in_form() -> str:
    """The page to sign in."""
    return render_template(
        "employee/sign_in.html", form=SignInForm(data={"next": request.args.get("next", "")}), failed=""
    )


@blueprint.post("/sign-in")
@public
def sign_in() -> Response | tuple[str, int]:
    """Sign in, or say that name and password do not fit, without telling which."""
    if is_from_elsewhere():
        abort(400)
    form = SignInForm(request.form)  # never JSON, whose values need not be text
    name, password = form.email.data or "", form.password.data or ""
    here, at = house(), clock.now()
    count_try("sign in", at)
    with here.store.read() as reading:
        account = accounts.account_named(reading, name[:320], at) if "\0" not in name else None
    if not accounts.is_password_of(account, password[:1000]) or account is None:
        failed = _("Name and password do not fit together. Please try again.")
        return render_template("employee/sign_in.html", form=form, failed=failed), 422
    _begin(account.person_id)
    return redirect(_inside(form.next.data or ""), 303)


@blueprint.get("/sign-in/<token>")
@public
def sign_in_link(token: str) -> str:
    """Ask before using a single-use link up: mail programs open links to look at them."""
    return render_template("employee/sign_in_link.html", form=FlaskForm(), token=token)


@blueprint.post("/sign-in/<token>")
@public
def use_sign_in_link(token: str) -> Response:
    """Sign in once by a link that an operator made."""
    before = session.token()
    with house().store.write() as writing:
        begun = accounts.use_sign_in_link(writing, token, clock.now())
        if begun and before:
            accounts.sign_out(writing, before)
    if begun is None:
        flash(_("This link was used before or is too old. Ask for a new one."))
        return redirect(url_for("employee.sign_in_form"), 303)
    session.begin(begun)
    return redirect(url_for("employee.start"), 303)


@blueprint.post("/sign-out")
@public
def sign_out() -> Response:
    """End the session, here and in the store."""
    token = session.end()
    if token:
        with house().store.write() as writing:
            accounts.sign_out(writing, token)
    return redirect(url_for("employee.sign_in_form"), 303)


def _begin(person_id: int) -> None:
    before = session.token()
    with house().store.write() as writing:
        token = accounts.sign_in(writing, person_id, clock.now())
        if before:
            accounts.sign_out(writing, before)
    session.begin(token)


def _inside(target: str) -> str:
    """Where to go after signing in: only to an address of this installation, written in characters one can see."""
    is_own = target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable()
    return target if is_own else url_for("employee.start")
