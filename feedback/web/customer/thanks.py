"""The thank-you page: who reads the words, and the receipt, remembered by the browser for half an hour."""

from flask import Blueprint, Response, redirect, request, url_for
from itsdangerous import BadData, URLSafeTimedSerializer
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from feedback import clock
from feedback.config import Settings
from feedback.core import conversations, limits, submissions, surveys
from feedback.core.conversations import Conversation
from feedback.core.links import Link
from feedback.core.submissions import Kind
from feedback.core.surveys import When
from feedback.outbound import qr, wording
from feedback.web import House, house, security
from feedback.web.customer import paper
from feedback.web.forms import body
from feedback.web.security import public
from feedback.web.text import organisation

blueprint = Blueprint("thanks", __name__)
COOKIE = "receipt"
REMEMBERED = 30 * 60  # seconds
MAILS = 20  # receipts mailed for one address in a window


def remember(response: BaseResponse, receipt: str, tag: str, settings: Settings) -> None:
    """Let this browser show the receipt on /thanks for half an hour, in the language of the form."""
    response.set_cookie(
        COOKIE,
        _signer(settings).dumps([receipt, tag]),
        max_age=REMEMBERED,
        path="/thanks",
        httponly=True,
        samesite="Lax",
        secure=settings.is_https,
    )


@blueprint.get("/thanks")
@public
def show() -> Response:
    """The receipt of what this browser just sent; without the cookie, how to see it otherwise."""
    here = house()
    receipt, tag = _remembered(here.settings)
    if not receipt:
        return paper.plain("customer/arrived.html")
    return page(here, receipt, tag, has_cookie=True)


@blueprint.post("/thanks")
@public
def done() -> BaseResponse:
    """Forget the receipt in this browser."""
    response = redirect("/thanks/farewell", 303)
    response.delete_cookie(COOKIE, path="/thanks")
    return response


@blueprint.get("/thanks/farewell")
@public
def farewell() -> Response:
    """After "Done": the page can be closed."""
    return paper.plain("customer/farewell.html")


@blueprint.get("/thanks/receipt.png")
@public
def image() -> Response:
    """The receipt as an image to keep on the phone."""
    here = house()
    receipt, _ = _remembered(here.settings)
    if not receipt:
        raise NotFound
    picture = qr.receipt_image(link(here, receipt), receipt, paper.organisation_name())
    headers = {"Content-Disposition": 'attachment; filename="receipt.png"'}
    return Response(picture, 200, headers, mimetype="image/png")


@blueprint.post("/thanks/mail")
@public
def mail() -> BaseResponse:
    """Send the receipt once to an address, which is forgotten when the mail has left."""
    here = house()
    receipt, tag = _remembered(here.settings)
    sent = body.read(request)
    email = sent.one("email").strip()
    if not receipt:
        return redirect("/thanks", 303)
    if not here.settings.smtp_url:
        raise NotFound
    if sent.problems or not submissions.is_address(email):
        return page(here, receipt, tag, has_cookie=True, email=email, problem="not_an_address")
    at = clock.now()
    mark = security.mark("receipt mail", at)
    with here.store.write() as session:
        if mark:
            limits.take(session.connection(), mark, MAILS, at)
        conversations.mail_receipt(session, receipt, email, tag, at)
    return redirect("/thanks", 303)


def page(here: House, receipt: str, tag: str, *, has_cookie: bool, email: str = "", problem: str = "") -> Response:
    """The thank-you page of one receipt, in the language `tag`."""
    with here.store.read() as session:
        found = conversations.open_with(session, receipt)
        onward = _onward(session, found) if found else {}
    if found is None:
        raise NotFound
    is_complaint = found.kind == Kind.COMPLAINT
    can_mail = has_cookie and here.settings.smtp_url and not found.is_mailed

    def words() -> dict[str, object]:
        return {
            "kind": found.kind,
            "onward": onward,
            "readers": wording.readers(found.routes, kind=found.kind, names=found.names),
            "promise": paper.promise(found.answer_days) if is_complaint and paper.is_read(found.routes) else "",
            "receipt": {
                "code": receipt,
                "link": link(here, receipt),
                "qr": Markup(qr.svg(link(here, receipt), level="M", title=receipt)),
                "save_url": "/thanks/receipt.png" if has_cookie else "",
                "mail_action": "/thanks/mail" if can_mail else "",
                "mailed": found.is_mailed,
            },
            "values": {"email": email},
            "errors": {"email": wording.problem(problem)} if problem else {},
            "done_action": "/thanks" if has_cookie else "",
        }

    address = "/thanks" if has_cookie else ""
    return paper.plain("customer/thanks.html", 422 if problem else 200, tag=tag, words=words, path=address)


def _onward(session: Session, found: Conversation) -> dict[str, object]:
    """Where it goes on from here: to the survey after praise or complaint, from the survey to either, to a poll."""
    answered, link_id = found.given, found.submission.link_id
    link = session.get(Link, link_id) if link_id else None
    asked = surveys.asked_by(session, link.id) if link else None
    known = organisation()
    if answered is None:
        is_asked = asked is not None and asked.is_open(clock.now(), known.timezone if known else "UTC")
        if asked is None or link is None or not is_asked or asked.moment == When.INSTEAD:
            return {}
        return {"survey": f"/q/{link.code}?survey=1", "questions": len(asked.design.questions)}
    onward: dict[str, object] = {"poll": url_for("poll.page", code=answered.code) if answered.code else ""}
    if link and link.retired_at is None:
        onward["wrong"] = f"/q/{link.code}?kind=complaint" if answered.is_low else ""
        onward["form"] = f"/q/{link.code}?kind=" if asked and asked.moment != When.INSTEAD else ""
    return onward


def link(here: House, receipt: str) -> str:
    """The address that opens the receipt; the secret stands behind the #, so that no server log has it."""
    return f"{here.settings.base_url}/r#{receipt}"


def _remembered(settings: Settings) -> tuple[str, str]:
    """The receipt this browser holds ("" where none) and the language to show it in."""
    try:
        receipt, tag = _signer(settings).loads(request.cookies.get(COOKIE, ""), max_age=REMEMBERED)
    except (BadData, ValueError):
        return "", paper.language()
    return str(receipt), paper.asked_language() or str(tag)


def _signer(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.secret_key, salt="thanks")
