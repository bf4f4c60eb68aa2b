"""Where submissions go: the usual way in words, and the rules beyond it, each tried before it is switched on."""

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedback import clock
from feedback.core.access import Permission
from feedback.core.directory import ChangedMeanwhile, NotTaken, hold
from feedback.core.rules import RuleRow, keeping, told
from feedback.outbound import rules as worded
from feedback.text import gettext as _
from feedback.web import house
from feedback.web.admin import blueprint, rule_page
from feedback.web.admin.rule_form import RuleForm
from feedback.web.forms.address import whole
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer


@blueprint.get("/routing", endpoint="routing")
@needs(Permission.ADMINISTER)
def rules() -> str:
    """All rules in their order."""
    with house().store.read() as session:
        rows = keeping.listed(session)
        names = keeping.names(session, [row.rule for row in rows])
    return render_template(
        "admin/routing.html",
        rows=[
            {
                "id": row.id,
                "sentence": worded.sentence(told(row.rule, names)),
                "on_since": row.on_since,
                "is_first": row is rows[0],
                "is_last": row is rows[-1],
            }
            for row in rows
        ],
        most=keeping.MOST,
    )


@blueprint.get("/routing/new", endpoint="rule_new")
@needs(Permission.ADMINISTER)
def new_page() -> str:
    """The form for a new rule."""
    with house().store.read() as session:
        return rule_page.render(session, rule_page.form_of(session, None), None)


@blueprint.post("/routing/new", endpoint="rule_make")
@needs(Permission.ADMINISTER)
def make() -> Response | tuple[str, int]:
    """Try a new rule; once it was tried as it is, keep it."""
    form, here, at = RuleForm(request.form), house(), clock.now()
    with here.store.read() as session:
        answer = rule_page.first_tried(session, form, None)
    if answer:
        return answer
    viewer = signed_in_viewer()
    try:
        with here.store.write() as session:
            row = keeping.make(session, form.rule, by_id=viewer.person_id, at=at)
            if is_on := request.form.get("on") == "yes":
                keeping.switch(session, row, is_on=True, by_id=viewer.person_id, at=at)
    except NotTaken as error:
        return _refused(form, error, None)
    flash(_("The rule holds from now on.") if is_on else _("The rule is kept, and not switched on yet."))
    return redirect(url_for("admin.routing"), 303)


@blueprint.get("/routing/<n>", endpoint="rule")
@needs(Permission.ADMINISTER)
def rule_page_of(n: str) -> str:
    """One rule, what came of its dry run, and its form."""
    with house().store.read() as session:
        row = _known(session, n)
        return rule_page.render(session, rule_page.form_of(session, row), row, tried=row.rule)


@blueprint.post("/routing/<n>/details", endpoint="rule_details")
@needs(Permission.ADMINISTER)
def change(n: str) -> Response | tuple[str, int]:
    """Try a rule as it was changed; once it was tried as it is, keep it."""
    form, here, at = RuleForm(request.form), house(), clock.now()
    with here.store.read() as session:
        answer = rule_page.first_tried(session, form, _known(session, n))
    if answer:
        return answer
    by_id = signed_in_viewer().person_id
    try:
        with here.store.write() as session:
            hold(session)
            keeping.change(session, _known(session, n), form.rule, shown=form.shown.data or "", by_id=by_id, at=at)
    except NotTaken as error:
        return _refused(form, error, n)
    except ChangedMeanwhile:
        with here.store.read() as session:
            return rule_page.render(session, form, _known(session, n), meanwhile=True), 409
    flash(_("Saved."))
    return redirect(url_for("admin.routing"), 303)


@blueprint.post("/routing/<n>/activation", endpoint="rule_activation")
@needs(Permission.ADMINISTER)
def switch_on(n: str) -> Response:
    """Let the rule hold from now on."""
    _switch(n, is_on=True)
    flash(_("The rule holds from now on."))
    return redirect(url_for("admin.routing"), 303)


@blueprint.post("/routing/<n>/deactivation", endpoint="rule_deactivation")
@needs(Permission.ADMINISTER)
def switch_off(n: str) -> Response:
    """Let the rule hold no longer; it stays written."""
    _switch(n, is_on=False)
    flash(_("The rule holds no longer. What it sent somewhere stays there."))
    return redirect(url_for("admin.routing"), 303)


@blueprint.post("/routing/<n>/position", endpoint="rule_position")
@needs(Permission.ADMINISTER)
def move(n: str) -> Response:
    """Ask the rule one place earlier or later."""
    where = request.form.get("where")
    with house().store.write() as session:
        hold(session)
        row = _known(session, n)
        if where not in ("earlier", "later"):
            abort(400)
        by_id = signed_in_viewer().person_id
        keeping.move(session, row, earlier=where == "earlier", by_id=by_id, at=clock.now())
    return redirect(url_for("admin.routing", _anchor=f"rule-{n}"), 303)


@blueprint.post("/routing/<n>/removal", endpoint="rule_removal")
@needs(Permission.ADMINISTER)
def take_away(n: str) -> Response:
    """Take the rule away."""
    with house().store.write() as session:
        hold(session)
        keeping.take_away(session, _known(session, n), by_id=signed_in_viewer().person_id, at=clock.now())
    flash(_("The rule is gone. What it sent somewhere stays there."))
    return redirect(url_for("admin.routing"), 303)


def _switch(n: str, *, is_on: bool) -> None:
    with house().store.write() as session:
        hold(session)
        row = _known(session, n)
        keeping.switch(session, row, is_on=is_on, by_id=signed_in_viewer().person_id, at=clock.now())


def _known(session: Session, n: str) -> RuleRow:
    return keeping.one(session, whole(n)) or abort(404)


def _refused(form: RuleForm, error: NotTaken, n: str | None) -> tuple[str, int]:
    form.blame(error.problems)
    with house().store.read() as session:
        return rule_page.render(session, form, _known(session, n) if n else None), 422
