"""Crockford's base32: what people read aloud and type comes back as what was meant."""

import pytest
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as some

from feedback.crockford import ALPHABET, encode, normal

CODES = some.text(ALPHABET, min_size=8, max_size=8)


@pytest.mark.parametrize(
    ("data", "length", "code"),
    [(b"\0" * 5, 8, "00000000"), (b"\xff" * 5, 8, "ZZZZZZZZ"), (b"\x08", 1, "1"), (b"\0\0\0\0\x01", 8, "00000001"),
     (b"\x00\x44\x32\x14\xc7", 8, "01234567"), (b"\xff" * 16, 24, "Z" * 24), (b"", 0, "")],
)  # fmt: skip
def test_bytes_become_characters_from_the_front(data: bytes, length: int, code: str) -> None:
    assert encode(data, length) == code


@given(data=some.binary(min_size=5, max_size=20))
@tries(derandomize=True, max_examples=100)
def test_each_character_is_five_bits(data: bytes) -> None:
    bits = "".join(f"{byte:08b}" for byte in data)
    assert encode(data, 8) == "".join(ALPHABET[int(bits[at : at + 5], 2)] for at in range(0, 40, 5))


def test_too_few_bits_are_an_error() -> None:
    with pytest.raises(ValueError, match="32 bits"):
        encode(b"1234", 8)


def test_the_alphabet_has_no_letters_that_look_alike() -> None:
    assert len(set(ALPHABET)) == 32 and not set("ILOU") & set(ALPHABET)


@given(code=CODES, gap=some.sampled_from(["", " ", "-", "\t", "\u2011", "\u00a0", " - "]))
@tries(derandomize=True, max_examples=100)
def test_case_gaps_and_look_alikes_do_not_matter(code: str, gap: str) -> None:
    mistaken = code.replace("0", "o").replace("1", "l")
    for typed in (code, code.lower(), mistaken, mistaken.upper(), gap.join(mistaken[:4]) + gap + mistaken[4:]):
        assert normal(typed, 8) == code


@given(text=some.text(max_size=40))
@tries(derandomize=True, max_examples=300)
def test_whatever_is_typed_is_one_code_or_none(text: str) -> None:
    found = normal(text, 8)
    assert found is None or (len(found) == 8 and set(found) <= set(ALPHABET))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1234567",
        "123456789",
        "1234567U",
        "1234567!",
        "ẞ234567",
        "\uff11" * 8,
        "\0" * 8,
        "1" * 33,
    ],
)
def test_what_cannot_be_meant_is_none(text: str) -> None:
    assert normal(text, 8) is None


def test_a_dotless_i_is_an_i() -> None:
    """As Turkish keyboards have it."""
    assert normal("\u01312345678", 8) == "12345678"


def test_a_long_text_is_not_looked_at() -> None:
    assert normal(" " * 10**7 + "12345678", 8) is None
