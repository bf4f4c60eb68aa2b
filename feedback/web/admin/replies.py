"""Reply templates: the list with what is missing in which language, and each with its texts side by side."""

from collections.abc import Iterable

from flask import abort, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedback import clock
from feedback.core import replies
from feedback.core.access import Permission
from feedback.core.organisation import Organisation, the_organisation
from feedback.core.replies import MOST, SHIPPED, Meanwhile, Template, TooMany, Wrong
from feedback.outbound import replies as words
from feedback.outbound.isolation import filled
from feedback.text import gettext as _
from feedback.text import known, ngettext, number
from feedback.web import house
from feedback.web.admin import blueprint
from feedback.web.admin.reply_form import TemplateForm
from feedback.web.forms.address import whole
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer


@blueprint.get("/replies", endpoint="replies")
@needs(Permission.ADMINISTER)
def replies_page() -> str:
    """All templates, or where there is none the way to begin."""
    with house().store.read() as session:
        kept, organisation = replies.all_of(session), _known(session)
    return render_template(
        "admin/replies.html",
        rows=[_row(template, organisation) for template in kept],
        ours=[] if kept else [ours.names[_shipped(organisation)] for ours in SHIPPED],
        is_full=len(kept) >= MOST,
        token=FlaskForm(formdata=None),
    )


@blueprint.post("/replies/ours", endpoint="replies_ours")
@needs(Permission.ADMINISTER)
def start_with_ours() -> Response:
    """Begin with the templates that came with Firsthand."""
    with house().store.write() as session:
        n = replies.start_with_ours(session, clock.now(), by_id=signed_in_viewer().person_id)
    told = ngettext("%(num)s template is yours now.", "%(num)s templates are yours now.", n) % {"num": number(n)}
    flash(told if n else _("There are templates already, so nothing changed."))
    return redirect(url_for("admin.replies"), 303)


@blueprint.get("/replies/new", endpoint="reply_new")
@needs(Permission.ADMINISTER)
def new() -> str:
    """An empty template."""
    with house().store.read() as session:
        return _page(session, None, TemplateForm.of(None, _tags(_known(session))))


@blueprint.post("/replies/new", endpoint="reply_make")
@needs(Permission.ADMINISTER)
def make() -> Response | tuple[str, int]:
    """Keep one more template."""
    form = _sent(None)
    try:
        if form.is_right():
            with house().store.write() as session:
                replies.make(session, form.wanted, clock.now(), by_id=signed_in_viewer().person_id)
            return _kept(_("Kept. It is offered on the page of every case."))
    except Wrong as error:
        form.blame(error)
    except TooMany:
        form.name.errors = [_("There are as many templates as can be. Take one away first.")]
    return _again(None, form), 422


@blueprint.get("/replies/<n>", endpoint="reply")
@needs(Permission.ADMINISTER)
def reply(n: str) -> str:
    """One template."""
    with house().store.read() as session:
        template = _one(session, n)
        return _page(session, template, TemplateForm.of(template, _tags(_known(session), template.texts)))


@blueprint.post("/replies/<n>/details", endpoint="reply_change")
@needs(Permission.ADMINISTER)
def change(n: str) -> Response | tuple[str, int]:
    """Let a template say something else."""
    with house().store.read() as session:
        template = _one(session, n)
    form = _sent(template)
    try:
        if form.is_right():
            with house().store.write() as session:
                at, by_id = clock.now(), signed_in_viewer().person_id
                mark = form.shown.data or ""
                is_new = replies.change(session, template, form.wanted, at, mark=mark, by_id=by_id)
            return _kept(_("Kept.") if is_new else _("Nothing was different, so nothing changed."))
    except Wrong as error:
        form.blame(error)
    except Meanwhile:
        return _changed_meanwhile(n, form), 409
    return _again(template, form), 422


@blueprint.post("/replies/<n>/preview", endpoint="reply_preview")
@needs(Permission.ADMINISTER)
def preview(n: str) -> str:
    """What was typed, with examples in place of the placeholders; nothing is kept."""
    if n == "new":
        return _again(None, _sent(None))
    with house().store.read() as session:
        template = _one(session, n)
    return _again(template, _sent(template))


@blueprint.post("/replies/<n>/removal", endpoint="reply_removal")
@needs(Permission.ADMINISTER)
def remove(n: str) -> Response:
    """Take a template away."""
    with house().store.write() as session:
        name = replies.remove(session, whole(n), clock.now(), by_id=signed_in_viewer().person_id)
    return _kept(filled(_("Taken away: %(name)s. What was sent stays as it is."), {"name": name or abort(404)}))


def _one(session: Session, n: str) -> Template:
    return replies.one(session, whole(n)) or abort(404)


def _known(session: Session) -> Organisation:
    return the_organisation(session) or abort(404)


def _tags(organisation: Organisation, kept: Iterable[str] = ()) -> list[str]:
    """The languages of the organisation, its own first, and those a template has beside them."""
    return list(dict.fromkeys([organisation.language, *organisation.languages, *kept]))


def _shipped(organisation: Organisation) -> str:
    return next((tag for tag in _tags(organisation) if tag in replies.LANGUAGES), "en")


def _sent(template: Template | None) -> TemplateForm:
    with house().store.read() as session:
        return TemplateForm.sent(_tags(_known(session), template.texts if template else ()))


def _kept(said: str) -> Response:
    flash(said)
    return redirect(url_for("admin.replies"), 303)


def _again(template: Template | None, form: TemplateForm) -> str:
    with house().store.read() as session:
        return _page(session, template, form)


def _changed_meanwhile(n: str, form: TemplateForm) -> str:
    """The form as it was sent, and above it what somebody else has made of the template."""
    with house().store.read() as session:
        template = _one(session, n)
        form.show_again(template)
        return _page(session, template, form, is_stale=True)


def _row(template: Template, organisation: Organisation) -> dict[str, object]:
    tags = _tags(organisation, template.texts)
    return {
        "id": template.id,
        "name": template.name,
        "kind": words.kind(template.says),
        "there": [known(tag).name for tag in tags if tag in template.texts],
        "missing": [known(tag).name for tag in tags if tag not in template.texts],
    }


def _page(session: Session, template: Template | None, form: TemplateForm, *, is_stale: bool = False) -> str:
    organisation = _known(session)
    return render_template(
        "admin/reply.html",
        form=form,
        template=template,
        texts=[_text(tag, text, organisation) for tag, text in form.typed.items()],
        placeholders=words.placeholders(),
        is_stale=is_stale,
        preview_url=url_for("admin.reply_preview", n=template.id if template else "new"),
    )


def _text(tag: str, text: str, organisation: Organisation) -> dict[str, object]:
    """The text in one language, as it reads where everything is known and where nothing is."""
    name, zone, at = organisation.name, organisation.timezone, clock.now()
    people = (words.example(name, zone, organisation.staff_names, at, tag), words.nobody(name, zone, at))
    filled_in = [replies.fill(text, words.values(one, tag)) for one in people] if text.strip() else []
    return {"language": known(tag), "is_offered": tag in organisation.languages, "previews": filled_in}
