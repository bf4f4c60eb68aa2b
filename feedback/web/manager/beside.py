"""What the pages beside a case have in common: what it is about and says, and the answer to a change from a page grown
old.
"""

from collections.abc import Callable

from flask import flash
from sqlalchemy.orm import Session

from feedback.core.access import Viewer
from feedback.core.cases import Case
from feedback.core.submissions import Submission
from feedback.text import gettext as _
from feedback.web import house
from feedback.web.manager.cases import workable
from feedback.web.session import signed_in_viewer

Page = Callable[[Session, Viewer, Case], str]


def about(session: Session, case: Case) -> dict[str, object]:
    """The words the page is about."""
    said = session.get_one(Submission, case.id)
    return {"id": case.id, "kind": said.kind, "message": said.message, "at": said.submitted_at}


def again(n: str, page: Page, status: int) -> tuple[str, int]:
    """The page of a case that is the viewer's to work on, with that status."""
    with house().store.read() as session:
        viewer = signed_in_viewer()
        return page(session, viewer, workable(session, viewer, n)), status


def changed_meanwhile(n: str, page: Page) -> tuple[str, int]:
    """The page as it is now, because what was sent was written on one that had grown old."""
    flash(_("Someone changed this case meanwhile. What they did is below; yours was not kept."))
    return again(n, page, 409)
