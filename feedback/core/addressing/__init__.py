"""Addressing: whom a letter is for, where the customer only described or named them in words; a manager says."""

from feedback.core.addressing.deciding import NotChosen, dismiss, disown, give
from feedback.core.addressing.lapsing import is_any_lapsed, let_lapse
from feedback.core.addressing.likely import MOST_OFFERED, Guess, Guesses, guesses
from feedback.core.addressing.model import NotMeant
from feedback.core.addressing.seeking import (
    MOST_FOUND,
    choosable,
    count,
    found_for,
    home,
    lapses_at,
    sought,
    to_address,
    to_choose,
)
from feedback.core.praise.delivering import LASTS

__all__ = [
    "LASTS",
    "MOST_FOUND",
    "MOST_OFFERED",
    "Guess",
    "Guesses",
    "NotChosen",
    "NotMeant",
    "choosable",
    "count",
    "dismiss",
    "disown",
    "found_for",
    "give",
    "guesses",
    "home",
    "is_any_lapsed",
    "lapses_at",
    "let_lapse",
    "sought",
    "to_address",
    "to_choose",
]
