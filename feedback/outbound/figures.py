"""Scores in words: what a figure is called, how it reads, how sure it is, and how it changed."""

from collections.abc import Callable, Mapping

from babel.numbers import format_decimal

from feedback.core import scores
from feedback.core.scores import Estimate
from feedback.core.surveys.scoring import Score
from feedback.text import current, percent
from feedback.text import gettext as _

Text = Callable[[], str]


def name(score: Score) -> str:
    """What the figure is called."""
    return NAMES[score]()


def value(score: Score, of: float) -> str:
    """One figure: points with their sign, shares in per cent, numbers as they are."""
    if score is Score.NPS:
        return points(of)
    return decimal(of) if score is Score.MEAN else percent(of)


def interval(score: Score, of: Estimate) -> str:
    """Between which ends the figure would lie for all who could have been asked, 95 times in a hundred."""
    return _("95%% interval: %(low)s to %(high)s") % {"low": value(score, of.low), "high": value(score, of.high)}


def change(score: Score, of: Estimate) -> str:
    """How a figure moved since the span before, and whether that can be told from chance."""
    unit = _("%(n)s percentage points") if score not in (Score.NPS, Score.MEAN) else "%(n)s"
    told = {"by": unit % {"n": _moved(score, of.value)}, "low": _moved(score, of.low), "high": _moved(score, of.high)}
    if not scores.is_clear(of):
        return _("No clear change since the weeks before: %(by)s, between %(low)s and %(high)s") % told
    rose = _("Rose since the weeks before by %(by)s, between %(low)s and %(high)s")
    fell = _("Fell since the weeks before by %(by)s, between %(low)s and %(high)s")
    return (rose if of.value > 0 else fell) % told


def points(of: float) -> str:
    """Points with their sign."""
    return _signed(of, 0)


def decimal(of: float) -> str:
    """A number with up to two decimals."""
    return format_decimal(round(of, 2), format="#,##0.##", locale=current().locale)


def _moved(score: Score, by: float) -> str:
    if score is Score.NPS:
        return points(by)
    return _signed(by, 2) if score is Score.MEAN else _signed(100 * by, 1)


def _signed(of: float, digits: int) -> str:
    """A number with its sign and up to so many decimals; nothing is without one."""
    rounded, parts = round(of, digits) or 0, f"#,##0.{'#' * digits}".rstrip(".")
    return str(format_decimal(rounded, format=f"+{parts};-{parts}" if rounded else parts, locale=current().locale))


NAMES: Mapping[Score, Text] = {
    Score.NPS: lambda: _("Net Promoter Score"),
    Score.CSAT: lambda: _("Satisfied or very satisfied (CSAT)"),
    Score.CES: lambda: _("Agree that it was easy: 5 to 7 of 7 (CES)"),
    Score.FFT: lambda: _("Good or very good, of all who answered (Friends and Family)"),
    Score.HAPPY: lambda: _("Four or five of five"),
    Score.YES: lambda: _("Yes"),
    Score.MEAN: lambda: _("Mean"),
}
