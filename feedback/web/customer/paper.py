"""What customers see, put on paper: pages with their one style inside, light enough for a bad connection."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Response, current_app, g, request
from markupsafe import Markup

from feedback import clock, text
from feedback.core import routing
from feedback.core.organisation import DEFAULT_ACCENT
from feedback.core.routing import Purpose, Route, RouteRow
from feedback.core.submissions import Draft, Kind
from feedback.core.surveys import Asked, When
from feedback.core.surveys.answering import Answers, next_after
from feedback.core.surveys.design import Design
from feedback.outbound import wording
from feedback.text import gettext as _
from feedback.text import ngettext
from feedback.web import accent
from feedback.web.customer import asking
from feedback.web.customer.doors import FORM, SURVEY, Door
from feedback.web.customer.form import kinds_by_field
from feedback.web.customer.page import SLOT, Page, prepare
from feedback.web.security import HEADERS, policy
from feedback.web.text import chosen, head, in_languages, offered, organisation

HIDDEN = {Kind.COMPLIMENT: "not-thanks", Kind.COMPLAINT: "not-wrong", Kind.SUGGESTION: "not-idea"}  # class by kind
SHEETS = ("tokens.css", "customer.css")
SURVEY_SHEETS = (*SHEETS, "survey.css")
PAGE_HEADERS = HEADERS | {
    "Content-Type": "text/html; charset=utf-8",
    "Vary": "Accept-Encoding, Accept-Language",
}


def scan_page(door: Door, tag: str, shown: str = FORM) -> Page:
    """The prepared form or survey of a link in one language; made on the first scan, kept with the door."""
    page = door.pages.get((shown, tag))
    if page is None:
        html, css = form_html(door, tag, token=SLOT), style(door.accent)
        if shown == SURVEY and door.asked:
            html, css = survey_html(door, door.asked, tag, token=SLOT), survey_style(door.accent, door.asked.design)
        page = prepare(html, PAGE_HEADERS | {"Content-Security-Policy": policy(css)})
        door.pages[shown, tag] = page
    return page


def survey_html(
    door: Door,
    asked: Asked,
    tag: str,
    *,
    token: str,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    notice: str = "",
    step: str = "",
    answers: Answers | None = None,
) -> str:
    """The survey of a link, with `values` and `errors` as the form has them; `step` is the one question it shows."""
    design, given = asked.design, values or {}
    if design.by_steps and not step:
        first = next_after(design, "", {})
        step = first.code if first else ""
    with text.speaking(tag):
        words = asking.form_words(asked, tag, door.languages, given, step)
        return _rendered(
            "customer/survey.html",
            **words,
            heading=door.offer.heading,
            values=given,
            errors={name: wording.problem(problem) for name, problem in (errors or {}).items()},
            notice=notice,
            token=token,
            action="",
            step=asking.step_words(design, step, answers or {}) if step else None,
            kept=asking.kept_fields(design, step, given) if step else [],
            form_url="?form=1" if asked.moment != When.INSTEAD else "",
            counted_at=door.offer.code if values is None else "",
            **_frame(door, tag, survey_style(door.accent, design), kept=[("survey", "1")]),
        )


def form_html(
    door: Door,
    tag: str,
    *,
    token: str,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    notice: str = "",
) -> str:
    """The form of a link; with `values` and `errors` (problem names by field) it is the form again."""
    offer = door.offer
    with text.speaking(tag):
        form = {
            "heading": offer.heading,
            "under": offer.under,
            "points_at": offer.points_at,
            "initials": offer.person.initials if offer.person else "",
            "code": offer.code,
            "photo_id": offer.person.photo_id if offer.person else None,
            "token": token,
            "counted_at": "" if values is not None else offer.code,  # what comes back with an error was seen before
            "people": offer.people,
            "topics": offer.topics,
            "unasked": {
                name: " ".join(word for kind, word in HIDDEN.items() if kind not in kinds)
                for name, kinds in kinds_by_field(offer).items()
            },
            "values": values if values is not None else {"topic": str(offer.topic_id or "")},
            "errors": {name: wording.problem(problem) for name, problem in (errors or {}).items()},
            "notice": notice,
            "tells": door.scene.mails,
            "survey": _offered_survey(door, tag) if values is None else None,
            "readers": complaint_readers(door),
            "readers_above": complaint_readers(door, about_management=True),
        }
        return _rendered("customer/form.html", **form, **_frame(door, tag))


def preview(asked: Asked) -> Response:
    """A survey as customers will see it, all its questions at once; nothing can be sent."""
    languages = offered(organisation())
    tag = chosen(None, languages[0], languages)

    def words() -> dict[str, object]:
        told = asking.form_words(asked, tag, languages, {})
        return told | {"values": {}, "errors": {}, "token": "", "says_kept": told["says_kept"]}

    css = asking.conditions_css(replace(asked.design, by_steps=False))  # all at once here
    return plain("customer/survey.html", tag=tag, words=words, sheets=SURVEY_SHEETS, more_css=css)


def words_of_retired(door: Door, sent: dict[str, str]) -> dict[str, object]:
    """What the page of a retired code says, where it leads, and what was `sent` from a form opened before."""
    title, way = _("This code is no longer in use"), door.onward
    others = {name: value for name, value in sent.items() if name != "message"}
    kept: dict[str, object] = {"message": sent.get("message", "").strip(), "others": others}
    if way is None:
        return kept | {
            "title": title,
            "text": _("Please scan a newer one, or tell someone who works here."),
            "home_hint": _("A code has eight letters and digits. You find it below the QR code."),
        }
    text = _("A newer one has taken its place.") if way.is_successor else _("What you say is still welcome here.")
    return kept | {"title": title, "text": text, "way": {"heading": way.heading, "code": way.code}}


def promise(days: int) -> str:
    """When someone who complains hears back."""
    return ngettext("You hear back within %(num)s working day.", "You hear back within %(num)s working days.", days) % {
        "num": text.number(days)
    }


def complaint_readers(door: Door, *, about_management: bool = False) -> list[str]:
    """Who would read a complaint sent through this link, as routing would decide it now, who never does, and when.

    What is said is true of every choice that the form offers.
    """
    usual, *others = _complaint_routes(door, about_management)
    readers = wording.readers(usual, kind=Kind.COMPLAINT, names=names_in(door), is_sent=False)
    if door.offer.points_at != "person":
        readers.append(_("Whoever you choose or name in full does not see it."))
    can_differ = any(_ends(routes) != _ends(usual) for routes in others)
    if can_differ or routing.can_lead_elsewhere(Kind.COMPLAINT, door.scene.target, door.scene.picture):
        readers.append(
            _("What you choose or write can lead to other readers; the thank-you page says exactly who reads it.")
        )
    if is_read(usual):
        readers.append(promise(door.answer_days))
        if not all(is_read(routes) for routes in others):
            readers.append(_("If it is about everyone who could read it, nobody reads it for now; it is kept safe."))
    return readers


def is_read(routes: Sequence[Route | RouteRow]) -> bool:
    """Whether anyone handles what has these routes."""
    return any(route.purpose == Purpose.HANDLES for route in routes)


def _complaint_routes(door: Door, about_management: bool) -> list[Sequence[Route]]:
    """The routes of a complaint with nothing chosen, and then with each choice that could make them others."""
    offer, target = door.offer, door.scene.target
    picture = replace(door.scene.picture, working={})  # whom it concerns who does not decide makes no difference
    plain = Draft(kind=Kind.COMPLAINT, message="-", about_management=about_management)
    topics = {chip.department_id: chip.id for chip in offer.topics}  # one of each department stands for all of them
    about = [plain, *(replace(plain, topic_ids=(topic_id,)) for topic_id in topics.values())]
    if offer.points_at != "person":
        known = {names[0] for names in picture.known_as.values()}
        about += [replace(draft, person_note=name) for draft in about for name in sorted(known)]
        about += [replace(plain, person_id=tile.id) for tile in offer.people]
    return [routing.decide(draft, target, picture).routes for draft in about]


def _ends(routes: Sequence[Route]) -> list[object]:
    """Whom the routes lead to, whatever led there."""
    return [(route.department_id, route.readers, route.address) for route in routes]


def names_in(door: Door) -> dict[str, dict[int, str]]:
    """Names of the departments and people that routes of this link can lead to."""
    picture = door.scene.picture
    return {
        "departments": {unit.id: unit.name for unit in picture.departments.values()},
        "people": dict(picture.names),
    }


def _offered_survey(door: Door, tag: str) -> dict[str, Any] | None:
    """What the form says of the survey beside it: where it is, and its first question where that is shown at once."""
    if door.asked is None or not door.asks(clock.now()):
        return None
    words = asking.form_words(door.asked, tag, door.languages, {})
    first = words["questions"][0] if door.asked.shows_first and not door.asked.design.by_steps else None
    return {"title": words["title"], "first": first if first and first["is_one"] else None}


def survey_style(accent_colour: str, design: Design) -> str:
    """The text of the one <style> of a survey's page."""
    return style(accent_colour, SURVEY_SHEETS) + asking.conditions_css(design)


@lru_cache(maxsize=64)
def style(accent_colour: str, sheets: tuple[str, ...] = SHEETS) -> str:
    """The text of the one <style> of customers' pages."""
    folder = Path(current_app.static_folder or "") / "css"
    css = "".join((folder / sheet).read_text(encoding="utf-8") for sheet in sheets)
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    return re.sub(r"\s*([{};,>])\s*", r"\1", css).strip() + accent.css(accent_colour)


def _rendered(template: str, **words: object) -> str:
    """A page of those words alone, and nothing of what every staff page is given: that depends on the request."""
    return current_app.jinja_env.get_template(template).render(words)


def _frame(door: Door, tag: str, css: str = "", kept: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
    language = text.known(tag)
    return {
        "organisation": {"name": door.organisation, "logo": door.logo},
        "lang": language.tag,
        "dir": language.direction,
        "css": Markup(css or style(door.accent)),
        "languages": in_languages(tag, door.languages, kept=kept),
    }


def plain(
    template: str,
    status: int = 200,
    *,
    tag: str = "",
    words: Callable[[], dict[str, object]] = dict,
    script: bool = False,
    path: str = "",
    sheets: tuple[str, ...] = SHEETS,
    more_css: str = "",
) -> Response:
    """A customers' page that belongs to no link; `words` is asked for its texts while the language is spoken.

    `path` is where the page is found in another language, for one that answers at an address that only takes forms.
    """
    known = organisation()
    tag = tag or language()
    css = style(known.accent if known else DEFAULT_ACCENT, sheets) + more_css
    with text.speaking(tag):
        html = _rendered(
            template,
            organisation=head(known),
            lang=tag,
            dir=text.known(tag).direction,
            css=Markup(css),
            languages=in_languages(tag, offered(known), path),
            **words(),
        )
    g.policy = policy(css, script=script)
    return Response(html, status)


def asked_language() -> str:
    """The language that the address asks for, "" where it asks for none."""
    asked = request.args.get("lang", "")
    return asked if asked in offered(organisation()) else ""


def language() -> str:
    """The language of a customer who is at no link."""
    known = organisation()
    return chosen(None, known.language if known else "en", offered(known))


def organisation_name() -> str:
    """The organisation's name, or the product's before there is one."""
    known = organisation()
    return known.name if known else "Firsthand"
