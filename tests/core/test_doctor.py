"""What the doctor finds, on an installation in order and on others; and what is forgotten in time."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from feedback import clock
from feedback.config import Settings
from feedback.core import limits, retention
from feedback.core.accounts import SignIn, make_sign_in_link, sign_in
from feedback.core.doctor import Finding, findings
from feedback.core.limits import LimitCount
from feedback.core.notices import Notice
from feedback.db import Store
from tests.factories import Cast
from tests.story import arrives

SECRET = "a secret that is long enough for receipts"
MAIL = "smtp://someone:secret-of-mail@mail.example:587?starttls=1"


def found(store: Store, settings: Settings, *, is_newest: bool = True, **other: str) -> dict[str, Finding]:
    settings = replace(settings, **{"secret_key": SECRET} | other)  # type: ignore[arg-type]
    return {finding.name: finding for finding in findings(store, settings, clock.now(), is_newest=is_newest)}


def wrong(looked_at: dict[str, Finding]) -> set[str]:
    return {finding.name for finding in looked_at.values() if not finding.is_ok}


def test_an_installation_in_order_needs_nothing(store: Store, settings: Settings, cast: Cast) -> None:
    looked_at = found(store, settings)
    if store.is_sqlite:  # the tests' PostgreSQL keeps nothing through a power cut, and the doctor says so
        assert wrong(looked_at) == set()
        assert looked_at["database"].text.startswith("SQLite 3.")
    else:
        assert wrong(looked_at) == {"durability"}
        assert looked_at["database"].text.startswith("PostgreSQL ")
    assert looked_at["organisation"].text == "Garden House"


def test_an_empty_store_is_told_what_to_do(store: Store, settings: Settings) -> None:
    assert "create-admin" in found(store, settings)["organisation"].text


def test_old_tables_are_named_and_not_read(store: Store, settings: Settings) -> None:
    looked_at = found(store, settings, is_newest=False)
    assert "tables" in wrong(looked_at) and "organisation" not in looked_at


def test_without_a_mail_server_waiting_is_no_fault(store: Store, settings: Settings, cast: Cast) -> None:
    arrives(store, cast.maria_link)
    looked_at = found(store, settings)
    assert looked_at["outbox"].is_ok and "waiting" in looked_at["outbox"].text
    assert "in the application only" in looked_at["mail"].text


def test_notices_that_wait_too_long_or_were_given_up_are_a_fault(store: Store, settings: Settings, cast: Cast) -> None:
    arrives(store, cast.maria_link, at=clock.now() - timedelta(hours=1))
    looked_at = found(store, settings, smtp_url=MAIL)
    assert "outbox" in wrong(looked_at) and "too long" in looked_at["outbox"].text
    with store.write() as session:
        session.execute(update(Notice).values(due_at=None, given_up_at=clock.now()))
    assert "1 given up" in found(store, settings)["outbox"].text


def test_the_password_of_the_mail_server_is_not_told(store: Store, settings: Settings) -> None:
    assert "secret-of-mail" not in repr(found(store, settings, smtp_url=MAIL))


def test_an_address_only_this_machine_has_is_said(store: Store, settings: Settings) -> None:
    assert "this machine only" in found(store, settings, base_url="http://127.0.0.1:8000")["address"].text
    assert "only" not in found(store, settings, base_url="https://say.example")["address"].text


def test_where_the_secret_key_is_kept(store: Store, settings: Settings) -> None:
    file = settings.data_dir / "secret_key"
    assert "FIRSTHAND_SECRET_KEY" in found(store, settings)["secret key"].text
    file.write_text(SECRET)
    file.chmod(0o644)
    assert f"chmod 600 {file}" in found(store, settings)["secret key"].text
    file.chmod(0o600)
    assert found(store, settings)["secret key"].is_ok
    assert not found(store, settings, secret_key="short")["secret key"].is_ok


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_database_that_everyone_can_read_is_told(store: Store, settings: Settings, cast: Cast) -> None:
    file = Path(store.url.database or "")
    file.chmod(0o644)
    assert f"chmod o= {file}*" in found(store, settings)["database"].text
    assert not found(store, settings)["database"].is_ok


def test_what_ran_out_is_forgotten_and_nothing_else(store: Store, cast: Cast) -> None:
    now = clock.now()
    with store.write() as session:
        sign_in(session, cast.maria, now - timedelta(days=31))
        make_sign_in_link(session, cast.karim, now - timedelta(days=2))
        sign_in(session, cast.berta, now)
        for at in (now - timedelta(hours=3), now):
            mark = limits.mark("x", "192.0.2.1", at=at, secret=SECRET, salt=b"salt")
            limits.take(session.connection(), mark, 9, at)
    with store.write() as session:
        assert retention.tidy(session, now) == 2
    with store.read() as session:
        assert session.scalars(select(SignIn.person_id)).all() == [cast.berta]
        assert len(session.scalars(select(LimitCount.who)).all()) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("end", ["", "-wal", "-shm", ".writer"])
def test_whatever_of_the_database_others_can_read_is_told(
    store: Store, settings: Settings, cast: Cast, end: str
) -> None:
    file = Path(f"{store.url.database}{end}")
    assert file.stat().st_mode & 0o777 == 0o640, file
    file.chmod(0o644)
    assert "chmod o=" in found(store, settings)["database"].text
    assert "database" in wrong(found(store, settings))
