"""Files of people, departments, places and topics: read, planned, kept as a whole or not at all, and written."""

from feedback.core.imports.lists.keeping import Changed, keep, take
from feedback.core.imports.lists.plan import Plan, Planned, plan
from feedback.core.imports.lists.sheet import COLUMNS, Sheet, read
from feedback.core.imports.lists.waiting import Waiting
from feedback.core.imports.lists.written import export

__all__ = ["COLUMNS", "Changed", "Plan", "Planned", "Sheet", "Waiting", "export", "keep", "plan", "read", "take"]
