"""Praise within a complaint, passed on by whoever works on it."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import BooleanField, TextAreaField
from wtforms.validators import StopValidation

from feedback import clock
from feedback.core import cases
from feedback.core.access import Permission, Viewer
from feedback.core.cases import Case, ChangedMeanwhile, NotAllowed, praising
from feedback.core.cases.praising import IsWhole, NoReceiver, NotVerbatim
from feedback.core.directory import tree
from feedback.core.people import Department
from feedback.core.submissions import Submission
from feedback.db import StoreError
from feedback.outbound.isolation import isolated
from feedback.text import gettext as _
from feedback.web import house
from feedback.web.errors import not_kept
from feedback.web.forms.choosing import PathField, paths_of_people
from feedback.web.forms.labels import later
from feedback.web.manager import beside, blueprint
from feedback.web.manager.case_forms import check_words
from feedback.web.manager.cases import workable
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer


class PraiseForm(FlaskForm):
    """The words of praise, and whom they are for."""

    text = TextAreaField(later("The words of praise"), id="praise-text")
    person = PathField(later("For someone"))
    department = PathField(later("Or for a whole department"))
    is_whole = BooleanField(later("All of it is praise"))

    def offer(self, session: Session, viewer: Viewer, case: Case) -> None:
        """Whom it can be for."""
        people = paths_of_people(cases.people_for(session, viewer, case))
        self.person.offer(people, people.sorted(), _("Nobody in particular"))
        departments = tree.paths(session, Department)
        self.department.offer(departments, departments.sorted(), _("Choose"))

    def validate_text(self, field: Any) -> None:
        """Something to read."""
        check_words(field)

    def validate_department(self, field: PathField) -> None:
        """One of both has to be chosen, and not both."""
        if field.errors or self.person.errors:
            return
        if (field.chosen is None) == (self.person.chosen is None):
            raise StopValidation(_("Choose someone, or else a department."))


@blueprint.get("/cases/<n>/praise", endpoint="praise")
@needs(Permission.WORK_ON_CASES)
def praise_page(n: str) -> str:
    """What of it is praise, and for whom."""
    return beside.again(n, _page, 200)[0]


@blueprint.post("/cases/<n>/praise")
@needs(Permission.WORK_ON_CASES)
def pass_on(n: str) -> Response | tuple[str, int]:
    """Pass it on as a letter that tells of nothing else."""
    form, viewer, here = PraiseForm(request.form), signed_in_viewer(), house()
    with here.store.read() as session:
        case = workable(session, viewer, n)
        form.offer(session, viewer, case)
        if not form.validate():
            return _page(session, viewer, case, form), 422
    try:
        with here.store.write() as session:
            event = praising.pass_on(
                session,
                viewer,
                workable(session, viewer, n),
                form.text.data or "",
                person_id=form.person.chosen,
                department_id=form.department.chosen,
                is_whole=bool(form.is_whole.data),
                at=clock.now(),
                mails=bool(here.settings.smtp_url),
            )
            name = event.details["reader"]
    except (NotVerbatim, IsWhole) as problem:
        form.text.errors = [_problem(problem)]
        return _again(n, form, is_whole=isinstance(problem, IsWhole))
    except (ChangedMeanwhile, NotAllowed, NoReceiver):
        return beside.changed_meanwhile(n, _page)
    except StoreError as error:
        return not_kept(error, lambda: _again(n, form)[0])
    flash(_("Passed on. %(name)s reads these words, and nothing else of it.") % {"name": isolated(name)})
    return redirect(url_for("manager.case", n=n), 303)


def _again(n: str, form: PraiseForm, *, is_whole: bool = False) -> tuple[str, int]:
    return beside.again(n, lambda session, viewer, case: _page(session, viewer, case, form, is_whole), 422)


def _problem(problem: Exception) -> str:
    if isinstance(problem, IsWhole):
        return _("This is all that the customer wrote. Take away what is not praise.")
    return _(
        "These are not the customer's own words. Take words away, but change none; put parts on lines of their own."
    )


def _page(session: Session, viewer: Viewer, case: Case, sent: PraiseForm | None = None, is_whole: bool = False) -> str:
    message = session.get_one(Submission, case.id).message
    form = sent or PraiseForm(formdata=None, data={"text": message})
    if sent is None:
        form.offer(session, viewer, case)
    return render_template(
        "manager/praise.html",
        case=beside.about(session, case),
        form=form,
        is_whole=is_whole,
        has_concerned=bool(cases.concerned(session, viewer, case)),
    )
