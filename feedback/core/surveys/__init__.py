"""Short surveys and polls: what they ask, who is asked, what was answered and what it says.

design.py knows questions, answering.py answers, keeping.py the life of a survey, asking.py the links that ask it,
portions.py which answers are counted together so that nobody's show, counting.py counts them, results.py what the
counts say, scoring.py by which score, polls.py votes, exporting.py rows for other programs, ready.py surveys to begin
with, begun.py answers that are not sent yet.
"""

from feedback.core.surveys.asking import (
    ONE_VOTE_MORE,
    AnsweredWith,
    Asked,
    answered_by,
    asked_by,
    poll_with,
    response_row,
    vote_rows,
)
from feedback.core.surveys.model import Asking, Audience, Edition, PollCount, Response, Survey, When

__all__ = [
    "ONE_VOTE_MORE",
    "AnsweredWith",
    "Asked",
    "Asking",
    "Audience",
    "Edition",
    "PollCount",
    "Response",
    "Survey",
    "When",
    "answered_by",
    "asked_by",
    "poll_with",
    "response_row",
    "vote_rows",
]
