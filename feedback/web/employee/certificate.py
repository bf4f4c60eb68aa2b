"""A letter as a certificate: for whom it is for, and for their manager to hand it over."""

from collections.abc import Sequence

from flask import Response, abort, url_for
from sqlalchemy.orm import Session

from feedback.core import praise
from feedback.core.access import Permission, Viewer
from feedback.core.praise import Letter
from feedback.outbound import sheets
from feedback.outbound.sheets import Leaf
from feedback.web import house
from feedback.web import sheets as paper
from feedback.web.employee import blueprint
from feedback.web.forms.address import whole
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer
from feedback.web.text import day


@blueprint.get("/praise/<n>/certificate.pdf", endpoint="certificate")
@needs(Permission.READ_PRAISE)
def certificate(n: str) -> Response:
    """One page to frame."""
    with house().store.read() as session:
        letter = praise.delivered_to(session, signed_in_viewer(), whole(n)) or abort(404)
        head = paper.head(session)
    leaf = Leaf(letter.words, letter.submission.language, (letter.place or "", day(letter.at)))
    return paper.sent(sheets.certificate(head, letter.person or letter.department, leaf), "certificate.pdf")


def part(session: Session, viewer: Viewer, letters: Sequence[Letter]) -> dict[int, dict[str, object]]:
    """Where each delivered letter is printed."""
    ids = [letter.praise.id for letter in letters if not letter.praise.is_held]
    return {id: {"certificate_url": url_for("employee.certificate", n=id)} for id in ids}
