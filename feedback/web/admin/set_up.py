"""The set-up page: an organisation, its first admin and its first QR link in one go; closed for good afterwards."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField, PasswordField, StringField

from feedback import clock, text
from feedback.config import machine_zone
from feedback.core import accounts, founding
from feedback.core import settings as settled
from feedback.core.files import LOGO
from feedback.core.founding import AlreadyFounded, Charter, Founded
from feedback.db import Taken
from feedback.text import gettext as _
from feedback.web import accent, first_run, house, session
from feedback.web.forms.labels import later
from feedback.web.forms.lines import Line, check_address
from feedback.web.forms.organisation import OrganisationForm, sent
from feedback.web.forms.passwords import long_enough
from feedback.web.forms.pictures import PictureField
from feedback.web.security import count_try, public, takes_pictures
from feedback.web.text import in_languages

blueprint = Blueprint("set_up", __name__)


class SetUpForm(OrganisationForm):
    """The organisation, and who signs in first. Its token is the way in; it stands in the log."""

    token = HiddenField()
    logo = PictureField(later("Logo, if you have one at hand"), longest=LOGO)
    admin_name = StringField(later("Your name"), [Line()])
    email = StringField(later("Your e-mail address"))
    password = PasswordField(later("A password for you"), [long_enough])

    def validate_email(self, field: StringField) -> None:
        """One address, by which the admin signs in."""
        field.data = (field.data or "").strip()
        check_address(field.data)

    def charter(self) -> Charter:
        """What to found; to be asked of a valid form."""
        return Charter(
            **self.said,  # type: ignore[arg-type]
            logo=self.logo.picture,
            admin_name=self.admin_name.data or "",
            admin_email=self.email.data or "",
            password_hash=accounts.hashed(self.password.data or ""),
        )


@blueprint.get("/set-up", endpoint="form")
@public
def form_page() -> str | tuple[str, int]:
    """The page, for whoever has the token; others are told where it stands."""
    _still_open()
    typed = request.args.get("token", "")
    if not founding.is_token(typed, house().settings.secret_key):
        return _locked(typed)
    return _page(SetUpForm(formdata=None, data=_guesses() | {"token": typed}))


@blueprint.post("/set-up", endpoint="found")
@public
@takes_pictures
def found() -> Response | str | tuple[str, int]:
    """Make all of it, sign its admin in, and show the first code."""
    _still_open()
    count_try("set up", clock.now())
    form = SetUpForm(sent())
    if not founding.is_token(form.token.data or "", house().settings.secret_key):
        return _locked(form.token.data or "")
    if not form.validate():
        form.logo.ask_again()
        return _page(form), 422
    try:
        founded, token = _found(form.charter())
    except (AlreadyFounded, Taken):  # somebody else at the same moment
        return _too_late()
    session.begin(token)
    flash(_("All set up. This is your first code: print this one."))
    return redirect(url_for("manager.link", n=founded.link_id), 303)


def _still_open() -> None:
    if first_run.is_set_up():
        abort(404)


def _found(charter: Charter) -> tuple[Founded, str]:
    here, at = house(), clock.now()
    with here.store.write() as writing:
        founded = founding.found(writing, charter, here.settings.data_dir, at)
        return founded, accounts.sign_in(writing, founded.admin_id, at)


def _guesses() -> dict[str, object]:
    """What most will leave as it is: this machine's zone, every language on offer, a week of five days."""
    spoken = text.current().tag
    language = spoken if spoken in text.available() else "en"
    return {
        "timezone": machine_zone(),
        "language": language,
        "languages": list(text.available()),
        "working_days": [str(day) for day in range(5)],
    }


def _page(form: SetUpForm) -> str:
    kept = [("token", form.token.data or "")]
    return render_template(
        "admin/set_up.html",
        form=form,
        zones=settled.zones(),
        pairs=accent.pairs(form.accent.data or ""),
        languages=in_languages(text.current().tag, list(text.available()), "/set-up", kept),
    )


def _locked(typed: str) -> tuple[str, int]:
    return render_template("admin/set_up_locked.html", is_wrong=bool(typed)), 404


def _too_late() -> tuple[str, int]:
    page = render_template(
        "errors/error.html",
        status=409,
        title=_("Somebody was faster"),
        text=_(
            "Firsthand was set up by someone else a moment ago, and nothing of yours was kept. Ask them to let you in."
        ),
        action_url=url_for("employee.sign_in_form"),
        action_text=_("Sign in"),
    )
    return page, 409
