"""Recognition: how those who lead pass praise on, by a line, a mark, and a note of a director.

It adds to a letter and never counts or compares people. Nobody recognises what is to themselves in person.
"""

from feedback.core.recognition.bringing import NobodyAbove, bring, brought, is_any_brought, is_brought_to, is_news
from feedback.core.recognition.marking import (
    forget,
    mark,
    may_pass_on,
    open_letter,
    own_line,
    say,
    unmark,
)
from feedback.core.recognition.model import BROUGHT, COMMENDED, GIVER_COMMENDED, LONGEST, Bringing, ManagerLine, Mark
from feedback.core.recognition.noting import can_reach_giver, letter_to_note, note
from feedback.core.recognition.passed import Passed, Said, among

__all__ = [
    "BROUGHT",
    "COMMENDED",
    "GIVER_COMMENDED",
    "LONGEST",
    "Bringing",
    "ManagerLine",
    "Mark",
    "NobodyAbove",
    "Passed",
    "Said",
    "among",
    "bring",
    "brought",
    "can_reach_giver",
    "forget",
    "is_any_brought",
    "is_brought_to",
    "is_news",
    "letter_to_note",
    "mark",
    "may_pass_on",
    "note",
    "open_letter",
    "own_line",
    "say",
    "unmark",
]
