"""The sheet of one link: its code, where it points, how often it is used, what may become of it, what became of it."""

from typing import Any

from flask import render_template, request, url_for
from sqlalchemy.orm import Session

from feedback import clock
from feedback.core import audit, counts, links, people
from feedback.core.access import Viewer
from feedback.core.links import Link, changing, counting, targets
from feedback.core.surveys import Asking, keeping
from feedback.outbound import changes
from feedback.text import gettext as _
from feedback.text import known
from feedback.web import house
from feedback.web.forms import narrowing
from feedback.web.forms.labels import later
from feedback.web.manager import chart
from feedback.web.manager.link_forms import ReissueForm, SettingsForm, TargetForm
from feedback.web.text import offered, organisation, zone

POINTS_AT = {"person": later("Person"), "department": later("Department"), "place": later("Place")}
OFFERED = 8  # targets of each kind that are shown at once; the others are found by name
STEPS = 50
SURVEYS = 100  # that a link can be chosen to ask


def page(
    session: Session,
    viewer: Viewer,
    link: Link,
    *,
    target: TargetForm | None = None,
    settings: SettingsForm | None = None,
    reissue: ReissueForm | None = None,
) -> str:
    """The page of `link` for `viewer`, with forms that were sent and need another look."""
    find = narrowing.searched("find")
    heading, under = links.names(session, [link])[link.id]
    return render_template(
        "manager/link.html",
        link=row(link, heading, under),
        retired_at=link.retired_at,
        successor=_successor(session, viewer, link),
        seen=changing.stamp(session, link),
        use=_use(session, viewer, link),
        find=find,
        found=_found(session, viewer, link, find),
        target=target or TargetForm(formdata=None),
        settings=settings or settings_form(session, link),
        reissue=reissue or ReissueForm(formdata=None),
        steps=_steps(session, link),
        survey=_survey(session, viewer, link),
    )


def row(link: Link, heading: str, under: str) -> dict[str, object]:
    """What lists and pages show of one link."""
    base_url = house().settings.base_url
    return {
        "id": link.id,
        "url": url_for("manager.link", n=link.id),
        "heading": heading,
        "under": under,
        "kind": POINTS_AT[link.points_at],
        "is_retired": link.retired_at is not None,
        "code": link.code,
        "address": f"{base_url.partition('://')[2]}/q/{link.code}",
        "svg_url": url_for("manager.link_svg", n=link.id),
        "png_url": url_for("manager.link_png", n=link.id),
        "form_url": f"/q/{link.code}",
    }


def settings_form(session: Session, link: Link, *, sent: bool = False) -> SettingsForm:
    """The form for topic and language with what can be chosen, filled in as it is now or as it was sent."""
    now = {"topic": str(link.topic_id or ""), "language": link.language or ""}
    form = SettingsForm(request.form) if sent else SettingsForm(formdata=None, data=now)
    tags = offered(organisation())
    if link.language and link.language not in tags:  # chosen before the organisation gave the language up
        tags = [*tags, link.language]
    form.offer(changing.topics(session), [(tag, known(tag).name) for tag in tags])
    return form


def _successor(session: Session, viewer: Viewer, link: Link) -> dict[str, str] | None:
    found = links.one(session, viewer, link.successor_id) if link.successor_id else None
    return {"code": found.code, "url": url_for("manager.link", n=found.id)} if found else None


def _use(session: Session, viewer: Viewer, link: Link) -> dict[str, Any]:
    first = counting.since(clock.day(clock.now(), zone()))
    sent = counts.sent_through(session, viewer, link.id, counting.days_of(first), zone())
    return chart.drawn(counting.weeks(first, counting.looked_at(session, link.id, first), sent))


def _found(session: Session, viewer: Viewer, link: Link, find: str) -> list[tuple[str, list[targets.Target]]]:
    """What the link can be pointed at, by kind; where it points already is left out."""
    everything = targets.found(session, viewer, find, most=OFFERED)
    others = [target for target in everything if (target.kind, target.id) != (link.points_at, link.target_id)]
    by_kind = {kind: [target for target in others if target.kind == kind] for kind in targets.KINDS}
    return [(str(POINTS_AT[kind]), some) for kind, some in by_kind.items() if some]


def _survey(session: Session, viewer: Viewer, link: Link) -> dict[str, Any]:
    """Which survey the link asks, and which published ones it could ask."""
    asking = session.get(Asking, link.id)
    found = keeping.to_ask(session, viewer, is_internal=link.is_internal, most=SURVEYS)
    return {
        "asked": asking.survey_id if asking else None,
        "moment": asking.moment if asking else "after",
        "first": asking.shows_first if asking else False,
        "name": keeping.names(session, [asking.survey_id])[asking.survey_id] if asking else "",
        "choices": [(one.id, one.name) for one in found],
        "is_internal": link.is_internal,
    }


def _steps(session: Session, link: Link) -> list[dict[str, object]]:
    entries = audit.of_one(session, "link", link.id, size=STEPS)
    names = people.person_names(session, {entry.by_id for entry in entries})
    steps: list[dict[str, object]] = [
        {
            "at": entry.at,
            "who": names.get(entry.by_id or 0, ""),
            "text": changes.sentence(entry.noun, entry.act, entry.details),
        }
        for entry in entries
    ]
    if len(entries) < STEPS and not any(entry.act in ("made", "issued") for entry in entries):
        steps.append({"at": link.made_at, "who": "", "text": _("Made the code")})  # older than the log
    return steps
