"""The answers to each question as figures, rows with bars, and a line over the weeks; each has its table."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from feedback.core.surveys import scoring
from feedback.core.surveys.design import Question, said
from feedback.core.surveys.results import Asked, is_shown
from feedback.core.surveys.scoring import Score
from feedback.outbound import figures, questions
from feedback.text import current, day, number, percent, short_day

WIDTH, HEIGHT, TOP, BOTTOM, EDGE = 640, 180, 12, 26, 60
ROOM = 88  # between two days, where phones write larger
BINS = 10  # of a histogram
MOST_DAYS = 12  # of dates that are listed


def block(asked: Asked, counts: Counter[str], before: Counter[str] | None, languages: Sequence[str]) -> dict[str, Any]:
    """What a page shows of one question; `before` are its answers in the span before."""
    question, n, tag = asked.question, counts[""], current().tag
    found: dict[str, Any] = {
        "code": question.code,
        "title": said(question.text, tag, languages),
        "type_name": questions.type_of(question.type),
        "is_asked": asked.is_asked,
        "n": n,
        "is_shown": is_shown(n),
        "is_typed": question.type in ("line", "words") or question.other,
    }
    if not found["is_shown"]:
        return found
    found["figures"] = _figures(question, counts)
    if question.type in scoring.SCORES and before is not None and is_shown(before[""]):
        moved = scoring.change(question, before, counts)
        found["change"] = figures.change(scoring.SCORES[question.type], moved) if moved else ""
    return found | _rows(question, counts, tag, languages)


def trend(question: Question, weeks: Mapping[date, Counter[str]]) -> dict[str, Any] | None:
    """The score of each week with enough answers, with its interval, as a line; None for fewer than two weeks."""
    score = scoring.SCORES[question.type]
    kept = [(monday, scoring.estimate(question, counts)) for monday, counts in weeks.items() if is_shown(counts[""])]
    found = [(monday, one) for monday, one in kept if one]
    if len(found) < 2:
        return None
    low, high = _ends(score, [one for _, one in found])
    first, days = found[0][0], max(1, (found[-1][0] - found[0][0]).days)
    is_turned = current().direction == "rtl"

    def x(monday: date) -> float:
        place = EDGE + (WIDTH - 2 * EDGE) * (monday - first).days / days
        return round(WIDTH - place if is_turned else place, 1)

    def y(of: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (high - of) / ((high - low) or 1), 1)

    upper = [f"{x(monday)},{y(one.high)}" for monday, one in found]
    lower = [f"{x(monday)},{y(one.low)}" for monday, one in reversed(found)]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "ground": HEIGHT - BOTTOM,
        "top": TOP + 10,
        "high": figures.value(score, high),
        "low": figures.value(score, low),
        "scale_x": WIDTH if is_turned else 0,
        "band": " ".join(upper + lower),
        "line": " ".join(f"{x(monday)},{y(one.value)}" for monday, one in found),
        "dots": [(x(monday), y(one.value)) for monday, one in found],
        "days": _days([(x(monday), monday) for monday, _ in found]),
        "rows": [
            {
                "week": day(monday),
                "value": figures.value(score, one.value),
                "low": figures.value(score, one.low),
                "high": figures.value(score, one.high),
                "n": one.n,
            }
            for monday, one in reversed(found)
        ],
    }


def _days(places: Sequence[tuple[float, date]]) -> list[dict[str, Any]]:
    """The days below a line, as far as there is room between them."""
    found: list[dict[str, Any]] = []
    for x, monday in places:
        if not found or abs(x - found[-1]["x"]) >= ROOM:
            found.append({"x": x, "text": short_day(monday)})
    return found


def _ends(score: Score, found: Sequence[Any]) -> tuple[float, float]:
    """The lowest and highest value that the picture reaches."""
    if score is Score.NPS:
        return -100, 100
    if score is Score.MEAN:
        return min(one.low for one in found), max(one.high for one in found)
    return 0, 1


def _figures(question: Question, counts: Counter[str]) -> list[dict[str, str]]:
    found = scoring.summary(question, counts)
    shown: list[dict[str, str]] = []
    if found.score and found.main:
        interval = figures.interval(found.score, found.main)
        shown.append(
            {"name": figures.name(found.score), "value": figures.value(found.score, found.main.value), "more": interval}
        )
    if found.mean and found.score is not Score.MEAN:
        shown.append({"name": figures.name(Score.MEAN), "value": figures.decimal(found.mean.value), "more": ""})
    if found.median is not None and found.quartiles:
        middle = questions.middle_half(figures.decimal(found.quartiles[0]), figures.decimal(found.quartiles[2]))
        shown.append({"name": questions.median(), "value": figures.decimal(found.median), "more": middle})
    return shown


def _rows(question: Question, counts: Counter[str], tag: str, languages: Sequence[str]) -> dict[str, Any]:
    """The rows of its table: answers with their number and share."""
    n, given = counts[""], scoring.answers(counts)
    if question.type in ("line", "words"):
        return {"rows": []}
    if question.type == "number":
        return {"rows": _bins(scoring.numbered(question, counts), n)}
    if question.type == "date":
        most = sorted(given.items(), key=lambda one: (-one[1], one[0]))[:MOST_DAYS]
        return {"rows": [_row(day(date.fromisoformat(value)), k, n) for value, k in sorted(most)]}
    if question.type == "matrix":
        columns = [said(one.text, tag, languages) for one in question.options]
        return {"columns": columns, "lines": _lines(question, counts, tag, languages)}
    if question.type == "ranking":
        return {"places": _places(question, counts, tag, languages)}
    return {
        "rows": [_row(questions.answer(question, value, tag, languages), given[value], n) for value in question.values]
    }


def _row(text: str, k: int, n: int) -> dict[str, Any]:
    return {"text": text, "n": k, "share": percent(k / n) if n else "–", "width": round(100 * k / n, 1) if n else 0}


def _bins(numbers: Mapping[float, int], n: int) -> list[dict[str, Any]]:
    """A histogram: each number where there are few, else equal spans between the lowest and the highest."""
    if len(numbers) <= BINS:
        return [_row(figures.decimal(value), k, n) for value, k in sorted(numbers.items())]
    low, high = min(numbers), max(numbers)
    width = (high - low) / BINS
    found: Counter[int] = Counter()
    for value, k in numbers.items():
        found[min(BINS - 1, int((value - low) / width))] += k
    edges = [low + width * place for place in range(BINS + 1)]
    return [
        _row(f"{figures.decimal(edges[place])} – {figures.decimal(edges[place + 1])}", found[place], n)
        for place in range(BINS)
    ]


def _lines(question: Question, counts: Counter[str], tag: str, languages: Sequence[str]) -> list[dict[str, Any]]:
    rows = scoring.by_row(question, counts)
    found = []
    for row in question.rows:
        n = rows[row.code].total()
        cells = [percent(rows[row.code][one.code] / n) if is_shown(n) else "–" for one in question.options]
        found.append({"text": said(row.text, tag, languages), "n": n, "cells": cells})
    return found


def _places(question: Question, counts: Counter[str], tag: str, languages: Sequence[str]) -> list[dict[str, Any]]:
    """Of a ranking: the mean place of each option, the best first, and how often it was the first."""
    found = []
    for option, places in scoring.places(question, counts).items():
        n = places.total()
        mean = sum(place * k for place, k in places.items()) / n if n else 0
        found.append((mean if n else float("inf"), option, n, places[1]))
    return [
        {
            "text": questions.answer(question, option, tag, languages),
            "mean": figures.decimal(mean) if is_shown(n) else "–",
            "first": number(first) if is_shown(n) else "–",
            "n": n,
        }
        for mean, option, n, first in sorted(found)
    ]
