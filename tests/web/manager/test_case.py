"""The sheet of one case: the words, the facts beside them, the reasons, and what is not for everyone."""

import pytest
from flask import Flask

from feedback.core.cases import Case
from feedback.core.submissions import Submission
from feedback.db import Store
from tests.factories import Cast, send
from tests.ground.pages import links, visible_text, well_formed
from tests.story import NO_IDS, arrives, at_work, fill_in, statements

CONTACT = {"contact_name": "Ed Moor", "contact_email": "ed@customer.example", "contact_phone": "+44 20 7946 0000"}


def sheet(app: Flask, cast: Cast, key: str, case: int) -> str:
    answer = at_work(app, cast, key).get(f"/cases/{case}")
    assert answer.status_code == 200, (key, answer.status)
    assert well_formed(answer.text) == []
    return visible_text(answer.text)


def given(store: Store, case: int, handler: int) -> None:
    with store.write() as session:
        session.get_one(Case, case).handler_id = handler


def test_the_words_the_facts_and_what_happened(app: Flask, store: Store, cast: Cast) -> None:
    case = arrives(
        store,
        cast.table_link,
        message="Cold soup.\n\nTwice <b>cold</b>.",
        person_id=cast.karim,
        topic_ids=(cast.missing_parts,),
        rating=2,
        language="de",
    )
    answer = at_work(app, cast, "berta").get(f"/cases/{case}")
    assert '<p class="words" dir="auto">Cold soup.\n\nTwice &lt;b&gt;cold&lt;/b&gt;.</p>' in answer.text
    shown = sheet(app, cast, "berta", case)
    for said in ("Complaint", "Table 4", "Missing parts", "Kitchen", "Karim Haddad", "Poor", "Deutsch", "Received"):
        assert said in shown, said


def test_every_route_says_why(app: Flask, store: Store, cast: Cast) -> None:
    named = arrives(store, cast.maria_link, topic_ids=(cast.missing_parts,))
    shown = sheet(app, cast, "berta", named)
    assert "It is about Maria, who works in Kitchen" in shown
    assert "To read along: Topic Missing parts belongs to Packing" in shown
    place = arrives(store, cast.table_link)
    assert "It was sent from Table 4, which Kitchen looks after" in sheet(app, cast, "berta", place)
    climbed = arrives(store, cast.kitchen_link, about_management=True)
    shown = sheet(app, cast, "dora", climbed)
    assert "It was sent to Kitchen" in shown
    assert "It concerns the managers of Kitchen, so it goes further up" in shown


@pytest.mark.parametrize(
    ("key", "agreed", "refused"),
    [
        ("berta", True, False),
        ("dora", True, False),
        ("karim", True, False),
        ("anna", True, True),
        ("paula", False, False),
    ],
)
def test_contact_data_is_for_those_who_answer_where_the_customer_agreed(
    app: Flask, store: Store, cast: Cast, key: str, agreed: bool, refused: bool
) -> None:
    for may, expected in ((True, agreed), (False, refused)):
        case = arrives(store, cast.maria_link, topic_ids=(cast.missing_parts,), **CONTACT, may_contact=may)
        given(store, case, cast.karim)
        page = at_work(app, cast, key).get(f"/cases/{case}").text
        assert {data in page for data in CONTACT.values()} == {expected}, may


def test_without_contact_data_it_says_so(app: Flask, store: Store, cast: Cast) -> None:
    assert "Gave no name, or does not want to be contacted." in sheet(
        app, cast, "berta", arrives(store, cast.maria_link)
    )
    case = arrives(store, cast.maria_link, **CONTACT)
    assert "The customer did not agree to be contacted." in sheet(app, cast, "anna", case)


def test_an_address_in_contact_data_leads_to_a_mail_and_nowhere_else(app: Flask, store: Store, cast: Cast) -> None:
    tricks = {"contact_email": "a@b.example?bcc=all@b.example&body=x", "contact_phone": "1;ext=2 javascript:alert(1)"}
    case = arrives(store, cast.maria_link, **tricks, may_contact=True)
    page = at_work(app, cast, "berta").get(f"/cases/{case}").text
    mails = [link.href for link in links(page) if link.href.startswith("mailto:")]
    assert not any("?" in mail or "&" in mail for mail in mails)
    assert all(link.href.startswith(("/", "?", "#", "mailto:", "tel:")) for link in links(page))


def test_those_who_read_along_get_no_forms(app: Flask, store: Store, cast: Cast) -> None:
    case = arrives(store, cast.maria_link, topic_ids=(cast.missing_parts,))
    shown = sheet(app, cast, "paula", case)
    assert "Hand over" not in shown
    assert "Write a note" not in shown
    assert "Nobody yet" in shown
    assert "Hand over" in sheet(app, cast, "berta", case)


def test_notes_stay_inside(app: Flask, store: Store, cast: Cast) -> None:
    customer = app.test_client()
    send(customer, cast.table_link, kind="complaint", message="Cold soup")
    receipt = next(link.href for link in links(customer.get("/thanks").text) if "/r#" in link.href).partition("#")[2]
    with store.read() as session:
        case = session.query(Submission.id).scalar()
    fill_in(at_work(app, cast, "berta"), f"/cases/{case}", f"/cases/{case}/notes", text="Ask the night cook")
    assert customer.post("/r", data={"receipt": receipt}).status_code == 303
    told = visible_text(customer.get("/r").text)
    assert "Cold soup" in told
    assert "night cook" not in told
    assert "Berta" not in told


def test_marks_say_what_is_doubtful(app: Flask, store: Store, cast: Cast) -> None:
    case = arrives(store, cast.kitchen_link, is_trapped=True, is_hasty=True, history=True)
    shown = sheet(app, cast, "berta", case)
    for mark in ("Perhaps sent by a program", "Sent within two seconds", "From an earlier time", "Closed"):
        assert mark in shown


def test_a_wrong_number_is_nothing(app: Flask, store: Store, cast: Cast) -> None:
    arrives(store, cast.kitchen_link)
    anna = at_work(app, cast, "anna")
    for number in (*NO_IDS, "0", "1", str(2**63 - 1), "1/", "..%2f1", "1;2", "%0a1"):
        assert anna.get(f"/cases/{number}").status_code == 404, number


def test_the_title_tells_tabs_apart(app: Flask, store: Store, cast: Cast) -> None:
    one, other = (arrives(store, cast.kitchen_link, message=words) for words in ("Cold soup", "</title><b>Late"))
    pages = [at_work(app, cast, "berta").get(f"/cases/{case}").text for case in (one, other)]
    titles = [page.partition("<title>")[2].partition("</title>")[0] for page in pages]
    assert titles[0] != titles[1]
    assert "<" not in titles[1]


def test_a_sheet_costs_the_same_however_much_happened(app: Flask, store: Store, cast: Cast) -> None:
    case = arrives(store, cast.table_link, topic_ids=(cast.cold_food, cast.missing_parts), **CONTACT)
    berta, costs = at_work(app, cast, "berta"), []
    for _ in range(2):
        fill_in(berta, f"/cases/{case}", f"/cases/{case}/notes", text="Ask the night cook")
        berta.get(f"/cases/{case}")
        with statements(app) as seen:
            berta.get(f"/cases/{case}")
        costs.append(len(seen))
        for number in range(4):
            fill_in(berta, f"/cases/{case}", f"/cases/{case}/notes", text=f"Note {number}")
    assert costs[0] == costs[1] < 50
