"""Answers to the survey of a link: read, kept once, and answered; or the next question, one at a time."""

from contextlib import suppress
from dataclasses import replace

from werkzeug.wrappers import Response as BaseResponse

from feedback.core import limits, submissions
from feedback.core.submissions import SURVEY, Draft
from feedback.core.surveys import Asked, answering, asking, begun
from feedback.core.surveys.answering import fields_of, last_before, next_after
from feedback.db import StoreError
from feedback.web import House, security
from feedback.web.customer import paper, poll, token
from feedback.web.customer.doors import Door
from feedback.web.customer.sending import Submit
from feedback.web.forms import body as bodies
from feedback.web.forms.address import id_of

BEGUN = 3000  # steps from one address and link in ten minutes: ten for each submission that may come from there
BESIDE = ("show", "website")  # the fields of the page that are no answers


class SurveySubmit(Submit):
    """One sending of a survey's page."""

    def __init__(self, here: House, door: Door, asked: Asked, tag: str, sent: bodies.Sent) -> None:
        super().__init__(here, door, tag, sent)
        self.asked = self._edition(asked)
        code = sent.one("step")
        self.step = code if self.asked.design.by_steps and self.asked.design.question(code) else ""
        self.answered = answering.read(self.asked.design, sent.one, until=self.step)

    def answer(self) -> BaseResponse:
        if not self.step:
            return super().answer()
        design, answers = self.asked.design, self.answered.answers
        if self.sent.one("go") == "back":
            before = last_before(design, self.step, answers)
            return self._turn_to(before.code if before else self.step)
        _, problems = self.read()
        here = {name: problem for name, problem in problems.items() if name == f"a_{self.step}"}
        if here:
            return self.again(422, here)
        following = next_after(design, self.step, answers)
        if following is None:
            return super().answer()
        if design.keeps_partial and answers and not self.sent.one("website").strip():
            self._keep_begun()
        return self._turn_to(following.code)

    def read(self) -> tuple[Draft, dict[str, str]]:
        given, is_trapped = self.asked.given(self.answered.answers), bool(self.sent.one("website").strip())
        if is_trapped:
            given = replace(given, votes=())
        return Draft(kind=SURVEY, language=self.tag, given=given, is_trapped=is_trapped), self._problems()

    def thanked(self, response: BaseResponse) -> BaseResponse:
        if self.asked.code:
            poll.remember(response, self.asked.code, self.here)
        return response

    def refused(self, held: token.Token) -> str:
        if self.asked.code and poll.has_voted(self.asked.code) and not self._is_known(held):
            return "voted_before"
        return "" if self.asked.is_taken(held.made_at, self.door.timezone) else "survey_closed"

    def _is_known(self, held: token.Token) -> bool:
        """Whether this very page was taken before: its receipt is owed in any case."""
        with self.here.store.read() as session:
            return submissions.is_known(session, held.key)

    def html(self, held: str, problems: dict[str, str], notice: str) -> tuple[str, str]:
        html = paper.survey_html(
            self.door,
            self.asked,
            self.tag,
            token=held,
            values={name: self.sent.one(name) for name in (*BESIDE, *self._fields())},
            errors=problems,
            notice=notice,
            step=self.step,
            answers=self.answered.answers,
        )
        return html, paper.survey_style(self.door.accent, self.asked.design)

    def _problems(self) -> dict[str, str]:
        fields = self._fields()
        found = {fields[name]: problem for name, problem in self.sent.problems.items() if name in fields}
        found |= self.answered.problems
        if self.sent.one("show") not in {"", "here"}:
            found["show"] = "not_offered"
        return found or ({} if self.answered.answers else {"form": "nothing_answered"})

    def _fields(self) -> dict[str, str]:
        """Every field of the survey, with the one at which its errors are shown."""
        questions = self.asked.design.questions
        return {name: answering.first_field(question) for question in questions for name in fields_of(question)}

    def _edition(self, asked: Asked) -> Asked:
        """The edition that the page showed, which may not be the one that the link asks by now.

        Where it is of another survey nothing is taken: codes of questions are alike in all of them.
        """
        wanted = id_of(self.sent.one("edition"))
        if wanted in (None, asked.edition_id):
            return asked
        with self.here.store.read() as session:
            return asking.older(session, asked, wanted) or asking.gone(session, wanted) or asked

    def _turn_to(self, code: str) -> BaseResponse:
        self.step = code
        return self.again(200)

    def _keep_begun(self) -> None:
        """Keep what was answered so far, where the page is one of ours; if it cannot be kept now, that stops nobody."""
        mark = security.mark(f"begun\0{self.door.offer.code}", self.at)
        with suppress(token.TokenMissing, token.TokenExpired, limits.TooMany, StoreError):
            held = token.read(self.sent.one("token"), self.door.offer.code, self.at, self.secret)
            with self.here.store.write_rows() as connection:
                if mark:
                    limits.take(connection, mark, BEGUN, self.at)
                begun.keep(
                    connection,
                    held.key,
                    link_id=self.door.offer.link_id,
                    edition_id=self.asked.edition_id,
                    language=self.tag,
                    answers=self.answered.answers,
                    at=self.at,
                )
