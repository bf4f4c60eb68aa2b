"""Praise: a compliment delivered to the person or the department that earned it, word for word."""

from feedback.core.praise.delivering import AlreadyDelivered, as_if_delivered, deliver
from feedback.core.praise.listing import (
    Ids,
    Letter,
    has,
    in_person,
    in_person_since,
    is_own,
    is_receiver,
    kept_back,
    letters,
    managed,
    managed_by,
    own,
    reached,
    read_by,
    since,
    to_oneself,
    together,
    together_since,
)
from feedback.core.praise.model import Praise, Reading, Withholding
from feedback.core.praise.reading import mark_read

__all__ = [
    "AlreadyDelivered",
    "Ids",
    "Letter",
    "Praise",
    "Reading",
    "Withholding",
    "as_if_delivered",
    "deliver",
    "has",
    "in_person",
    "in_person_since",
    "is_own",
    "is_receiver",
    "kept_back",
    "letters",
    "managed",
    "managed_by",
    "mark_read",
    "own",
    "reached",
    "read_by",
    "since",
    "to_oneself",
    "together",
    "together_since",
]
