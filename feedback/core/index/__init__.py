"""The index of what was said about each case: words of any script, kept so that a search costs the same at any size.

What belongs to a case, and who may see it, is left to the cases; here are only words, marks and numbers.
"""

from feedback.core.index.finding import find
from feedback.core.index.folding import Asked, asked, folded, holds
from feedback.core.index.keeping import Entry, drop, put
from feedback.core.index.marking import found_at
from feedback.core.index.model import BESIDE_THE_MODELS, Word, mark

__all__ = [
    "BESIDE_THE_MODELS",
    "Asked",
    "Entry",
    "Word",
    "asked",
    "drop",
    "find",
    "folded",
    "found_at",
    "holds",
    "mark",
    "put",
]
