"""Surveys and polls: the list, a new one, the sheet of one, and how it looks on a phone."""

from typing import Any

from flask import Response as Sent
from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import StopValidation

from feedback import clock, text
from feedback.core import access
from feedback.core.access import Permission, Viewer
from feedback.core.surveys import Asked, Audience, Survey, When, keeping, results
from feedback.core.surveys.design import Design, Question, read, said
from feedback.core.surveys.ready import library
from feedback.text import gettext as _
from feedback.web import house
from feedback.web.customer import paper
from feedback.web.forms.address import id_in, whole
from feedback.web.forms.labels import later
from feedback.web.manager import blueprint, survey_sheet
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer

SIZE = 30
LONGEST_NAME = 200


class SurveyForm(FlaskForm):
    """A new survey: what it is called inside, whose it is, who answers, and what it begins with."""

    name = StringField(later("Name"))
    department = SelectField(later("Whose it is"), validate_choice=True)
    audience = RadioField(later("Who answers"), default="customers", validate_choice=True)
    ready = StringField()

    def offer(self, session: Session, viewer: Viewer) -> "SurveyForm":
        """With the departments there are to choose from; the whole organisation only where one sees all of it."""
        own = [(str(one.id), one.name) for one in access.departments_for(session, viewer)]
        whole = [("", _("The whole organisation"))] if viewer.sees_everything else []
        self.department.choices = whole + own
        self.audience.choices = [
            (Audience.CUSTOMERS.value, _("Customers")),
            (Audience.STAFF.value, _("People inside: kept out of customers’ numbers")),
        ]
        return self

    def validate_name(self, field: Any) -> None:
        """A name, and not a story."""
        if not (field.data or "").strip() or "\0" in field.data:
            raise StopValidation(_("Give it a name, so that you find it again."))
        if len(field.data.strip()) > LONGEST_NAME:
            raise StopValidation(_("This is too long; please shorten it."))

    @property
    def department_id(self) -> int | None:
        """The department chosen, None for the whole organisation."""
        return int(self.department.data) if self.department.data else None


@blueprint.get("/surveys", endpoint="surveys")
@needs(Permission.MANAGE_SURVEYS)
def surveys_page() -> str:
    """The surveys one may see, newest first, and ready ones to begin with."""
    viewer = signed_in_viewer()
    with house().store.read() as session:
        found = keeping.page(session, viewer, after=id_in("after"), size=SIZE + 1)
        n = results.how_many(session, [one.id for one in found[:SIZE]])
        rows = [_row(viewer, one) | {"n": n.get(one.id, 0)} for one in found[:SIZE]]
    return render_template(
        "manager/surveys.html",
        rows=rows,
        more=url_for("manager.surveys", after=found[SIZE - 1].id) if len(found) > SIZE else "",
        ready=[_ready(name) for name in library()],
    )


@blueprint.get("/surveys/new", endpoint="survey_new")
@needs(Permission.MANAGE_SURVEYS)
def new() -> str:
    """The form of a new survey, perhaps with a ready one to begin with."""
    begun = request.args.get("ready", "")
    given = library().get(begun)
    data = {"ready": begun if given or begun == "poll" else "", "name": "", "audience": "customers"}
    if given:
        data |= {"name": said(given.design.title, text.current().tag), "audience": given.audience.value}
    with house().store.read() as session:
        return _new_page(SurveyForm(formdata=None, data=data).offer(session, signed_in_viewer()))


@blueprint.post("/surveys", endpoint="make_survey")
@needs(Permission.MANAGE_SURVEYS)
def make() -> Response | tuple[str, int]:
    """Make a survey; it is a draft until it is published."""
    viewer = signed_in_viewer()
    with house().store.write() as session:
        form = SurveyForm(request.form).offer(session, viewer)
        if not form.validate():
            return _new_page(form), 422
        survey = keeping.make(
            session,
            viewer,
            _begun(form),
            clock.now(),
            name=(form.name.data or "").strip(),
            department_id=form.department_id,
            audience=Audience(form.audience.data),
            is_poll=form.ready.data == "poll",
        )
    flash(_("Made. It is a draft: nobody is asked before you publish it."))
    return redirect(url_for("manager.survey", n=survey.id), 303)


@blueprint.get("/surveys/<n>", endpoint="survey")
@needs(Permission.MANAGE_SURVEYS)
def survey(n: str) -> str:
    """One survey: its questions, its settings, and where it is asked."""
    with house().store.read() as session:
        found = one_of(session, n)
        return survey_sheet.page(session, signed_in_viewer(), found, open_code=request.args.get("open", ""))


@blueprint.get("/surveys/<n>/preview", endpoint="survey_preview")
@needs(Permission.MANAGE_SURVEYS)
def preview(n: str) -> Sent:
    """How it looks on a phone, in any of its languages; nothing can be sent from there."""
    with house().store.read() as session:
        found = one_of(session, n)
        edition = keeping.newest(session, found.id)
    asked = Asked(found.id, edition.id, read(edition.document), found.is_poll, found.code, None, When.INSTEAD)
    response = paper.preview(asked)
    g.policy = g.policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    return response


def one_of(session: Session, n: str) -> Survey:
    """The survey of that number, if the viewer may see it."""
    return keeping.one(session, signed_in_viewer(), whole(n)) or abort(404)


def _begun(form: SurveyForm) -> Design:
    """What it begins with: a ready survey, an empty poll, or its title alone."""
    given = library().get(form.ready.data or "")
    if given:
        return given.design
    own = survey_sheet.organisation_language()
    title = {own: (form.name.data or "").strip()}
    if form.ready.data == "poll":
        return Design(title=title, questions=(Question("q1", "one", title, {}),), next=2)
    return Design(title=title)


def _new_page(form: SurveyForm) -> str:
    given = library().get(form.ready.data or "")
    tag = text.current().tag
    return render_template(
        "manager/survey_new.html",
        form=form,
        is_poll=form.ready.data == "poll",
        given=[said(question.text, tag) for question in given.design.questions] if given else [],
        given_title=said(given.design.title, tag) if given else "",
    )


def _row(viewer: Viewer, survey: Survey) -> dict[str, object]:
    return {
        "url": url_for("manager.survey", n=survey.id),
        "name": survey.name,
        "is_poll": survey.is_poll,
        "is_internal": survey.audience == Audience.STAFF,
        "closed_at": survey.closed_at,
        "is_mine": keeping.is_whole_for(viewer, survey),
    }


def _ready(name: str) -> dict[str, object]:
    given, tag = library()[name], text.current().tag
    return {
        "url": url_for("manager.survey_new", ready=name),
        "title": said(given.design.title, tag),
        "about": said(given.about, tag),
        "n": len(given.design.questions),
        "is_internal": given.audience == Audience.STAFF,
    }
