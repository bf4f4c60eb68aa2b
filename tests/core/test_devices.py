"""PINs on devices: which are refused, how tries are counted, and whose a browser's tokens are."""

from datetime import timedelta

import pytest

from feedback.core import devices
from feedback.core.accounts import Account, Device
from feedback.core.people import Person
from feedback.db import Store
from tests.factories import BEGINNING, Cast
from tests.story import at_once


def add(store: Store, person: int, *tokens: str) -> str:
    with store.write() as session:
        return devices.add(session, person, "kept", BEGINNING, tokens=tokens)[0]


def held(store: Store, *tokens: str) -> list[tuple[str, bool]]:
    with store.read() as session:
        return [(one.name, one.is_closed) for one in devices.held(session, tokens, BEGINNING)]


def tries_left(store: Store, token: str) -> int | None:
    with store.write() as session:
        counted = devices.take_try(session, token, BEGINNING)
        return counted.left if counted else None


@pytest.mark.parametrize(
    "pin",
    [
        "000000",
        "999999",
        "123456",
        "654321",
        "890123",
        "012345",
        "98765432",
        "123123",
        "121212",
        "112112",
        "311290",
        "123190",
        "901231",
        "19901231",
        "31121990",
    ],
)
def test_what_anyone_would_try_is_obvious(pin: str) -> None:
    assert devices.is_obvious(pin)


@pytest.mark.parametrize("pin", ["384756", "920461", "1357924", "77418209", "402958"])
def test_other_digits_are_not(pin: str) -> None:
    assert not devices.is_obvious(pin)


def test_a_browser_knows_those_whose_tokens_it_holds(store: Store, cast: Cast) -> None:
    maria, karim = add(store, cast.maria), add(store, cast.karim)
    assert held(store, karim, "unknown", maria) == [("Karim", False), ("Maria", False)]
    assert held(store) == []
    with store.write() as session:
        session.get_one(Person, cast.karim).retired_at = BEGINNING - timedelta(days=31)
        session.get_one(Account, cast.maria).closed_at = BEGINNING
    assert held(store, karim, maria) == []
    assert tries_left(store, karim) is tries_left(store, maria) is None


def test_only_a_hash_of_the_token_is_kept(store: Store, cast: Cast) -> None:
    token = add(store, cast.maria)
    with store.read() as session:
        (kept,) = devices.of(session, cast.maria)
        assert len(kept.token_hash) == 32 and token.encode() not in kept.token_hash


def test_a_second_pin_in_the_same_browser_replaces_the_first(store: Store, cast: Cast) -> None:
    first, other = add(store, cast.maria), add(store, cast.karim)
    second = add(store, cast.maria, first, other)
    assert held(store, first, second, other) == [("Maria", False), ("Karim", False)]
    add(store, cast.maria)
    with store.read() as session:
        assert len(devices.of(session, cast.maria)) == 2


def test_a_browser_holds_no_more_than_eight(store: Store, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "MOST_HELD", 2)
    tokens = [add(store, cast.maria), add(store, cast.karim)]
    with pytest.raises(devices.TooMany):
        add(store, cast.hans, *tokens)
    add(store, cast.karim, *tokens)


def test_five_tries_close_it_and_the_right_pin_opens_it_before(store: Store, cast: Cast) -> None:
    token = add(store, cast.maria)
    assert [tries_left(store, token) for _ in range(4)] == [4, 3, 2, 1]
    with store.write() as session:
        assert devices.opened(session, token, BEGINNING + timedelta(days=1)) == cast.maria
    assert [tries_left(store, token) for _ in range(6)] == [4, 3, 2, 1, 0, None]
    assert held(store, token) == [("Maria", True)]
    with store.read() as session:
        assert devices.of(session, cast.maria)[0].used_at == BEGINNING + timedelta(days=1)


def test_who_tries_many_times_at_once_gets_five(store: Store, cast: Cast) -> None:
    token, found = add(store, cast.maria), []
    at_once(*[lambda: found.append(tries_left(store, token))] * 8)
    assert sorted(left for left in found if left is not None) == [0, 1, 2, 3, 4]


def test_one_is_removed_by_whose_it_is_alone(store: Store, cast: Cast) -> None:
    token = add(store, cast.maria)
    with store.write() as session:
        mark = devices.mark_of(session.query(Device).one())
        assert not devices.remove(session, cast.karim, mark, BEGINNING)
        assert devices.remove(session, cast.maria, mark, BEGINNING)
        assert not devices.remove(session, cast.maria, mark, BEGINNING)
        assert devices.opened(session, token, BEGINNING) is None
