"""Which of our languages a browser is given, and what a language is called and how it runs."""

import pytest
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as some

from feedback.text import available, current, known, language_of, speak, speaking
from feedback.text.languages import PSEUDO

OURS = ("en", "de", "ar")


@pytest.mark.parametrize(
    ("header", "offered", "tag"),
    [
        ("de", OURS, "de"),
        ("DE-at", OURS, "de"),
        ("de_CH", OURS, "de"),
        ("fr-FR, fr;q=0.9, ar;q=0.5, en;q=0.4", OURS, "ar"),
        ("en;q=0.5, de;q=0.9", OURS, "de"),
        ("de;q=0", OURS, None),
        ("*", OURS, None),
        ("", OURS, None),
        ("fr", OURS, None),
        ("en, de", (), None),
        # Scripts, which a plain comparison of tags gets wrong.
        ("zh-TW", ("zh-Hans", "zh-Hant"), "zh-Hant"),
        ("zh-CN", ("zh-Hant", "zh-Hans"), "zh-Hans"),
        ("zh-HK", ("zh-Hans", "zh-Hant"), "zh-Hant"),
        ("zh", ("zh-Hant", "zh-Hans"), "zh-Hans"),
        ("zh-TW", ("zh-Hans",), None),
        ("sr-Latn", ("sr",), None),
        ("sr-Latn-RS", ("sr", "sr-Latn"), "sr-Latn"),
        ("sr", ("sr-Latn", "sr"), "sr"),
        ("pa-PK", ("pa-Guru", "pa-Arab"), "pa-Arab"),
        # Countries.
        ("pt-BR", ("pt-PT", "pt-BR"), "pt-BR"),
        ("pt-PT", ("pt", "pt-PT"), "pt-PT"),
        ("pt-AO", ("pt-BR",), "pt-BR"),
        ("en-GB", ("en", "en-GB"), "en-GB"),
        ("en-US", ("en-GB", "en"), "en"),
        # What browsers still call them.
        ("iw", ("en", "he"), "he"),
        ("in", ("en", "id"), "id"),
        ("no", ("en", "nb"), "nb"),
        ("nn", ("en", "nb"), None),
    ],
)
def test_the_language_that_suits_best(header: str, offered: tuple[str, ...], tag: str | None) -> None:
    assert language_of(header, offered) == tag


@given(header=some.text(max_size=40))
@tries(derandomize=True, max_examples=100, deadline=None)
def test_any_header_gives_one_of_ours_or_none(header: str) -> None:
    assert language_of(header, OURS) in {*OURS, None}


@given(tag=some.text(alphabet="abdehnstz-_0123456789;=,q. ", max_size=30))
@tries(derandomize=True, max_examples=150, deadline=None)
def test_headers_that_nearly_are_some_do_no_harm(tag: str) -> None:
    assert language_of(tag, OURS) in {*OURS, None}
    assert known(tag).direction in {"ltr", "rtl"}


@pytest.mark.parametrize(
    ("tag", "name", "direction"),
    [("en", "English", "ltr"), ("de", "Deutsch", "ltr"), ("ar", "العربية", "rtl"), ("he", "עברית", "rtl"),
     ("xx", "English", "ltr"), ("", "English", "ltr"), ("../..", "English", "ltr"), ("pt-BR", "Português", "ltr")],
)  # fmt: skip
def test_a_language_has_its_own_name_and_direction(tag: str, name: str, direction: str) -> None:
    found = known(tag)
    assert (found.name, found.direction) == (name, direction)


def test_a_language_nobody_knows_says_that_it_is_english() -> None:
    assert known("xx").tag == "en"


def test_a_language_is_spoken_within_its_block_and_no_longer() -> None:
    assert current().tag == "en"
    with speaking("de"):
        assert current().tag == "de"
        with speaking("ar"):
            assert current().tag == "ar"
        assert current().tag == "de"
    with pytest.raises(ValueError), speaking("ar"):
        raise ValueError
    assert current().tag == "en"


def test_one_can_begin_to_speak_another_for_the_rest() -> None:
    speak("de")
    try:
        assert current().tag == "de"
    finally:
        speak("en")


def test_english_comes_first_and_the_made_up_language_is_not_offered() -> None:
    assert available()[0] == "en"
    assert {"de", "ar"} <= set(available())
    assert PSEUDO not in available()
