"""Codes of a telephone, against the vectors of RFC 4226 (appendix D) and RFC 6238 (appendix B)."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from feedback import totp

SECRET = b"12345678901234567890"
AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("step", "code"),
    list(
        enumerate(["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"])
    ),
)
def test_codes_are_those_of_rfc_4226(step: int, code: str) -> None:
    assert totp.code(SECRET, step) == code


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_the_last_six_digits_of_those_of_rfc_6238(seconds: int, code: str) -> None:
    assert totp.code(SECRET, totp.step_at(datetime.fromtimestamp(seconds, UTC))) == code[-6:]


@pytest.mark.parametrize(("off", "fits"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_clock_may_be_half_a_minute_off(off: int, fits: bool) -> None:
    typed = totp.code(SECRET, totp.step_at(AT + timedelta(seconds=off)))
    assert (totp.step_of(SECRET, typed, AT, 0) is not None) == fits


def test_no_step_up_to_the_last_one_counts_again() -> None:
    now = totp.step_at(AT)
    for step in (now - 1, now):
        assert totp.step_of(SECRET, totp.code(SECRET, step), AT, now) is None
    assert totp.step_of(SECRET, totp.code(SECRET, now + 1), AT, now) == now + 1


@pytest.mark.parametrize("typed", ["", "x", "12345", "é" * 6, "١٢٣٤٥٦", "0" * 1000])
def test_what_is_no_code_fits_nothing(typed: str) -> None:
    assert totp.step_of(SECRET, typed, AT, 0) is None


def test_the_address_is_one_that_apps_understand() -> None:
    parts = urlsplit(totp.uri(SECRET, "Garden & House: ü", "maria@garden-house.example"))
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parts.path == "/Garden%20%26%20House%3A%20%C3%BC:maria%40garden-house.example"
    assert parse_qs(parts.query) == {"secret": ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"], "issuer": ["Garden & House: ü"]}
    assert totp.written(SECRET) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
