"""News: what concerns someone, newest first; opening the page, or the case, is reading it."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedback import clock
from feedback.core import addressing, cases, challenges
from feedback.core.access import Permission, Viewer
from feedback.core.cases.news import MOST, Item
from feedback.core.notices import About
from feedback.db import StoreError
from feedback.text import gettext as _
from feedback.text import ngettext, number, pgettext
from feedback.web import house
from feedback.web.employee import blueprint
from feedback.web.employee.lists import WAITING
from feedback.web.forms.address import id_in
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer

SIZE = 50
ANSWERS_STAY = timedelta(days=14)  # that an answer to oneself is told of
BRIEF = 0.5  # seconds that noting what was read may wait for its turn to write
FIRST_WORDS = 240
# What happened, the sign for it, and whether it presses.
HAPPENED: Mapping[About, tuple[Callable[[], str], str, str]] = {
    About.COMPLAINT: (lambda: pgettext("news", "A customer wrote"), "tray", ""),
    About.ASSIGNED: (lambda: pgettext("news", "Yours to handle"), "person", ""),
    About.WROTE: (lambda: pgettext("news", "The customer wrote again"), "letter", ""),
    About.DUE_SOON: (lambda: pgettext("news", "Due soon"), "clock", "soon"),
    About.BREACHED: (lambda: pgettext("news", "Overdue"), "alert", "late"),
    About.REOPENED: (lambda: pgettext("news", "Opened again"), "earlier", ""),
    About.BROUGHT: (lambda: pgettext("news", "Praise brought to you"), "letter", ""),
    About.COMMENDED: (lambda: pgettext("news", "A director thanks you"), "heart", ""),
    About.SHARED: (lambda: pgettext("news", "Shared with you"), "open", ""),
}


@blueprint.get("/notices", endpoint="news")
@needs(Permission.KEEP_ACCOUNT)
def news_page() -> str:
    """The news; what is shown as new is read with that."""
    viewer, at, after = signed_in_viewer(), clock.now(), id_in("after")
    with house().store.read() as session:
        found = cases.news.page(session, viewer, at, after=after, size=SIZE + 1)
        count = cases.news.unread(session, viewer, at)
        tasks = _tasks(session, viewer, at)
    shown = found[:SIZE]
    fresh = [item for item in shown if item.is_new]
    if request.method == "GET" and count:
        with suppress(StoreError), house().store.write(patience=BRIEF) as session:
            # What arrived is known by the moment of the last look alone: it moves once all of it was on the page.
            cases.news.look(session, viewer, [item.id for item in fresh], at, all_seen=len(fresh) == count)
    left = count - len(fresh)
    return render_template(
        "employee/news.html",
        items=[_item(item) for item in shown],
        older=url_for("employee.news", after=shown[-1].id) if len(found) > SIZE else "",
        left=counted(left) if left > 0 else "",
        sees_cases=viewer.manages or viewer.is_admin,
        tasks=tasks,
    )


@blueprint.post("/notices/reading")
@needs(Permission.KEEP_ACCOUNT)
def reading() -> Response:
    """Nothing that happened until now is new any more."""
    with house().store.write() as session:
        cases.news.read_all(session, signed_in_viewer(), clock.now())
    flash(_("All of it is marked as read."))
    return redirect(url_for("employee.news"), 303)


def opened(viewer: Viewer, case_id: int) -> None:
    """The viewer opened that case: what was told of it is no longer new. Where nothing was, nothing is written."""
    at = clock.now()
    with house().store.read() as session:
        if not cases.news.is_news(session, viewer, case_id, at):
            return
    with suppress(StoreError), house().store.write(patience=BRIEF) as session:  # a busy store keeps nobody from reading
        cases.news.opened(session, viewer, case_id, at)


def badge(session: Session, viewer: Viewer) -> dict[str, str]:
    """The way to the news, with how many are new or wait for the viewer."""
    n = cases.news.unread(session, viewer, clock.now()) + sum(_waiting(session, viewer))
    return {"url": url_for("employee.news"), "count": counted(n) if n else ""}


def _waiting(session: Session, viewer: Viewer) -> tuple[int, int]:
    """How many letters wait for the viewer to decide, and how many challenges to answer."""
    return (
        addressing.count(session, viewer) if viewer.may(Permission.MANAGE_PRAISE) else 0,
        challenges.count(session, viewer) if viewer.may(Permission.MANAGE_PEOPLE) else 0,
    )


def _tasks(session: Session, viewer: Viewer, at: datetime) -> list[dict[str, str]]:
    """What waits for the viewer, and what was answered to them lately: each with where it is seen to."""
    letters, said = _waiting(session, viewer)
    found = []
    if letters:
        told = ngettext("%(num)s letter waits for you", "%(num)s letters wait for you", letters)
        found.append({"text": told % {"num": counted(letters)}, "url": url_for("employee.praise", whose=WAITING)})
    if said:
        told = ngettext("%(num)s challenge waits for an answer", "%(num)s challenges wait for an answer", said)
        found.append({"text": told % {"num": counted(said)}, "url": url_for("admin.challenges")})
    if challenges.was_answered(session, viewer, at - ANSWERS_STAY):
        told = _("What you said is wrong in what is kept about you was answered")
        found.append({"text": told, "url": url_for("employee.record", _anchor="challenges")})
    return found


def counted(n: int) -> str:
    """As many as were counted."""
    return pgettext("at least so many", "%(num)s+") % {"num": number(MOST - 1)} if n >= MOST else number(n)


def _url(item: Item) -> str:
    if item.about == About.BROUGHT:
        return url_for("employee.praise", whose="passed-on")
    if item.about == About.COMMENDED:
        return url_for("employee.praise", _anchor=f"letter-{item.praise_id}")
    return url_for("employee.shared" if item.about == About.SHARED else "manager.case", n=item.submission.id)


def _item(item: Item) -> dict[str, object]:
    happened, sign, state = HAPPENED[item.about]
    return {
        "url": _url(item),
        "happened": happened(),
        "sign": sign,
        "state": state,
        "first": " ".join(item.words.split())[:FIRST_WORDS],
        "place": item.place or "",
        "at": item.at,
        "is_new": item.is_new,
    }
