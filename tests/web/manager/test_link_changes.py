"""What may become of a link: pointed elsewhere, set, retired, brought back, issued anew; who may, and what two see."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from feedback import create_app
from feedback.config import Settings
from feedback.core import audit
from feedback.core.links import Link
from feedback.core.people import Person, Topic
from feedback.core.submissions import Submission
from feedback.db import Store
from feedback.web import NAME
from tests.factories import BEGINNING, Cast, send
from tests.ground.pages import field_values, links, visible_text, well_formed
from tests.story import NO_IDS, arrives, at_once, at_work, fill_in, statements, token_for

NOUNS = {
    "target": {"target": "person-1"},
    "settings": {"topic": "", "language": "de"},
    "retirement": {"retired": "yes"},
    "reissue": {"old": "keep"},
}
MEANWHILE = "Someone changed this link meanwhile. What they did is below; yours was not kept."
State = tuple[object, ...]


def seen(browser, number: int) -> dict[str, str]:
    """What every form of the page carries: the token and the mark of how the link was shown."""
    values = field_values(browser.get(f"/links/{number}").text, f"/links/{number}/settings")
    return {name: values[name] for name in ("csrf_token", "seen")}


def state(store: Store, number: int) -> State:
    with store.read() as session:
        link = session.get_one(Link, number)
        steps = [entry.act for entry in audit.of_one(session, "link", number)]
        return link.points_at, link.target_id, link.topic_id, link.language, link.retired_at, link.successor_id, steps


def test_a_code_leads_elsewhere_from_the_next_scan_in_every_process(
    app: Flask, store: Store, settings: Settings, cast: Cast
) -> None:
    number, code = cast.link_ids["maria"], cast.maria_link
    second = create_app(settings)
    processes = (app.test_client(), second.test_client())
    assert all("Maria" in process.get(f"/q/{code}").text for process in processes)
    before = arrives(store, code, kind="compliment")
    answer = fill_in(
        at_work(app, cast, "berta"), f"/links/{number}", f"/links/{number}/target", target=f"person-{cast.karim}"
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/links/{number}")
    for process in processes:
        shown = process.get(f"/q/{code}").text
        assert "Karim" in shown and "Maria" not in shown
    second.extensions[NAME].store.close()
    with store.read() as session:
        assert session.get_one(Submission, before).person_id == cast.maria
    said = visible_text(at_work(app, cast, "dora").get(f"/links/{number}").text)
    assert f"Pointed the code {code} from Maria to Karim Haddad" in said and "Berta Stein" in said


def test_a_manager_points_within_own_departments_an_admin_anywhere(app: Flask, store: Store, cast: Cast) -> None:
    number = cast.link_ids["kitchen"]
    before = state(store, number)
    berta, anna = at_work(app, cast, "berta"), at_work(app, cast, "anna")
    for chosen in (f"person-{cast.hans}", f"department-{cast.packing}", f"department-{cast.root}", "person-1"):
        answer = berta.post(f"/links/{number}/target", data=seen(berta, number) | {"target": chosen})
        assert answer.status_code == 422, chosen
        assert "not yours to point at" in visible_text(answer.text) and well_formed(answer.text) == []
    assert state(store, number) == before
    assert f"person-{cast.hans}" not in berta.get(f"/links/{number}?find=hans").text
    assert f"person-{cast.hans}" in anna.get(f"/links/{number}?find=HANS").text
    answer = anna.post(f"/links/{number}/target", data=seen(anna, number) | {"target": f"person-{cast.hans}"})
    assert answer.status_code == 303
    assert berta.get(f"/links/{number}").status_code == 404
    assert at_work(app, cast, "paula").get(f"/links/{number}").status_code == 200


def test_to_a_place_of_own_departments_but_not_to_what_is_retired(app: Flask, store: Store, cast: Cast) -> None:
    number, berta = cast.link_ids["kitchen"], at_work(app, cast, "berta")
    with store.write() as session:
        session.get_one(Person, cast.karim).retired_at = BEGINNING
    data = seen(berta, number)
    assert berta.post(f"/links/{number}/target", data=data | {"target": f"person-{cast.karim}"}).status_code == 422
    assert berta.post(f"/links/{number}/target", data=data | {"target": f"place-{cast.terrace}"}).status_code == 303
    assert state(store, number)[:2] == ("place", cast.terrace)


def test_topic_and_language_are_chosen_beforehand_and_seen_on_the_form(app: Flask, store: Store, cast: Cast) -> None:
    number, berta = cast.link_ids["table"], at_work(app, cast, "berta")
    way = f"/links/{number}/settings"
    assert fill_in(berta, f"/links/{number}", way, topic=str(cast.missing_parts), language="de").status_code == 303
    page = app.test_client().get(f"/q/{cast.table_link}").text
    assert 'lang="de"' in page and field_values(page)["topic"] == str(cast.missing_parts)
    said = visible_text(berta.get(f"/links/{number}").text)
    assert "Chose the topic Missing parts and the language Deutsch for Table 4" in said
    fill_in(berta, f"/links/{number}", way, topic="", language="")
    assert state(store, number)[2:4] == (None, None)
    with store.write() as session:
        session.get_one(Link, number).topic_id = cast.cold_food
        session.get_one(Topic, cast.cold_food).retired_at = BEGINNING
    assert "topic" not in field_values(app.test_client().get(f"/q/{cast.table_link}").text)
    assert berta.get(f"/links/{number}").status_code == 200


def test_a_retired_code_helps_on_and_comes_back(app: Flask, store: Store, cast: Cast) -> None:
    number, berta, guest = cast.link_ids["maria"], at_work(app, cast, "berta"), app.test_client()
    data = seen(berta, number)
    assert berta.post(f"/links/{number}/retirement", data=data | {"retired": "yes"}).status_code == 303
    gone = guest.get(f"/q/{cast.maria_link}")
    assert gone.status_code == 410 and well_formed(gone.text) == []
    assert [link.href for link in links(gone.text) if "lang=" not in link.href] == [cast.kitchen_link]
    assert berta.get(f"/q/{cast.maria_link}").text == guest.get(f"/q/{cast.maria_link}").text
    answer = fill_in(berta, f"/links/{number}", f"/links/{number}/retirement")
    assert answer.status_code == 303 and guest.get(f"/q/{cast.maria_link}").status_code == 200
    assert state(store, number)[-1] == ["brought_back", "retired"]


def test_a_retired_code_with_nowhere_to_go_says_whom_to_ask(app: Flask, store: Store, cast: Cast) -> None:
    anna = at_work(app, cast, "anna")
    for name in ("maria", "kitchen"):
        number = cast.link_ids[name]
        anna.post(f"/links/{number}/retirement", data=seen(anna, number) | {"retired": "yes"})
    gone = app.test_client().get(f"/q/{cast.maria_link}").text
    assert "tell someone who works here" in visible_text(gone)


@pytest.mark.parametrize("old", ["keep", "retire"])
def test_a_new_code_leads_to_the_same_and_the_old_one_does_as_was_said(
    app: Flask, store: Store, cast: Cast, old: str
) -> None:
    number, berta, guest = cast.link_ids["table"], at_work(app, cast, "berta"), app.test_client()
    fill_in(berta, f"/links/{number}", f"/links/{number}/settings", topic=str(cast.cold_food), language="ar")
    answer = berta.post(f"/links/{number}/reissue", data=seen(berta, number) | {"old": old})
    assert answer.status_code == 303
    fresh = int(answer.headers["Location"].rpartition("/")[2])
    assert fresh != number and state(store, fresh)[:4] == state(store, number)[:4]
    page = guest.get(f"/q/{cast.table_link}")
    if old == "keep":
        assert page.status_code == 200 and state(store, number)[4:6] == (None, None)
    else:
        assert page.status_code == 410 and state(store, number)[5] == fresh
        (way,) = [link.href for link in links(page.text) if "lang=" not in link.href]
        assert guest.get(f"/q/{way}").status_code == 200
        assert send(guest, way, kind="compliment").status_code == 303


def test_a_line_of_successors_is_followed_to_the_one_that_works(app: Flask, store: Store, cast: Cast) -> None:
    berta, number = at_work(app, cast, "berta"), cast.link_ids["table"]
    for _ in range(3):
        answer = berta.post(f"/links/{number}/reissue", data=seen(berta, number) | {"old": "retire"})
        number = int(answer.headers["Location"].rpartition("/")[2])
    with store.read() as session:
        last = session.get_one(Link, number).code
    assert f'href="{last}"' in app.test_client().get(f"/q/{cast.table_link}").text


@pytest.mark.parametrize("noun", NOUNS)
@pytest.mark.parametrize("key", ["maria", "karim", "hans", "paula"])
def test_nobody_else_changes_it(app: Flask, store: Store, cast: Cast, noun: str, key: str) -> None:
    number = cast.link_ids["maria"]
    before, browser, data = state(store, number), at_work(app, cast, key), seen(at_work(app, cast, "berta"), number)
    sent = data | {"csrf_token": token_for(browser)} | NOUNS[noun]
    assert browser.post(f"/links/{number}/{noun}", data=sent).status_code == 404
    assert state(store, number) == before


@pytest.mark.parametrize("noun", NOUNS)
def test_what_is_not_in_order_changes_nothing(app: Flask, store: Store, cast: Cast, noun: str) -> None:
    number, berta = cast.link_ids["maria"], at_work(app, cast, "berta")
    before, data = state(store, number), seen(berta, number)
    for wrong in ("", "x", "\0", "person-", "person-x", "-1", f"person-{2**63}", "house-1", "9" * 5000, "person-²"):
        sent = data | dict.fromkeys(NOUNS[noun], wrong)
        answer = berta.post(f"/links/{number}/{noun}", data=sent)
        if noun == "settings" and not wrong:
            assert answer.status_code == 303  # nothing chosen, as it is
            continue
        assert answer.status_code == 422, wrong
        assert well_formed(answer.text) == []
    assert berta.post(f"/links/{number}/{noun}", data=NOUNS[noun]).status_code == 400
    assert berta.post(f"/links/{number}/{noun}", data=data | NOUNS[noun] | {"seen": "\0"}).status_code in (409, 422)
    for wrong in (*NO_IDS[:6], "1"):
        assert berta.post(f"/links/{wrong}/{noun}", data=data | NOUNS[noun]).status_code == 404, wrong
    assert state(store, number) == before


@pytest.mark.parametrize("noun", NOUNS)
def test_of_two_one_after_the_other_the_second_sees_what_the_first_did(
    app: Flask, store: Store, cast: Cast, noun: str
) -> None:
    number, berta, dora = cast.link_ids["maria"], at_work(app, cast, "berta"), at_work(app, cast, "dora")
    late = seen(dora, number)
    berta.post(f"/links/{number}/target", data=seen(berta, number) | {"target": f"person-{cast.karim}"})
    sent = late | NOUNS[noun] | ({"target": f"person-{cast.berta}"} if noun == "target" else {})
    answer = dora.post(f"/links/{number}/{noun}", data=sent)
    assert answer.status_code == 409 and well_formed(answer.text) == []
    assert MEANWHILE in visible_text(answer.text) and "from Maria to Karim Haddad" in visible_text(answer.text)
    assert state(store, number)[:2] == ("person", cast.karim)
    assert state(store, number)[-1] == ["pointed"]


def test_of_two_at_the_same_moment_one_wins(app: Flask, store: Store, cast: Cast) -> None:
    number, browsers = cast.link_ids["maria"], [at_work(app, cast, key) for key in ("berta", "dora")]
    sent = [seen(browser, number) for browser in browsers]
    answers: list[int] = []

    def point(browser, data: dict[str, str], target: str) -> Callable[[], None]:
        return lambda: answers.append(
            browser.post(f"/links/{number}/target", data=data | {"target": target}).status_code
        )

    at_once(
        point(browsers[0], sent[0], f"person-{cast.karim}"),
        point(browsers[1], sent[1], f"department-{cast.kitchen}"),
    )
    assert sorted(answers) == [303, 409]
    assert state(store, number)[-1] == ["pointed"]


def test_a_new_code_is_issued_once_however_often_it_is_pressed(app: Flask, store: Store, cast: Cast) -> None:
    number, berta = cast.link_ids["maria"], at_work(app, cast, "berta")
    data = seen(berta, number) | {"old": "keep"}
    assert [berta.post(f"/links/{number}/reissue", data=data).status_code for _ in range(2)] == [303, 409]
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Link)) == 4


def test_what_is_so_already_is_said(app: Flask, store: Store, cast: Cast) -> None:
    number, berta = cast.link_ids["maria"], at_work(app, cast, "berta")
    berta.post(f"/links/{number}/target", data=seen(berta, number) | {"target": f"person-{cast.maria}"})
    assert "That is how it was already." in visible_text(berta.get(f"/links/{number}").text)
    assert state(store, number)[-1] == []


def test_the_page_costs_the_same_however_much_happened(app: Flask, store: Store, cast: Cast) -> None:
    number, berta = cast.link_ids["table"], at_work(app, cast, "berta")
    fill_in(berta, f"/links/{number}", f"/links/{number}/settings", topic="", language="en")
    berta.get(f"/links/{number}")  # says what was done last
    with statements(app) as few:
        berta.get(f"/links/{number}")
    for language in ("de", "ar", "de", "ar"):
        fill_in(berta, f"/links/{number}", f"/links/{number}/settings", topic="", language=language)
    for kind in ("compliment", "complaint", "suggestion"):
        arrives(store, cast.table_link, kind=kind)
    berta.get(f"/links/{number}")  # says what was done last
    with statements(app) as many:
        berta.get(f"/links/{number}")
    assert len(few) == len(many)
