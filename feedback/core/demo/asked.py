"""What the demo's customers were asked: a survey at a table, answered for twelve weeks, a poll, and one before."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from feedback.core import intake
from feedback.core.access import Viewer
from feedback.core.demo import cast, derived
from feedback.core.intake import Scene
from feedback.core.links import Link
from feedback.core.routing import Picture, Target
from feedback.core.submissions import SURVEY, Draft
from feedback.core.surveys import Asked, Survey, When, asking, counting, keeping
from feedback.core.surveys.design import Design, Option, Question, read
from feedback.core.surveys.ready import library

ANSWERS, FIRST = 84, 1000  # responses to the survey; the number from which their keys count on
LANGUAGES = ("en", "en", "de", "en", "ar", "en", "de")
WORDS = (
    "The terrace in the evening sun, and someone who remembered us from last time.",
    "Please turn the music down a little; we could hardly hear each other.",
    "Der Apfelkuchen war noch warm. Bitte nie ändern.",
    "We waited twenty minutes for the bill, apart from that a lovely afternoon.",
    "المكان هادئ والقهوة ممتازة.",
    "More to choose from without meat, and we would come every week.",
    "Everything was as it should be.",
)
POLLS = (
    (
        "Which cake should we bake next month?",
        ("Lemon and poppy seed", "Plum crumble", "Carrot and walnut"),
        (31, 24, 17),
    ),
    ("When should the garden shop stay open longer?", ("Thursday", "Friday", "Saturday"), (12, 29, 18)),
)


class AskedPast:
    """Makes the surveys of a shop that was just made, and lets its customers have answered them."""

    def __init__(self, session: Session, viewer: Viewer, picture: Picture, secret: str, now: datetime) -> None:
        self._session, self._viewer, self._picture = session, viewer, picture
        self._secret, self._now, self._number = secret, now, FIRST

    def happen(self, link: Link, target: Target) -> None:
        """Twelve weeks of answers through `link`, a poll that is over, and one that is open."""
        begun = self._now - timedelta(days=84)
        survey = self._published(library()["restaurant"].design, "Your visit", begun)
        edition = keeping.newest(self._session, survey.id)
        asking.ask(self._session, self._viewer, link, survey, edition, When.AFTER, begun, shows_first=False)
        asked = Asked(survey.id, edition.id, read(edition.document), False, None, None)
        for n in range(ANSWERS):
            at = begun + timedelta(days=n * 84 / ANSWERS, minutes=n * 37 % 480)
            self._send(asked, answers(n), target, at, LANGUAGES[n % len(LANGUAGES)])
        for weeks, (question, options, votes) in zip((3, 9), POLLS, strict=True):
            self._poll(question, options, votes, self._now - timedelta(weeks=weeks), is_over=weeks > 4)
        for id in counting.surveys_waiting(self._session):
            cuts = counting.ready(self._session, id, self._now)
            counting.count(self._session, counting.sheet(self._session, id, cuts, self._now))

    def _poll(
        self, question: str, options: tuple[str, ...], votes: tuple[int, ...], at: datetime, *, is_over: bool
    ) -> None:
        given = tuple(Option(f"o{n}", {"en": text}) for n, text in enumerate(options, start=1))
        title = {"en": question}
        poll = self._published(
            Design(title, (Question("q1", "one", title, {}, options=given),), next=9), question, at, is_poll=True
        )
        edition = keeping.newest(self._session, poll.id)
        asked = Asked(poll.id, edition.id, read(edition.document), True, poll.code, None)
        values = [option.code for option, n in zip(given, votes, strict=True) for _ in range(n)]
        for n, value in enumerate(values):
            self._send(asked, {"q1": value}, Target(), at + timedelta(hours=n * 5), "en")
        if is_over:
            keeping.set_open(self._session, self._viewer, poll, False, at + timedelta(weeks=3))

    def _published(self, design: Design, name: str, at: datetime, *, is_poll: bool = False) -> Survey:
        survey = keeping.make(self._session, self._viewer, design, at, name=name, department_id=None, is_poll=is_poll)
        keeping.publish(self._session, self._viewer, survey, at, seen=1)
        return survey

    def _send(self, asked: Asked, given: dict[str, Any], target: Target, at: datetime, language: str) -> None:
        self._number += 1
        draft = Draft(kind=SURVEY, language=language, given=asked.given(given))
        scene = Scene(target, self._picture, cast.TIMEZONE, mails=False)
        key = derived.key(self._secret, self._number)
        plan = intake.plan(draft, scene, key=key, at=min(at, self._now), secret=self._secret, is_history=True)
        intake.keep(self._session.connection(), plan)


def answers(n: int) -> dict[str, Any]:
    """What the n-th customer answered of the survey for a visit to a restaurant; better by and by."""
    rating = 1 + (n * 7 + n // 30) % 5 if n % 3 else min(5, 3 + n // 28)
    return dict(_answers(n, rating))


def _answers(n: int, rating: int) -> Iterator[tuple[str, Any]]:
    for question in library()["restaurant"].design.questions:
        if question.type == "faces":
            yield question.code, str(rating)
        elif question.type == "several" and rating <= 2:
            yield question.code, [question.options[n % len(question.options)].code]
        elif question.type == "matrix":
            columns = [option.code for option in question.options]
            place = len(columns) - 1 - min(len(columns) - 1, rating * len(columns) // 6)
            yield (
                question.code,
                {
                    row.code: columns[(place + m) % len(columns) if n % 4 == m else place]
                    for m, row in enumerate(question.rows)
                },
            )
        elif question.type == "one":
            yield question.code, question.options[0 if rating > 3 else 1 if rating > 1 else 2].code
        elif question.type == "words" and n % 5 == 0:
            yield question.code, WORDS[n // 5 % len(WORDS)]
