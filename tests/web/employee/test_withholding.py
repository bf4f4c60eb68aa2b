"""Keeping back a letter that waits: with a reason, by those who could deliver it; it stays in sight for them alone."""

import pytest
from flask import Flask
from sqlalchemy import select

from feedback.core.praise import Praise, Withholding
from feedback.db import Store
from tests.factories import Cast
from tests.ground.pages import visible_text
from tests.story import NO_IDS, arrives, at_work, fill_in, token_for
from tests.web.conftest import Trouble
from tests.web.employee.test_delivery import steps

WORDS = "You look so sexy in that uniform"
WHY = "She asked us never to pass such words on"
KEPT = "/praise?whose=kept-back"


@pytest.fixture
def held(store: Store, cast: Cast) -> int:
    number = arrives(store, cast.maria_link, kind="compliment", message=WORDS, mails=False)
    with store.read() as session:
        return session.scalars(select(Praise.id).where(Praise.submission_id == number)).one()


def keep_back(app: Flask, cast: Cast, held: int, key: str = "berta") -> None:
    page = f"/praise/{held}/withholding"
    assert fill_in(at_work(app, cast, key), page, page, reason=WHY).status_code == 303


def kept(store: Store) -> list[tuple[int, str]]:
    with store.read() as session:
        return [(one.by_id, one.reason) for one in session.scalars(select(Withholding))]


def test_the_manager_is_told_why_it_waits(app: Flask, cast: Cast, held: int) -> None:
    berta = at_work(app, cast, "berta")
    for page in (f"/praise?department={cast.kitchen}", f"/praise/{held}/withholding"):
        assert "These words look like a sexual remark" in visible_text(berta.get(page).text)


def test_it_leaves_those_that_wait_and_stands_among_those_kept_back(
    app: Flask, store: Store, cast: Cast, held: int
) -> None:
    berta, page = at_work(app, cast, "berta"), f"/praise/{held}/withholding"
    assert "Kept back" not in visible_text(berta.get("/praise").text)
    answer = fill_in(berta, page, page, reason=f"  {WHY} ")
    assert (answer.status_code, answer.headers["Location"]) == (303, KEPT)
    shown = visible_text(berta.get(KEPT).text)
    assert all(part in shown for part in (WORDS, WHY, "Berta", "kept this back", "Deliver it after all"))
    assert WORDS not in berta.get(f"/praise?department={cast.kitchen}").text
    assert WORDS not in at_work(app, cast, "maria").get("/praise").text
    assert kept(store) == [(cast.berta, WHY)]
    assert steps(store, held) == ["received", "kept_back"]
    assert berta.get(page).status_code == 404


def test_it_can_still_be_delivered(app: Flask, store: Store, cast: Cast, held: int) -> None:
    keep_back(app, cast, held)
    berta = at_work(app, cast, "berta")
    assert fill_in(berta, KEPT, f"/praise/{held}/delivery").status_code == 303
    assert WORDS in at_work(app, cast, "maria").get("/praise").text
    assert "Nothing is kept back" in visible_text(berta.get(KEPT).text)
    assert steps(store, held) == ["received", "kept_back", "passed_on"]


@pytest.mark.parametrize("key", ["maria", "karim", "hans", "paula"])
def test_nobody_else_keeps_it_back_or_reads_it_there(app: Flask, store: Store, cast: Cast, held: int, key: str) -> None:
    browser = at_work(app, cast, key)
    data = {"csrf_token": token_for(browser), "reason": WHY}
    assert browser.post(f"/praise/{held}/withholding", data=data).status_code == 404
    assert browser.get(f"/praise/{held}/withholding").status_code == 404
    keep_back(app, cast, held)
    assert WORDS not in browser.get(KEPT).text
    assert kept(store) == [(cast.berta, WHY)]


def test_no_manager_keeps_back_what_is_about_them(app: Flask, store: Store, cast: Cast, held: int) -> None:
    with store.write() as session:
        session.get_one(Praise, held).person_id = cast.berta
    berta = at_work(app, cast, "berta")
    data = {"csrf_token": token_for(berta), "reason": WHY}
    assert berta.post(f"/praise/{held}/withholding", data=data).status_code == 404
    keep_back(app, cast, held, "dora")
    assert WORDS not in berta.get(KEPT).text
    assert kept(store) == [(cast.dora, WHY)]


@pytest.mark.parametrize("reason", ["", "  \n ", "x" * 1001, "a\0b"])
def test_without_a_fit_reason_nothing_happens(app: Flask, store: Store, cast: Cast, held: int, reason: str) -> None:
    berta = at_work(app, cast, "berta")
    answer = berta.post(f"/praise/{held}/withholding", data={"csrf_token": token_for(berta), "reason": reason})
    assert answer.status_code == 422 and WORDS in answer.text
    assert kept(store) == [] and steps(store, held) == ["received"]


def test_a_second_time_nothing_happens(app: Flask, store: Store, cast: Cast, held: int) -> None:
    berta = at_work(app, cast, "berta")
    data = {"csrf_token": token_for(berta), "reason": WHY}
    for _ in range(2):
        assert berta.post(f"/praise/{held}/withholding", data=data).headers["Location"] == KEPT
    assert "This letter was kept back before." in visible_text(berta.get(KEPT).text)
    assert steps(store, held) == ["received", "kept_back"]


def test_what_was_delivered_is_not_kept_back(app: Flask, store: Store, cast: Cast, held: int) -> None:
    berta, page = at_work(app, cast, "berta"), f"/praise?department={cast.kitchen}"
    fill_in(berta, page, f"/praise/{held}/delivery")
    data = {"csrf_token": token_for(berta), "reason": WHY}
    assert berta.post(f"/praise/{held}/withholding", data=data).headers["Location"] == page
    assert kept(store) == [] and steps(store, held) == ["received", "passed_on"]


def test_a_wrong_number_is_nothing(app: Flask, cast: Cast, held: int) -> None:
    berta = at_work(app, cast, "berta")
    data = {"csrf_token": token_for(berta), "reason": WHY}
    for number in (*NO_IDS[:3], "1", str(2**63 - 1)):
        assert berta.post(f"/praise/{number}/withholding", data=data).status_code == 404, number


def test_no_other_site_keeps_it_back(app: Flask, store: Store, cast: Cast, held: int) -> None:
    berta = at_work(app, cast, "berta")
    assert berta.post(f"/praise/{held}/withholding", data={"reason": WHY}).status_code == 400
    assert kept(store) == []


def test_the_reason_stays_where_the_store_is_busy(
    cast: Cast, held: int, locked: Trouble, hasty: Flask, store: Store
) -> None:
    berta, page = at_work(hasty, cast, "berta"), f"/praise/{held}/withholding"
    token = token_for(berta)
    with locked():
        answer = berta.post(page, data={"csrf_token": token, "reason": WHY})
    assert answer.status_code == 503 and WHY in answer.text and "Not saved yet" in visible_text(answer.text)
    assert kept(store) == []
