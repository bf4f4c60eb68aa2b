"""What a case is connected with, as its sheet shows it: whom it is about, and cases that say the same."""

from flask import url_for
from sqlalchemy.orm import Session

from feedback.core import cases
from feedback.core.access import Viewer
from feedback.core.cases import Case, Status, duplicates
from feedback.core.submissions import Submission
from feedback.outbound import wording

MOST = 20  # linked cases on a page
BRIEF = 120  # signs of the words of another case


def of(session: Session, viewer: Viewer, case: Case, *, works: bool) -> dict[str, object]:
    """Whom it is about (for those who work on it), and the linked cases that the viewer may see."""
    linked = duplicates.linked(session, viewer, case)
    same = duplicates.open_among(session, viewer, linked.others) if works else []
    shown = [linked.first] if linked.first else []
    rows = [brief(*one) for one in duplicates.told(session, [*shown, *linked.others[:MOST]])]
    return {
        "works": works,
        "concerned": [one.name for one in cases.concerned(session, viewer, case)] if works else [],
        "first": rows[0] if shown else None,
        "others": rows[len(shown) :],
        "count": len(linked.others),
        "unanswered": len(same) if case.status == Status.CLOSED else 0,
        "version": case.version,
    }


def brief(case: Case, said: Submission) -> dict[str, object]:
    """Another case in a line: the beginning of the words, when, where it stands, its address."""
    return {
        "id": case.id,
        "version": case.version,
        "url": url_for("manager.case", n=case.id),
        "first": " ".join(said.message.split())[:BRIEF],
        "kind": said.kind,
        "at": said.submitted_at,
        "status": wording.status(case.status),
    }
