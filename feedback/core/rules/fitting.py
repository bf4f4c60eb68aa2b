"""Whether a rule fits: a pure question to what is known of one submission."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import category

from feedback.core.people import plain
from feedback.core.rules.model import About, Condition, Rule


@dataclass(frozen=True, slots=True)
class Facts:
    """What conditions look at; `are` holds ids and codes, `text` is plain, `minute` counts from midnight.

    What is not known yet (no rating, no time of day) fits no condition about it.
    """

    are: Mapping[About, frozenset[str]]
    rating: int | None = None
    text: str = ""
    minute: int | None = None


def fits(rule: Rule, facts: Facts) -> bool:
    """Whether all conditions of the rule hold."""
    return all(_holds(condition, facts) for condition in rule.conditions)


def minute_of(text: str) -> int:
    """The minute of the day that "22:30" writes."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _holds(condition: Condition, facts: Facts) -> bool:
    about, values = condition.about, condition.values
    if about == About.RATING_AT_MOST:
        return facts.rating is not None and facts.rating <= int(values[0])
    if about == About.RATING_AT_LEAST:
        return facts.rating is not None and facts.rating >= int(values[0])
    if about == About.WORDS:
        return any(_pattern(word).search(facts.text) for word in values)
    if about == About.TIME:
        start, end = map(minute_of, values)
        return facts.minute is not None and _is_between(start, end, facts.minute)
    return not facts.are.get(about, frozenset()).isdisjoint(values)


def _is_between(start: int, end: int, minute: int) -> bool:
    if start <= end:
        return start <= minute < end
    return minute >= start or minute < end  # over midnight


@lru_cache(maxsize=1024)
def _pattern(word: str) -> re.Pattern[str]:
    """Finds `word` where words begin; in scripts that know no capitals anywhere, as many write without spaces."""
    wanted = plain(word.strip())
    begins = wanted[:1].isalnum() and category(wanted[0]) != "Lo"
    return re.compile((r"(?<!\w)" if begins else "") + r"\s+".join(map(re.escape, wanted.split())))
