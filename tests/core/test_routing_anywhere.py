"""Routing in every organisation one could think of: nobody judges in their own case, and nothing gets lost."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.core.absences import Away
from feedback.core.routing import Picture, Purpose, Target, Unit, decide
from feedback.core.rules import About, Action, Condition, Does, Rule
from feedback.core.submissions import Draft, Kind

UNITS, STAFF, TOPICS = range(1, 6), range(11, 17), range(21, 24)
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
Story = tuple[Draft, Target, Picture]


def some(mask: int) -> tuple[int, ...]:
    """Those of the staff whose bit is set."""
    return tuple(person for bit, person in enumerate(STAFF) if mask >> bit & 1)


def one(byte: int, ids: range) -> int | None:
    """One of `ids`, or none."""
    return (None, *ids)[byte % (len(ids) + 1)]


def rule_of(when: int, does: int, value: int) -> Rule:
    """Any rule: two conditions at most, two actions at most."""
    conditions = [
        Condition(About.KIND, tuple(kind for bit, kind in enumerate(Kind) if when >> bit & 1) or ("complaint",)),
        Condition(About.RATING_AT_MOST, (str(1 + (when >> 3) % 5),)),
        Condition(About.DEPARTMENT, (str(1 + (when >> 5) % 5),)),
    ]
    actions = [
        Action(Does.SEND, str(one(1 + value % 5, UNITS))),
        Action(Does.HAND, str(STAFF[value % len(STAFF)])),
        Action(Does.INFORM, str(one(1 + (value >> 3) % 5, UNITS))),
        Action(Does.GRADE, str(1 + value % 4)),
    ]
    return Rule(tuple(conditions[: when % 3]), (actions[does % 4], actions[(does >> 2) % 4]))


def absence_of(byte: int) -> tuple[Away, ...]:
    """Away on the day of the story, perhaps with someone who stands in."""
    return (Away(NOW.date(), NOW.date(), one(byte, STAFF)),)


def story_of(chance: bytes) -> Story:
    """Any organisation and submission: several roots, loops, admins who manage, those above them missing."""
    more = iter(chance)
    draw = more.__next__
    units = {id: Unit(id, f"Department {id}", one(draw(), UNITS), some(draw())) for id in UNITS}
    picture = Picture(
        departments=units,
        root=one(draw(), UNITS),
        names={person: f"Person {person}" for person in STAFF},
        people={person: home for person in STAFF if (home := one(draw(), UNITS))},
        topics={topic: (f"Topic {topic}", one(draw(), UNITS) or 1) for topic in TOPICS},
        members={id: some(draw()) for id in UNITS},
        admins=some(draw()),
        outside_reader=[None, "ombud@example.org"][draw() % 2],
        known_as={person: (f"Person {person}", f"P{person}") for person in STAFF},
        rules=tuple(rule_of(draw(), draw(), draw()) for _ in range(draw() % 4)),
        able=frozenset(some(draw())),
        away={person: absence_of(draw()) for person in some(draw())},
    )
    linked, named, flags = one(draw(), STAFF), one(draw(), STAFF), draw()
    draft = Draft(
        kind=list(Kind)[draw() % 3],
        message="-",
        person_id=named if named in picture.people else None,
        topic_ids=tuple(topic for _ in range(flags % 4) if (topic := one(draw(), TOPICS))),
        rating=[None, 1, 3, 5][flags >> 2 & 3],
        about_management=bool(flags & 16),
        is_trapped=bool(flags & 32),
    )
    linked = linked if linked in picture.people else None
    return draft, Target(linked, picture.people[linked] if linked else one(draw(), UNITS)), picture


stories = st.binary(min_size=64, max_size=64).map(story_of)
always = settings(derandomize=True, max_examples=400, deadline=None, database=None)


@always
@given(stories)
def test_nobody_ever_judges_in_their_own_case(story: Story) -> None:
    draft, target, picture = story
    found = decide(draft, target, picture, NOW)
    assert found.handler_id is None or found.handler_id not in found.concerned
    praised = draft.kind == Kind.COMPLIMENT
    named = draft.person_id or target.person_id
    assert praised or named is None or named in found.concerned
    for route in found.routes:
        if not praised:
            assert not found.concerned & set(route.readers)
            assert route.person_id is None
        if route.purpose in (Purpose.HOLDS, Purpose.TELLS):
            assert named not in route.readers


@always
@given(stories)
def test_every_complaint_has_one_place_and_every_decision_is_the_same_again(story: Story) -> None:
    draft, target, picture = story
    found = decide(draft, target, picture, NOW)
    assert found == decide(draft, target, picture, NOW)
    if draft.kind != Kind.COMPLIMENT:
        assert found == decide(draft, target, picture, NOW, concerned=found.concerned)
    if draft.kind != Kind.COMPLIMENT:
        ends = [r for r in found.routes if r.purpose in (Purpose.HANDLES, Purpose.KEEPS)]
        assert ends == list(found.routes[:1])
        assert (ends[0].purpose == Purpose.HANDLES) == bool(ends[0].readers or ends[0].address)
        assert all(route.purpose == Purpose.INFORMS for route in found.routes[1:])
    reached = [(r.purpose, r.department_id, r.person_id) for r in found.routes]
    assert len(reached) == len(set(reached))
    assert all(route.reasons for route in found.routes)


@always
@given(stories)
def test_its_management_never_reads_what_is_about_its_management(story: Story) -> None:
    draft, target, picture = story
    found = decide(replace(draft, kind=Kind.COMPLAINT, about_management=True), target, picture, NOW)
    start = picture.people.get(draft.person_id or target.person_id or 0)
    start = start or (picture.topics[draft.topic_ids[0]][1] if draft.topic_ids else None)
    unit = picture.departments.get(start or target.department_id or picture.root or 0)
    if unit:
        assert found.handler_id not in unit.managers
        assert not set(unit.managers) & {reader for route in found.routes for reader in route.readers}
