"""The organisation's directory as those who keep it see it: people, departments, places and topics, and every change.

The tables themselves and what all others ask of them are in `people`.
"""

from feedback.core.directory.checks import ChangedMeanwhile, NotTaken, Problem
from feedback.core.directory.keeping import change, delete, hold, make, one
from feedback.core.directory.record import NOUNS, Noun, Values, mark, values_of
from feedback.core.directory.retiring import Codes, bring_back, hanging_on, retire
from feedback.core.directory.tree import Paths, flat_paths, paths

__all__ = [
    "NOUNS",
    "ChangedMeanwhile",
    "Codes",
    "NotTaken",
    "Noun",
    "Paths",
    "Problem",
    "Values",
    "bring_back",
    "change",
    "delete",
    "flat_paths",
    "hanging_on",
    "hold",
    "make",
    "mark",
    "one",
    "paths",
    "retire",
    "values_of",
]
