"""A template put into a reply: in the customer's language, after what was typed, with nothing the writer may not see."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from feedback.core import history, replies
from feedback.core.cases import Case, Cause, Ending, Outcome, Remedy, Says, close
from feedback.core.organisation import Organisation, StaffNames
from feedback.core.people import Person
from feedback.core.replies import Template
from feedback.db import Store
from feedback.text import pgettext, speaking
from tests.conftest import fresh
from tests.factories import BEGINNING, Cast
from tests.ground.pages import field_values, visible_text, well_formed
from tests.story import NO_IDS, arrives, at_work, fill_in, token_for, viewer

TEXTS = {"en": "Dear {customer}, {staff} of {department} at {place}.", "de": "Guten Tag, {customer}, von {staff}."}
CONTACT = {"contact_name": "Ida <b> {staff}", "contact_email": "ida@home.example"}


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """One kind of store: what a page says does not depend on it, and what is kept is core's, tested on both."""
    with fresh(request, "sqlite", tmp_path) as url:
        yield url


@pytest.fixture
def template(store: Store, cast: Cast) -> int:
    with store.write() as session:
        session.get_one(Organisation, 1).staff_names = StaffNames.PUBLIC
        return replies.make(session, Template("Thanks", Says.ASKED, TEXTS), BEGINNING, by_id=cast.anna)


def draft(app: Flask, cast: Cast, case: int, template: object, by: str = "berta", **typed: str):
    page = f"/cases/{case}"
    browser = at_work(app, cast, by)
    filled = field_values(browser.get(page).text, f"{page}/replies") | typed | {"template": str(template)}
    return browser.post(f"{page}/draft", data=filled)


def text_of(answer) -> str:
    assert answer.status_code == 200 and well_formed(answer.text) == []
    action = answer.request.path.replace("/draft", "/replies")
    return field_values(answer.text, action)["text"].strip()


def test_it_fills_the_field_and_nothing_is_sent(app: Flask, store: Store, cast: Cast, template: int) -> None:
    case = arrives(store, cast.table_link, **CONTACT, may_contact=True)
    answer = draft(app, cast, case, template)
    assert text_of(answer) == "Dear Ida <b> {staff}, Berta of Kitchen at Table 4." and "Ida <b>" not in answer.text
    assert field_values(answer.text, f"/cases/{case}/replies")["says"] == "asked"
    with store.read() as session:
        assert len(history.events_of(session, case)) == 1


def test_it_comes_after_what_was_typed(app: Flask, store: Store, cast: Cast, template: int) -> None:
    case = arrives(store, cast.kitchen_link, language="de")
    answer = draft(app, cast, case, template, text="Hallo!\n", says="answered", version="1")
    with speaking("de"):
        nameless = pgettext("in place of a name", "customer")
    assert text_of(answer).splitlines() == ["Hallo!", "", f"Guten Tag, {nameless}, von Berta."]
    shown = field_values(answer.text, f"/cases/{case}/replies")
    assert (shown["says"], shown["version"]) == ("answered", "1")


def test_whoever_reads_another_language_gets_the_organisations(
    app: Flask, store: Store, cast: Cast, template: int
) -> None:
    case = arrives(store, cast.kitchen_link, language="ar")
    answer = draft(app, cast, case, template)
    assert text_of(answer).startswith("Dear customer")
    assert "The customer wrote in العربية. There is no such text, so this one is in English." in visible_text(
        answer.text
    )


def test_a_name_that_is_not_theirs_to_see_is_not_put_in(app: Flask, store: Store, cast: Cast, template: int) -> None:
    case = arrives(store, cast.kitchen_link, **CONTACT)
    assert "Ida" not in draft(app, cast, case, template).text
    assert text_of(draft(app, cast, case, template, by="anna")).startswith("Dear Ida")


def test_who_writes_is_said_as_the_organisation_chose(app: Flask, store: Store, cast: Cast, template: int) -> None:
    case = arrives(store, cast.kitchen_link)
    for how, signed in (("full", "Berta Stein"), ("department", "Kitchen"), ("nobody", "Garden House")):
        with store.write() as session:
            session.get_one(Organisation, 1).staff_names = how
        assert f", {signed} of" in text_of(draft(app, cast, case, template))


def test_who_may_not_work_on_it_gets_nothing(app: Flask, store: Store, cast: Cast, template: int) -> None:
    case = arrives(store, cast.maria_link)
    for key in ("maria", "karim", "paula"):
        browser = at_work(app, cast, key)
        fields = {"csrf_token": token_for(browser), "template": str(template)}
        assert browser.post(f"/cases/{case}/draft", data=fields).status_code == 404


def test_what_is_no_template_keeps_the_words(app: Flask, store: Store, cast: Cast, template: int) -> None:
    case = arrives(store, cast.kitchen_link)
    berta = at_work(app, cast, "berta")
    page = f"/cases/{case}"
    filled = field_values(berta.get(page).text, f"{page}/replies") | {"text": "My words"}
    for wrong in ("", "12345", NO_IDS[0]):
        answer = berta.post(f"{page}/draft", data=filled | {"template": wrong})
        assert answer.status_code == 422 and "My words" in answer.text and "Please choose." in visible_text(answer.text)
    with store.write() as session:
        ending = Ending(Outcome.UPHELD, Cause.OTHER, Remedy.NONE)
        close(session, viewer(store, cast.anna), session.get_one(Case, case), ending, version=1, at=BEGINNING)
    for act in ("draft", "replies"):
        answer = berta.post(f"{page}/{act}", data=filled | {"template": str(template)})
        assert (
            answer.status_code == 409
            and "My words" in answer.text
            and "Your words, not sent" in visible_text(answer.text)
        )


def test_without_templates_nothing_is_offered(app: Flask, store: Store, cast: Cast) -> None:
    case = arrives(store, cast.kitchen_link)
    assert "/draft" not in at_work(app, cast, "berta").get(f"/cases/{case}").text


def test_a_name_in_a_reply_is_not_shared_with_whom_it_is_about(app: Flask, store: Store, cast: Cast) -> None:
    case = arrives(store, cast.maria_link, contact_name="Ida  Winter", contact_email="i@home.example", may_contact=True)
    berta, page = at_work(app, cast, "berta"), f"/cases/{case}"
    said = "Dear Ms Winter, I am Berta. Bertas garden, Ida Winter, is fine in winter."
    fill_in(berta, page, f"{page}/replies", text=said, says="answered")
    fill_in(berta, page, f"{page}/closure", outcome="upheld", cause="other", remedy="none")
    assert fill_in(berta, page, f"{page}/share").status_code == 303
    shown = visible_text(at_work(app, cast, "maria").get(f"{page}/shared").text)
    assert "Dear Ms …, I am …. Bertas garden, …, is fine in winter." in shown
    with store.read() as session:
        assert session.scalars(select(Person.name).where(Person.id == cast.berta)).one() in shown  # who shared it


@pytest.mark.parametrize("left", ["What went wrong: …", "What went wrong:  … \r\nYours", "ما الذي حدث: …"])
def test_what_a_template_leaves_open_is_not_sent(app: Flask, store: Store, cast: Cast, left: str) -> None:
    case = arrives(store, cast.table_link)
    browser, page = at_work(app, cast, "berta"), f"/cases/{case}"
    filled = field_values(browser.get(page).text, f"{page}/replies")
    answer = browser.post(f"{page}/replies", data=filled | {"text": f"Dear customer\r\n{left}"})
    assert answer.status_code == 422 and "fill in what stands as “…”" in visible_text(answer.text)
    sent = browser.post(f"{page}/replies", data=filled | {"text": "Well … we are sorry: it was us …"})
    assert sent.status_code == 303
