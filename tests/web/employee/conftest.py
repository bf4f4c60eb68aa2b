"""What the tests of signing in share: hashing that takes no time, and a second factor that is on."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from feedback import clock, totp
from feedback.core import accounts, second_factor
from feedback.core.accounts import Account
from feedback.db import Store
from tests.factories import PASSWORD, Cast
from tests.story import SECRET

Codes = Callable[..., str]


@pytest.fixture
def swift(store: Store, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords and PINs kept as they are."""
    monkeypatch.setattr(accounts, "generate_password_hash", lambda typed: f"plain {typed}")
    monkeypatch.setattr(accounts, "check_password_hash", lambda kept, typed: kept == f"plain {typed}")
    with store.write() as session:
        for account in session.query(Account):
            account.password_hash = f"plain {PASSWORD}"


@pytest.fixture
def telephone(store: Store, cast: Cast, swift: None) -> tuple[Codes, list[str]]:
    """Maria's telephone, which tells the code of any moment, and her recovery codes."""
    earlier = clock.now() - timedelta(minutes=10)
    with store.write() as session:
        second_factor.begin(session, cast.maria, SECRET)
        known = second_factor.pending(session, cast.maria, SECRET)
        assert known is not None
        first = totp.code(known, totp.step_at(earlier))
        codes = second_factor.confirm(session, cast.maria, first, earlier, SECRET)
        assert codes is not None

    def code(at: datetime | None = None) -> str:
        return totp.code(known, totp.step_at(at or clock.now()))

    return code, codes
