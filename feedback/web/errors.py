"""The error edge: every error becomes a page that says what to do; only here are they turned into statuses."""

import logging
import traceback
from collections.abc import Callable

from flask import Flask, Response, flash, g, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response as BaseResponse

from feedback.core.limits import TooMany
from feedback.db import StoreError, StoreFull
from feedback.text import gettext as _
from feedback.web.customer import paper
from feedback.web.text import STAFF_ROOMS, speak_to_staff

log = logging.getLogger(__name__)
RETRY_AFTER = 5  # seconds, when the store is busy


def install(app: Flask) -> None:
    """Answer every error of `app` with a page."""
    app.register_error_handler(HTTPException, of_http)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(StoreError, _store)
    app.register_error_handler(TooMany, _too_many)
    app.register_error_handler(Exception, _bug)


def of_http(error: HTTPException) -> BaseResponse:
    """The page of an error that says its status itself."""
    if error.code is None or error.code < 400:
        return error.get_response()  # a redirect that Werkzeug raised
    response = _page(error.code)
    for name, value in error.get_headers(request.environ):
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def _csrf(error: CSRFError) -> Response:
    return _page(400)


def _store(error: StoreError) -> Response:
    response = _page(507 if isinstance(error, StoreFull) else 503)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def not_kept(error: StoreError, page: Callable[[], str]) -> Response:
    """The page with a form as it was sent, where the store could not take it; reading works while writing waits."""
    flash(_("Not saved yet. Your words are kept here: please send them again in a moment."))
    status = 507 if isinstance(error, StoreFull) else 503
    return Response(page(), status, {"Retry-After": str(RETRY_AFTER)})


def _too_many(error: TooMany) -> Response:
    response = _page(429)
    response.headers["Retry-After"] = str(error.retry_after)
    return response


def note(error: Exception) -> None:
    """Log what nobody foresaw; not the address, which can hold a token, nor the text, which can hold words."""
    where = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s failed with %s at\n%s", request.endpoint, type(error).__name__, where)


def _bug(error: Exception) -> Response:
    note(error)
    return _page(InternalServerError.code)


def _page(status: int) -> Response:
    """The page of one status: light for customers, with their menu for those at work.

    What failed may be needed for the page too: then it goes without, and at the end it is a sentence.
    """
    pages = (_staff_page, _customer_page, _nameless_page)
    for page in pages if request.blueprint in STAFF_ROOMS else pages[1:]:
        try:
            return page(status)
        except StoreError:
            pass  # the next page needs no store
        except Exception as error:
            note(error)
    return Response(" ".join(_texts(status)), status, mimetype="text/plain")


def _staff_page(status: int) -> Response:
    speak_to_staff()  # the guard refuses before the room's own language is set
    title, said = _texts(status)
    html = render_template(
        "errors/error.html", status=status, title=title, text=said, action_url="/", action_text=_("To the start page")
    )
    return Response(html, status)


def _customer_page(status: int) -> Response:
    def words() -> dict[str, object]:
        title, said = _texts(status)
        return {"status": status, "title": title, "text": said, "home_hint": _hint(status)}

    return paper.plain("customer/gone.html", status, words=words)


def _nameless_page(status: int) -> Response:
    """As it is before there is an organisation."""
    g.organisation = None
    return _customer_page(status)


def _texts(status: int) -> tuple[str, str]:
    """Title and text of a status; what does not exist and what one may not see look the same."""
    known = {
        400: (_("Please try that again"), _("The page was open for too long, or came from elsewhere. Load it again.")),
        404: (_("There is nothing here"), _("The address may be mistyped, or the page has moved.")),
        405: (_("That does not work here"), _("This address takes no such request.")),
        410: (_("This code is no longer in use"), _("Please scan a newer one, or tell someone who works here.")),
        413: (
            _("That was too large"),
            _(
                "Nothing was saved. Please go back: your words are still in the form. Shorten them, or choose fewer or "
                "smaller photos, and send again."
            ),
        ),
        415: (_("That could not be read"), _("Nothing was saved. Please go back and send the form again.")),
        429: (_("Slow down, please"), _("Many requests are arriving from here. Please try again in a few minutes.")),
        503: (_("Not saved yet"), _("The service is busy. Please go back and send again in a moment.")),
        507: (_("Not saved yet"), _("The service has no room left. Please try again later, or tell someone here.")),
    }
    return known.get(status, (_("Something went wrong here"), _("It is our fault, not yours. Please try again.")))


def _hint(status: int) -> str:
    if status in (404, 410):
        return _("A code has eight letters and digits. You find it below the QR code.")
    return ""
