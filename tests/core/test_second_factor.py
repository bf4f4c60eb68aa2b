"""The second factor: confirmed by a first code, each code taken once, unreadable in a copy of the database."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from feedback import totp
from feedback.core import second_factor
from feedback.core.accounts import Account, RecoveryCode
from feedback.core.audit import Entry
from feedback.core.second_factor import Passed
from feedback.db import Store
from tests.factories import BEGINNING, Cast
from tests.story import SECRET, at_once

LATER = BEGINNING + timedelta(minutes=5)


def code(known: bytes, at=LATER) -> str:
    return totp.code(known, totp.step_at(at))


def begun(store: Store, person: int) -> bytes:
    with store.write() as session:
        second_factor.begin(session, person, SECRET)
    with store.read() as session:
        known = second_factor.pending(session, person, SECRET)
    assert known is not None and len(known) == 20
    return known


def confirmed(store: Store, person: int) -> tuple[bytes, list[str]]:
    known = begun(store, person)
    with store.write() as session:
        codes = second_factor.confirm(session, person, code(known, BEGINNING), BEGINNING, SECRET)
    assert codes is not None
    return known, codes


def check(store: Store, person: int, typed: str, at=LATER) -> Passed | None:
    with store.write() as session:
        return second_factor.check(session, person, typed, at, SECRET)


def test_it_counts_for_nothing_before_the_first_code(store: Store, cast: Cast) -> None:
    known = begun(store, cast.maria)
    with store.write() as session:
        assert not second_factor.is_on_for(session, cast.maria)
        assert second_factor.confirm(session, cast.maria, "000000", BEGINNING, SECRET) is None
        assert second_factor.confirm(session, cast.karim, code(known), LATER, SECRET) is None
    assert check(store, cast.maria, code(known)) is None
    assert begun(store, cast.maria) != known
    confirmed(store, cast.maria)
    with store.write() as session:
        assert second_factor.is_on_for(session, cast.maria)
        assert second_factor.pending(session, cast.maria, SECRET) is None
        second_factor.begin(session, cast.maria, SECRET)
        assert second_factor.is_on_for(session, cast.maria)


def test_each_code_is_taken_once_and_none_before_it(store: Store, cast: Cast) -> None:
    known, _ = confirmed(store, cast.maria)
    assert check(store, cast.maria, code(known, BEGINNING), BEGINNING) is None
    assert check(store, cast.karim, code(known)) is None
    assert check(store, cast.maria, f" {code(known)[:3]} {code(known)[3:]}") == Passed()
    assert check(store, cast.maria, code(known)) is None
    assert check(store, cast.maria, code(known, LATER - timedelta(seconds=30))) is None
    assert check(store, cast.maria, code(known, LATER + timedelta(seconds=30))) == Passed()


def test_of_two_who_type_the_same_code_at_once_one_comes_in(store: Store, cast: Cast) -> None:
    known, codes = confirmed(store, cast.maria)
    for typed, right in ((code(known), Passed()), (codes[0], Passed(9))):
        found: list[Passed | None] = []
        at_once(*[lambda typed=typed, found=found: found.append(check(store, cast.maria, typed))] * 2)
        assert sorted(map(str, found)) == sorted(map(str, [right, None]))


def test_recovery_codes_work_once_each_however_they_are_written(store: Store, cast: Cast) -> None:
    _, codes = confirmed(store, cast.maria)
    assert len(set(codes)) == 10
    assert check(store, cast.karim, codes[0]) is None
    assert check(store, cast.maria, codes[0].lower().replace("-", " ")) == Passed(9)
    assert check(store, cast.maria, codes[0]) is None
    assert check(store, cast.maria, codes[1]) == Passed(8)
    with store.read() as session:
        acts = session.scalars(select(Entry.act).order_by(Entry.id)).all()
    assert sorted(acts) == ["recovery_code_used", "recovery_code_used", "second_factor_on"]


@pytest.mark.parametrize("typed", ["", "x", "000000", "0000-0000-0000", "\0", "é" * 50])
def test_anything_else_is_wrong(store: Store, cast: Cast, typed: str) -> None:
    confirmed(store, cast.maria)
    assert check(store, cast.maria, typed) is None


def test_a_copy_of_the_database_tells_neither_secret_nor_codes(store: Store, cast: Cast) -> None:
    known, codes = confirmed(store, cast.maria)
    with store.read() as session:
        kept = session.get_one(Account, cast.maria).totp_secret
        hashes = session.scalars(select(RecoveryCode.code_hash)).all()
    assert kept != known and len(kept or b"") == 20
    assert not any(code.replace("-", "").encode() in one for one in hashes for code in codes)
    with store.write() as session:
        assert second_factor.check(session, cast.maria, codes[0], LATER, "another secret") is None
        assert second_factor.check(session, cast.maria, code(known), LATER, "another secret") is None


def test_switched_off_nothing_of_it_is_left(store: Store, cast: Cast) -> None:
    confirmed(store, cast.maria)
    with store.write() as session:
        assert second_factor.switch_off(session, cast.maria, LATER, by_id=cast.anna)
        assert not second_factor.switch_off(session, cast.maria, LATER, by_id=cast.anna)
        assert session.get_one(Account, cast.maria).totp_secret is None
        assert session.scalars(select(RecoveryCode)).all() == []
        assert session.scalars(select(Entry.act).order_by(Entry.at.desc())).first() == "second_factor_taken"
