"""Coming back with a receipt: typed, or behind the # of its link; then what became of the words."""

from collections.abc import Callable, Sequence
from functools import partial

from flask import Blueprint, Response, redirect, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from feedback import clock, text
from feedback.core import cases, conversations, files, submissions
from feedback.core.cases import Status
from feedback.core.conversations import Conversation
from feedback.core.files import File, Unusable
from feedback.core.submissions import Kind, Submission
from feedback.core.surveys.design import said
from feedback.db import StoreError, StoreFull
from feedback.outbound import questions, wording
from feedback.text import gettext as _
from feedback.web import house, pictures
from feedback.web.customer import paper
from feedback.web.forms import body
from feedback.web.forms.address import whole
from feedback.web.forms.body import PHOTO
from feedback.web.security import count_try, public

blueprint = Blueprint("receipt", __name__)
COOKIE = "receipt"
PATH = "/r"
MINE = {"received", "wrote", "judged", "reopened", "praised"}  # steps that are the customer's own
Problem = tuple[str, str, int] | None  # field, what is wrong with it, status


@blueprint.get("/r")
@blueprint.get("/R", endpoint="show_in_capitals")
@public
def show() -> Response:
    """The conversation behind the receipt this browser holds, else the page to type one."""
    receipt = submissions.normal_receipt(request.cookies.get(COOKIE, ""))
    if receipt:
        with house().store.read() as session:
            found = conversations.open_with(session, receipt, with_photos=True)
        if found:
            return _conversation(found)
    return _ask()


@blueprint.post("/r")
@public
def enter() -> BaseResponse:
    """Open a typed receipt, or close the one that is open on this device."""
    sent = body.read(request, photos=True)
    if sent.one("forget"):
        response = redirect(PATH, 303)
        response.delete_cookie(COOKIE, path=PATH)
        return response
    if sent.one("act"):
        return Act(sent).answer()
    typed = sent.one("receipt")
    receipt = submissions.normal_receipt(typed.rpartition("#")[2])  # some paste the whole address
    with house().store.read() as session:
        known = receipt is not None and submissions.with_receipt(session, receipt) is not None
    if not known or receipt is None or sent.problems:
        return _ask(typed, "unknown_receipt")
    response = redirect(PATH, 303)
    response.set_cookie(COOKIE, receipt, path=PATH, httponly=True, samesite="Lax", secure=house().settings.is_https)
    return response


@blueprint.get("/r/photos/<n>")
@public
def photo(n: str) -> Response:
    """One photo of the conversation behind the receipt this browser holds, as far as it is the customer's to see."""
    receipt = submissions.normal_receipt(request.cookies.get(COOKIE, ""))
    if receipt is None:
        raise NotFound
    with house().store.read() as session:
        file = conversations.photo(session, receipt, whole(n))
    return pictures.private(file)


def _ask(typed: str = "", problem: str = "") -> Response:
    def words() -> dict[str, object]:
        return {
            "action": PATH,
            "value": typed,
            "errors": {"receipt": wording.problem(problem)} if problem else {},
        }

    return paper.plain("customer/receipt.html", 422 if problem else 200, words=words, script=True)


class Act:
    """What a customer does behind the receipt their browser holds: write, judge, ask to be told, open it, take back."""

    def __init__(self, sent: body.Sent) -> None:
        self.sent, self.at, self.here = sent, clock.now(), house()
        self.receipt = submissions.normal_receipt(request.cookies.get(COOKIE, ""))

    def answer(self) -> BaseResponse:
        acts = {
            "write": self._write,
            "judge": self._judge,
            "reopen": self._reopen,
            "tell": self._tell,
            "forget_address": self._forget_address,
            "show_no_more": self._show_no_more,
        }
        act = acts.get(self.sent.one("act"))
        if self.receipt is None or act is None:
            return _ask()
        count_try("conversation", self.at)
        try:
            problem = act()
        except Unusable as error:
            problem = (
                ("message", "not_saved", 503) if error.problem == "busy" else (PHOTO, f"photo_{error.problem}", 422)
            )
        if problem is None:
            return redirect(PATH, 303)
        with self.here.store.read() as session:
            found = conversations.open_with(session, self.receipt, with_photos=True)
        if found is None:
            return _ask()
        name, told, status = problem
        again = {PHOTO: "photo_again"} if self.sent.photos else {}
        response = _conversation(found, self.sent, again | {name: told})
        response.status_code = status
        return response

    def _write(self) -> Problem:
        if PHOTO in self.sent.problems:
            return PHOTO, self.sent.problems[PHOTO], 422
        if not self.sent.photos:
            if not self.sent.one("message").strip():
                return "message", "write_or_show", 422
            return self._words("message", cases.write)
        if problem := self._wrong("message", needed=False) or self._closed():
            return problem
        drawn = [files.photo(photo.file) for photo in self.sent.photos]
        try:
            with files.laid(self.here.settings.data_dir, drawn, self.at) as photos:
                return self._said("message", partial(cases.write, photos=photos))
        except StoreError as error:
            return _not_saved(error)

    def _closed(self) -> Problem:
        """What is in the way of writing, told before anything is drawn."""
        with self.here.store.read() as session:
            found = conversations.open_with(session, self.receipt or "")
        is_open = found is not None and found.case is not None and found.case.status != Status.CLOSED
        return None if is_open else ("message", "not_now", 409)

    def _reopen(self) -> Problem:
        return self._words("reason", cases.reopen)

    def _judge(self) -> Problem:
        settled, rating = self.sent.one("settled"), self.sent.one("rating")
        if settled not in ("yes", "no"):
            return "settled", "say_whether_settled", 422
        if rating and rating not in "12345":
            return "rating", "not_offered", 422
        stars = int(rating) if rating else None
        return self._kept(
            lambda session, said: cases.judge(session, said, is_settled=settled == "yes", rating=stars, at=self.at)
        )

    def _tell(self) -> Problem:
        address = self.sent.one("tell_once").strip()
        if not self.here.settings.smtp_url:
            return "tell_once", "not_now", 409
        if "tell_once" in self.sent.problems or not submissions.is_address(address):
            return "tell_once", "not_an_address", 422
        return self._kept(lambda session, said: conversations.tell_once(session, said, address), of_praise=True)

    def _forget_address(self) -> Problem:
        return self._kept(conversations.tell_no_more, of_praise=True)

    def _show_no_more(self) -> Problem:
        return self._kept(conversations.show_no_more, of_praise=True)

    def _words(self, name: str, do: Callable[..., object]) -> Problem:
        return self._wrong(name) or self._said(name, do)

    def _wrong(self, name: str, *, needed: bool = True) -> Problem:
        """What is wrong with the words of that field."""
        text = self.sent.one(name).strip()
        if name in self.sent.problems:
            return name, self.sent.problems[name], 422
        if needed and not text:
            return name, "write_something", 422
        return (name, "too_long", 422) if len(text) > submissions.MOST_CHARACTERS else None

    def _said(self, name: str, do: Callable[..., object]) -> Problem:
        text, mails = self.sent.one(name).strip(), bool(self.here.settings.smtp_url)
        return self._kept(lambda session, said: do(session, said, text, self.at, mails=mails))

    def _kept(self, do: Callable[[Session, Submission], object], *, of_praise: bool = False) -> Problem:
        """Do it to what the receipt opens, if it has a case, or is praise and that is asked for."""
        try:
            with self.here.store.write() as session:
                said = submissions.with_receipt(session, self.receipt or "")
                is_praise = of_praise and said is not None and said.kind == Kind.COMPLIMENT
                if said is None or not (is_praise or conversations.has_case(session, said.id)):
                    return "message", "not_now", 409
                do(session, said)
        except (cases.NotOpen, cases.ChangedMeanwhile):
            return "message", "not_now", 409
        except StoreError as error:
            return _not_saved(error)
        return None


def _not_saved(error: StoreError) -> Problem:
    return "message", "not_saved", 507 if isinstance(error, StoreFull) else 503


def _conversation(found: Conversation, sent: body.Sent | None = None, errors: dict[str, str] | None = None) -> Response:
    submission, case, at = found.submission, found.case, clock.now()
    values = {name: sent.one(name) if sent else "" for name in ("message", "reason", "settled", "rating", "tell_once")}
    received = next((step.photos for step in found.steps if step.name == "received"), ())

    def words() -> dict[str, object]:
        is_open = case is not None and case.status != Status.CLOSED
        may_be_thanked = conversations.waits_for_thanks(submission, found.steps)
        can_be_told = (is_open or may_be_thanked) and not found.is_told and bool(house().settings.smtp_url)
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
                "photos": _photos(received, is_mine=True),
            },
            "state": wording.state(
                found.kind,
                found.status,
                found.routes,
                found.names,
                outcome=found.closure.outcome if found.closure else None,
            ),
            "is_idea": found.kind == Kind.SUGGESTION,
            "is_praise": found.kind == Kind.COMPLIMENT,
            "given": _given(found),
            "steps": [
                {
                    "at": step.at,
                    "text": wording.customer_step(step.name, step.details),
                    "words": step.words,
                    "by": step.by,
                    "is_mine": step.name in MINE,
                    "photos": _photos(step.photos, is_mine=step.name in MINE) if step.name != "received" else [],
                }
                for step in found.steps
            ],
            "forget_action": PATH,
            "act_action": PATH,
            "may_write": is_open,
            "may_be_told": can_be_told and not found.is_told_once,
            "is_told_once": found.is_told_once,
            "may_show": submission.may_share,
            "is_asked": case is not None and case.paused_at is not None,
            "may_judge": found.closure is not None and not is_open and found.closure.rated_at is None,
            "may_reopen": case is not None and found.closure is not None and cases.can_reopen(case, at),
            "values": values,
            "errors": {name: wording.problem(problem) for name, problem in (errors or {}).items()},
        }

    return paper.plain("customer/conversation.html", words=words)


def _given(found: Conversation) -> list[tuple[str, str]]:
    """What was answered of a survey: each question with its answer, in words."""
    if found.given is None:
        return []
    tag, answers = text.current().tag, found.given.answers
    asked = [question for question in found.given.design.questions if question.code in answers]
    return [(said(question.text, tag), questions.told(question, answers, tag)) for question in asked]


def _photos(photos: Sequence[File], *, is_mine: bool) -> list[dict[str, object]]:
    alt = _("Your photo %(n)s of %(total)s") if is_mine else _("Photo %(n)s of %(total)s from us")
    return pictures.strip(photos, lambda n: f"{PATH}/photos/{n}", alt)
