"""By when cases are acknowledged and answered: one of the known promises, or numbers of one's own for each severity."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, IntegerField, SelectField
from wtforms.validators import StopValidation

from feedback import clock
from feedback.core import deadlines
from feedback.core.access import Permission
from feedback.core.deadlines import MOST, PRESETS, SEVERITIES, Promise, Span, Unit
from feedback.outbound import wording
from feedback.text import gettext as _
from feedback.web import house
from feedback.web.admin import blueprint
from feedback.web.forms.labels import later
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer


class LevelForm(FlaskForm):
    """The promise for one severity."""

    class Meta:
        csrf = False  # the page's own form carries the token

    acknowledge = IntegerField(later("Acknowledged within"))
    answer = IntegerField(later("Answered within"))
    second = IntegerField(later("Answered within, once opened again"))
    unit = SelectField(later("Counted in"), validate_choice=True, default=Unit.DAYS.value)
    counts_from_acknowledgement = BooleanField(later("The answer counts from the acknowledgement"))

    def offer(self) -> None:
        """Working days or hours."""
        self.unit.choices = [(Unit.DAYS.value, _("working days")), (Unit.HOURS.value, _("hours"))]

    def fill(self, promise: Promise) -> None:
        """Show what is promised."""
        self.acknowledge.data, self.answer.data = promise.acknowledge.n, promise.answer.n
        self.second.data, self.unit.data = promise.second.n, promise.answer.unit.value
        self.counts_from_acknowledgement.data = promise.counts_from_acknowledgement

    def validate_acknowledge(self, field: Any) -> None:
        """A number there can be."""
        self._check(field)

    def validate_answer(self, field: Any) -> None:
        """A number there can be."""
        self._check(field)

    def validate_second(self, field: Any) -> None:
        """A number there can be."""
        self._check(field)

    @property
    def promise(self) -> Promise:
        """What was sent, of a form that is in order."""
        unit = Unit(self.unit.data)
        return Promise(
            Span(self.acknowledge.data or 0, unit),
            Span(self.answer.data or 0, unit),
            Span(self.second.data or 0, unit),
            bool(self.counts_from_acknowledgement.data),
        )

    def _check(self, field: Any) -> None:
        most = MOST.get(self.unit.data or "", MOST[Unit.DAYS])
        if field.data is None or not 1 <= field.data <= most:
            raise StopValidation(_("Write a number from 1 to %(most)s.") % {"most": most})


class TokenForm(FlaskForm):
    """The token of the whole page."""


@blueprint.get("/deadlines", endpoint="deadlines")
@needs(Permission.ADMINISTER)
def deadlines_page() -> str:
    """What is promised now, or what a known promise would be."""
    with house().store.read() as session:
        promises = deadlines.promised(session)
    preset = request.args.get("preset", "")
    if preset in PRESETS:
        promises = dict.fromkeys(SEVERITIES, PRESETS[preset])
    levels = {severity: LevelForm(formdata=None, prefix=f"s{severity}-") for severity in SEVERITIES}
    for severity, form in levels.items():
        form.fill(promises[severity])
    return _page(levels, preset if preset in PRESETS else "")


@blueprint.post("/deadlines", endpoint="deadlines_change")
@needs(Permission.ADMINISTER)
def change() -> Response | tuple[str, int]:
    """Promise something else from now on."""
    levels = {severity: LevelForm(request.form, prefix=f"s{severity}-") for severity in SEVERITIES}
    for form in levels.values():
        form.offer()
    if not all([form.validate() for form in levels.values()]):
        return _page(levels, ""), 422
    wanted = {severity: form.promise for severity, form in levels.items()}
    with house().store.write() as session:
        is_new = deadlines.promise(session, wanted, by_id=signed_in_viewer().person_id, at=clock.now())
    flash(_("Promised from now on.") if is_new else _("Nothing was different, so nothing changed."))
    return redirect(url_for("admin.deadlines"), 303)


def _page(levels: dict[int, LevelForm], preset: str) -> str:
    for form in levels.values():
        form.offer()
    names = {
        "nhs": _("NHS in England"),
        "spso": _("Scottish public services (SPSO)"),
        "housing": _("Housing Ombudsman"),
        "retail": _("Retail: 48 hours"),
    }
    return render_template(
        "admin/deadlines.html",
        levels=[(wording.severity(severity), form) for severity, form in levels.items()],
        is_wrong=any(form.errors for form in levels.values()),
        token=TokenForm(formdata=None),
        presets=[(names[name], url_for("admin.deadlines", preset=name), name == preset) for name in PRESETS],
        is_preset=bool(preset),
    )
