"""Cases that say the same as another: linked, parted again, and closed with the same answer."""

import re
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import StopValidation
from wtforms.widgets import CheckboxInput

from feedback import clock
from feedback.core import cases
from feedback.core.access import Permission, Viewer
from feedback.core.cases import Case, ChangedMeanwhile, NotAllowed, NotOpen, duplicates
from feedback.core.cases.duplicates import NamesCustomer, NotTheSame
from feedback.db import StoreError
from feedback.text import gettext as _
from feedback.text import ngettext, number
from feedback.web import house
from feedback.web.errors import not_kept
from feedback.web.forms.address import id_of
from feedback.web.forms.labels import later
from feedback.web.manager import beside, blueprint, connections
from feedback.web.manager.case_forms import VersionedForm, as_shown, check_words
from feedback.web.manager.cases import workable
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer

AT_ONCE = 50  # cases that are answered together; the page offers the others after them
ADDRESS = re.compile(r"(?:.*/cases/)?(\d{1,19})(?:[/?#].*)?")


class DuplicateForm(VersionedForm):
    """The case it says the same as: one of the likely ones, or any by its address."""

    likely = RadioField(later("It may be one of these"), validate_choice=False)
    other = StringField(later("Or the address of another case"))
    chosen: int | None = None

    def offer(self, found: list[dict[str, Any]]) -> None:
        """The likely ones."""
        self.likely.choices = [(str(one["id"]), one["first"]) for one in found]

    def validate_other(self, field: Any) -> None:
        """One of both has to be said."""
        typed = ADDRESS.fullmatch((field.data or "").strip())
        self.chosen = id_of(typed[1] if typed else self.likely.data or "")
        if self.chosen is None or ((field.data or "").strip() and not typed):
            raise StopValidation(_("Choose a case, or copy its address from the top of the browser."))


class SameAnswerForm(VersionedForm):
    """One answer for several customers, and to which of them it goes."""

    text = TextAreaField(later("Your words to each of them"), id="same-text")
    chosen = SelectMultipleField(
        later("Close these"), validate_choice=False, option_widget=CheckboxInput(), choices=[], default=[]
    )

    def offer(self, found: list[dict[str, Any]]) -> None:
        """The open cases that say the same."""
        self.chosen.choices = [(f"{one['id']}-{one['version']}", one["first"]) for one in found]

    def validate_text(self, field: Any) -> None:
        """Something to read, text throughout."""
        check_words(field)

    def validate_chosen(self, field: Any) -> None:
        """At least one."""
        if not field.data or not all(map(as_shown, field.data)):
            raise StopValidation(_("Choose at least one."))

    @property
    def versions(self) -> dict[int, int]:
        """Of a form that is in order, the cases chosen with the version that was shown."""
        return dict(shown for value in self.chosen.data or [] if (shown := as_shown(value)))


@blueprint.get("/cases/<n>/duplicate")
@needs(Permission.WORK_ON_CASES)
def duplicate(n: str) -> str:
    """Which case it may say the same as."""
    return beside.again(n, _page, 200)[0]


@blueprint.post("/cases/<n>/duplicate")
@needs(Permission.WORK_ON_CASES)
def duplicate_link(n: str) -> Response | tuple[str, int]:
    """Link it with the case that says the same."""
    form, viewer, here = DuplicateForm(request.form), signed_in_viewer(), house()
    if not form.validate():
        return _again(n, form)
    try:
        with here.store.write() as session:
            case = workable(session, viewer, n)
            other = cases.one(session, viewer, form.chosen or 0)
            if other is None:
                raise NotTheSame
            duplicates.link(session, viewer, case, other, version=form.version.data or 0, at=clock.now())
    except NotTheSame:
        form.other.errors = [_("There is no such case, or it is this one, or says the same as this one already.")]
        return _again(n, form)
    except (ChangedMeanwhile, NotAllowed):
        return beside.changed_meanwhile(n, _page)
    flash(_("Linked. Each of the two pages leads to the other."))
    return redirect(url_for("manager.case", n=n), 303)


@blueprint.post("/cases/<n>/duplicate/removal")
@needs(Permission.WORK_ON_CASES)
def duplicate_removal(n: str) -> Response | tuple[str, int]:
    """Part it from the case it was linked with."""
    form, viewer = VersionedForm(request.form), signed_in_viewer()
    if not form.validate():
        return beside.again(n, _page, 422)
    try:
        with house().store.write() as session:
            case = workable(session, viewer, n)
            duplicates.unlink(session, viewer, case, version=form.version.data or 0, at=clock.now())
    except (ChangedMeanwhile, NotAllowed):
        return beside.changed_meanwhile(n, _page)
    flash(_("Taken apart."))
    return redirect(url_for("manager.case", n=n), 303)


@blueprint.get("/cases/<n>/duplicates", endpoint="duplicates")
@needs(Permission.WORK_ON_CASES)
def same_answer_page(n: str) -> str:
    """The open cases that say the same, and an answer for all of them."""
    return beside.again(n, _answer_page, 200)[0]


@blueprint.post("/cases/<n>/duplicates")
@needs(Permission.WORK_ON_CASES)
def same_answer(n: str) -> Response | tuple[str, int]:
    """Answer and close them, each behind its own receipt, all or none."""
    form, viewer, here = SameAnswerForm(request.form), signed_in_viewer(), house()
    if not form.validate():
        return _answer_again(n, form)
    text, mails = (form.text.data or "").strip(), bool(here.settings.smtp_url)
    try:
        with here.store.write() as session:
            case = workable(session, viewer, n)
            done = duplicates.close_with(session, viewer, case, text, form.versions, at=clock.now(), mails=mails)
    except NamesCustomer:
        form.text.errors = [
            _("This names one of the customers, or how to reach them. Write it so that each of them may read it.")
        ]
        return _answer_again(n, form)
    except (ChangedMeanwhile, NotAllowed, NotOpen):
        flash(_("Someone changed one of these cases meanwhile, so none was closed. Your words are kept here."))
        return _answer_again(n, form, 409)
    except StoreError as error:
        return not_kept(error, lambda: _answer_again(n, form)[0])
    said = ngettext("%(num)s case answered and closed.", "%(num)s cases answered and closed.", len(done))
    flash(said % {"num": number(len(done))})
    return redirect(url_for("manager.case", n=n), 303)


def _again(n: str, form: DuplicateForm) -> tuple[str, int]:
    return beside.again(n, lambda session, viewer, case: _page(session, viewer, case, form), 422)


def _answer_again(n: str, form: SameAnswerForm, status: int = 422) -> tuple[str, int]:
    return beside.again(n, lambda session, viewer, case: _answer_page(session, viewer, case, form), status)


def _page(session: Session, viewer: Viewer, case: Case, sent: DuplicateForm | None = None) -> str:
    found = [connections.brief(*one) for one in duplicates.likely(session, viewer, case)]
    form = sent or DuplicateForm(formdata=None, data={"version": case.version})
    form.offer(found)
    return render_template(
        "manager/duplicate.html",
        case=beside.about(session, case),
        form=form,
        found={str(one["id"]): one for one in found},
    )


def _answer_page(session: Session, viewer: Viewer, case: Case, sent: SameAnswerForm | None = None) -> str:
    linked = duplicates.linked(session, viewer, case).others
    still_open = duplicates.open_among(session, viewer, linked)[:AT_ONCE]
    found = [connections.brief(*one) for one in duplicates.told(session, still_open)]
    every = [f"{one['id']}-{one['version']}" for one in found]
    given = {"version": case.version, "text": duplicates.answer_of(session, case), "chosen": every}
    form = sent or SameAnswerForm(formdata=None, data=given)
    form.offer(found)
    return render_template(
        "manager/duplicates.html",
        case=beside.about(session, case),
        form=form,
        found=dict(zip(every, found, strict=True)),
    )
