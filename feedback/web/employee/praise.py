"""Praise as letters: one's own, and for managers that of their departments."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template, request, url_for
from sqlalchemy.orm import Session

from feedback import clock
from feedback.core import access, cases, praise, sentences
from feedback.core.access import Permission, Viewer
from feedback.core.praise import Letter, is_receiver
from feedback.core.sentences import Sentence
from feedback.db import StoreError
from feedback.text import gettext as _
from feedback.web import house, pictures
from feedback.web.employee import blueprint, choices, favourites, searching
from feedback.web.employee.leaf import leaves
from feedback.web.employee.lists import KEPT_BACK, OWN, Having
from feedback.web.employee.whose import SIZE, Page, Wanted, found
from feedback.web.forms.address import id_in
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer
from feedback.web.text import zone

MOST_AT_ONCE = 5  # letters that an open page takes in at once
SHARED = 3  # cases that were shared, told of above the letters
BRIEF = 0.3  # seconds


@blueprint.get("/praise", endpoint="praise")
@needs(Permission.READ_PRAISE)
def letters_page() -> str:
    """Letters, newest first; opening one's own is reading them."""
    viewer, at = signed_in_viewer(), clock.now()
    with house().store.read() as session:
        departments = access.departments_for(session, viewer) if viewer.may(Permission.MANAGE_PRAISE) else []
        wanted, page = found(session, viewer, departments)
        own = [letter.praise.id for letter in page.letters if is_receiver(viewer, letter)]
        fresh = set(own) - praise.read_by(session, viewer, own)
        book = leaves(session, viewer, page.letters, fresh)
        head = _head(session, Having(session, viewer, departments), wanted, page, at)
    if wanted.q:
        searching.mark(book, wanted, page)
    shown = render_template(
        "employee/praise.html",
        **head,
        letters=book,
        search=searching.told(wanted, page),
        older=url_for("employee.praise", **wanted.address, after=page.after) if page.after else "",
        whose=wanted.list.whose,
        is_own=wanted.is_own,
        is_all=wanted.names_departments,
        is_kept_back=wanted.list.whose == KEPT_BACK,
        empty=wanted.list.empty(),
        arrivals=_arrivals(page.letters, 0) if wanted.is_start else "",
    )
    if request.method == "GET" and fresh:
        _read(viewer, sorted(fresh), at)
    return shown


@blueprint.get("/praise/arrivals", endpoint="arrivals")
@needs(Permission.READ_PRAISE)
def arrivals() -> str:
    """What arrived among one's newest letters after those of the page, as a piece of it; "" where nothing did.

    An open page asks for it again and again, so nothing costs one statement. It says what it has: what was read on
    another device, or got lost on the way, is still new to it; and whether somebody is `here`, because what is shown
    on a table where nobody sits was not read.
    """
    viewer, since, is_here = signed_in_viewer(), id_in("since") or 0, "here" in request.args
    with house().store.read() as session:
        fresh = praise.arrived(viewer, since=since, among=SIZE, size=MOST_AT_ONCE, unread=is_here)
        letters = praise.letters(session, fresh)
        if not letters:
            return ""
        ids = [letter.praise.id for letter in letters]
        book = leaves(session, viewer, letters, ids)
    next_ = _arrivals(letters, since)
    shown = render_template("employee/arrivals.html", letters=book, is_all=False, whose=OWN, arrivals=next_)
    if request.method == "GET" and is_here:
        _read(viewer, sorted(ids), clock.now())
    return shown


def _arrivals(letters: Sequence[Letter], since: int) -> str:
    """Where a page with those letters, and all up to `since`, asks for what arrives; never by a name in whose.NAMES."""
    return url_for("employee.arrivals", since=max(since, *(letter.praise.id for letter in letters), 0))


def _head(session: Session, having: Having, wanted: Wanted, page: Page, at: datetime) -> dict[str, Any]:
    """What stands above the letters: whose they are, the other lists there are, and the sentence of the month."""
    viewer, by = having.viewer, wanted.narrowed.person_id if wanted.is_narrowed else None
    person = access.person_for(session, viewer, by) if by else None
    managed = choices.managed_lists(session, having, wanted)
    told = cases.shared_with(session, viewer, most=SHARED) if wanted.list.whose == OWN or wanted.is_instead else []
    return {
        "title": choices.title(managed, wanted, viewer, person.name if person else ""),
        "seen": pictures.seen(person) if person else None,
        "under": _under(session, viewer, wanted, page, at),
        "filters": managed,
        "lists": choices.own_lists(having, wanted),
        "shared": [{"url": url_for("employee.shared", n=one.case_id), "at": one.at} for one in told],
        "said": _sentence(session, viewer, at) if wanted.is_start and len(page.letters) > 1 else None,
        "unmarked": favourites.unmarked(session, viewer, wanted.list.whose),
    }


def _read(viewer: Viewer, ids: list[int], at: datetime) -> None:
    """Note the reading after the page is made; a busy store must not keep anyone from their letters."""
    try:
        with house().store.write(patience=BRIEF) as session:
            praise.mark_read(session, viewer, ids, at)
    except StoreError:
        pass


def _under(session: Session, viewer: Viewer, wanted: Wanted, page: Page, at: datetime) -> str:
    """The line under the title: how many came this month, or why these are not one's own."""
    if wanted.is_instead:
        return _("You have no letters of your own yet.") if page.letters else ""
    return wanted.list.under(session, viewer, _first_of_month(at))


def _sentence(session: Session, viewer: Viewer, at: datetime) -> Sentence | None:
    """A sentence of this month's letters to the viewer, else of the last one's."""
    month = _first_of_month(at)
    return sentences.of_the_month(session, viewer, month, _first_of_month(month - timedelta(days=1)))


def _first_of_month(at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(zone())).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
