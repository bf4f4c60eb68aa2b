"""Rules an admin sets beyond the defaults of routing; keeping them is left to keeping.py."""

from feedback.core.rules.fitting import Facts, fits
from feedback.core.rules.model import About, Action, Condition, Does, Rule, RuleRow, is_about, named, told

__all__ = ["About", "Action", "Condition", "Does", "Facts", "Rule", "RuleRow", "fits", "is_about", "named", "told"]
