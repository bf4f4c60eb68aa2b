"""A closed case that was shared with the person it is about."""

from collections.abc import Sequence

from flask import abort, render_template, request, url_for
from werkzeug.wrappers import Response

from feedback.core import cases, people
from feedback.core.access import Permission
from feedback.core.cases import Shared
from feedback.core.files import File
from feedback.outbound import wording
from feedback.text import gettext as _
from feedback.web import house, pictures
from feedback.web.employee import blueprint, news
from feedback.web.forms.address import whole
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer


@blueprint.get("/cases/<n>/shared")
@needs(Permission.READ_PRAISE)
def shared(n: str) -> str:
    """A closed case about oneself, as it was shared: the words, what the customer was told, and a word with it."""
    with house().store.read() as session:
        found = cases.shared(session, signed_in_viewer(), whole(n)) or abort(404)
        by = people.person_names(session, {found.share.by_id}).get(found.share.by_id, "")
    if request.method == "GET":
        news.opened(signed_in_viewer(), found.share.case_id)
    steps = [
        {
            "text": wording.step(one.name, {}, None),
            "words": one.text,
            "at": one.at,
            "photos": _photos(found, one.photos),
        }
        for one in found.said
    ]
    return render_template(
        "employee/shared.html",
        message=found.submission.message,
        photos=_photos(found, found.photos),
        kind=found.submission.kind,
        at=found.submission.submitted_at,
        steps=steps,
        note=found.share.note,
        by=by,
        shared_at=found.share.at,
    )


@blueprint.get("/cases/<n>/shared/photos/<photo>")
@needs(Permission.READ_PRAISE)
def shared_photo(n: str, photo: str) -> Response:
    """One photo of a case that was shared with the viewer, among those that were shared."""
    with house().store.read() as session:
        found = cases.shared(session, signed_in_viewer(), whole(n)) or abort(404)
    shown = (found.photos, *(one.photos for one in found.said))
    file = next((file for some in shown for file in some if file.id == whole(photo)), None)
    return pictures.private(file)


def _photos(found: Shared, photos: Sequence[File]) -> list[dict[str, object]]:
    def address(photo: int) -> str:
        return url_for("employee.shared_photo", n=found.share.case_id, photo=photo)

    return pictures.strip(photos, address, _("Photo %(n)s of %(total)s"))
