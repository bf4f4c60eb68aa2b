"""One sending of a customer's page: read, kept once however often it comes, and answered."""

from abc import ABC, abstractmethod
from dataclasses import replace

from flask import Response, redirect
from werkzeug.wrappers import Response as BaseResponse

from feedback import clock, text
from feedback.core import files, intake, limits, submissions
from feedback.core.files import Picture, Unusable
from feedback.core.intake import Plan, SaidOtherwise
from feedback.core.limits import Mark
from feedback.core.submissions import Draft
from feedback.db import StoreError, StoreFull, Taken
from feedback.text import gettext as _
from feedback.web import House, errors, security
from feedback.web.customer import paper, thanks, token
from feedback.web.customer.doors import Door
from feedback.web.customer.form import SINGLE, Reader, draft_of
from feedback.web.forms import body as bodies
from feedback.web.forms.body import PHOTO, Upload
from feedback.web.security import policy

RETRY_AFTER = 5  # seconds, when the store is busy


class LeadsElsewhere(Exception):
    """The link was pointed elsewhere since the form was opened: who sends it meant someone or something else."""


class Submit(ABC):
    """One sending of a page: read it, keep it, and answer, with everything typed kept when something is wrong."""

    def __init__(self, here: House, door: Door, tag: str, sent: bodies.Sent) -> None:
        self.here = here
        self.door = door
        self.tag = tag
        self.sent = sent
        self.at = clock.now()
        self.secret = here.settings.secret_key
        self.pictures: list[Picture] = []

    @abstractmethod
    def read(self) -> tuple[Draft, dict[str, str]]:
        """The draft that was sent, and what is wrong with it: problem names by field."""

    @abstractmethod
    def html(self, held: str, problems: dict[str, str], notice: str) -> tuple[str, str]:
        """The page again with everything kept, around the token `held`; and the text of its one style."""

    def thanked(self, response: BaseResponse) -> BaseResponse:
        """The way on to the receipt, with what else the browser is to keep."""
        return response

    def refused(self, held: token.Token) -> str:
        """The name of the notice that says why nothing is taken from that page any more; "" where it is."""
        return ""

    @property
    def photos(self) -> list[Upload]:
        """The photos that were sent and are wanted."""
        return []

    def answer(self) -> BaseResponse:
        """Keep it and lead on to the receipt, or the page again."""
        draft, problems = self.read()
        try:
            held = token.read(self.sent.one("token"), self.door.offer.code, self.at, self.secret)
        except (token.TokenMissing, token.TokenExpired) as error:
            name = "token_missing" if isinstance(error, token.TokenMissing) else "token_expired"
            return self.again(422, problems | {"form": name}, fresh=True)
        if notice := self.refused(held):
            return self.again(409, notice=notice)
        if problems:
            return self.again(422, problems)
        return self._keep(draft, held)

    def _keep(self, draft: Draft, held: token.Token) -> BaseResponse:
        draft = replace(draft, is_hasty=self.at - held.made_at < token.HASTY)
        try:
            try:
                self._write(draft, held)
            except Taken:  # another process drew one of the ids in the same millisecond: once more, with fresh ones
                self._write(draft, held)
        except SaidOtherwise:
            return self.again(409, fresh=True, notice="said_otherwise")
        except Unusable as error:
            if error.problem == "busy":
                return self.again(503, notice="not_saved", retry_after=RETRY_AFTER)
            return self.again(422, {PHOTO: f"photo_{error.problem}"})
        except LeadsElsewhere:
            return self.again(409, fresh=True, notice="leads_elsewhere")
        except limits.TooMany as error:
            return self.again(429, notice="too_many", retry_after=error.retry_after)
        except Taken as error:  # twice in a row: the store has other rows than this process knows
            errors.note(error)
            return self.again(503, notice="not_saved", retry_after=RETRY_AFTER)
        except StoreError as error:
            return self.again(507 if isinstance(error, StoreFull) else 503, notice="not_saved", retry_after=RETRY_AFTER)
        return self._thank(submissions.receipt_of(held.key, self.secret))

    def _write(self, draft: Draft, held: token.Token) -> None:
        mark = security.mark(f"submission\0{self.door.offer.code}", self.at)
        plan = intake.plan(draft, self.door.scene, key=held.key, at=self.at, secret=self.secret, mark=mark)
        if self.door.pointed_at and held.made_at <= self.door.pointed_at:
            self._check_kept(plan)
        if mark:
            self._check(mark, plan)
        if self.photos:
            self._take_in_with_photos(plan)
        else:
            intake.take_in(self.here.store, plan)

    def _take_in_with_photos(self, plan: Plan) -> None:
        """Draw the photos and lay them on disk before anyone's turn to write; what came before is not drawn again.

        What a store that failed may have kept after all stays on disk; where it did not, it is tidied away later.
        """
        with self.here.store.glance() as connection:
            if intake.is_kept(connection, plan):
                return
        self.pictures = self.pictures or [files.photo(photo.file) for photo in self.photos]
        folder = self.here.settings.data_dir
        laid, is_new = files.put_all(folder, self.pictures, self.at), False
        try:
            is_new = intake.take_in(self.here.store, intake.with_photos(plan, laid))
        except StoreError:
            is_new = True  # for all we know
            raise
        finally:
            if not is_new:
                files.discard(folder, laid)

    def _check_kept(self, plan: Plan) -> None:
        """Raises LeadsElsewhere, unless this very form was taken before the link was pointed elsewhere."""
        with self.here.store.glance() as connection:
            if not intake.is_kept(connection, plan):
                raise LeadsElsewhere

    def _check(self, mark: Mark, plan: Plan) -> None:
        """Raises TooMany, unless this very form was taken before: then its receipt is owed in any case."""
        with self.here.store.glance() as connection:
            try:
                limits.check(connection, mark, limits.SUBMISSIONS, self.at)
            except limits.TooMany:
                if not intake.is_kept(connection, plan):
                    raise

    def _thank(self, receipt: str) -> BaseResponse:
        if self.sent.one("show") == "here":
            return thanks.page(self.here, receipt, self.tag, has_cookie=False)
        response = redirect("/thanks", 303)
        thanks.remember(response, receipt, self.tag, self.here.settings)
        return self.thanked(response)

    def again(
        self,
        status: int,
        problems: dict[str, str] | None = None,
        *,
        fresh: bool = False,
        notice: str = "",
        retry_after: int | None = None,
    ) -> Response:
        """The page with everything kept as far as it is text; a fresh token where the old one will not do."""
        held = token.mint(self.door.offer.code, self.at, self.secret) if fresh else self.sent.one("token")
        with text.speaking(self.tag):
            said = NOTICES[notice]() if notice else ""
        html, css = self.html(held, problems or {}, said)
        response = Response(html, status)
        response.headers["Content-Security-Policy"] = policy(css)
        if retry_after is not None:
            response.headers["Retry-After"] = str(retry_after)
        return response


class FormSubmit(Submit):
    """One sending of the form for praise, complaints and suggestions."""

    def __init__(self, here: House, door: Door, tag: str, sent: bodies.Sent) -> None:
        super().__init__(here, door, tag, sent)
        self.reader = Reader(sent, door.offer)

    @property
    def photos(self) -> list[Upload]:
        return self.reader.photos

    def read(self) -> tuple[Draft, dict[str, str]]:
        draft = draft_of(self.reader, self.tag, self.door.timezone)
        found = submissions.problems(draft, self.door.offer)
        return draft, self.reader.problems | {
            name: problem for name, problem in found.items() if name not in self.reader.problems
        }

    def html(self, held: str, problems: dict[str, str], notice: str) -> tuple[str, str]:
        if self.reader.sent_photos:
            problems = {PHOTO: "photo_again"} | problems
        values = {name: self.reader.text(name) for name in SINGLE if name != "token"}
        html = paper.form_html(self.door, self.tag, token=held, values=values, errors=problems, notice=notice)
        return html, paper.style(self.door.accent)


NOTICES = {
    "not_saved": lambda: _("Not saved yet. Your words are kept below: please send them again in a moment."),
    "too_many": lambda: _(
        "Many messages are arriving from here, so yours is not saved yet. Your words are kept below: "
        "please send them again in a few minutes."
    ),
    "leads_elsewhere": lambda: _(
        "This code leads elsewhere since you opened the page, so your words are not sent yet. "
        "They are kept below: please look whom they would reach now, and send them again if that is right."
    ),
    "voted_before": lambda: _("This device has voted in this poll before; that vote counts."),
    "survey_closed": lambda: _(
        "The questions are closed since you opened the page, so your answers could not be taken any more. "
        "They still stand below."
    ),
    "said_otherwise": lambda: _(
        "This form was sent before with other words, and those arrived. "
        "To send what stands below as a second message, press Send again."
    ),
}
