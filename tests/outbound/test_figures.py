"""Scores in words, in the numbers of each language."""

import pytest

from feedback.core.scores import Estimate
from feedback.core.surveys.scoring import Score
from feedback.outbound import figures
from feedback.text import speaking


@pytest.mark.parametrize(
    ("lang", "told"), [("en", ["+33", "-100", "0", "1,234.5"]), ("de", ["+33", "-100", "0", "1.234,5"])]
)
def test_points_have_their_sign_and_nothing_has_none(lang: str, told: list[str]) -> None:
    with speaking(lang):
        assert [figures.points(33.3), figures.points(-100), figures.points(-0.2), figures.decimal(1234.5)] == told


def test_a_share_is_told_in_per_cent_and_its_change_in_percentage_points() -> None:
    with speaking("en"):
        assert figures.value(Score.CSAT, 0.482) == "48%"
        assert figures.interval(Score.CSAT, Estimate(0.48, 0.372, 0.58, 84)) == "95% interval: 37% to 58%"
        rose = figures.change(Score.CSAT, Estimate(0.245, 0.031, 0.429, 90))
        assert rose == "Rose since the weeks before by +24.5 percentage points, between +3.1 and +42.9"
        assert figures.change(Score.NPS, Estimate(-4, -20, 12, 90)).startswith("No clear change")
        assert figures.change(Score.MEAN, Estimate(-0.5, -0.9, -0.1, 90)).startswith(
            "Fell since the weeks before by -0.5,"
        )
