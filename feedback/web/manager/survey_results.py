"""What a survey says: figures, pictures and tables within a filter, the words, and all of it for other programs."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask import Response, abort, render_template, request, stream_with_context, url_for
from sqlalchemy.orm import Session

from feedback import clock
from feedback.core.access import Permission
from feedback.core.surveys import Survey, exporting, keeping, results, scoring
from feedback.core.surveys.results import Asked, Choice, Filter
from feedback.outbound import tables
from feedback.outbound.tables import Value
from feedback.text import current, day, known
from feedback.text import gettext as _
from feedback.web import house
from feedback.web.forms import narrowing
from feedback.web.forms.address import id_in, id_of, whole
from feedback.web.manager import blueprint, survey_pictures
from feedback.web.security import needs
from feedback.web.session import signed_in_viewer
from feedback.web.text import offered, organisation, zone

SIZE = 50
SPANS = (4, 12, 52)  # weeks that are offered with one tap
PIECE = 64 * 1024
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Looked:
    """What someone looks at: the survey, the filter, what else they could choose, and the questions."""

    survey: Survey
    wanted: Filter
    choices: list[Choice]
    asked: list[Asked]
    is_whole: bool
    problem: str

    @property
    def address(self) -> dict[str, Any]:
        """The filter, as an address says it."""
        scope = f"{self.wanted.scope}-{self.wanted.scope_id}" if self.wanted.scope != "all" else None
        return {
            "n": self.survey.id,
            "scope": scope,
            "language": self.wanted.language or None,
            "since": self.wanted.since.isoformat() if self.wanted.since else None,
            "until": self.wanted.until.isoformat() if self.wanted.until else None,
        }


@blueprint.get("/surveys/<n>/results", endpoint="survey_results")
@needs(Permission.MANAGE_SURVEYS)
def page(n: str) -> str | tuple[str, int]:
    """Figures, pictures and tables, question by question."""
    with house().store.read() as session:
        looked = _looked(session, n)
        counts = results.counts(session, looked.survey.id, looked.wanted)
        before = _before(looked.wanted)
        then = results.counts(session, looked.survey.id, before) if before else None
        headline = next((one.question for one in looked.asked if one.question.type in scoring.SCORES), None)
        weeks = results.weeks(session, looked.survey.id, looked.wanted, headline.code) if headline else {}
        spoken = results.languages(session, looked.survey.id, looked.wanted)
    languages = offered(organisation())
    page = render_template(
        "manager/survey_results.html",
        survey={"id": looked.survey.id, "name": looked.survey.name, "is_poll": looked.survey.is_poll},
        n=counts.n,
        partial=counts.partial,
        blocks=[
            survey_pictures.block(
                one, counts.of(one.question.code), then.of(one.question.code) if then else None, languages
            )
            for one in looked.asked
        ],
        headline=headline.code if headline else "",
        trend=survey_pictures.trend(headline, weeks) if headline else None,
        scopes=_scopes(looked),
        is_whole=looked.is_whole,
        spoken=[
            {"tag": tag, "name": known(tag).name, "n": n, "on": tag == looked.wanted.language} for tag, n in spoken
        ],
        wanted=looked.wanted,
        spans=_spans(looked),
        problem=looked.problem,
        address=looked.address,
        chosen=next((one.name for one in looked.choices if (one.scope, one.id) == _key(looked.wanted)), ""),
        poll_url=url_for("poll.page", code=looked.survey.code) if looked.survey.code else "",
    )
    return (page, 422) if looked.problem else page


@blueprint.get("/surveys/<n>/results/words", endpoint="survey_words")
@needs(Permission.MANAGE_SURVEYS)
def words(n: str) -> str:
    """What was typed in answer to one question, newest first, searched by words."""
    q, after = narrowing.searched(), id_in("after")
    with house().store.read() as session:
        looked = _looked(session, n)
        asked = next((one for one in looked.asked if one.question.code == request.args.get("question")), None) or abort(
            404
        )
        code = asked.question.code
        found = results.texts(session, looked.survey.id, code, looked.wanted, q=q, after=after, size=SIZE + 1)
    block = survey_pictures.block(asked, results.Counts().of(code), None, offered(organisation()))
    address = looked.address | {"question": code, "q": q or None}
    return render_template(
        "manager/survey_words.html",
        survey={"id": looked.survey.id, "name": looked.survey.name},
        title=block["title"],
        code=code,
        q=q,
        rows=[{"words": words, "week": day(week)} for _id, words, week in found[:SIZE]],
        more=url_for("manager.survey_words", **address, after=found[SIZE - 1][0]) if len(found) > SIZE else "",
        address=looked.address,
    )


@blueprint.get("/surveys/<n>/results.csv", endpoint="survey_csv")
@needs(Permission.MANAGE_SURVEYS)
def as_csv(n: str) -> Response:
    """One row a response, piece by piece, however many there are."""
    survey, asked = _exported(n)
    pieces = tables.csv_pieces(exporting.columns(asked), _rows(survey, asked))
    return _file(Response(stream_with_context(pieces), mimetype="text/csv"), survey, "csv")


@blueprint.get("/surveys/<n>/results.xlsx", endpoint="survey_xlsx")
@needs(Permission.MANAGE_SURVEYS)
def as_xlsx(n: str) -> Response:
    """The same as a workbook, with the dictionary as its second sheet."""
    survey, asked = _exported(n)
    dictionary = exporting.dictionary(asked, current().tag)
    sheets: list[tables.Sheet] = [
        ("responses", exporting.columns(asked), _rows(survey, asked)),
        ("dictionary", DICTIONARY, dictionary),
    ]
    response = Response(stream_with_context(_workbook(sheets)), mimetype=SHEET)
    return _file(response, survey, "xlsx")


@blueprint.get("/surveys/<n>/dictionary.csv", endpoint="survey_dictionary")
@needs(Permission.MANAGE_SURVEYS)
def dictionary(n: str) -> Response:
    """What the columns and values of an export mean."""
    survey, asked = _exported(n)
    pieces = tables.csv_pieces(DICTIONARY, exporting.dictionary(asked, current().tag))
    return _file(Response(b"".join(pieces), mimetype="text/csv"), survey, "csv", "dictionary")


def _workbook(sheets: Sequence[tables.Sheet]) -> Iterator[bytes]:
    """A workbook, piece by piece, from a file that is gone with it."""
    with tempfile.TemporaryFile() as file:
        tables.write_xlsx(file, sheets)
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


DICTIONARY = ("column", "question", "type", "value", "meaning")


def _exported(n: str) -> tuple[Survey, list[Asked]]:
    with house().store.read() as session:
        survey = keeping.one(session, signed_in_viewer(), whole(n)) or abort(404)
        return survey, results.questions_of(session, survey)


def _rows(survey: Survey, asked: list[Asked]) -> Iterator[list[Value]]:
    """The rows that the viewer may export, read in short turns so that nothing waits for a slow reader."""
    store, portions, after = house().store, results.portions_for(signed_in_viewer(), survey), 0
    while True:
        with store.read() as session:
            some = list(exporting.rows(session, portions, asked, after=after))
        if not some:
            return
        yield from (row for _portion, row in some)
        after = some[-1][0]


def _file(response: Response, survey: Survey, ending: str, what: str = "survey") -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="{what}-{survey.id}.{ending}"'
    return response


def _looked(session: Session, n: str) -> Looked:
    """What the address asks to look at; a scope that is not the viewer's does not exist."""
    viewer = signed_in_viewer()
    survey = keeping.one(session, viewer, whole(n)) or abort(404)
    choices, is_whole = results.choices(session, viewer, survey), keeping.is_whole_for(viewer, survey)
    since, until, problem = _weeks()
    asked = request.args.get("scope", "")
    scope, _dash, number = asked.partition("-")
    if asked and scope not in results.SCOPES:
        abort(404)
    wanted = Filter(scope or "all", id_of(number) or 0, _language(), since, until)
    if asked and not any(_key(wanted) == (one.scope, one.id) for one in choices):
        choices = [*choices, *(results.choices(session, viewer, survey, wanted) or abort(404))]
    if not asked and not is_whole and choices:
        wanted = replace(wanted, scope=choices[0].scope, scope_id=choices[0].id)
    if not is_whole and not choices:
        wanted = Filter(results.SCOPES[0], 0)  # nothing yet
    return Looked(survey, wanted, choices, results.questions_of(session, survey), is_whole, problem)


def _language() -> str:
    asked = request.args.get("language", "")
    return asked if len(asked) <= 35 and "\0" not in asked else ""


def _weeks() -> tuple[date | None, date | None, str]:
    """The Mondays of the weeks asked for, and what is wrong with them."""
    found: list[date | None] = []
    for name in ("since", "until"):
        text = request.args.get(name, "")
        try:
            one = date.fromisoformat(text) if text else None
        except ValueError:
            return None, None, _("This is not a day. Please choose one.")
        if one and not 1970 <= one.year <= 2200:
            return None, None, _("This is not a day. Please choose one.")
        found.append(one and one - timedelta(days=one.weekday()))
    since, until = found
    if since and until and since > until:
        return None, None, _("The first day is after the last one.")
    return since, until, ""


def _before(wanted: Filter) -> Filter | None:
    """The span of as many weeks right before; None where no beginning was chosen."""
    if wanted.since is None:
        return None
    today = clock.day(clock.now(), zone())
    last = wanted.until or today - timedelta(days=today.weekday())
    length = last - wanted.since + timedelta(days=7)
    if wanted.since - length < date(1970, 1, 5):
        return None
    return Filter(
        wanted.scope, wanted.scope_id, wanted.language, wanted.since - length, wanted.since - timedelta(days=7)
    )


def _key(wanted: Filter) -> tuple[str, int]:
    return wanted.scope, wanted.scope_id


def _scopes(looked: Looked) -> list[tuple[str, list[dict[str, object]]]]:
    """What can be chosen to look at alone, by kind."""
    titles = {"department": _("Department"), "place": _("Place"), "link": _("QR link")}
    return [
        (
            title,
            [
                {"key": f"{scope}-{one.id}", "name": one.name, "n": one.n, "on": (scope, one.id) == _key(looked.wanted)}
                for one in looked.choices
                if one.scope == scope
            ],
        )
        for scope, title in titles.items()
        if any(one.scope == scope for one in looked.choices)
    ]


def _spans(looked: Looked) -> list[dict[str, object]]:
    """The spans of weeks offered with one tap, counted back from this week, and all of them."""
    today = clock.day(clock.now(), zone())
    monday = today - timedelta(days=today.weekday())
    found: list[dict[str, object]] = []
    for weeks in (*SPANS, 0):
        since = monday - timedelta(weeks=weeks - 1) if weeks else None
        address = looked.address | {"since": since.isoformat() if since else None, "until": None}
        is_on = looked.wanted.since == since and looked.wanted.until is None
        found.append({"weeks": weeks, "url": url_for("manager.survey_results", **address), "on": is_on})
    return found
