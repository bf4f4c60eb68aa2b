"""The photo of a person, at work: kept with the rest of their form, and shown to those who keep them."""

from flask import Response, abort
from sqlalchemy.orm import Session

from feedback import clock
from feedback.core.access import Permission
from feedback.core.directory import portrait, staff
from feedback.core.people import Person
from feedback.web import house, pictures
from feedback.web.admin import blueprint
from feedback.web.admin.forms import PersonForm
from feedback.web.forms.address import whole
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer

KEPT = "private, max-age=3600"  # by one browser, as each photo has an address of its own


@blueprint.get("/people/<n>/<photo>.jpg", endpoint="photo")
@needs(Permission.MANAGE_PEOPLE)
def photo(n: str, photo: str) -> Response:
    """The photo of a person whom one keeps."""
    with house().store.read() as session:
        person = staff.one(session, signed_in_viewer(), whole(n)) or abort(404)
        file = portrait.of(session, person, whole(photo))
    return pictures.answer(file, kept=KEPT)


def settle(session: Session, person: Person, form: PersonForm) -> None:
    """Show the photo that was chosen, or none any more where that was ticked."""
    at, by_id = clock.now(), signed_in_viewer().person_id
    if form.photo.picture:
        portrait.show(session, house().settings.data_dir, person, form.photo.picture, at, by_id=by_id)
    elif form.no_photo.data:
        portrait.remove(session, person, at, by_id=by_id)
