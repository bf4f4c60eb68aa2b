"""What a rule is made of: conditions that all have to hold, and actions that are then all taken."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from feedback.core.organisation import Pictured
from feedback.db import Base, id_key, moment


class About(StrEnum):
    """What a condition looks at."""

    KIND = "kind"
    TOPIC = "topic"
    PLACE = "place"  # or anywhere within it
    DEPARTMENT = "department"  # where it would go without rules, or anywhere below it
    LINK = "link"
    RATING_AT_MOST = "rating_at_most"
    RATING_AT_LEAST = "rating_at_least"
    LANGUAGE = "language"
    WORDS = "words"
    TIME = "time"  # of day, from the first value until just before the second


class Does(StrEnum):
    """What a rule does with a submission that fits."""

    SEND = "send"  # to this department
    HAND = "hand"  # to this person, who handles it
    GRADE = "grade"  # as this severe
    INFORM = "inform"  # this department reads along


# The values of these name something of the organisation by its id.
NAMING = frozenset({About.TOPIC, About.PLACE, About.DEPARTMENT, About.LINK, Does.SEND, Does.HAND, Does.INFORM})
Names = Mapping[tuple[str, str], str]  # (what it is about or does, value) to a name


@dataclass(frozen=True, slots=True)
class Condition:
    """It holds where any of `values` does."""

    about: About
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that is done."""

    does: Does
    value: str


@dataclass(frozen=True, slots=True)
class Rule:
    """When all `conditions` hold, all `actions` are taken; `told` says it with the names of the day."""

    conditions: tuple[Condition, ...]
    actions: tuple[Action, ...]
    told: str = ""


class RuleRow(Pictured, Base):
    """A rule as it is kept; rules are asked in the order of their positions."""

    __tablename__ = "rule"
    __table_args__ = (Index(None, "position", info={"serves": "all rules in their order"}),)

    id: Mapped[id_key]
    position: Mapped[int] = mapped_column(SmallInteger)
    conditions: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    actions: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    made_at: Mapped[moment]
    on_since: Mapped[moment | None]  # null: written, but not switched on
    retired_at: Mapped[moment | None]

    @property
    def rule(self) -> Rule:
        """The rule itself, without names."""
        return Rule(
            tuple(Condition(About(one["about"]), tuple(one["values"])) for one in self.conditions),
            tuple(Action(Does(one["does"]), one["value"]) for one in self.actions),
        )

    def put(self, rule: Rule) -> None:
        """Say what `rule` says."""
        self.conditions = [{"about": one.about, "values": list(one.values)} for one in rule.conditions]
        self.actions = [{"does": one.does, "value": one.value} for one in rule.actions]


def told(rule: Rule, names: Names) -> str:
    """The rule with names instead of ids, as JSON: what a log or a reason keeps, to be worded when it is shown."""
    when = [[one.about, [names.get((one.about, value), value) for value in one.values]] for one in rule.conditions]
    then = [[one.does, names.get((one.does, one.value), one.value)] for one in rule.actions]
    return json.dumps([when, then], ensure_ascii=False)


def named(rules: Iterable[Rule], *does: Does) -> set[int]:
    """The ids of all that the rules do those things with."""
    return {int(action.value) for rule in rules for action in rule.actions if action.does in does}


def is_about(rules: Iterable[Rule], about: About) -> bool:
    """Whether any condition of the rules looks at that."""
    return any(condition.about == about for rule in rules for condition in rule.conditions)
