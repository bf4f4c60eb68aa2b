"""Signing: one way to write everything, one key for every process, and a list that only grows."""

import json
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from feedback.core import signing
from feedback.core.signing import SigningKey, Unsignable, canonical, id_of, key_of
from feedback.db import Store
from tests.factories import BEGINNING
from tests.story import at_once

KNOWN_ID = "62f9de740d852065c0f669e570c3f800"
SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
SIGNS = st.characters(exclude_categories=["Cs"])
# What plain drawing seldom finds: combining, bidi, joining, separators that end a line elsewhere, beyond 16 bits.
UNUSUAL = st.sampled_from(
    "\u0301\u0344\u202e\u2066\u200d\u200b\ufeff\u2028\u2029\u0085\x7f\x1f\0\ufffe\U0001f469\U0010ffff"
)
TEXTS = st.text(SIGNS | UNUSUAL)
NAMES = st.from_regex("[a-z][a-z0-9_]{0,8}", fullmatch=True)
TOLD = st.recursive(
    st.none() | TEXTS | st.integers(-(2**53) + 1, 2**53 - 1),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


def by_the_book(told: object) -> str:
    """RFC 8785, sections 3.2.2 and 3.2.3, written down a second time."""
    if told is None:
        return "null"
    if isinstance(told, int):
        return str(told)
    if isinstance(told, str):
        return '"' + "".join(SHORT.get(sign) or (f"\\u{ord(sign):04x}" if sign < " " else sign) for sign in told) + '"'
    if isinstance(told, list):
        return "[" + ",".join(map(by_the_book, told)) + "]"
    assert isinstance(told, dict)
    names = sorted(told, key=lambda name: name.encode("utf-16-be"))
    return "{" + ",".join(f"{by_the_book(name)}:{by_the_book(told[name])}" for name in names) + "}"


@given(TOLD)
def test_everything_is_written_as_the_standard_says_and_read_as_it_was(told: object) -> None:
    made = canonical(told)
    assert made == by_the_book(told).encode("utf-8") and json.loads(made) == told


@given(TEXTS, TEXTS)
def test_other_words_have_another_signature(one: str, two: str) -> None:
    key = key_of("secret")
    public = Ed25519PublicKey.from_public_bytes(key.public)
    public.verify(key.sign({"words": one}), canonical({"words": one}))
    if one != two:
        with pytest.raises(InvalidSignature):
            public.verify(key.sign({"words": one}), canonical({"words": two}))


@pytest.mark.parametrize(
    "told",
    [1.0, True, 2**53, -(2**53), {"Ä": 1}, {"A": 1}, {1: 1}, ("x",), b"x", ["\ud800"], {"a": {"b": [{"c": 0.5}]}}],
)
def test_what_could_be_written_in_two_ways_is_not_signed(told: object) -> None:
    with pytest.raises(Unsignable):
        canonical(told)


def test_the_key_hangs_on_the_secret_alone() -> None:
    # Worked out apart, with openssl: HKDF-SHA256 of "a secret for tests", info "firsthand signing key 1", 32 bytes.
    assert key_of("a secret for tests").id == KNOWN_ID == id_of(key_of("a secret for tests").public)
    assert key_of("another").public != key_of("a secret for tests").public
    assert "private" not in repr(key_of("another")) and "Ed25519" not in repr(key_of("another"))


def test_every_key_stays_on_the_list_in_the_order_of_its_use(store: Store) -> None:
    first, second = key_of("first"), key_of("second")
    for n, key in enumerate((first, second, first)):
        with store.write() as session:
            signing.publish(session, key, BEGINNING + timedelta(days=n))
    with store.read() as session:
        listed = [(key.public_key, key.since) for key in signing.published(session)]
        assert listed == [(first.public, BEGINNING), (second.public, BEGINNING + timedelta(days=1))]
        assert signing.is_published(session, first) and not signing.is_published(session, key_of("third"))


def test_of_two_processes_that_sign_first_at_once_both_may(store: Store) -> None:
    def publish() -> None:
        with store.write() as session:
            signing.publish(session, key_of("first"), BEGINNING)

    at_once(publish, publish)
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(SigningKey)) == 1
