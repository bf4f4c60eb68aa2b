"""GET and POST /q/<code> after the organisation changed: seen on the next scan, in every process."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text

from feedback import clock
from feedback.core.links import changing, link_with_code, targets
from feedback.core.organisation import the_organisation
from feedback.core.people import Department, Management, Person
from feedback.core.routing import RouteRow
from feedback.core.submissions import Concern, Submission
from feedback.web.customer import token as tokens
from tests.factories import make_link, send, token_of
from tests.ground.pages import field_values, visible_text, well_formed
from tests.story import viewer
from tests.web.customer.conftest import Standing, opened
from tests.web.customer.hand import kept_words, rows, say, the_submission


def repoint(house: Standing, code: str, **target: int | None) -> None:
    with house.store.write() as session:
        link = link_with_code(session, code)
        assert link
        link.person_id = link.department_id = link.place_id = None
        for name, value in target.items():
            setattr(link, name, value)


def retire(house: Standing, code: str) -> None:
    with house.store.write() as session:
        link = link_with_code(session, code)
        assert link
        link.retired_at = clock.now()


def test_a_repointed_link_leads_elsewhere_on_the_next_scan_in_every_process(alone: Standing) -> None:
    code = alone.cast.maria_link
    with opened(alone.settings) as second:
        browsers = (alone.browser(), second.test_client())
        assert all("Maria" in browser.get(f"/q/{code}").text for browser in browsers)
        repoint(alone, code, person_id=alone.cast.karim)
        for browser in browsers:
            page = browser.get(f"/q/{code}").text
            assert "Karim" in page and "Maria" not in page
        repoint(alone, code, place_id=alone.cast.table)
        assert all("Table 4" in browser.get(f"/q/{code}").text for browser in browsers)


def point_elsewhere(house: Standing, at: datetime) -> None:
    """An admin points Maria's code at Karim."""
    anna = viewer(house.store, house.cast.anna)
    with house.store.write() as session:
        link = changing.to_change(session, anna, house.cast.link_ids["maria"])
        target = targets.one(session, anna, "person", house.cast.karim)
        assert link and target
        changing.repoint(session, anna, link, target, seen=changing.stamp(session, link), at=at)


@pytest.mark.parametrize("kind", ["compliment", "complaint"])
def test_a_form_opened_before_is_shown_again_with_whom_it_would_reach_now(alone: Standing, kind: str) -> None:
    browser, code, now = alone.browser(), alone.cast.maria_link, clock.now()
    opened_at = tokens.mint(code, now - timedelta(seconds=9), alone.settings.secret_key)
    point_elsewhere(alone, now - timedelta(seconds=5))
    answer = send(browser, code, kind=kind, message="About Maria", token=opened_at)
    assert answer.status_code == 409 and rows(alone.store)["submission"] == 0
    assert "leads elsewhere since you opened the page" in visible_text(answer.text) and "Karim" in answer.text
    kept = kept_words(answer)
    assert kept["message"] == "About Maria"
    assert browser.post(f"/q/{code}", data=kept).status_code == 303
    assert the_submission(alone.store).person_id == alone.cast.karim


def test_a_form_that_was_taken_before_is_thanked_for_once_more(alone: Standing) -> None:
    browser, code, now = alone.browser(), alone.cast.maria_link, clock.now()
    token = tokens.mint(code, now - timedelta(seconds=9), alone.settings.secret_key)
    receipt = say(browser, code, token=token)
    point_elsewhere(alone, now)
    assert say(browser, code, token=token) == receipt
    assert the_submission(alone.store).person_id == alone.cast.maria


def test_a_retired_link_helps_on_in_every_process_and_takes_nothing(alone: Standing) -> None:
    code = alone.cast.table_link
    with opened(alone.settings) as second:
        browsers = (alone.browser(), second.test_client())
        tokens = [token_of(browser, code) for browser in browsers]
        retire(alone, code)
        for browser, token in zip(browsers, tokens, strict=True):
            for answer in (browser.get(f"/q/{code}"), send(browser, code, kind="compliment", token=token)):
                assert answer.status_code == 410
                assert well_formed(answer.text) == []
                assert "no longer in use" in visible_text(answer.text)
                assert "Set-Cookie" not in answer.headers
    assert rows(alone.store)["submission"] == 0


@pytest.mark.parametrize("has_way", [True, False])
def test_words_sent_to_a_retired_link_stay_and_can_go_where_it_leads(alone: Standing, has_way: bool) -> None:
    browser, code, way = alone.browser(), alone.cast.table_link, alone.cast.kitchen_link
    told = {"kind": "complaint", "message": "The soup\n<b>was</b> cold", "contact_name": "Ilse", "person": "7"}
    token = token_of(browser, code)
    retire(alone, code)
    if not has_way:
        retire(alone, way)
    answer = send(browser, code, token=token, **told)
    assert answer.status_code == 410 and well_formed(answer.text) == []
    kept = field_values(answer.text)
    assert kept["message"] == told["message"] and "Your words are not sent yet" in visible_text(answer.text)
    assert ("contact_name" in kept, f'action="{way}"' in answer.text) == (has_way, has_way)
    if has_way:
        again = browser.post(f"/q/{way}", data=kept)
        filled = field_values(again.text)
        assert again.status_code == 422 and {name: filled[name] for name in ("kind", "message", "contact_name")} == {
            name: told[name] for name in ("kind", "message", "contact_name")
        }
        assert browser.post(f"/q/{way}", data=filled).status_code == 303
    assert rows(alone.store)["submission"] == has_way


def test_a_new_link_works_at_once(alone: Standing) -> None:
    browser = alone.browser()
    browser.get(f"/q/{alone.cast.maria_link}")
    with alone.store.read() as session:
        karim = session.get_one(Person, alone.cast.karim)
    link = make_link(alone.store, person=karim)
    assert "Karim" in browser.get(f"/q/{link.code}").text


@pytest.mark.parametrize("change", ["a name", "the organisation's name", "its colour", "the department's name"])
def test_what_a_page_shows_is_what_is_so_now(alone: Standing, change: str) -> None:
    browser, code = alone.browser(), alone.cast.maria_link
    before = browser.get(f"/q/{code}")
    with alone.store.write() as session:
        organisation = the_organisation(session)
        assert organisation
        if change == "a name":
            session.get_one(Person, alone.cast.maria).public_name = "Changed"
        elif change == "the department's name":
            session.get_one(Department, alone.cast.kitchen).name = "Changed"
        elif change == "the organisation's name":
            organisation.name = "Changed"
        else:
            organisation.accent = "#aa3300"
    after = browser.get(f"/q/{code}")
    if change == "its colour":
        assert "#aa3300" in after.text and "#aa3300" not in before.text
        assert before.headers["Content-Security-Policy"] != after.headers["Content-Security-Policy"]
    else:
        assert "Changed" in visible_text(after.text)


def test_the_code_of_someone_who_left_leads_to_those_they_worked_with(alone: Standing) -> None:
    with alone.store.write() as session:
        session.get_one(Person, alone.cast.maria).retired_at = clock.now()
    browser = alone.browser()
    page = browser.get(f"/q/{alone.cast.maria_link}").text
    assert "Maria" not in page and "Kitchen" in page
    say(browser, alone.cast.maria_link, message="Thanks")
    kept = the_submission(alone.store)
    assert (kept.person_id, kept.department_id) == (None, alone.cast.kitchen)


def test_where_nobody_could_read_a_complaint_the_form_says_so_and_promises_nothing(alone: Standing) -> None:
    """No manager anywhere, no admin, no reader outside."""
    with alone.store.write_rows() as connection:
        connection.execute(text("delete from management"))
        connection.execute(text("update account set is_admin = false"))
        connection.execute(text("update organisation set version = version + 1"))
    browser = alone.browser()
    said = visible_text(browser.get(f"/q/{alone.cast.table_link}").text)
    assert "for now nobody will read this" in said and "You hear back" not in said
    receipt = say(browser, alone.cast.table_link, kind="complaint", message="m")
    said = visible_text(browser.get("/thanks").text)
    assert "for now nobody reads this" in said and "You hear back" not in said
    browser.post("/r", data={"receipt": receipt})
    assert "for now nobody reads this" in visible_text(browser.get("/r").text)


def test_a_manager_who_came_today_is_told_of_a_complaint_sent_from_an_old_page(alone: Standing) -> None:
    browser = alone.browser()
    token = token_of(browser, alone.cast.maria_link)
    with alone.store.write() as session:
        session.delete(session.get_one(Management, (alone.cast.kitchen, alone.cast.berta)))
    say(browser, alone.cast.maria_link, kind="complaint", message="m", token=token)
    with alone.store.read() as session:
        assert session.scalars(select(RouteRow.department_id)).all() == [alone.cast.root]


def test_a_form_whose_person_is_gone_keeps_the_words_and_offers_the_others(alone: Standing) -> None:
    browser = alone.browser()
    token = token_of(browser, alone.cast.kitchen_link)
    with alone.store.write() as session:
        session.get_one(Person, alone.cast.karim).retired_at = clock.now()
    answer = send(
        browser, alone.cast.kitchen_link, kind="compliment", person=str(alone.cast.karim), message="Hi", token=token
    )
    assert answer.status_code == 422
    assert kept_words(answer)["message"] == "Hi"
    assert str(alone.cast.karim) not in answer.text


def test_a_store_without_an_organisation_leads_to_the_set_up_page(alone: Standing) -> None:
    with alone.store.write_rows() as connection:
        connection.execute(text("delete from organisation"))
    for path in (f"/q/{alone.cast.maria_link}", "/thanks", "/r", "/nothing"):
        answer = alone.browser().get(path)
        assert answer.status_code == 303 and answer.headers["Location"] == "/set-up", path


def box_of(page: str, part: str) -> str:
    """What the form says under "Who reads this", as usual or past the managers."""
    return visible_text(page.partition(f'<div class="{part}">')[2].partition("</div>")[0])


def test_what_the_form_says_of_readers_holds_for_every_choice(alone: Standing) -> None:
    """About the management of the Kitchen, with a topic of Packing: neither of the two reads it."""
    browser, cast = alone.browser(), alone.cast
    page = browser.get(f"/q/{cast.kitchen_link}").text
    usual, above = box_of(page, "as-usual"), box_of(page, "past-managers")
    for said in (usual, above):
        assert "What you choose or write can lead to other readers" in said
        assert "Whoever you choose or name in full does not see it." in said
        assert "You hear back within 3 working days." in said
        assert "about everyone who could read it" not in said
    assert "The managers of Kitchen will not see it." in above and "The managers of Kitchen will read this." in usual
    choices = ({}, {"topic": str(cast.missing_parts)}, {"person": str(cast.karim)}, {"person_note": "Dora Lang"})
    for choice in choices:
        say(browser, cast.kitchen_link, kind="complaint", message="m", about_management="1", **choice)
    with alone.store.read() as session:
        sent = set(session.scalars(select(Submission.id)))
        kept_from = set(session.scalars(select(Concern.submission_id).where(Concern.person_id == cast.berta)))
    assert len(sent) == 4 and kept_from == sent


def test_where_only_the_admin_is_there_the_management_does_not_read_about_itself(alone: Standing) -> None:
    with alone.store.write_rows() as connection:
        connection.execute(text("delete from management"))
        connection.execute(text("update organisation set version = version + 1"))
    browser = alone.browser()
    page = browser.get(f"/q/{alone.cast.table_link}").text
    usual, above = box_of(page, "as-usual"), box_of(page, "past-managers")
    assert "An administrator who is not concerned will read this." in usual and "You hear back" in usual
    assert "If it is about everyone who could read it, nobody reads it for now" in usual
    assert "for now nobody will read this" in above and "You hear back" not in above
    for fields in ({"about_management": "1"}, {"person_note": "Berg, Anna"}):
        receipt = say(browser, alone.cast.table_link, kind="complaint", message="m", **fields)
        said = visible_text(browser.get("/thanks").text)
        assert "for now nobody reads this" in said and "You hear back" not in said
        browser.post("/r", data={"receipt": receipt})
        assert "for now nobody reads this" in visible_text(browser.get("/r").text)
    with alone.store.read() as session:
        assert set(session.scalars(select(Concern.person_id))) == {alone.cast.anna}


def test_who_sends_doubtful_thanks_that_nobody_could_deliver_notices_nothing(alone: Standing) -> None:
    with alone.store.write_rows() as connection:
        connection.execute(text("delete from management"))
        connection.execute(text("update organisation set version = version + 1"))
    with alone.store.write() as session:
        anna = session.get_one(Person, alone.cast.anna)
    code = make_link(alone.store, person=anna).code
    browser = alone.browser()
    receipt = say(browser, code, kind="compliment", rating="1", message="m")
    assert "Anna will read this" in visible_text(browser.get("/thanks").text)
    browser.post("/r", data={"receipt": receipt})
    assert "kept" not in visible_text(browser.get("/r").text)
