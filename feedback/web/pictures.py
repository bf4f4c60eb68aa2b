"""Pictures in pages and answers; whether one may be seen is decided by the route that hands it over."""

from flask import Response, abort, request, url_for

from feedback.core import files
from feedback.core.files import File
from feedback.core.people import Person, initials
from feedback.web import house


def answer(file: File | None, *, kept: str) -> Response:
    """The picture, which browsers may keep as `kept` says; 404 where there is none, or its bytes are gone."""
    data = files.read(house().settings.data_dir, file) if file else None
    if file is None or data is None:
        abort(404)
    response = Response(data, mimetype=file.mimetype)
    response.headers["Cache-Control"] = kept
    response.set_etag(file.sha256.hex())
    response.make_conditional(request)
    return response


def seen(person: Person) -> dict[str, str]:
    """What a page at work shows of a person beside the name: the photo, or letters in its place."""
    address = url_for("admin.photo", n=person.id, photo=person.photo_id) if person.photo_id else ""
    return {"photo": address, "initials": initials(person.public_name)}
