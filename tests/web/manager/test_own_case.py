"""Nobody judges in their own case: what concerns someone is nowhere in what they can reach.

Each story runs from the customer's form on, and everywhere words could come out is looked at: lists, counts,
searches, the address typed by hand, writes, menus, mails, and what the customer is told.
"""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from feedback.core.access import viewer_of
from feedback.core.accounts import Account
from feedback.core.cases import Case
from feedback.core.notices import Notice
from feedback.core.people import Management, Person
from feedback.core.submissions import Submission
from feedback.db import Store
from feedback.outbound.errands import Desk, Withdrawn
from tests.factories import Cast, send
from tests.ground.pages import field_values, links, visible_text
from tests.story import arrives, at_work, concern

WORDS = "Zucchini thrown at me"
EVERYONE = ("maria", "karim", "berta", "paula", "hans", "dora", "anna")


def complain(app: Flask, store: Store, code: str, **fields: object) -> int:
    """A complaint sent by the form; returns its number."""
    answer = send(app.test_client(), code, kind="complaint", message=WORDS, **fields)
    assert answer.status_code == 303
    with store.read() as session:
        return session.scalars(select(Submission.id)).one()


def found_by(app: Flask, cast: Cast, key: str, cases: dict[int, str]) -> set[int]:
    """Which of these cases (with their words) that person finds: each of them everywhere or nowhere."""
    browser = at_work(app, cast, key)
    found = {case for case in cases if browser.get(f"/cases/{case}").status_code == 200}
    for way in ("/cases", "/cases?q=zucchini", "/cases?status=received&kind=complaint"):
        page = browser.get(way).text
        listed = {case for case, words in cases.items() if words in page or f"/cases/{case}" in page}
        assert listed == found, (key, way)
        counted = [line for line in visible_text(page).splitlines() if re.fullmatch(r"\d+ cases?", line)]
        assert counted == ([f"{len(found)} case{'s' * (len(found) > 1)}"] if found else []), (key, way)
    if len(found) < len(cases):
        own = browser.get("/praise").text
        assert not any(words in own for words in cases.values())
        fields = {"csrf_token": field_values(own, "/sign-out")["csrf_token"], "text": "Mine"}
        for case in cases.keys() - found:
            assert browser.post(f"/cases/{case}/notes", data=fields).status_code == 404, key
    return found


def finders(app: Flask, cast: Cast, case: int, *concerned: str) -> list[str]:
    """Who finds the case at its address; those it concerns are followed everywhere else too."""
    for key in concerned:
        assert found_by(app, cast, key, {case: WORDS}) == set()
    return [key for key in EVERYONE if at_work(app, cast, key).get(f"/cases/{case}").status_code == 200]


def owed(store: Store, cast: Cast) -> list[str]:
    """Who would get a mail now."""
    names = {getattr(cast, key): key for key in EVERYONE}
    with store.read() as session:
        notices = session.scalars(select(Notice).order_by(Notice.id)).all()
        desk, found = Desk(session, notices), []
        for notice in notices:
            try:
                desk.errand(notice)
                found.append(names[notice.person_id] if notice.person_id else notice.address or "")
            except Withdrawn:
                pass
    return found


def test_through_her_own_link(app: Flask, store: Store, cast: Cast) -> None:
    case = complain(app, store, cast.maria_link)
    assert finders(app, cast, case, "maria") == ["berta", "dora", "anna"]


def test_by_her_tile_on_the_form_of_a_place(app: Flask, store: Store, cast: Cast) -> None:
    case = complain(app, store, cast.table_link, person=cast.maria)
    assert finders(app, cast, case, "maria") == ["berta", "dora", "anna"]


def test_about_the_manager_by_name_it_climbs(app: Flask, store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.get_one(Person, cast.berta).is_shown_on_forms = True
    case = complain(app, store, cast.kitchen_link, person=cast.berta, topic=cast.missing_parts)
    assert finders(app, cast, case, "berta") == ["paula", "dora", "anna"]


def test_about_the_management_it_climbs(app: Flask, store: Store, cast: Cast) -> None:
    case = complain(app, store, cast.kitchen_link, about_management="1")
    assert finders(app, cast, case, "berta") == ["dora", "anna"]


def test_about_the_director_it_is_the_administrators(app: Flask, store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.get_one(Person, cast.dora).is_shown_on_forms = True
        session.get_one(Person, cast.dora).department_id = cast.kitchen
        session.add(Management(department_id=cast.kitchen, person_id=cast.dora))
        session.delete(session.get_one(Management, (cast.kitchen, cast.berta)))
    case = complain(app, store, cast.kitchen_link, person=cast.dora)
    assert finders(app, cast, case, "dora") == ["anna"]


def test_about_the_administrator_it_is_the_managers(app: Flask, store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.get_one(Person, cast.anna).is_shown_on_forms = True
        session.get_one(Person, cast.anna).department_id = cast.kitchen
    case = complain(app, store, cast.kitchen_link, person=cast.anna)
    assert finders(app, cast, case, "anna") == ["berta", "dora"]


def test_where_nobody_is_free_it_waits_for_someone_who_is_and_the_customer_is_told(
    app: Flask, store: Store, cast: Cast
) -> None:
    with store.write() as session:
        for person_id in (cast.berta, cast.dora):
            session.get_one(Account, person_id).is_admin = True
        session.add(Management(department_id=cast.kitchen, person_id=cast.anna))
        session.add(Management(department_id=cast.kitchen, person_id=cast.dora))
    customer = app.test_client()
    answer = send(customer, cast.kitchen_link, kind="complaint", message=WORDS, about_management="1")
    assert answer.status_code == 303
    assert "Nobody here is free of a conflict of interest" in visible_text(customer.get("/thanks").text)
    with store.read() as session:
        case = session.scalars(select(Case.id)).one()
    assert finders(app, cast, case, "berta", "dora", "anna") == []
    with store.write() as session:
        session.get_one(Account, cast.karim).is_admin = True
    assert finders(app, cast, case, "berta") == ["karim"]


def test_whom_it_is_found_to_concern_later_loses_it_at_once(app: Flask, store: Store, cast: Cast) -> None:
    """The handler asked to look into it, the manager, the one who reads along, the head, the admin."""
    seers, topics = ("karim", "berta", "paula", "dora", "anna"), (cast.cold_food, cast.missing_parts)
    about = {key: arrives(store, cast.kitchen_link, message=f"{WORDS} by {key}", topic_ids=topics) for key in seers}
    with store.write() as session:
        for case in about.values():
            session.get_one(Case, case).handler_id = cast.karim
    browsers = {key: at_work(app, cast, key) for key in seers}
    assert [browsers[key].get(f"/cases/{about[key]}").status_code for key in seers] == [200] * 5
    for key, case in about.items():
        concern(store, case, getattr(cast, key))
    assert [browsers[key].get(f"/cases/{about[key]}").status_code for key in seers] == [404] * 5
    words = {case: f"{WORDS} by {key}" for key, case in about.items()}
    for key in EVERYONE:
        own = {about[key]} if key in about else set(words)
        assert found_by(app, cast, key, words) == set(words) - own


def test_no_mail_leaves_for_whom_it_concerns(app: Flask, store: Store, cast: Cast) -> None:
    arrives(store, cast.maria_link, message=WORDS, topic_ids=(cast.missing_parts,))
    assert owed(store, cast) == ["berta", "paula"]


def test_nor_when_it_is_found_out_before_the_mail_is_sent(app: Flask, store: Store, cast: Cast) -> None:
    case = arrives(store, cast.kitchen_link, message=WORDS, topic_ids=(cast.cold_food, cast.missing_parts))
    assert owed(store, cast) == ["berta", "paula"]
    concern(store, case, cast.paula)
    assert owed(store, cast) == ["berta"]


def test_a_menu_does_not_betray_it(app: Flask, store: Store, cast: Cast) -> None:
    case = arrives(store, cast.kitchen_link, message=WORDS)
    with store.write() as session:
        session.get_one(Case, case).handler_id = cast.karim
    karim = at_work(app, cast, "karim")
    assert "/cases" in [link.href for link in links(karim.get("/praise").text)]
    concern(store, case, cast.karim)
    assert "/cases" not in [link.href for link in links(karim.get("/praise").text)]


def test_a_manager_is_not_offered_as_handler_of_what_concerns_them(app: Flask, store: Store, cast: Cast) -> None:
    case = arrives(store, cast.kitchen_link, message=WORDS, about_management=True)
    page = at_work(app, cast, "anna").get(f"/cases/{case}").text
    assert "Berta Stein</option>" not in page


def test_becoming_a_manager_opens_no_case_about_oneself(app: Flask, store: Store, cast: Cast) -> None:
    case = complain(app, store, cast.maria_link)
    with store.write() as session:
        session.add(Management(department_id=cast.kitchen, person_id=cast.maria))
        session.add(Management(department_id=cast.root, person_id=cast.maria))
        session.get_one(Account, cast.maria).is_admin = True
    with store.read() as session:
        found = viewer_of(session, session.get_one(Person, cast.maria), session.get_one(Account, cast.maria))
    assert found.is_admin
    assert cast.kitchen in found.managed
    assert finders(app, cast, case, "maria") == ["berta", "dora", "anna"]


@pytest.mark.parametrize("key", ["maria", "karim"])
def test_nor_one_in_which_they_were_only_described(app: Flask, store: Store, cast: Cast, key: str) -> None:
    with store.write() as session:
        person = session.get_one(Person, getattr(cast, key))
        person.email = None  # without an address one is known by name all the same
    case = complain(app, store, cast.table_link, person_note=f"It was {person.name}, I think")
    with store.write() as session:
        session.add(Management(department_id=cast.kitchen, person_id=person.id))
    assert finders(app, cast, case, key) == ["berta", "dora", "anna"]


def test_signing_in_to_it_leads_to_nothing(app: Flask, store: Store, cast: Cast) -> None:
    case = complain(app, store, cast.maria_link)
    door = app.test_client().get(f"/cases/{case}")
    assert door.headers["Location"] == f"/sign-in?next=/cases/{case}"
    assert at_work(app, cast, "maria").get(f"/cases/{case}").status_code == 404
