"""In and out: the start page, signing in by password, by PIN or by a single-use link, signing out."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from feedback import clock
from feedback.core import accounts
from feedback.core.accounts import LONGEST_NAME
from feedback.text import gettext as _
from feedback.text import ngettext, number
from feedback.web import house, session
from feedback.web.employee import blueprint, pins
from feedback.web.employee.doors import PinForm, SignInForm, password_page, pin_page
from feedback.web.employee.entry import come_in, let_in
from feedback.web.forms.passwords import LONGEST
from feedback.web.security import count_try, is_from_elsewhere, public


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
    """The page to sign in: with a PIN where someone has one in this browser, else with a password."""
    people = [one for one in pins.held() if not one.is_closed]
    if people and request.args.get("way") != "password":
        return pin_page(people)
    return password_page()


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
        account = accounts.account_named(reading, name[:LONGEST_NAME], at) if "\0" not in name else None
    if not accounts.is_password_of(account, password[:LONGEST]) or account is None:
        failed = _("Name and password do not fit together. Please try again.")
        return password_page(form, failed=failed), 422
    return come_in(account, form.next.data or "")


@blueprint.post("/sign-in/pin")
@public
def pin_sign_in() -> Response | tuple[str, int]:
    """Sign in with a PIN, or say how many tries are left."""
    if is_from_elsewhere():
        abort(400)
    form, at, people = PinForm(request.form), clock.now(), pins.held()
    form.offer([one for one in people if not one.is_closed])
    count_try("sign in", at)
    chosen = next((one for one in people if one.mark == form.device.data), None)
    is_whole = form.validate()
    if chosen is None or not is_whole:
        return _again(form, closed=bool(chosen and chosen.is_closed)), 422
    tried = pins.try_pin(chosen, form.pin.data or "", at)
    if tried.is_right:
        others = [one.token for one in people if one.token != chosen.token]
        return pins.keep(let_in(chosen.person_id, form.next.data or ""), [chosen.token, *others])
    if not tried.left:
        return _again(form, closed=True), 422
    told = ngettext(
        "This PIN does not fit. %(num)s try is left.", "This PIN does not fit. %(num)s tries are left.", tried.left
    )
    form.pin.errors = [told % {"num": number(tried.left)}]
    return _again(form), 422


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


def _again(form: PinForm, *, closed: bool = False) -> str:
    """The page once more; the one for passwords where no PIN can be tried here."""
    people = [one for one in pins.held() if not one.is_closed]
    if closed or not people:
        return password_page(target=form.next.data or "")
    form.offer(people)
    return pin_page(people, form)
