"""The organisation's colour, adjusted until text on it can be read (WCAG 2.2, 1.4.3: 4.5 to 1)."""

from functools import lru_cache

ENOUGH = 4.5
WHITE, INK = "#ffffff", "#14120e"
STEP = 0.04

Colour = tuple[float, float, float]


@lru_cache(maxsize=64)
def css(accent: str) -> str:
    """The one rule that sets --accent and --on-accent, for light and for dark."""
    (light, on_light), (dark, on_dark) = pairs(accent)
    return (
        f":root{{--accent:{light};--on-accent:{on_light}}}"
        f"@media(prefers-color-scheme:dark){{:root{{--accent:{dark};--on-accent:{on_dark}}}}}"
    )


def pairs(accent: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """The colour and that of text on it, for light and for dark; accent.js works them out as they are chosen."""
    return (
        _readable(accent, towards=(0.0, 0.0, 0.0), text=WHITE),
        _readable(accent, towards=(1.0, 1.0, 1.0), text=INK),
    )


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21, by WCAG's relative luminance."""
    lights = sorted((_luminance(_parsed(one)), _luminance(_parsed(other))), reverse=True)
    return (lights[0] + 0.05) / (lights[1] + 0.05)


def _readable(accent: str, *, towards: Colour, text: str) -> tuple[str, str]:
    colour, share = _parsed(accent), 0.0
    while contrast(_written(colour), text) < ENOUGH and share < 1:
        share += STEP
        colour = _mixed(_parsed(accent), towards, min(share, 1.0))
    return _written(colour), text


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (a + (b - a) * share for a, b in zip(one, other, strict=True))
    return red, green, blue


def _luminance(colour: Colour) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parsed(text: str) -> Colour:
    red, green, blue = (int(text[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _written(colour: Colour) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour)
