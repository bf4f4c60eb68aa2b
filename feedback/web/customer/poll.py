"""Polls: one question, a vote, and how everyone voted, at once; and a screen that shows it to a room.

One vote a device, without a wall of cookies: a browser that voted holds a signed note of it. Whoever clears it, or
takes another device, can vote again; the page says so.
"""

import hashlib
import json
from typing import Any

from flask import Blueprint, Response, abort, current_app, redirect, request, url_for
from itsdangerous import BadData, URLSafeSerializer
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from feedback import clock, crockford, text
from feedback.core import intake, limits, submissions, surveys
from feedback.core.intake import SaidOtherwise, Scene
from feedback.core.organisation import the_organisation
from feedback.core.routing import Picture, Target
from feedback.core.submissions import SURVEY, Draft
from feedback.core.surveys import Asked, Survey, answering, polls
from feedback.core.surveys.design import read, said
from feedback.core.surveys.model import CODE_LENGTH
from feedback.core.surveys.polls import Tally
from feedback.db import StoreError, StoreFull, Taken
from feedback.outbound import qr, questions, wording
from feedback.text import gettext as _
from feedback.web import House, accent, house, screens, security
from feedback.web.customer import asking, paper, token
from feedback.web.customer.sending import NOTICES, RETRY_AFTER
from feedback.web.forms import body as bodies
from feedback.web.security import policy, public
from feedback.web.text import day, head, offered, organisation

blueprint = Blueprint("poll", __name__)
REMEMBERED = 365 * 24 * 3600  # seconds that a browser holds the note of its vote
POLL = 2000  # milliseconds between two questions of a screen for how it stands
DRAWN = ("css/tokens.css", "css/wall.css", "js/poll.js")
Trouble = tuple[int, str, dict[str, str]]  # status, name of the notice, problem names by field


@blueprint.get("/poll/<code>")
@public
def page(code: str) -> Response:
    """The question where this browser has not voted yet, and how it stands."""
    survey, asked = _found(code)
    return _page(survey, asked)


@blueprint.post("/poll/<code>")
@public
def vote(code: str) -> BaseResponse:
    """Take a vote: counted once, however often it is sent."""
    sent = bodies.read(request)
    survey, asked = _found(code)
    trouble = _Vote(house(), asked, sent).take()
    if trouble:
        status, notice, problems = trouble
        return _page(survey, asked, sent, status=status, notice=notice, problems=problems)
    response = redirect(url_for("poll.page", code=survey.code), 303)
    remember(response, survey.code or "", house())
    return response


@blueprint.get("/poll/<code>/screen")
@public
def screen(code: str) -> Response:
    """How it stands, for a room: large, by itself anew, with the code to vote by."""
    survey, asked = _found(code)
    with house().store.read() as session:
        known = the_organisation(session) or abort(404)
        tally = polls.tally(session, survey.id, asked.design)
    tag = paper.language()
    with text.speaking(tag):
        css, address = accent.css(known.accent), house().settings.base_url + url_for("poll.page", code=survey.code)
        html = current_app.jinja_env.get_template("poll_screen.html").render(
            organisation=head(known),
            lang=tag,
            dir=text.known(tag).direction,
            accent_css=Markup(css),
            title=said(asked.design.questions[0].text, tag, offered(known)),
            told=_told(asked, tally, tag),
            over="" if asked.is_open(clock.now(), known.timezone) else _("This poll is over."),
            feed=url_for("poll.feed", code=survey.code, lang=tag),
            poll=POLL,
            address=address.partition("://")[2],
            qr=Markup(qr.svg(address, level="M", title=address)),
        )
    response = Response(html)
    response.headers["Content-Security-Policy"] = policy(css, staff=True)
    return response


@blueprint.get("/poll/<code>/feed")
@public
def feed(code: str) -> BaseResponse:
    """How it stands, as JSON; 304 while nothing changed."""
    survey, asked = _found(code)
    with house().store.read() as session:
        tally = polls.tally(session, survey.id, asked.design)
    tag = paper.language()
    with text.speaking(tag):
        data = json.dumps(_told(asked, tally, tag), ensure_ascii=False).encode()
    response = Response(data, mimetype="application/json")
    response.set_etag(hashlib.sha256(data).hexdigest()[:32])
    response.headers["Cache-Control"] = "no-cache"
    return response.make_conditional(request)


def has_voted(code: str) -> bool:
    """Whether this browser holds the note of a vote in that poll."""
    try:
        return bool(_signer(house()).loads(request.cookies.get(_cookie(code), "")) == code)
    except BadData:
        return False


def remember(response: BaseResponse, code: str, here: House) -> None:
    """Let this browser hold the note that it voted; not of how."""
    response.set_cookie(
        _cookie(code),
        _signer(here).dumps(code),
        max_age=REMEMBERED,
        httponly=True,
        samesite="Lax",
        secure=here.settings.is_https,
    )


class _Vote:
    """One vote that was sent."""

    def __init__(self, here: House, asked: Asked, sent: bodies.Sent) -> None:
        self._here, self._asked, self._sent, self._at = here, asked, sent, clock.now()
        self._secret = here.settings.secret_key

    def take(self) -> Trouble | None:
        """Keep the vote; what is in the way, where something is."""
        name = f"poll:{self._asked.code}"
        try:
            held = token.read(self._sent.one("token"), name, self._at, self._secret)
        except token.TokenMissing:
            return 422, "", {"form": "token_missing"}
        except token.TokenExpired:
            return 422, "", {"form": "token_expired"}
        if has_voted(self._asked.code or "") and not self._is_known(held):
            return 409, "voted_before", {}
        if not self._asked.is_taken(held.made_at, _zone()):
            return 409, "survey_closed", {}
        answered = answering.read(self._asked.design, self._sent.one)
        problems = answered.problems or ({} if answered.answers else {"form": "nothing_answered"})
        if problems:
            return 422, "", problems
        draft = Draft(kind=SURVEY, language=paper.language(), given=self._asked.given(answered.answers))
        return self._kept(draft, held, name)

    def _is_known(self, held: token.Token) -> bool:
        with self._here.store.read() as session:
            return submissions.is_known(session, held.key)

    def _kept(self, draft: Draft, held: token.Token, name: str) -> Trouble | None:
        mark = security.mark(f"submission\0{name}", self._at)
        scene = Scene(Target(), Picture({}, None), _zone(), mails=False)
        plan = intake.plan(draft, scene, key=held.key, at=self._at, secret=self._secret, mark=mark)
        try:
            if mark:
                with self._here.store.glance() as connection:
                    limits.check(connection, mark, limits.SUBMISSIONS, self._at)
            intake.take_in(self._here.store, plan)
        except SaidOtherwise:
            return 409, "voted_before", {}
        except limits.TooMany:
            return 429, "too_many", {}
        except (StoreError, Taken) as error:
            return 507 if isinstance(error, StoreFull) else 503, "not_saved", {}
        return None


def _found(code: str) -> tuple[Survey, Asked]:
    """The poll at that address, once it is published."""
    with house().store.read() as session:
        found = surveys.poll_with(session, crockford.normal(code, CODE_LENGTH) or "")
    if found is None or found[1] is None:
        abort(404)
    return found[0], found[1]


def _page(
    survey: Survey,
    asked: Asked,
    sent: bodies.Sent | None = None,
    *,
    status: int = 200,
    notice: str = "",
    problems: dict[str, str] | None = None,
) -> Response:
    here, known, at = house(), organisation(), clock.now()
    is_open = asked.is_open(at, _zone())
    voted = has_voted(survey.code or "")
    with here.store.read() as session:
        tally = polls.tally(session, survey.id, asked.design)
        earlier = polls.before(session, survey)
        archive = [(one, read(edition.document)) for one, edition in earlier]
    tag = paper.language()
    values = {name: sent.one(name) for name in answering.fields_of(asked.design.questions[0])} if sent else {}

    def words() -> dict[str, object]:
        return {
            **asking.form_words(asked, tag, offered(known), values),
            "values": values,
            "errors": {name: wording.problem(problem) for name, problem in (problems or {}).items()},
            "notice": NOTICES[notice]() if notice else "",
            "token": token.mint(f"poll:{survey.code}", at, here.settings.secret_key) if is_open and not voted else "",
            "action": url_for("poll.page", code=survey.code),
            "is_open": is_open,
            "voted": voted,
            "told": _told(asked, tally, tag),
            "until": day(asked.design.closes_on) if asked.design.closes_on else "",
            "closing": said(asked.design.closing, tag, offered(known)) if not is_open else "",
            "archive": [
                {"url": url_for("poll.page", code=one.code), "title": said(design.title, tag), "at": one.closed_at}
                for one, design in archive
            ],
        }

    response = paper.plain("customer/poll.html", status, tag=tag, words=words, sheets=paper.SURVEY_SHEETS)
    if status >= 429:
        response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _told(asked: Asked, tally: Tally, tag: str) -> dict[str, Any]:
    """The bars: answer, votes and share of each, and all votes."""
    question = asked.design.questions[0]
    return {
        "version": screens.version(DRAWN),
        "is_open": asked.is_open(clock.now(), _zone()),
        "n": tally.n,
        "total": text.ngettext("%(num)s vote", "%(num)s votes", tally.n) % {"num": text.number(tally.n)},
        "bars": [
            {
                "value": value,
                "text": questions.answer(question, value, tag),
                "votes": text.number(n),
                "share": text.percent(n / tally.n) if tally.n else "–",
                "width": round(100 * n / tally.n) if tally.n else 0,
            }
            for value, n in tally.votes
        ],
    }


def _zone() -> str:
    known = organisation()
    return known.timezone if known else "UTC"


def _cookie(code: str) -> str:
    return f"voted-{code}"


def _signer(here: House) -> URLSafeSerializer:
    return URLSafeSerializer(here.settings.secret_key, salt="voted")
