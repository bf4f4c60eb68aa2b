"""Where a submission goes, and why: a pure decision over a picture of the organisation."""

from feedback.core.routing.afresh import staffed_on
from feedback.core.routing.decision import decide, delivered, passed_on, recognised, seeking, sought
from feedback.core.routing.drawing import MOST_MAILED, picture, picture_for
from feedback.core.routing.model import (
    NORMAL,
    WAITING,
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
from feedback.core.routing.ruling import can_lead_elsewhere

__all__ = [
    "MOST_MAILED",
    "NORMAL",
    "WAITING",
    "Decision",
    "Picture",
    "Purpose",
    "Reason",
    "Route",
    "RouteRow",
    "Target",
    "Unit",
    "can_lead_elsewhere",
    "decide",
    "delivered",
    "passed_on",
    "picture",
    "picture_for",
    "recognised",
    "routes_of",
    "row",
    "seeking",
    "sought",
    "staffed_on",
]
