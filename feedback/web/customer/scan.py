"""The scan page: the form of one QR link, and what it sends."""

from dataclasses import replace

from flask import Blueprint, Response, current_app, redirect, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from feedback import clock, text
from feedback.core import files, intake, limits, submissions
from feedback.core.files import File, Picture, Unusable
from feedback.core.intake import Plan, SaidOtherwise
from feedback.core.limits import Mark
from feedback.core.submissions import Draft
from feedback.db import StoreError, StoreFull, Taken
from feedback.text import gettext as _
from feedback.web import House, errors, house, pictures, security
from feedback.web.customer import looks, paper, thanks, token
from feedback.web.customer.doors import Door, Doors
from feedback.web.customer.form import SINGLE, Reader, draft_of
from feedback.web.forms import body as bodies
from feedback.web.forms.body import PHOTO
from feedback.web.security import policy, public
from feedback.web.text import chosen

blueprint = Blueprint("customer", __name__)
RETRY_AFTER = 5  # seconds, when the store is busy
# What a form sent to a retired code keeps: all but what only that code had on offer.
KEPT_ON_RETIRED = [name for name in SINGLE if name not in ("token", "person", "topic", "website", "show")]
PHOTO_KEPT = "private, max-age=3600"  # by the browser that was shown it, and by nothing on the way there


def doors() -> Doors:
    """The doors of this process."""
    kept: Doors = current_app.extensions["firsthand.doors"]
    return kept


@blueprint.get("/q/<code>")
@blueprint.get("/Q/<code>", endpoint="scan_in_capitals")
@public
def scan(code: str) -> Response:
    """The form; without a cookie, and with a fresh token each time."""
    door = _door(code)
    if door.is_retired:
        return _retired(door)
    page = paper.scan_page(door, chosen(door.offer.language, door.language, door.languages))
    fresh = token.mint(door.offer.code, clock.now(), house().settings.secret_key).encode()
    body, headers = page.answer(fresh, request.headers.get("Accept-Encoding", ""))
    return Response(body, 200, headers)


@blueprint.post("/q/<code>")
@blueprint.post("/Q/<code>", endpoint="send_in_capitals")
@public
def send(code: str) -> BaseResponse:
    """Take what the form sent: kept once, however often it comes; the receipt only after the commit."""
    sent = bodies.read(request, photos=True)
    door = _door(code)
    if door.is_retired:
        kept = {name: sent.one(name) for name in KEPT_ON_RETIRED if sent.one(name)}
        return _retired(door, kept, had_photos=bool(sent.photos))
    tag = chosen(door.offer.language, door.language, door.languages)
    return Submit(house(), door, tag, sent).answer()


@blueprint.get("/q/<code>/<any(scan, start):what>.gif")
@blueprint.get("/Q/<code>/<any(scan, start):what>.gif", endpoint="look_in_capitals")
@public
def look(code: str, what: str) -> Response:
    """A picture of one pixel; that a browser asks for it is what counts."""
    try:
        door = doors().find(code)
    except StoreError:
        return Response(looks.GIF, 200, looks.HEADERS_OF_PICTURE)  # seen, though nobody could count it
    if door is None:
        raise NotFound
    if request.method == "GET":
        looks.count(door, house().tally, what, request.environ)
    return Response(looks.GIF, 200, looks.HEADERS_OF_PICTURE)


@blueprint.get("/q/<code>/<int:photo>.jpg")
@blueprint.get("/Q/<code>/<int:photo>.jpg", endpoint="photo_in_capitals")
@public
def photo(code: str, photo: int) -> Response:
    """The photo of a person, as long as the form of that code shows it."""
    door = _door(code)
    if door.is_retired or photo not in door.offer.photo_ids:
        raise NotFound
    with house().store.read() as session:
        file = session.get(File, photo)
    return pictures.answer(file, kept=PHOTO_KEPT)


class LeadsElsewhere(Exception):
    """The link was pointed elsewhere since the form was opened: who sends it meant someone or something else."""


class Submit:
    """One sending of a form: read it, keep it, and answer, with everything typed kept when something is wrong."""

    def __init__(self, here: House, door: Door, tag: str, sent: bodies.Sent) -> None:
        self.here = here
        self.door = door
        self.tag = tag
        self.sent = sent
        self.at = clock.now()
        self.secret = here.settings.secret_key
        self.reader = Reader(sent, door.offer)
        self.pictures: list[Picture] = []

    def answer(self) -> BaseResponse:
        draft = draft_of(self.reader, self.tag, self.door.timezone)
        problems = self.reader.problems | {
            name: problem
            for name, problem in submissions.problems(draft, self.door.offer).items()
            if name not in self.reader.problems
        }
        try:
            held = token.read(self.sent.one("token"), self.door.offer.code, self.at, self.secret)
        except (token.TokenMissing, token.TokenExpired) as error:
            name = "token_missing" if isinstance(error, token.TokenMissing) else "token_expired"
            return self._again(422, problems | {"form": name}, fresh=True)
        if problems:
            return self._again(422, problems)
        return self._keep(draft, held)

    def _keep(self, draft: Draft, held: token.Token) -> BaseResponse:
        draft = replace(draft, is_hasty=self.at - held.made_at < token.HASTY)
        try:
            try:
                self._write(draft, held)
            except Taken:  # another process drew one of the ids in the same millisecond: once more, with fresh ones
                self._write(draft, held)
        except SaidOtherwise:
            return self._again(409, fresh=True, notice="said_otherwise")
        except Unusable as error:
            if error.problem == "busy":
                return self._again(503, notice="not_saved", retry_after=RETRY_AFTER)
            return self._again(422, {PHOTO: f"photo_{error.problem}"})
        except LeadsElsewhere:
            return self._again(409, fresh=True, notice="leads_elsewhere")
        except limits.TooMany as error:
            return self._again(429, notice="too_many", retry_after=error.retry_after)
        except Taken as error:  # twice in a row: the store has other rows than this process knows
            errors.note(error)
            return self._again(503, notice="not_saved", retry_after=RETRY_AFTER)
        except StoreError as error:
            return self._again(
                507 if isinstance(error, StoreFull) else 503, notice="not_saved", retry_after=RETRY_AFTER
            )
        return self._thank(submissions.receipt_of(held.key, self.secret))

    def _write(self, draft: Draft, held: token.Token) -> None:
        mark = security.mark(f"submission\0{self.door.offer.code}", self.at)
        plan = intake.plan(draft, self.door.scene, key=held.key, at=self.at, secret=self.secret, mark=mark)
        if self.door.pointed_at and held.made_at <= self.door.pointed_at:
            self._check_kept(plan)
        if mark:
            self._check(mark, plan)
        if self.reader.photos:
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
        self.pictures = self.pictures or [files.photo(photo.file) for photo in self.reader.photos]
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
        if self.reader.text("show") == "here":
            return thanks.page(self.here, receipt, self.tag, has_cookie=False)
        response = redirect("/thanks", 303)
        thanks.remember(response, receipt, self.tag, self.here.settings)
        return response

    def _again(
        self,
        status: int,
        problems: dict[str, str] | None = None,
        *,
        fresh: bool = False,
        notice: str = "",
        retry_after: int | None = None,
    ) -> Response:
        """The form with everything kept as far as it is text; a fresh token where the old one will not do."""
        code = self.door.offer.code
        if self.reader.sent_photos:
            problems = {PHOTO: "photo_again"} | (problems or {})
        values = {name: self.reader.text(name) for name in SINGLE if name != "token"}
        held = token.mint(code, self.at, self.secret) if fresh else self.reader.text("token")
        with text.speaking(self.tag):
            said = NOTICES[notice]() if notice else ""
        html = paper.form_html(self.door, self.tag, token=held, values=values, errors=problems, notice=said)
        response = Response(html, status)
        response.headers["Content-Security-Policy"] = policy(paper.style(self.door.accent))
        if retry_after is not None:
            response.headers["Retry-After"] = str(retry_after)
        return response


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
    "said_otherwise": lambda: _(
        "This form was sent before with other words, and those arrived. "
        "To send what stands below as a second message, press Send again."
    ),
}


def _door(code: str) -> Door:
    door = doors().find(code)
    if door is None:
        raise NotFound
    return door


def _retired(door: Door, sent: dict[str, str] | None = None, *, had_photos: bool = False) -> Response:
    """A page that helps whoever scanned a code that is no longer in use; words that were `sent` there stay on it."""
    tag = chosen(door.offer.language, door.language, door.languages)

    def words() -> dict[str, object]:
        return paper.words_of_retired(door, sent or {}) | {"had_photos": had_photos}

    return paper.plain("customer/gone.html", 410, tag=tag, words=words)
