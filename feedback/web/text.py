"""The language of a request, and what templates need to write in it."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Flask, current_app, g, get_flashed_messages, request, url_for
from flask import session as cookie
from markupsafe import Markup

from feedback import clock, text
from feedback.core import cases
from feedback.core.access import Permission
from feedback.core.organisation import DEFAULT_ACCENT, Organisation, the_organisation
from feedback.core.people import initials
from feedback.text.languages import PSEUDO
from feedback.web import accent, house, session
from feedback.web.employee import news
from feedback.web.security import policy

STAFF_ROOMS = frozenset({"employee", "manager", "admin", "set_up"})


def install(app: Flask) -> None:
    """Give the templates of `app` their gettext, their filters and what every page shows."""
    environment = app.jinja_env
    environment.add_extension("jinja2.ext.i18n")
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        text.gettext, text.ngettext, newstyle=True, pgettext=text.pgettext, npgettext=text.npgettext
    )
    environment.filters.update(ago=ago, moment=moment, date=day, day=day, number=text.number)
    app.context_processor(_common)


def organisation() -> Organisation | None:
    """The organisation, read once a request; None on a store that is not set up."""
    if "organisation" not in g:
        with house().store.read() as reading:
            g.organisation = the_organisation(reading)
    found: Organisation | None = g.organisation
    return found


def offered(known: Organisation | None) -> list[str]:
    """The tags of the languages the organisation speaks, its own first."""
    tags = [tag for tag in (known.languages if known else text.available()) if tag in text.available()]
    return tags or ["en"]


def by_use(tags: Collection[str]) -> list[str]:
    """`tags` with those the organisation speaks first, its own before all; then those of the pages."""
    known = organisation()
    first = [tag for tag in (known.language if known else "en", *offered(known), *text.available()) if tag in tags]
    return list(dict.fromkeys([*first, *tags]))


def chosen(link_language: str | None, own: str, offered_tags: list[str]) -> str:
    """The language for a customer: asked for in the address, by the browser, the link's, the organisation's."""
    asked = request.args.get("lang", "") if request.query_string else ""
    if asked in offered_tags or asked == PSEUDO:
        return asked
    return suiting(request.headers.get("Accept-Language", ""), link_language, own, offered_tags)


def suiting(header: str, link_language: str | None, own: str, offered_tags: list[str]) -> str:
    """The language where the address asks for none: that of the Accept-Language `header`, the link's, the own."""
    wanted = text.language_of(header, offered_tags)
    return next((tag for tag in (wanted, link_language, own) if tag in offered_tags), offered_tags[0])


def staff_language() -> str:
    """The language for someone at work: asked for now or before, their own, the browser's, the organisation's."""
    known = organisation()
    tags = offered(known)
    asked = request.args.get("lang", "")
    if asked in tags or asked == PSEUDO:
        cookie["lang"] = asked
    own = g.get("language") if session.viewer() else None
    for tag in (cookie.get("lang"), own):
        if isinstance(tag, str) and (tag in tags or tag == PSEUDO):
            return tag
    return text.language_of(request.headers.get("Accept-Language", ""), tags) or (known.language if known else "en")


def zone() -> str:
    """The organisation's time zone."""
    known = organisation()
    return known.timezone if known else "UTC"


def ago(at: datetime) -> Markup:
    """A <time> that says how long ago, with the exact moment in its title."""
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        at.isoformat(timespec="seconds"), text.exact(at, zone()), text.ago(at, clock.now(), zone())
    )


def moment(at: datetime) -> str:
    """Day and time of day at the organisation."""
    return text.moment(at, zone())


def day(at: datetime | date) -> str:
    """The day, written out, as the organisation's calendar shows it."""
    return text.day(clock.day(at, zone()) if isinstance(at, datetime) else at)


def languages(current: str, tags: list[str], path: str = "") -> list[dict[str, object]]:
    """As in_languages(), for those at work: the same page with all that its address narrows it to."""
    if request.method == "POST" and request.blueprint in STAFF_ROOMS and not _is_page():
        path = request.path.rpartition("/")[0] or path  # a form is sent to a noun below the page it stands on
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return in_languages(current, tags, path, kept)


def _is_page() -> bool:
    """Whether a page answers where this form was sent to."""
    own = request.url_rule.rule if request.url_rule else ""
    return any(rule.rule == own and "GET" in (rule.methods or ()) for rule in current_app.url_map.iter_rules())


def in_languages(
    current: str, tags: list[str], path: str = "", kept: Sequence[tuple[str, str]] = ()
) -> list[dict[str, object]]:
    """The choice of languages at the end of a page; each leads to the same page (at `path`) in that language.

    Nothing of the request is in it, as customers' pages are prepared once and shown to all.
    """
    return [
        {
            "code": tag,
            "name": text.known(tag).name,
            "url": f"{path}?{urlencode([*kept, ('lang', tag)])}",
            "current": tag == current,
        }
        for tag in tags
    ]


def head(known: Organisation | None) -> dict[str, str]:
    """What the head of every page shows: the organisation's name, or before there is one the product's, and a logo."""
    return {"name": known.name if known else "Firsthand", "logo": logo_url(known.logo_id if known else None)}


def logo_url(logo_id: int | None) -> str:
    """The address of that logo, another one for each, so that browsers may keep it; "" where there is none."""
    return f"/logo?v={logo_id}" if logo_id else ""


def _common() -> dict[str, Any]:
    """What every page can use; the accent's style is allowed by its hash."""
    known = organisation()
    language = text.current()
    css = accent.css(known.accent if known else DEFAULT_ACCENT)
    if "policy" not in g:
        g.policy = policy(css, staff=True)
    return {
        "organisation": head(known),
        "lang": language.tag,
        "dir": language.direction,
        "accent_css": Markup(css),
        "languages": languages(language.tag, offered(known)),
        "viewer": _viewer(),
        "messages": get_flashed_messages(),
        "local_address": house().settings.base_url if house().settings.opens_here_only else "",
    }


def _viewer() -> dict[str, object] | None:
    viewer = session.viewer()
    if viewer is None:
        return None
    with house().store.read() as reading:
        sees_cases = viewer.may(Permission.WORK_ON_CASES) and (
            viewer.manages or viewer.is_admin or cases.handles_any(reading, viewer)
        )
        told = news.badge(reading, viewer) if viewer.may(Permission.KEEP_ACCOUNT) else None
    return {
        "name": viewer.name,
        "initials": initials(viewer.name),
        "manages": viewer.manages,
        "admin": viewer.is_admin,
        "sees_cases": sees_cases,
        "news": told,
        "account": url_for("employee.account") if viewer.may(Permission.KEEP_ACCOUNT) else "",
        "home": url_for("employee.letters" if viewer.until else "employee.praise"),
    }


def speak_to_staff() -> None:
    """Speak the language of the person at work; customers' pages say theirs where they are made."""
    text.speak(staff_language())
