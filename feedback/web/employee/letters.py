"""One's letters to take along, as a book and as signed JSON; open for a while to those who have left too."""

from datetime import datetime

from flask import Response, abort, render_template
from sqlalchemy.orm import Session

from feedback import clock
from feedback.core import files, signing
from feedback.core import letters as kept
from feedback.core.access import Permission
from feedback.core.organisation import the_organisation
from feedback.core.signing import Key
from feedback.outbound import letters
from feedback.outbound.letters import Book
from feedback.web import house, keys
from feedback.web.employee import blueprint
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer


@blueprint.get("/praise/letters", endpoint="letters")
@needs(Permission.TAKE_PRAISE)
def letters_page() -> str:
    """How many letters there are to take along, and for someone who has left, until when."""
    viewer = signed_in_viewer()
    with house().store.read() as session:
        count = kept.count(session, viewer)
    return render_template("employee/letters.html", count=count, until=viewer.until)


@blueprint.get("/praise/letters.pdf", endpoint="letters_pdf")
@needs(Permission.TAKE_PRAISE)
def as_book() -> Response:
    """All letters as a book to print."""
    return _file(letters.pdf(_book()), "pdf", "application/pdf")


@blueprint.get("/praise/letters.json", endpoint="letters_json")
@needs(Permission.TAKE_PRAISE)
def as_json() -> Response:
    """All letters as signed JSON to keep."""
    return _file(letters.written(_book()), "json", "application/json")


def _book() -> Book:
    """The letters as they are, and the key that signs them: on the list before anything names it."""
    here, at = house(), clock.now()
    key = signing.key_of(here.settings.secret_key)
    with here.store.read() as session:
        book, is_published = _bound(session, key, at), signing.is_published(session, key)
    if not is_published:
        with here.store.write() as session:
            signing.publish(session, key, at)
    return book


def _bound(session: Session, key: Key, at: datetime) -> Book:
    known, viewer = the_organisation(session) or abort(404), signed_in_viewer()
    return Book(
        name=viewer.name,
        organisation=known.name,
        accent=known.accent,
        zone=known.timezone,
        made_at=at,
        letters=list(kept.all_of(session, viewer)),
        key=key,
        keys_url=keys.published_at(),
        logo=files.logo_bytes(session, house().settings.data_dir),
    )


def _file(data: bytes, ending: str, mimetype: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="letters.{ending}"'}
    return Response(data, 200, headers, mimetype=mimetype)
