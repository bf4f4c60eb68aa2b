"""What printed codes say, in each language: the shipped words, or the organisation's own in their place."""

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedback import clock
from feedback.core import posters
from feedback.core.access import Permission
from feedback.text import gettext as _
from feedback.text import known
from feedback.web import house
from feedback.web.admin import blueprint
from feedback.web.admin.wording_form import WordingForm
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer
from feedback.web.text import by_use


@blueprint.get("/wording", endpoint="wording")
@needs(Permission.ADMINISTER)
def wording_page() -> str:
    """The lines of one language, that of the organisation if the address names none."""
    language = _language(request.args.get("language") or by_use(posters.shipped())[0])
    with house().store.read() as session:
        (words,) = posters.words(session, [language])
        form = WordingForm(formdata=None, call=words.call, hint=words.hint, why=words.why)
        return _page(session, language, form)


@blueprint.post("/wording/<language>", endpoint="reword")
@needs(Permission.ADMINISTER)
def reword(language: str) -> Response | tuple[str, int]:
    """Keep the organisation's own words for a language; an empty line goes back to the shipped one."""
    form, here = WordingForm(request.form), house()
    if not form.validate():
        with here.store.read() as session:
            return _page(session, _language(language), form), 422
    with here.store.write() as session:
        is_new = posters.reword(session, _language(language), form.lines, clock.now(), by_id=_own_id())
    flash(_("Kept. Print says so from now on.") if is_new else _("Nothing was changed."))
    return redirect(url_for("admin.wording", language=language), 303)


@blueprint.post("/wording/<language>/reset", endpoint="reset_wording")
@needs(Permission.ADMINISTER)
def reset(language: str) -> Response:
    """Go back to the shipped words of a language."""
    with house().store.write() as session:
        posters.reset(session, _language(language), clock.now(), by_id=_own_id())
    flash(_("The words that came with Firsthand are back."))
    return redirect(url_for("admin.wording", language=language), 303)


def _language(tag: str) -> str:
    return tag if tag in posters.shipped() else abort(404)


def _own_id() -> int:
    return signed_in_viewer().person_id


def _page(session: Session, language: str, form: WordingForm) -> str:
    spoken = known(language)
    return render_template(
        "admin/wording.html",
        form=form,
        language=spoken,
        shipped=posters.shipped()[language],
        is_own=bool(posters.own_lines(session, language)),
        choices=[(tag, known(tag).name, tag == language) for tag in by_use(posters.shipped())],
        longest=posters.LONGEST,
    )
