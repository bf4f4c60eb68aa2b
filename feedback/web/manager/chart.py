"""How a link was used, as a picture of bars by week and as a table of the same numbers."""

from collections.abc import Sequence
from typing import Any

from feedback import text
from feedback.core.links.counting import Week

WIDTH, HEIGHT = 480, 190
TOP, BOTTOM = 18, 24  # room for the number above the highest bar, and for the days below
BAR, GAP = 10, 1
EDGE = 36  # half of the widest day, which would be cut off otherwise
KINDS = ("scans", "starts", "sends")


def drawn(weeks: Sequence[Week]) -> dict[str, Any]:
    """Bars, days below them, rows and sums of `weeks`; where the language runs the other way, so does time."""
    most = max(1, *(getattr(week, kind) for week in weeks for kind in KINDS))
    slot = WIDTH / len(weeks)
    bars = [
        {"kind": kind, **_bar(index, place, getattr(week, kind), most, slot)}
        for index, week in enumerate(weeks)
        for place, kind in enumerate(KINDS)
        if getattr(week, kind)
    ]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "ground": HEIGHT - BOTTOM,
        "bars": bars,
        "peak": next(bar for bar in bars if bar["n"] == most) if bars else None,
        "days": [
            {"x": min(max(_turned(slot * (index + 0.5)), EDGE), WIDTH - EDGE), "text": text.short_day(week.monday)}
            for index, week in enumerate(weeks)
            if (len(weeks) - 1 - index) % 3 == 0
        ],
        "weeks": list(reversed(weeks)),
        "sums": {kind: sum(getattr(week, kind) for week in weeks) for kind in KINDS},
    }


def _bar(index: int, place: int, n: int, most: int, slot: float) -> dict[str, Any]:
    height = max(2.0, n / most * (HEIGHT - TOP - BOTTOM))
    middle = slot * (index + 0.5) + (place - 1) * (BAR + GAP)
    return {
        "n": n,
        "x": round(_turned(middle) - BAR / 2, 1),
        "middle": round(_turned(middle), 1),
        "y": round(HEIGHT - BOTTOM - height, 1),
        "width": BAR,
        "height": round(height, 1),
    }


def _turned(x: float) -> float:
    return round(WIDTH - x if text.current().direction == "rtl" else x, 1)
