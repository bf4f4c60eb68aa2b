"""Keeping the rules: written, tried, switched on, put in order and taken away, each with its note of who did it."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from feedback.core import audit
from feedback.core.accounts import at_work
from feedback.core.directory import ChangedMeanwhile, NotTaken, Problem, hold
from feedback.core.links import Link
from feedback.core.people import Department, Person, Place, Topic, plain
from feedback.core.rules.model import NAMING, About, Condition, Does, Names, Rule, RuleRow, told
from feedback.core.submissions import Kind
from feedback.db import Base, new_id

MOST = 100
MOST_VALUES = 100  # of one condition, and departments that one rule lets know
LONGEST_WORD = 80
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
RATINGS = frozenset({About.RATING_AT_LEAST, About.RATING_AT_MOST})
TABLES: dict[str, type[Base]] = {
    About.TOPIC: Topic,
    About.PLACE: Place,
    About.DEPARTMENT: Department,
    About.LINK: Link,
    Does.SEND: Department,
    Does.HAND: Person,
    Does.INFORM: Department,
}


def listed(session: Session) -> Sequence[RuleRow]:
    """All rules in their order, those that are not switched on too."""
    statement = select(RuleRow).where(RuleRow.retired_at.is_(None))
    return session.scalars(statement.order_by(RuleRow.position, RuleRow.id)).all()


def standing(session: Session) -> list[Rule]:
    """The rules that are on, in their order, each told with its names."""
    rules = [row.rule for row in listed(session) if row.on_since is not None]
    return with_names(session, rules)


def with_names(session: Session, rules: Sequence[Rule]) -> list[Rule]:
    """The rules, each told with the names of the day."""
    called = names(session, rules)
    return [replace(rule, told=told(rule, called)) for rule in rules]


def one(session: Session, rule_id: int) -> RuleRow | None:
    """The rule of that id."""
    return session.scalar(select(RuleRow).where(RuleRow.id == rule_id, RuleRow.retired_at.is_(None)))


def mark(rule: Rule, *, is_on: bool) -> str:
    """A mark of the rule as it was shown; another means that someone changed it."""
    return hashlib.sha256(f"{told(rule, {})}{is_on}".encode()).hexdigest()[:16]


def names(session: Session, rules: Iterable[Rule]) -> Names:
    """The names of all that `rules` name, in one statement for each kind of thing."""
    wanted: dict[type[Base], set[int]] = {}
    said = list(_named(rules))
    for what, value in said:
        wanted.setdefault(TABLES[what], set()).add(int(value))
    called = {table: _names(session, table, ids) for table, ids in wanted.items()}
    return {(what, value): called[TABLES[what]].get(int(value), "–") for what, value in said}


def make(session: Session, rule: Rule, *, by_id: int, at: datetime) -> RuleRow:
    """A new rule, the last in order and not switched on; or the one that says the same already. Raises NotTaken."""
    hold(session)
    check(session, rule)
    rows = listed(session)
    same = next((row for row in rows if row.rule == rule), None)
    if same is not None:  # somebody pressed twice
        return same
    if len(rows) >= MOST:
        raise NotTaken([Problem("rule", "too_many_rules", {"most": str(MOST)})])
    made = RuleRow(id=new_id(at), position=rows[-1].position + 1 if rows else 1, made_at=at)
    made.put(rule)
    session.add(made)
    _note(session, made, "made", by_id, at)
    return made


def change(session: Session, row: RuleRow, rule: Rule, *, shown: str, by_id: int, at: datetime) -> None:
    """Let the rule say something else, on or not as it is. Raises NotTaken, ChangedMeanwhile."""
    if shown != mark(row.rule, is_on=row.on_since is not None):
        raise ChangedMeanwhile
    check(session, rule)
    if rule == row.rule:
        return
    row.put(rule)
    _note(session, row, "changed", by_id, at)


def switch(session: Session, row: RuleRow, *, is_on: bool, by_id: int, at: datetime) -> None:
    """Let the rule hold from now on, or no longer; doing it twice is no error."""
    if (row.on_since is not None) != is_on:
        row.on_since = at if is_on else None
        _note(session, row, "switched_on" if is_on else "switched_off", by_id, at)


def move(session: Session, row: RuleRow, *, earlier: bool, by_id: int, at: datetime) -> None:
    """Let the rule be asked one place earlier, or later; at the end of the list nothing changes."""
    rows = list(listed(session))
    place = rows.index(row)
    other = place - 1 if earlier else place + 1
    if not 0 <= other < len(rows):
        return
    rows[place], rows[other] = rows[other], rows[place]
    for position, each in enumerate(rows, 1):
        each.position = position
    _note(session, row, "moved_up" if earlier else "moved_down", by_id, at)


def take_away(session: Session, row: RuleRow, *, by_id: int, at: datetime) -> None:
    """Let there be no such rule any more; what it sent somewhere stays there."""
    _note(session, row, "removed", by_id, at)
    row.retired_at, row.on_since = at, None


def check(session: Session, rule: Rule) -> None:
    """Raises NotTaken where the rule cannot be kept as it is."""
    found = list(_problems(rule))
    if not found:
        found = list(_unknown(session, rule))
    if found:
        raise NotTaken(found)


def _note(session: Session, row: RuleRow, act: str, by_id: int, at: datetime) -> None:
    said = told(row.rule, names(session, [row.rule]))
    audit.note(session, "rule", row.id, act, at, by_id=by_id, details={"rule": said})


def _named(rules: Iterable[Rule]) -> Iterable[tuple[str, str]]:
    for rule in rules:
        for condition in rule.conditions:
            if condition.about in NAMING:
                yield from ((condition.about, value) for value in condition.values)
        for action in rule.actions:
            if action.does in NAMING:
                yield action.does, action.value


def _names(session: Session, table: type[Base], ids: set[int]) -> dict[int, str]:
    if table is Link:
        return {id: code for id, code in session.execute(select(Link.id, Link.code).where(Link.id.in_(ids)))}
    return {id: name for id, name in session.execute(select(table.id, table.name).where(table.id.in_(ids)))}  # type: ignore[attr-defined]


def _problems(rule: Rule) -> Iterable[Problem]:
    """What is wrong with what is written, whatever the organisation holds."""
    if not rule.conditions:
        yield Problem("rule", "no_condition")
    if not rule.actions:
        yield Problem("rule", "no_action")
    for condition in rule.conditions:
        yield from _misshapen(condition)
    if sum(action.does == Does.INFORM for action in rule.actions) > MOST_VALUES:
        yield Problem(Does.INFORM, "too_many_values", {"most": str(MOST_VALUES)})
    kinds = next((one.values for one in rule.conditions if one.about == About.KIND), ())
    if kinds == (Kind.COMPLIMENT,) and all(action.does in (Does.HAND, Does.GRADE) for action in rule.actions):
        yield Problem("rule", "nothing_for_compliments")
    ratings = {one.about: int(one.values[0]) for one in rule.conditions if one.about in RATINGS}
    if ratings.get(About.RATING_AT_LEAST, 1) > ratings.get(About.RATING_AT_MOST, 5):
        yield Problem("rating_at_most", "no_rating_left")


def _misshapen(condition: Condition) -> Iterable[Problem]:
    about, values = condition.about, condition.values
    if len(values) > MOST_VALUES:
        yield Problem(about, "too_many_values", {"most": str(MOST_VALUES)})
    if about == About.WORDS and any(len(word) > LONGEST_WORD for word in values):
        yield Problem(about, "too_long", {"most": str(LONGEST_WORD)})
    if about == About.WORDS and not all(plain(word).strip() for word in values):
        yield Problem(about, "no_word")  # nothing would be left of it, and nothing is found everywhere
    if about == About.TIME and not (len(values) == 2 and all(map(TIME.fullmatch, values)) and values[0] != values[1]):
        yield Problem(about, "no_time")


def _unknown(session: Session, rule: Rule) -> Iterable[Problem]:
    """Whatever the rule names and nobody can choose (any more)."""
    said: dict[str, set[int]] = {}
    for what, value in _named([rule]):
        said.setdefault(what, set()).add(int(value))
    for what, ids in said.items():
        if ids - set(session.scalars(_live(what).where(_id(what).in_(ids)))):
            yield Problem(what, "gone")


def _live(what: str) -> Select[int]:
    if what == Does.HAND:
        return at_work()
    if what == About.LINK:  # what a retired code still brings in may be meant
        return select(Link.id)
    table = TABLES[what]
    return select(table.id).where(table.retired_at.is_(None))  # type: ignore[attr-defined]


def _id(what: str) -> InstrumentedAttribute[int]:
    column: InstrumentedAttribute[int] = TABLES[what].id  # type: ignore[attr-defined]
    return column
