"""Pictures in pages and answers; whether one may be seen is decided by the route that hands it over."""

from collections.abc import Callable, Sequence

from flask import Response, abort, request, url_for

from feedback.core import files
from feedback.core.files import File
from feedback.core.people import Person, initials
from feedback.text import number
from feedback.web import house

ALONE = "default-src 'none'; frame-ancestors 'none'; sandbox"  # the policy of a picture that is a page of its own


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


def private(file: File | None) -> Response:
    """A photo out of a case, which no browser keeps: who may see it is asked each time; 404 where there is none."""
    response = answer(file, kept="private, no-store")
    response.headers["Content-Security-Policy"] = ALONE
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def strip(photos: Sequence[File], address: Callable[[int], str], alt: str) -> list[dict[str, object]]:
    """What a page shows of the photos of one step; `alt` names one of them by its `n` of a `total`."""
    return [
        {
            "url": address(photo.id),
            "width": photo.width,
            "height": photo.height,
            "alt": alt % {"n": number(n), "total": number(len(photos))},
        }
        for n, photo in enumerate(photos, 1)
    ]
