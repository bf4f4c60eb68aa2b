"""Moments, days and numbers as each language writes them, where the organisation's clocks stand."""

from datetime import UTC, date, datetime, timedelta

import pytest

from feedback.text import ago, day, exact, moment, number, speaking

NOW = datetime(2026, 3, 29, 12, tzinfo=UTC)


def past(**since: float) -> str:
    return ago(NOW - timedelta(**since), NOW, "UTC")


def plain(text: str) -> str:
    """Without the kinds of spaces that differ between editions of the language data."""
    return " ".join(text.replace("\u202f", " ").replace("\u00a0", " ").split())


@pytest.mark.parametrize(
    ("since", "text"),
    [
        ({"seconds": 0}, "just now"),
        ({"seconds": 59}, "just now"),
        ({"minutes": 1}, "1 minute ago"),
        ({"minutes": 30}, "30 minutes ago"),
        ({"hours": 3}, "3 hours ago"),
        ({"days": 2}, "2 days ago"),
        ({"days": 7}, "1 week ago"),
        ({"days": 7, "seconds": 1}, "March 22, 2026"),
        ({"days": 400}, "February 22, 2025"),
        ({"hours": -1}, "March 29, 2026"),
    ],
)
def test_what_is_recent_is_told_by_distance_and_the_rest_by_day(since: dict[str, float], text: str) -> None:
    assert past(**since) == text


def test_each_language_tells_it_its_own_way() -> None:
    with speaking("de"):
        assert past(hours=3) == "vor 3 Stunden"
        assert past(days=30) == "27. Februar 2026"
    with speaking("ar"):
        assert past(hours=3).startswith("قبل")


def test_a_day_is_that_of_the_organisations_clock() -> None:
    late = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
    assert ago(late, NOW, "UTC") == "January 31, 2026"
    assert ago(late, NOW, "Asia/Tokyo") == "February 1, 2026"
    assert ago(late, NOW, "America/New_York") == "January 31, 2026"


def test_a_moment_is_told_in_the_organisations_zone_across_the_change_of_clocks() -> None:
    before, after = datetime(2026, 3, 29, 0, 59, tzinfo=UTC), datetime(2026, 3, 29, 1, 1, tzinfo=UTC)
    with speaking("de"):
        assert plain(moment(before, "Europe/Berlin")) == "29.03.2026, 01:59"
        assert plain(moment(after, "Europe/Berlin")) == "29.03.2026, 03:01"
    assert plain(moment(before, "UTC")) == "Mar 29, 2026, 12:59 AM"


def test_an_exact_moment_says_everything() -> None:
    text = plain(exact(NOW, "Europe/Berlin"))
    for part in ("Sunday", "March 29", "2026", "2:00:00", "Central European Summer Time"):
        assert part in text


@pytest.mark.parametrize(("language", "text"), [("en", "March 1, 2026"), ("de", "1. März 2026"), ("ar", "1 مارس 2026")])
def test_a_day_is_written_out(language: str, text: str) -> None:
    with speaking(language):
        assert day(date(2026, 3, 1)).translate(str.maketrans("٠١٢٣٤٥٦٧٨٩", "0123456789")) == text


@pytest.mark.parametrize(("language", "text"), [("en", "1,234.5"), ("de", "1.234,5")])
def test_numbers_have_the_separators_of_the_language(language: str, text: str) -> None:
    with speaking(language):
        assert number(1234.5) == text


@pytest.mark.parametrize("language", ["en", "de", "ar", "qps"])
@pytest.mark.parametrize("at", [datetime(2000, 1, 1, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)])
def test_far_away_moments_can_be_told_in_every_language(language: str, at: datetime) -> None:
    with speaking(language):
        assert ago(at, NOW, "Pacific/Auckland") and moment(at, "UTC") and exact(at, "UTC")
