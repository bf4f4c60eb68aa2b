"""Absences: who is away from when until when, and which colleague stands in."""

from datetime import date
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import StopValidation

from feedback import clock
from feedback.core import absences
from feedback.core.absences import Away
from feedback.core.access import Permission
from feedback.core.accounts import at_work
from feedback.core.directory import NotTaken, Problem, hold, staff
from feedback.core.directory.tree import Paths
from feedback.core.organisation import the_organisation
from feedback.outbound import problems
from feedback.outbound.isolation import isolated
from feedback.text import gettext as _
from feedback.web import house
from feedback.web.admin import blueprint
from feedback.web.forms.address import id_in, whole
from feedback.web.forms.choosing import PathField, paths_of_people
from feedback.web.forms.days import day_in
from feedback.web.forms.labels import later
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer

SIZE = 50


class Day(StringField):
    """A day, chosen or written like 2026-12-25; `chosen` is what it means."""

    chosen: date | None = None

    def pre_validate(self, form: Any) -> None:
        """Find out which day is meant."""
        self.chosen = day_in(self.data or "")
        if self.chosen is None:
            raise StopValidation(_("Please choose a day. It is written like 2026-12-25."))


class AbsenceForm(FlaskForm):
    """Someone who is away, the days, and who stands in."""

    person = PathField(later("Who is away"))
    from_on = Day(later("First day"), render_kw={"type": "date"})
    until_on = Day(later("Last day"), render_kw={"type": "date"})
    cover = PathField(later("Who stands in"))

    def validate_person(self, field: Any) -> None:
        """Somebody has to be."""
        if field.chosen is None and not field.errors:
            raise StopValidation(_("Choose who is away."))

    def offer(self, people: Paths, covers: Paths) -> None:
        """Who can be chosen."""
        self.person.offer(people, people.sorted(), _("Choose"))
        self.cover.offer(covers, covers.sorted(), _("Nobody"))

    def blame(self, found: tuple[Problem, ...]) -> None:
        """Put each problem beside its field."""
        for problem in found:
            field = self._fields[problem.field]
            field.errors = [*field.errors, problems.sentence(problem)]


@blueprint.get("/absences", endpoint="absences")
@needs(Permission.MANAGE_PEOPLE)
def absences_page() -> str:
    """Who is away now and soon, and the form for one more."""
    with house().store.read() as session:
        form = AbsenceForm(formdata=None)
        _offer(session, form)
        return _page(session, form)


@blueprint.post("/absences", endpoint="absence_make")
@needs(Permission.MANAGE_PEOPLE)
def make() -> Response | tuple[str, int]:
    """Keep that someone is away."""
    form, here, at = AbsenceForm(request.form), house(), clock.now()
    with here.store.read() as session:
        _offer(session, form)
        if not form.validate():
            return _page(session, form), 422
        today = _today(session)
    assert form.person.chosen and form.from_on.chosen and form.until_on.chosen  # noqa: S101 - validated above
    away = Away(form.from_on.chosen, form.until_on.chosen, form.cover.chosen)
    try:
        with here.store.write() as session:
            absences.note_away(session, signed_in_viewer(), form.person.chosen, away, today=today, at=at)
    except NotTaken as error:
        form.blame(error.problems)
        with here.store.read() as session:
            return _page(session, form), 422
    flash(_("Kept. What arrives meanwhile goes to those who are here."))
    return redirect(url_for("admin.absences"), 303)


@blueprint.post("/absences/<n>/return", endpoint="absence_return")
@needs(Permission.MANAGE_PEOPLE)
def back(n: str) -> Response:
    """Let someone be back today, or not go at all."""
    viewer = signed_in_viewer()
    with house().store.write() as session:
        hold(session)
        absence = absences.one(session, viewer, whole(n)) or abort(404)
        today = _today(session)
        had_begun = absence.from_on <= today
        name = absences.end(session, viewer, absence, today=today, at=clock.now())
    text = _("%(name)s is here again.") if had_begun else _("Taken away: %(name)s stays here.")
    flash(text % {"name": isolated(name)})
    return redirect(url_for("admin.absences"), 303)


def _page(session: Session, form: AbsenceForm) -> str:
    viewer, today, after = signed_in_viewer(), _today(session), id_in("after")
    found = absences.coming(session, viewer, today, after=after, size=SIZE + 1)
    rows = [
        {
            "id": row.absence.id,
            "person": row.person,
            "cover": row.cover,
            "from_on": row.absence.from_on,
            "until_on": row.absence.until_on,
            "is_now": row.absence.from_on <= today,
        }
        for row in found[:SIZE]
    ]
    more = url_for("admin.absences", after=found[SIZE - 1].absence.id) if len(found) > SIZE else ""
    return render_template("admin/absences.html", rows=rows, more=more, form=form, is_later=after is not None)


def _offer(session: Session, form: AbsenceForm) -> None:
    form.offer(
        paths_of_people(absences.people_for(session, signed_in_viewer())),
        paths_of_people(staff.told_apart(session, at_work())),
    )


def _today(session: Session) -> date:
    known = the_organisation(session)
    return clock.day(clock.now(), known.timezone if known else "UTC")
