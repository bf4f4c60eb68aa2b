"""Coming back with a receipt: typed, or behind the # of its link; then what became of the words."""

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from feedback.core import conversations, submissions
from feedback.core.conversations import Conversation
from feedback.outbound import wording
from feedback.web import house
from feedback.web.customer import paper
from feedback.web.forms import body
from feedback.web.security import public

blueprint = Blueprint("receipt", __name__)
COOKIE = "receipt"
PATH = "/r"


@blueprint.get("/r")
@blueprint.get("/R", endpoint="show_in_capitals")
@public
def show() -> Response:
    """The conversation behind the receipt this browser holds, else the page to type one."""
    receipt = submissions.normal_receipt(request.cookies.get(COOKIE, ""))
    if receipt:
        with house().store.read() as session:
            found = conversations.open_with(session, receipt)
        if found:
            return _conversation(found)
    return _ask()


@blueprint.post("/r")
@public
def enter() -> BaseResponse:
    """Open a typed receipt, or close the one that is open on this device."""
    sent = body.read(request)
    if sent.one("forget"):
        response = redirect(PATH, 303)
        response.delete_cookie(COOKIE, path=PATH)
        return response
    typed = sent.one("receipt")
    receipt = submissions.normal_receipt(typed.rpartition("#")[2])  # some paste the whole address
    with house().store.read() as session:
        known = receipt is not None and submissions.with_receipt(session, receipt) is not None
    if not known or receipt is None or sent.problems:
        return _ask(typed, "unknown_receipt")
    response = redirect(PATH, 303)
    response.set_cookie(COOKIE, receipt, path=PATH, httponly=True, samesite="Lax", secure=house().settings.is_https)
    return response


def _ask(typed: str = "", problem: str = "") -> Response:
    def words() -> dict[str, object]:
        return {
            "action": PATH,
            "value": typed,
            "errors": {"receipt": wording.problem(problem)} if problem else {},
        }

    return paper.plain("customer/receipt.html", 422 if problem else 200, words=words, script=True)


def _conversation(found: Conversation) -> Response:
    submission = found.submission

    def words() -> dict[str, object]:
        return {
            "submission": {
                "kind": submission.kind,
                "message": submission.message,
                "at": submission.submitted_at,
                "heading": found.heading,
                "under": found.under,
                "topics": found.topics,
                "person_note": submission.person_note,
                "rating": submission.rating,
            },
            "state": wording.state(
                found.kind, found.status, found.routes, found.names, is_delivered=found.is_delivered
            ),
            "steps": [{"at": step.at, "text": wording.customer_step(step.name, step.details)} for step in found.steps],
            "forget_action": PATH,
        }

    return paper.plain("customer/conversation.html", words=words)
