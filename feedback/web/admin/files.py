"""Files of people, departments, places and topics: uploaded, looked at before anything is kept, and downloaded."""

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as BaseResponse

from feedback import clock
from feedback.core.access import Permission
from feedback.core.directory import NOUNS, NotTaken, Noun, Problem
from feedback.core.imports import lists
from feedback.core.imports.lists import COLUMNS, Changed, Plan, Sheet, Waiting
from feedback.outbound import problems
from feedback.outbound.isolation import isolated
from feedback.text import gettext as _
from feedback.text import ngettext, number
from feedback.web import errors, house
from feedback.web.admin import blueprint
from feedback.web.forms.labels import later
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer

MOST_ROWS = 10_000  # of a file in the browser; longer ones go by the command
SHOWN = 200
KIND = "/<any(people, departments, places, topics):kind>"
NOUN_OF = {"people": "person", "departments": "department", "places": "place", "topics": "topic"}


class FileForm(FlaskForm):
    """A file to look at."""

    file = FileField(later("CSV file"))


@blueprint.get(f"{KIND}.csv", endpoint="export")
@needs(Permission.ADMINISTER)
def export(kind: str) -> Response:
    """All in use, in the form that an import reads again."""
    with house().store.read() as session:
        data = lists.export(session, _noun(kind))
    headers = {"Content-Disposition": f'attachment; filename="{kind}.csv"'}
    return Response(data, 200, headers, mimetype="text/csv")


@blueprint.get(f"/import{KIND}", endpoint="upload")
@needs(Permission.ADMINISTER)
def upload_page(kind: str) -> str:
    """What a file looks like, and where to choose it."""
    return _form_page(kind, FileForm(formdata=None))


@blueprint.post(f"/import{KIND}")
@needs(Permission.ADMINISTER)
def upload_file(kind: str) -> BaseResponse | tuple[str, int]:
    """Keep a file for an hour and lead to its preview."""
    form, noun = FileForm(), _noun(kind)
    sent = request.files.get("file")
    data = sent.read() if sent else b""
    if sent:
        sent.close()
    try:
        if not data:
            raise NotTaken([Problem("file", "empty_file")])
        lists.read(data, noun.name, most=MOST_ROWS)
    except NotTaken as error:
        return _form_page(kind, form, [_told(kind, problem) for problem in error.problems]), 422
    here = house()
    token = Waiting(here.settings.data_dir).put(data, noun.name, signed_in_viewer().person_id, clock.now())
    return redirect(url_for("admin.preview", kind=kind, token=token), 303)


@blueprint.get(f"/import{KIND}/<token>", endpoint="preview")
@needs(Permission.ADMINISTER)
def preview(kind: str, token: str) -> str:
    """What the file would do."""
    sheet = _sheet(kind, token)
    with house().store.read() as session:
        return _preview_page(kind, token, sheet, lists.plan(session, _noun(kind), sheet, clock.now()))


@blueprint.post(f"/import{KIND}/<token>/confirmation")
@needs(Permission.ADMINISTER)
def confirmation(kind: str, token: str) -> BaseResponse | tuple[str, int]:
    """Keep the whole file, if it still does what was shown."""
    sheet, here, at, viewer = _sheet(kind, token), house(), clock.now(), signed_in_viewer()
    shown = request.form.get("shown", "")
    try:
        plan = lists.take(here.store, _noun(kind), sheet, by_id=viewer.person_id, at=at, shown=shown)
    except Changed as changed:
        flash(_("Something changed meanwhile, and nothing was kept. This is what would happen now."))
        return _preview_page(kind, token, sheet, changed.plan), 409
    if plan.problems:
        return redirect(url_for("admin.preview", kind=kind, token=token), 303)
    Waiting(here.settings.data_dir).drop(token, _noun(kind).name, viewer.person_id)
    flash(_("Imported. %(said)s") % {"said": " ".join(f"{text}." for text in _sums(plan))})
    return redirect(url_for(f"admin.{kind}"), 303)


@blueprint.errorhandler(RequestEntityTooLarge)
def too_large(error: RequestEntityTooLarge) -> BaseResponse | tuple[str, int]:
    """A file that is too large for the browser says how else it can be imported."""
    if request.endpoint != "admin.upload_file" or not request.view_args:
        return errors.of_http(error)
    kind = request.view_args["kind"]
    return _form_page(kind, FileForm(formdata=None), [_by_command(kind, _("This file is too large."))]), 413


def _noun(kind: str) -> Noun:
    return NOUNS[NOUN_OF[kind]]


def _sheet(kind: str, token: str) -> Sheet:
    noun, viewer = _noun(kind), signed_in_viewer()
    data = Waiting(house().settings.data_dir).get(token, noun.name, viewer.person_id, clock.now())
    if data is None:
        abort(404)
    return lists.read(data, noun.name, most=MOST_ROWS)


def _told(kind: str, problem: Problem) -> str:
    said = problems.sentence(problem)
    return _by_command(kind, said) if problem.name == "too_many_rows" else said


def _by_command(kind: str, said: str) -> str:
    command = f"flask --app wsgi import {kind} FILE"
    most = _("Here a file can have %(most)s rows and 2 MB. For more, use the command: %(command)s") % {
        "most": number(MOST_ROWS),
        "command": isolated(command),
    }
    return f"{said} {most}"


def _form_page(kind: str, form: FileForm, found: list[str] | None = None) -> str:
    form.file.errors = found or []
    return render_template("admin/import.html", kind=kind, form=form, columns=COLUMNS[NOUN_OF[kind]])


def _sums(plan: Plan) -> list[str]:
    """How many rows are new, change something, change nothing, and have problems."""
    new, changed = len(plan.new), len(plan.changed)
    same = len(plan.rows) - new - changed
    lines = sorted({line for line, _problem in plan.problems})
    sums = [
        ngettext("%(num)s new", "%(num)s new", new) % {"num": number(new)},
        ngettext("%(num)s changed", "%(num)s changed", changed) % {"num": number(changed)},
    ]
    if same:
        sums.append(ngettext("%(num)s unchanged", "%(num)s unchanged", same) % {"num": number(same)})
    if lines:
        n = len(plan.problems)
        said = ngettext("%(num)s problem in line %(line)s", "%(num)s problems, the first in line %(line)s", n)
        sums.append(said % {"num": number(n), "line": number(lines[0])})
    return sums


def _preview_page(kind: str, token: str, sheet: Sheet, plan: Plan) -> str:
    return render_template(
        "admin/preview.html",
        kind=kind,
        token=token,
        form=FlaskForm(formdata=None),
        sums=_sums(plan),
        problems=[(line, problems.sentence(problem)) for line, problem in plan.problems[:SHOWN]],
        more_problems=len(plan.problems) > SHOWN,
        new=[(row.line, row.after["name"]) for row in plan.new[:SHOWN]],
        changed=[(row.line, row.after["name"]) for row in plan.changed[:SHOWN]],
        is_guess=sheet.is_guess,
        ignored=sheet.ignored,
        digest=plan.digest,
        may_confirm=not plan.problems and bool(plan.new or plan.changed),
    )
