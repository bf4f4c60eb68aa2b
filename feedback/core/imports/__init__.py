"""Taking over a history: files that other systems wrote, read row by row into our own nouns."""

from feedback.core.imports.feedback import NotReady, Progress, take_feedback
from feedback.core.imports.table import COLUMNS, Unreadable, column_map

__all__ = ["COLUMNS", "NotReady", "Progress", "Unreadable", "column_map", "take_feedback"]
