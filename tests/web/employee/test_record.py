"""What is kept about oneself: seen, taken along and challenged by everyone who signs in, whoever has left included."""

import json
import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from feedback import clock
from feedback.core import audit, withholding
from feedback.core.challenges import LONGEST, MOST_OPEN, Challenge
from feedback.core.people import Person
from feedback.core.praise import Praise
from feedback.db import Store
from tests.factories import BEGINNING, Cast
from tests.ground.pages import field_pairs, links, visible_text, well_formed
from tests.story import NO_IDS, arrives, at_work, concern, fill_in, statements, viewer

PAGE, PLAIN, SEND = "/account/record", "/account/record.json", "/account/record/challenges"
# Random in a page, and how long ago something was.
RANDOM = re.compile(r'name="csrf_token"[^>]*?value="[^"]*"|<time.*?</time>')
SIGNED = re.compile(r'"made_at": "[^"]*"')
LEFT = timedelta(days=29)


def held(store: Store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(Challenge)) or 0


def letter(store: Store, code: str, **said: object) -> int:
    number = arrives(store, code, kind="compliment", **said)
    with store.read() as session:
        return session.scalars(select(Praise.id).where(Praise.submission_id == number)).one()


def test_the_account_leads_there_and_all_is_in_plain_words(app: Flask, store: Store, cast: Cast) -> None:
    letter(store, cast.maria_link, message="So kind", at=BEGINNING)
    with store.write() as session:
        audit.note(session, "person", cast.maria, "addressed", BEGINNING, by_id=cast.anna, details={"name": "Maria"})
    maria = at_work(app, cast, "maria")
    assert PAGE in {link.href for link in links(maria.get("/account").text)}
    page = maria.get(PAGE)
    said = visible_text(page.text)
    assert well_formed(page.text) == []
    for known in ("Maria Lopez", "Kitchen", "maria@garden-house.example", cast.maria_link, "1 · January 5, 2026"):
        assert known in said
    assert "Changed the e-mail address of Maria" in said and "Anna" not in said
    assert page.headers["Cache-Control"] == "no-store" and "scrypt" not in page.text


def test_the_file_says_the_same_and_no_secret(app: Flask, store: Store, cast: Cast) -> None:
    letter(store, cast.maria_link, message="So kind")
    with store.write() as session:
        for n in range(15):
            audit.note(session, "person", cast.maria, "joined", BEGINNING, by_id=cast.maria, details={"name": str(n)})
    maria = at_work(app, cast, "maria")
    fill_in(maria, PAGE, SEND, part="mails", said="Not mine")
    answer = maria.get(PLAIN)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="record.json"'
    told = json.loads(answer.data)
    assert (told["format"], told["record"]["name"], told["letters"]["count"]) == (
        "firsthand-record/1",
        "Maria Lopez",
        1,
    )
    assert told["sign_in"]["sessions"] == 1 and len(told["changes"]) == 16
    assert {one["by"] for one in told["changes"]} == {"Maria Lopez"}
    assert [(one["part"], one["said"], one["answer"]) for one in told["challenges"]] == [("mails", "Not mine", None)]
    for secret in ("hash", "scrypt", "token", "secret"):
        assert secret not in answer.text


@pytest.mark.parametrize("has_left", [False, True])
def test_neither_changes_by_a_sign_for_what_may_not_be_seen(
    app: Flask, store: Store, cast: Cast, has_left: bool
) -> None:
    """Complaints about oneself of every kind, letters that wait and that were kept back, and the reasons."""
    letter(store, cast.maria_link, message="So kind")
    with store.write() as session:
        session.get_one(Person, cast.maria).retired_at = clock.now() - LEFT if has_left else None
    maria = at_work(app, cast, "maria")
    maria.get("/praise")
    before = [RANDOM.sub("", maria.get(PAGE).text), SIGNED.sub("", maria.get(PLAIN).text)]
    case = arrives(store, cast.maria_link, message="Maria was rude")
    arrives(store, cast.table_link, message="The waitress", person_id=cast.maria)
    concern(store, arrives(store, cast.kitchen_link, message="Later it was she"), cast.maria)
    letter(store, cast.maria_link, message="Nice, for once", rating=1)
    kept_back = letter(store, cast.maria_link, message="You moron")
    with store.write() as session:
        assert withholding.keep_back(session, viewer(store, cast.berta), kept_back, "An insult", BEGINNING)
    berta = at_work(app, cast, "berta")
    fill_in(berta, f"/cases/{case}", f"/cases/{case}/notes", text="Talk to Maria")
    after = [RANDOM.sub("", maria.get(PAGE).text), SIGNED.sub("", maria.get(PLAIN).text)]
    assert after == before


def test_what_is_wrong_is_said_and_its_answer_read(app: Flask, store: Store, cast: Cast) -> None:
    maria, berta = at_work(app, cast, "maria"), at_work(app, cast, "berta")
    answer = fill_in(maria, f"{PAGE}?part=absences", SEND, said=" I was here <b> ")
    assert answer.headers["Location"] == f"{PAGE}#challenges"
    page = maria.get(PAGE)
    said = visible_text(page.text)
    assert well_formed(page.text) == [] and "I was here <b>" in said and "Not answered yet" in said
    one = next(link.href for link in links(berta.get("/admin/challenges").text) if "/admin/challenges/" in link.href)
    assert fill_in(berta, one, f"{one}/answer", outcome="left", said="The plan says so").status_code == 303
    said = visible_text(maria.get(PAGE).text)
    assert "It stays as it is" in said and "The plan says so" in said and "Berta" not in said


def test_a_letter_leads_to_a_challenge_of_its_own(app: Flask, store: Store, cast: Cast) -> None:
    mine, together = letter(store, cast.maria_link, message="So kind"), letter(store, cast.kitchen_link)
    maria = at_work(app, cast, "maria")
    ways = {link.href for link in links(maria.get("/praise").text) if "letter=" in link.href}
    assert ways == {f"{PAGE}?letter={mine}#challenge"}
    assert "letter=" not in at_work(app, cast, "berta").get(f"/praise?person={cast.maria}").text
    page = maria.get(f"{PAGE}?letter={mine}")
    assert "So kind" in visible_text(page.text) and well_formed(page.text) == []
    assert fill_in(maria, f"{PAGE}?letter={mine}", SEND, said="Not me").status_code == 303
    with store.read() as session:
        found = session.scalars(select(Challenge)).one()
        assert (found.praise_id, found.part, found.said) == (mine, "letters", "Not me")
    karim = at_work(app, cast, "karim")
    for number in (mine, together, *NO_IDS):
        assert karim.get(f"{PAGE}?letter={number}").status_code == 404
        sent = dict(field_pairs(karim.get(PAGE).text, SEND)) | {"said": "Not me", "letter": str(number)}
        assert karim.post(SEND, data=sent).status_code == 404
    assert held(store) == 1


def test_what_is_wrong_with_it_is_told_beside_its_field(app: Flask, store: Store, cast: Cast) -> None:
    maria = at_work(app, cast, "maria")
    for wrong, told in (
        ({"said": "  "}, "Please write down what is wrong"),
        ({"said": "x" * (LONGEST + 1)}, "This is too long"),
        ({"said": "x\0"}, "characters that are not text"),
        ({"said": "x", "part": "secrets"}, "Please choose one of these."),
    ):
        answer = fill_in(maria, PAGE, SEND, **wrong)
        assert answer.status_code == 422 and told in visible_text(answer.text) and well_formed(answer.text) == []
    assert held(store) == 0


def test_there_is_an_end_to_what_waits_and_one_is_not_alone_with_it(app: Flask, store: Store, cast: Cast) -> None:
    maria = at_work(app, cast, "maria")
    for n in range(MOST_OPEN):
        assert fill_in(maria, PAGE, SEND, said=str(n)).status_code == 303
    refused = fill_in(maria, PAGE, SEND, said="One more")
    assert refused.status_code == 422 and "wait for an answer" in visible_text(refused.text)
    alone = fill_in(at_work(app, cast, "anna"), PAGE, SEND, said="Mine")
    assert alone.status_code == 422 and "Nobody but you" in visible_text(alone.text)
    assert held(store) == MOST_OPEN


def test_who_is_not_signed_in_and_who_brings_no_token_say_nothing(app: Flask, store: Store, cast: Cast) -> None:
    guest = app.test_client()
    assert guest.get(PAGE).headers["Location"].startswith("/sign-in")
    assert guest.post(SEND, data={"part": "mails", "said": "x"}).status_code in {303, 400}
    assert at_work(app, cast, "maria").post(SEND, data={"part": "mails", "said": "x"}).status_code == 400
    assert held(store) == 0


def test_who_has_left_sees_and_challenges_for_thirty_days(app: Flask, store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.get_one(Person, cast.maria).retired_at = BEGINNING
    with time_machine.travel(BEGINNING + LEFT, tick=False):
        maria = at_work(app, cast, "maria")
        page = maria.get(PAGE)
        assert well_formed(page.text) == [] and "Left on January 5, 2026" in " ".join(visible_text(page.text).split())
        assert fill_in(maria, PAGE, SEND, said="I left later").status_code == 303
        assert maria.get(PLAIN).status_code == 200
        assert "I left later" in visible_text(at_work(app, cast, "berta").get("/admin/challenges").text)
    with time_machine.travel(BEGINNING + LEFT + timedelta(days=2), tick=False):
        assert at_work(app, cast, "maria").get(PAGE).status_code == 303


def test_long_lists_are_paged_in_as_many_statements(app: Flask, store: Store, cast: Cast) -> None:
    maria = at_work(app, cast, "maria")
    fill(store, cast, 1)
    with statements(app) as few:
        maria.get(PAGE)
    fill(store, cast, 24)
    with statements(app) as many:
        first = maria.get(PAGE).text
    assert len(many) == len(few)
    assert count_on(maria, first, "after=", r"Renamed .*? to \d+") == 25
    assert count_on(maria, first, "before=", r"word \d+") == 25
    for text in NO_IDS:
        assert maria.get(f"{PAGE}?after={text}").status_code == 404


def fill(store: Store, cast: Cast, many: int) -> None:
    with store.write() as session:
        for n in range(many):
            at = BEGINNING + timedelta(minutes=n + 100 * many)
            details = {"was": "M", "name": str(n)}
            audit.note(session, "person", cast.maria, "renamed", at, by_id=cast.anna, details=details)
            session.add(Challenge(id=many * 1000 + n, person_id=cast.maria, part="mails", said=f"word {n}", at=at))


def count_on(browser: FlaskClient, page: str, way: str, what: str) -> int:
    """How often something stands on a page and those that follow it."""
    n = len(re.findall(what, visible_text(page)))
    older = [link.href for link in links(page) if way in link.href and "lang=" not in link.href]
    return n + (count_on(browser, browser.get(older[0]).text, way, what) if older else 0)
