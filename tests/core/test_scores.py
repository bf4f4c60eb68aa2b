"""Scores and their intervals: equal to published examples and, on random answers, to scipy and numpy.

Each example names where it was published. Where no published figure was found, the comment says that it is arithmetic.
"""

import statistics
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from math import inf, nan, sqrt
from random import Random

import numpy as np
import pytest
from scipy import stats  # type: ignore[import-untyped]

from feedback.core import scores
from feedback.core.scores import (
    Estimate,
    friends_and_family,
    friends_and_family_negative,
    is_clear,
    mean,
    mean_change,
    median,
    nps,
    nps_change,
    quartiles,
    share,
    share_change,
    top_box,
)

# Sauro (2010), Top-Box Scoring of Rating Scale Data, measuringu.com/blog/top-box.php: of 42 users, 19 % chose the top
# two boxes, and the Net Promoter Score was -33 % (as a copy of the page quotes it). Only 8 promoters and 22 detractors
# of 42 give both; which of the lower boxes they chose does not matter here.
SAURO = {9: 8, 7: 12, 4: 22}

# Newcombe (1998), Two-Sided Confidence Intervals for the Single Proportion: Comparison of Seven
# Methods, Statistics in Medicine 17, 857-872, Table I, method 3 (score interval without correction for continuity);
# this table and the next as several public test suites quote them, not read in the papers themselves.
NEWCOMBE_SHARES = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0000, 0.1611),
    (1, 29, 0.0061, 0.1718),
]

# Newcombe (1998), Interval Estimation for the Difference between Independent Proportions: Comparison of Eleven
# Methods, Statistics in Medicine 17, 873-890, Table II, (a) to (h), method 10: the first less the second.
NEWCOMBE_DIFFERENCES = [
    ((56, 70), (48, 80), 0.0524, 0.3339),
    ((9, 10), (3, 10), 0.1705, 0.8090),
    ((6, 7), (2, 7), 0.0582, 0.8062),
    ((5, 56), (0, 29), -0.0381, 0.1926),
    ((0, 10), (0, 20), -0.1611, 0.2775),
    ((0, 10), (0, 10), -0.2775, 0.2775),
    ((10, 10), (0, 20), 0.6791, 1.0000),
    ((10, 10), (0, 10), 0.6075, 1.0000),
]

# Results of the Friends and Family Test with the percentages their publishers give, all of which have those who do not
# know among all: without them Watton's 70 % would be 71 %, and Bay's 77 % would be 78 %.
WATTON = (171, 43, 10, 9, 9, 2)  # wattonmedicalpractice.co.uk/?p=2718, February 2025: 70 % very good, 88 % positive
BAY = (
    7489,
    1239,
    345,
    214,
    318,
    110,
)  # baymedicalgroup.co.uk/fft, January to June 2024 added up: 77 % extremely likely
# derbylanemc-liverpool.nhs.uk, NHS Friends and Family Test (FFT), columns October and December.
DERBY_OCTOBER = (40, 5, 1, 0, 1, 0)  # 96 % positive, 2 % negative
DERBY_DECEMBER = (25, 7, 1, 0, 1, 0)  # 94 % positive, 3 % negative

DRAWS = 1000


def whole(estimate: Estimate | None) -> Estimate:
    """The estimate, which is one."""
    assert estimate is not None
    return estimate


def ends(estimate: Estimate | None) -> tuple[float, float]:
    """Both ends of its interval."""
    return whole(estimate).low, whole(estimate).high


def friends(counts: tuple[int, ...]) -> dict[str, int]:
    """Answers to the Friends and Family Test, from very good to very poor and those who do not know."""
    return dict(zip(("very_good", "good", "neither", "poor", "very_poor", "dont_know"), counts, strict=True))


def drawn(values: range, seed: int, *, least: int = 1, draws: int = DRAWS) -> Iterator[dict[int, int]]:
    """Counts of answers, most of them few and lopsided; the same ones every time."""
    chance = Random(seed)
    for _ in range(draws):
        weights = [chance.random() ** 3 + 1e-9 for _ in values]
        n = chance.choice((chance.randint(least, 8), chance.randint(9, 40), chance.randint(41, 400)))
        counts = Counter(chance.choices(values, weights, k=n))
        yield {value: counts[value] for value in chance.sample(list(values), len(values))}


def laid_out(counts: Mapping[int, int]) -> list[int]:
    """Every single answer."""
    return [value for value, count in counts.items() for _ in range(count)]


def promoted(counts: Mapping[int, int]) -> tuple[float, float, float]:
    """The plain score, that of the answers with three added, and its variance: weighted means of -100, 0 and 100."""
    each = np.array([100 * (value >= 9) - 100 * (value <= 6) for value in laid_out(counts)], dtype=float)
    more = np.concatenate([each, [100.0, 0.0, -100.0]])
    weights = np.concatenate([np.ones(len(each)), [0.75, 1.5, 0.75]])
    centre = float(np.average(more, weights=weights))
    variance = float(np.average((more - centre) ** 2, weights=weights)) / float(weights.sum())
    return float(each.mean()), centre, variance


# Published examples


@pytest.mark.parametrize(("positive", "n", "low", "high"), NEWCOMBE_SHARES)
def test_share_equals_newcombes_table(positive: int, n: int, low: float, high: float) -> None:
    assert ends(share(positive, n)) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("new", "old", "low", "high"), NEWCOMBE_DIFFERENCES)
def test_share_change_equals_newcombes_table(
    new: tuple[int, int], old: tuple[int, int], low: float, high: float
) -> None:
    change = whole(share_change(share(*old), share(*new)))
    assert change.value == pytest.approx(new[0] / new[1] - old[0] / old[1])
    assert ends(change) == pytest.approx((low, high), abs=5e-5)
    assert change.n == new[1] + old[1]
    back = share_change(share(*new), share(*old))
    assert ends(back) == pytest.approx((-high, -low), abs=5e-5)


def test_nps_equals_sauros_example() -> None:
    assert round(whole(nps(SAURO)).value) == -33
    assert round(100 * whole(top_box(SAURO, 9)).value) == 19


def test_the_interval_of_a_net_promoter_score_is_that_of_rocks() -> None:
    # No published interval was found with the counts it was computed from, so this is arithmetic, by the method as
    # Lewis & Sauro (2021) state it, measuringu.com/nps-three-confidence-intervals: 3 added to n, 3/4 to the detractors
    # and 3/4 to the promoters; the same as pseudo_observations = c(0.75, 1.5, 0.75) of nps_test in Rocks' own R package
    # NPS (rdrr.io/github/brendan-R/nps). 8.75 and 22.75 of 45; -14/45; 31.5/45 - (14/45)^2 = 0.603210; its root over
    # the root of 45 is 0.115778; times 1.959964 is 0.226922.
    assert ends(nps(SAURO)) == pytest.approx((-53.8033, -8.4189), abs=1e-4)


def test_friends_and_family_equals_published_results() -> None:
    watton, bay = friends(WATTON), friends(BAY)
    assert round(100 * whole(friends_and_family(watton)).value) == 88
    assert round(100 * whole(share(watton["very_good"], sum(WATTON))).value) == 70
    assert round(100 * whole(share(bay["very_good"], sum(BAY))).value) == 77
    assert friends_and_family(watton) == share(171 + 43, 244)  # two of them do not know
    assert friends_and_family_negative(watton) == share(9 + 9, 244)
    for counts, positive, negative in ((DERBY_OCTOBER, 96, 2), (DERBY_DECEMBER, 94, 3)):
        assert round(100 * whole(friends_and_family(friends(counts))).value) == positive
        assert round(100 * whole(friends_and_family_negative(friends(counts))).value) == negative


def test_satisfaction_equals_delighteds_example() -> None:
    # help.delighted.com, article 240, How is CSAT calculated?: (74 / 107) x 100 = 69.16.
    answers = {5: 42, 4: 32, 3: 10, 2: 9, 1: 14}
    assert 100 * whole(top_box(answers, 4)).value == pytest.approx(69.16, abs=5e-3)


def test_effort_equals_published_examples() -> None:
    # help.delighted.com, article 249, How is CES calculated?: 10 of 20 agree (4 or 5 of 5), which is 50.
    assert whole(top_box({1: 5, 3: 5, 5: 10}, 4)).value == 0.5
    # support.cys.group, article 3000095529, Customer Effort Score 7-point scale to average: 4.08. The share that
    # follows is arithmetic: 460 of 1000.
    answers = {1: 80, 2: 210, 3: 140, 4: 110, 5: 160, 6: 180, 7: 120}
    assert whole(mean(answers)).value == pytest.approx(4.08)
    assert whole(top_box(answers, 5)).value == pytest.approx(0.46)


def test_mean_equals_published_examples() -> None:
    # Emory University, Oxford College, Math 117, Tech Tips: One Sample Means Test (math.oxford.emory.edu), t.test of R.
    emory = Counter([68, 73, 68, 70, 75, 57, 64, 67, 74, 64, 64, 66, 71, 66, 59, 66])
    assert ends(mean(emory)) == pytest.approx((64.35351, 69.64649), abs=5e-6)
    # statscodes.com/tests-and-intervals/one-sample-t-tests-in-r, t.test of R, 5 degrees of freedom.
    statscodes = Counter([1.5, -2.0, 2.1, -2.2, 1.3, 3.2])
    assert whole(mean(statscodes)).value == pytest.approx(0.65)
    assert ends(mean(statscodes)) == pytest.approx((-1.691676, 2.991676), abs=1e-6)


def test_mean_change_equals_a_published_example() -> None:
    # statscodes.com/tests-and-intervals/welchs-two-sample-t-tests-in-r, t.test of R, 9.48 degrees of freedom: x less y.
    new, old = Counter([5.1, 2.0, 4.1, 6.2, 7.1, 8.3]), Counter([1.5, 6.4, 3.3, 5.8, 4.8, 7.2, 5.6, 4.5])
    change = whole(mean_change(old, new))
    assert ends(change) == pytest.approx((-1.935420, 3.093754), abs=1e-6)
    assert not is_clear(change)


# Equal to scipy and numpy


def test_share_equals_scipy() -> None:
    chance = Random(1)
    for _ in range(DRAWS):
        n = chance.randint(1, chance.choice((5, 50, 5000)))
        positive = chance.choice((0, n, chance.randint(0, n)))
        expected = stats.binomtest(positive, n).proportion_ci(method="wilson")
        found = whole(share(positive, n))
        assert ends(found) == pytest.approx((expected.low, expected.high), abs=1e-12)
        assert 0 <= found.low <= found.value == positive / n <= found.high <= 1
        assert found.n == n


def test_mean_equals_scipy() -> None:
    for counts in drawn(range(0, 11), seed=2, least=2):
        each, found = laid_out(counts), whole(mean(counts))
        error = float(stats.sem(each))
        assert found.value == pytest.approx(np.mean(each), abs=1e-12)
        assert found.n == len(each)
        if error:
            expected = stats.t.interval(0.95, len(each) - 1, loc=np.mean(each), scale=error)
            assert ends(found) == pytest.approx(expected, abs=1e-6, rel=1e-7)
        else:
            assert ends(found) == (found.value, found.value)


@pytest.mark.filterwarnings("ignore:Precision loss:RuntimeWarning")  # where all answers of one side are the same
def test_mean_change_equals_scipy() -> None:
    compared = 0
    for old, new in pairwise(drawn(range(1, 8), seed=3, least=2, draws=DRAWS + 1)):
        was, now, found = laid_out(old), laid_out(new), mean_change(old, new)
        if len(set(was)) == len(set(now)) == 1:
            assert found is None
            continue
        expected = stats.ttest_ind(now, was, equal_var=False).confidence_interval(0.95)
        assert whole(found).value == pytest.approx(np.mean(now) - np.mean(was), abs=1e-12)
        assert ends(found) == pytest.approx((expected.low, expected.high), abs=1e-6, rel=1e-7)
        compared += 1
    assert compared > 0.9 * DRAWS


def test_students_quantile_equals_scipy() -> None:
    chance = Random(4)
    freedoms = [1.0, 2.0, 3.0, 4.0, 29.999, 30.0, 1e3, 1e9, *(chance.uniform(1, 40) for _ in range(200))]
    found = np.array([scores._t(freedom) for freedom in freedoms])
    assert np.abs(found / stats.t.ppf(0.975, freedoms) - 1).max() < 1e-7


def test_the_expansion_alone_is_as_exact_as_it_is_said_to_be() -> None:
    def expanded(freedom: float) -> float:
        return scores.Z + sum(term / freedom**power for power, term in enumerate(scores.EXPANSION, 1))

    for freedom, most in ((1, 0.12), (4, 3.2e-4), (30, 2e-8)):
        assert 0 < 1 - expanded(freedom) / stats.t.ppf(0.975, freedom) < most


def test_median_and_quartiles_equal_numpy_and_the_standard_library() -> None:
    for counts in drawn(range(-3, 8), seed=5):
        each = laid_out(counts)
        assert median(counts) == statistics.median(each) == np.median(each)
        assert quartiles(counts) == pytest.approx(np.percentile(each, (25, 50, 75)), abs=1e-12)
        if len(each) > 1:
            assert quartiles(counts) == tuple(statistics.quantiles(each, method="inclusive"))


def test_nps_equals_numpy_on_every_single_answer() -> None:
    for counts in drawn(range(0, 11), seed=6):
        plain, centre, variance = promoted(counts)
        half = stats.norm.ppf(0.975) * sqrt(variance)
        low, high = np.clip((centre - half, centre + half), -100, 100)
        found = whole(nps(counts))
        assert found.value == pytest.approx(plain, abs=1e-9)
        assert ends(found) == pytest.approx((min(low, plain), max(high, plain)), abs=1e-9)
        assert found.n == sum(counts.values())


def test_nps_change_equals_numpy_on_every_single_answer() -> None:
    for old, new in pairwise(drawn(range(0, 11), seed=7, draws=DRAWS + 1)):
        was, before, wide = promoted(old)
        now, after, wider = promoted(new)
        half = stats.norm.ppf(0.975) * sqrt(wide + wider)
        low, high = np.clip((after - before - half, after - before + half), -200, 200)
        found = whole(nps_change(old, new))
        assert found.value == pytest.approx(now - was, abs=1e-9)
        assert ends(found) == pytest.approx((min(low, now - was), max(high, now - was)), abs=1e-9)


def test_share_change_is_wide_enough_about_as_often_as_it_says() -> None:
    # Newcombe (1998b) finds method 10 to cover a little more than 95 % on the whole; this is a coarse check by chance.
    chance, covered = Random(8), 0
    for _ in range(DRAWS):
        before, after, m, n = chance.random(), chance.random(), chance.randint(10, 60), chance.randint(10, 60)
        old = share(sum(chance.random() < before for _ in range(m)), m)
        new = share(sum(chance.random() < after for _ in range(n)), n)
        low, high = ends(share_change(old, new))
        assert -1 <= low <= high <= 1
        covered += low <= after - before <= high
    assert 0.93 < covered / DRAWS < 0.98


# At the edges


def test_nobody_answered() -> None:
    for nothing in ({}, {3: 0, 9: 0}):
        assert nps(nothing) is None
        assert mean(nothing) is None
        assert median(nothing) is None
        assert quartiles(nothing) is None
        assert top_box(nothing, 4) is None
        for change in (nps_change, mean_change):
            assert change(nothing, {3: 5, 4: 5}) is None
            assert change({3: 5, 4: 5}, nothing) is None
    assert share(0, 0) is None
    assert friends_and_family({}) is None
    assert friends_and_family_negative({"good": 0}) is None
    assert share_change(None, share(1, 2)) is None
    assert share_change(share(1, 2), None) is None


def test_one_answer() -> None:
    assert mean({4: 1}) == Estimate(4, 4, 4, 1)
    assert median({4: 1}) == 4
    assert quartiles({4: 1, 9: 0}) == (4, 4, 4)
    assert mean_change({4: 1}, {3: 5, 4: 5}) is None
    assert mean_change({3: 5, 4: 5}, {4: 1}) is None


@pytest.mark.parametrize("answer", range(11))
def test_the_interval_of_a_single_net_promoter_score_holds_it(answer: int) -> None:
    alone = whole(nps({answer: 1}))
    assert alone.value == (100 if answer > 8 else -100 if answer < 7 else 0)
    assert -100 <= alone.low <= alone.value <= alone.high <= 100
    assert alone.low < 0 < alone.high


def test_all_the_same() -> None:
    assert mean({5: 40}) == Estimate(5, 5, 5, 40)
    assert mean_change({5: 40}, {4: 40}) is None
    assert is_clear(whole(mean_change({5: 40}, {4: 39, 3: 1})))
    assert mean({0.1: 3}) == Estimate(0.1, 0.1, 0.1, 3)
    assert mean_change({0.1: 3}, {0.3: 3}) is None
    assert quartiles({5: 40}) == (5, 5, 5)
    high = whole(nps({10: 40}))
    assert (high.value, high.high) == (100, 100)
    assert 80 < high.low < 100
    low = whole(nps({0: 40}))
    assert (low.value, low.low) == (-100, -100)
    assert low.high == pytest.approx(-high.low)
    for n in range(1, 500):
        assert (whole(share(0, n)).low, whole(share(n, n)).high) == (0, 1)


def test_every_answer_from_0_to_10_is_in_its_group() -> None:
    ten = {7: 10}
    points = [whole(nps({**ten, answer: ten.get(answer, 0) + 10})).value for answer in range(11)]
    assert points == [-50] * 7 + [0, 0, 50, 50]


@pytest.mark.parametrize("answer", [-1, 11, 9.5])
def test_no_answer_from_0_to_10(answer: int) -> None:
    for counts in ({answer: 1}, {answer: 0, 9: 4}):
        with pytest.raises(ValueError, match="0 to 10"):
            nps(counts)
        with pytest.raises(ValueError, match="0 to 10"):
            nps_change({9: 1}, counts)
        with pytest.raises(ValueError, match="0 to 10"):
            nps_change(counts, {9: 1})


def test_a_count_below_0() -> None:
    wrong = {3: -1, 4: 5}
    for score in (nps, mean, median, quartiles):
        with pytest.raises(ValueError, match="below 0"):
            score(wrong)
    with pytest.raises(ValueError, match="below 0"):
        top_box(wrong, 4)
    for change in (nps_change, mean_change):
        with pytest.raises(ValueError, match="below 0"):
            change({4: 5}, wrong)
    for part in (friends_and_family, friends_and_family_negative):
        with pytest.raises(ValueError, match="below 0"):
            part({"good": 5, "poor": -1})


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_a_value_that_is_no_number(value: float) -> None:
    for score in (mean, median, quartiles):
        with pytest.raises(ValueError, match="no number"):
            score({value: 1, 2.0: 3})


@pytest.mark.parametrize(("positive", "n"), [(-1, 5), (6, 5), (1, 0), (0, -1)])
def test_no_part_of_the_whole(positive: int, n: int) -> None:
    with pytest.raises(ValueError, match=f"{positive} of {n}"):
        share(positive, n)


@pytest.mark.parametrize("key", ["extremely_likely", "Very good", ""])
def test_no_answer_to_the_friends_and_family_test(key: str) -> None:
    for part in (friends_and_family, friends_and_family_negative):
        with pytest.raises(ValueError, match="Friends and Family"):
            part({"good": 5, key: 0})


def test_a_change_of_what_is_no_share() -> None:
    points = nps(SAURO)
    for old, new in ((points, share(1, 2)), (share(1, 2), points)):
        with pytest.raises(ValueError, match="No share"):
            share_change(old, new)


def test_what_is_clear() -> None:
    assert is_clear(Estimate(2, 1, 3, 9))
    assert is_clear(Estimate(-2, -3, -1, 9))
    assert not is_clear(Estimate(1, -1, 3, 9))
    assert not is_clear(Estimate(1, 0, 2, 9))
    assert not is_clear(Estimate(-1, -2, 0, 9))


def test_no_change_is_never_clear_however_unequal_the_numbers() -> None:
    for n in (1, 2, 10, 1000):
        for answer in (0, 8, 10):
            assert not is_clear(whole(nps_change({answer: 1}, {answer: n})))


def test_the_better_side_is_the_one_with_the_higher_score() -> None:
    worse, better = {0: 30, 8: 30, 10: 40}, {0: 5, 8: 25, 10: 70}
    for change in (nps_change, mean_change):
        up, down = whole(change(worse, better)), whole(change(better, worse))
        assert is_clear(up)
        assert up.low > 0 > down.high
        assert (up.value, up.low, up.high) == pytest.approx((-down.value, -down.high, -down.low))
        assert up.n == down.n == 200


def test_counts_are_never_laid_out() -> None:
    many = {value: 10**15 for value in range(11)}
    assert median(many) == 5
    assert quartiles(many) == (2, 5, 8)
    assert ends(mean(many)) == pytest.approx((5, 5), abs=1e-6)
    assert whole(nps(many)).value == pytest.approx(-500 / 11)
