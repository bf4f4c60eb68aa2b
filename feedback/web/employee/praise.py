"""Praise as letters: one's own, and for managers that of their departments."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import render_template, request, url_for

from feedback import clock
from feedback.core import access, cases, praise
from feedback.core.access import Permission, Viewer
from feedback.db import StoreError
from feedback.text import gettext as _
from feedback.text import ngettext, number
from feedback.web import house, pictures
from feedback.web.employee import blueprint
from feedback.web.employee.leaf import is_receiver, leaves
from feedback.web.employee.whose import SIZE, Wanted, filters, found, title
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer
from feedback.web.text import zone

SHARED = 3  # cases that were shared, told of above the letters
BRIEF = 0.3  # seconds


@blueprint.get("/praise", endpoint="praise")
@needs(Permission.READ_PRAISE)
def letters_page() -> str:
    """Letters, newest first; opening one's own is reading them."""
    viewer, at = signed_in_viewer(), clock.now()
    with house().store.read() as session:
        departments = access.departments_for(session, viewer) if viewer.may(Permission.MANAGE_PRAISE) else []
        wanted, letters = found(session, viewer, departments)
        shown = letters[:SIZE]
        own = [letter.praise.id for letter in shown if is_receiver(viewer, letter)]
        fresh = set(own) - praise.read_by(session, viewer, own)
        book = leaves(session, viewer, shown, fresh)
        person = access.person_for(session, viewer, wanted.person_id) if wanted.person_id else None
        seen = pictures.seen(person) if person else None
        month = praise.since(session, viewer, _first_of_month(at))
        choices = filters(session, viewer, departments, wanted)
        told = cases.shared_with(session, viewer, most=SHARED) if wanted.is_own or wanted.is_instead else []
    page = render_template(
        "employee/praise.html",
        title=title(choices, wanted, viewer, person.name if person else ""),
        seen=seen,
        under=_under(wanted, month, len(letters)),
        letters=book,
        filters=choices,
        older=url_for("employee.praise", **wanted.address, after=shown[-1].praise.id) if len(letters) > SIZE else "",
        is_own=wanted.is_own,
        shared=[{"url": url_for("employee.shared", n=one.case_id), "at": one.at} for one in told],
        is_all=wanted.is_all or wanted.is_kept_back,
        is_kept_back=wanted.is_kept_back,
    )
    if request.method == "GET" and fresh:
        _read(viewer, sorted(fresh), at)
    return page


def _read(viewer: Viewer, ids: list[int], at: datetime) -> None:
    """Note the reading after the page is made; a busy store must not keep anyone from their letters."""
    try:
        with house().store.write(patience=BRIEF) as session:
            praise.mark_read(session, viewer, ids, at)
    except StoreError:
        pass


def _first_of_month(at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(zone())).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _under(wanted: Wanted, month: int, n: int) -> str:
    """The line under the title: how many came this month, or why these are not one's own."""
    if wanted.is_own:
        return _month(month)
    return _("You have no letters of your own yet.") if wanted.is_instead and n else ""


def _month(n: int) -> str:
    if n == 0:
        return ""
    return ngettext("%(num)s letter this month", "%(num)s letters this month", n) % {"num": number(n)}
