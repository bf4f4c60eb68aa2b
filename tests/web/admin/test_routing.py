"""The pages of routing rules: tried before they are kept, kept in order, each change in the log."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from feedback import clock
from feedback.core.cases import Case
from feedback.core.people import Topic
from feedback.core.rules import About, Does, RuleRow
from feedback.db import Store
from tests.factories import Cast
from tests.ground.pages import field_pairs, visible_text, well_formed
from tests.story import NO_IDS, arrives, at_work, fill_in, form_of

PAGE, NEW = "/admin/routing", "/admin/routing/new"


def rules(store: Store) -> list[RuleRow]:
    with store.read() as session:
        return list(session.scalars(select(RuleRow).where(RuleRow.retired_at.is_(None)).order_by(RuleRow.position)))


def sent(page: str, action: str, button: str) -> MultiDict[str, str]:
    """What the form of a page holds, sent by one of its buttons."""
    return MultiDict([*field_pairs(page, action), (button, "yes")])


def kept(browser: FlaskClient, cast: Cast, *, word: str = "refund", button: str = "on") -> None:
    """Fill in a new rule, look at its dry run, and keep it."""
    tried = fill_in(browser, NEW, NEW, kinds="complaint", words=word, send=str(cast.packing), grade="4")
    assert tried.status_code == 200, visible_text(tried.text)
    answer = browser.post(NEW, data=sent(tried.text, NEW, button))
    assert answer.status_code == 303, visible_text(answer.text)


def test_the_page_says_what_holds_without_rules(app: Flask, cast: Cast) -> None:
    page = at_work(app, cast, "anna").get(PAGE)
    assert page.status_code == 200 and well_formed(page.text) == []
    assert "Nobody judges their own case" in visible_text(page.text)


def test_a_rule_is_tried_then_kept_then_holds(app: Flask, store: Store, cast: Cast) -> None:
    before = arrives(store, cast.kitchen_link, message="My refund never came")
    arrives(store, cast.kitchen_link, message="It was cold")
    anna = at_work(app, cast, "anna")
    tried = fill_in(anna, NEW, NEW, kinds="complaint", words="refund\nmoney", send=str(cast.packing), grade="4")
    text = visible_text(tried.text)
    assert tried.status_code == 200 and well_formed(tried.text) == [] and rules(store) == []
    said = "When it is a complaint and it says “refund” or “money”: send it to Packing and take it as critical."
    assert said in text
    assert "Tried on the last 2 submissions that you may read. 1 fits the rule. 1 would have gone another way." in text
    assert "My refund never came" in text and "It was cold" not in text
    assert "Answered by Kitchen" in text and "Answered by Packing" in text and "Severity: Critical" in text
    answer = anna.post(NEW, data=sent(tried.text, NEW, "on"))
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert said in visible_text(anna.get(PAGE).text)
    during = arrives(store, cast.kitchen_link, message="Refund!")
    with store.read() as session:
        assert session.get_one(Case, during).department_id == cast.packing
        assert session.get_one(Case, before).department_id == cast.kitchen
    assert "Switched on: When it is a complaint" in visible_text(anna.get("/admin/audit").text)
    case = visible_text(at_work(app, cast, "paula").get(f"/cases/{during}").text)
    assert "A rule sends it to Packing: when it is a complaint and it says “refund” or “money”" in case
    assert "A rule makes its severity “Critical”" in case


def test_nothing_is_kept_that_was_not_tried_as_it_is(app: Flask, store: Store, cast: Cast) -> None:
    anna = at_work(app, cast, "anna")
    tried = fill_in(anna, NEW, NEW, words="refund", send=str(cast.packing))
    shown = dict(field_pairs(tried.text, NEW)) | {"words": "everything", "on": "yes"}
    again = anna.post(NEW, data=shown)
    assert again.status_code == 200 and rules(store) == []
    assert "the rule is another one than you last looked at" in visible_text(again.text)
    assert anna.post(NEW, data=sent(again.text, NEW, "keep")).status_code == 303
    (row,) = rules(store)
    assert row.on_since is None and row.rule.conditions[0].values == ("everything",)


def test_everything_that_can_be_chosen_is_kept_and_shown_again(app: Flask, store: Store, cast: Cast) -> None:
    anna = at_work(app, cast, "anna")
    chosen = {
        "kinds": "suggestion",
        "topics": str(cast.cold_food),
        "places": str(cast.terrace),
        "departments": str(cast.kitchen),
        "codes": f"https://x.example/Q/{cast.table_link.lower()}",
        "rating_at_least": "2",
        "rating_at_most": "4",
        "languages": "de",
        "words": " two   words \n\nübel",
        "time_from": "22:00",
        "time_until": "06:00",
        "send": str(cast.packing),
        "hand": str(cast.hans),
        "grade": "3",
        "informs": str(cast.root),
    }
    tried = fill_in(anna, NEW, NEW, **chosen)
    assert tried.status_code == 200, visible_text(tried.text)
    assert anna.post(NEW, data=sent(tried.text, NEW, "keep")).status_code == 303
    (row,) = rules(store)
    assert {one.about for one in row.rule.conditions} == set(About)
    assert {one.does for one in row.rule.actions} == set(Does)
    said = {one.about: one.values for one in row.rule.conditions}
    assert said[About.WORDS] == ("two words", "übel") and said[About.LINK] == (str(cast.link_ids["table"]),)
    page = anna.get(f"{PAGE}/{row.id}")
    again = fill_in(anna, f"{PAGE}/{row.id}", f"{PAGE}/{row.id}/details")
    assert again.status_code == 200 and well_formed(page.text) == []
    assert (
        anna.post(f"{PAGE}/{row.id}/details", data=sent(again.text, f"{PAGE}/{row.id}/details", "keep")).status_code
        == 303
    )
    assert rules(store)[0].rule == row.rule


def test_a_rule_is_switched_moved_and_taken_away(app: Flask, store: Store, cast: Cast) -> None:
    anna = at_work(app, cast, "anna")
    kept(anna, cast)
    kept(anna, cast, word="late", button="keep")
    first, second = rules(store)
    assert first.on_since and not second.on_since
    for act, fields in (("activation", {}), ("position", {"where": "earlier"})):
        page = f"{PAGE}/{second.id}" if act == "activation" else PAGE
        assert fill_in(anna, page, f"{PAGE}/{second.id}/{act}", **fields).status_code == 303
    assert [row.id for row in rules(store)] == [second.id, first.id] and rules(store)[0].on_since
    assert fill_in(anna, PAGE, f"{PAGE}/{first.id}/deactivation").status_code == 303
    assert fill_in(anna, f"{PAGE}/{first.id}", f"{PAGE}/{first.id}/removal").status_code == 303
    assert [row.id for row in rules(store)] == [second.id]
    assert anna.get(f"{PAGE}/{first.id}").status_code == 404


def test_a_dry_run_of_a_change_names_those_it_takes_the_case_from(app: Flask, store: Store, cast: Cast) -> None:
    anna = at_work(app, cast, "anna")
    tried = fill_in(anna, NEW, NEW, words="refund", send=str(cast.packing), hand=str(cast.hans))
    assert anna.post(NEW, data=sent(tried.text, NEW, "on")).status_code == 303
    arrives(store, cast.kitchen_link, message="refund")
    (row,) = rules(store)
    page = f"{PAGE}/{row.id}"
    again = fill_in(anna, page, f"{page}/details", send="", hand=str(cast.karim))
    text = visible_text(again.text)
    assert again.status_code == 200 and "1 would have gone another way" in text
    for said in ("Answered by Packing", "Handled by Hans Weber", "Answered by Kitchen", "Handled by Karim Haddad"):
        assert said in text


def test_more_than_a_rule_can_hold_is_refused(app: Flask, store: Store, cast: Cast) -> None:
    anna, many = at_work(app, cast, "anna"), range(70_000)  # more than a statement can ask PostgreSQL for
    codes = fill_in(anna, NEW, NEW, codes=" ".join(f"{n:08}" for n in many), grade="3")
    assert codes.status_code == 422 and "too long" in visible_text(codes.text)
    form = MultiDict(field_pairs(anna.get(NEW).text, NEW))
    form["words"] = "refund"
    form.setlist("informs", [str(n) for n in many[:101]])
    informs = anna.post(NEW, data=form)
    assert informs.status_code == 422 and "100 are the most" in visible_text(informs.text)
    assert rules(store) == []


def test_of_two_who_change_it_at_once_the_second_is_told(app: Flask, store: Store, cast: Cast) -> None:
    anna = at_work(app, cast, "anna")
    kept(anna, cast)
    (row,) = rules(store)
    details = f"{PAGE}/{row.id}/details"
    first = fill_in(anna, f"{PAGE}/{row.id}", details, words="late")
    second = fill_in(anna, f"{PAGE}/{row.id}", details, words="never")
    assert anna.post(details, data=sent(first.text, details, "keep")).status_code == 303
    refused = anna.post(details, data=sent(second.text, details, "keep"))
    assert refused.status_code == 409 and "Someone changed this" in visible_text(refused.text)
    assert rules(store)[0].rule.conditions[1].values == ("late",)


def test_what_is_wrong_is_said_beside_its_field_and_the_rest_is_kept(app: Flask, store: Store, cast: Cast) -> None:
    anna = at_work(app, cast, "anna")
    for fields, said in (
        ({}, "Say when the rule is to hold"),
        ({"words": "x"}, "Say what is to happen"),
        ({"words": "x", "grade": "9"}, "Not a valid choice"),
        ({"words": "x", "send": "77"}, "There is nothing of this name to choose"),
        ({"words": "x", "grade": "3", "time_from": "late", "time_until": "06:00"}, "Choose both times"),
        ({"words": "x", "grade": "3", "codes": "NOPE"}, "Nobody knows this code: NOPE"),
        ({"words": "x\0", "grade": "3"}, "characters that are not text"),
        ({"topics": "12345", "grade": "3"}, "cannot be chosen any more"),
        ({"kinds": "compliment", "grade": "3"}, "Compliments have no handler and no severity"),
    ):
        answer = fill_in(anna, NEW, NEW, **fields)
        assert answer.status_code == 422 and said in visible_text(answer.text), fields
        assert well_formed(answer.text) == [] and "Please check" in answer.text
    assert "refund" in fill_in(anna, NEW, NEW, words="refund").text
    assert rules(store) == []


@pytest.mark.parametrize("field", ["topics", "places", "departments", "informs", "topic_more", "send", "hand"])
def test_what_is_no_number_names_nothing_and_breaks_nothing(app: Flask, cast: Cast, field: str) -> None:
    page, anna = "/admin/routing/new", at_work(app, cast, "anna")
    form = form_of(anna, page, page, words="cold", grade="4")
    for text in (*NO_IDS, "9" * 5000, "9" * 19):
        form[field] = text
        answer = anna.post(page, data=form)
        assert answer.status_code in (200, 422), text[:20]


def test_only_admins_may(app: Flask, store: Store, cast: Cast) -> None:
    anna, dora = at_work(app, cast, "anna"), at_work(app, cast, "dora")
    kept(anna, cast)
    (row,) = rules(store)
    token = dict(field_pairs(dora.get("/admin/absences").text, "/admin/absences"))["csrf_token"]
    for address in ("new", f"{row.id}/details", f"{row.id}/deactivation", f"{row.id}/removal", f"{row.id}/position"):
        assert dora.post(f"{PAGE}/{address}", data={"csrf_token": token}).status_code == 404
    assert dora.get(PAGE).status_code == 404 and rules(store)[0].on_since


def test_there_is_no_rule_of_a_strange_number(app: Flask, cast: Cast) -> None:
    anna = at_work(app, cast, "anna")
    for number in (*NO_IDS, "12345"):
        assert anna.get(f"{PAGE}/{number}").status_code == 404


def test_the_form_no_longer_promises_what_a_rule_may_change(app: Flask, store: Store, cast: Cast) -> None:
    said = "What you choose or write can lead to other readers"
    anna, customer = at_work(app, cast, "anna"), app.test_client()
    with store.write() as session:
        for topic in (cast.cold_food, cast.missing_parts):
            session.get_one(Topic, topic).retired_at = clock.now()
    assert said not in visible_text(customer.get(f"/q/{cast.maria_link}").text)
    kept(anna, cast)
    assert said in visible_text(customer.get(f"/q/{cast.maria_link}").text)
