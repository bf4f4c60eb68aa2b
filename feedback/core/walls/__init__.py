"""Walls: screens that show praise where customer and employee both agreed, and nothing else."""

from feedback.core.walls.keeping import make, mine, move, one, set_open, token_of, with_token
from feedback.core.walls.model import Showing, Wall
from feedback.core.walls.showing import (
    MOST,
    Refused,
    Shown,
    among,
    forget,
    is_any,
    may_show,
    may_take_down,
    put_up,
    shown,
    take_down,
)

__all__ = [
    "MOST",
    "Refused",
    "Showing",
    "Shown",
    "Wall",
    "among",
    "forget",
    "is_any",
    "make",
    "may_show",
    "may_take_down",
    "mine",
    "move",
    "one",
    "put_up",
    "set_open",
    "shown",
    "take_down",
    "token_of",
    "with_token",
]
