"""Which score a question is summed up by, and how it changed: the usual one for its type, computed in scores."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from feedback.core import scores
from feedback.core.scores import Estimate
from feedback.core.surveys.design import Question

SATISFIED, AGREED, HAPPY = (
    4,
    5,
    4,
)  # the lowest answer that counts as good: CSAT 4 of 5, CES 5 of 7, faces and stars 4 of 5


class Score(StrEnum):
    """What a question is summed up by."""

    NPS = "nps"  # points from -100 to 100; all others are shares of 1
    CSAT = "csat"
    CES = "ces"
    FFT = "fft"
    HAPPY = "happy"  # four or five of five faces or stars
    YES = "yes"
    MEAN = "mean"  # of numbers, in their own unit


SCORES = {
    "scale": Score.NPS,
    "csat": Score.CSAT,
    "ces": Score.CES,
    "fft": Score.FFT,
    "faces": Score.HAPPY,
    "stars": Score.HAPPY,
    "yes_no": Score.YES,
    "number": Score.MEAN,
}
LOWEST = {Score.CSAT: SATISFIED, Score.CES: AGREED, Score.HAPPY: HAPPY}


@dataclass(frozen=True, slots=True)
class Summary:
    """How the answers to a question are summed up; what does not fit its type is None."""

    score: Score | None = None
    main: Estimate | None = None
    mean: Estimate | None = None
    median: float | None = None
    quartiles: tuple[float, float, float] | None = None


def summary(question: Question, counts: Counter[str]) -> Summary:
    """The score of the answers counted, with mean, median and quartiles where the answers are numbers."""
    score = SCORES.get(question.type)
    if score is None:
        return Summary()
    numbers = numbered(question, counts)
    return Summary(
        score,
        main=estimate(question, counts),
        mean=scores.mean(numbers) if numbers else None,
        median=scores.median(numbers) if numbers else None,
        quartiles=scores.quartiles(numbers) if numbers else None,
    )


def estimate(question: Question, counts: Counter[str]) -> Estimate | None:
    """The one score of the answers counted, with its interval; None where there is none."""
    score, given = SCORES.get(question.type), answers(counts)
    if score is None or not given:
        return None
    if score is Score.FFT:
        return scores.friends_and_family(given)
    if score is Score.YES:
        return scores.share(given["yes"], given["yes"] + given["no"])
    numbers = numbered(question, counts)
    if score is Score.MEAN:
        return scores.mean(numbers)
    whole = {int(value): n for value, n in numbers.items()}
    return scores.nps(whole) if score is Score.NPS else scores.top_box(whole, LOWEST[score])


def change(question: Question, old: Counter[str], new: Counter[str]) -> Estimate | None:
    """How much the score rose from the old answers to the new ones, with its interval; None where it cannot be told."""
    score = SCORES.get(question.type)
    before, after = estimate(question, old), estimate(question, new)
    if score is None or before is None or after is None:
        return None
    if score is Score.NPS:
        return scores.nps_change(_whole(question, old), _whole(question, new))
    if score is Score.MEAN:
        return scores.mean_change(numbered(question, old), numbered(question, new))
    return scores.share_change(before, after)


def answers(counts: Counter[str]) -> Counter[str]:
    """The answers alone, without the count of those who answered."""
    return Counter({value: n for value, n in counts.items() if value})


def numbered(question: Question, counts: Counter[str]) -> dict[float, int]:
    """The answers as numbers; empty where they are none."""
    if question.type in ("fft", "yes_no"):
        return {}
    return {float(value): n for value, n in answers(counts).items()}


def places(question: Question, counts: Counter[str]) -> Mapping[str, Counter[int]]:
    """Of a ranking: how often each option got which place, 1 being the first."""
    found: dict[str, Counter[int]] = {option.code: Counter() for option in question.options}
    for value, n in answers(counts).items():
        option, _, place = value.rpartition(":")
        found.setdefault(option, Counter())[int(place)] += n
    return found


def by_row(question: Question, counts: Counter[str]) -> Mapping[str, Counter[str]]:
    """Of a matrix: the answers of each row."""
    found: dict[str, Counter[str]] = {row.code: Counter() for row in question.rows}
    for value, n in answers(counts).items():
        row, _, column = value.partition(":")
        found.setdefault(row, Counter())[column] += n
    return found


def _whole(question: Question, counts: Counter[str]) -> dict[int, int]:
    return {int(value): n for value, n in numbered(question, counts).items()}
