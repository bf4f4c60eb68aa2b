"""Whom a letter is for: a manager's one tap, a search for others, and "this was not me" of whom it reached."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedback import clock
from feedback.core import addressing, praise
from feedback.core.access import Permission, Viewer
from feedback.core.addressing import Guess
from feedback.core.praise import AlreadyDelivered, Letter
from feedback.outbound.isolation import isolated
from feedback.text import dates, pgettext
from feedback.text import gettext as _
from feedback.web import house
from feedback.web.employee import blueprint
from feedback.web.employee.lists import WAITING
from feedback.web.forms.address import id_of, whole
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer
from feedback.web.text import zone

LONGEST = 200  # characters that are looked for in names


@blueprint.get("/praise/<n>/person", endpoint="addressing")
@needs(Permission.MANAGE_PRAISE)
def choose(n: str) -> str:
    """A letter that waits for its person, and everyone it can be for, by name."""
    return _page(n)


@blueprint.post("/praise/<n>/person", endpoint="address")
@needs(Permission.MANAGE_PRAISE)
def give(n: str) -> Response | tuple[str, int]:
    """Deliver it to one person."""
    here, viewer, person_id = house(), signed_in_viewer(), id_of(request.form.get("person", ""))
    mails = bool(here.settings.smtp_url)
    try:
        with here.store.write() as session:
            given = addressing.give(session, viewer, whole(n), person_id, clock.now(), mails=mails) or abort(404)
            session.flush()
            reached = praise.reached(session, [given.submission_id])[given.submission_id]
            home = addressing.home(session, given)
    except AlreadyDelivered as error:
        return _delivered_before(error)
    except addressing.NotChosen:
        return _page(n, problem=_("Please choose someone who works here.")), 422
    names = pgettext("between names in a list", ", ").join(isolated(name) for _id, name in reached)
    flash(_("Delivered. It reached %(names)s.") % {"names": names})
    return _back(home)


@blueprint.post("/praise/<n>/person/removal", endpoint="disown")
@needs(Permission.READ_PRAISE)
def disown(n: str) -> Response:
    """Say that a letter is not about oneself."""
    here = house()
    with here.store.write() as session:
        mails = bool(here.settings.smtp_url)
        addressing.disown(session, signed_in_viewer(), whole(n), clock.now(), mails=mails) or abort(404)
    flash(_("Thank you for saying so. We will look once more whom it is for."))
    return redirect(url_for("employee.praise"), 303)


@blueprint.post("/praise/<n>/suggestion/removal", endpoint="dismiss")
@needs(Permission.MANAGE_PRAISE)
def dismiss(n: str) -> Response | tuple[str, int]:
    """Say that a letter does not speak of someone who was suggested."""
    person_id = id_of(request.form.get("person", ""))
    try:
        with house().store.write() as session:
            found = addressing.dismiss(session, signed_in_viewer(), whole(n), person_id, clock.now()) or abort(404)
            home = addressing.home(session, found)
    except AlreadyDelivered as error:
        return _delivered_before(error)
    except addressing.NotChosen:
        return _page(n, problem=_("Please choose someone who works here.")), 422
    flash(_("Noted. This is not suggested again."))
    return _back(home)


def _delivered_before(error: AlreadyDelivered) -> Response:
    flash(_("Someone else was faster: this letter was delivered before."))
    return _back(error.department_id)


def _back(department_id: int) -> Response:
    """To the list from which it was decided."""
    if request.form.get("list") == WAITING:
        return redirect(url_for("employee.praise", whose=WAITING), 303)
    return redirect(url_for("employee.praise", department=department_id), 303)


def _page(n: str, problem: str = "") -> str:
    viewer, q = signed_in_viewer(), request.args.get("q", "").strip().replace("\0", "")[:LONGEST]
    with house().store.read() as session:
        letter = addressing.to_address(session, viewer, whole(n)) or abort(404)
        found = addressing.to_choose(session, viewer, letter, q)
        leaf = part(session, viewer, [letter]).get(letter.praise.id, {})
    return render_template(
        "employee/addressing.html",
        id=letter.praise.id,
        heading=letter.person or letter.department,
        message=letter.words,
        person_note=letter.described_as,
        it=leaf,
        found=[{"id": id, "name": name, "department": department} for id, name, department in found],
        most=addressing.MOST_FOUND,
        q=q,
        problem=problem,
    )


def part(session: Session, viewer: Viewer, letters: Sequence[Letter]) -> dict[int, dict[str, object]]:
    """Whom the letters of a page are for or may be for, and what their reader can say about it."""
    shown = _tasks(session, viewer, letters)
    mine = [letter for letter in letters if letter.praise.person_id == viewer.person_id and letter.described_as]
    found = addressing.found_for(session, viewer.person_id, [letter.submission.id for letter in mine])
    for letter in mine:
        if letter.submission.id in found and not letter.praise.is_held:
            shown[letter.praise.id] = {"disown_action": url_for("employee.disown", n=letter.praise.id)}
    return shown


def _tasks(session: Session, viewer: Viewer, letters: Sequence[Letter]) -> dict[int, dict[str, object]]:
    """For a manager: the letters that wait for their person, and those whose words name someone."""
    guesses = addressing.guesses(session, viewer, letters)
    ids = [letter.submission.id for letter in letters if letter.praise.id in guesses.waiting]
    lapses = addressing.lapses_at(session, ids)
    by_id = {letter.praise.id: letter for letter in letters}
    found: dict[int, dict[str, object]] = {
        id: {"seeks": _task(by_id[id], some, lapses)} for id, some in guesses.waiting.items()
    }
    for id, some in guesses.named.items():
        dismiss_action = url_for("employee.dismiss", n=id)
        found[id] = {"names": [_shown(one) | {"dismiss": dismiss_action} for one in some], "give_action": _way(id)}
    return found


def _task(letter: Letter, some: Sequence[Guess], lapses: Mapping[int, datetime]) -> dict[str, Any]:
    id, until = letter.praise.id, lapses.get(letter.submission.id)
    return {
        "people": [_shown(one) for one in some],
        "action": _way(id),
        "others_url": url_for("employee.addressing", n=id),
        "until": dates.coming_day(clock.day(until, zone())) if until else "",
    }


def _way(id: int) -> str:
    return url_for("employee.address", n=id)


def _shown(guess: Guess) -> dict[str, object]:
    return {
        "id": guess.person_id,
        "name": guess.name,
        "named": guess.is_named,
        "place": guess.place,
        "away": guess.is_away,
    }
