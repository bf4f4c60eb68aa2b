"""What people say is wrong in what is kept about them: the list for those who keep it, and each with its answer."""

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedback import clock
from feedback.core import challenges, people
from feedback.core.access import Permission
from feedback.core.challenges import Outcome, Part, Row
from feedback.core.people import Person
from feedback.db import StoreError
from feedback.outbound.isolation import isolated
from feedback.text import gettext as _
from feedback.web import house
from feedback.web.admin import blueprint
from feedback.web.errors import not_kept
from feedback.web.forms.address import id_in, whole
from feedback.web.forms.challenging import OUTCOMES, PARTS, AnswerForm
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer

SIZE = 50


@blueprint.get("/challenges", endpoint="challenges")
@needs(Permission.MANAGE_PEOPLE)
def challenges_page() -> str:
    """Those that wait, the longest first; or those that were answered, the last first."""
    is_answered = request.args.get("answered") == "yes"
    with house().store.read() as session:
        found = challenges.page(
            session, signed_in_viewer(), is_answered=is_answered, after=id_in("after"), size=SIZE + 1
        )
    after = found[SIZE - 1].challenge.id if len(found) > SIZE else None
    narrowed = "yes" if is_answered else None
    return render_template(
        "admin/challenges.html",
        rows=[_row(row) for row in found[:SIZE]],
        is_answered=is_answered,
        more=url_for("admin.challenges", answered=narrowed, after=after) if after else "",
    )


@blueprint.get("/challenges/<n>", endpoint="challenge")
@needs(Permission.MANAGE_PEOPLE)
def challenge_page(n: str) -> str:
    """One of them, with its answer or the form for it."""
    with house().store.read() as session:
        return _page(session, n, AnswerForm(formdata=None))


@blueprint.post("/challenges/<n>/answer", endpoint="challenge_answer")
@needs(Permission.MANAGE_PEOPLE)
def answer(n: str) -> Response | tuple[str, int]:
    """Answer it, once and for good."""
    form, here = AnswerForm(request.form), house()
    if not form.validate():
        return _again(n, form), 422
    outcome, mails = Outcome(form.outcome.data), bool(here.settings.smtp_url)
    try:
        with here.store.write() as session:
            found = challenges.answer(
                session, signed_in_viewer(), whole(n), outcome, form.said.data or "", clock.now(), mails=mails
            )
            name = session.get_one(Person, (found or abort(404)).person_id).name
    except challenges.AnsweredAlready:
        return _again(n, form, is_late=True), 409
    except StoreError as error:
        return not_kept(error, lambda: _again(n, form))
    flash(_("Answered. %(name)s reads it on the page of what is kept about them.") % {"name": isolated(name)})
    return redirect(url_for("admin.challenges"), 303)


def _again(n: str, form: AnswerForm, *, is_late: bool = False) -> str:
    with house().store.read() as session:
        return _page(session, n, form, is_late=is_late)


def _page(session: Session, n: str, form: AnswerForm, *, is_late: bool = False) -> str:
    viewer = signed_in_viewer()
    found = challenges.one(session, viewer, whole(n)) or abort(404)
    names = people.person_names(session, {found.person_id, found.answered_by_id})
    return render_template(
        "admin/challenge.html",
        it=found,
        name=names[found.person_id],
        part=PARTS[Part(found.part)](),
        letter=challenges.letter_of(session, viewer, found),
        outcome=OUTCOMES[Outcome(found.outcome)]() if found.outcome else "",
        answered_by=names.get(found.answered_by_id or 0, ""),
        form=form,
        is_late=is_late,
    )


def _row(row: Row) -> dict[str, object]:
    one = row.challenge
    return {
        "url": url_for("admin.challenge", n=one.id),
        "first": " ".join(one.said.split())[:240],
        "person": row.person,
        "department": row.department,
        "part": PARTS[Part(one.part)](),
        "at": one.answered_at or one.at,
        "outcome": OUTCOMES[Outcome(one.outcome)]() if one.outcome else "",
    }
