"""Slips to print at the start of a shift: one for each person who has letters, for those without a screen or e-mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, abort, render_template, request, url_for
from sqlalchemy.orm import Session

from feedback import clock
from feedback.core import access, slips
from feedback.core.access import Permission
from feedback.core.people import Department
from feedback.core.praise import Letter
from feedback.core.slips import Printing, Slip
from feedback.outbound import sheets
from feedback.outbound.sheets import Leaf
from feedback.text import gettext as _
from feedback.web import house
from feedback.web import sheets as paper
from feedback.web.forms.address import id_in
from feedback.web.manager import blueprint
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer
from feedback.web.text import day, zone

USUAL, LONGEST = timedelta(days=7), timedelta(days=92)


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose letters are printed, since which day, and whether those that were read already too."""

    department: Department
    since: date
    with_read: bool

    @property
    def address(self) -> dict[str, Any]:
        """The same, as an address says it."""
        found: dict[str, Any] = {"department": self.department.id, "since": self.since.isoformat()}
        return found | ({"read": "1"} if self.with_read else {})


@blueprint.get("/praise/slips", endpoint="slips")
@needs(Permission.MANAGE_PRAISE)
def slips_page() -> str | tuple[str, int]:
    """What to print, and for whom there is a slip."""
    with house().store.read() as session:
        departments = access.departments_for(session, signed_in_viewer())
        asked, problem = _asked(session, departments)
        found = _found(session, asked)
    page = render_template(
        "manager/slips.html",
        departments=[{"id": one.id, "name": one.name} for one in departments],
        asked=asked,
        problem=problem,
        rows=[{"name": one.name, "n": len(one.letters) + one.more} for one in found.slips],
        is_cut=found.is_cut,
        pdf_url=url_for("manager.slips_pdf", **asked.address),
    )
    return (page, 422) if problem else page


@blueprint.get("/praise/slips.pdf", endpoint="slips_pdf")
@needs(Permission.MANAGE_PRAISE)
def slips_pdf() -> Response:
    """The slips as one PDF."""
    with house().store.read() as session:
        asked, problem = _asked(session, access.departments_for(session, signed_in_viewer()))
        found = _found(session, asked)
        head = paper.head(session)
    if problem or not found.slips:
        abort(404)
    title = _("Slips for %(name)s") % {"name": asked.department.name}
    return paper.sent(sheets.slips(head, title, [_printed(one) for one in found.slips]), "slips.pdf")


def _asked(session: Session, departments: Sequence[Department]) -> tuple[Asked, str]:
    """What the address asks for, and what is wrong with it; a department that is not one's own does not exist."""
    wanted = id_in("department")
    own = access.department_for(session, signed_in_viewer(), wanted) if wanted else next(iter(departments), None)
    department = own or abort(404)
    today = clock.day(clock.now(), zone())
    since, problem = today - USUAL, ""
    if text := request.args.get("since", ""):
        try:
            since = date.fromisoformat(text)
        except ValueError:
            problem = _("This is not a day. Please choose one.")
    if not today - LONGEST <= since <= today:
        since, problem = today - USUAL, _("Please choose a day of the last three months.")
    return Asked(department, since, request.args.get("read") == "1"), problem


def _found(session: Session, asked: Asked) -> Printing:
    since = datetime.combine(asked.since, time(), ZoneInfo(zone()))
    who, of = signed_in_viewer(), asked.department.id
    return slips.of_department(session, who, of, since, unread_only=not asked.with_read)


def _printed(slip: Slip) -> sheets.Slip:
    return sheets.Slip(slip.name, [_leaf(letter) for letter in slip.letters], slip.more)


def _leaf(letter: Letter) -> Leaf:
    whole = "" if letter.praise.person_id else letter.department
    return Leaf(letter.words, letter.submission.language, (whole, letter.place or "", day(letter.at)))
