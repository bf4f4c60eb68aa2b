"""Which of the organisation's own rules fit what was said, and what they ask for."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from feedback.core.people import plain
from feedback.core.routing import safety
from feedback.core.routing.model import NORMAL, Picture, Reason, Target
from feedback.core.rules import About, Does, Facts, Rule, fits
from feedback.core.submissions import Draft

FORESEEN = frozenset({About.KIND, About.PLACE, About.LINK})  # known before anything is said


def fitting(
    draft: Draft, target: Target, above: Sequence[int], picture: Picture, local: datetime | None
) -> tuple[Rule, ...]:
    """The rules that fit, in their order; `above` are the departments where it would go without them, nearest first.

    `local` is the moment where the organisation's clocks hang; without it no time of day is known.
    """
    if not picture.rules:
        return ()
    facts = _facts(draft, target, above, picture, local)
    return tuple(rule for rule in picture.rules if fits(rule, facts))


def can_lead_elsewhere(kind: str, target: Target, picture: Picture) -> bool:
    """Whether any rule could yet bring what is sent there to other readers, whatever will be said."""
    known = _facts(Draft(kind=kind), target, (), picture, None)
    return any(
        all(fits(Rule((one,), ()), known) for one in rule.conditions if one.about in FORESEEN)
        and any(action.does != Does.GRADE for action in rule.actions)
        for rule in picture.rules
    )


def asked(fitted: Sequence[Rule], does: Does) -> Iterator[tuple[str, Rule]]:
    """The values of all actions of one sort with their rules, in order."""
    return ((action.value, rule) for rule in fitted for action in rule.actions if action.does == does)


def sent(fitted: Sequence[Rule], picture: Picture) -> tuple[int, Reason] | None:
    """The department of the first rule that names one, and why."""
    for value, rule in asked(fitted, Does.SEND):
        department = picture.departments[int(value)]
        return department.id, ("rule_sends", {"department": department.name, "rule": rule.told})
    return None


def informed(fitted: Sequence[Rule], picture: Picture) -> Iterator[tuple[int, Reason]]:
    """The departments that read along by a rule, each with its reason."""
    for value, rule in asked(fitted, Does.INFORM):
        department = picture.departments[int(value)]
        yield department.id, ("rule_informs", {"department": department.name, "rule": rule.told})


def graded(fitted: Sequence[Rule], message: str) -> tuple[int, tuple[Reason, ...]]:
    """How severe it is: as the gravest of the rules says, or the worst of the words, with the reason for it."""
    grades: list[tuple[int, Reason]] = [
        (int(value), ("rule_grades", {"severity": value, "rule": rule.told}))
        for value, rule in asked(fitted, Does.GRADE)
    ]
    if found := safety.worst(message):
        severity, word = found
        grades.append((severity, ("grave_word", {"severity": str(severity), "word": word})))
    if not grades:
        return NORMAL, ()
    severity, reason = max(grades, key=lambda grade: grade[0])
    return severity, (reason,)


def _facts(draft: Draft, target: Target, above: Sequence[int], picture: Picture, local: datetime | None) -> Facts:
    places = picture.around.get(target.place_id, frozenset({target.place_id})) if target.place_id else ()
    return Facts(
        are={
            About.KIND: frozenset({draft.kind}),
            About.TOPIC: frozenset(map(str, draft.topic_ids)),
            About.PLACE: frozenset(map(str, places)),
            About.DEPARTMENT: frozenset(map(str, above)),
            About.LINK: frozenset({str(target.link_id)}),
            About.LANGUAGE: frozenset({draft.language, draft.language.partition("-")[0]}),
        },
        rating=draft.rating,
        text=plain(draft.message),
        minute=local.hour * 60 + local.minute if local else None,
    )
