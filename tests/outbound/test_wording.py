"""Wording: every name that core keeps has a sentence, names stay whole in it, and customers hear who reads."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from feedback.core import conversations, routing
from feedback.core.abuse import Abuse
from feedback.core.cases import Status
from feedback.core.routing import Decision, Picture, Purpose, Route, RouteRow, Target, Unit
from feedback.core.submissions import Draft, Kind
from feedback.outbound import wording
from feedback.text import speaking

ROOT = Path(__file__).parent.parent.parent / "feedback"
CORE, SUBMISSIONS = ROOT / "core", ROOT / "core" / "submissions.py"
# What a reason holds that is no name: a rule as it was told, and how severe it made a case.
TOLD = {"rule": '[[["topic", ["<rule>"]]], [["grade", "3"]]]', "severity": "3"}
HEAD, KITCHEN, PACKING = 1, 2, 3
MARIA, BERTA, PAULA, DORA, ANNA = 11, 12, 13, 14, 15
TOPIC = 21
PLACEHOLDER = re.compile(r"%\((\w+)\)s")

PICTURE = Picture(
    departments={
        HEAD: Unit(HEAD, "Garden House", None, (DORA,)),
        KITCHEN: Unit(KITCHEN, "Kitchen", HEAD, (BERTA,)),
        PACKING: Unit(PACKING, "Packing", HEAD, (PAULA,)),
    },
    root=HEAD,
    names={MARIA: "Maria", DORA: "Dora"},
    people={MARIA: KITCHEN, DORA: HEAD},
    topics={TOPIC: ("Missing parts", PACKING)},
    admins=(ANNA,),
)
NAMES = {"departments": {HEAD: "Garden House", KITCHEN: "Kitchen", PACKING: "Packing"}, "people": {MARIA: "Maria"}}
AT_KITCHEN = Target(department_id=KITCHEN)
ALONE = replace(PICTURE, departments={HEAD: Unit(HEAD, "Garden House", None, (DORA,))}, admins=(DORA,))


def complaint(**fields: object) -> Draft:
    return replace(Draft(kind=Kind.COMPLAINT, message="It was cold."), **fields)  # type: ignore[arg-type]


def told(decision: Decision, kind: Kind = Kind.COMPLAINT, *, is_sent: bool = True) -> list[str]:
    return wording.readers(decision.routes, kind=kind, names=NAMES, is_sent=is_sent)


def reason_names() -> Iterator[tuple[str, set[str]]]:
    """Every reason that routing gives, with the names of its details: pairs of a name and a mapping."""
    for file in sorted(file for name in ("routing", "addressing", "praise") for file in (CORE / name).glob("*.py")):
        yield from reasons_in(ast.parse(file.read_text(encoding="utf-8")))


def reasons_in(tree: ast.Module) -> Iterator[tuple[str, set[str]]]:
    """Those that one module gives."""
    named = {
        t.id: n.value for n in ast.walk(tree) if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple) and len(node.elts) == 2:
            name, details = (named.get(e.id, e) if isinstance(e, ast.Name) else e for e in node.elts)
            if isinstance(details, ast.Dict) and isinstance(name, ast.Constant | ast.IfExp):
                keys = {str(key.value) for key in details.keys if isinstance(key, ast.Constant)}
                ways = [name.body, name.orelse] if isinstance(name, ast.IfExp) else [name]
                yield from ((str(way.value), keys) for way in ways if isinstance(way, ast.Constant))


def event_names() -> set[str]:
    """Every event that core adds to a history."""
    found = {"received"}
    for file in (ROOT / "core").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("history.add", "history.add_to_all"):
                for name in node.args[2:3]:
                    ways = [name.body, name.orelse] if isinstance(name, ast.IfExp) else [name]
                    found |= {str(way.value) for way in ways if isinstance(way, ast.Constant)}
    return found


def problem_names() -> set[str]:
    """Every problem that core finds in a draft, and every one that forms of customers note by themselves."""
    found = set(re.findall(r'found\["\w+"\] = "(\w+)"', SUBMISSIONS.read_text(encoding="utf-8")))
    for file in [*(ROOT / "web" / "customer").glob("*.py"), *(ROOT / "web" / "forms").glob("*.py")]:
        source = file.read_text(encoding="utf-8")
        for pattern in (r'problems\.setdefault\([^,]+, "(\w+)"\)', r'problem="(\w+)"', r'"(token_\w+)"'):
            found |= set(re.findall(pattern, source))
    return found


def test_the_names_are_found_where_core_keeps_them() -> None:
    assert {name for name, _ in reason_names()} >= {
        "praised_person",
        "managers_concerned",
        "no_manager",
        "held",
        "nobody_found",
    }
    assert event_names() >= {"received", "assigned", "noted", "passed_on", "receipt_mailed", "handed_back", "named"}
    assert problem_names() >= {
        "choose_kind",
        "say_what_happened",
        "too_long",
        "not_offered",
        "not_text",
        "token_expired",
    }


@pytest.mark.parametrize(("name", "details"), list(reason_names()))
def test_every_reason_has_a_sentence_with_all_its_names(name: str, details: set[str]) -> None:
    sentence = wording.reason(name, {key: TOLD.get(key, f"<{key}>") for key in details})
    used = set(PLACEHOLDER.findall(wording.REASONS[name]()))
    assert used <= details
    assert all(f"<{key}>" in sentence for key in used - {"severity"}) and "%(" not in sentence


@pytest.mark.parametrize("look", list(Abuse))
def test_whatever_words_look_like_has_a_sentence(look: Abuse) -> None:
    assert wording.reason(f"looks_like_{look}", {}).startswith("These words look like ")


@pytest.mark.parametrize("by", ["Berta", None])
@pytest.mark.parametrize("name", sorted(event_names()))
def test_every_event_has_a_sentence_with_and_without_its_author(name: str, by: str | None) -> None:
    assert "%" not in wording.step(name, {"handler": "Sam"}, by)
    assert "%" not in wording.step(name, {}, by)


@pytest.mark.parametrize("name", sorted(problem_names()))
def test_every_problem_says_what_to_do(name: str) -> None:
    assert "Please" in wording.problem(name) or "please" in wording.problem(name) or "should" in wording.problem(name)


@pytest.mark.parametrize("name", sorted(conversations.PUBLIC | {"read"}))
def test_every_public_step_has_a_sentence(name: str) -> None:
    assert "%" not in wording.customer_step(name, {"reader": "Maria"})


def test_every_kind_status_rating_and_severity_has_a_word() -> None:
    assert [wording.kind(kind) for kind in Kind] == ["Compliment", "Complaint", "Suggestion"]
    assert [wording.status(status) for status in Status] == [
        "Received",
        "Acknowledged",
        "In progress",
        "Answered",
        "Closed",
    ]
    assert [wording.rating(n) for n in range(1, 6)] == [
        "Very poor",
        "Poor",
        "Neither good nor poor",
        "Good",
        "Very good",
    ]
    assert [wording.severity(n) for n in range(1, 5)] == ["Minor", "Normal", "Serious", "Critical"]


def test_a_reason_reads_as_a_manager_would_say_it() -> None:
    assert wording.reason("topic", {"topic": "Missing parts", "department": "Packing"}) == (
        "Topic Missing parts belongs to Packing"
    )


def test_a_route_tells_all_its_reasons_in_a_line() -> None:
    decision = routing.decide(complaint(person_id=DORA), AT_KITCHEN, PICTURE)
    assert wording.route(decision.routes[0]) == (
        "It is about Dora, who works in Garden House. It concerns the managers of Garden House, so it goes further up. "
        "No manager could take it, so it goes to an administrator who is not concerned"
    )


def test_a_route_reads_the_same_from_the_store() -> None:
    route = routing.decide(complaint(topic_ids=(TOPIC,)), AT_KITCHEN, PICTURE).routes[0]
    kept = RouteRow(purpose=route.purpose, reasons=[[name, dict(details)] for name, details in route.reasons])
    assert wording.route(kept) == wording.route(route) == "Topic Missing parts belongs to Packing"


def test_who_took_a_case_is_told_without_saying_the_name_twice() -> None:
    assert wording.step("assigned", {"handler": "Sam"}, "Berta") == "Berta asked Sam to handle this"
    assert wording.step("assigned", {"handler": "Sam"}, "Sam") == "Sam took this on"
    assert wording.step("assigned", {"handler": "Sam"}, None) == "Sam handles this now"
    assert wording.step("assigned", {}, "Berta") == "Berta left this without a handler"


def test_a_name_with_a_percent_sign_stays_as_it_is() -> None:
    assert wording.reason("department", {"department": "100 % (s) %s"}) == "It was sent to 100 % (s) %s"


def test_a_name_that_runs_the_other_way_is_isolated_and_one_that_does_not_is_left_alone() -> None:
    assert wording.reason("praised_person", {"person": "كريم"}) == "The customer thanked \u2068كريم\u2069"
    assert wording.reason("praised_person", {"person": "Maria"}) == "The customer thanked Maria"
    assert "\u2068" in wording.reason("praised_person", {"person": "a\u202eb"})
    with speaking("ar"):
        assert "\u2068Maria\u2069" in wording.reason("praised_person", {"person": "Maria"})
        assert "\u2068" not in wording.reason("praised_person", {"person": "كريم"})


def test_praise_for_a_person_says_that_they_and_their_managers_will_read_it() -> None:
    decision = routing.decide(Draft(kind=Kind.COMPLIMENT), Target(person_id=MARIA), PICTURE)
    assert told(decision, Kind.COMPLIMENT) == ["Maria will read this.", "The managers of Kitchen will read it too."]


def test_praise_for_a_department_says_that_everyone_will_read_it() -> None:
    decision = routing.decide(Draft(kind=Kind.COMPLIMENT), AT_KITCHEN, PICTURE)
    assert told(decision, Kind.COMPLIMENT) == ["Everyone in Kitchen will read this."]


def test_praise_that_reaches_nobody_is_kept() -> None:
    assert told(Decision(()), Kind.COMPLIMENT) == ["Thank you. Your words are kept safe."]


@pytest.mark.parametrize(
    ("is_sent", "sentence"),
    [
        (False, "The managers of Kitchen will read this; Maria will not see it."),
        (True, "The managers of Kitchen read this; Maria does not see it."),
    ],
)
def test_a_complaint_about_a_person_says_that_they_do_not_see_it(is_sent: bool, sentence: str) -> None:
    decision = routing.decide(complaint(), Target(person_id=MARIA), PICTURE)
    assert told(decision, is_sent=is_sent) == [sentence]


def test_a_complaint_with_two_topics_says_who_reads_along() -> None:
    picture = replace(PICTURE, topics={TOPIC: ("Missing parts", PACKING), 22: ("Cold food", KITCHEN)})
    decision = routing.decide(complaint(topic_ids=(22, TOPIC)), AT_KITCHEN, picture)
    assert told(decision) == ["The managers of Kitchen read this.", "The managers of Packing read it too."]
    assert told(decision, is_sent=False)[1] == "The managers of Packing will read it too."


def test_a_complaint_about_the_management_says_that_it_does_not_see_it() -> None:
    decision = routing.decide(complaint(about_management=True), AT_KITCHEN, PICTURE)
    assert told(decision) == ["The managers of Garden House read this.", "The managers of Kitchen do not see it."]


def test_where_no_manager_is_free_an_administrator_reads_it() -> None:
    decision = routing.decide(complaint(), Target(person_id=DORA), PICTURE)
    assert told(decision) == [
        "An administrator who is not concerned reads this.",
        "Dora does not see it.",
        "The managers of Garden House do not see it.",
    ]


def test_where_nobody_inside_is_free_the_outside_reader_is_named() -> None:
    picture = replace(ALONE, outside_reader="listener@example.org")
    decision = routing.decide(complaint(), Target(person_id=DORA), picture)
    assert told(decision)[0] == "Someone outside the organisation reads this: listener@example.org"


@pytest.mark.parametrize("is_sent", [True, False])
def test_where_nobody_is_free_it_says_so_and_nothing_else(is_sent: bool) -> None:
    decision = routing.decide(complaint(), Target(person_id=DORA), ALONE)
    (sentence,) = told(decision, is_sent=is_sent)
    assert sentence.startswith("Nobody here is free of a conflict of interest, so for now nobody ")


def test_what_became_of_it_is_said_in_one_sentence() -> None:
    praise = routing.decide(Draft(kind=Kind.COMPLIMENT), Target(person_id=MARIA), PICTURE).routes
    kept = [Route(Purpose.KEEPS, (("nobody_free", {}),))]
    handled = [Route(Purpose.HANDLES, (("department", {"department": "Kitchen"}),), KITCHEN)]
    assert wording.state(Kind.COMPLIMENT, None, praise, NAMES) == "Your words went to Maria."
    assert wording.state(Kind.COMPLIMENT, None, [], NAMES) == "Your words are kept safe."
    assert wording.state(Kind.COMPLAINT, Status.RECEIVED, kept, NAMES).startswith("Nobody here is free")
    assert wording.state(Kind.COMPLAINT, Status.IN_PROGRESS, handled, NAMES) == "Someone is looking into it."
    assert wording.state(Kind.COMPLAINT, Status.CLOSED, kept, NAMES) == "This is closed."
    sentences = {wording.state(Kind.SUGGESTION, status, handled, NAMES) for status in (*wording.STATUSES, None)}
    assert len(sentences) == len(wording.STATUSES)


def test_every_sentence_is_a_literal_that_translators_get_to_see() -> None:
    for file in (ROOT / "outbound").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"_", "gettext", "ngettext", "pgettext"}:
                texts = node.args[:2] if ast.unparse(node.func) == "ngettext" else node.args  # behind them, how many
                assert all(isinstance(given, ast.Constant) for given in texts), ast.unparse(node)
