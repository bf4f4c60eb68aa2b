"""Accounts: who comes in, by what, for how long; nothing kept from which one could come in again."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from feedback.core import accounts
from feedback.core.accounts import LINK_LIVES, NOBODY, SIGNED_IN_FOR, TAKING_ALONG, Account, SignIn
from feedback.core.people import Person
from feedback.db import Store
from tests.factories import BEGINNING, PASSWORD, Cast, address_of
from tests.story import at_once

A_MOMENT = timedelta(seconds=1)


def named(store: Store, name: str, after: timedelta = A_MOMENT) -> int | None:
    with store.read() as session:
        found = accounts.account_named(session, name, BEGINNING + after)
        return found.person_id if found else None


def signed_in(store: Store, token: str, after: timedelta = A_MOMENT) -> int | None:
    with store.read() as session:
        found = accounts.signed_in(session, token, BEGINNING + after)
        return found[0].id if found else None


def used(store: Store, token: str, after: timedelta = A_MOMENT) -> int | None:
    """Whom the link signed in, if it did."""
    with store.write() as session:
        begun = accounts.use_sign_in_link(session, token, BEGINNING + after)
    with store.read() as session:
        found = accounts.signed_in(session, begun, BEGINNING + after) if begun else None
        return found[0].id if found else None


@pytest.fixture
def token(store: Store, cast: Cast) -> str:
    with store.write() as session:
        return accounts.sign_in(session, cast.maria, BEGINNING)


@pytest.fixture
def link(store: Store, cast: Cast) -> str:
    with store.write() as session:
        return accounts.make_sign_in_link(session, cast.maria, BEGINNING)


def leaves(store: Store, cast: Cast, at: datetime = BEGINNING) -> None:
    with store.write() as session:
        session.get_one(Person, cast.maria).retired_at = at


def left_long_ago(store: Store, cast: Cast) -> None:
    leaves(store, cast, BEGINNING - TAKING_ALONG)


def is_closed(store: Store, cast: Cast) -> None:
    with store.write() as session:
        session.get_one(Account, cast.maria).closed_at = BEGINNING


@pytest.mark.parametrize("typed", [address_of("maria"), "MARIA@Garden-House.Example", f"  {address_of('maria')}\t"])
def test_a_sign_in_name_is_found_however_it_is_typed(store: Store, cast: Cast, typed: str) -> None:
    assert named(store, typed) == cast.maria


@pytest.mark.parametrize(
    "typed", ["", "maria", "%", "maria@garden-house.example'--", "m\u0430ria@garden-house.example"]
)
def test_any_other_name_is_nobodys(store: Store, cast: Cast, typed: str) -> None:
    assert named(store, typed) is None


@pytest.mark.parametrize("gone", [left_long_ago, is_closed])
def test_the_name_of_someone_gone_is_nobodys(store: Store, cast: Cast, token: str, gone) -> None:
    gone(store, cast)
    assert named(store, address_of("maria")) is None
    assert signed_in(store, token) is None


def test_only_the_right_password_opens(store: Store, cast: Cast) -> None:
    with store.read() as session:
        maria = accounts.account_named(session, address_of("maria"), BEGINNING)
    assert accounts.is_password_of(maria, PASSWORD)
    assert not accounts.is_password_of(maria, PASSWORD.upper())
    assert not accounts.is_password_of(maria, "")
    assert not accounts.is_password_of(None, PASSWORD)


def test_for_nobody_the_password_is_hashed_as_for_anyone() -> None:
    assert NOBODY.split("$")[0] == accounts.hashed(PASSWORD).split("$")[0]
    assert accounts.hashed(PASSWORD) != accounts.hashed(PASSWORD)


def test_the_store_keeps_neither_password_nor_token(store: Store, cast: Cast, token: str, link: str) -> None:
    with store.read() as session:
        hashes = session.scalars(select(SignIn.token_hash)).all()
        passwords = session.scalars(select(Account.password_hash)).all()
    assert not {token.encode(), link.encode()} & {bytes(kept) for kept in hashes}
    assert not any(PASSWORD in kept for kept in passwords)


def test_a_sign_in_holds_for_its_time(store: Store, cast: Cast, token: str) -> None:
    assert signed_in(store, token) == cast.maria
    assert signed_in(store, token, SIGNED_IN_FOR - A_MOMENT) == cast.maria
    assert signed_in(store, token, SIGNED_IN_FOR) is None


@pytest.mark.parametrize("forged", ["", "\0", "x" * 43, "é" * 10_000])
def test_no_other_token_is_a_sign_in(store: Store, cast: Cast, token: str, forged: str) -> None:
    assert signed_in(store, forged) is None
    assert used(store, forged) is None


def test_a_sign_out_ends_that_one_sign_in(store: Store, cast: Cast, token: str) -> None:
    with store.write() as session:
        other = accounts.sign_in(session, cast.maria, BEGINNING)
        accounts.sign_out(session, token)
        accounts.sign_out(session, token)
    assert signed_in(store, token) is None
    assert signed_in(store, other) == cast.maria


def test_a_link_works_once(store: Store, cast: Cast, link: str) -> None:
    assert used(store, link) == cast.maria
    assert used(store, link) is None


def test_a_link_works_once_for_two_at_once(store: Store, cast: Cast, link: str) -> None:
    found: list[int | None] = []
    at_once(*[lambda: found.append(used(store, link))] * 4)
    assert sorted(found, key=str) == [cast.maria, None, None, None]


def test_a_link_is_too_old_after_a_day(store: Store, cast: Cast, link: str) -> None:
    assert used(store, link, LINK_LIVES) is None


def test_a_link_is_no_sign_in_and_a_sign_in_no_link(store: Store, cast: Cast, token: str, link: str) -> None:
    assert signed_in(store, link) is None
    assert used(store, token) is None
    assert signed_in(store, token) == cast.maria


@pytest.mark.parametrize("gone", [left_long_ago, is_closed])
def test_a_link_of_someone_gone_opens_nothing(store: Store, cast: Cast, link: str, gone) -> None:
    gone(store, cast)
    assert used(store, link) is None


def test_who_left_comes_in_for_thirty_days_after_leaving_for_the_last_time(
    store: Store, cast: Cast, token: str, link: str
) -> None:
    for left_at in (BEGINNING - TAKING_ALONG, BEGINNING):
        leaves(store, cast, left_at)
        name, open_for = address_of("maria"), left_at - BEGINNING + TAKING_ALONG
        for after, found in ((open_for - A_MOMENT, cast.maria), (open_for, None)):
            assert (named(store, name, after), signed_in(store, token, min(after, A_MOMENT))) == (found, found) or after
            assert named(store, name, after) == found
    assert signed_in(store, token, SIGNED_IN_FOR - A_MOMENT) == cast.maria
    assert used(store, link) == cast.maria


def test_of_two_who_choose_one_name_at_once_one_has_it(store: Store, cast: Cast) -> None:
    refused: list[str] = []

    def settle(person_id: int, name: str) -> None:
        try:
            with store.write() as session:
                accounts.settle(session, person_id, name, "kept")
        except accounts.NameTaken:
            refused.append(name)

    at_once(lambda: settle(cast.maria, "Sunshine"), lambda: settle(cast.karim, " sunshine"))
    assert len(refused) == 1
    assert named(store, "sunshine") in (cast.maria, cast.karim)
