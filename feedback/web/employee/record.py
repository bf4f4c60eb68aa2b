"""What is kept about oneself, to see, to take along and to challenge; open for a while to those who have left too."""

from collections.abc import Sequence

from flask import Response, abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from feedback import clock
from feedback.core import addressing, challenges, people, records, rhythms
from feedback.core.access import Permission, Viewer
from feedback.core.audit import Entry
from feedback.core.challenges import Challenge, Part
from feedback.core.praise import Letter
from feedback.core.records import COUNTED, SHOWN
from feedback.db import StoreError
from feedback.outbound import changes, record
from feedback.text import gettext as _
from feedback.text import known, number, pgettext
from feedback.web import house
from feedback.web.employee import blueprint
from feedback.web.employee.mails import MailsForm
from feedback.web.errors import not_kept
from feedback.web.forms.address import id_in, whole
from feedback.web.forms.challenging import OUTCOMES, PARTS, ChallengeForm
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer
from feedback.web.text import zone

TOLD = 10  # changes, and challenges, of a page
AT_ONCE = 500  # entries of the log in one statement, for the file


@blueprint.get("/account/record", endpoint="record")
@needs(Permission.SEE_RECORD)
def record_page() -> str:
    """All of it, with a form for what is wrong."""
    asked = request.args.get("part")
    wrong = asked if asked in set(Part) else Part.RECORD
    letter = id_in("letter")
    return _page(ChallengeForm(formdata=None, data={"part": wrong, "letter": str(letter or "")}))


@blueprint.get("/account/record.json", endpoint="record_json")
@needs(Permission.SEE_RECORD)
def as_json() -> Response:
    """All of it as JSON, every list in full."""
    viewer, at = signed_in_viewer(), clock.now()
    with house().store.read() as session:
        kept = records.of(session, viewer, at, clock.day(at, zone()), most=None)
        entries = _named(session, viewer, _every_entry(session, viewer))
        data = record.written(kept, entries, _every_challenge(session, viewer), at)
    headers = {"Content-Disposition": 'attachment; filename="record.json"'}
    return Response(data, 200, headers, mimetype="application/json")


@blueprint.post("/account/record/challenges", endpoint="challenge")
@needs(Permission.SEE_RECORD)
def challenge() -> Answer | tuple[str, int]:
    """Tell those who keep it what is wrong."""
    form, viewer, here = ChallengeForm(request.form), signed_in_viewer(), house()
    letter = whole(form.letter.data) if form.letter.data else None
    if not form.validate():
        return _page(form), 422
    wrong, said, mails = Part(form.part.data), form.said.data or "", bool(here.settings.smtp_url)
    try:
        with here.store.write() as session:
            challenges.challenge(session, viewer, wrong, said, clock.now(), praise_id=letter, mails=mails)
    except challenges.NotTheirs:
        abort(404)
    except challenges.TooMany:
        form.said.errors = [_("Ten of yours already wait for an answer. Please wait until one has it.")]
        return _page(form), 422
    except challenges.NobodyElse:
        form.said.errors = [
            _("Nobody but you could answer it, so it was not sent. Admins change what is kept about them under People.")
        ]
        return _page(form), 422
    except StoreError as error:
        return not_kept(error, lambda: _page(form))
    flash(_("Sent. Those who keep it will answer; you read the answer here."))
    return redirect(url_for("employee.record", _anchor="challenges"), 303)


def part(session: Session, viewer: Viewer, letters: Sequence[Letter]) -> dict[int, dict[str, object]]:
    """The way to say of a letter addressed to oneself that it is not about oneself, where it was not a guess."""
    own = [letter for letter in letters if letter.praise.person_id == viewer.person_id]
    guessed = [letter.submission.id for letter in own if letter.described_as]
    found = addressing.found_for(session, viewer.person_id, guessed)
    mine = [letter.praise for letter in own if letter.submission.id not in found]
    return {
        one.id: {"challenge_url": url_for("employee.record", letter=one.id, _anchor="challenge")}
        for one in mine
        if not one.is_held
    }


def _page(form: ChallengeForm) -> str:
    viewer, at = signed_in_viewer(), clock.now()
    with house().store.read() as session:
        kept = records.of(session, viewer, at, clock.day(at, zone()))
        entries = records.entries(session, viewer, after=id_in("after"), size=TOLD + 1)
        named = _named(session, viewer, entries[:TOLD])
        said = challenges.own(session, viewer, after=id_in("before"), size=TOLD + 1)
        letter = _letter(session, viewer, form)
        home = rhythms.zone_of(session)
    language = kept.own.person.language
    return render_template(
        "employee/record.html",
        it=kept,
        most=SHOWN,
        counted=_counted,
        language=known(language).name if language else "",
        mails=_mails(MailsForm.of(kept.rhythm)),
        zone=kept.rhythm.timezone or home,
        entries=[_entry(entry, who) for entry, who in named],
        older_entries=url_for("employee.record", after=entries[TOLD - 1].id) if len(entries) > TOLD else "",
        said=[_said(one) for one in said[:TOLD]],
        older_said=url_for("employee.record", before=said[TOLD - 1].id) if len(said) > TOLD else "",
        parts={str(part): label() for part, label in PARTS.items()},
        form=form,
        letter=letter,
        until=viewer.until,
    )


def _letter(session: Session, viewer: Viewer, form: ChallengeForm) -> Letter | None:
    """The letter that a challenge would be about; one that is not the viewer's does not exist."""
    if not form.letter.data:
        return None
    return challenges.own_letter(session, viewer, whole(form.letter.data)) or abort(404)


def _named(session: Session, viewer: Viewer, entries: Sequence[Entry]) -> list[tuple[Entry, str | None]]:
    """Each entry with who made that change, where the viewer may know."""
    told = {entry.id: entry.by_id for entry in entries if records.may_know_who(viewer, entry)}
    names = people.person_names(session, set(told.values()))
    return [(entry, names.get(told.get(entry.id) or 0)) for entry in entries]


def _every_entry(session: Session, viewer: Viewer) -> list[Entry]:
    found: list[Entry] = []
    while more := records.entries(session, viewer, after=found[-1].id if found else None, size=AT_ONCE):
        found.extend(more)
    return found


def _every_challenge(session: Session, viewer: Viewer) -> list[Challenge]:
    found: list[Challenge] = []
    while more := challenges.own(session, viewer, after=found[-1].id if found else None, size=AT_ONCE):
        found.extend(more)
    return found


def _entry(entry: Entry, who: str | None) -> dict[str, object]:
    return {"text": changes.sentence(entry.noun, entry.act, entry.details), "at": entry.at, "who": who or ""}


def _said(one: Challenge) -> dict[str, object]:
    return {
        "part": PARTS[Part(one.part)](),
        "said": one.said,
        "at": one.at,
        "answered_at": one.answered_at,
        "outcome": OUTCOMES[challenges.Outcome(one.outcome)]() if one.outcome else "",
        "answer": one.answer or "",
    }


def _counted(n: int) -> str:
    """As many as were counted."""
    return pgettext("at least so many", "%(num)s+") % {"num": number(COUNTED - 1)} if n >= COUNTED else number(n)


def _mails(form: MailsForm) -> dict[str, str]:
    """What was chosen, in the words of the form in which it is chosen."""
    fields = (form.cases, form.praise, form.hour, form.weekday, form.quiet_from, form.quiet_until)
    return {field.name: next(one[1] for one in field.choices or () if one[0] == field.data) for field in fields}
