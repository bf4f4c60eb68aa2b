"""The accent: whatever colour an organisation has, text on it can be read."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.core.organisation import DEFAULT_ACCENT
from feedback.web import accent

PARTS = re.compile(r"--accent:(#[0-9a-f]{6});--on-accent:(#[0-9a-f]{6})")
COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


def parts(colour: str) -> list[tuple[str, str]]:
    """Accent and text on it, by day and by night."""
    return PARTS.findall(accent.css(colour))


@settings(derandomize=True, max_examples=300, deadline=None, database=None)
@given(COLOURS)
def test_text_on_any_accent_can_be_read_by_day_and_by_night(colour: str) -> None:
    found = parts(colour)
    assert len(found) == 2
    for shown, text in found:
        assert accent.contrast(shown, text) >= accent.ENOUGH


@pytest.mark.parametrize("colour", ["#000000", "#ffffff", "#808080", "#ff0000", "#ffff00", "#00ff00", "#0000ff"])
def test_the_corners_of_the_colours_can_be_read_too(colour: str) -> None:
    assert all(accent.contrast(shown, text) >= accent.ENOUGH for shown, text in parts(colour))


def test_a_colour_that_can_be_read_is_left_alone() -> None:
    assert parts("#1f6f5c")[0][0] == "#1f6f5c" == DEFAULT_ACCENT
    assert parts("#ffd9a0")[1][0] == "#ffd9a0"


def test_capitals_make_no_difference() -> None:
    assert accent.css("#AABBCC") == accent.css("#aabbcc")


def test_contrast_is_what_wcag_says() -> None:
    assert accent.contrast("#000000", "#ffffff") == accent.contrast("#ffffff", "#000000") == pytest.approx(21)
    assert accent.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert accent.contrast("#123456", "#123456") == 1


def test_the_rule_holds_nothing_but_colours() -> None:
    assert re.fullmatch(r"[\w#:;{}()@-]+", accent.css("#c0ffee"))
