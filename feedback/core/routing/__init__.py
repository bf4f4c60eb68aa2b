"""Where a submission goes, and why: a pure decision over a picture of the organisation."""

from feedback.core.routing.decision import decide, passed_on, recognised
from feedback.core.routing.drawing import MOST_MAILED, picture, picture_for
from feedback.core.routing.model import (
    Decision,
    Picture,
    Purpose,
    Reason,
    Route,
    RouteRow,
    Target,
    Unit,
    routes_of,
    row,
)

__all__ = [
    "MOST_MAILED",
    "Decision",
    "Picture",
    "Purpose",
    "Reason",
    "Route",
    "RouteRow",
    "Target",
    "Unit",
    "decide",
    "passed_on",
    "picture",
    "picture_for",
    "recognised",
    "routes_of",
    "row",
]
