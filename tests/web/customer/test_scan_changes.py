"""GET and POST /q/<code> after the organisation changed: seen on the next scan, in every process."""

import pytest
from sqlalchemy import select, text

from feedback import clock
from feedback.core.links import link_with_code
from feedback.core.organisation import the_organisation
from feedback.core.people import Department, Management, Person
from feedback.core.routing import RouteRow
from tests.factories import make_link, send, token_of
from tests.ground.pages import visible_text, well_formed
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


def test_a_form_opened_before_goes_to_whom_the_link_points_at_now(alone: Standing) -> None:
    browser = alone.browser()
    token = token_of(browser, alone.cast.maria_link)
    repoint(alone, alone.cast.maria_link, person_id=alone.cast.karim)
    say(browser, alone.cast.maria_link, token=token)
    assert the_submission(alone.store).person_id == alone.cast.karim


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


def test_a_store_without_an_organisation_answers_in_words(alone: Standing) -> None:
    with alone.store.write_rows() as connection:
        connection.execute(text("delete from organisation"))
    for path in (f"/q/{alone.cast.maria_link}", "/thanks", "/r", "/nothing"):
        answer = alone.browser().get(path)
        assert answer.status_code in (200, 404), path
        assert well_formed(answer.text) == []
