"""The page of one rule: its form, and what its dry run shows."""

from flask import render_template, request, url_for
from sqlalchemy.orm import Session

from feedback.core import directory
from feedback.core.accounts import at_work
from feedback.core.directory import NotTaken, staff
from feedback.core.links import codes_of_links, links_with_codes
from feedback.core.people import Department, Place, Topic
from feedback.core.routing import trial
from feedback.core.routing.trial import Change, Trial
from feedback.core.rules import About, Rule, RuleRow, keeping, told
from feedback.core.submissions import Kind
from feedback.outbound import outcomes
from feedback.outbound import rules as worded
from feedback.web.admin.rule_form import RuleForm
from feedback.web.forms.choosing import paths_of_people
from feedback.web.session import signed_in_viewer
from feedback.web.text import offered, organisation

MOST_SHOWN = 50
EXCERPT = 120  # characters
KEEPING = frozenset({"keep", "on"})  # the buttons that do more than try


def form_of(session: Session, row: RuleRow | None) -> RuleForm:
    """The form with the rule as it is kept, or empty."""
    made = RuleForm(formdata=None)
    if row:
        links = [int(v) for one in row.rule.conditions if one.about == About.LINK for v in one.values]
        made.fill(row.rule, codes_of_links(session, links))
        made.shown.data = _mark(row)
    _offer(session, made)
    return made


def first_tried(session: Session, form: RuleForm, row: RuleRow | None) -> tuple[str, int] | None:
    """The page to answer with while the rule of the form cannot be kept: wrong, or not tried as it is."""
    _offer(session, form)
    form.validate()
    form.look_up(lambda codes: links_with_codes(session, codes))
    if not form.errors:
        _check(session, form)
    if form.errors:
        return render(session, form, row), 422
    mark = keeping.mark(form.rule, is_on=False)
    is_to_be_kept = not KEEPING.isdisjoint(request.form)
    if form.tried.data == mark and is_to_be_kept:
        return None
    form.tried.data = mark
    return render(session, form, row, tried=form.rule, is_other=is_to_be_kept), 200


def render(
    session: Session,
    form: RuleForm,
    row: RuleRow | None,
    *,
    tried: Rule | None = None,
    meanwhile: bool = False,
    is_other: bool = False,
) -> str:
    """The page, with the dry run of the rule `tried`, which `is_other` than the one that was tried before.

    Of a rule that is kept as it is and holds already, nothing is tried.
    """
    if meanwhile and row:
        form.shown.data = _mark(row)
    is_kept = row is not None and tried == row.rule
    holds = is_kept and row is not None and row.on_since is not None
    return render_template(
        "admin/rule.html",
        form=form,
        row=row,
        action=url_for("admin.rule_details", n=row.id) if row else url_for("admin.rule_make"),
        sentence=_sentence(session, tried) if tried else "",
        trial=_shown(session, tried, row) if tried and not holds else None,
        is_kept=is_kept,
        meanwhile=meanwhile,
        is_other=is_other,
    )


def _check(session: Session, form: RuleForm) -> None:
    try:
        keeping.check(session, form.rule)
    except NotTaken as error:
        form.blame(error.problems)


def _mark(row: RuleRow) -> str:
    return keeping.mark(row.rule, is_on=row.on_since is not None)


def _sentence(session: Session, rule: Rule) -> str:
    return worded.sentence(told(rule, keeping.names(session, [rule])))


def _offer(session: Session, form: RuleForm) -> None:
    form.offer(
        directory.flat_paths(session, Topic),
        directory.paths(session, Place),
        directory.paths(session, Department),
        paths_of_people(staff.told_apart(session, at_work())),
        offered(organisation()),
    )


def _shown(session: Session, rule: Rule, row: RuleRow | None) -> dict[str, object]:
    """What the dry run of `rule` in the place of `row`, or after all others, would have changed."""
    rows = keeping.listed(session)
    before = [one.rule for one in rows if one.on_since]
    if row:
        after = [rule if one.id == row.id else one.rule for one in rows if one.on_since or one.id == row.id]
    else:
        after = [*before, rule]
    named_before, named_after = keeping.with_names(session, before), keeping.with_names(session, after)
    found = trial.run(session, signed_in_viewer(), rule, named_before, named_after)
    return {
        "looked_at": found.looked_at,
        "fitting": found.fitting,
        "changed": len(found.changes),
        "changes": [_change(change, found) for change in found.changes[:MOST_SHOWN]],
    }


def _change(change: Change, found: Trial) -> dict[str, object]:
    submission = change.submission
    is_case = submission.kind != Kind.COMPLIMENT
    before, after = outcomes.ways(change.before, found.old), outcomes.ways(change.after, found.new)
    return {
        "words": submission.message[:EXCERPT],
        "kind": submission.kind,
        "at": submission.submitted_at,
        "url": url_for("manager.case", n=submission.id) if is_case else "",
        "before": [way for way in before if way not in after],
        "after": [way for way in after if way not in before],
    }
