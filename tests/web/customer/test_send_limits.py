"""POST /q/<code> too often from one address: a full hall passes, a flood is asked to slow down and loses nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from feedback import clock
from feedback.core import limits
from feedback.core.limits import LimitCount, LimitSalt, Salts
from feedback.db import Store
from feedback.web.customer import token as tokens
from tests.factories import Cast, send, token_of
from tests.ground.pages import visible_text
from tests.story import SECRET
from tests.web.customer.conftest import Standing, standing
from tests.web.customer.hand import WORDS, kept_words, rows

NOON = clock.now().replace(hour=12, minute=0, second=1, microsecond=0)


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    """The beginning of a window, so that no test stands on the edge of one."""
    with time_machine.travel(NOON, tick=False):
        yield


def post(browser: FlaskClient, code: str, address: str = "198.51.100.7", **fields: str) -> TestResponse:
    """One submission from an address, without looking at the form first."""
    data = {"kind": "compliment", "token": tokens.mint(code, clock.now(), SECRET), **fields}
    return browser.post(f"/q/{code}", data=data, environ_base={"REMOTE_ADDR": address})


def test_three_hundred_people_behind_one_address_all_pass(client: FlaskClient, cast: Cast, store: Store) -> None:
    assert {post(client, cast.table_link).status_code for _ in range(300)} == {303}
    assert rows(store)["submission"] == 300


def test_a_flood_is_slowed_down_with_the_words_kept(
    client: FlaskClient, cast: Cast, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SUBMISSIONS", 3)
    assert [post(client, cast.table_link).status_code for _ in range(3)] == [303] * 3
    before = rows(store)
    answer = post(client, cast.table_link, kind="complaint", message=WORDS, contact_name="Ida")
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 600
    assert "Set-Cookie" not in answer.headers
    assert "not saved yet" in visible_text(answer.text)
    again = kept_words(answer)
    assert (again["message"], again["contact_name"], again["kind"]) == (WORDS, "Ida", "complaint")
    assert rows(store) == before
    # Elsewhere, through another link and later on it is taken, with the same form.
    assert post(client, cast.table_link, "203.0.113.9").status_code == 303
    assert post(client, cast.kitchen_link).status_code == 303
    with time_machine.travel(NOON.timestamp() + 600, tick=False):
        assert client.post(f"/q/{cast.table_link}", data=again).status_code == 303


def test_never_fewer_than_three_hundred() -> None:
    assert limits.SUBMISSIONS >= 300
    assert limits.WINDOW.total_seconds() <= 600


def test_sending_the_same_form_again_does_not_count(
    client: FlaskClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SUBMISSIONS", 1)
    token = token_of(client, cast.table_link)
    assert [post(client, cast.table_link, token=token).status_code for _ in range(5)] == [303] * 5
    assert post(client, cast.table_link).status_code == 429
    assert post(client, cast.table_link, token=token).status_code == 303


def test_what_is_refused_does_not_count(client: FlaskClient, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SUBMISSIONS", 1)
    for _ in range(3):
        assert post(client, cast.table_link, rating="6").status_code == 422
    assert post(client, cast.table_link).status_code == 303


def test_one_network_of_the_new_kind_counts_as_one_address(
    client: FlaskClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SUBMISSIONS", 2)
    here = [f"2001:db8:1:2:{number}::1" for number in range(3)]
    assert [post(client, cast.table_link, address).status_code for address in here] == [303, 303, 429]
    assert post(client, cast.table_link, "2001:db8:1:3::1").status_code == 303


def test_an_address_that_is_none_is_counted_all_the_same(client: FlaskClient, cast: Cast) -> None:
    for address in ("", "unix", "fe80::1%eth0", "999.1.1.1"):
        assert post(client, cast.table_link, address).status_code == 303


def test_a_forged_header_does_not_make_another_address(
    client: FlaskClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SUBMISSIONS", 1)
    assert post(client, cast.table_link).status_code == 303
    data = {"kind": "compliment", "token": tokens.mint(cast.table_link, clock.now(), SECRET)}
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):
        answer = client.post(
            f"/q/{cast.table_link}", data=data, headers={header: "192.0.2.1"},
            environ_base={"REMOTE_ADDR": "198.51.100.7"},
        )  # fmt: skip
        assert answer.status_code == 429


def test_behind_a_proxy_the_customers_own_address_counts(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SUBMISSIONS", 1)
    with standing(database_url, tmp_path, trusted_proxies=1) as house:
        browser, code = house.browser(), house.cast.table_link
        for customer, status in (
            ("192.0.2.1", 303),
            ("192.0.2.2", 303),
            ("192.0.2.1", 429),
            ("9.9.9.9, 192.0.2.2", 429),
        ):
            token = tokens.mint(code, clock.now(), SECRET)
            answer = browser.post(
                f"/q/{code}", data={"kind": "compliment", "token": token}, headers={"X-Forwarded-For": customer}
            )
            assert answer.status_code == status, customer


def test_limits_can_be_switched_off_for_measurements(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SUBMISSIONS", 1)
    with standing(database_url, tmp_path, limits=False) as house:
        assert {send(house.browser(), house.cast.table_link, kind="compliment").status_code for _ in range(3)} == {303}
        assert rows(house.store)["limit_count"] == 0


def test_what_is_counted_is_no_address_and_is_forgotten(client: FlaskClient, cast: Cast, house: Standing) -> None:
    Salts(house.store).of(clock.now().date())  # the process may remember it from a test before
    post(client, cast.table_link)
    with house.store.write() as session:
        assert [count.n for count in session.scalars(select(LimitCount))] == [1]
        limits.forget(session, clock.now() + limits.KEPT - limits.WINDOW)
        assert session.scalars(select(LimitCount)).all() != []
        limits.forget(session, clock.now() + 2 * limits.KEPT)
        assert session.scalars(select(LimitCount)).all() == []
        assert session.scalars(select(LimitSalt)).all() != []
        limits.forget(session, clock.now() + 30 * limits.KEPT)
        assert session.scalars(select(LimitSalt)).all() == []
    assert post(client, cast.table_link).status_code == 303
