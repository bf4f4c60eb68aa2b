"""POST /q/<code> with fields of another kind: what the page hides for a kind is not there, whatever was typed in it."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from feedback.core.links import link_with_code, offer
from feedback.core.people import Department, Person
from feedback.core.praise import Praise
from feedback.core.submissions import Contact, Kind, SubmissionTopic
from feedback.db import Store
from feedback.web.customer.form import Reader
from feedback.web.customer.paper import HIDDEN
from feedback.web.forms.body import Sent
from tests.factories import Cast, make_link, send
from tests.ground.tree import PageText
from tests.web.customer.conftest import Standing
from tests.web.customer.hand import WORDS, kept_words, say, submissions, the_submission

KIND_BY_CLASS = {name: kind for kind, name in HIDDEN.items()}
OF_COMPLAINTS = {
    "contact_name": "x" * 201, "contact_email": "no address", "contact_phone": "1" * 41, "may_contact": "maybe",
    "about_management": "maybe", "happened_at": "yesterday, about noon",
}  # fmt: skip


def shown(page: str, kind: Kind) -> set[str]:
    """The fields that the page does not hide for a kind, where its CSS can hide any."""
    fields = [element for element in PageText(page).elements if element.attributes.get("name") and element.kind]
    return {
        field.attributes["name"]
        for field in fields
        if field.tag in {"input", "textarea"}
        and kind not in {KIND_BY_CLASS.get(word) for outer in field.above() for word in _classes(outer.attributes)}
    }


def _classes(attributes: dict[str, str]) -> list[str]:
    return attributes.get("class", "").split()


def asked(store: Store, code: str, kind: Kind, names: set[str]) -> set[str]:
    """Those of the fields that are read when that kind is sent."""
    with store.read() as session:
        link = link_with_code(session, code)
        assert link
        reader = Reader(Sent({"kind": [kind]}), offer(session, link))
    return {name for name in names if reader.asks(name)}


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("link", ["maria", "kitchen", "table"])
def test_what_is_read_is_what_the_page_shows(
    client: FlaskClient, cast: Cast, store: Store, link: str, kind: Kind
) -> None:
    code = getattr(cast, f"{link}_link")
    page = client.get(f"/q/{code}").text
    everything = {name for each in Kind for name in shown(page, each)}
    assert shown(page, kind) == asked(store, code, kind, everything)
    assert ("topic" in shown(page, kind)) == (kind != Kind.COMPLIMENT)


def test_a_topic_picked_before_the_customer_changed_their_mind_stays_behind(
    client: FlaskClient, cast: Cast, store: Store
) -> None:
    for code in (cast.table_link, cast.kitchen_link, cast.maria_link):
        say(client, code, kind="compliment", topic=str(cast.missing_parts))
    with store.read() as session:
        assert session.scalars(select(SubmissionTopic)).all() == []
        assert set(session.scalars(select(Praise.department_id))) == {cast.kitchen}


def test_where_nobody_can_be_named_thanks_ask_what_they_are_for(alone: Standing) -> None:
    with alone.store.write() as session:
        session.get_one(Person, alone.cast.hans).is_shown_on_forms = False
        packing = session.get_one(Department, alone.cast.packing)
    code = make_link(alone.store, department=packing).code
    browser = alone.browser()
    assert "topic" in shown(browser.get(f"/q/{code}").text, Kind.COMPLIMENT)
    assert asked(alone.store, code, Kind.COMPLIMENT, {"topic"}) == {"topic"}
    say(browser, code, kind="compliment", topic=str(alone.cast.cold_food))
    with alone.store.read() as session:
        assert set(session.scalars(select(Praise.department_id))) == {alone.cast.packing, alone.cast.kitchen}


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("compliment", OF_COMPLAINTS | {"topic": "no topic"}),
        ("compliment", {"topic": "1"}),
        ("complaint", {"may_share": "maybe"}),
        ("suggestion", {"rating": "6", "person": "1", "person_note": "x" * 201, "may_share": "maybe"}),
        ("suggestion", {"about_management": "maybe", "happened_at": "yesterday"}),
    ],
)
def test_what_is_wrong_in_them_holds_nothing_up(
    client: FlaskClient, cast: Cast, store: Store, kind: str, fields: dict[str, str]
) -> None:
    say(client, cast.table_link, kind=kind, message=WORDS, **fields)
    assert the_submission(store).message == WORDS
    with store.read() as session:
        assert session.scalars(select(Contact)).all() == []


def test_the_same_thanks_with_other_leftovers_are_the_same(client: FlaskClient, cast: Cast, store: Store) -> None:
    token = kept_words(client.get(f"/q/{cast.table_link}"))["token"]
    first = say(client, cast.table_link, kind="compliment", token=token, topic=str(cast.cold_food))
    assert say(client, cast.table_link, kind="compliment", token=token, contact_name="Ida") == first
    assert len(submissions(store)) == 1


def test_leftovers_come_back_with_the_form_for_the_kind_they_were_typed_for(client: FlaskClient, cast: Cast) -> None:
    answer = send(client, cast.table_link, kind="compliment", contact_name="Ida", rating="6")
    assert answer.status_code == 422
    assert kept_words(answer)["contact_name"] == "Ida"


def test_before_a_kind_is_chosen_everything_is_looked_at(client: FlaskClient, cast: Cast) -> None:
    answer = send(client, cast.table_link, kind="", contact_email="no address", rating="6")
    assert all(f'href="#{name}"' in answer.text for name in ("kind", "contact_email", "rating"))
