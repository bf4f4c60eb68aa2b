"""Scores of survey answers, computed from how many gave which answer, each with its 95 % interval.

Pure arithmetic on counts: which answers are counted, how few of them are shown to anyone, and how figures are rounded
and worded is for others. The intervals take the answers for a random sample of those who could have been asked; nothing
here knows who kept silent. Sources are named where they are used:

- Abramowitz & Stegun (1964), Handbook of Mathematical Functions, 26.7
- Hyndman & Fan (1996), Sample Quantiles in Statistical Packages, The American Statistician 50, 361-365
- Lewis & Sauro (2021), measuringu.com/nps-three-confidence-intervals and /nps-three-significance-tests
- Newcombe (1998a), Statistics in Medicine 17, 857-872, and (1998b), the same, 873-890
- Rocks (2016), Interval Estimation for the "Net Promoter Score", The American Statistician 70, 365-372
- Welch (1947), The Generalization of "Student's" Problem …, Biometrika 34, 28-35
- Wilson (1927), Probable Inference …, Journal of the American Statistical Association 22, 209-212
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from math import atan, cos, exp, fsum, isfinite, lgamma, pi, pow, sqrt, tan
from statistics import NormalDist

Counts = Mapping[int, int] | Mapping[float, int]  # how many gave each value

Z = NormalDist().inv_cdf(0.975)
# What is divided by the first to fourth power of the degrees of freedom: Abramowitz & Stegun 26.7.5 at Z.
EXPANSION = (
    (Z**3 + Z) / 4,
    (5 * Z**5 + 16 * Z**3 + 3 * Z) / 96,
    (3 * Z**7 + 19 * Z**5 + 17 * Z**3 - 15 * Z) / 384,
    (79 * Z**9 + 776 * Z**7 + 1482 * Z**5 - 1920 * Z**3 - 945 * Z) / 92160,
)
POINTS = 100  # a Net Promoter Score is told in points, from -100 to 100
POSITIVE, NEGATIVE = frozenset({"very_good", "good"}), frozenset({"poor", "very_poor"})
FRIENDS_AND_FAMILY = POSITIVE | NEGATIVE | {"neither", "dont_know"}


@dataclass(frozen=True, slots=True)
class Estimate:
    """A score, the ends of its 95 % interval in the same unit, and how many answers it rests on."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class _Sample:
    """What the interval of a mean is made of: `square` is the square of its standard error, 0 for a single answer."""

    mean: float
    square: float
    n: int


def nps(counts: Mapping[int, int]) -> Estimate | None:
    """The Net Promoter Score in points, -100 to 100: per cent who gave 9 or 10, less per cent who gave 0 to 6.

    None where nobody answered. The interval is the adjusted Wald interval (Rocks 2016; Lewis & Sauro 2021): three
    answers are added, 3/4 promoters, 3/4 detractors and 3/2 passives, and it lies around the score of them all, which
    is nearer to 0 than `value`, the score of the answers given. It is cut at -100 and 100, and widened to hold `value`,
    which a single answer may leave outside. ValueError for an answer other than 0 to 10 and for a count below 0.
    """
    plain, adjusted = _promoted(counts, 0), _promoted(counts, 3)
    if plain is None or adjusted is None:
        return None
    return _around(plain.mean, adjusted.mean, Z * sqrt(adjusted.square), plain.n, POINTS)


def share(positive: int, n: int) -> Estimate | None:
    """The share, 0 to 1, that `positive` are of `n`. None where `n` is 0.

    The interval is the score interval without correction for continuity (Wilson 1927; method 3 of Newcombe 1998a).
    ValueError unless 0 <= positive <= n.
    """
    if not 0 <= positive <= n:
        raise ValueError(f"{positive} of {n}")
    if n == 0:
        return None
    value, square = positive / n, Z * Z / n
    centre = (value + square / 2) / (1 + square)
    half = sqrt(square * (value * (1 - value) + square / 4)) / (1 + square)
    return Estimate(value, centre - half if positive else 0.0, centre + half if positive < n else 1.0, n)


def top_box(counts: Counts, lowest: int) -> Estimate | None:
    """The share, 0 to 1, of answers that are `lowest` or more, with the interval of `share`.

    Customer satisfaction counts 4 and 5 of 5 (top-two-box: Sauro 2010, measuringu.com/blog/top-box.php), customer
    effort 5 to 7 of 7. None where nobody answered. ValueError for a count below 0.
    """
    n = _answers(counts)
    return share(sum(count for value, count in counts.items() if value >= lowest), n)


def mean(counts: Counts) -> Estimate | None:
    """The arithmetic mean, in the unit of the answers. None where nobody answered.

    The interval is Student's, with n - 1 degrees of freedom (see `_t`); a single answer has none, and both ends are the
    value. So are they where all answers are the same: that says how they were, not that others would be like them.
    ValueError for a count below 0 and for a value that is no number.
    """
    sample = _sample(counts)
    if sample is None:
        return None
    half = _t(sample.n - 1) * sqrt(sample.square) if sample.n > 1 else 0.0
    return Estimate(sample.mean, sample.mean - half, sample.mean + half, sample.n)


def friends_and_family(counts: Mapping[str, int]) -> Estimate | None:
    """The positive share, 0 to 1, of NHS England's Friends and Family Test: "very good" and "good" among all answers.

    Shares replaced the Net Promoter Score in October 2014 (england.nhs.uk/fft/calculations); those who do not know are
    among all (as Cambridge University Hospitals state the formula, cuh.nhs.uk, Friends and Family Test reports). "Very
    good" stands where "extremely likely" did before April 2020. The interval, that of `share`, is no part of the test.
    None where nobody answered. ValueError for a key that is none of `FRIENDS_AND_FAMILY` and for a count below 0.
    """
    return _of_friends(counts, POSITIVE)


def friends_and_family_negative(counts: Mapping[str, int]) -> Estimate | None:
    """The negative share, 0 to 1, of the same test: "poor" and "very poor" among all answers. Else the same."""
    return _of_friends(counts, NEGATIVE)


def median(counts: Counts) -> float | None:
    """The middle answer, or the mean of the two in the middle; None where nobody answered.

    As `statistics.median`, which is type 7 of Hyndman & Fan (1996). ValueError for a count below 0 and for a value that
    is no number.
    """
    return _quartile(counts, 2) if _numbers(counts) else None


def quartiles(counts: Counts) -> tuple[float, float, float] | None:
    """The first quartile, the median and the third; None where nobody answered.

    As `statistics.quantiles(method="inclusive")`: type 7 of Hyndman & Fan (1996), on the line between the two answers
    next to (n - 1) p. All three are the value where there is only one. ValueError as for `median`.
    """
    if not _numbers(counts):
        return None
    return _quartile(counts, 1), _quartile(counts, 2), _quartile(counts, 3)


def share_change(old: Estimate | None, new: Estimate | None) -> Estimate | None:
    """By how much a share changed, new minus old, -1 to 1; None where there is none on one side.

    Both are results of `share`. The interval is Newcombe's hybrid score interval (method 10 of Newcombe 1998b), for
    two independent groups; it cannot leave -1 to 1. ValueError for an estimate that is no share.
    """
    if old is None or new is None:
        return None
    if not all(0 <= each.low <= each.value <= each.high <= 1 for each in (old, new)):
        raise ValueError("No share.")
    value = new.value - old.value
    low = value - sqrt((new.value - new.low) ** 2 + (old.high - old.value) ** 2)
    high = value + sqrt((new.high - new.value) ** 2 + (old.value - old.low) ** 2)
    return Estimate(value, low, high, old.n + new.n)


def nps_change(old: Mapping[int, int], new: Mapping[int, int]) -> Estimate | None:
    """By how many points, -200 to 200, the Net Promoter Score changed, new minus old; None where one side is empty.

    The interval is that of two independent groups, each with three answers added as in `nps` (Lewis & Sauro 2021): it
    lies around the difference of their scores, is cut at -200 and 200 and widened to hold `value`. ValueError as for
    `nps`.
    """
    was, now = _promoted(old, 0), _promoted(new, 0)
    before, after = _promoted(old, 3), _promoted(new, 3)
    if was is None or now is None or before is None or after is None:
        return None
    half = Z * sqrt(before.square + after.square)
    return _around(now.mean - was.mean, after.mean - before.mean, half, was.n + now.n, 2 * POINTS)


def mean_change(old: Counts, new: Counts) -> Estimate | None:
    """By how much the mean changed, new minus old, in the unit of the answers; None where one side is empty.

    The interval is Welch's (1947), for two independent groups whose answers need not scatter alike. There is none, and
    the result is None, where one side has a single answer or all answers of each side are the same: however few they
    are, such an interval would have no width. Where those of one side only are the same, its width is that of the
    other. ValueError as for `mean`.
    """
    was, now = _sample(old), _sample(new)
    if was is None or now is None or min(was.n, now.n) < 2 or was.square + now.square == 0:
        return None
    square = was.square + now.square
    freedom = square**2 / (was.square**2 / (was.n - 1) + now.square**2 / (now.n - 1))
    value, half = now.mean - was.mean, _t(freedom) * sqrt(square)
    return Estimate(value, value - half, value + half, was.n + now.n)


def is_clear(change: Estimate) -> bool:
    """Whether the interval of a change excludes 0: a change this large is not often chance alone."""
    return change.low > 0 or change.high < 0


def _answers(counts: Mapping[int, int] | Mapping[float, int] | Mapping[str, int]) -> int:
    """How many answers there are."""
    if any(count < 0 for count in counts.values()):
        raise ValueError("A count below 0.")
    return sum(counts.values())


def _numbers(counts: Counts) -> int:
    """How many answers there are, all of them numbers."""
    if not all(isfinite(value) for value in counts):
        raise ValueError("A value that is no number.")
    return _answers(counts)


def _promoted(counts: Mapping[int, int], added: int) -> _Sample | None:
    """The Net Promoter Score with so many answers added, a quarter of them promoters and a quarter detractors."""
    if strange := [value for value in counts if value not in range(11)]:
        raise ValueError(f"{strange[0]!r} is no answer from 0 to 10.")
    answers = _answers(counts)
    if not answers:
        return None
    n = answers + added
    promoters = (sum(count for value, count in counts.items() if value >= 9) + added / 4) / n
    detractors = (sum(count for value, count in counts.items() if value <= 6) + added / 4) / n
    score = promoters - detractors
    return _Sample(POINTS * score, POINTS**2 * (promoters + detractors - score**2) / n, answers)


def _around(value: float, centre: float, half: float, n: int, most: int) -> Estimate:
    """The value with the interval around that centre, cut at `most` on either side and widened to hold the value."""
    return Estimate(value, min(value, max(-most, centre - half)), max(value, min(most, centre + half)), n)


def _of_friends(counts: Mapping[str, int], wanted: frozenset[str]) -> Estimate | None:
    """The share of the wanted among all answers to the Friends and Family Test."""
    if strange := sorted(counts.keys() - FRIENDS_AND_FAMILY):
        raise ValueError(f"{strange[0]!r} is no answer to the Friends and Family Test.")
    return share(sum(counts.get(key, 0) for key in wanted), _answers(counts))


def _sample(counts: Counts) -> _Sample | None:
    """The mean of the answers and its standard error, in fractions: answers that are all the same do not scatter."""
    n = _numbers(counts)
    if not n:
        return None
    exact = [(Fraction(value), count) for value, count in counts.items()]
    middle = sum(value * count for value, count in exact) / Fraction(n)
    squares = sum((value - middle) ** 2 * count for value, count in exact)
    return _Sample(float(middle), float(squares / (n * (n - 1))) if n > 1 else 0.0, n)


def _quartile(counts: Counts, number: int) -> float:
    """The first, second or third quartile of one answer or more, without laying them all out."""
    values = sorted(counts.items())
    upto = list(accumulate(count for _, count in values))
    index, quarters = divmod((upto[-1] - 1) * number, 4)
    lower, upper = (values[bisect_right(upto, place)][0] for place in (index, min(index + 1, upto[-1] - 1)))
    return (lower * (4 - quarters) + upper * quarters) / 4


def _t(freedom: float) -> float:
    """What 97.5 % of Student's t distribution lie below, for 1 degree of freedom or more.

    The Cornish-Fisher expansion (Abramowitz & Stegun 26.7.5) falls short of it by no more than 3.2e-4 of it from 4
    degrees of freedom on, and 2e-8 from 30 on. Below 30 it is refined: by itself it would be 11 % too small at 1.
    """
    expanded = Z + fsum(term / freedom**power for power, term in enumerate(EXPANSION, 1))
    return expanded if freedom >= 30 else _refined(expanded, freedom)


def _refined(near: float, freedom: float) -> float:
    """The same within 1e-7 of it, by Newton's method from below.

    With t = sqrt(freedom) tan(angle), the probability between -t and t is twice the integral from 0 to the angle of
    cos(x) ** (freedom - 1), over the beta function B(1/2, freedom/2).
    """
    beta = sqrt(pi) * exp(lgamma(freedom / 2) - lgamma((freedom + 1) / 2))
    angle = atan(near / sqrt(freedom))
    for _ in range(4):
        missing = 0.95 * beta / 2 - _power_of_cosine(angle, freedom - 1)
        angle += missing / pow(cos(angle), freedom - 1)
    return sqrt(freedom) * tan(angle)


def _power_of_cosine(angle: float, power: float, steps: int = 200) -> float:
    """The integral of cos(x) ** power from 0 to the angle, by Simpson's rule (Abramowitz & Stegun 25.4.6)."""
    inner = fsum((4 if step % 2 else 2) * pow(cos(angle * step / steps), power) for step in range(1, steps))
    return angle / steps / 3 * (1 + inner + pow(cos(angle), power))
