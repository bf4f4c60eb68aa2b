"""What every printed sheet of praise needs of the house: the organisation's head, and the file that is sent."""

from flask import Response, abort
from sqlalchemy.orm import Session

from feedback.core import files
from feedback.core.organisation import the_organisation
from feedback.outbound.sheets import Head
from feedback.web import house


def head(session: Session) -> Head:
    """Name, colour and logo of the organisation."""
    known = the_organisation(session) or abort(404)
    return Head(known.name, known.accent, files.logo_bytes(session, house().settings.data_dir))


def sent(data: bytes, name: str) -> Response:
    """The PDF as a file of that name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, 200, headers, mimetype="application/pdf")
